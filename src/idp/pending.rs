//! Authorization requests that wait for a person to sign in.

use super::{authorization_request::AuthorizationRequest, sessions::Session, store::Store};
use crate::oauth::{constant_time_eq, random_value};
use moka::{policy::EvictionPolicy, sync::Cache};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long a person may take, in seconds.
const LIFE: i64 = 600;
/// How many requests one browser may have waiting; its oldest makes room.
const A_BROWSER: usize = 20;
/// How many requests of browsers that brought no cookie may wait.
const STRANGERS: usize = 5_000;
/// How many browsers that brought one may have requests waiting.
const BROWSERS: u64 = 2_000;

/// A request that waits, bound to the browser that brought it.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) request: Arc<AuthorizationRequest>,
    /// What its form must carry.
    pub(super) csrf: String,
    /// What the browser is, or will be, known by.
    pub(super) visitor: String,
    finished: Arc<AtomicBool>,
    /// The `sid` of the session whose person is asked for consent.
    asked: Arc<Mutex<Option<String>>>,
    answered: Arc<AtomicBool>,
}

impl Pending {
    /// Whether somebody has signed in for it already.
    pub(super) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    /// Notes that somebody signed in, so that the form is not shown again by the back button.
    pub(super) fn finish(&self) {
        self.finished.store(true, Ordering::Release);
    }

    /// Notes that this session does for the request, and that its person is to be asked for consent. No other
    /// session can give it: the request may have wanted the password to be typed.
    pub(super) fn ask(&self, session: &Session) {
        *self.asked() = Some(session.sid.clone());
    }

    pub(super) fn is_asked(&self, session: &Session) -> bool {
        self.asked().as_ref() == Some(&session.sid)
    }

    /// Notes that the person has answered, so that the question is not shown again by the back button.
    pub(super) fn answer(&self) {
        self.answered.store(true, Ordering::Release);
    }

    pub(super) fn waits_for_consent(&self) -> bool {
        self.asked().is_some() && !self.answered.load(Ordering::Acquire)
    }

    fn asked(&self) -> MutexGuard<'_, Option<String>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a sign-in cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PendingProblem {
    /// Unknown, or older than ten minutes.
    Gone,
    /// The client went, or its redirect URI did.
    TargetGone,
    /// It was begun in another browser, or the browser keeps no cookies.
    OtherBrowser,
}

/// Requests that wait. Those of browsers that were here before are kept apart, by browser, so that
/// strangers cannot push them out.
pub(super) struct PendingRequests {
    strangers: Store<Pending>,
    browsers: Cache<String, Waiting>,
}

/// The requests of one browser: id, request, and when it ends. The oldest first.
type Waiting = Arc<[(String, Pending, i64)]>;

impl PendingRequests {
    pub(super) fn new() -> Self {
        let life = Duration::from_secs(LIFE.unsigned_abs());
        let browsers = Cache::builder()
            .max_capacity(BROWSERS)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(life) // bounds what is kept; the clock judges
            .build();
        Self {
            strangers: Store::new(STRANGERS),
            browsers,
        }
    }

    /// Keeps a request for ten minutes. Returns its id, which stands in the sign-in page's URL and
    /// is worth nothing without the visitor's value. `was_here`: the browser brought that value. `asked`:
    /// the session that does for it, if only the consent of its person is missing.
    pub(super) fn keep(
        &self,
        request: AuthorizationRequest,
        visitor: &str,
        was_here: bool,
        asked: Option<&Session>,
        now: i64,
    ) -> String {
        let id = random_value();
        let pending = Pending {
            request: Arc::new(request),
            csrf: random_value(),
            visitor: visitor.to_owned(),
            finished: Arc::new(AtomicBool::new(asked.is_some())),
            answered: Arc::default(),
            asked: Arc::new(Mutex::new(asked.map(|session| session.sid.clone()))),
        };
        if !was_here {
            self.strangers.insert(&id, pending, now + LIFE, now);
            return id;
        }
        let added = (id.clone(), pending, now + LIFE);
        self.browsers.entry_by_ref(visitor).and_upsert_with(|old| {
            let old = old.map(moka::Entry::into_value).unwrap_or_default();
            let waiting = old.iter().filter(|(_, _, ends)| *ends > now).cloned();
            let mut all: Vec<_> = waiting.collect();
            all.drain(..(all.len() + 1).saturating_sub(A_BROWSER));
            all.push(added.clone());
            all.into()
        });
        id
    }

    /// The request under an id, for the browser that brought it, by any of the values that it brings.
    pub(super) fn find(
        &self,
        id: &str,
        brought: &[&str],
        now: i64,
    ) -> Result<Pending, PendingProblem> {
        let own = brought.iter().find_map(|visitor| {
            let kept = self.browsers.get(*visitor)?;
            let mut kept = kept.iter().filter(|(_, _, ends)| *ends > now);
            kept.find(|(kept, _, _)| constant_time_eq(kept, id))
                .map(|(_, pending, _)| pending.clone())
        });
        if let Some(pending) = own {
            return Ok(pending);
        }
        let Some(pending) = self.strangers.get(id, now) else {
            return Err(self.lost(id, brought, now));
        };
        let is_own = brought
            .iter()
            .any(|visitor| constant_time_eq(&pending.visitor, visitor));
        if is_own {
            Ok(pending)
        } else {
            Err(PendingProblem::OtherBrowser)
        }
    }

    /// Why there is no such request for this browser: another browser may have it.
    fn lost(&self, id: &str, brought: &[&str], now: i64) -> PendingProblem {
        let mut others = self
            .browsers
            .iter()
            .filter(|(visitor, _)| !brought.contains(&visitor.as_str()));
        let elsewhere = others.any(|(_, kept)| {
            kept.iter()
                .any(|(kept, _, ends)| *ends > now && constant_time_eq(kept, id))
        });
        if elsewhere {
            PendingProblem::OtherBrowser
        } else {
            PendingProblem::Gone
        }
    }
}
