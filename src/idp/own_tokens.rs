//! Tokens that were issued here and come back: access tokens, and ID tokens as hints.

use super::{Idp, registry::Client};
use crate::jose::{
    AccessToken, AccessTokenRules, AccessTokenTyp, Algorithm, IdToken, IdTokenRules, inspect,
    verify_access_token, verify_id_token,
};
use serde_json::Value;

/// What this provider signs with.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

/// An access token of ours that has neither expired nor been taken back.
pub(super) struct ActiveToken {
    pub(super) claims: AccessToken,
    pub(super) client_id: String,
    pub(super) jti: String,
}

impl Idp {
    /// The access token, if it counts now. All kinds of "no" look alike.
    pub(super) fn active_token(&self, token: &str) -> Option<ActiveToken> {
        let now = self.clock.now();
        let rules = AccessTokenRules {
            issuer: &self.issuer,
            audience: &self.registry.tenant.audience,
            algorithms: &ALGORITHMS,
            typ: AccessTokenTyp::AtJwt,
            leeway: 0, // one clock wrote it and reads it
        };
        let verify = |key: &super::keys::OwnKey| {
            verify_access_token(token, &key.verifying, &rules, now).ok()
        };
        let claims = self.keys.all().find_map(verify)?.claims;
        let jti = claims.all.get("jti").and_then(Value::as_str)?.to_owned();
        let client_id = claims.client_id.clone()?;
        (!self.grants.is_revoked(&jti, now)).then_some(ActiveToken {
            claims,
            client_id,
            jti,
        })
    }

    /// An ID token of ours, as a hint who is meant: it may have expired (RP-Initiated Logout, section 4).
    pub(super) fn hinted(&self, id_token: &str) -> Option<(&Client, IdToken)> {
        let looked_at = inspect(id_token)?;
        let client = self
            .registry
            .client(looked_at.claims.get("aud")?.as_str()?)?;
        let rules = IdTokenRules {
            issuer: &self.issuer,
            client_id: &client.id,
            other_audiences: &[],
            algorithms: &ALGORITHMS,
            nonce: None,
            leeway: i64::MAX,
            max_age: i64::MAX,
        };
        let now = self.clock.now();
        let verify =
            |key: &super::keys::OwnKey| verify_id_token(id_token, &key.verifying, &rules, now).ok();
        Some((client, self.keys.all().find_map(verify)?.claims))
    }
}
