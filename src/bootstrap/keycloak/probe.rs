//! What a token would carry, by Keycloak's own word: it makes an example, signed by nobody. So whatever
//! gives a scope away is seen, be it a role on everybody, a role inside another, or a mapper.

use super::{Keycloak, admin::nonsense, beside::names, kind::Kind, look::text, text::encoded};
use crate::{
    bootstrap::target::{Made, TargetError},
    oauth::Scopes,
};
use axum::http::Method;
use serde_json::Value;

/// Somebody, and the realm roles that the input gives them.
struct Holder<'a> {
    entry: &'a str,
    id: String,
    roles: Vec<&'a str>,
}

impl Keycloak {
    /// Each person through each app, and each machine through itself: what they would get of all our
    /// scopes, compared with what their roles allow.
    pub(super) async fn compare_examples(&self, made: &[Made]) -> Result<Vec<String>, TargetError> {
        let clients = of(made, Kind::Client);
        let mut wrong = Vec::new();
        for client in clients.filter(|client| !is_off(client, "standardFlowEnabled")) {
            for person in people(made) {
                wrong.extend(self.compare(made, client, &person).await?);
            }
        }
        let clients = of(made, Kind::Client);
        for client in clients.filter(|client| !is_off(client, "serviceAccountsEnabled")) {
            let machine = Holder {
                entry: &client.wanted.name,
                id: self.service_account(&client.existing.id).await?,
                roles: names(&client.wanted.body["realmRoles"]),
            };
            wrong.extend(self.compare(made, client, &machine).await?);
        }
        Ok(wrong)
    }

    async fn compare(
        &self,
        made: &[Made],
        client: &Made,
        holder: &Holder<'_>,
    ) -> Result<Vec<String>, TargetError> {
        let mut wanted = Scopes::default();
        wanted.insert("openid");
        let scopes: Vec<&Value> = of(made, Kind::ClientScope)
            .map(|scope| &scope.wanted.body)
            .filter(|scope| scope["attributes"]["include.in.token.scope"] != "false")
            .collect();
        for scope in &scopes {
            wanted.insert(text(scope, "name"));
        }
        let got = self
            .would_get(&client.existing.id, &holder.id, &wanted)
            .await?;
        let body = &client.wanted.body;
        let mut attached = names(&body["optionalClientScopes"]);
        attached.extend(names(&body["defaultClientScopes"]));
        let mut wrong = Vec::new();
        for scope in scopes {
            let name = text(scope, "name");
            let roles = names(&scope["realmRoles"]);
            let may = roles.iter().any(|role| holder.roles.contains(role));
            let (who, through) = (holder.entry, &client.wanted.name);
            if got.contains(name) && !may {
                wrong.push(format!(
                    "{who} would get {name} through {through}, and has no role that allows it"
                ));
            }
            if !got.contains(name) && may && attached.contains(&name) {
                wrong.push(format!(
                    "{who} would not get {name} through {through}, though a role allows it"
                ));
            }
        }
        Ok(wrong)
    }

    /// The scopes that somebody would get by asking for `wanted` through a client, both by their ids.
    async fn would_get(
        &self,
        client: &str,
        person: &str,
        wanted: &Scopes,
    ) -> Result<Scopes, TargetError> {
        let client = self.by_id(Kind::Client, client)?;
        let path = format!(
            "{client}/evaluate-scopes/generate-example-access-token?scope={}&userId={}",
            encoded(&wanted.to_string()),
            encoded(person)
        );
        let example = self.admin.get(&path).await?;
        let example = example.ok_or_else(|| nonsense(&Method::GET, &path, "no such client"))?;
        Scopes::parse(text(&example, "scope"))
            .map_err(|error| nonsense(&Method::GET, &path, &error.to_string()))
    }
}

fn of(made: &[Made], kind: Kind) -> impl Iterator<Item = &Made> {
    made.iter()
        .filter(move |one| one.wanted.class == kind.class())
}

/// Everybody of the input, with the roles of their groups and their own.
fn people(made: &[Made]) -> impl Iterator<Item = Holder<'_>> {
    of(made, Kind::User).map(|user| {
        let body = &user.wanted.body;
        let mut roles = names(&body["realmRoles"]);
        for group in names(&body["groups"]) {
            let name = group.trim_start_matches('/');
            let groups = of(made, Kind::Group).map(|group| &group.wanted.body);
            for group in groups.filter(|other| text(other, "name") == name) {
                roles.extend(names(&group["realmRoles"]));
            }
        }
        Holder {
            entry: &user.wanted.name,
            id: user.existing.id.clone(),
            roles,
        }
    })
}

fn is_off(client: &Made, flag: &str) -> bool {
    client.wanted.body[flag] != true
}
