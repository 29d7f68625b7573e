//! The tokens of the scripted provider, as they are before a test changes them.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;

/// What a code stands for.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub subject: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub scope: String,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
}

/// OpenID Connect Core, section 2.
pub(super) fn id_token(issuer: &str, grant: &Grant, clock: &Clock) -> Value {
    let now = clock.now();
    let mut claims = json!({
        "iss": issuer,
        "sub": grant.subject,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + 3600,
        "auth_time": now,
        "name": format!("Name of {}", grant.subject),
    });
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
    claims
}

/// RFC 9068, section 2.2.
pub(super) fn access_token(issuer: &str, grant: &Grant, clock: &Clock) -> Value {
    let now = clock.now();
    json!({
        "iss": issuer,
        "sub": grant.subject,
        "aud": "api://default",
        "client_id": grant.client_id,
        "iat": now,
        "exp": now + 3600,
        "jti": solar_system::oauth::random_value(),
        "scope": grant.scope,
    })
}

/// `at_hash` of an access token, in an ID token that is signed so (OpenID Connect Core, section 3.1.3.6).
pub(super) fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::EdDSA => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let digest = digest::digest(hash, access_token.as_bytes());
    let (left, _) = digest.as_ref().split_at(digest.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}
