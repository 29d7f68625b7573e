//! The provider's metadata, the same at every well-known path (RFC 8414; `OpenID` Connect Discovery).

use crate::idp::{here::Here, okta::registration_endpoint};
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub(crate) async fn get(here: Here) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], metadata(&here).to_string()).into_response()
}

/// States only what is on.
///
/// ID tokens are signed as the client registered, with ES256 or RS256 (`OpenID` Connect Discovery, section
/// 3). `select_account` is taken, since the sign-in page does no less than it asks for, but there is no list of
/// accounts.
fn metadata(here: &Here) -> Value {
    let issuer = &here.issuer;
    let scopes = here.server().scopes.iter().filter(|scope| scope.published);
    let scopes: Vec<&str> = scopes.map(|scope| scope.name.as_str()).collect();
    let at = |path: &str| format!("{issuer}/v1/{path}");
    let back_channel = ["client_secret_basic", "client_secret_post"];
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("keys"),
        "introspection_endpoint": at("introspect"),
        "revocation_endpoint": at("revoke"),
        "end_session_endpoint": at("logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": scopes,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "token_endpoint_auth_methods_supported": back_channel,
        "introspection_endpoint_auth_methods_supported": back_channel,
        "revocation_endpoint_auth_methods_supported": back_channel,
        "claims_supported": ["iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "at_hash", "sid",
            "amr", "name", "preferred_username", "groups", "given_name", "family_name", "email",
            "email_verified"],
        "prompt_values_supported": ["none", "login", "consent"],
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    if let Some(endpoint) = registration_endpoint(&here.idp) {
        metadata["registration_endpoint"] = json!(endpoint);
    }
    metadata
}
