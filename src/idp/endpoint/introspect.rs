//! `/v1/introspect` (RFC 7662).

use super::token::calling_client;
use crate::{
    blueprint::ClientKind,
    idp::{
        Idp,
        answer::{ReadBody, oauth_error},
        parameters::ParameterError,
        registry::Client,
    },
    jose::ACCESS_TOKEN_LIMIT,
    oauth::ErrorCode,
};
use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Says whether a token counts now. `token_type_hint` is not needed: both kinds are looked for.
pub(crate) async fn post(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    body: ReadBody,
) -> Response {
    let (client, parameters) = match calling_client(&idp, &headers, &body) {
        Ok(calling) => calling,
        Err(refusal) => return *refusal,
    };
    let token = match parameters.get_up_to("token", ACCESS_TOKEN_LIMIT) {
        Ok(Some(token)) => token,
        Err(ParameterError::TooLong(_)) => "", // none of ours is
        _ => {
            let text = "The parameter token is missing.";
            return oauth_error(ErrorCode::InvalidRequest, text);
        }
    };
    let answer = access_token(&idp, client, token).or_else(|| refresh_token(&idp, client, token));
    Json(answer.unwrap_or_else(|| json!({ "active": false }))).into_response()
}

/// An access token, for a client that guards resources, or for the client that holds it.
fn access_token(idp: &Idp, client: &Client, token: &str) -> Option<Value> {
    let active = idp.active_token(token)?;
    if client.kind != ClientKind::Introspection && active.client_id != client.id {
        return None;
    }
    let mut answer = Map::new();
    answer.insert("active".to_owned(), json!(true));
    answer.insert("token_type".to_owned(), json!("Bearer"));
    if let Some(user) = idp.registry.user(&active.claims.subject) {
        answer.insert("username".to_owned(), json!(user.login));
    }
    let told = [
        "scope",
        "scp",
        "client_id",
        "sub",
        "aud",
        "iss",
        "jti",
        "iat",
        "exp",
        "uid",
    ];
    for name in told {
        if let Some(value) = active.claims.all.get(name) {
            answer.insert(name.to_owned(), value.clone());
        }
    }
    Some(Value::Object(answer))
}

/// A refresh token, for the client that holds it alone: a gateway that took one for an access
/// token would let in who should only refresh.
fn refresh_token(idp: &Idp, client: &Client, token: &str) -> Option<Value> {
    let live = idp.grants.refresh_token(token, idp.clock.now())?;
    let grant = live.grant;
    let user = idp.registry.user(&grant.user_id)?;
    (grant.client_id == client.id).then(|| {
        json!({
            "active": true,
            "token_type": "refresh_token",
            "scope": grant.scopes.to_string(),
            "scp": grant.scopes,
            "client_id": grant.client_id,
            "username": user.login,
            "sub": grant.user_id,
            "uid": grant.user_id,
            "iss": idp.issuer,
            "exp": live.expires_at,
        })
    })
}
