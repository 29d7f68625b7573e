//! Making, mending and deleting.

use super::{Keycloak, ask, differences, kind::Kind, look::text, told::what_matters};
use crate::{
    bootstrap::target::{Existing, TargetError, Wanted},
    net::FetchError,
};
use serde_json::{Map, Value};
use std::time::Duration;

/// How often it is looked whether a realm is there by now, or gone; two seconds lie between.
const LOOKS: u32 = 45;

/// Members that have addresses of their own, and are not sent with the object.
fn beside(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Realm => &["unmanagedAttributePolicy"],
        Kind::Role => &["composite"],
        Kind::ClientScope | Kind::Client | Kind::Group | Kind::User => &["realmRoles"],
    }
}

/// Members that are heard when an object is made, and have addresses of their own afterwards.
fn beside_later(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::ClientScope => &["protocolMappers"],
        Kind::Client => &[
            "protocolMappers",
            "defaultClientScopes",
            "optionalClientScopes",
        ],
        Kind::User => &["groups", "credentials"],
        Kind::Realm | Kind::Role | Kind::Group => &[],
    }
}

fn without(body: &Map<String, Value>, members: &[&str]) -> Value {
    let kept = body
        .iter()
        .filter(|(name, _)| !members.contains(&name.as_str()));
    Value::Object(
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}

impl Keycloak {
    /// Makes an object and what belongs to it, and reads it back.
    pub(super) async fn make(&self, kind: Kind, wanted: &Wanted) -> Result<Existing, TargetError> {
        let body = ask::whole(kind, wanted)?;
        let name = text(&wanted.body, kind.name_member());
        let path = match kind {
            Kind::Realm => {
                self.is_our_realm(wanted)?;
                "/admin/realms".to_owned()
            }
            _ => self.below(kind.collection()),
        };
        let sent = without(&body, beside(kind));
        let told = match self.admin.post(&path, &sent).await {
            // A new realm makes its keys first, which may take longer than an answer is waited for.
            Err(TargetError::Fetch(FetchError::TimedOut(_))) if kind == Kind::Realm => {
                self.wait_until_realm(true).await?;
                None
            }
            told => told?,
        };
        let id = match (kind, told) {
            (Kind::ClientScope | Kind::Client | Kind::Group | Kind::User, Some(id)) => id,
            // Location calls a realm and a role by their names.
            _ => self.must_find(kind, name, wanted).await?.id,
        };
        let settled = async {
            self.bring_in_line(kind, &id, &body).await?;
            self.as_wanted(kind, &id, wanted, &body).await
        };
        // The next run reads it whole.
        let settled = settled.await;
        settled.map_err(|error| error.after(&id, Value::Object(Map::new())))
    }

    /// Makes an object as it is wanted, a person's password included, and reads it back.
    pub(super) async fn mend(
        &self,
        kind: Kind,
        wanted: &Wanted,
        id: &str,
    ) -> Result<Existing, TargetError> {
        let body = ask::whole(kind, wanted)?;
        let path = match kind {
            Kind::Realm => {
                self.is_our_realm(wanted)?;
                self.below("")
            }
            _ => self.by_id(kind, id)?,
        };
        let mut left_out = beside(kind).to_vec();
        left_out.extend(beside_later(kind));
        self.admin.put(&path, &without(&body, &left_out)).await?;
        self.bring_in_line(kind, id, &body).await?;
        self.bring_later_parts_in_line(kind, id, &body).await?;
        self.as_wanted(kind, id, wanted, &body).await
    }

    /// Deletes an object; whether it was there. A realm goes only when it is the one with this id.
    pub(super) async fn remove(&self, kind: Kind, id: &str) -> Result<bool, TargetError> {
        if kind != Kind::Realm {
            return self.admin.delete(&self.by_id(kind, id)?, None).await;
        }
        if self.read_by_id(kind, id).await?.is_none() {
            return Ok(false);
        }
        match self.admin.delete(&self.below(""), None).await {
            Err(TargetError::Fetch(FetchError::TimedOut(_))) => {
                self.wait_until_realm(false).await?;
                Ok(true)
            }
            told => told,
        }
    }

    /// Waits until the realm is there, or gone.
    async fn wait_until_realm(&self, there: bool) -> Result<(), TargetError> {
        let mut looks = 0;
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            looks += 1;
            match self.admin.get(&self.below("")).await {
                Ok(realm) if realm.is_some() == there => return Ok(()),
                Err(error) if looks > LOOKS => return Err(error),
                Ok(_) if looks > LOOKS => {
                    let origin = self.admin.base().to_owned();
                    return Err(FetchError::TimedOut(origin).into());
                }
                _ => {}
            }
        }
    }

    /// The realm of an input must be the one that this adapter works in.
    fn is_our_realm(&self, wanted: &Wanted) -> Result<(), TargetError> {
        let named = text(&wanted.body, "realm");
        if named == self.realm {
            return Ok(());
        }
        Err(TargetError::Input {
            name: wanted.name.clone(),
            problem: format!(
                "it is about the realm {named:?}, and KEYCLOAK_REALM is {:?}",
                self.realm
            ),
        })
    }

    async fn must_find(
        &self,
        kind: Kind,
        name: &str,
        wanted: &Wanted,
    ) -> Result<Existing, TargetError> {
        let found = self.find_named(kind, name).await?;
        found.ok_or_else(|| TargetError::NotAsWanted {
            name: wanted.name.clone(),
            problem: "it cannot be found afterwards".to_owned(),
        })
    }

    /// Reads an object back. Anything that differs is an error: what is not as it was asked for is
    /// not safe to build on.
    async fn as_wanted(
        &self,
        kind: Kind,
        id: &str,
        wanted: &Wanted,
        body: &Map<String, Value>,
    ) -> Result<Existing, TargetError> {
        let not_as_wanted = |problem: String| TargetError::NotAsWanted {
            name: wanted.name.clone(),
            problem,
        };
        let existing = self.read_by_id(kind, id).await?;
        let existing = existing.ok_or_else(|| not_as_wanted("it is gone already".to_owned()))?;
        let differences = differences::between(body, &existing.value);
        match differences.first() {
            None => Ok(what_matters(wanted, existing)),
            Some(one) => Err(not_as_wanted(format!(
                "{} is {}, where {} was asked for",
                one.at, one.found, one.wanted
            ))),
        }
    }
}
