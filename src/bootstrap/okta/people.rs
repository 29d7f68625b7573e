//! What people and clients take beyond one request: membership, assignment, and the app's own settings.

use super::{Okta, api::Repeat, differences, kind::Kind, look::text, text::is_id};
use crate::bootstrap::target::{Existing, TargetError};
use serde_json::{Map, Value, json};

/// Of an app, what a change sends back as it is.
const KEPT: [&str; 8] = [
    "name",
    "label",
    "signOnMode",
    "accessibility",
    "visibility",
    "profile",
    "credentials",
    "settings",
];

impl Okta {
    /// Names, e-mail and groups of a person. The password is set only where it cannot be the right
    /// one: whoever changed theirs keeps it.
    pub(super) async fn mend_user(
        &self,
        path: &str,
        body: &Map<String, Value>,
        now: &Existing,
        password_too: bool,
    ) -> Result<(), TargetError> {
        let status = text(&now.value, "status");
        if matches!(status, "DEPROVISIONED" | "STAGED") {
            let activate = format!("{path}/lifecycle/activate?sendEmail=false");
            self.api.post(&activate, None, Repeat::Freely).await?;
        }
        let mut change = Map::new();
        let profile = Map::from_iter(body.get_key_value("profile").map(owned));
        if !differences::between(
            Kind::User,
            &profile,
            &json!({ "profile": now.value["profile"] }),
        )
        .is_empty()
        {
            change.extend(profile);
        }
        if password_too || status != "ACTIVE" {
            change.extend(body.get_key_value("credentials").map(owned));
        }
        if !change.is_empty() {
            // A partial change: what others wrote into the profile stays.
            let change = Value::Object(change);
            self.api.post(path, Some(&change), Repeat::Freely).await?;
        }
        if let Some(wanted) = body.get("groupIds") {
            let member = |group: &str| format!("/api/v1/groups/{group}/users/{}", now.id);
            self.settle_list(wanted, &now.value["groupIds"], member)
                .await?;
        }
        Ok(())
    }

    /// What the app has that a client is: PKCE, where people go after they signed out, who may use it.
    pub(super) async fn settle_app(
        &self,
        id: &str,
        body: &Map<String, Value>,
    ) -> Result<(), TargetError> {
        let path = format!("/api/v1/apps/{id}");
        let settings = ["pkce_required", "post_logout_redirect_uris", "groups"];
        let asked = settings.iter().any(|member| body.contains_key(*member));
        let Some(app) = self.api.get(&path).await? else {
            if asked {
                let problem = "the client is no app there, so that nobody can be assigned to it";
                return Err(super::api::nonsense(
                    &axum::http::Method::GET,
                    &path,
                    problem,
                ));
            }
            return Ok(());
        };
        if text(&app, "status") == "INACTIVE" {
            let activate = format!("{path}/lifecycle/activate");
            self.api.post(&activate, None, Repeat::Freely).await?;
        }
        if let Some(changed) = changed_app(&app, body) {
            self.api.put(&path, &changed).await?;
        }
        if let Some(wanted) = body.get("groups") {
            let groups = self.api.list(&format!("{path}/groups")).await?;
            let now: Vec<_> = groups.iter().map(|group| group["id"].clone()).collect();
            let assigned = |group: &str| format!("{path}/groups/{group}");
            self.settle_list(wanted, &json!(now), assigned).await?;
        }
        Ok(())
    }

    /// Puts what is missing in a list, and takes out what is too much.
    async fn settle_list(
        &self,
        wanted: &Value,
        now: &Value,
        path: impl Fn(&str) -> String,
    ) -> Result<(), TargetError> {
        let ids = |list: &Value| -> Vec<String> {
            let ids = list.as_array().into_iter().flatten();
            let ids = ids.filter_map(Value::as_str).filter(|id| is_id(id));
            ids.map(str::to_owned).collect()
        };
        let (wanted, now) = (ids(wanted), ids(now));
        for missing in wanted.iter().filter(|id| !now.contains(id)) {
            self.api.put(&path(missing), &json!({})).await?;
        }
        for extra in now.iter().filter(|id| !wanted.contains(id)) {
            self.api.delete(&path(extra)).await?;
        }
        Ok(())
    }
}

/// The app with what is wanted of it, unless it has that already.
fn changed_app(app: &Value, body: &Map<String, Value>) -> Option<Value> {
    let members = KEPT.iter().filter_map(|member| {
        let value = app.get(member).filter(|value| !value.is_null())?;
        Some(((*member).to_owned(), value.clone()))
    });
    let kept = Value::Object(members.collect());
    let mut changed = kept.clone();
    for (member, part) in [
        ("pkce_required", "credentials"),
        ("post_logout_redirect_uris", "settings"),
    ] {
        let Some(wanted) = body.get(member) else {
            continue;
        };
        let there = kept.pointer(&format!("/{part}/oauthClient/{member}"));
        let is_told = there.is_some() || member != "pkce_required";
        let client = changed.pointer_mut(&format!("/{part}/oauthClient"));
        if let Some(client) = client.and_then(Value::as_object_mut).filter(|_| is_told) {
            client.insert(member.to_owned(), wanted.clone());
        }
    }
    if let Some(client) = changed.pointer_mut("/credentials/oauthClient") {
        // Told by some tenants; sent back, it would be taken for a new one.
        client
            .as_object_mut()
            .map(|client| client.remove("client_secret"));
    }
    (changed.pointer("/credentials/oauthClient/pkce_required")
        != kept.pointer("/credentials/oauthClient/pkce_required")
        || changed.pointer("/settings/oauthClient/post_logout_redirect_uris")
            != kept.pointer("/settings/oauthClient/post_logout_redirect_uris"))
    .then_some(changed)
}

fn owned((member, value): (&String, &Value)) -> (String, Value) {
    (member.clone(), value.clone())
}
