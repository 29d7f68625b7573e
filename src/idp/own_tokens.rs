//! Tokens that were issued here and come back: access tokens, and ID tokens as hints.

use super::{
    grants::is_bound_to,
    here::Here,
    org::Client,
    parameters::{ParameterError, Parameters},
};
use crate::jose::{
    AccessToken, AccessTokenRules, AccessTokenTyp, Algorithm, ID_TOKEN_LIMIT, IdToken,
    IdTokenRules, inspect, verify_access_token, verify_id_token,
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

impl Here {
    /// The access token, if it counts now: its client and its person must still be there, and active.
    /// All kinds of "no" look alike.
    pub(super) fn active_token(&self, token: &str) -> Option<ActiveToken> {
        let now = self.now();
        let rules = AccessTokenRules {
            issuer: &self.issuer,
            audience: self.server().audience(),
            algorithms: &ALGORITHMS,
            typ: AccessTokenTyp::AtJwt,
            leeway: 0, // one clock wrote it and reads it
        };
        let verify = |key: &super::keys::OwnKey| {
            verify_access_token(token, &key.verifying, &rules, now).ok()
        };
        let claims = self.own_keys().iter().find_map(|key| verify(key))?.claims;
        let jti = claims.all.get("jti").and_then(Value::as_str)?.to_owned();
        let client = self.client(claims.client_id.as_deref()?)?;
        let client_id = client.id.clone();
        let person = if claims.subject == client_id {
            None
        } else {
            Some(self.user(&claims.subject)?)
        };
        let counts = is_bound_to(&jti, &Self::binding(client, person));
        (counts && !self.idp.grants.is_revoked(&jti, now)).then_some(ActiveToken {
            claims,
            client_id,
            jti,
        })
    }

    /// What the `id_token_hint` of a request says, if it is a token of ours.
    pub(super) fn hint_of(
        &self,
        parameters: &Parameters,
    ) -> Result<Option<(&Client, IdToken)>, ParameterError> {
        let hint = parameters.get_up_to("id_token_hint", ID_TOKEN_LIMIT)?;
        Ok(hint.and_then(|hint| self.hinted(hint)))
    }

    /// An ID token of ours, as a hint who is meant: it may have expired (RP-Initiated Logout, section 4).
    pub(super) fn hinted(&self, id_token: &str) -> Option<(&Client, IdToken)> {
        let looked_at = inspect(id_token)?;
        let client = self.client(looked_at.claims.get("aud")?.as_str()?)?;
        let rules = IdTokenRules {
            issuer: &self.issuer,
            client_id: &client.id,
            other_audiences: &[],
            algorithms: &ALGORITHMS,
            nonce: None,
            leeway: i64::MAX,
            max_age: i64::MAX,
        };
        let now = self.now();
        let verify =
            |key: &super::keys::OwnKey| verify_id_token(id_token, &key.verifying, &rules, now).ok();
        Some((
            client,
            self.own_keys().iter().find_map(|key| verify(key))?.claims,
        ))
    }
}
