//! Reading: an object together with what Keycloak keeps beside it.
//!
//! Roles of a group, a scope, a person or a service account, a person's groups, a client's secret and
//! the attributes policy of a realm have addresses of their own. They are put into the object as
//! members (`realmRoles`, `groups`, `secret`, `unmanagedAttributePolicy`), so that an input asks for
//! them in the same breath.

use super::{
    Keycloak,
    admin::nonsense,
    kind::Kind,
    text::{encoded, is_id, plain},
};
use crate::bootstrap::target::{Existing, TargetError};
use axum::http::Method;
use serde_json::Value;

impl Keycloak {
    /// The path of something below the realm.
    pub(super) fn below(&self, rest: &str) -> String {
        format!("/admin/realms/{}{rest}", self.realm)
    }

    /// The object of this name, whole.
    pub(super) async fn find_named(
        &self,
        kind: Kind,
        name: &str,
    ) -> Result<Option<Existing>, TargetError> {
        let found = match kind {
            Kind::Realm => self.admin.get(&self.below("")).await?,
            Kind::Role => {
                let path = self.below(&format!("/roles/{}", encoded(name)));
                self.admin.get(&path).await?
            }
            Kind::ClientScope => self.first(kind, name, "").await?,
            Kind::Client => {
                let query = format!("?clientId={}", encoded(name));
                self.first(kind, name, &query).await?
            }
            Kind::Group => {
                let query = format!("?search={}&exact=true&max=1000", encoded(name));
                self.first(kind, name, &query).await?
            }
            Kind::User => {
                let query = format!("?username={}&exact=true", encoded(name));
                self.first(kind, name, &query).await?
            }
        };
        match found {
            None => Ok(None),
            Some(value) if kind == Kind::Realm => self.whole_realm(value).await.map(Some),
            // Lists leave members out.
            Some(value) => self.read_by_id(kind, text(&value, "id")).await,
        }
    }

    /// The row of a list that has exactly this name; Keycloak keeps usernames in lower case.
    async fn first(
        &self,
        kind: Kind,
        name: &str,
        query: &str,
    ) -> Result<Option<Value>, TargetError> {
        let path = self.below(&format!("{}{query}", kind.collection()));
        let rows = self.admin.list(&path).await?;
        let same = |row: &Value| match kind {
            Kind::User => text(row, kind.name_member()).eq_ignore_ascii_case(name),
            _ => text(row, kind.name_member()) == name,
        };
        Ok(rows.into_iter().find(same))
    }

    /// The object with this id, whole.
    pub(super) async fn read_by_id(
        &self,
        kind: Kind,
        id: &str,
    ) -> Result<Option<Existing>, TargetError> {
        if kind == Kind::Realm {
            let Some(value) = self.admin.get(&self.below("")).await? else {
                return Ok(None);
            };
            let realm = self.whole_realm(value).await?;
            // Another realm of the same name is not the one that was recorded.
            return Ok(Some(realm).filter(|realm| realm.id == id));
        }
        let path = self.by_id(kind, id)?;
        let Some(mut value) = self.admin.get(&path).await? else {
            return Ok(None);
        };
        let Some(members) = value.as_object_mut() else {
            return Err(nonsense(&Method::GET, &path, "no object"));
        };
        self.add_what_lies_beside(kind, id, members).await?;
        Ok(Some(Existing {
            id: id.to_owned(),
            value,
        }))
    }

    /// The path of an object by its id, which may come from a file.
    pub(super) fn by_id(&self, kind: Kind, id: &str) -> Result<String, TargetError> {
        if !is_id(id) {
            return Err(TargetError::Input {
                name: kind.class().to_owned(),
                problem: format!("{:?} is no id of Keycloak's", plain(id)),
            });
        }
        Ok(self.below(&format!("{}/{id}", kind.by_id())))
    }
}

/// A member that is text; empty where it is not.
pub(super) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
