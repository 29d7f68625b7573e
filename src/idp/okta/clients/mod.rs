//! `/oauth2/v1/clients`: with the API token as Okta has it, else as RFC 7591 and RFC 7592 have it.

mod anybody;
mod metadata;
mod registered;

pub(super) use metadata::{Metadata, MetadataError};
pub(super) use registered::{Registered, taken_over};

use self::registered::{shown_once, view};
use super::{
    access,
    call::{Call, changed},
    error::OktaError,
    page::{self, List, Row},
};
use crate::idp::org::{Client, MayIntrospect, Org, RegisteredBy};
use axum::{
    Json,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

pub(super) const PATH: &str = "/oauth2/v1/clients";
const CLASS: &str = "client";
const LIST: List = List {
    name: "clients",
    usual: 50,
    most: 200,
    attributes: &[],
    q: &["/client_name"],
    anywhere: true,
};

/// Why a client is not registered or told: in Okta's words and the RFC's at once.
pub(super) enum ClientError {
    Okta(OktaError),
    Metadata(MetadataError),
    Anybody(anybody::Refusal),
}

impl From<OktaError> for ClientError {
    fn from(error: OktaError) -> Self {
        Self::Okta(error)
    }
}

impl From<MetadataError> for ClientError {
    fn from(error: MetadataError) -> Self {
        Self::Metadata(error)
    }
}

impl IntoResponse for ClientError {
    fn into_response(self) -> Response {
        match self {
            Self::Okta(error) => error.into_response(),
            Self::Metadata(error) => error.in_okta_shape().into_response_with(&[
                ("error", error.code()),
                ("error_description", &error.to_string()),
            ]),
            Self::Anybody(refusal) => refusal.into_response(),
        }
    }
}

/// Who is asking, by the scheme of the credentials.
fn is_bearer(call: &Call) -> bool {
    access::credentials(&call.headers, "Bearer").is_some()
        || call
            .headers
            .get(header::AUTHORIZATION)
            .is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"bearer"))
}

pub(super) async fn list(call: Call) -> Result<Response, ClientError> {
    access::check(&call.headers, &call.idp)?;
    let org = call.idp.org.read();
    let rows = org
        .clients
        .iter()
        .map(|client| Row::new(client.created, &client.id, view(client)));
    Ok(page::answer(&call, LIST, rows.collect())?)
}

pub(super) async fn create(call: Call) -> Result<Response, ClientError> {
    if is_bearer(&call) {
        return anybody::register(&call).await.map_err(ClientError::Anybody);
    }
    access::check(&call.headers, &call.idp)?;
    let metadata = Metadata::named(&call.object()?)?;
    let made = Registered::new(
        &metadata,
        RegisteredBy::Administrator,
        MayIntrospect::All,
        call.now(),
    );
    let (client, secret) = made.keep(&call, |_| Ok(())).await?;
    changed(CLASS, &client.id, "created");
    Ok((
        StatusCode::CREATED,
        Json(shown_once(&client, &secret, &metadata)),
    )
        .into_response())
}

pub(super) async fn read(Path(id): Path<String>, call: Call) -> Result<Response, ClientError> {
    if is_bearer(&call) {
        return anybody::read(&call, &id).map_err(ClientError::Anybody);
    }
    access::check(&call.headers, &call.idp)?;
    let org = call.idp.org.read();
    Ok(Json(view(find(&org, &id)?)).into_response())
}

pub(super) async fn replace(Path(id): Path<String>, call: Call) -> Result<Response, ClientError> {
    if is_bearer(&call) {
        return anybody::replace(&call, &id)
            .await
            .map_err(ClientError::Anybody);
    }
    access::check(&call.headers, &call.idp)?;
    find(&call.idp.org.read(), &id)?;
    let object = call.object()?;
    check_id(&object, &id)?;
    let metadata = Metadata::named(&object)?;
    let client = put(&call, &id, metadata.clone()).await?;
    changed(CLASS, &id, "replaced");
    Ok(Json(with_left_out(view(&client), &client, &metadata)).into_response())
}

pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<Response, ClientError> {
    if is_bearer(&call) {
        return anybody::delete(&call, &id)
            .await
            .map_err(ClientError::Anybody);
    }
    access::check(&call.headers, &call.idp)?;
    remove(&call, &id).await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Makes a new secret. Those before count no more.
pub(super) async fn new_secret(
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, ClientError> {
    access::check(&call.headers, &call.idp)?;
    let (secret, kept) = registered::secret(call.now());
    let now = call.now();
    let client = call
        .change(move |org| {
            let client = org.client_mut(&id).ok_or_else(|| not_found(&id))?;
            client.secrets = vec![kept];
            if client.registered_by == RegisteredBy::Blueprint {
                client.registered_by = RegisteredBy::Administrator; // or the secret of the start would go on
            }
            client.last_updated = now;
            Ok(client.clone())
        })
        .await?;
    changed(CLASS, &client.id, "secret renewed");
    let mut shown = view(&client);
    shown["client_secret"] = json!(secret.expose());
    Ok(Json(shown))
}

/// Registers anew what an administrator says of a client.
async fn put(call: &Call, id: &str, metadata: Metadata) -> Result<Client, OktaError> {
    let (id, now) = (id.to_owned(), call.now());
    call.change(move |org| {
        let client = org.client_mut(&id).ok_or_else(|| not_found(&id))?;
        taken_over(client, &metadata, now);
        client.limited = true;
        Ok(client.clone())
    })
    .await
}

async fn remove(call: &Call, id: &str) -> Result<(), OktaError> {
    let id = id.to_owned();
    call.change(move |org| {
        if org.remove_client(&id) {
            Ok(())
        } else {
            Err(not_found(&id))
        }
    })
    .await
}

pub(super) fn find<'o>(org: &'o Org, id: &str) -> Result<&'o Client, OktaError> {
    org.client(id).ok_or_else(|| not_found(id))
}

pub(super) fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "PublicClientApp")
}

/// A change may name the client, and then this one.
fn check_id(object: &Map<String, Value>, id: &str) -> Result<(), OktaError> {
    match object.get("client_id") {
        None | Some(Value::Null) => Ok(()),
        Some(given) if given == id => Ok(()),
        Some(_) => Err(OktaError::of(
            "client_id",
            "It is another client's, and cannot be changed",
        )),
    }
}

/// Says what was asked for and is not registered, if anything was.
pub(super) fn with_left_out(mut shown: Value, client: &Client, metadata: &Metadata) -> Value {
    let left_out = metadata.left_out(client);
    if !left_out.is_empty() {
        shown["left_out"] = json!(left_out);
    }
    shown
}
