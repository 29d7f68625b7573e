//! `/api/v1/authorizationServers`, and what belongs to each server.

pub(super) mod claims;
pub(super) mod keys;
pub(super) mod policies;
mod priority;
pub(super) mod rules;
pub(super) mod scopes;

use super::{
    call::{Call, changed},
    error::OktaError,
    input::Problems,
    page::{self, List, Row},
    reader::Reader,
    view::{date, link},
};
use crate::idp::org::{AuthorizationServer, Org, Status, new_id};
use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

pub(super) const PATH: &str = "/api/v1/authorizationServers";
const CLASS: &str = "authz_server";
const LIST: List = List {
    name: "authorizationServers",
    usual: 200,
    most: 200,
    attributes: &[],
    q: &["/name", "/audiences"],
    anywhere: true,
};

fn view(server: &AuthorizationServer, call: &Call) -> Value {
    let path = format!("{PATH}/{}", server.id);
    let href = |end: &str| call.href(&format!("{path}{end}"));
    let issuer = call.idp.issuer_of(&server.id);
    let metadata = |name: &str| {
        let mut metadata = link(&format!("{issuer}/.well-known/{name}"), &["GET"]);
        metadata["name"] = json!(name);
        metadata
    };
    let next = if server.status.is_active() {
        "deactivate"
    } else {
        "activate"
    };
    let mut signing = json!({ "rotationMode": "MANUAL", "use": "sig" });
    if let Some(key) = server.keys.last() {
        signing["kid"] = json!(key.kid);
        signing["lastRotated"] = json!(date(key.created));
    }
    json!({
        "id": server.id,
        "name": server.name,
        "description": server.description,
        "audiences": server.audiences,
        "issuer": issuer,
        "issuerMode": "ORG_URL",
        "status": server.status,
        "created": date(server.created),
        "lastUpdated": date(server.last_updated),
        "credentials": { "signing": signing },
        "_links": {
            "self": link(&href(""), &["GET", "PUT", "DELETE"]),
            "scopes": link(&href("/scopes"), &["GET"]),
            "claims": link(&href("/claims"), &["GET"]),
            "policies": link(&href("/policies"), &["GET"]),
            "rotateKey": link(&href("/credentials/lifecycle/keyRotate"), &["POST"]),
            "metadata": [metadata("oauth-authorization-server"), metadata("openid-configuration")],
            next: link(&href(&format!("/lifecycle/{next}")), &["POST"]),
        },
    })
}

pub(super) async fn list(call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let rows = org
        .servers
        .iter()
        .map(|server| Row::new(server.created, &server.id, view(server, &call)));
    page::answer(&call, LIST, rows.collect())
}

pub(super) async fn create(call: Call) -> Result<Response, OktaError> {
    let given = Given::read(&call.object()?)?;
    let now = call.now();
    let server = call
        .change(move |org| {
            given.check_name(org, None)?;
            let mut server =
                AuthorizationServer::new(new_id("aus"), &given.name, &given.audience, now);
            server.description = given.description;
            org.servers.push(server.clone());
            Ok(server)
        })
        .await?;
    changed(CLASS, &server.id, "created");
    Ok((StatusCode::CREATED, Json(view(&server, &call))).into_response())
}

pub(super) async fn read(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    Ok(Json(view(find(&org, &id)?, &call)))
}

pub(super) async fn replace(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let given = Given::read(&call.object()?);
    let server = change(&call, &id, |org, id| {
        find(org, id)?;
        let given = given?;
        given.check_name(org, Some(id))?;
        let server = find_mut(org, id)?;
        server.name = given.name;
        server.description = given.description;
        server.audiences = vec![given.audience];
        Ok(server.clone())
    })
    .await?;
    changed(CLASS, &server.id, "replaced");
    Ok(Json(view(&server, &call)))
}

pub(super) async fn activate(Path(id): Path<String>, call: Call) -> Result<StatusCode, OktaError> {
    set_status(&call, &id, Status::Active, "activated").await
}

/// It answers nobody then, and tokens of its count no more.
pub(super) async fn deactivate(
    Path(id): Path<String>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    set_status(&call, &id, Status::Inactive, "deactivated").await
}

async fn set_status(
    call: &Call,
    id: &str,
    status: Status,
    action: &'static str,
) -> Result<StatusCode, OktaError> {
    change(call, id, move |org, id| {
        find_mut(org, id)?.status = status;
        Ok(())
    })
    .await?;
    changed(CLASS, id, action);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    call.change(move |org| {
        if find(org, &gone)?.default {
            return Err(OktaError::Forbidden(
                "The server that was there from the start stays; it can be deactivated",
            ));
        }
        org.servers.retain(|server| server.id != gone);
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// Changes something of a server, and notes when.
async fn change<T: Send + 'static>(
    call: &Call,
    id: &str,
    work: impl FnOnce(&mut Org, &str) -> Result<T, OktaError> + Send + 'static,
) -> Result<T, OktaError> {
    let (id, now) = (id.to_owned(), call.now());
    call.change(move |org| {
        find_mut(org, &id)?.last_updated = now;
        work(org, &id)
    })
    .await
}

fn find<'o>(org: &'o Org, id: &str) -> Result<&'o AuthorizationServer, OktaError> {
    org.server(id).ok_or_else(|| not_found(id))
}

fn find_mut<'o>(org: &'o mut Org, id: &str) -> Result<&'o mut AuthorizationServer, OktaError> {
    org.server_mut(id).ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "AuthorizationServer")
}

struct Given {
    name: String,
    description: String,
    audience: String,
}

impl Given {
    fn read(object: &Map<String, Value>) -> Result<Self, OktaError> {
        let problems = Problems::default();
        let reader = Reader::new(object, &problems);
        let name = reader.required_text("name", 1..=255);
        let description = reader.text("description", 0..=1024).unwrap_or_default();
        let audiences = reader.texts("audiences", 10).unwrap_or_default();
        if audiences.len() != 1 && !reader.is_wrong("audiences") {
            reader.wrong("audiences", "There must be one, and not more");
        }
        reader.word("issuerMode", &["ORG_URL", "CUSTOM_URL", "DYNAMIC"]);
        problems.none().map(|()| Self {
            name,
            description,
            audience: audiences.into_iter().next().unwrap_or_default(),
        })
    }

    /// No other server may have the name.
    fn check_name(&self, org: &Org, own_id: Option<&str>) -> Result<(), OktaError> {
        let mut others = org
            .servers
            .iter()
            .filter(|server| Some(server.id.as_str()) != own_id);
        if others.any(|server| server.name == self.name) {
            Err(OktaError::taken("name"))
        } else {
            Ok(())
        }
    }
}
