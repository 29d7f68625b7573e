//! Which sessions came of which session at the provider, and which are a person's: for whoever ends
//! them from there, without looking at all of them.

use super::{live::Live, oidc::SignedIn};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tower_sessions::session::Id;

/// Ids by what the provider calls the session or the person. Bounded by the store, which tells it of
/// every session that comes and goes.
#[derive(Clone, Default)]
pub(super) struct Index(Arc<Mutex<HashMap<Key, HashSet<Id>>>>);

/// What sessions are found by. An issuer is part of it: names are one issuer's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// The provider's session (`sid`).
    Session(String, String),
    /// A person (`sub`).
    Subject(String, String),
}

impl Key {
    fn all_of(person: &SignedIn) -> impl Iterator<Item = Self> {
        let issuer = || person.issuer.clone();
        let sid = person.session_id.clone();
        let session = sid.map(|sid| Self::Session(issuer(), sid));
        let subject = Self::Subject(issuer(), person.subject.clone());
        session.into_iter().chain([subject])
    }
}

impl Index {
    pub(super) fn add(&self, live: &Live) {
        let mut all = self.all();
        for key in Key::all_of(&live.person()) {
            all.entry(key).or_default().insert(live.id);
        }
    }

    /// The person that a session is of never changes, nor the provider's name for it.
    pub(super) fn remove(&self, live: &Live) {
        let mut all = self.all();
        for key in Key::all_of(&live.person()) {
            if let Some(ids) = all.get_mut(&key) {
                ids.remove(&live.id);
                if ids.is_empty() {
                    all.remove(&key);
                }
            }
        }
    }

    pub(super) fn ids(&self, key: &Key) -> Vec<Id> {
        let all = self.all();
        let ids = all.get(key).into_iter().flatten();
        ids.copied().collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, HashSet<Id>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all().len()
    }
}
