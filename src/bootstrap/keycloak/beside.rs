//! What Keycloak keeps beside an object, brought in line: what is missing is added, what is too much is
//! taken away.

use super::{Keycloak, admin::nonsense, differences, kind::Kind, look::text, text::encoded};
use crate::bootstrap::target::TargetError;
use axum::http::Method;
use serde_json::{Map, Value, json};

impl Keycloak {
    /// What Keycloak does not hear when an object is made.
    pub(super) async fn bring_in_line(
        &self,
        kind: Kind,
        id: &str,
        body: &Map<String, Value>,
    ) -> Result<(), TargetError> {
        match kind {
            Kind::Realm => {
                self.set_attribute_policy(&body["unmanagedAttributePolicy"])
                    .await
            }
            Kind::Role => self.take_composites_away(id).await,
            Kind::Client => match body.get("realmRoles") {
                None => Ok(()),
                Some(roles) => {
                    let account = self.service_account(id).await?;
                    self.set_roles(&self.roles_path(Kind::User, &account), roles)
                        .await
                }
            },
            Kind::ClientScope | Kind::Group | Kind::User => {
                self.set_roles(&self.roles_path(kind, id), &body["realmRoles"])
                    .await
            }
        }
    }

    /// What it hears only then.
    pub(super) async fn bring_later_parts_in_line(
        &self,
        kind: Kind,
        id: &str,
        body: &Map<String, Value>,
    ) -> Result<(), TargetError> {
        match kind {
            Kind::Realm | Kind::Role | Kind::Group => {}
            Kind::ClientScope => {
                self.set_mappers(kind, id, &body["protocolMappers"]).await?;
            }
            Kind::Client => {
                self.set_mappers(kind, id, &body["protocolMappers"]).await?;
                self.set_scopes(id, body).await?;
            }
            Kind::User => {
                self.set_groups(id, &body["groups"]).await?;
                let credentials = body.get("credentials").and_then(Value::as_array);
                for credential in credentials.into_iter().flatten() {
                    let path = self.below(&format!("/users/{id}/reset-password"));
                    self.admin.put(&path, credential).await?;
                }
            }
        }
        Ok(())
    }

    async fn set_attribute_policy(&self, policy: &Value) -> Result<(), TargetError> {
        let path = self.below("/users/profile");
        let mut profile = self.admin.get(&path).await?.unwrap_or_default();
        let Some(members) = profile.as_object_mut() else {
            return Err(nonsense(&Method::GET, &path, "no object"));
        };
        let there = members.get("unmanagedAttributePolicy");
        if there == Some(policy) || there.is_none() && *policy == json!("DISABLED") {
            return Ok(());
        }
        members.insert("unmanagedAttributePolicy".to_owned(), policy.clone());
        self.admin.put(&path, &profile).await
    }

    /// A role of ours holds no other: who has it would have that one too.
    async fn take_composites_away(&self, id: &str) -> Result<(), TargetError> {
        let path = self.below(&format!("/roles-by-id/{id}/composites"));
        let inside = self.admin.list(&path).await?;
        if !inside.is_empty() {
            self.admin.delete(&path, Some(&json!(inside))).await?;
        }
        Ok(())
    }

    /// Gives exactly these realm roles, beside the one that everybody has.
    async fn set_roles(&self, path: &str, wanted: &Value) -> Result<(), TargetError> {
        let wanted = names(wanted);
        let everybody = format!("default-roles-{}", self.realm.to_lowercase());
        let there = self.admin.list(path).await?;
        let is_wanted = |role: &&Value| {
            let name = text(role, "name");
            name == everybody || wanted.contains(&name)
        };
        let mut missing = Vec::new();
        for name in &wanted {
            if there.iter().any(|role| text(role, "name") == *name) {
                continue;
            }
            let role = self.below(&format!("/roles/{}", encoded(name)));
            missing.push(self.there(&role, "role", name).await?);
        }
        // Added first: a scope without a role is everybody's, if only for a moment.
        if !missing.is_empty() {
            self.admin.post(path, &json!(missing)).await?;
        }
        let extra: Vec<&Value> = there.iter().filter(|role| !is_wanted(role)).collect();
        if !extra.is_empty() {
            self.admin.delete(path, Some(&json!(extra))).await?;
        }
        Ok(())
    }

