//! Rules of an access policy: who may have which scopes, by which grants, for how long.

mod given;

use self::given::Given;
use super::{
    change, find,
    policies::{one as policy, one_mut as policy_mut},
    priority,
};
use crate::idp::{
    okta::{
        call::{Call, changed},
        error::OktaError,
        page::{self, List, Row},
        view::{date, link},
    },
    org::{Chosen, Policy, Rule, Status, new_id},
};
use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const CLASS: &str = "rule";
type Ids = Path<(String, String, String)>;

fn view(server: &str, policy: &str, rule: &Rule, call: &Call) -> Value {
    let path = format!(
        "{}/{server}/policies/{policy}/rules/{}",
        super::PATH,
        rule.id
    );
    let next = if rule.status.is_active() {
        "deactivate"
    } else {
        "activate"
    };
    let chosen = |chosen: &Chosen| json!({ "include": chosen.include, "exclude": chosen.exclude });
    json!({
        "id": rule.id,
        "type": "RESOURCE_ACCESS",
        "name": rule.name,
        "status": rule.status,
        "priority": rule.priority,
        "system": rule.system,
        "conditions": {
            "people": { "groups": chosen(&rule.people.groups), "users": chosen(&rule.people.users) },
            "grantTypes": { "include": rule.grant_types },
            "scopes": { "include": rule.scopes },
        },
        "actions": { "token": {
            "accessTokenLifetimeMinutes": rule.lifetimes.access_token,
            "refreshTokenLifetimeMinutes": rule.lifetimes.refresh_token,
            "refreshTokenWindowMinutes": rule.lifetimes.refresh_token_window,
        } },
        "created": date(rule.created),
        "lastUpdated": date(rule.last_updated),
        "_links": {
            "self": link(&call.href(&path), &["GET", "PUT", "DELETE"]),
            next: link(&call.href(&format!("{path}/lifecycle/{next}")), &["POST"]),
        },
    })
}

pub(in super::super) async fn list(
    Path((server, policy_id)): Path<(String, String)>,
    call: Call,
) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let rules = policy(find(&org, &server)?, &policy_id)?.rules.iter();
    let rows = rules.map(|rule| {
        Row::new(
            i64::from(rule.priority),
            &rule.id,
            view(&server, &policy_id, rule, &call),
        )
    });
    page::answer(&call, List::plain("rules", 10_000, 10_000), rows.collect())
}

pub(in super::super) async fn create(
    Path((server, policy_id)): Path<(String, String)>,
    call: Call,
) -> Result<Response, OktaError> {
    let (object, now, in_policy) = (call.object()?, call.now(), policy_id.clone());
    let rule = change(&call, &server, move |org, server| {
        let here = find(org, server)?;
        let given = Given::read(&object, org, here, policy(here, &in_policy)?, None)?;
        let id = new_id("0pr");
        let rule = given.rule(id.clone(), now, now);
        let policy = policy_mut(org, server, &in_policy)?;
        priority::insert(&mut policy.rules, rule, given.priority);
        one(policy, &id).cloned()
    })
    .await?;
    changed(CLASS, &rule.id, "created");
    Ok((
        StatusCode::CREATED,
        Json(view(&server, &policy_id, &rule, &call)),
    )
        .into_response())
}

pub(in super::super) async fn read(
    Path((server, policy_id, id)): Ids,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    let rule = one(policy(find(&org, &server)?, &policy_id)?, &id)?;
    Ok(Json(view(&server, &policy_id, rule, &call)))
}

pub(in super::super) async fn replace(
    Path((server, policy_id, id)): Ids,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let (object, now, in_policy) = (call.object(), call.now(), policy_id.clone());
    let rule = change(&call, &server, move |org, server| {
        let here = find(org, server)?;
        let of_policy = policy(here, &in_policy)?;
        let before = one(of_policy, &id)?.clone();
        let given = Given::read(&object?, org, here, of_policy, Some(&id))?;
        let policy = policy_mut(org, server, &in_policy)?;
        policy.rules.retain(|rule| rule.id != id);
        let rule = Rule {
            system: before.system,
            ..given.rule(id.clone(), before.created, now)
        };
        priority::insert(
            &mut policy.rules,
            rule,
            given.priority.or(Some(before.priority)),
        );
        one(policy, &id).cloned()
    })
    .await?;
    changed(CLASS, &rule.id, "replaced");
    Ok(Json(view(&server, &policy_id, &rule, &call)))
}

pub(in super::super) async fn activate(ids: Ids, call: Call) -> Result<StatusCode, OktaError> {
    set_status(ids, &call, Status::Active, "activated").await
}

pub(in super::super) async fn deactivate(ids: Ids, call: Call) -> Result<StatusCode, OktaError> {
    set_status(ids, &call, Status::Inactive, "deactivated").await
}

async fn set_status(
    Path((server, policy_id, id)): Ids,
    call: &Call,
    status: Status,
    action: &'static str,
) -> Result<StatusCode, OktaError> {
    let (changed_id, now) = (id.clone(), call.now());
    change(call, &server, move |org, server| {
        let rules = &mut policy_mut(org, server, &policy_id)?.rules;
        let rule = rules
            .iter_mut()
            .find(|rule| rule.id == id)
            .ok_or_else(|| not_found(&id))?;
        rule.status = status;
        rule.last_updated = now;
        Ok(())
    })
    .await?;
    changed(CLASS, &changed_id, action);
    Ok(StatusCode::NO_CONTENT)
}

pub(in super::super) async fn delete(
    Path((server, policy_id, id)): Ids,
    call: Call,
) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    change(&call, &server, move |org, server| {
        let policy = policy_mut(org, server, &policy_id)?;
        if one(policy, &gone)?.system {
            return Err(OktaError::Forbidden(
                "A rule that the server had from the start stays",
            ));
        }
        policy.rules.retain(|rule| rule.id != gone);
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

fn one<'p>(policy: &'p Policy, id: &str) -> Result<&'p Rule, OktaError> {
    policy
        .rules
        .iter()
        .find(|rule| rule.id == id)
        .ok_or_else(|| not_found(id))
}

fn not_found(id: &str) -> OktaError {
    OktaError::not_found(id, "PolicyRule")
}
