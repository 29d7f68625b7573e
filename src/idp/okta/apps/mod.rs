//! `/api/v1/apps`: the same clients, as Okta's administrators see them, and whose groups may use them.

mod given;

use self::given::Given;
use super::{
    call::{Call, changed},
    clients::{self, Registered, taken_over, with_left_out},
    error::OktaError,
    page::{self, List, Row},
    view::{date, filled, link},
};
use crate::{
    idp::org::{Client, MayIntrospect, Org, RegisteredBy, Status},
    oauth::Secret,
};
use axum::{Json, extract::Path, http::StatusCode, response::Response};
use serde_json::{Value, json};

const CLASS: &str = "app";
const LIST: List = List {
    name: "apps",
    usual: 20,
    most: 200,
    attributes: &["id", "status", "name", "label", "created", "lastUpdated"],
    q: &["/label", "/name"],
    anywhere: true,
};

fn view(client: &Client, call: &Call) -> Value {
    let path = format!("/api/v1/apps/{}", client.id);
    let href = |end: &str| call.href(&format!("{path}{end}"));
    let told = |name: &str| client.further.get(name);
    json!({
        "id": client.id,
        "name": "oidc_client",
        "label": client.name,
        "status": client.status,
        "created": date(client.created),
        "lastUpdated": date(client.last_updated),
        "accessibility": { "selfService": false },
        "visibility": { "autoSubmitToolbar": false, "hide": { "iOS": true, "web": true } },
        "features": [],
        "signOnMode": "OPENID_CONNECT",
        "credentials": {
            "userNameTemplate": { "template": "${source.login}", "type": "BUILT_IN" },
            "oauthClient": {
                "client_id": client.id,
                "autoKeyRotation": true,
                "token_endpoint_auth_method": client.token_endpoint_auth_method,
                "pkce_required": true,
            },
        },
        "settings": {
            "oauthClient": filled(json!({
                "client_uri": told("client_uri"),
                "logo_uri": told("logo_uri"),
                "policy_uri": told("policy_uri"),
                "tos_uri": told("tos_uri"),
                "redirect_uris": client.redirect_uris,
                "post_logout_redirect_uris": client.post_logout_redirect_uris,
                "response_types": client.response_types,
                "grant_types": client.grant_types,
                "application_type": client.application_type,
                "consent_method": if client.needs_consent() { "REQUIRED" } else { "TRUSTED" },
            })),
        },
        "_links": {
            "self": link(&href(""), &["GET", "PUT", "DELETE"]),
            "groups": { "href": href("/groups") },
            "activate": link(&href("/lifecycle/activate"), &["POST"]),
            "deactivate": link(&href("/lifecycle/deactivate"), &["POST"]),
        },
    })
}

pub(super) async fn list(call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let rows = org
        .clients
        .iter()
        .map(|client| Row::new(client.created, &client.id, view(client, &call)));
    page::answer(&call, LIST, rows.collect())
}

pub(super) async fn create(call: Call) -> Result<Json<Value>, OktaError> {
    let parameters = page::parameters(&call.uri)?;
    let active = page::flag(&parameters, "activate", true)?;
    let given = Given::read(&call.object()?)?;
    let mut made = Registered::new(
        &given.metadata,
        RegisteredBy::Administrator,
        MayIntrospect::All,
        call.now(),
    );
    if !active {
        made.client.status = Status::Inactive;
    }
    if let Some(id) = given.client_id {
        made.client.id = id;
    }
    let id = made.client.id.clone();
    let is_free = move |org: &Org| {
        let taken = org.client(&id).is_some() || org.user(&id).is_some();
        if taken {
            Err(OktaError::taken("credentials.oauthClient.client_id"))
        } else {
            Ok(())
        }
    };
    let (client, secret) = made.keep(&call, is_free).await?;
    changed(CLASS, &client.id, "created");
    Ok(Json(with_left_out(
        with_secret(view(&client, &call), &secret),
        &client,
        &given.metadata,
    )))
}

pub(super) async fn read(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    Ok(Json(view(find(&org, &id)?, &call)))
}

pub(super) async fn replace(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    find(&call.idp.org.read(), &id)?;
    let given = Given::read(&call.object()?)?;
    if given.client_id.is_some_and(|given| given != id) {
        return Err(OktaError::of(
            "credentials.oauthClient.client_id",
            "It cannot be changed",
        ));
    }
    let (metadata, now) = (given.metadata.clone(), call.now());
    let client = change(&call, id, move |client| {
        // The app API says nothing of these.
        let kept = client.clone();
        taken_over(client, &metadata, now);
        client.limited = true;
        client.scopes = kept.scopes;
        client.id_token_signed_response_alg = kept.id_token_signed_response_alg;
        client.backchannel_logout_uri = kept.backchannel_logout_uri;
        client.backchannel_logout_session_required = kept.backchannel_logout_session_required;
        Ok(())
    })
    .await?;
    changed(CLASS, &client.id, "replaced");
    let shown = view(&client, &call);
    Ok(Json(with_left_out(shown, &client, &given.metadata)))
}

pub(super) async fn activate(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    set_status(&call, id, Status::Active, "activated").await
}

pub(super) async fn deactivate(
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    set_status(&call, id, Status::Inactive, "deactivated").await
}

async fn set_status(
    call: &Call,
    id: String,
    status: Status,
    action: &'static str,
) -> Result<Json<Value>, OktaError> {
    let now = call.now();
    let client = change(call, id, move |client| {
        client.status = status;
        client.last_updated = now;
        Ok(())
    })
    .await?;
    changed(CLASS, &client.id, action);
    Ok(Json(json!({})))
}

/// Only one that is out of work can be deleted.
pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    call.change(move |org| {
        if find(org, &gone)?.status.is_active() {
            return Err(OktaError::DeleteApp);
        }
        org.remove_client(&gone);
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn change(
    call: &Call,
    id: String,
    work: impl FnOnce(&mut Client) -> Result<(), OktaError> + Send + 'static,
) -> Result<Client, OktaError> {
    call.change(move |org| {
        let client = org.client_mut(&id).ok_or_else(|| not_found(&id))?;
        work(client)?;
        Ok(client.clone())
    })
    .await
}

pub(super) fn find<'o>(org: &'o Org, id: &str) -> Result<&'o Client, OktaError> {
    clients::find(org, id).map_err(|_| not_found(id))
}

fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "AppInstance")
}

fn with_secret(mut shown: Value, secret: &Secret) -> Value {
    shown["credentials"]["oauthClient"]["client_secret"] = json!(secret.expose());
    shown
}
