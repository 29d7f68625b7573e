//! One session while it lasts: who is signed in, and the times that end it.

use super::oidc::SignedIn;
use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicI64, Ordering},
};
use tower_sessions::session::Id;

/// A session. Requests share it, so that what one of them changes or ends is so for all of them.
pub(super) struct Live {
    /// Under which the store keeps it.
    pub(super) id: Id,
    /// Names it in seals; nothing else, and no page, bears it as it is.
    pub(super) name: String,
    person: RwLock<Arc<SignedIn>>,
    /// When it ends, whatever happens; seconds since 1970.
    ends_at: i64,
    /// When it was last used.
    seen_at: AtomicI64,
    ended: AtomicBool,
    /// Held while its tokens are refreshed, so that one request does it; when that last failed.
    pub(super) refreshing: tokio::sync::Mutex<Option<i64>>,
}

impl Live {
    /// A session that begins at `now` and lasts `max_age` seconds at most.
    pub(super) fn begin(id: Id, person: SignedIn, now: i64, max_age: i64) -> Self {
        Self {
            id,
            name: id.to_string(),
            person: RwLock::new(Arc::new(person)),
            ends_at: now.saturating_add(max_age),
            seen_at: AtomicI64::new(now),
            ended: AtomicBool::new(false),
            refreshing: tokio::sync::Mutex::default(),
        }
    }

    /// Who is signed in, with the tokens of the last refresh.
    pub(super) fn person(&self) -> Arc<SignedIn> {
        let person = self.person.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&person)
    }

    /// Takes new tokens. False: the session ended meanwhile, and keeps nothing.
    pub(super) fn renew(&self, person: Arc<SignedIn>) -> bool {
        let mut kept = self.person.write().unwrap_or_else(PoisonError::into_inner);
        if self.has_ended() {
            return false;
        }
        *kept = person;
        true
    }

    /// Ends it for every request that still holds it. False: it had ended before.
    pub(super) fn end(&self) -> bool {
        // Held, so that tokens which a refresh brings are either there by now or not taken.
        let _kept = self.person.write().unwrap_or_else(PoisonError::into_inner);
        !self.ended.swap(true, Ordering::SeqCst)
    }

    /// Whether somebody ended it; its times are not looked at.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Whether it is over: ended, too old, unused for `idle` seconds, or outliving its refresh token
    /// (OWASP ASVS 7.3.1 and 7.3.2).
    pub(super) fn is_over(&self, now: i64, idle: i64) -> bool {
        let unused = now.saturating_sub(self.seen_at.load(Ordering::Relaxed));
        let refresh_ended = || {
            self.person()
                .refresh_ends_at
                .is_some_and(|ends| ends <= now)
        };
        self.has_ended() || self.ends_at <= now || unused >= idle || refresh_ended()
    }

    /// When it ends if nobody uses it until then, and when whatever happens; seconds since 1970.
    pub(super) fn ends(&self, idle: i64) -> (i64, i64) {
        let seen_at = self.seen_at.load(Ordering::Relaxed);
        (seen_at.saturating_add(idle), self.ends_at)
    }

    /// Counts as using it.
    pub(super) fn seen(&self, now: i64) {
        self.seen_at.fetch_max(now, Ordering::Relaxed);
    }
}
