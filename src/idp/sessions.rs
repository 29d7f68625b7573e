//! Who is signed in here, in which browser.

use super::store::Store;
use crate::oauth::random_value;

/// A session that nobody uses ends after half an hour (seconds),
const IDLE: i64 = 30 * 60;
/// and any session after eight hours.
const ABSOLUTE: i64 = 8 * 3600;

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
    last_seen: i64,
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

    /// Begins a session under a new id and ends the one that the browser had: no id that was known
    /// before the password is known after it. Returns the cookie's value.
    pub(super) fn begin(
        &self,
        old_cookie: Option<&str>,
        user_id: &str,
        epoch: u32,
        now: i64,
    ) -> (String, Session) {
        if let Some(old) = old_cookie {
            self.0.remove(old);
        }
        let cookie = random_value();
        let session = Session {
            sid: random_value(),
            user_id: user_id.to_owned(),
            epoch,
            auth_time: now,
            last_seen: now,
        };
        self.0.insert(&cookie, session.clone(), now + ABSOLUTE, now);
        (cookie, session)
    }

    /// Ends the session under a cookie's value. Returns whether there was one.
    pub(super) fn end(&self, cookie: &str) -> bool {
        self.0.remove(cookie)
    }

    /// Ends the session that an ID token was issued in. Returns whether there was one.
    pub(super) fn end_by_sid(&self, sid: &str) -> bool {
        self.0.remove_where(|session| session.sid == sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_ses_04_a_session_ends_idle_and_absolutely() {
        let sessions = Sessions::new();
        let (cookie, _) = sessions.begin(None, "u", 0, 0);
        assert!(sessions.current(Some(&cookie), IDLE - 1).is_some());
        assert!(sessions.current(Some(&cookie), 2 * IDLE - 2).is_some());
        assert!(sessions.current(Some(&cookie), 3 * IDLE - 2).is_none());

        let (cookie, _) = sessions.begin(None, "u", 0, 0);
        let mut now = 0;
        while sessions.current(Some(&cookie), now).is_some() {
            now += IDLE / 2;
        }
        assert_eq!(now, ABSOLUTE);
    }

    #[test]
    fn sec_as_20_signing_in_renews_the_id_and_ends_the_old_session() {
        let sessions = Sessions::new();
        let (first, session) = sessions.begin(None, "u", 0, 0);
        let (second, _) = sessions.begin(Some(&first), "v", 0, 10);
        assert_ne!(first, second);
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
}
