//! A test issuer: an HTTP server that publishes a key which `verify` holds, so that tokens with any
//! fault can be signed properly, and a gateway be tested in every row.
//!
//! It signs nobody in and gives tokens to nobody: they are minted in this process.

mod ledger;

pub use ledger::Ledger;
pub(super) use ledger::Word;

use crate::{
    clock::Clock,
    jose::SigningKey,
    oauth::{Secret, parse_basic_credentials},
};
use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What the test issuer is told.
pub struct TestIssuer {
    /// Its identifier: where it can be reached, without a slash at the end.
    pub identifier: String,
    /// What it publishes the public half of.
    pub key: Arc<SigningKey>,
    /// The gateway's client id and secret. Without them nobody may introspect.
    pub introspector: Option<(String, Secret)>,
    /// What introspection says.
    pub ledger: Ledger,
    /// Judges what has expired.
    pub clock: Clock,
}

/// The routes, at the path of the identifier.
pub fn router(issuer: TestIssuer) -> Router {
    let path = url::Url::parse(&issuer.identifier).map_or_else(
        |_| String::new(),
        |url| url.path().trim_end_matches('/').to_owned(),
    );
    let at = |below: &str| format!("{path}{below}");
    Router::new()
        .route(&at("/.well-known/openid-configuration"), get(metadata))
        .route(
            &at("/.well-known/oauth-authorization-server"),
            get(metadata),
        )
        .route(&at("/v1/keys"), get(keys))
        .route(&at("/v1/introspect"), post(introspect))
        .fallback(nothing)
        .with_state(Arc::new(issuer))
}

/// Discovery's required members, the sign-in's too: readers are strict. Those lead nowhere.
async fn metadata(State(issuer): State<Arc<TestIssuer>>) -> Json<Value> {
    let identifier = &issuer.identifier;
    let algorithm = issuer.key.algorithm().as_str();
    Json(json!({
        "issuer": identifier,
        "authorization_endpoint": format!("{identifier}/v1/authorize"),
        "token_endpoint": format!("{identifier}/v1/token"),
        "jwks_uri": format!("{identifier}/v1/keys"),
        "introspection_endpoint": format!("{identifier}/v1/introspect"),
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [algorithm],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
}

async fn keys(State(issuer): State<Arc<TestIssuer>>) -> Json<Value> {
    Json(json!({ "keys": [issuer.key.public_jwk()] }))
}

#[derive(Deserialize)]
struct Asked {
    token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// RFC 7662, section 2.
async fn introspect(
    State(issuer): State<Arc<TestIssuer>>,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Response {
    let basic = headers.get(header::AUTHORIZATION);
    let basic = basic.and_then(|value| parse_basic_credentials(value.to_str().ok()?));
    let in_form = asked.client_id.zip(asked.client_secret.map(Secret::new));
    let known = issuer.introspector.as_ref();
    let is_known = known.is_some_and(|(id, secret)| {
        basic
            .or(in_form)
            .is_some_and(|(shown, given)| shown == *id && secret.matches(given.expose()))
    });
    if !is_known {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"introspection\"")];
        let body = Json(json!({ "error": "invalid_client" }));
        return (StatusCode::UNAUTHORIZED, challenge, body).into_response();
    }
    let token = asked.token.unwrap_or_default();
    let answer = issuer
        .ledger
        .says_of(&token, &issuer.identifier, issuer.clock.now());
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

async fn nothing() -> Response {
    let error = "This issuer serves verify: it publishes keys and answers introspection";
    (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response()
}

#[cfg(test)]
mod tests;
