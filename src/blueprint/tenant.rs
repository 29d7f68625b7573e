//! The identity provider's side of a blueprint: people, groups, clients, and which scopes whose
//! group may have.

use super::model::{Blueprint, Client, ClientKind, User};
use crate::oauth::{Scopes, Secret};
use aws_lc_rs::digest;

/// What the identity provider knows.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// What access tokens name in `aud`.
    pub audience: String,
    /// The people.
    pub users: Vec<TenantUser>,
    /// All groups, each once, in the order of the levels.
    pub groups: Vec<String>,
    /// The registered clients.
    pub clients: Vec<TenantClient>,
    /// From the levels, in their order.
    pub rules: Vec<GrantRule>,
    /// Every scope that a level, a resource or a client names, each once. Of the standard ones
    /// (`openid`, `profile`, …) only those that are named.
    pub scopes: Scopes,
}

/// A person.
#[derive(Clone, Debug)]
pub struct TenantUser {
    /// 20 characters that stay the same from start to start: see [`user_id`].
    pub id: String,
    /// What they sign in with.
    pub login: String,
    /// Their given name.
    pub given_name: String,
    /// Their family name.
    pub family_name: String,
    /// Their e-mail address.
    pub email: String,
    /// Their groups.
    pub groups: Vec<String>,
    /// The demo password. `None`: a random one at each start.
    pub password: Option<Secret>,
}

/// A registered client.
#[derive(Clone, Debug)]
pub struct TenantClient {
    /// Its `client_id`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it does.
    pub kind: ClientKind,
    /// What it may ask for: nothing that is not here.
    pub scopes: Scopes,
    /// An app: whose members may sign in through it.
    pub groups: Vec<String>,
}

/// Members of one of `groups` may have each of `scopes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRule {
    /// The level's name.
    pub name: String,
    /// Being in one of them is enough.
    pub groups: Vec<String>,
    /// What may be granted.
    pub scopes: Scopes,
}

impl Tenant {
    /// Derives the tenant of a blueprint.
    pub fn of(blueprint: &Blueprint) -> Self {
        let mut groups: Vec<String> = Vec::new();
        let mut rules = Vec::with_capacity(blueprint.levels.len());
        for level in &blueprint.levels {
            if !groups.contains(&level.group) {
                groups.push(level.group.clone());
            }
            rules.push(GrantRule {
                name: level.name.clone(),
                groups: vec![level.group.clone()],
                scopes: level.scopes.clone(),
            });
        }
        let clients = blueprint
            .clients
            .iter()
            .map(|client| tenant_client(client, blueprint))
            .collect();
        Self {
            audience: blueprint.api.audience.clone(),
            users: blueprint.users.iter().map(tenant_user).collect(),
            groups,
            clients,
            rules,
            scopes: all_scopes(blueprint),
        }
    }
}

/// The id of a user: `00u` and 17 letters and digits, as Okta's, derived from the login so that it is
/// the same at each start. No check against client ids: the blueprint's check has done that.
#[must_use]
pub fn user_id(login: &str) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let hash = digest::digest(&digest::SHA256, login.to_lowercase().as_bytes());
    let (head, _) = hash.as_ref().split_at(16);
    let mut rest = head
        .iter()
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mut id = String::from("00u");
    for _ in 0..17 {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        id.push(char::from(ALPHABET[digit]));
        rest /= 62;
    }
    id
}

fn tenant_user(user: &User) -> TenantUser {
    TenantUser {
        id: user_id(&user.login),
        login: user.login.clone(),
        given_name: user.given_name.clone(),
        family_name: user.family_name.clone(),
        email: user.email.clone(),
        groups: user.groups.clone(),
        password: user.password.clone(),
    }
}

fn tenant_client(client: &Client, blueprint: &Blueprint) -> TenantClient {
    let mut scopes = client.scopes.clone();
    if client.kind == ClientKind::App && scopes.is_empty() {
        let levels = blueprint.levels.iter();
        for level in levels.filter(|level| client.groups.contains(&level.group)) {
            level.scopes.iter().for_each(|scope| scopes.insert(scope));
        }
    }
    TenantClient {
        id: client.id.clone(),
        name: client.name.clone(),
        kind: client.kind,
        scopes,
        groups: client.groups.clone(),
    }
}

fn all_scopes(blueprint: &Blueprint) -> Scopes {
    let of_levels = blueprint.levels.iter().map(|level| &level.scopes);
    let of_resources = blueprint
        .resources
        .iter()
        .filter_map(|resource| match &resource.takes {
            super::Takes::Scopes(scopes) => Some(scopes),
            super::Takes::Open | super::Takes::AnyToken => None,
        });
    let of_clients = blueprint.clients.iter().map(|client| &client.scopes);
    let mut all = Scopes::default();
    for scopes in of_levels.chain(of_resources).chain(of_clients) {
        scopes.iter().for_each(|scope| all.insert(scope));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_stable_distinct_and_look_like_oktas() {
        let id = user_id("carl.sagan");
        assert_eq!(id, "00ugvrP6shZuMnDPIytu");
        assert_eq!(id, user_id("Carl.Sagan"));
        assert_ne!(id, user_id("carl.sagam"));
        assert!(id.len() == 20 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    #[test]
    fn the_default_tenant_is_as_the_scenario_has_it() {
        let tenant = Tenant::of(&Blueprint::default());
        let (silver, gold) = ("http://myapp.com/scp/silver", "http://myapp.com/scp/gold");
        assert_eq!(tenant.audience, "api://default");
        assert_eq!(tenant.groups, ["bronze", "silver", "gold"]);
        let rules: Vec<(String, String)> = tenant
            .rules
            .iter()
            .map(|rule| (rule.groups.join(" "), rule.scopes.to_string()))
            .collect();
        let expected = [
            ("bronze", "openid".to_owned()),
            ("silver", format!("openid {silver}")),
            ("gold", format!("openid {silver} {gold}")),
        ];
        assert_eq!(
            rules,
            expected.map(|(group, scopes)| (group.to_owned(), scopes))
        );
        assert_eq!(
            tenant.scopes.to_string(),
            format!("openid {silver} {gold} read")
        );
        let people: Vec<(&str, String)> = tenant
            .users
            .iter()
            .map(|user| (user.login.as_str(), user.groups.join(" ")))
            .collect();
        let expected = [
            ("carl.sagan", "silver"),
            ("jodie.foster", "silver gold"),
            ("tycho.brahe", "bronze"),
        ];
        assert_eq!(
            people,
            expected.map(|(login, groups)| (login, groups.to_owned()))
        );
        let [app, gateway, telescope] = tenant.clients.as_slice() else {
            panic!("{:?}", tenant.clients)
        };
        assert_eq!(app.scopes.to_string(), format!("openid {silver} {gold}"));
        assert_eq!(app.groups, tenant.groups);
        assert!(gateway.scopes.is_empty() && gateway.groups.is_empty());
        assert_eq!(
            (telescope.id.as_str(), telescope.scopes.to_string()),
            ("telescope", "read".into())
        );
    }

    #[test]
    fn an_app_that_lists_scopes_has_just_these() {
        let mut blueprint = Blueprint::default();
        blueprint.clients[0].scopes = Scopes::parse("openid").unwrap();
        assert_eq!(
            Tenant::of(&blueprint).clients[0].scopes.to_string(),
            "openid"
        );
    }
}
