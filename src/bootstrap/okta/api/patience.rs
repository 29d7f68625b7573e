//! How long is waited: for each answer that asks for it, and in total.

use crate::clock::Clock;
use axum::http::{HeaderMap, header};
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What is waited in total while a tenant says 429 or does not answer.
pub(in super::super) const IN_TOTAL: Duration = Duration::from_secs(300);
/// A pause grows no longer than this by itself.
const LONGEST_STEP: u64 = 64;

/// How a pause passes; a test lets none pass.
pub(in super::super) type Sleep =
    Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// What is left of the time that may be waited.
pub(in super::super) struct Patience {
    sleep: Sleep,
    waited: AtomicU64,
}

impl Patience {
    /// Lets pauses pass as time does.
    pub(in super::super) fn real() -> Self {
        Self::with(Arc::new(|time| Box::pin(tokio::time::sleep(time))))
    }

    /// Lets pauses pass some other way.
    pub(in super::super) fn with(sleep: Sleep) -> Self {
        Self {
            sleep,
            waited: AtomicU64::new(0),
        }
    }

    /// Waits, or says that there is no time left for it.
    pub(in super::super) async fn wait(&self, time: Duration) -> bool {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let before = self.waited.fetch_add(millis, Ordering::Relaxed);
        let fits = u128::from(before) + u128::from(millis) <= IN_TOTAL.as_millis();
        if fits {
            (self.sleep)(time).await;
        } else {
            self.waited.fetch_sub(millis, Ordering::Relaxed);
        }
        fits
    }
}

/// The pause before a request is sent once more: one second, two, four, …
pub(in super::super) fn backoff(failed: u32) -> Duration {
    Duration::from_secs(step(failed))
}

/// The pause that a 429 asks for: `Retry-After` in seconds, or `X-Rate-Limit-Reset`, the end of the
/// minute in seconds since 1970. Each one after the other is longer, should the clocks differ.
pub(in super::super) fn asked_for(headers: &HeaderMap, clock: &Clock, failed: u32) -> Duration {
    let number = |name: &str| -> Option<i64> {
        let value = headers.get(name)?.to_str().ok()?;
        value.trim().parse().ok()
    };
    let after = number(header::RETRY_AFTER.as_str());
    let reset = || number("x-rate-limit-reset").map(|reset| reset.saturating_sub(clock.now()));
    let asked = after.or_else(reset).unwrap_or(1);
    let seconds = u64::try_from(asked).unwrap_or(0).max(step(failed));
    Duration::from_secs(seconds)
}

fn step(failed: u32) -> u64 {
    1_u64
        .checked_shl(failed.saturating_sub(1))
        .map_or(LONGEST_STEP, |step| step.min(LONGEST_STEP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn pauses_grow_to_a_minute() {
        let steps = [1, 2, 3, 7, 8, 200].map(|failed| backoff(failed).as_secs());
        assert_eq!(steps, [1, 2, 4, 64, 64, 64]);
    }

    #[test]
    fn cli_12_the_pause_is_the_one_that_is_asked_for() {
        let clock = Clock::standing();
        let headers = |name: &'static str, value: i64| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from(value));
            headers
        };
        let seconds = |headers: HeaderMap, failed| asked_for(&headers, &clock, failed).as_secs();
        assert_eq!(seconds(headers("retry-after", 7), 1), 7);
        let reset = headers("x-rate-limit-reset", clock.now() + 30);
        assert_eq!(seconds(reset, 1), 30);
        let past = headers("x-rate-limit-reset", clock.now() - 300);
        assert_eq!(seconds(past.clone(), 1), 1);
        assert_eq!(seconds(past, 4), 8);
        assert_eq!(seconds(headers("retry-after", -5), 1), 1);
        assert_eq!(seconds(HeaderMap::new(), 2), 2);
        let mut odd = HeaderMap::new();
        odd.insert("retry-after", HeaderValue::from_static("tomorrow"));
        assert_eq!(seconds(odd, 1), 1);
    }

    #[tokio::test]
    async fn cli_12_all_pauses_together_have_an_end() {
        let patience = Patience::with(Arc::new(|_| Box::pin(async {})));
        let minute = Duration::from_secs(60);
        for _ in 0..5 {
            assert!(patience.wait(minute).await);
        }
        assert!(!patience.wait(Duration::from_millis(1)).await);
        assert!(!patience.wait(Duration::from_secs(u64::MAX)).await);
    }
}
