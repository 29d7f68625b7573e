//! Claims that an authorization server adds to its tokens.

mod given;

use self::given::given;
use super::{change, find, find_mut};
use crate::idp::{
    okta::{
        call::{Call, changed},
        error::OktaError,
        page::{self, List, Row},
        view::filled,
    },
    org::{AuthorizationServer, Claim, new_id},
};
use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const CLASS: &str = "claim";
fn view(server: &str, claim: &Claim, call: &Call) -> Value {
    let path = format!("{}/{server}/claims/{}", super::PATH, claim.id);
    filled(json!({
        "id": claim.id,
        "name": claim.name,
        "status": claim.status,
        "claimType": claim.kind,
        "valueType": claim.value_kind,
        "value": claim.value,
        "group_filter_type": claim.group_filter,
        "conditions": { "scopes": claim.scopes },
        "alwaysIncludeInToken": claim.always_in_token,
        "system": claim.system,
        "_links": { "self": { "href": call.href(&path) } },
    }))
}

pub(in super::super) async fn list(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let claims = find(&org, &server)?.claims.iter().zip(0..);
    let rows = claims.map(|(claim, place)| Row::new(place, &claim.id, view(&server, claim, &call)));
    page::answer(&call, List::plain("claims", 10_000, 10_000), rows.collect())
}

pub(in super::super) async fn create(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let object = call.object()?;
    let claim = change(&call, &server, move |org, server| {
        let server = find_mut(org, server)?;
        let claim = given(&object, server, new_id("ocl"))?;
        server.claims.push(claim.clone());
        Ok(claim)
    })
    .await?;
    changed(CLASS, &claim.id, "created");
    Ok((StatusCode::CREATED, Json(view(&server, &claim, &call))).into_response())
}

pub(in super::super) async fn read(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    let claim = find(&org, &server)?
        .claims
        .iter()
        .find(|claim| claim.id == id);
    claim
        .map(|claim| Json(view(&server, claim, &call)))
        .ok_or_else(|| not_found(&id))
}

pub(in super::super) async fn replace(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let object = call.object();
    let claim = change(&call, &server, move |org, server| {
        let server = find_mut(org, server)?;
        let place = place(server, &id)?;
        let claim = given(&object?, server, id)?;
        server.claims[place] = claim.clone();
        Ok(claim)
    })
    .await?;
    changed(CLASS, &claim.id, "replaced");
    Ok(Json(view(&server, &claim, &call)))
}

pub(in super::super) async fn delete(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    change(&call, &server, move |org, server| {
        let server = find_mut(org, server)?;
        let place = place(server, &gone)?;
        server.claims.remove(place);
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

fn place(server: &AuthorizationServer, id: &str) -> Result<usize, OktaError> {
    let place = server
        .claims
        .iter()
        .position(|claim| claim.id == id)
        .ok_or_else(|| not_found(id))?;
    if server.claims[place].system {
        return Err(OktaError::Forbidden(
            "A claim that the server had from the start cannot be changed",
        ));
    }
    Ok(place)
}

fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "OAuth2Claim")
}
