//! Tokens as an issuer makes them, and as no issuer does: properly signed, with whatever claims.

use super::issuer::{Ledger, Word};
use crate::{
    clock::Clock,
    jose::{SigningError, SigningKey},
    oauth::{Scopes, Secret, random_value},
};
use serde_json::{Map, Value, json};
use std::{str::FromStr, sync::Arc};

/// How long a good token lives, in seconds.
const LIFE: i64 = 3600;

/// In which claims scopes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeClaims {
    /// `scope`, a string (RFC 9068, section 2.2.3).
    Scope,
    /// `scp`, a list, as Okta has it.
    Scp,
    /// Both.
    #[default]
    Both,
}

impl FromStr for ScopeClaims {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "scope" => Ok(Self::Scope),
            "scp" => Ok(Self::Scp),
            "both" => Ok(Self::Both),
            _ => Err("scope, scp or both".to_owned()),
        }
    }
}

/// An issuer's key in our hands.
#[derive(Clone)]
pub struct Minter {
    /// The issuer identifier.
    pub issuer: String,
    /// What a good token names in `aud`.
    pub audience: String,
    /// The key that the gateway knows, or learns.
    pub key: Arc<SigningKey>,
    /// In which claims scopes stand.
    pub scope_claims: ScopeClaims,
    /// What introspection says of each token, if the issuer is ours too.
    pub ledger: Option<Ledger>,
    /// The time.
    pub clock: Clock,
}

impl Minter {
    /// The claims of a good access token.
    pub(super) fn claims(&self, subject: &str, client_id: &str, scopes: &Scopes) -> Value {
        good_claims(
            &self.issuer,
            &self.audience,
            (subject, client_id),
            scopes,
            self.scope_claims,
            self.clock.now(),
        )
    }

    /// A good access token.
    pub(super) fn access_token(
        &self,
        subject: &str,
        client_id: &str,
        scopes: &Scopes,
    ) -> Result<Secret, SigningError> {
        self.sign(
            &json!({}),
            &self.claims(subject, client_id, scopes),
            Word::Good,
        )
    }

    /// Signs whatever the claims are. `header` is laid over the usual one. `word`: what the
    /// issuer says of it when it is asked.
    pub(super) fn sign(
        &self,
        header: &Value,
        claims: &Value,
        word: Word,
    ) -> Result<Secret, SigningError> {
        let mut whole = json!({ "alg": self.key.algorithm().as_str(), "kid": self.key.key_id(), "typ": "at+jwt" });
        overlay(&mut whole, header);
        let payload = serde_json::to_vec(claims)?;
        let token = self
            .key
            .sign_parts(whole.to_string().as_bytes(), &payload)?;
        if let Some(ledger) = &self.ledger {
            ledger.note(&token, claims, word);
        }
        Ok(Secret::new(token))
    }
}

/// The claims of an access token that nothing is wrong with.
pub(super) fn good_claims(
    issuer: &str,
    audience: &str,
    (subject, client_id): (&str, &str),
    scopes: &Scopes,
    form: ScopeClaims,
    now: i64,
) -> Value {
    let mut claims = json!({
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "client_id": client_id,
        "cid": client_id,
        "azp": client_id,
        "iat": now,
        "exp": now + LIFE,
        "jti": random_value(),
    });
    if form != ScopeClaims::Scp {
        claims["scope"] = json!(scopes.to_string());
    }
    if form != ScopeClaims::Scope {
        claims["scp"] = json!(scopes);
    }
    claims
}

/// Lays members over others; `null` takes one away.
pub(super) fn overlay(members: &mut Value, over: &Value) {
    let none = Map::new();
    let over = over.as_object().unwrap_or(&none);
    let Some(members) = members.as_object_mut() else {
        return;
    };
    for (name, value) in over {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
}
