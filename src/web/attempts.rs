//! Sign-ins under way: kept by the server, by browser and then by state, and taken once.

use super::oidc::Attempt;
use crate::clock::Clock;
use moka::{ops::compute::Op, policy::EvictionPolicy, sync::Cache};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How many attempts a browser may have; the oldest goes first.
const A_BROWSER: usize = 20;
/// How many attempts are kept in all; those of the browser longest unseen go first.
const IN_ALL: u64 = 10_000;

/// A bounded store. An attempt can only be found by the browser that started it.
#[derive(Clone)]
pub(super) struct Attempts {
    by_browser: Cache<String, Arc<[Arc<Kept>]>>,
    clock: Clock,
}

struct Kept {
    state: String,
    attempt: Mutex<Option<Attempt>>,
}

impl Attempts {
    pub(super) fn new(clock: Clock) -> Self {
        let by_browser = Cache::builder()
            .max_capacity(IN_ALL)
            .time_to_live(Duration::from_secs(660)) // bounds what is kept; the clock judges
            .weigher(|_, kept: &Arc<[Arc<Kept>]>| u32::try_from(kept.len()).unwrap_or(u32::MAX))
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { by_browser, clock }
    }

    /// Keeps an attempt for this browser. Attempts that are over make room first.
    pub(super) fn keep(&self, browser: &str, attempt: Attempt) {
        let now = self.clock.now();
        let kept = Arc::new(Kept {
            state: attempt.state().to_owned(),
            attempt: Mutex::new(Some(attempt)),
        });
        self.by_browser
            .entry_by_ref(browser)
            .and_upsert_with(|old| {
                let old = old.map(moka::Entry::into_value).unwrap_or_default();
                let mut all: Vec<Arc<Kept>> = old
                    .iter()
                    .filter(|kept| kept.is_waiting(now))
                    .cloned()
                    .collect();
                let too_many = (all.len() + 1).saturating_sub(A_BROWSER);
                all.drain(..too_many);
                all.push(Arc::clone(&kept));
                all.into()
            });
    }

    /// Takes the attempt of this browser and state. It can be taken once, by one caller.
    pub(super) fn take(&self, browser: &str, state: &str) -> Option<Attempt> {
        let kept = self.by_browser.get(browser)?;
        let found = kept
            .iter()
            .find(|kept| crate::oauth::constant_time_eq(&kept.state, state))?;
        let attempt = found
            .attempt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let now = self.clock.now();
        self.by_browser
            .entry_by_ref(browser)
            .and_compute_with(|old| {
                let old = old.map(moka::Entry::into_value).unwrap_or_default();
                let left: Vec<Arc<Kept>> = old
                    .iter()
                    .filter(|kept| kept.is_waiting(now))
                    .cloned()
                    .collect();
                if left.is_empty() {
                    Op::Remove
                } else {
                    Op::Put(left.into())
                }
            });
        attempt.filter(|attempt| !attempt.is_over(now))
    }
}

impl Kept {
    fn is_waiting(&self, now: i64) -> bool {
        let attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        attempt
            .as_ref()
            .is_some_and(|attempt| !attempt.is_over(now))
    }
}
