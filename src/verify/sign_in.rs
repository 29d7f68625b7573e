//! Real tokens, as people and a machine get them: through the provider's own pages, and by client
//! credentials.

use super::row::{Held, Holdings, machine_of};
use crate::{
    blueprint::{Blueprint, Level},
    calls::{App, Credential, Discovery, Machine, SignInError, ask_for_token, revoke, sign_in},
    clock::Clock,
    net::Client,
    oauth::{Scopes, Secret},
};
use std::collections::BTreeMap;

/// What is registered at the provider, and who signs in there.
pub struct Provider {
    /// The app's client id.
    pub client_id: String,
    /// What the app authenticates with.
    pub credential: Credential,
    /// Where the provider sends browsers back to. It is never called: the way there ends before it.
    pub redirect_uri: String,
    /// Login and password, by level.
    pub people: BTreeMap<String, (String, Secret)>,
    /// The machine's secret.
    pub machine_secret: Option<Secret>,
    /// The audience that is asked for by name, where providers want that.
    pub ask_for_audience: Option<String>,
    /// Whether a token is to be revoked: of use only where the gateway would see it.
    pub revoke: bool,
    /// The time, by which the app's assertions end.
    pub clock: Clock,
}

impl Provider {
    fn app(&self) -> App {
        App {
            client_id: self.client_id.clone(),
            credential: self.credential.clone(),
            redirect_uri: self.redirect_uri.clone(),
            audience: self.ask_for_audience.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// Gathers every token that can be had. What cannot is told with its reason.
pub(super) async fn holdings(
    http: &Client,
    discovery: &Discovery,
    provider: &Provider,
    blueprint: &Blueprint,
    given: &BTreeMap<String, Secret>,
) -> Holdings {
    let mut levels: Vec<(String, Result<Held, String>)> = Vec::new();
    for level in &blueprint.levels {
        let login = provider.people.get(&level.name).map(|(login, _)| login);
        let refused = levels.iter().find(|(name, held)| {
            held.is_err() && provider.people.get(name).map(|(login, _)| login) == login
        });
        let held = if given.contains_key(&level.name) {
            Err("its token was given".to_owned()) // and takes this place
        } else if let Some((other, _)) = refused.filter(|_| login.is_some()) {
            // a password is not tried again: some providers lock who is wrong too often
            Err(format!("the same person could not sign in at {other}"))
        } else {
            at_level(http, discovery, provider, level, &level.scopes).await
        };
        levels.push((level.name.clone(), held));
    }
    let machine = match machine_of(blueprint) {
        None => None,
        Some(client) => {
            let held = machine(http, discovery, provider, &client.id, &client.scopes).await;
            Some((client.id.clone(), held))
        }
    };
    let signed_in = || levels.iter().filter_map(|(_, held)| held.as_ref().ok());
    let id_token = signed_in().find_map(|held| held.id_token.clone());
    let refresh_token = signed_in().find_map(|held| held.refresh_token.clone());
    let refresh_token = match refresh_token {
        Some(token) => Ok(token),
        None => refresh(http, discovery, provider, blueprint, &levels).await,
    };
    let revoked = if provider.revoke {
        revoked(http, discovery, provider, blueprint, &levels).await
    } else {
        Err("no token was revoked".to_owned())
    };
    Holdings {
        id_token: id_token
            .ok_or_else(|| "nobody could be signed in, so that there is no ID token".to_owned()),
        refresh_token,
        revoked,
        levels,
        machine,
    }
}

/// What is worth a note: a provider that grants less than a level asks for.
pub(super) fn notes(blueprint: &Blueprint, holdings: &Holdings) -> Vec<String> {
    let levels = blueprint.levels.iter().zip(&holdings.levels);
    levels
        .filter_map(|(level, (_, held))| {
            let held = held.as_ref().ok()?;
            let missing = held.scopes.missing(&level.scopes);
            (!missing.is_empty()).then(|| {
                format!("The provider did not grant {missing} to {}: what is due to it follows from what was granted.", level.name)
            })
        })
        .collect()
}

/// Whether somebody signed in at this level just now.
fn signs_in(levels: &[(String, Result<Held, String>)], level: &Level) -> bool {
    let mut levels = levels.iter();
    levels.any(|(name, held)| *name == level.name && held.is_ok())
}

async fn at_level(
    http: &Client,
    discovery: &Discovery,
    provider: &Provider,
    level: &Level,
    scopes: &Scopes,
) -> Result<Held, String> {
    let person = provider.people.get(&level.name);
    let (login, password) = person.ok_or_else(|| {
        let prefix = level.name.to_ascii_uppercase().replace('-', "_");
        format!("nobody is known who signs in at this level: set {prefix}_USERNAME and {prefix}_PASSWORD, or give a token (--token {}=@FILE)", level.name)
    })?;
    let app = provider.app();
    let granted = sign_in(http, discovery, &app, scopes, (login, password)).await;
    let granted = granted.map_err(|error| match error {
        SignInError::UnknownPage(why) => format!("{why}: give a token (--token)"),
        SignInError::Refused(why) | SignInError::NotRedeemed { told: why, .. } => why,
    })?;
    Ok(Held {
        access_token: granted.access_token,
        scopes: granted.scopes,
        client_id: Some(app.client_id),
        id_token: granted.id_token,
        refresh_token: granted.refresh_token,
    })
}

async fn machine(
    http: &Client,
    discovery: &Discovery,
    provider: &Provider,
    client_id: &str,
    scopes: &Scopes,
) -> Result<Held, String> {
    let secret = provider.machine_secret.clone();
    let client_secret = secret.ok_or("MACHINE_CLIENT_SECRET is not set")?;
    let endpoint = discovery
        .endpoint("token_endpoint")
        .map_err(|error| error.to_string())?;
    let machine = Machine {
        client_id: client_id.to_owned(),
        client_secret,
        scopes: scopes.clone(),
        audience: provider.ask_for_audience.clone(),
    };
    let call = ask_for_token(http, &endpoint, discovery.client_authentication(), &machine).await;
    let minted = call.outcome.map_err(|refusal| refusal.to_string())?;
    Ok(Held {
        access_token: minted.access_token,
        scopes: minted.granted,
        client_id: Some(client_id.to_owned()),
        id_token: None,
        refresh_token: None,
    })
}

/// A refresh token, which some providers give only to who asks for it. One scope too many may deny the
/// whole request, so that it is a sign-in of its own.
async fn refresh(
    http: &Client,
    discovery: &Discovery,
    provider: &Provider,
    blueprint: &Blueprint,
    levels: &[(String, Result<Held, String>)],
) -> Result<Secret, String> {
    let level = blueprint
        .levels
        .iter()
        .find(|level| signs_in(levels, level));
    let level = level.ok_or("nobody could be signed in")?;
    let mut scopes = level.scopes.clone();
    scopes.insert("offline_access");
    let held = at_level(http, discovery, provider, level, &scopes).await;
    let held = held.map_err(|why| format!("no refresh token is to be had: {why}"))?;
    held.refresh_token
        .ok_or_else(|| "the provider gives no refresh token".to_owned())
}

async fn revoked(
    http: &Client,
    discovery: &Discovery,
    provider: &Provider,
    blueprint: &Blueprint,
    levels: &[(String, Result<Held, String>)],
) -> Result<Held, String> {
    let mut strongest = blueprint.levels.iter().rev();
    let level = strongest.find(|level| signs_in(levels, level));
    let level = level.ok_or("nobody could be signed in")?;
    let held = at_level(http, discovery, provider, level, &level.scopes).await?;
    revoke(http, discovery, &provider.app(), &held.access_token).await?;
    Ok(held)
}
