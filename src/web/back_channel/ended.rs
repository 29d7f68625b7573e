//! What providers said has ended: each logout token counts once, and ends a sign-in that is under way too.

use super::refusal::Refusal;
use crate::{
    clock::Clock,
    jose::LogoutToken,
    web::oidc::{SignedIn, believed_until},
};
use aws_lc_rs::digest;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many tokens are remembered. Only a provider's own fill this, since each was verified.
const MOST: usize = 50_000;
/// How many tokens may wait for the provider at once.
const AT_ONCE: usize = 32;

/// The logout tokens that still would be believed, were they not used.
pub(in crate::web) struct Ended {
    used: Mutex<Used>,
    places: Semaphore,
    clock: Clock,
}

/// By SHA-256: what a provider names may be long.
type Key = [u8; 32];

#[derive(Default)]
struct Used {
    /// Until when each `jti` is remembered.
    tokens: HashMap<Key, i64>,
    /// The sessions and people that they named: when that was said, and until when it is remembered.
    about: HashMap<Key, (i64, i64)>,
}

/// Whether a token came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Once {
    First,
    Again,
}

impl Ended {
    pub(in crate::web) fn new(clock: Clock) -> Self {
        Self {
            used: Mutex::default(),
            places: Semaphore::new(AT_ONCE),
            clock,
        }
    }

    /// A place for a token that makes the provider be asked, if one is free.
    pub(super) fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// Does what a token says, unless it came before.
    ///
    /// Where there is no room to note it, it is done all the same: the token may come again, and then end again
    /// only sessions of that person or name, which is better than one that lives on.
    ///
    /// # Errors
    /// When it came before, or cannot be noted.
    pub(super) fn once(&self, token: &LogoutToken, end: impl FnOnce()) -> Result<(), Refusal> {
        let noted = self.note(token, believed_until(token));
        if noted == Some(Once::Again) {
            return Err(Refusal::UsedBefore);
        }
        end();
        noted.map(|_| ()).ok_or(Refusal::Full)
    }

    /// Notes a token that is believed until then (seconds since 1970). Of many who bring it at once, one is
    /// the first. `None`: there is no room, and to forget one would let it come again.
    fn note(&self, token: &LogoutToken, until: i64) -> Option<Once> {
        let now = self.clock.now();
        let mut used = self.used();
        let id = key(&["jti", &token.token_id]);
        if used.tokens.get(&id).is_some_and(|until| *until > now) {
            return Some(Once::Again);
        }
        if used.tokens.len() >= MOST {
            used.tokens.retain(|_, until| *until > now);
            used.about.retain(|_, (_, until)| *until > now);
        }
        if used.tokens.len() >= MOST {
            return None;
        }
        used.tokens.insert(id, until);
        let about = match (&token.session_id, &token.subject) {
            (Some(sid), _) => key(&["sid", &token.issuer, sid]),
            (None, subject) => key(&["sub", &token.issuer, subject.as_deref()?]),
        };
        // Words may come in another order than they were said in: the later one stands.
        let (said, kept) = used.about.entry(about).or_insert((token.issued_at, until));
        *said = token.issued_at.max(*said);
        *kept = until.max(*kept);
        Some(Once::First)
    }

