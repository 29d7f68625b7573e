//! Keycloak, through its Admin REST API.
//!
//! Everything lives in one realm, which is ours or which we do not touch. How a group comes by its
//! scopes: a realm role stands on the group and, as a scope mapping, on the client scope; who has none
//! of a scope's roles is signed in without it, and a scope without a role is everybody's.
//!
//! | class | object | members beside Keycloak's own |
//! | --- | --- | --- |
//! | `keycloak:realm` | the realm | `unmanagedAttributePolicy` of its user profile; told: `issuer`, `token_endpoint`, … as its discovery has them |
//! | `keycloak:role` | a realm role | |
//! | `keycloak:client_scope` | a client scope | `realmRoles`: who may have it |
//! | `keycloak:group` | a group | `realmRoles` |
//! | `keycloak:user` | a person | `groups` by name, `realmRoles` |
//! | `keycloak:client` | a client | `realmRoles` of its service account; told: `secret` |

mod admin;
mod ask;
mod beside;
mod change;
mod connect;
mod differences;
mod input;
mod kind;
mod look;
mod probe;
#[cfg(test)]
mod tests;
mod text;
mod told;

pub use input::input;

use super::ours::{Ours, contains_word};
use super::target::{Difference, Existing, Made, Tagged, Target, TargetError, Wanted};
use admin::Admin;
use async_trait::async_trait;
use kind::Kind;

/// A realm of a Keycloak.
pub struct Keycloak {
    admin: Admin,
    realm: String,
    tenant: String,
}

#[async_trait]
impl Target for Keycloak {
    fn tenant(&self) -> &str {
        &self.tenant
    }

    async fn test(&self) -> Result<String, TargetError> {
        // Who administers nothing may not ask what the server is.
        let about = self.admin.get("/admin/serverinfo").await?;
        let about = about.unwrap_or_default();
        let version = about["systemInfo"]["version"].as_str();
        let version = version.map(|version| format!(" of Keycloak {}", text::plain(version)));
        Ok(format!(
            "{}{}",
            self.admin.whose(),
            version.unwrap_or_default()
        ))
    }

    async fn find(&self, wanted: &Wanted) -> Result<Option<Existing>, TargetError> {
        let kind = Kind::of(&wanted.class, &wanted.name)?;
        let body = ask::whole(kind, wanted)?;
        let name = body[kind.name_member()].as_str().unwrap_or_default();
        let found = self.find_named(kind, name).await?;
        Ok(found.map(|found| told::what_matters(wanted, found)))
    }

    async fn read(&self, wanted: &Wanted, id: &str) -> Result<Option<Existing>, TargetError> {
        let kind = Kind::of(&wanted.class, &wanted.name)?;
        let found = self.read_by_id(kind, id).await?;
        Ok(found.map(|found| told::what_matters(wanted, found)))
    }

    fn differences(&self, wanted: &Wanted, existing: &Existing) -> Vec<Difference> {
        let body = Kind::of(&wanted.class, &wanted.name).and_then(|kind| ask::whole(kind, wanted));
        match body {
            Ok(body) => differences::between(&body, &existing.value),
            Err(error) => vec![Difference {
                at: String::new(),
                wanted: error.to_string(),
                found: "nothing that could be compared".to_owned(),
            }],
        }
    }

    async fn create(&self, wanted: &Wanted) -> Result<Existing, TargetError> {
        self.make(Kind::of(&wanted.class, &wanted.name)?, wanted)
            .await
    }

    async fn update(&self, wanted: &Wanted, existing: &Existing) -> Result<Existing, TargetError> {
        let kind = Kind::of(&wanted.class, &wanted.name)?;
        self.mend(kind, wanted, &existing.id).await
    }

    /// A run that was killed may have left it half made.
    async fn adopt(&self, wanted: &Wanted, existing: Existing) -> Result<Existing, TargetError> {
        self.update(wanted, &existing).await
    }

    async fn delete(
        &self,
        class: &str,
        _endpoint: Option<&str>,
        id: &str,
    ) -> Result<bool, TargetError> {
        self.remove(Kind::of(class, class)?, id).await
    }

    /// A realm that carries the tag takes everything with it.
    async fn tagged(&self, tag: &str) -> Result<Vec<Tagged>, TargetError> {
        let Some(realm) = self.find_named(Kind::Realm, &self.realm).await? else {
            return Ok(Vec::new());
        };
        let is_ours = contains_word(look::text(&realm.value, "displayName"), tag);
        let row = Tagged {
            class: Kind::Realm.class().to_owned(),
            endpoint: None,
            id: realm.id,
            name: format!("realm {}", self.realm),
        };
        Ok(Some(row).filter(|_| is_ours).into_iter().collect())
    }

    /// Everything in a realm that is ours is ours.
    fn is_ours(&self, wanted: &Wanted, existing: &Existing, ours: &Ours) -> bool {
        let in_our_realm = wanted.class != Kind::Realm.class() && ours.has(Kind::Realm.class());
        in_our_realm || ours.is_marked(existing)
    }

    /// Asks Keycloak itself what tokens would carry.
    async fn probe(&self, made: &[Made]) -> Result<Vec<String>, TargetError> {
        self.compare_examples(made).await
    }
}
