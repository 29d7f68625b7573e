//! Registration by whoever holds the initial access token (RFC 7591), and what a client may do about
//! itself with its registration access token (RFC 7592). Off without an initial access token.

use super::{
    CLASS, MetadataError, PATH,
    metadata::Metadata,
    not_found,
    registered::{Registered, narrowed, shown_once, taken_over, view},
    remove, with_left_out,
};
use crate::{
    idp::{
        okta::{
            access::credentials,
            call::{Call, changed_by},
            error::OktaError,
            input,
        },
        org::{Client, MayIntrospect, RegisteredBy, SecretDigest},
    },
    oauth::Secret,
};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// What is the server's to say, and not a client's (RFC 7592, section 2.2).
const THE_SERVERS: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// Why it is not done (RFC 7591, section 3.2.2; RFC 6750, section 3.1).
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum Refusal {
    /// Off, no token, a wrong one, or no such client: all look alike.
    #[error("the token is not one that opens this")]
    Token,
    #[error("{0}")]
    Metadata(#[from] MetadataError),
    #[error("software statements are not read here")]
    Statement,
    #[error("{0}")]
    Other(OktaError),
}

impl From<OktaError> for Refusal {
    fn from(error: OktaError) -> Self {
        match error {
            OktaError::NotJson(why) => Self::Metadata(MetadataError::Metadata(why)),
            other => Self::Other(other),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tracing::warn!(event = "registration_refused", reason = %self, "a client was not registered, or not told about itself");
        let (status, error) = match &self {
            Self::Token => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::Metadata(error) => (StatusCode::BAD_REQUEST, error.code()),
            Self::Statement => (StatusCode::BAD_REQUEST, "unapproved_software_statement"),
            Self::Other(error) => (error.status(), "invalid_client_metadata"),
        };
        let body = json!({ "error": error, "error_description": self.to_string() });
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Registers a client.
pub(super) async fn register(call: &Call) -> Result<Response, Refusal> {
    let initial = call.idp.management.initial_access_token.as_ref();
    bearer(call)
        .filter(|token| initial.is_some_and(|initial| initial.matches(token)))
        .ok_or(Refusal::Token)?;
    let object = object(call)?;
    let metadata = Metadata::of_a_stranger(&object)?;
    // Its own tokens alone: who guards a resource is for an administrator to say.
    let mut made = Registered::new(
        &metadata,
        RegisteredBy::Anybody,
        MayIntrospect::Own,
        call.now(),
    );
    let token = Secret::random();
    made.client.registration_token = Some(SecretDigest::of(token.expose()));
    let (client, secret) = made.keep(call, |_| Ok(())).await?;
    changed_by("initial access token", CLASS, &client.id, "created");
    let shown = with_registration(
        call,
        &client,
        shown_once(&client, &secret, &metadata),
        token.expose(),
    );
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// Tells a client what it is registered with.
pub(super) fn read(call: &Call, id: &str) -> Result<Response, Refusal> {
    let (client, token) = own_client(call, id)?;
    Ok(Json(with_registration(call, &client, view(&client), token)).into_response())
}

/// Registers a client anew, as a whole. What an administrator has limited, it may only narrow: the rest is
/// left out, and told (RFC 7592, section 2.2).
pub(super) async fn replace(call: &Call, id: &str) -> Result<Response, Refusal> {
    let (client, token) = own_client(call, id)?;
    let object = object(call)?;
    check_own(&object, &client)?;
    let (mut metadata, now) = (Metadata::of_a_stranger(&object)?, call.now());
    let own_id = id.to_owned();
    let changed = call.change(move |org| {
        let client = org.client_mut(&own_id).ok_or_else(|| not_found(&own_id))?;
        if client.limited {
            narrowed(&mut metadata, client);
        }
        taken_over(client, &metadata, now);
        Ok((client.clone(), metadata))
    });
    let (client, metadata) = changed.await?;
    changed_by("registration access token", CLASS, id, "replaced");
    let shown = with_registration(
        call,
        &client,
        with_left_out(view(&client), &client, &metadata),
        token,
    );
    Ok(Json(shown).into_response())
}

/// Takes a client away, with all that it may do.
pub(super) async fn delete(call: &Call, id: &str) -> Result<Response, Refusal> {
    own_client(call, id)?;
    remove(call, id).await?;
    changed_by("registration access token", CLASS, id, "deleted");
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn bearer(call: &Call) -> Option<&str> {
    credentials(&call.headers, "Bearer")
}

fn object(call: &Call) -> Result<Map<String, Value>, Refusal> {
    let object = input::object(&call.headers, &call.body)?;
    if object.contains_key("software_statement") {
        return Err(Refusal::Statement);
    }
    Ok(object)
}

/// The client whose token is shown, and the token.
fn own_client<'c>(call: &'c Call, id: &str) -> Result<(Client, &'c str), Refusal> {
    let is_on = call.idp.management.initial_access_token.is_some();
    let token = bearer(call).filter(|_| is_on).ok_or(Refusal::Token)?;
    let org = call.idp.org.read();
    let client = org.client(id).filter(|client| client.status.is_active());
    let owns = |client: &&Client| {
        client
            .registration_token
            .as_ref()
            .is_some_and(|digest| digest.matches(token))
    };
    client
        .filter(owns)
        .cloned()
        .map(|client| (client, token))
        .ok_or(Refusal::Token)
}

/// A change names the client and, if any, its secret, and leaves to the server what is the server's.
fn check_own(object: &Map<String, Value>, client: &Client) -> Result<(), MetadataError> {
    let refused = |why: &str| Err(MetadataError::Metadata(why.to_owned()));
    if let Some(name) = THE_SERVERS
        .into_iter()
        .find(|name| object.contains_key(*name))
    {
        return refused(&format!("{name} is not a client's to say"));
    }
    if object.get("client_id").and_then(Value::as_str) != Some(client.id.as_str()) {
        return refused("client_id must be this client's");
    }
    match object.get("client_secret").map(Value::as_str) {
        None => Ok(()),
        Some(Some(secret)) if client.has_secret(secret) => Ok(()),
        Some(_) => refused("client_secret is not this client's"),
    }
}

/// The members that say where, and with what, a client finds its own registration (RFC 7592, section 3).
fn with_registration(call: &Call, client: &Client, mut shown: Value, token: &str) -> Value {
    shown["registration_client_uri"] = json!(call.href(&format!("{PATH}/{}", client.id)));
    shown["registration_access_token"] = json!(token);
    shown
}
