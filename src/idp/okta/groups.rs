//! `/api/v1/groups`: groups and who is in them.

use super::{
    call::{Call, changed},
    error::OktaError,
    input::Problems,
    page::{self, List, Row},
    reader::Reader,
    users,
    view::{date, filled},
};
use crate::idp::org::{Group, Org, new_id};
use axum::{Json, extract::Path, http::StatusCode, response::Response};
use serde_json::{Map, Value, json};

const CLASS: &str = "user_group";
const KIND: &str = "UserGroup";
const EVERYONE: OktaError =
    OktaError::Forbidden("The group that everybody is in cannot be changed");
const LIST: List = List {
    name: "groups",
    usual: 10_000,
    most: 10_000,
    attributes: &[
        "id",
        "type",
        "created",
        "lastUpdated",
        "lastMembershipUpdated",
        "profile.*",
    ],
    q: &["/profile/name"],
    anywhere: false,
};

/// A group as it is answered.
pub(super) fn view(group: &Group, call: &Call) -> Value {
    let path = format!("/api/v1/groups/{}", group.id);
    json!({
        "id": group.id,
        "created": date(group.created),
        "lastUpdated": date(group.last_updated),
        "lastMembershipUpdated": date(group.last_membership_updated),
        "objectClass": ["okta:user_group"],
        "type": group.kind,
        "profile": filled(json!({ "name": group.name, "description": group.description })),
        "_links": {
            "self": { "href": call.href(&path) },
            "users": { "href": call.href(&format!("{path}/users")) },
            "apps": { "href": call.href(&format!("{path}/apps")) },
        },
    })
}

pub(super) async fn list(call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let rows = org
        .groups
        .iter()
        .map(|group| Row::new(group.created, &group.id, view(group, &call)));
    page::answer(&call, LIST, rows.collect())
}

pub(super) async fn create(call: Call) -> Result<Json<Value>, OktaError> {
    let profile = profile(&call.object()?)?;
    let now = call.now();
    let group = call
        .change(move |org| {
            profile.check_name(org, None)?;
            let mut group = Group::new(new_id("00g"), &profile.name, now);
            group.description = profile.description;
            org.groups.push(group.clone());
            Ok(group)
        })
        .await?;
    changed(CLASS, &group.id, "created");
    Ok(Json(view(&group, &call)))
}

pub(super) async fn read(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    Ok(Json(view(find(&org, &id)?, &call)))
}

pub(super) async fn replace(Path(id): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let profile = profile(&call.object()?);
    let now = call.now();
    let group = call
        .change(move |org| {
            find_changeable(org, &id)?;
            let profile = profile?;
            profile.check_name(org, Some(&id))?;
            let group = org
                .group_mut(&id)
                .ok_or_else(|| OktaError::not_found(&id, KIND))?;
            group.name = profile.name;
            group.description = profile.description;
            group.last_updated = now;
            Ok(group.clone())
        })
        .await?;
    changed(CLASS, &group.id, "replaced");
    Ok(Json(view(&group, &call)))
}

pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, OktaError> {
    let gone = id.clone();
    call.change(move |org| {
        find_changeable(org, &gone)?;
        org.remove_group(&gone);
        Ok(())
    })
    .await?;
    changed(CLASS, &id, "deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// Who is in a group.
pub(super) async fn members(Path(id): Path<String>, call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let group = find(&org, &id)?;
    let members = org
        .users
        .iter()
        .filter(|user| group.is_everyone() || user.groups.contains(&group.id));
    let rows = members.map(|user| Row::new(user.created, &user.id, users::view(user, &call)));
    page::answer(&call, List::plain("members", 1000, 1000), rows.collect())
}

pub(super) async fn add_member(
    Path((id, user)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    set_member(&call, id, user, true).await
}

pub(super) async fn remove_member(
    Path((id, user)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    set_member(&call, id, user, false).await
}

/// Both are fine when nothing changes.
async fn set_member(
    call: &Call,
    id: String,
    user: String,
    member: bool,
) -> Result<StatusCode, OktaError> {
    let now = call.now();
    let ids = format!("{id} {user}");
    call.change(move |org| {
        find_changeable(org, &id)?;
        let user = org
            .user_mut(&user)
            .ok_or_else(|| OktaError::not_found(&user, "User"))?;
        if user.groups.contains(&id) == member {
            return Ok(());
        }
        if member {
            user.groups.push(id.clone());
        } else {
            user.groups.retain(|group| *group != id);
        }
        if let Some(group) = org.group_mut(&id) {
            group.last_membership_updated = now;
        }
        Ok(())
    })
    .await?;
    changed("membership", &ids, if member { "added" } else { "removed" });
    Ok(StatusCode::NO_CONTENT)
}

/// A group by its id.
pub(super) fn find<'o>(org: &'o Org, id: &str) -> Result<&'o Group, OktaError> {
    org.group(id).ok_or_else(|| OktaError::not_found(id, KIND))
}

fn find_changeable(org: &Org, id: &str) -> Result<(), OktaError> {
    if find(org, id)?.is_everyone() {
        Err(EVERYONE)
    } else {
        Ok(())
    }
}

struct Profile {
    name: String,
    description: Option<String>,
}

fn profile(object: &Map<String, Value>) -> Result<Profile, OktaError> {
    let problems = Problems::default();
    let profile = Reader::new(object, &problems).object("profile");
    let profile = Profile {
        name: profile.required_text("name", 1..=255),
        description: profile.text("description", 0..=1024),
    };
    problems.none().map(|()| profile)
}

impl Profile {
    /// No other group may have the name.
    fn check_name(&self, org: &Org, own_id: Option<&str>) -> Result<(), OktaError> {
        let others = || {
            org.groups
                .iter()
                .filter(|group| Some(group.id.as_str()) != own_id)
        };
        let taken = others().any(|group| group.name == self.name);
        if taken {
            Err(OktaError::taken("profile.name"))
        } else {
            Ok(())
        }
    }
}
