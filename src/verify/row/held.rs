//! The tokens that people and the machine hold, however they came by them.

use crate::{
    blueprint::{Blueprint, Client, ClientKind, Takes},
    jose::{half_hash, inspect},
    oauth::{Scopes, Secret, random_value},
    verify::{
        issuer::Word,
        mint::{Minter, overlay},
    },
};
use serde_json::json;

/// A real access token, and what came with it.
#[derive(Clone, Debug)]
pub struct Held {
    /// The access token.
    pub access_token: Secret,
    /// What was granted.
    pub scopes: Scopes,
    /// The client that it was issued to, where that is known.
    pub client_id: Option<String>,
    /// The ID token.
    pub id_token: Option<Secret>,
    /// The refresh token.
    pub refresh_token: Option<Secret>,
}

/// All that is held, and why not what is not.
pub(in crate::verify) struct Holdings {
    /// By level, in the order of the blueprint.
    pub(in crate::verify) levels: Vec<(String, Result<Held, String>)>,
    /// The machine's, if the blueprint has one: its client id first.
    pub(in crate::verify) machine: Option<(String, Result<Held, String>)>,
    pub(in crate::verify) id_token: Result<Secret, String>,
    pub(in crate::verify) refresh_token: Result<Secret, String>,
    /// One that was revoked before any gateway saw it.
    pub(in crate::verify) revoked: Result<Held, String>,
}

impl Holdings {
    /// Who may do most.
    pub(in crate::verify) fn strongest(&self) -> Result<&Held, String> {
        let all = self
            .levels
            .iter()
            .filter_map(|(_, held)| held.as_ref().ok());
        all.max_by_key(|held| held.scopes.len())
            .ok_or_else(|| self.nobody())
    }

    /// Who may do least.
    pub(in crate::verify) fn weakest(&self) -> Result<&Held, String> {
        let all = self
            .levels
            .iter()
            .filter_map(|(_, held)| held.as_ref().ok());
        all.min_by_key(|held| held.scopes.len())
            .ok_or_else(|| self.nobody())
    }

    /// Whether the machine has a token.
    pub(in crate::verify) fn machine_holds(&self) -> bool {
        self.machine.as_ref().is_some_and(|(_, held)| held.is_ok())
    }

    /// Nothing at all, for this reason.
    pub(in crate::verify) fn none(blueprint: &Blueprint, why: &str) -> Self {
        let levels = blueprint.levels.iter();
        let levels = levels.map(|level| (level.name.clone(), Err(why.to_owned())));
        Self {
            levels: levels.collect(),
            machine: machine_of(blueprint).map(|client| (client.id.clone(), Err(why.to_owned()))),
            id_token: Err(why.to_owned()),
            refresh_token: Err(why.to_owned()),
            revoked: Err(why.to_owned()),
        }
    }

    fn nobody(&self) -> String {
        let why = self.levels.iter().find_map(|(_, held)| held.as_ref().err());
        why.map_or_else(
            || "no token of any level is at hand".to_owned(),
            |why| format!("no token of any level is at hand: {why}"),
        )
    }
}

/// The machine of a blueprint.
pub(in crate::verify) fn machine_of(blueprint: &Blueprint) -> Option<&Client> {
    let mut clients = blueprint.clients.iter();
    clients.find(|client| client.kind == ClientKind::Machine)
}

/// Every scope that a resource takes, each once.
pub(in crate::verify) fn all_scopes(blueprint: &Blueprint) -> Scopes {
    let mut all = Scopes::default();
    for resource in &blueprint.resources {
        if let Takes::Scopes(scopes) = &resource.takes {
            scopes.iter().for_each(|scope| all.insert(scope));
        }
    }
    all
}

