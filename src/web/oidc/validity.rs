//! Whether a token would still be taken: by its signature, looked at here, and by what the provider says
//! when it is asked (RFC 7662). For telling people; nobody is let in by it.

use super::{Provider, token_call::LEEWAY};
use crate::{
    jose::{
        AccessTokenRules, AccessTokenTyp, Algorithm, inspect, strict_json, verify_access_token,
    },
    oauth::Secret,
};
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a log out waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
const LIMIT: usize = 64 * 1024;

/// What an access token's own look says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BySignature {
    /// It is no JWT: there is no signature to look at.
    Opaque,
    /// Signature, issuer, audience and times hold, until then; seconds since 1970.
    Holds(i64),
    /// It does not hold, for this reason.
    Fails(String),
}

/// What the provider says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Introspected {
    /// `active` is true.
    Active,
    /// `active` is false.
    NotActive,
    /// It has no introspection endpoint.
    NotOffered,
    /// It answered another status than 200.
    Refused(u16),
    /// It failed, did not answer in time, or answered something else.
    Failed,
}

impl Provider {
    /// Looks at an access token as a gateway does that checks by keys and asks nobody.
    ///
    /// By the keys that the app has: they are the ID tokens', an access token may be of others, and looking
    /// for those would keep sign-ins from looking for theirs.
    #[must_use]
    pub fn look_at(&self, access_token: &Secret) -> BySignature {
        if inspect(access_token.expose()).is_none() {
            return BySignature::Opaque;
        }
        let rules = AccessTokenRules {
            issuer: &self.metadata.issuer,
            audience: &self.registration.audience,
            algorithms: &Algorithm::ALL,
            typ: AccessTokenTyp::Any,
            leeway: LEEWAY,
        };
        let Some(keys) = self.keys.held_ones() else {
            return BySignature::Fails("the app has no keys of the provider's".to_owned());
        };
        match verify_access_token(access_token.expose(), &keys, &rules, self.clock.now()) {
            Ok(verified) => BySignature::Holds(verified.claims.expires_at),
            Err(rejection) => BySignature::Fails(rejection.to_string()),
        }
    }

    /// Asks the provider about a token, as the app.
    pub async fn introspect(&self, token: &Secret, hint: &str) -> Introspected {
        let Some(endpoint) = &self.metadata.introspection_endpoint else {
            return Introspected::NotOffered;
        };
        let fields = [("token", token.expose()), ("token_type_hint", hint)];
        let request = self.authenticated_form(endpoint, &fields);
        let answer = self.http.send(request, LIMIT);
        let Ok(Ok(answer)) = tokio::time::timeout(PATIENCE, answer).await else {
            return Introspected::Failed;
        };
        if answer.status() != 200 {
            return Introspected::Refused(answer.status().as_u16());
        }
        match strict_json::from_slice::<Map<String, Value>>(answer.body())
            .ok()
            .and_then(|members| members.get("active").and_then(Value::as_bool))
        {
            Some(true) => Introspected::Active,
            Some(false) => Introspected::NotActive,
            None => Introspected::Failed,
        }
    }
}
