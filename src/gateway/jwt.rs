//! The policy *JWT validation*: access tokens are verified here, with the issuer's published keys.

use super::{
    AccessTokenTyp, Algorithm,
    fetched::Fetched,
    holder::Holder,
    memory::{Fingerprint, Holders},
    metadata::{FetchKeys, Issuer},
    refuse::Refusal,
};
use crate::{
    clock::Clock,
    jose::{AccessTokenRules, KeySet, Rejection, verify_access_token},
};
use std::sync::Arc;

/// How far clocks may be apart, in seconds.
pub(super) const LEEWAY: i64 = 60;
/// How many verified tokens are remembered, and how many seconds.
const REMEMBERED: (usize, u32) = (10_000, 60);

/// Verifies access tokens with keys.
pub(super) struct JwtValidation {
    issuer: String,
    audience: String,
    typ: AccessTokenTyp,
    algorithms: Vec<Algorithm>,
    keys: Fetched<FetchKeys>,
    verified: Holders,
    clock: Clock,
}

impl JwtValidation {
    pub(super) fn new(
        issuer: Issuer,
        audience: String,
        typ: AccessTokenTyp,
        algorithms: Vec<Algorithm>,
        clock: Clock,
    ) -> Self {
        let (most, seconds) = REMEMBERED;
        Self {
            issuer: issuer.identifier.clone(),
            audience,
            typ,
            algorithms,
            keys: Fetched::new(FetchKeys(issuer), clock.clone()),
            verified: Holders::new(most, seconds, clock.clone()),
            clock,
        }
    }

    /// Who holds this token, if that was found out lately.
    pub(super) fn recall(&self, fingerprint: &Fingerprint) -> Option<Arc<Holder>> {
        self.verified.recall(fingerprint)
    }

    /// Who holds this token, if it is valid. What it opens is not judged.
    pub(super) async fn holder(
        &self,
        access_token: &str,
        fingerprint: Fingerprint,
    ) -> Result<Arc<Holder>, Refusal> {
        let holder = Arc::new(self.verify(access_token).await?);
        let expires_at = holder.expires_at;
        self.verified
            .remember(fingerprint, Arc::clone(&holder), expires_at);
        Ok(holder)
    }

    async fn verify(&self, access_token: &str) -> Result<Holder, Refusal> {
        let no_keys = |_| Refusal::IssuerUnavailable {
            reason: "keys_unavailable",
        };
        let keys = self.keys.get().await.map_err(no_keys)?;
        let unknown = match self.check(access_token, &keys) {
            Err(unknown @ Rejection::UnknownKey { .. }) => unknown,
            checked => return checked.map_err(|rejection| rejected(&rejection)),
        };
        match self.keys.newer_than(&keys).await.map_err(no_keys)? {
            Some(newer) => self
                .check(access_token, &newer)
                .map_err(|rejection| rejected(&rejection)),
            None => Err(rejected(&unknown)),
        }
    }

    fn check(&self, access_token: &str, keys: &KeySet) -> Result<Holder, Rejection> {
        let rules = AccessTokenRules {
            issuer: &self.issuer,
            audience: &self.audience,
            algorithms: &self.algorithms,
            typ: self.typ,
            leeway: LEEWAY,
        };
        let verified = verify_access_token(access_token, keys, &rules, self.clock.now())?;
        let claims = verified.claims;
        let holder = Holder::new(
            Some(&claims.subject),
            claims.client_id,
            claims.scopes,
            claims.expires_at,
        );
        let holder = holder.map(|holder| holder.signed_in(claims.auth_time, claims.acr));
        holder.map_err(|_| Rejection::ClaimWrong {
            name: "sub",
            why: "or its client's id holds characters that cannot be handed on",
        })
    }
}

fn rejected(rejection: &Rejection) -> Refusal {
    Refusal::token_rejected(rejection.reason_code(), rejection.to_string())
}
