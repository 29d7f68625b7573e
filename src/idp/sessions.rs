//! Who is signed in here, in which browser.

use super::store::Store;
use crate::oauth::random_value;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A session that nobody uses ends after half an hour (seconds),
const IDLE: i64 = 30 * 60;
/// and any session after eight hours.
pub(super) const ABSOLUTE: i64 = 8 * 3600;

/// A person who typed the password.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// Public, for the `sid` claim; opens nothing.
    pub(super) sid: String,
    pub(super) user_id: String,
    /// The person's, when the password was typed: another than it is now has ended the session.
    pub(super) epoch: u32,
    /// When the password was typed.
    pub(super) auth_time: i64,
    /// What all copies of this session share.
    pub(super) use_made: Arc<UseMade>,
    last_seen: i64,
}

/// What was made of a session: which clients got a code in it, and whether it has ended.
#[derive(Debug, Default)]
pub(super) struct UseMade(Mutex<Made>);

#[derive(Debug, Default)]
struct Made {
    ended: bool,
    /// When the session ends at the latest.
    last_end: i64,
    clients: BTreeSet<Audience>,
}

/// A client, and the authorization server that it got its code from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Audience {
    pub(super) server_id: String,
    pub(super) client_id: String,
    /// The client's, when it got the code: another that takes the id is told nothing.
    pub(super) incarnation: String,
}

impl UseMade {
    /// Notes a client that is about to get a code. False: the session has ended, so it gets none. Either a
    /// client is noted before the end, and told of it, or it gets nothing that would outlive it.
    pub(super) fn note(&self, client: Audience) -> bool {
        let mut made = self.lock();
        if !made.ended {
            made.clients.insert(client);
        }
        !made.ended
    }

    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// When the session ends at the latest: eight hours after the password was typed last.
    pub(super) fn last_end(&self) -> i64 {
        self.lock().last_end
    }

    /// Ends it, and says who got a code in it.
    pub(super) fn end(&self) -> BTreeSet<Audience> {
        let mut made = self.lock();
        made.ended = true;
        std::mem::take(&mut made.clients)
    }

    fn lock(&self) -> MutexGuard<'_, Made> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session that began.
pub(super) struct Begun {
    /// The cookie's value.
    pub(super) cookie: String,
    pub(super) session: Session,
    /// Another person's, that this browser had before.
    pub(super) ended: Option<Session>,
}

pub(super) struct Sessions(Store<Session>);

impl Sessions {
    pub(super) fn new() -> Self {
        Self(Store::new(20_000))
    }

    /// The session under a cookie's value, if it has not ended. Counts as using it.
    pub(super) fn current(&self, cookie: Option<&str>, now: i64) -> Option<Session> {
        self.0.with(cookie?, now, |session| {
            if now - session.last_seen >= IDLE {
                return None;
            }
            session.last_seen = now;
            Some(session.clone())
        })?
    }

    /// Begins a session under a new id in the place of the one that the browser had: no id that was known
    /// before the password is known after it.
    ///
    /// Of the same person it is the same session to the clients, by its `sid`: they are told when it ends.
    pub(super) fn begin(
        &self,
        old_cookie: Option<&str>,
        user_id: &str,
        epoch: u32,
        now: i64,
    ) -> Begun {
        let old = old_cookie.and_then(|old| self.0.take(old));
        let is_same = |old: &Session| old.user_id == user_id && old.epoch == epoch;
        let (same, ended) = match old {
            Some(old) if is_same(&old) && !old.use_made.has_ended() => (Some(old), None),
            other => (None, other),
        };
        let (sid, use_made) = match same {
            Some(same) => (same.sid, same.use_made),
            None => (random_value(), Arc::<UseMade>::default()),
        };
        let last_end = now + ABSOLUTE;
        use_made.lock().last_end = last_end;
        let session = Session {
            sid,
            user_id: user_id.to_owned(),
            epoch,
            auth_time: now,
            use_made,
            last_seen: now,
        };
        let cookie = random_value();
        self.0.insert(&cookie, session.clone(), last_end, now);
        Begun {
            cookie,
            session,
            ended,
        }
    }

