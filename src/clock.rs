//! Time, the system's or a test's: every expiry in this house is judged by a [`Clock`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A clock that all rooms of one process share. Clones tell the same time.
///
/// Caches only bound how much is kept; whether something is still valid is always a field compared
/// with [`Clock::now`], so that a test can move time for everybody at once.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Seconds that a test has moved this clock by; 0 in production.
    moved: Arc<AtomicI64>,
    /// Where a test's clock stands; `None`: it goes with the system's.
    standing_at: Option<i64>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at the present second unless it is moved, so that a test does not
    /// depend on where in a second it runs.
    #[must_use]
    pub fn standing() -> Self {
        Self {
            moved: Arc::default(),
            standing_at: Some(Self::system().now()),
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z, as in a JWT's `NumericDate` (RFC 7519, section 2).
    #[must_use]
    pub fn now(&self) -> i64 {
        let moved = self.moved.load(Ordering::Relaxed);
        self.standing_at
            .unwrap_or_else(system_time)
            .saturating_add(moved)
    }

    /// Moves this clock and all its clones forward. For tests.
    pub fn advance(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.moved.fetch_add(seconds, Ordering::Relaxed);
    }
}

fn system_time() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
