//! `/api/v1/apps/{id}/groups`: whose members may sign in through an app.

use super::{
    apps::{change, find},
    call::{Call, changed},
    error::OktaError,
    groups,
    input::{self, Problems},
    page::{self, List, Row},
    reader::Reader,
    view::date,
};
use crate::idp::org::{Client, GroupAssignment};
use axum::{Json, extract::Path, http::StatusCode, response::Response};
use serde_json::{Map, Value, json};

const CLASS: &str = "assignment";

fn view(client: &Client, assignment: &GroupAssignment, call: &Call) -> Value {
    let path = format!("/api/v1/apps/{}", client.id);
    let group = &assignment.group_id;
    json!({
        "id": group,
        "priority": assignment.priority,
        "lastUpdated": date(assignment.last_updated),
        "profile": assignment.profile,
        "_links": {
            "self": { "href": call.href(&format!("{path}/groups/{group}")) },
            "app": { "href": call.href(&path) },
            "group": { "href": call.href(&format!("/api/v1/groups/{group}")) },
        },
    })
}

pub(super) async fn list(Path(id): Path<String>, call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let client = find(&org, &id)?;
    let rows = client.groups.iter().map(|assignment| {
        Row::new(
            i64::from(assignment.priority),
            &assignment.group_id,
            view(client, assignment, &call),
        )
    });
    page::answer(
        &call,
        List::plain("groups of an app", 20, 200),
        rows.collect(),
    )
}

pub(super) async fn read(
    Path((id, group)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    let client = find(&org, &id)?;
    let assignment = client
        .groups
        .iter()
        .find(|assignment| assignment.group_id == group);
    assignment
        .map(|assignment| Json(view(client, assignment, &call)))
        .ok_or_else(|| not_found(&group))
}

/// Assigns a group, or changes how it is assigned. The body may be left out.
pub(super) async fn assign(
    Path((id, group)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let Given { priority, profile } = Given::read(&call)?;
    groups::find(&call.idp.org.read(), &group)?;
    let (now, assigned) = (call.now(), group.clone());
    let client = change(&call, id, move |client| {
        let next = client.groups.len();
        let place = client
            .groups
            .iter()
            .position(|assignment| assignment.group_id == assigned);
        let place = place.unwrap_or_else(|| {
            client.groups.push(GroupAssignment {
                group_id: assigned,
                priority: u32::try_from(next).unwrap_or(u32::MAX),
                profile: Map::new(),
                last_updated: now,
            });
            next
        });
        let assignment = &mut client.groups[place];
        assignment.priority = priority.unwrap_or(assignment.priority);
        assignment.profile = profile.unwrap_or_else(|| std::mem::take(&mut assignment.profile));
        assignment.last_updated = now;
        Ok(())
    })
    .await?;
    changed(CLASS, &format!("{} {group}", client.id), "assigned");
    let assignment = client
        .groups
        .iter()
        .find(|assignment| assignment.group_id == group);
    assignment
        .map(|assignment| Json(view(&client, assignment, &call)))
        .ok_or_else(|| not_found(&group))
}

/// How a group is assigned, as far as it is said.
struct Given {
    priority: Option<u32>,
    profile: Option<Map<String, Value>>,
}

impl Given {
    fn read(call: &Call) -> Result<Self, OktaError> {
        let object = input::optional_object(&call.headers, &call.body)?;
        let problems = Problems::default();
        let reader = Reader::new(&object, &problems);
        let priority = reader.number("priority", 0..=1000);
        reader.object("profile");
        problems.none().map(|()| Self {
            priority: priority.and_then(|priority| u32::try_from(priority).ok()),
            profile: object.get("profile").and_then(Value::as_object).cloned(),
        })
    }
}

pub(super) async fn remove(
    Path((id, group)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    let removed = group.clone();
    let client = change(&call, id, move |client| {
        let before = client.groups.len();
        client
            .groups
            .retain(|assignment| assignment.group_id != removed);
        if client.groups.len() < before {
            Ok(())
        } else {
            Err(not_found(&removed))
        }
    })
    .await?;
    changed(CLASS, &format!("{} {group}", client.id), "removed");
    Ok(StatusCode::NO_CONTENT)
}

fn not_found(group: &str) -> OktaError {
    OktaError::not_found(group, "AppGroup")
}