    async fn set_mappers(&self, kind: Kind, id: &str, wanted: &Value) -> Result<(), TargetError> {
        let path = self.below(&format!(
            "{}/{id}/protocol-mappers/models",
            kind.collection()
        ));
        let there = self.admin.list(&path).await?;
        let wanted = wanted.as_array().map_or(&[][..], Vec::as_slice);
        let same = |mapper: &Value, other: &Value| {
            let members = other.as_object();
            members.is_some_and(|members| differences::between(members, mapper).is_empty())
        };
        for mapper in &there {
            if !wanted.iter().any(|other| same(mapper, other)) {
                let id = encoded(text(mapper, "id"));
                self.admin.delete(&format!("{path}/{id}"), None).await?;
            }
        }
        for mapper in wanted {
            if !there.iter().any(|other| same(other, mapper)) {
                self.admin.post(&path, mapper).await?;
            }
        }
        Ok(())
    }

    async fn set_scopes(&self, id: &str, body: &Map<String, Value>) -> Result<(), TargetError> {
        let all = self.admin.list(&self.below("/client-scopes")).await?;
        // Taken away everywhere first: a scope that is optional cannot be made a default one.
        for give in [false, true] {
            for (folder, member) in [
                ("default-client-scopes", "defaultClientScopes"),
                ("optional-client-scopes", "optionalClientScopes"),
            ] {
                let path = self.below(&format!("/clients/{id}/{folder}"));
                let there = self.admin.list(&path).await?;
                let wanted = names(&body[member]);
                let is_there = |name: &str| there.iter().any(|scope| text(scope, "name") == name);
                for scope in there.iter().filter(|_| !give) {
                    if !wanted.contains(&text(scope, "name")) {
                        let scope = encoded(text(scope, "id"));
                        self.admin.delete(&format!("{path}/{scope}"), None).await?;
                    }
                }
                for name in wanted.iter().filter(|name| give && !is_there(name)) {
                    let scope = all.iter().find(|scope| text(scope, "name") == *name);
                    let scope = scope.ok_or_else(|| absent("client scope", name))?;
                    let scope = encoded(text(scope, "id"));
                    self.admin
                        .put(&format!("{path}/{scope}"), &json!({}))
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn set_groups(&self, id: &str, wanted: &Value) -> Result<(), TargetError> {
        let wanted = names(wanted);
        let there = self.groups_of(id).await?;
        for (name, group) in &there {
            if !wanted.contains(&name.as_str()) {
                let path = self.below(&format!("/users/{id}/groups/{}", encoded(group)));
                self.admin.delete(&path, None).await?;
            }
        }
        for name in wanted {
            if there.iter().any(|(other, _)| other == name) {
                continue;
            }
            let group = self.find_named(Kind::Group, name).await?;
            let group = group.ok_or_else(|| absent("group", name))?;
            let path = self.below(&format!("/users/{id}/groups/{}", encoded(&group.id)));
            self.admin.put(&path, &json!({})).await?;
        }
        Ok(())
    }

    async fn there(&self, path: &str, what: &str, name: &str) -> Result<Value, TargetError> {
        let found = self.admin.get(path).await?;
        found.ok_or_else(|| absent(what, name))
    }
}

/// Something that an object of the input names is not there.
fn absent(what: &str, name: &str) -> TargetError {
    TargetError::Input {
        name: name.to_owned(),
        problem: format!("the realm has no {what} of this name"),
    }
}

/// The texts of a list.
pub(super) fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).collect()
}
