//! Finding objects by their names, and reading them by their ids.

use super::{
    Okta,
    api::nonsense,
    kind::{Kind, input},
    text::{encoded, is_id, plain},
};
use crate::bootstrap::target::{Existing, TargetError};
use axum::http::Method;
use serde_json::{Value, json};

/// How many rows a page is asked to have.
const PAGE: usize = 200;

impl Okta {
    /// The one object of this name at this place.
    pub(super) async fn find_named(
        &self,
        kind: Kind,
        place: &str,
        name: &str,
    ) -> Result<Option<Existing>, TargetError> {
        let row = match kind {
            Kind::User => self.user_of(name).await?,
            Kind::Assignment => self.api.get(&format!("{place}/{}", encoded(name))).await?,
            _ => self.row_of(kind, place, name).await?,
        };
        match row {
            Some(row) => self.told(kind, place, row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The object with this id at this place.
    pub(super) async fn read_by_id(
        &self,
        kind: Kind,
        place: &str,
        id: &str,
    ) -> Result<Option<Existing>, TargetError> {
        if !is_id(id) {
            return Err(input(
                kind.class(),
                format!("{:?} is no id of Okta's", plain(id)),
            ));
        }
        match self.api.get(&format!("{place}/{id}")).await? {
            Some(value) => self.told(kind, place, value).await.map(Some),
            None => Ok(None),
        }
    }

    /// By its login. The same path takes ids and short names too.
    async fn user_of(&self, login: &str) -> Result<Option<Value>, TargetError> {
        let path = format!("/api/v1/users/{}", encoded(login));
        let user = self.api.get(&path).await?;
        Ok(user.filter(|user| Kind::User.name_of(user).eq_ignore_ascii_case(login)))
    }

    /// `q` finds what begins with a text, or holds it: only the same name is the same object.
    async fn row_of(
        &self,
        kind: Kind,
        place: &str,
        name: &str,
    ) -> Result<Option<Value>, TargetError> {
        let path = match kind.fixed() {
            Some(_) => format!("{place}?q={}&limit={PAGE}", encoded(name)),
            None => place.to_owned(),
        };
        let mut rows = self.api.list(&path).await?;
        rows.retain(|row| kind.name_of(row) == name);
        Self::only(kind, place, name, rows)
    }

    fn only(
        kind: Kind,
        place: &str,
        name: &str,
        mut rows: Vec<Value>,
    ) -> Result<Option<Value>, TargetError> {
        if rows.len() < 2 {
            return Ok(rows.pop());
        }
        let ids: Vec<_> = rows.iter().map(|row| text(row, kind.id_member())).collect();
        Err(input(
            kind.class(),
            format!(
                "{} objects at {place} have the name {:?} (ids {}): delete or rename those that are not meant",
                ids.len(),
                plain(name),
                plain(&ids.join(", "))
            ),
        ))
    }

    /// A trusted origin by what it trusts: there is only one entry for each origin, whatever its name.
    pub(super) async fn origin_entry(
        &self,
        place: &str,
        origin: &str,
    ) -> Result<Option<Existing>, TargetError> {
        let path = format!("{place}?q={}&limit={PAGE}", encoded(origin));
        let mut rows = self.api.list(&path).await?;
        rows.retain(|row| text(row, "origin") == origin);
        match Self::only(Kind::Origin, place, origin, rows)? {
            Some(row) => self.told(Kind::Origin, place, row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Two claims may have one name: one in ID tokens, one in access tokens.
    pub(super) async fn claim_of(
        &self,
        place: &str,
        name: &str,
        claim_type: &str,
    ) -> Result<Option<Existing>, TargetError> {
        let mut rows = self.api.list(place).await?;
        rows.retain(|row| text(row, "name") == name && text(row, "claimType") == claim_type);
        match Self::only(Kind::Claim, place, name, rows)? {
            Some(row) => self.told(Kind::Claim, place, row).await.map(Some),
            None => Ok(None),
        }
    }

    /// An object with what Okta tells elsewhere: a person's groups; of a client, what the app that it
    /// is tells, and whose groups may use it.
    pub(super) async fn told(
        &self,
        kind: Kind,
        place: &str,
        mut value: Value,
    ) -> Result<Existing, TargetError> {
        let id = text(&value, kind.id_member()).to_owned();
        if !is_id(&id) {
            let problem = format!("it has no {} that could be one", kind.id_member());
            return Err(nonsense(&Method::GET, place, &problem));
        }
        match kind {
            Kind::User => {
                let groups = self.api.list(&format!("/api/v1/users/{id}/groups")).await?;
                // Everybody is in "Everyone"; groups of apps are not ours to give.
                let given = groups.iter().filter(|group| group["type"] == "OKTA_GROUP");
                let ids: Vec<_> = given.map(|group| group["id"].clone()).collect();
                value["groupIds"] = json!(ids);
            }
            Kind::Client => {
                let path = format!("/api/v1/apps/{id}");
                if let Some(app) = self.api.get(&path).await? {
                    let told = |pointer: &str| app.pointer(pointer).cloned().unwrap_or_default();
                    value["pkce_required"] = told("/credentials/oauthClient/pkce_required");
                    value["post_logout_redirect_uris"] =
                        told("/settings/oauthClient/post_logout_redirect_uris");
                    value["status"] = told("/status");
                    let groups = self.api.list(&format!("{path}/groups")).await?;
                    let ids: Vec<_> = groups.iter().map(|group| group["id"].clone()).collect();
                    value["groups"] = json!(ids);
                }
            }
            _ => {}
        }
        Ok(Existing { id, value })
    }
}

/// A member that is a text.
pub(super) fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
