//! Access policies of an authorization server: whose requests their rules are about.

mod given;

pub(super) use given::{priority_of, status};

use self::given::Given;
use super::{change, find, find_mut, priority};
use crate::idp::{
    okta::{
        call::{Call, changed},
        error::OktaError,
        page::{self, List, Row},
        view::{date, link},
    },
    org::{AuthorizationServer, ClientCondition, Org, Policy, Status, new_id},
};
use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const CLASS: &str = "policy";
const ALL_CLIENTS: &str = "ALL_CLIENTS";

fn view(server: &str, policy: &Policy, call: &Call) -> Value {
    let path = format!("{}/{server}/policies/{}", super::PATH, policy.id);
    let href = |end: &str| call.href(&format!("{path}{end}"));
    let next = if policy.status.is_active() {
        "deactivate"
    } else {
        "activate"
    };
    let clients = match &policy.clients {
        ClientCondition::All => vec![ALL_CLIENTS.to_owned()],
        ClientCondition::These(ids) => ids.clone(),
    };
    json!({
        "id": policy.id,
        "type": "OAUTH_AUTHORIZATION_POLICY",
        "name": policy.name,
        "description": policy.description,
        "status": policy.status,
        "priority": policy.priority,
        "system": policy.system,
        "conditions": { "clients": { "include": clients } },
        "created": date(policy.created),
        "lastUpdated": date(policy.last_updated),
        "_links": {
            "self": link(&href(""), &["GET", "PUT", "DELETE"]),
            "rules": link(&href("/rules"), &["GET"]),
            next: link(&href(&format!("/lifecycle/{next}")), &["POST"]),
        },
    })
}

pub(in super::super) async fn list(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let policies = find(&org, &server)?.policies.iter();
    let rows = policies.map(|policy| {
        Row::new(
            i64::from(policy.priority),
            &policy.id,
            view(&server, policy, &call),
        )
    });
    page::answer(
        &call,
        List::plain("policies", 10_000, 10_000),
        rows.collect(),
    )
}

pub(in super::super) async fn create(
    Path(server): Path<String>,
    call: Call,
) -> Result<Response, OktaError> {
    let (object, now) = (call.object()?, call.now());
    let policy = change(&call, &server, move |org, server| {
        let id = new_id("00p");
        let given = Given::read(&object, org, find(org, server)?, &id)?;
        let policy = Policy {
            id: id.clone(),
            name: given.name,
            description: given.description,
            status: given.status,
            priority: 0,
            system: false,
            clients: given.clients,
            rules: Vec::new(),
            created: now,
            last_updated: now,
        };
        let server = find_mut(org, server)?;
        priority::insert(&mut server.policies, policy, given.priority);
        one(server, &id).cloned()
    })
    .await?;
    changed(CLASS, &policy.id, "created");
    Ok((StatusCode::CREATED, Json(view(&server, &policy, &call))).into_response())
}

pub(in super::super) async fn read(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    Ok(Json(view(&server, one(find(&org, &server)?, &id)?, &call)))
}

pub(in super::super) async fn replace(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let (object, now) = (call.object(), call.now());
    let policy = change(&call, &server, move |org, server| {
        one(find(org, server)?, &id)?;
        let given = Given::read(&object?, org, find(org, server)?, &id)?;
        let server = find_mut(org, server)?;
        let place = server
            .policies
            .iter()
            .position(|policy| policy.id == id)
            .ok_or_else(|| not_found(&id))?;
        let mut policy = server.policies.remove(place);
        policy.name = given.name;
        policy.description = given.description;
        policy.status = given.status;
        policy.clients = given.clients;
        policy.last_updated = now;
        let before = policy.priority;
        priority::insert(
            &mut server.policies,
            policy,
            given.priority.or(Some(before)),
        );
        one(server, &id).cloned()
    })
    .await?;
    changed(CLASS, &policy.id, "replaced");
    Ok(Json(view(&server, &policy, &call)))
}

pub(in super::super) async fn activate(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    set_status(&call, &server, id, Status::Active, "activated").await
}

pub(in super::super) async fn deactivate(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    set_status(&call, &server, id, Status::Inactive, "deactivated").await
}

async fn set_status(
    call: &Call,
    server: &str,
    id: String,
    status: Status,
    action: &'static str,
) -> Result<StatusCode, OktaError> {
    let (changed_id, now) = (id.clone(), call.now());
    change(call, server, move |org, server| {
        let policy = one_mut(org, server, &id)?;
        policy.status = status;
        policy.last_updated = now;
        Ok(())
    })
    .await?;
    changed(CLASS, &changed_id, action);
    Ok(StatusCode::NO_CONTENT)
}

pub(in super::super) async fn delete(
    Path((server, id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    change(&call, &server, move |org, server| {
        let server = find_mut(org, server)?;
        if one(server, &gone)?.system {
            return Err(OktaError::Forbidden(
                "A policy that the server had from the start stays",
            ));
        }
        server.policies.retain(|policy| policy.id != gone);
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn one<'s>(server: &'s AuthorizationServer, id: &str) -> Result<&'s Policy, OktaError> {
    server.policy(id).ok_or_else(|| not_found(id))
}

pub(super) fn one_mut<'o>(
    org: &'o mut Org,
    server: &str,
    id: &str,
) -> Result<&'o mut Policy, OktaError> {
    find_mut(org, server)?
        .policy_mut(id)
        .ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "Policy")
}
