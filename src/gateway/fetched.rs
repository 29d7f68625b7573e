//! Something fetched from the issuer, once for all who need it: lazily, one fetch at a time, again
//! when it grew old, and not at once after a failure.

use crate::{clock::Clock, net::numbered};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinHandle;

/// After this, what is held is fetched again while it is still used.
const OLD: i64 = 10 * 60;
/// What cannot be fetched again is used for so long.
const TOO_OLD: i64 = 24 * 60 * 60;
/// How long nobody asks again after a failure, where nothing is held.
const PAUSE: i64 = 3;
/// How long nobody asks again otherwise, failures included.
const LONG_PAUSE: i64 = 60;

/// How something is fetched.
pub(super) trait Fetch: Send + Sync + 'static {
    type Value: Send + Sync + 'static;

    /// Fetches once. Why there is nothing is said as a sentence for the log.
    fn fetch(&self) -> impl Future<Output = Result<Self::Value, String>> + Send;
}

/// A value that is fetched when it is first needed.
pub(super) struct Fetched<F: Fetch>(Arc<Inner<F>>);

struct Inner<F: Fetch> {
    fetch: F,
    clock: Clock,
    held: Mutex<Held<F::Value>>,
    /// Who holds it fetches; the others wait and find what was fetched.
    one_flight: tokio::sync::Mutex<()>,
}

struct Held<V> {
    /// What was fetched, and when.
    value: Option<(Arc<V>, i64)>,
    /// When a fetch last failed, unless one has succeeded since.
    failed_at: Option<i64>,
    /// When it was last fetched again because it was old.
    refreshed_at: Option<i64>,
    /// When it was last fetched again because it lacked something.
    renewed_at: Option<i64>,
    /// How often something was fetched.
    generation: u64,
}

/// Why somebody fetches.
#[derive(Clone, Copy)]
enum Need {
    /// Nothing is held.
    First,
    /// What is held is old.
    Old,
    /// What is held does not have what is looked for.
    Newer,
}

/// There is nothing at the moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unavailable;

impl<F: Fetch> Fetched<F> {
    pub(super) fn new(fetch: F, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            fetch,
            clock,
            held: Mutex::new(Held {
                value: None,
                failed_at: None,
                refreshed_at: None,
                renewed_at: None,
                generation: 0,
            }),
            one_flight: tokio::sync::Mutex::default(),
        }))
    }

    /// What is held, fetched first where nothing is. What is old is used while somebody fetches it
    /// again, and no longer than a day.
    pub(super) async fn get(&self) -> Result<Arc<F::Value>, Unavailable> {
        if let Some((value, age)) = self.0.value() {
            if age > OLD && self.0.may(Need::Old) {
                drop(self.start(Need::Old));
            }
            return Ok(value);
        }
        if self.0.may(Need::First) {
            self.fetch(Need::First).await;
        }
        self.0.value().map(|(value, _)| value).ok_or(Unavailable)
    }

    /// Something newer than `seen`, which lacks what is looked for: at once at first, then once a
    /// minute at most. `Ok(None)`: nothing newer is to be had yet.
    pub(super) async fn newer_than(
        &self,
        seen: &Arc<F::Value>,
    ) -> Result<Option<Arc<F::Value>>, Unavailable> {
        let newer = || {
            let held = self.0.value().map(|(value, _)| value);
            held.filter(|value| !Arc::ptr_eq(value, seen))
        };
        if let Some(newer) = newer() {
            return Ok(Some(newer));
        }
        // Who finds a fetch on its way waits for that one: it may bring what is looked for.
        if self.0.may(Need::Newer) || self.0.one_flight.try_lock().is_err() {
            self.fetch(Need::Newer).await;
        }
        match newer() {
            None if self.0.held().failed_at.is_some() => Err(Unavailable),
            newer => Ok(newer),
        }
    }

    async fn fetch(&self, need: Need) {
        let _ = self.start(need).await; // a panic in there leaves nothing held, which denies
    }

    /// Fetches in a task of its own: a caller who hangs up does not take the fetch along.
    fn start(&self, need: Need) -> JoinHandle<()> {
        let inner = Arc::clone(&self.0);
        tokio::spawn(numbered(async move { inner.fetch_once(need).await }))
    }
}

impl<F: Fetch> Inner<F> {
    async fn fetch_once(&self, need: Need) {
        let before = self.held().generation;
        let _flight = self.one_flight.lock().await;
        if self.held().generation != before || !self.may(need) {
            return; // somebody else did, while this one waited
        }
        let started_at = Some(self.clock.now());
        match need {
            Need::First => {}
            Need::Old => self.held().refreshed_at = started_at,
            Need::Newer => self.held().renewed_at = started_at,
        }
        let fetched = self.fetch.fetch().await;
        let now = self.clock.now();
        let mut held = self.held();
        match fetched {
            Ok(value) => {
                held.value = Some((Arc::new(value), now));
                held.generation += 1;
                held.failed_at = None;
            }
            Err(why) => {
                held.failed_at = Some(now);
                drop(held);
                tracing::warn!(
                    event = "issuer_unavailable",
                    why,
                    "fetching from the issuer failed"
                );
            }
        }
    }

    /// Whether nobody asked too short a time ago.
    fn may(&self, need: Need) -> bool {
        let held = self.held();
        let (last, pause) = match need {
            Need::First => (held.failed_at, PAUSE),
            Need::Old => (held.refreshed_at, LONG_PAUSE),
            Need::Newer => (held.renewed_at, LONG_PAUSE),
        };
        last.is_none_or(|last| self.clock.now().saturating_sub(last) >= pause)
    }

    /// What is held and how old it is, in seconds, unless it is too old.
    fn value(&self) -> Option<(Arc<F::Value>, i64)> {
        let held = self.held();
        let (value, fetched_at) = held.value.as_ref()?;
        let age = self.clock.now().saturating_sub(*fetched_at);
        (age <= TOO_OLD).then(|| (Arc::clone(value), age))
    }

    fn held(&self) -> MutexGuard<'_, Held<F::Value>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
