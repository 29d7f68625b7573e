//! One question at a time about the same token: who asks meanwhile waits for the same answer.

use super::memory::Fingerprint;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;

/// Questions in flight. As many as there are requests waiting, and no more.
pub(super) struct SingleFlight<V>(Mutex<HashMap<Fingerprint, Arc<OnceCell<V>>>>);

impl<V: Clone> SingleFlight<V> {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Asks, or waits for who asks already. When that one hangs up, the next in line asks.
    pub(super) async fn ask(&self, token: Fingerprint, question: impl Future<Output = V>) -> V {
        let waiting = Waiting {
            flights: self,
            token,
            cell: Arc::clone(self.flights().entry(token).or_default()),
        };
        waiting.cell.get_or_init(|| question).await.clone()
    }

    fn flights(&self) -> std::sync::MutexGuard<'_, HashMap<Fingerprint, Arc<OnceCell<V>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits. The last to leave, answered or not, takes the flight off the list.
struct Waiting<'f, V: Clone> {
    flights: &'f SingleFlight<V>,
    token: Fingerprint,
    cell: Arc<OnceCell<V>>,
}

impl<V: Clone> Drop for Waiting<'_, V> {
    fn drop(&mut self) {
        let mut flights = self.flights.flights();
        // under the lock nobody can join, so that two holders are the list and this one
        if self.cell.initialized() || Arc::strong_count(&self.cell) == 2 {
            let is_this = |cell: &Arc<OnceCell<V>>| Arc::ptr_eq(cell, &self.cell);
            if flights.get(&self.token).is_some_and(is_this) {
                flights.remove(&self.token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };
    use tokio::time::sleep;

    #[tokio::test]
    async fn many_who_ask_at_once_ask_once_and_leave_nothing_behind() {
        let (flights, asked) = (SingleFlight::new(), AtomicUsize::new(0));
        let question = || async {
            sleep(Duration::from_millis(20)).await;
            asked.fetch_add(1, Ordering::Relaxed) + 7
        };
        let token = Fingerprint::of("a");
        let asking = (0..50).map(|_| flights.ask(token, question()));
        let answers = futures_util::future::join_all(asking).await;
        assert!(answers.iter().all(|answer| *answer == 7));
        assert_eq!(flights.ask(token, question()).await, 8);
        assert_eq!(flights.ask(Fingerprint::of("b"), question()).await, 9);
        assert!(flights.flights().is_empty());
    }

    #[tokio::test]
    async fn when_the_first_hangs_up_the_next_asks() {
        let flights = SingleFlight::new();
        let token = Fingerprint::of("a");
        let hanging = tokio::time::timeout(
            Duration::from_millis(20),
            flights.ask(token, std::future::pending::<u8>()),
        );
        let next = async {
            sleep(Duration::from_millis(5)).await;
            flights.ask(token, async { 1 }).await
        };
        let (hung, answer) = tokio::join!(hanging, next);
        assert!(hung.is_err());
        assert_eq!(answer, 1);
        assert!(flights.flights().is_empty());
    }
}
