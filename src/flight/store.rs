//! Flights by id, for their own browser alone.

use crate::{clock::Clock, oauth::random_value};
use moka::{policy::EvictionPolicy, sync::Cache};
use std::{sync::Arc, time::Duration};

/// How long a flight can be looked at, in seconds.
const LIFE: i64 = 3600;
/// How much is kept, in bytes; the longest unseen goes first.
const MOST: u64 = 32 * 1024 * 1024;

/// How much a flight takes, roughly, in bytes.
pub trait Weight {
    /// Its weight.
    fn weight(&self) -> usize;
}

/// Whose flight it is: a session or a visitor, named by something that is not its cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(pub String);

/// A bounded store of what flights left behind.
#[derive(Clone)]
pub struct Flights<T: Weight + Clone + Send + Sync + 'static> {
    kept: Cache<String, Kept<T>>,
    clock: Clock,
}

#[derive(Clone)]
struct Kept<T> {
    owner: Owner,
    at: i64,
    flight: Arc<T>,
}

impl<T: Weight + Clone + Send + Sync + 'static> Flights<T> {
    /// An empty store.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let kept = Cache::builder()
            .max_capacity(MOST)
            .weigher(|id: &String, kept: &Kept<T>| {
                let bytes = id.len() + kept.owner.0.len() + kept.flight.weight() + 256;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .time_to_live(Duration::from_secs(3600)) // bounds what is kept; the clock judges
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { kept, clock }
    }

    /// Keeps a flight and gives it an id that nobody guesses.
    pub fn keep(&self, owner: Owner, flight: T) -> String {
        let id = random_value();
        let kept = Kept {
            owner,
            at: self.clock.now(),
            flight: Arc::new(flight),
        };
        self.kept.insert(id.clone(), kept);
        id
    }

    /// How many there are, for tests.
    #[cfg(test)]
    pub(crate) fn count(&self) -> u64 {
        self.kept.run_pending_tasks();
        self.kept.entry_count()
    }

    /// The flight of this id, if it is one of these owners' and not over an hour old. Whatever the
    /// reason, a "no" is the same.
    #[must_use]
    pub fn find(&self, id: &str, owners: &[Owner]) -> Option<Arc<T>> {
        let kept = self.kept.get(id)?;
        let over = self.clock.now().saturating_sub(kept.at) > LIFE;
        (!over && owners.contains(&kept.owner)).then_some(kept.flight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    impl Weight for i32 {
        fn weight(&self) -> usize {
            4
        }
    }

    #[test]
    fn a_flight_is_shown_to_its_owner_for_an_hour() {
        let clock = Clock::standing();
        let flights = Flights::new(clock.clone());
        let (mine, yours) = (Owner("a".into()), Owner("b".into()));
        let id = flights.keep(mine.clone(), 7);
        assert_eq!(
            flights.find(&id, &[yours.clone(), mine.clone()]).as_deref(),
            Some(&7)
        );
        assert!(flights.find(&id, &[yours]).is_none());
        assert!(flights.find("other", std::slice::from_ref(&mine)).is_none());
        clock.advance(Duration::from_secs(3601));
        assert!(flights.find(&id, &[mine]).is_none());
    }
}