    /// Whether the session of a sign-in that was just finished has ended meanwhile: its ID token is not
    /// younger than the word of its end.
    pub(in crate::web) fn is_over(&self, signed_in: &SignedIn) -> bool {
        let claims = &signed_in.id_token.claims;
        let issued_at = claims
            .get("iat")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let sid = claims.get("sid").and_then(Value::as_str);
        let issuer = signed_in.issuer.as_str();
        let names = [
            sid.map(|sid| key(&["sid", issuer, sid])),
            Some(key(&["sub", issuer, &signed_in.subject])),
        ];
        let used = self.used();
        let mut ends = names
            .iter()
            .flatten()
            .filter_map(|name| used.about.get(name));
        ends.any(|(at, until)| issued_at <= *at && *until > self.clock.now())
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Parts are told apart by their lengths.
fn key(parts: &[&str]) -> Key {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref()); // SHA-256 has 32 bytes
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;
    use std::time::Duration;

    fn token(token_id: &str) -> LogoutToken {
        LogoutToken {
            issuer: "https://idp.example".to_owned(),
            audience: vec!["app".to_owned()],
            issued_at: 0,
            expires_at: 0,
            token_id: token_id.to_owned(),
            subject: None,
            session_id: Some("s".to_owned()),
            all: Map::new(),
        }
    }

    #[test]
    fn sec_web_23_a_logout_token_counts_once_and_memory_stays_bounded() {
        let clock = Clock::standing();
        let ended = Ended::new(clock.clone());
        let until = clock.now() + 60;
        let note = |id: &str, until| ended.note(&token(id), until);
        assert_eq!(note("a", until), Some(Once::First));
        assert_eq!(note("a", until), Some(Once::Again));
        for number in 1..MOST {
            assert_eq!(note(&number.to_string(), until), Some(Once::First));
        }
        assert_eq!(note("one more", until), None);
        assert_eq!(note("a", until), Some(Once::Again), "none is forgotten");
        clock.advance(Duration::from_secs(60));
        assert_eq!(note("one more", until + 60), Some(Once::First));
        let used = ended.used();
        assert_eq!((used.tokens.len(), used.about.len()), (1, 1));
    }

    #[test]
    fn sec_web_23_of_a_hundred_who_bring_a_logout_token_at_once_one_is_the_first() {
        let ended = Ended::new(Clock::standing());
        let until = ended.clock.now() + 60;
        let first = std::thread::scope(|scope| {
            let all: Vec<_> = (0..100)
                .map(|_| scope.spawn(|| ended.note(&token("a"), until)))
                .collect();
            let all = all.into_iter().map(|one| one.join().unwrap());
            all.filter(|one| *one == Some(Once::First)).count()
        });
        assert_eq!(first, 1);
    }

    #[test]
    fn sec_web_23_a_token_that_cannot_be_noted_ends_sessions_all_the_same_and_the_provider_is_told()
    {
        let clock = Clock::standing();
        let ended = Ended::new(clock.clone());
        let said = |id: &str| LogoutToken {
            issued_at: clock.now(),
            expires_at: clock.now() + 60,
            ..token(id)
        };
        let done = std::cell::Cell::new(0);
        let once = |id: &str| ended.once(&said(id), || done.set(done.get() + 1));
        assert!(once("a").is_ok());
        assert!(matches!(once("a"), Err(Refusal::UsedBefore)));
        assert_eq!(done.get(), 1);
        for number in 1..MOST {
            ended.note(&token(&number.to_string()), clock.now() + 60);
        }
        assert!(matches!(once("one more"), Err(Refusal::Full)));
        assert_eq!(done.get(), 2, "it is done");
    }

    #[test]
    fn sec_web_23_words_in_another_order_end_the_sign_ins_that_the_last_of_them_ends() {
        let clock = Clock::standing();
        let ended = Ended::new(clock.clone());
        let now = clock.now();
        for (id, issued_at, until) in [("a", 10, now + 60), ("b", 5, now + 30)] {
            let token = LogoutToken {
                issued_at,
                ..token(id)
            };
            ended.note(&token, until);
        }
        let mut person = SignedIn::sample("carl");
        let claims = &mut person.id_token.claims;
        claims.insert("sid".to_owned(), "s".into());
        claims.insert("iat".to_owned(), 8.into());
        assert!(ended.is_over(&person));
        clock.advance(Duration::from_secs(45));
        assert!(ended.is_over(&person), "as long as the longer one");
        person.id_token.claims.insert("iat".to_owned(), 11.into());
        assert!(!ended.is_over(&person), "a later sign-in");
    }

    #[test]
    fn no_two_names_have_one_key() {
        assert_ne!(key(&["sid", "ab", "c"]), key(&["sid", "a", "bc"]));
        assert_ne!(key(&["sid", "a", "b"]), key(&["sub", "a", "b"]));
    }

    #[test]
    fn sec_web_23_places_are_bounded() {
        let ended = Ended::new(Clock::standing());
        let taken: Vec<_> = (0..AT_ONCE).map(|_| ended.place().unwrap()).collect();
        assert!(ended.place().is_none());
        drop(taken);
        assert!(ended.place().is_some());
    }
}
