//! Deleting objects, and finding what carries our tag.

use super::{Okta, api::Repeat, kind::Kind, look::text, make::checked, text::plain};
use crate::bootstrap::{
    contains_word,
    target::{Tagged, TargetError},
};
use serde_json::Value;

/// Kinds whose names carry the tag and that lie below nothing else.
const TAGGED: [Kind; 5] = [
    Kind::Origin,
    Kind::Server,
    Kind::Client,
    Kind::User,
    Kind::Group,
];
/// A shorter tag, or one without a digit, is a word that somebody else may use.
const SHORTEST_TAG: usize = 8;

impl Okta {
    /// Deletes an object; whether it was there.
    pub(super) async fn remove(
        &self,
        kind: Kind,
        place: &str,
        id: &str,
    ) -> Result<bool, TargetError> {
        let id = checked(kind, id)?;
        let path = format!("{place}/{id}");
        match kind {
            Kind::User => self.remove_user(&path).await,
            Kind::Client => {
                let app = format!("/api/v1/apps/{id}");
                self.remove_idle(&path, &app).await
            }
            Kind::Server | Kind::Policy | Kind::Rule | Kind::Origin => {
                self.remove_idle(&path, &path).await
            }
            Kind::Group | Kind::Scope | Kind::Claim | Kind::Assignment => {
                self.api.delete(&path).await
            }
        }
    }

    /// The first deletion of a person puts them out of work, the second deletes them.
    async fn remove_user(&self, path: &str) -> Result<bool, TargetError> {
        let Some(user) = self.api.get(path).await? else {
            return Ok(false);
        };
        if text(&user, "status") != "DEPROVISIONED" {
            self.api.delete(&format!("{path}?sendEmail=false")).await?;
        }
        self.api.delete(&format!("{path}?sendEmail=false")).await?;
        if self.api.get(path).await?.is_some() {
            return Err(TargetError::NotAsWanted {
                name: plain(text(&user["profile"], "login")),
                problem: "is still there after two deletions; delete it in Directory > People"
                    .to_owned(),
            });
        }
        Ok(true)
    }

    /// Some tenants delete only what was put out of work before.
    async fn remove_idle(&self, path: &str, lifecycle: &str) -> Result<bool, TargetError> {
        let refused = match self.api.delete(path).await {
            Err(TargetError::Refused {
                status: 400 | 403 | 409,
                ..
            }) => true,
            other => return other,
        };
        let deactivate = format!("{lifecycle}/lifecycle/deactivate");
        if refused {
            // It may be out of work already, and then says no to this: what counts is the deletion.
            let _ = self.api.post(&deactivate, None, Repeat::Freely).await;
        }
        self.api.delete(path).await
    }

    /// What carries the tag in its name: groups, people, clients, authorization servers, origins, and
    /// policies of servers that do not.
    pub(super) async fn carrying(&self, tag: &str) -> Result<Vec<Tagged>, TargetError> {
        if tag.len() < SHORTEST_TAG || !tag.bytes().any(|byte| byte.is_ascii_digit()) {
            return Ok(Vec::new());
        }
        let mut tagged = Vec::new();
        for kind in TAGGED {
            let place = kind.fixed().unwrap_or_default();
            for row in self.api.list(&format!("{place}?limit=200")).await? {
                if contains_word(kind.name_of(&row), tag) {
                    tagged.push(row_of(kind, place, &row));
                } else if kind == Kind::Server {
                    tagged.extend(self.policies_carrying(tag, text(&row, "id")).await?);
                }
            }
        }
        Ok(tagged)
    }

    /// Policies at a server that an earlier run, or somebody else, made.
    async fn policies_carrying(&self, tag: &str, server: &str) -> Result<Vec<Tagged>, TargetError> {
        let server = checked(Kind::Server, server)?;
        let place = format!("/api/v1/authorizationServers/{server}/policies");
        let mut policies = self.api.list(&place).await?;
        policies.retain(|policy| contains_word(Kind::Policy.name_of(policy), tag));
        let rows = policies.iter();
        Ok(rows.map(|row| row_of(Kind::Policy, &place, row)).collect())
    }
}

fn row_of(kind: Kind, place: &str, row: &Value) -> Tagged {
    Tagged {
        class: kind.class().to_owned(),
        endpoint: Some(place.to_owned()),
        id: text(row, kind.id_member()).to_owned(),
        name: plain(kind.name_of(row)),
    }
}
