//! Coming, going, and being deleted.

use super::{CLASS, find, not_found};
use crate::idp::okta::{
    call::{Call, changed},
    error::OktaError,
};
use crate::idp::org::{Password, User, UserStatus};
use axum::{Json, extract::Path, http::StatusCode};
use serde_json::{Value, json};

/// Lets a person in: at once with a password, else when there is one.
pub(super) fn bring_in(user: &mut User, now: i64) {
    let has_password = user.password != Password::None;
    user.status = if has_password {
        UserStatus::Active
    } else {
        UserStatus::Provisioned
    };
    user.activated = Some(now);
    user.status_changed = Some(now);
    user.last_updated = now;
}

/// No message is sent, so there is no activation token to tell.
pub(in super::super) async fn activate(
    Path(name): Path<String>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let id = find(&call.idp.org.read(), &name)?.id.clone();
    let now = call.now();
    let changed_id = id.clone();
    call.change(move |org| {
        let user = org.user_mut(&id).ok_or_else(|| not_found(&id))?;
        if user.is_active() {
            return Err(OktaError::AlreadyActive);
        }
        bring_in(user, now);
        Ok(())
    })
    .await?;
    changed(CLASS, &changed_id, "activated");
    Ok(Json(json!({})))
}

pub(in super::super) async fn deactivate(
    Path(name): Path<String>,
    call: Call,
) -> Result<Json<Value>, OktaError> {
    let id = find(&call.idp.org.read(), &name)?.id.clone();
    let now = call.now();
    let user = call
        .change(move |org| {
            let user = org.user_mut(&id).ok_or_else(|| not_found(&id))?;
            put_out(user, now);
            Ok(user.clone())
        })
        .await?;
    call.idp.end_sessions_of(&user.id);
    changed(CLASS, &user.id, "deactivated");
    Ok(Json(json!({})))
}

/// The first time puts out of work, the second deletes.
pub(in super::super) async fn delete(
    Path(name): Path<String>,
    call: Call,
) -> Result<StatusCode, OktaError> {
    let id = find(&call.idp.org.read(), &name)?.id.clone();
    let (now, changed_id) = (call.now(), id.clone());
    let action = call
        .change(move |org| {
            let user = org.user_mut(&id).ok_or_else(|| not_found(&id))?;
            if user.status == UserStatus::Deprovisioned {
                org.remove_user(&id);
                return Ok("deleted");
            }
            put_out(user, now);
            Ok("deactivated")
        })
        .await?;
    call.idp.end_sessions_of(&changed_id);
    changed(CLASS, &changed_id, action);
    Ok(StatusCode::NO_CONTENT)
}

fn put_out(user: &mut User, now: i64) {
    user.status = UserStatus::Deprovisioned;
    user.epoch = user.epoch.wrapping_add(1); // who comes back begins anew
    user.status_changed = Some(now);
    user.last_updated = now;
}
