//! Grants: what a person let a client do, and the access tokens that were taken back.

mod code;
mod refresh_token;

use self::{code::Code, refresh_token::RefreshToken};
use super::store::{Full, Store};
use crate::oauth::{Scopes, random_value};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// An access token lives so long (seconds).
pub(in crate::idp) const ACCESS_TOKEN_LIFE: i64 = 600;
/// What one authorization granted. Everything issued for it points here.
#[derive(Debug)]
pub(in crate::idp) struct Grant {
    /// Random; also stands in the `jti` of its access tokens, so that they end with it.
    pub(in crate::idp) id: String,
    pub(in crate::idp) client_id: String,
    pub(in crate::idp) user_id: String,
    pub(in crate::idp) scopes: Scopes,
    pub(in crate::idp) auth_time: i64,
    /// The `sid` of the session that it was granted in.
    pub(in crate::idp) session_id: String,
    issued_at: i64,
    revoked: AtomicBool,
}

/// Why a code or refresh token is worth nothing. From outside all look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::idp) enum Worthless {
    /// Unknown, expired, or one of the bindings does not hold.
    NotYours,
    /// Used before: somebody else may have it, so all that came of it has ended.
    UsedBefore,
}

pub(in crate::idp) struct Grants {
    codes: Store<Code>,
    refresh_tokens: Store<RefreshToken>,
    /// `jti` values and grant ids whose access tokens are worth nothing any more. Must not forget.
    revoked: Store<()>,
}

impl Grant {
    pub(in crate::idp) fn new(
        client_id: &str,
        user_id: &str,
        scopes: Scopes,
        auth_time: i64,
        session_id: &str,
        now: i64,
    ) -> Arc<Self> {
        Arc::new(Self {
            id: random_value(),
            client_id: client_id.to_owned(),
            user_id: user_id.to_owned(),
            scopes,
            auth_time,
            session_id: session_id.to_owned(),
            issued_at: now,
            revoked: AtomicBool::new(false),
        })
    }

    pub(in crate::idp) fn is_revoked(&self) -> bool {
        self.revoked.load(Ordering::SeqCst)
    }
}

impl Grants {
    pub(in crate::idp) fn new() -> Self {
        Self {
            codes: Store::new(20_000),
            refresh_tokens: Store::new(50_000),
            revoked: Store::new(100_000),
        }
    }

    /// Ends a grant: its refresh tokens at once, and its access tokens. Remembers it for twice
    /// [`ACCESS_TOKEN_LIFE`], since one that is being minted now may still come out a little later.
    pub(in crate::idp) fn revoke_grant(&self, grant: &Grant, now: i64) -> Result<(), Full> {
        grant.revoked.store(true, Ordering::SeqCst);
        self.revoked
            .insert_if_room(&grant.id, (), now + 2 * ACCESS_TOKEN_LIFE, now)
    }

    /// Ends one access token.
    pub(in crate::idp) fn revoke_access_token(
        &self,
        jti: &str,
        expires_at: i64,
        now: i64,
    ) -> Result<(), Full> {
        self.revoked.insert_if_room(jti, (), expires_at, now)
    }

    /// Whether an access token was taken back, by itself or with its grant.
    pub(in crate::idp) fn is_revoked(&self, jti: &str, now: i64) -> bool {
        let grant_id = jti.splitn(3, '.').nth(2);
        self.revoked.contains(jti, now) || grant_id.is_some_and(|id| self.revoked.contains(id, now))
    }
}

/// The `jti` of a new access token, in Okta's spelling; names the grant, so that it ends with it.
pub(in crate::idp) fn new_jti(grant: Option<&Grant>) -> String {
    match grant {
        Some(grant) => format!("AT.{}.{}", random_value(), grant.id),
        None => format!("AT.{}", random_value()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_minted_just_after_its_grant_ended_is_worth_nothing() {
        let grants = Grants::new();
        let grant = Grant::new("app", "person", Scopes::default(), 0, "sid", 0);
        let minted = new_jti(Some(&grant));
        assert!(!grants.is_revoked(&minted, 0));
        grants.revoke_grant(&grant, 0).unwrap();
        for now in [0, ACCESS_TOKEN_LIFE, ACCESS_TOKEN_LIFE + 60] {
            assert!(grants.is_revoked(&minted, now), "{now}");
        }
        assert!(!grants.is_revoked(&new_jti(None), 0));
    }
}
