//! Okta, and what answers as Okta does: through its management API.
//!
//! | class | object | members beside Okta's own |
//! | --- | --- | --- |
//! | `okta:user_group` | a group | |
//! | `okta:user` | a person | told: `groupIds` |
//! | `okta:client` | a client, which is an app too | `groups`: who is assigned; `pkce_required`, `post_logout_redirect_uris` (a path is the app's own) |
//! | `okta:authz_server` | an authorization server | |
//! | `okta:scope`, `okta:claim` | what it can give | |
//! | `okta:oauth_policy`, `okta:rule` | which client, and who through it, may have which scopes | |
//! | `okta:trusted_origin` | an origin that people are sent back to | `origin` may be any URL of it |
//! | `okta:app_assignment` | a group that is assigned to an app of others | `id`: the group's |
//!
//! A rule denies the whole request for one scope too many; a rule for everybody that gives any scope
//! undoes that, so that [`Target::probe`] looks for one.

mod api;
mod ask;
mod connect;
mod differences;
mod input;
mod kind;
mod look;
mod make;
mod mend;
mod people;
mod probe;
mod remove;
#[cfg(test)]
mod tests;
mod text;

pub use input::input;

use super::ours::Ours;
use super::target::{Difference, Existing, Made, Tagged, Target, TargetError, Wanted};
use api::Api;
use async_trait::async_trait;
use kind::Kind;
use serde_json::Value;

/// A tenant.
pub struct Okta {
    api: Api,
}

impl Okta {
    /// The object that is wanted, by its name.
    async fn look_for(&self, kind: Kind, wanted: &Wanted) -> Result<Option<Existing>, TargetError> {
        let place = kind.place(wanted)?;
        let body = Value::Object(ask::whole(kind, wanted)?);
        let name = kind.name_of(&body);
        if kind == Kind::Claim {
            let claim_type = look::text(&body, "claimType");
            return self.claim_of(&place, name, claim_type).await;
        }
        let found = self.find_named(kind, &place, name).await?;
        if found.is_none() && kind == Kind::Origin {
            return self.origin_entry(&place, look::text(&body, "origin")).await;
        }
        Ok(found)
    }
}

#[async_trait]
impl Target for Okta {
    fn tenant(&self) -> &str {
        &self.api.origin
    }

    async fn test(&self) -> Result<String, TargetError> {
        let path = "/api/v1/meta/schemas/user/default";
        match self.api.get(path).await? {
            Some(schema) if schema.is_object() => {
                Ok(format!("an API token of {}", self.api.origin))
            }
            _ => Err(api::nonsense(
                &axum::http::Method::GET,
                path,
                "no Okta answers there: is OKTA_TENANT the tenant's base URL?",
            )),
        }
    }

    async fn find(&self, wanted: &Wanted) -> Result<Option<Existing>, TargetError> {
        self.look_for(Kind::of(&wanted.class, &wanted.name)?, wanted)
            .await
    }

    async fn read(&self, wanted: &Wanted, id: &str) -> Result<Option<Existing>, TargetError> {
        let kind = Kind::of(&wanted.class, &wanted.name)?;
        self.read_by_id(kind, &kind.place(wanted)?, id).await
    }

    fn differences(&self, wanted: &Wanted, existing: &Existing) -> Vec<Difference> {
        let compared = Kind::of(&wanted.class, &wanted.name).and_then(|kind| {
            let body = ask::whole(kind, wanted)?;
            Ok(differences::between(kind, &body, &existing.value))
        });
        compared.unwrap_or_else(|error| {
            vec![Difference {
                at: String::new(),
                wanted: error.to_string(),
                found: "nothing that could be compared".to_owned(),
            }]
        })
    }

    async fn create(&self, wanted: &Wanted) -> Result<Existing, TargetError> {
        self.make(Kind::of(&wanted.class, &wanted.name)?, wanted)
            .await
    }

    async fn update(&self, wanted: &Wanted, existing: &Existing) -> Result<Existing, TargetError> {
        self.mend(Kind::of(&wanted.class, &wanted.name)?, wanted, existing)
            .await
    }

    async fn adopt(&self, wanted: &Wanted, existing: Existing) -> Result<Existing, TargetError> {
        self.take_over(Kind::of(&wanted.class, &wanted.name)?, wanted, existing)
            .await
    }

    async fn delete(
        &self,
        class: &str,
        endpoint: Option<&str>,
        id: &str,
    ) -> Result<bool, TargetError> {
        let kind = Kind::of(class, class)?;
        self.remove(kind, &kind.collection(endpoint, class)?, id)
            .await
    }

    async fn tagged(&self, tag: &str) -> Result<Vec<Tagged>, TargetError> {
        self.carrying(tag).await
    }

    /// An assignment has no text of ours in it: it is ours where the group is.
    fn is_ours(&self, wanted: &Wanted, existing: &Existing, ours: &Ours) -> bool {
        let is_assignment = wanted.class == Kind::Assignment.class();
        is_assignment && ours.made.iter().any(|(_, id)| *id == existing.id)
            || ours.is_marked(existing)
            || ours.is_below(wanted)
    }

    /// Nothing hangs on who trusted an origin, or assigned a group to an app, first.
    fn may_share(&self, wanted: &Wanted, existing: &Existing) -> bool {
        let classes = [Kind::Origin.class(), Kind::Assignment.class()];
        let differences = self.differences(wanted, existing);
        // An origin that another run trusted has that run's tag in its name.
        classes.contains(&wanted.class.as_str()) && differences.iter().all(|one| one.at == "/name")
    }

    async fn probe(&self, made: &[Made]) -> Result<Vec<String>, TargetError> {
        self.grants_too_much(made).await
    }
}
