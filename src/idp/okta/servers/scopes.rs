//! Scopes of an authorization server.

use super::{change, find, find_mut};
use crate::{
    idp::{
        okta::{
            call::{Call, changed},
            error::OktaError,
            input::Problems,
            page::{self, List, Row},
            reader::Reader,
            view::filled,
        },
        org::{AuthorizationServer, SYSTEM_SCOPES, Scope, new_id},
    },
    oauth::Scopes,
};
use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

const CLASS: &str = "scope";
const OKTAS_OWN: OktaError =
    OktaError::Forbidden("A scope that the server had from the start cannot be changed");
const LIST: List = List {
    name: "scopes",
    usual: 200,
    most: 200,
    attributes: &[
        "id",
        "name",
        "system",
        "default",
        "consent",
        "metadataPublish",
    ],
    q: &["/name", "/displayName", "/description"],
    anywhere: true,
};

fn view(server: &str, scope: &Scope, call: &Call) -> Value {
    let path = format!("{}/{server}/scopes/{}", super::PATH, scope.id);
    filled(json!({
        "id": scope.id,
        "name": scope.name,
        "displayName": scope.display_name,
        "description": scope.description,
        "consent": scope.consent,
        "metadataPublish": if scope.published { "ALL_CLIENTS" } else { "NO_CLIENTS" },
        "default": scope.default,
        "optional": scope.optional,
        "system": scope.system,
        "_links": { "self": { "href": call.href(&path) } },
    }))
}

pub(in super::super) async fn list(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let scopes = find(&org, &server)?.scopes.iter().zip(0..);
    let rows = scopes.map(|(scope, place)| Row::new(place, &scope.id, view(&server, scope, &call)));
    page::answer(&call, LIST, rows.collect())
}

pub(in super::super) async fn create(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let mut scope = Scope::new(new_id("scp"), "");
    read_into(&mut scope, &call.object()?)?;
    let made = scope.clone();
    change(&call, &server, move |org, id| {
        let server = find_mut(org, id)?;
        if server.scope(&scope.name).is_some() || SYSTEM_SCOPES.contains(&scope.name.as_str()) {
            return Err(OktaError::taken("name"));
        }
        server.scopes.push(scope);
        Ok(())
    })
    .await?;
    changed(CLASS, &made.id, "created");
    Ok((StatusCode::CREATED, Json(view(&server, &made, &call))).into_response())
}

pub(in super::super) async fn read(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    let scope = find(&org, &server)?
        .scopes
        .iter()
        .find(|scope| scope.id == id);
    scope
        .map(|scope| Json(view(&server, scope, &call)))
        .ok_or_else(|| not_found(&id))
}

/// The name stays: rules and claims mean scopes by it.
pub(in super::super) async fn replace(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let object = call.object();
    let scope = change(&call, &server, move |org, server| {
        let scope = find_changeable(find_mut(org, server)?, &id)?;
        let mut other = Scope::new(scope.id.clone(), "");
        read_into(&mut other, &object?)?;
        if other.name != scope.name {
            return Err(OktaError::of("name", "It cannot be changed"));
        }
        *scope = other;
        Ok(scope.clone())
    })
    .await?;
    changed(CLASS, &scope.id, "replaced");
    Ok(Json(view(&server, &scope, &call)))
}

/// Takes a scope away, out of rules and claims too.
pub(in super::super) async fn delete(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    change(&call, &server, move |org, server| {
        let server = find_mut(org, server)?;
        let name = find_changeable(server, &gone)?.name.clone();
        server.scopes.retain(|scope| scope.id != gone);
        for rule in server
            .policies
            .iter_mut()
            .flat_map(|policy| &mut policy.rules)
        {
            rule.scopes.retain(|scope| *scope != name);
        }
        // A claim that was for this scope alone must not become one for all.
        server.claims.retain_mut(|claim| {
            let was_for_all = claim.scopes.is_empty();
            claim.scopes.retain(|scope| *scope != name);
            was_for_all || !claim.scopes.is_empty()
        });
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

fn find_changeable<'s>(
    server: &'s mut AuthorizationServer,
    id: &str,
) -> Result<&'s mut Scope, OktaError> {
    let scope = server
        .scopes
        .iter_mut()
        .find(|scope| scope.id == id)
        .ok_or_else(|| not_found(id))?;
    if scope.system {
        Err(OKTAS_OWN)
    } else {
        Ok(scope)
    }
}

fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "OAuth2Scope")
}

fn read_into(scope: &mut Scope, object: &Map<String, Value>) -> Result<(), OktaError> {
    let problems = Problems::default();
    let reader = Reader::new(object, &problems);
    scope.name = reader.required_text("name", 1..=255);
    if !reader.is_wrong("name") && Scopes::from_names([scope.name.as_str()]).is_err() {
        reader.wrong(
            "name",
            "It must be printable ASCII without blank, quote and backslash",
        );
    }
    scope.display_name = reader.text("displayName", 0..=255);
    scope.description = reader.text("description", 0..=1024);
    let consent = reader.word("consent", &["IMPLICIT", "REQUIRED", "FLEXIBLE"]);
    consent.unwrap_or("IMPLICIT").clone_into(&mut scope.consent);
    let publish = reader.word("metadataPublish", &["ALL_CLIENTS", "NO_CLIENTS"]);
    scope.published = publish == Some("ALL_CLIENTS");
    scope.default = reader.flag("default").unwrap_or_default();
    scope.optional = reader.flag("optional").unwrap_or_default();
    problems.none()
}
