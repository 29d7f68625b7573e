//! `/api/v1/trustedOrigins`.

use super::{
    call::{Call, changed},
    error::OktaError,
    input::Problems,
    page::{self, List, Row},
    reader::Reader,
    view::{date, link},
};
use crate::{
    idp::org::{Org, Status, TrustedOrigin, new_id},
    net::{check_url, origin},
};
use axum::{Json, extract::Path, http::StatusCode, response::Response};
use serde_json::{Map, Value, json};

const CLASS: &str = "trusted_origin";
const LIST: List = List {
    name: "trustedOrigins",
    usual: 20,
    most: 200,
    attributes: &["id", "name", "origin", "status"],
    q: &["/name", "/origin"],
    anywhere: true,
};

fn view(trusted: &TrustedOrigin, call: &Call) -> Value {
    let path = format!("/api/v1/trustedOrigins/{}", trusted.id);
    let kinds: Vec<Value> = trusted
        .kinds
        .iter()
        .map(|kind| json!({ "type": kind }))
        .collect();
    let next = if trusted.status.is_active() {
        "deactivate"
    } else {
        "activate"
    };
    json!({
        "id": trusted.id,
        "name": trusted.name,
        "origin": trusted.origin,
        "scopes": kinds,
        "status": trusted.status,
        "created": date(trusted.created),
        "lastUpdated": date(trusted.last_updated),
        "_links": {
            "self": link(&call.href(&path), &["GET", "PUT", "DELETE"]),
            next: link(&call.href(&format!("{path}/lifecycle/{next}")), &["POST"]),
        },
    })
}

pub(super) async fn list(call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let rows = org
        .origins
        .iter()
        .map(|trusted| Row::new(trusted.created, &trusted.id, view(trusted, &call)));
    page::answer(&call, LIST, rows.collect())
}

pub(super) async fn create(call: Call) -> Result<Json<Value>, OktaError> {
    let given = Given::read(&call.object()?)?;
    let now = call.now();
    let made = call
        .change(move |org| {
            given.check_names(org, None)?;
            let made = TrustedOrigin {
                id: new_id("tos"),
                name: given.name,
                origin: given.origin,
                kinds: given.kinds,
                status: Status::Active,
                created: now,
                last_updated: now,
            };
            org.origins.push(made.clone());
            Ok(made)
        })
        .await?;
    changed(CLASS, &made.id, "created");
    Ok(Json(view(&made, &call)))
}

pub(super) async fn read(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    let trusted = org.origins.iter().find(|trusted| trusted.id == id);
    trusted
        .map(|trusted| Json(view(trusted, &call)))
        .ok_or_else(|| not_found(&id))
}

pub(super) async fn replace(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let given = Given::read(&call.object()?);
    let now = call.now();
    update(&call, id, "replaced", move |org, id| {
        let given = given?;
        given.check_names(org, Some(id))?;
        let trusted = find(org, id)?;
        trusted.name = given.name;
        trusted.origin = given.origin;
        trusted.kinds = given.kinds;
        trusted.last_updated = now;
        Ok(())
    })
    .await
}

pub(super) async fn activate(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    update(&call, id, "activated", |org, id| {
        find(org, id)?.status = Status::Active;
        Ok(())
    })
    .await
}

pub(super) async fn deactivate(
    Path(id): Path<String>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    update(&call, id, "deactivated", |org, id| {
        find(org, id)?.status = Status::Inactive;
        Ok(())
    })
    .await
}

pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    call.change(move |org| {
        find(org, &gone)?;
        org.origins.retain(|trusted| trusted.id != gone);
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

async fn update(
    call: &Call,
    id: String,
    action: &'static str,
    work: impl FnOnce(&mut Org, &str) -> Result<(), OktaError> + Send + 'static,
) -> Result<Json<Value>, OktaError> {
    let now_is = call
        .change(move |org| {
            find(org, &id)?;
            work(org, &id)?;
            find(org, &id).cloned()
        })
        .await?;
    changed(CLASS, &now_is.id, action);
    Ok(Json(view(&now_is, call)))
}

fn find<'o>(org: &'o mut Org, id: &str) -> Result<&'o mut TrustedOrigin, OktaError> {
    org.origins
        .iter_mut()
        .find(|trusted| trusted.id == id)
        .ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "TrustedOrigin")
}

struct Given {
    name: String,
    origin: String,
    kinds: Vec<String>,
}

impl Given {
    fn read(object: &Map<String, Value>) -> Result<Self, OktaError> {
        let problems = Problems::default();
        let reader = Reader::new(object, &problems);
        let name = reader.required_text("name", 1..=255);
        let address = reader.required_text("origin", 1..=255);
        let url = check_url(&address)
            .ok()
            .filter(|url| url.path() == "/" && url.query().is_none());
        if url.is_none() && !address.is_empty() {
            reader.wrong(
                "origin",
                "It must be scheme, host and port alone: https, or http of this machine",
            );
        }
        let kinds = reader.objects("scopes", 3).unwrap_or_default();
        if kinds.is_empty() && !reader.is_wrong("scopes") {
            reader.wrong("scopes", "There must be one at least");
        }
        let kind = |kind: &Reader<'_>| {
            kind.required_word("type", &["CORS", "REDIRECT", "IFRAME_EMBED"])
                .to_owned()
        };
        let kinds = kinds.iter().map(kind).collect();
        problems.none().map(|()| Self {
            name,
            origin: url.map(|url| origin(&url)).unwrap_or_default(),
            kinds,
        })
    }

    /// No other one may have the name or the origin.
    fn check_names(&self, org: &Org, own_id: Option<&str>) -> Result<(), OktaError> {
        let others = || {
            org.origins
                .iter()
                .filter(|trusted| Some(trusted.id.as_str()) != own_id)
        };
        if others().any(|trusted| trusted.name == self.name) {
            return Err(OktaError::taken("name"));
        }
        if others().any(|trusted| trusted.origin == self.origin) {
            return Err(OktaError::taken("origin"));
        }
        Ok(())
    }
}
