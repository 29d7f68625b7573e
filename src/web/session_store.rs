//! Sessions in memory, bounded, ended by the clock. A session that was ended stays ended.
//!
//! A request finds the person of its session as they are, shared: nothing is copied or decoded for it.
//! tower-sessions carries the id in a signed cookie, and its own record holds nothing.

use super::{
    live::Live,
    oidc::SignedIn,
    session_index::{Index, Key},
};
use crate::clock::Clock;
use async_trait::async_trait;
use moka::{
    ops::compute::{CompResult, Op},
    policy::EvictionPolicy,
    sync::Cache,
};
use std::{collections::HashMap, fmt, sync::Arc, time::Duration};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::Result,
};

/// What a session counts for at least, in bytes.
const LEAST: usize = 8 * 1024;
/// How much is kept in all, so 50,000 sessions at most; the longest unseen goes first.
const MOST: u64 = 50_000 * LEAST as u64;

/// What the cache takes for a time to live; it panics at a thousand years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetimes {
    /// Unused.
    pub(super) idle: Duration,
    /// From the sign-in on, whatever happens.
    pub(super) max_age: Duration,
}

/// All sessions. Clones share them.
#[derive(Clone)]
pub(super) struct Store {
    kept: Cache<Id, Kept>,
    index: Index,
    clock: Clock,
    /// In seconds.
    idle: i64,
    /// In seconds.
    max_age: i64,
}

/// What stands under an id.
#[derive(Clone)]
enum Kept {
    /// Taken for a sign-in that is being finished; nobody is signed in by it.
    Reserved,
    /// A session, and how much it counts for.
    Live(Arc<Live>, u32),
}

impl Store {
    pub(super) fn new(clock: Clock, lifetimes: Lifetimes) -> Self {
        let index = Index::default();
        let indexed = index.clone();
        let kept = Cache::builder()
            .max_capacity(MOST)
            .weigher(|_, kept: &Kept| match kept {
                Kept::Reserved => u32::try_from(LEAST).unwrap_or(u32::MAX),
                Kept::Live(_, weight) => *weight,
            })
            .time_to_live(lifetimes.max_age.min(LONGEST)) // bounds what is kept; the clock judges
            .eviction_policy(EvictionPolicy::lru())
            .eviction_listener(move |_, kept, _| {
                if let Kept::Live(live, _) = kept {
                    live.end();
                    indexed.remove(&live);
                }
            })
            .build();
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Self {
            kept,
            index,
            clock,
            idle: seconds(lifetimes.idle),
            max_age: seconds(lifetimes.max_age),
        }
    }

    /// The session under an id; does not count as using it ([`Live::seen`] does). One that is over is forgotten.
    pub(super) fn find(&self, id: &Id) -> Option<Arc<Live>> {
        let live = self.look(id)?;
        let now = self.clock.now();
        if live.is_over(now, self.idle) {
            self.end(&live);
            return None;
        }
        Some(live)
    }

    /// Whether a session is there.
    pub(super) fn is_there(&self, id: &Id) -> bool {
        let now = self.clock.now();
        let live = self.look(id);
        live.is_some_and(|live| !live.is_over(now, self.idle))
    }

    /// Begins the session for which `create` took this id. `None`: the id is not reserved any more.
    pub(super) fn enter(&self, id: Id, person: SignedIn) -> Option<Arc<Live>> {
        let weight = u32::try_from(person.weight().max(LEAST)).unwrap_or(u32::MAX);
        let live = Live::begin(id, person, self.clock.now(), self.max_age);
        let live = Arc::new(live);
        self.index.add(&live); // before it is there, so that whoever takes it away finds that
        let begun =
            self.kept
                .entry(id)
                .and_compute_with(|old| match old.map(moka::Entry::into_value) {
                    Some(Kept::Reserved) => Op::Put(Kept::Live(Arc::clone(&live), weight)),
                    _ => Op::Nop,
                });
        if matches!(begun, CompResult::ReplacedWith(_)) {
            return Some(live);
        }
        self.index.remove(&live);
        None
    }

    /// Ends a session, for requests under way too. False: it had ended before.
    pub(super) fn end(&self, live: &Live) -> bool {
        let ended = live.end();
        self.kept.invalidate(&live.id);
        self.index.remove(live);
        ended
    }

    /// Ends what came of the provider's session `sid`; without `sid`, all that is `subject`'s there. With
    /// both, only that person's. Returns what has ended (OpenID Connect Back-Channel Logout, section 2.7).
    /// Whoever asks has verified the logout token.
    pub(super) fn end_all(
        &self,
        issuer: &str,
        sid: Option<&str>,
        subject: Option<&str>,
    ) -> Vec<Arc<Live>> {
        let issuer = issuer.to_owned();
        let key = match (sid, subject) {
            (Some(sid), _) => Key::Session(issuer, sid.to_owned()),
            (None, Some(subject)) => Key::Subject(issuer, subject.to_owned()),
            (None, None) => return Vec::new(),
        };
        let is_theirs = |live: &Live| subject.is_none_or(|of| live.person().subject == of);
        let ids = self.index.ids(&key).into_iter();
        let found = ids.filter_map(|id| self.look(&id));
        found
            .filter(|live| is_theirs(live) && self.end(live))
            .collect()
    }

    /// How many there are, for tests.
    #[cfg(test)]
    pub(super) fn count(&self) -> u64 {
        self.kept.run_pending_tasks();
        self.kept.entry_count()
    }

    fn look(&self, id: &Id) -> Option<Arc<Live>> {
        match self.kept.get(id)? {
            Kept::Live(live, _) => Some(live),
            Kept::Reserved => None,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("sessions in memory")
    }
}

#[async_trait]
impl SessionStore for Store {
    /// Takes a new id, by create-if-absent: never one that was there before, whoever made it up.
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            record.id = Id::default();
            let entry = self.kept.entry(record.id).or_insert(Kept::Reserved);
            if entry.is_fresh() {
                return Ok(());
            }
        }
    }

    /// A record holds nothing, so there is nothing to keep, and nothing that could revive a session.
    async fn save(&self, _: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let record = |live: Arc<Live>| Record {
            id: live.id,
            data: HashMap::new(),
            expiry_date: OffsetDateTime::now_utc(), // nobody reads it: the store judges by the clock
        };
        Ok(self.find(id).map(record))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        match self.kept.remove(id) {
            Some(Kept::Live(live, _)) => {
                self.end(&live);
            }
            Some(Kept::Reserved) | None => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
