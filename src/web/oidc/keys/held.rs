//! What is remembered of an issuer's keys, and of looking for them.

use super::KeysError;
use crate::jose::KeySet;
use std::sync::Arc;

/// How old keys may be before they are fetched again, in seconds: what is no longer published goes.
const FRESH: i64 = 5 * 60;
/// How long old keys serve while new ones are not to be had, in seconds.
const OUTAGE: i64 = 24 * 3600;
/// How long a fetch that failed, or left a key unknown, is believed, in seconds.
pub(super) const FLOOR: i64 = 10;

/// The keys, and the last fetch.
#[derive(Default)]
pub(super) struct Held {
    keys: Option<(Arc<KeySet>, i64)>,
    /// When a fetch last left a key unknown.
    fruitless: Option<i64>,
    /// The last fetch, if it failed, and when.
    failed: Option<(KeysError, i64)>,
    /// How many fetches have come to an end.
    pub(super) fetches: u64,
}

impl Held {
    /// Keys that are fresh.
    pub(super) fn fresh(&self, now: i64) -> Option<Arc<KeySet>> {
        self.younger_than(FRESH, now)
    }

    /// Keys that serve while no others are to be had.
    pub(super) fn usable(&self, now: i64) -> Option<Arc<KeySet>> {
        self.younger_than(OUTAGE, now)
    }

    fn younger_than(&self, seconds: i64, now: i64) -> Option<Arc<KeySet>> {
        let (keys, at) = self.keys.as_ref()?;
        (now.saturating_sub(*at) < seconds).then(|| Arc::clone(keys))
    }

    /// Why the last fetch failed, while that is believed.
    pub(super) fn failed_lately(&self, now: i64) -> Option<&KeysError> {
        let (error, at) = self.failed.as_ref()?;
        is_lately(*at, now).then_some(error)
    }

    /// Whether a key that is unknown may be looked up.
    pub(super) fn may_look_up(&self, now: i64) -> bool {
        let fruitless = self.fruitless.is_some_and(|at| is_lately(at, now));
        !fruitless && self.failed_lately(now).is_none()
    }

    /// A fetch left a key unknown.
    pub(super) fn was_fruitless(&mut self, now: i64) {
        self.fruitless = Some(now);
    }

    /// A fetch came to an end.
    pub(super) fn note(&mut self, outcome: &Result<Arc<KeySet>, KeysError>, now: i64) {
        self.fetches = self.fetches.wrapping_add(1);
        match outcome {
            Ok(keys) => {
                self.keys = Some((Arc::clone(keys), now));
                self.failed = None;
            }
            Err(error) => self.failed = Some((error.clone(), now)),
        }
    }

    /// What the last fetch came to, if there was one.
    pub(super) fn last(&self) -> Option<Result<Arc<KeySet>, KeysError>> {
        match (&self.failed, &self.keys) {
            (Some((error, _)), _) => Some(Err(error.clone())),
            (None, Some((keys, _))) => Some(Ok(Arc::clone(keys))),
            (None, None) => None,
        }
    }
}

/// What lies ahead is not lately: a clock that was put back keeps nobody waiting for it.
fn is_lately(at: i64, now: i64) -> bool {
    (0..FLOOR).contains(&now.saturating_sub(at))
}
