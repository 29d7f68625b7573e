//! `/v1/introspect` (RFC 7662).
//!
//! A client that guards resources is told of everybody's access tokens. At Okta any client is; here one that
//! an access policy of this authorization server names is a machine or an app that gets tokens itself, and is
//! told of its own alone, whatever it was registered for. So is one that registered itself.

use super::token::calling_client;
use crate::{
    idp::{
        answer::{ReadBody, oauth_error},
        here::Here,
        org::{Client, ClientCondition, MayIntrospect},
        pace::Pace,
        parameters::ParameterError,
    },
    jose::ACCESS_TOKEN_LIMIT,
    oauth::ErrorCode,
};
use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// Says whether a token counts now. `token_type_hint` is not needed: both kinds are looked for.
pub(crate) async fn post(here: Here, headers: HeaderMap, body: ReadBody) -> Response {
    let (client, parameters) = match calling_client(&here, &headers, &body, Pace::introspection) {
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
    let answer = access_token(&here, client, token).or_else(|| refresh_token(&here, client, token));
    Json(answer.unwrap_or_else(|| json!({ "active": false }))).into_response()
}

/// An access token of this authorization server, for a client that guards resources, or for the client
/// that holds it.
fn access_token(here: &Here, client: &Client, token: &str) -> Option<Value> {
    let active = here.active_token(token)?;
    if active.client_id != client.id && !guards_resources(here, client) {
        return None;
    }
    let mut answer = Map::new();
    answer.insert("active".to_owned(), json!(true));
    answer.insert("token_type".to_owned(), json!("Bearer"));
    if let Some(user) = here.user(&active.claims.subject) {
        answer.insert("username".to_owned(), json!(user.login()));
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
        "auth_time", // and how somebody signed in: RFC 9470, section 6.2
        "acr",
    ];
    for name in told {
        if let Some(value) = active.claims.all.get(name) {
            answer.insert(name.to_owned(), value.clone());
        }
    }
    Some(Value::Object(answer))
}

/// Whether a client may see others' access tokens of this authorization server.
fn guards_resources(here: &Here, client: &Client) -> bool {
    let mut policies = here.server().policies.iter();
    let is_named = policies.any(|policy| match &policy.clients {
        ClientCondition::All => false,
        ClientCondition::These(ids) => ids.contains(&client.id),
    });
    client.may_introspect == MayIntrospect::All && !is_named
}

/// A refresh token, for the client that holds it alone: a gateway that took one for an access
/// token would let in who should only refresh.
fn refresh_token(here: &Here, client: &Client, token: &str) -> Option<Value> {
    let live = here.idp.grants.refresh_token(token, here.now())?;
    let grant = live.grant;
    let user = here.user(&grant.user_id)?;
    let is_theirs =
        here.caller(client).holds(&grant) && grant.is_bound_to(&Here::binding(client, Some(user)));
    is_theirs.then(|| {
        json!({
            "active": true,
            "token_type": "refresh_token",
            "scope": grant.scopes.to_string(),
            "scp": grant.scopes,
            "client_id": grant.client_id,
            "username": user.login(),
            "sub": grant.user_id,
            "uid": grant.user_id,
            "iss": here.issuer,
            "exp": live.expires_at,
        })
    })
}