/// What an issuer whose key we hold gives to everybody in the blueprint.
pub(in crate::verify) fn minted_holdings(
    minter: &Minter,
    blueprint: &Blueprint,
    client_id: &str,
) -> Holdings {
    let mint = |subject: &str, client_id: &str, scopes: &Scopes| {
        let token = minter.access_token(subject, client_id, scopes);
        let access_token = token.map_err(|error| error.to_string())?;
        Ok(Held {
            access_token,
            scopes: scopes.clone(),
            client_id: Some(client_id.to_owned()),
            id_token: None,
            refresh_token: None,
        })
    };
    let levels = blueprint.levels.iter().map(|level| {
        let held = mint(&format!("verify-{}", level.name), client_id, &level.scopes);
        (level.name.clone(), held)
    });
    let machine = machine_of(blueprint).map(|client| {
        (
            client.id.clone(),
            mint(&client.id, &client.id, &client.scopes),
        )
    });
    Holdings {
        levels: levels.collect(),
        machine,
        id_token: id_token(minter, client_id),
        refresh_token: refresh_token(minter, blueprint, client_id),
        revoked: revoked(minter, blueprint, client_id),
    }
}

/// As OpenID Connect Core, section 2 has it.
fn id_token(minter: &Minter, client_id: &str) -> Result<Secret, String> {
    let mut claims = minter.claims("verify", client_id, &Scopes::default());
    let at_hash = half_hash(minter.key.algorithm(), "an access token");
    let over = json!({
        "aud": client_id, "nonce": random_value(), "at_hash": at_hash, "auth_time": minter.clock.now(),
        "client_id": null, "cid": null, "scope": null, "scp": null,
    });
    overlay(&mut claims, &over);
    let token = minter.sign(&json!({ "typ": "JWT" }), &claims, Word::Strange);
    token.map_err(|error| error.to_string())
}

/// As Keycloak makes them, but signed with the key that signs access tokens: the worst case.
fn refresh_token(
    minter: &Minter,
    blueprint: &Blueprint,
    client_id: &str,
) -> Result<Secret, String> {
    let mut claims = minter.claims("verify", client_id, &all_scopes(blueprint));
    let over = json!({ "aud": minter.issuer, "typ": "Refresh", "token_type": "refresh_token" });
    overlay(&mut claims, &over);
    let token = minter.sign(&json!({ "typ": "JWT" }), &claims, Word::Good);
    token.map_err(|error| error.to_string())
}

fn revoked(minter: &Minter, blueprint: &Blueprint, client_id: &str) -> Result<Held, String> {
    if minter.ledger.is_none() {
        return Err(
            "the issuer is not run by verify, so that nothing was revoked there".to_owned(),
        );
    }
    let scopes = all_scopes(blueprint);
    let claims = minter.claims("verify", client_id, &scopes);
    let token = minter.sign(&json!({}), &claims, Word::Revoked);
    Ok(Held {
        access_token: token.map_err(|error| error.to_string())?,
        scopes,
        client_id: Some(client_id.to_owned()),
        id_token: None,
        refresh_token: None,
    })
}

impl Held {
    /// A token that was given by hand. What it grants is read from its claims, not believed; an opaque
    /// one is taken to grant `expected`.
    pub(in crate::verify) fn given(access_token: Secret, expected: &Scopes) -> Self {
        let inside = inspect(access_token.expose());
        let claims = inside.as_ref().map(|inside| &inside.claims);
        let texts = |name: &str| -> Vec<String> {
            let value = claims.and_then(|claims| claims.get(name));
            match value {
                Some(serde_json::Value::String(text)) => {
                    text.split(' ').map(str::to_owned).collect()
                }
                Some(serde_json::Value::Array(list)) => list
                    .iter()
                    .filter_map(|one| one.as_str().map(str::to_owned))
                    .collect(),
                _ => Vec::new(),
            }
        };
        let names: Vec<String> = texts("scope").into_iter().chain(texts("scp")).collect();
        let names = names
            .iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty());
        let scopes = match claims {
            Some(_) => Scopes::from_names(names).unwrap_or_default(),
            None => expected.clone(),
        };
        let client_id = ["client_id", "cid", "azp"].into_iter().find_map(|name| {
            let value = claims?.get(name)?.as_str()?;
            Some(value.to_owned())
        });
        Self {
            access_token,
            scopes,
            client_id,
            id_token: None,
            refresh_token: None,
        }
    }
}