    /// Takes the session under a cookie's value away. Whoever got a code in it is the caller's to tell.
    pub(super) fn end(&self, cookie: &str) -> Option<Session> {
        self.0.take(cookie)
    }

    /// Takes the sessions away that an ID token was issued in.
    pub(super) fn end_by_sid(&self, sid: &str) -> Vec<Session> {
        self.0.take_where(|session| session.sid == sid)
    }

    /// Takes the sessions of a person away but those of this epoch, which alone counts now; `None`: all.
    pub(super) fn end_of(&self, user_id: &str, epoch: Option<u32>) -> Vec<Session> {
        let is_lost = |session: &Session| {
            session.user_id == user_id && epoch.is_none_or(|epoch| session.epoch != epoch)
        };
        self.0.take_where(is_lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_ses_04_a_session_ends_idle_and_absolutely() {
        let sessions = Sessions::new();
        let cookie = sessions.begin(None, "u", 0, 0).cookie;
        assert!(sessions.current(Some(&cookie), IDLE - 1).is_some());
        assert!(sessions.current(Some(&cookie), 2 * IDLE - 2).is_some());
        assert!(sessions.current(Some(&cookie), 3 * IDLE - 2).is_none());

        let cookie = sessions.begin(None, "u", 0, 0).cookie;
        let mut now = 0;
        while sessions.current(Some(&cookie), now).is_some() {
            now += IDLE / 2;
        }
        assert_eq!(now, ABSOLUTE);
    }

    #[test]
    fn sec_as_20_signing_in_renews_the_id_and_ends_the_old_session() {
        let sessions = Sessions::new();
        let Begun {
            cookie: first,
            session,
            ..
        } = sessions.begin(None, "u", 0, 0);
        let begun = sessions.begin(Some(&first), "v", 0, 10);
        let second = begun.cookie;
        assert_ne!(first, second);
        assert_eq!(
            begun.ended.map(|ended| ended.sid),
            Some(session.sid.clone())
        );
        assert!(sessions.current(Some(&first), 10).is_none());
        assert_eq!(sessions.current(Some(&second), 10).unwrap().user_id, "v");
        assert!(
            sessions.current(Some(&session.sid), 10).is_none()
                && sessions.current(None, 10).is_none()
        );
        let sid = sessions.current(Some(&second), 10).unwrap().sid;
        sessions.end_by_sid(&sid);
        assert!(sessions.current(Some(&second), 10).is_none());
    }

    #[test]
    fn sec_as_20_25_who_types_the_password_again_gets_a_new_cookie_of_the_same_session() {
        let sessions = Sessions::new();
        let first = sessions.begin(None, "u", 0, 0);
        let client = |id: &str| Audience {
            server_id: "default".to_owned(),
            client_id: id.to_owned(),
            incarnation: "0oa1".to_owned(),
        };
        assert!(first.session.use_made.note(client("app")));
        let again = sessions.begin(Some(&first.cookie), "u", 0, 10);
        assert_ne!(first.cookie, again.cookie);
        assert!(again.ended.is_none() && sessions.current(Some(&first.cookie), 10).is_none());
        assert_eq!(
            (&first.session.sid, 10),
            (&again.session.sid, again.session.auth_time)
        );
        let ended = sessions.end(&again.cookie).unwrap();
        let told: Vec<_> = ended.use_made.end().into_iter().collect();
        assert_eq!(told, [client("app")]);
        assert!(ended.use_made.end().is_empty() && !first.session.use_made.note(client("b")));
        // Another password, or another person, is another session.
        let other = sessions.begin(None, "u", 0, 20);
        let changed = sessions.begin(Some(&other.cookie), "u", 1, 30);
        assert_ne!(other.session.sid, changed.session.sid);
        assert!(changed.ended.is_some());
    }
}
