//! `/api/v1/users`: people.

mod given;
mod lifecycle;
mod profile;

pub(super) use lifecycle::{activate, deactivate, delete};

use self::given::{Given, check_login};
use super::{
    call::{Call, changed},
    error::OktaError,
    groups,
    page::{self, List, Row},
    view::{date, date_if},
};
use crate::idp::org::{Org, Password, User, UserStatus, new_id};
use axum::{Json, extract::Path, response::Response};
use serde_json::{Map, Value, json};

const CLASS: &str = "user";
const LIST: List = List {
    name: "users",
    usual: 200,
    most: 200,
    attributes: &[
        "id",
        "status",
        "created",
        "activated",
        "statusChanged",
        "lastUpdated",
        "profile.*",
    ],
    q: &[
        "/profile/firstName",
        "/profile/lastName",
        "/profile/email",
        "/profile/login",
    ],
    anywhere: false,
};

/// A person as answered: no password, no answer.
pub(super) fn view(user: &User, call: &Call) -> Value {
    let path = format!("/api/v1/users/{}", user.id);
    let mut credentials = json!({ "provider": { "type": "OKTA", "name": "OKTA" } });
    if user.password != Password::None {
        credentials["password"] = json!({});
    }
    if let Some(recovery) = &user.recovery_question {
        credentials["recovery_question"] = json!({ "question": recovery.question });
    }
    json!({
        "id": user.id,
        "status": user.status,
        "created": date(user.created),
        "activated": date_if(user.activated),
        "statusChanged": date_if(user.status_changed),
        "lastLogin": null,
        "lastUpdated": date(user.last_updated),
        "passwordChanged": date_if(user.password_changed),
        "type": { "id": "otyDefault" },
        "profile": user.profile,
        "credentials": credentials,
        "_links": {
            "self": { "href": call.href(&path) },
            "schema": { "href": call.href("/api/v1/meta/schemas/user/default") },
        },
    })
}

/// Those out of work are shown only to whoever searches.
pub(super) async fn list(call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let parameters = page::parameters(&call.uri)?;
    let searched = parameters.has("search") || parameters.has("filter");
    let shown = org
        .users
        .iter()
        .filter(|user| searched || user.status != UserStatus::Deprovisioned);
    let rows = shown.map(|user| Row::new(user.created, &user.id, view(user, &call)));
    page::answer(&call, LIST, rows.collect())
}

pub(super) async fn read(Path(name): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    Ok(Json(view(find(&org, &name)?, &call)))
}

/// The groups of a person, the one that everybody is in among them.
pub(super) async fn groups(Path(name): Path<String>, call: Call) -> Result<Response, OktaError> {
    let org = call.idp.org.read();
    let user = find(&org, &name)?;
    let rows = org
        .groups_of(user)
        .map(|group| Row::new(group.created, &group.id, groups::view(group, &call)));
    page::answer(
        &call,
        List::plain("groups of a user", 10_000, 10_000),
        rows.collect(),
    )
}

pub(super) async fn create(call: Call) -> Result<Json<Value>, OktaError> {
    let parameters = page::parameters(&call.uri)?;
    let activate = page::flag(&parameters, "activate", true)?;
    if parameters.has("nextLogin") {
        return Err(OktaError::of(
            "nextLogin",
            "People cannot change their password here",
        ));
    }
    let given = Given::new_person(&call.object()?, &call.idp.org.read())?;
    let secrets = given.hashed(&call.idp.passwords).await?;
    let now = call.now();
    let user = call
        .change(move |org| {
            check_login(org, &given.profile, None)?;
            for group in &given.groups {
                groups::find(org, group)?;
            }
            let mut user = User {
                id: new_id("00u"),
                epoch: 0,
                status: UserStatus::Staged,
                profile: given.profile,
                password: Password::None,
                recovery_question: None,
                groups: given.groups,
                created: now,
                last_updated: now,
                activated: None,
                status_changed: None,
                password_changed: None,
            };
            secrets.set(&mut user, now);
            if activate {
                lifecycle::bring_in(&mut user, now);
            }
            org.users.push(user.clone());
            Ok(user)
        })
        .await?;
    changed(CLASS, &user.id, "created");
    Ok(Json(view(&user, &call)))
}

/// Changes what is named, and nothing else.
pub(super) async fn update(Path(name): Path<String>, call: Call) -> Result<Json<Value>, OktaError> {
    change(&call, &name, false).await
}

/// Replaces the profile as a whole; credentials stay unless they are named.
pub(super) async fn replace(
    Path(name): Path<String>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    change(&call, &name, true).await
}

async fn change(call: &Call, name: &str, whole: bool) -> Result<Json<Value>, OktaError> {
    let org = call.idp.org.read();
    let before = find(&org, name)?;
    let kept = if whole {
        Map::new()
    } else {
        before.profile.clone()
    };
    let object = call.object()?;
    let given = Given::change(&object, kept, &org, &before.id)?;
    let secrets = given.hashed(&call.idp.passwords).await?; // takes a while
    let (id, now) = (before.id.clone(), call.now());
    let user = call
        .change(move |org| {
            // Once more, with the profile as it is by now: what others changed meanwhile stays.
            let user = org.user(&id).ok_or_else(|| not_found(&id))?;
            let kept = if whole {
                Map::new()
            } else {
                user.profile.clone()
            };
            let given = Given::change(&object, kept, org, &id)?;
            check_login(org, &given.profile, Some(&id))?;
            let user = org.user_mut(&id).ok_or_else(|| not_found(&id))?;
            if secrets.has_password() && user.status == UserStatus::Deprovisioned {
                return Err(OktaError::UserStatus);
            }
            user.profile = given.profile;
            secrets.set(user, now);
            user.last_updated = now;
            Ok(user.clone())
        })
        .await?;
    call.idp.end_sessions_of(&user.id);
    changed(CLASS, &user.id, if whole { "replaced" } else { "updated" });
    Ok(Json(view(&user, call)))
}

/// A person by id, login, or the part of the login before the `@` where that is one person's alone.
pub(super) fn find<'o>(org: &'o Org, name: &str) -> Result<&'o User, OktaError> {
    if let Some(user) = org.user(name).or_else(|| org.user_by_login(name)) {
        return Ok(user);
    }
    let is_short = |user: &&User| {
        let short = user.login().split_once('@').map(|(short, _)| short);
        short.is_some_and(|short| short.eq_ignore_ascii_case(name))
    };
    let mut named = org.users.iter().filter(is_short);
    match (named.next(), named.next()) {
        (Some(user), None) => Ok(user),
        _ => Err(not_found(name)),
    }
}

fn not_found(name: &str) -> OktaError {
    OktaError::not_found(name, "User")
}
