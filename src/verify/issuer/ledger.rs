//! What the test issuer says of the tokens that were minted (RFC 7662, section 2.2).

use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Every minted token and what is known of it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Debug)]
struct Entry {
    claims: Value,
    word: Word,
}

/// What the issuer thinks of a token that it signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::verify) enum Word {
    /// It counts, as long as its times allow.
    Good,
    /// It was revoked.
    Revoked,
    /// It is no token that introspection is about, or nobody's.
    Strange,
}

impl Ledger {
    pub(in crate::verify) fn note(&self, token: &str, claims: &Value, word: Word) {
        let claims = claims.clone();
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(token.to_owned(), Entry { claims, word });
    }

    /// Whether a token was minted as a revoked one.
    #[must_use]
    pub fn is_revoked(&self, token: &str) -> bool {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(token)
            .is_some_and(|entry| entry.word == Word::Revoked)
    }

    /// What introspection says: as a conforming issuer, which vouches for no token whose time is over
    /// or has not come, that another issuer's name stands in, or that was revoked. Whom a token is
    /// for is for the gateway to look at.
    pub(super) fn says_of(&self, token: &str, issuer: &str, now: i64) -> Value {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let inactive = json!({ "active": false });
        let Some(entry) = entries.get(token).filter(|entry| entry.word == Word::Good) else {
            return inactive;
        };
        let time = |name: &str| entry.claims.get(name).and_then(Value::as_i64);
        let in_force = time("exp").is_some_and(|end| now < end)
            && time("nbf").is_none_or(|begin| begin <= now)
            && entry.claims["iss"] == issuer;
        if !in_force {
            return inactive;
        }
        let mut answer = entry.claims.clone();
        answer["active"] = json!(true);
        if answer.get("token_type").is_none() {
            answer["token_type"] = json!("Bearer");
        }
        answer
    }
}
