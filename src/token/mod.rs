//! Gets an access token as a machine does (client credentials), and shows every step: what is asked
//! and answered, what is in the token, what its issuer says of it, and what the gateway answers.

mod json;
mod text;

#[cfg(test)]
mod tests;

pub use json::as_json;
pub use text::as_text;

use crate::{
    blueprint::{Blueprint, ClientKind, Takes},
    calls::{
        Caller, Discovery, DiscoveryError, IntrospectionError, Introspector, Machine, Outcome,
        TokenCall, ask_for_token, ask_resource, introspect,
    },
    flight::Hop,
    net::{Client, check_url, join_path},
    oauth::{Scopes, Secret},
    reason::Reason,
};
use serde_json::{Map, Value};
use url::Url;

/// What is to be done.
pub struct Errand {
    /// The one outgoing client.
    pub http: Client,
    /// Whose token.
    pub issuer: String,
    /// Who asks for it.
    pub machine: Machine,
    /// The gateway's own client, if it is to ask about the token.
    pub introspector: Option<Introspector>,
    /// What to ask the gateway for, if anything.
    pub call: Option<Call>,
}

/// A call to the gateway.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method that the blueprint has for the path, or GET.
    pub method: String,
    /// The path at the gateway, below its base URL.
    pub url: Url,
    /// Whether the blueprint wants a token there.
    pub protected: bool,
    /// What the blueprint wants of the token.
    pub needed: Scopes,
}

/// What it came to, step by step; what was not reached is `None`.
pub struct Story {
    /// The token endpoint.
    pub token: TokenCall,
    /// What introspection says.
    pub introspection: Option<Said>,
    /// What the gateway answers.
    pub call: Option<Answered>,
}

/// What the issuer says of the token, and how it was asked.
pub type Said = (Hop, Result<Map<String, Value>, IntrospectionError>);

/// What the gateway answered.
pub struct Answered {
    /// Request and answer.
    pub hop: Hop,
    /// What the answer is.
    pub outcome: Outcome,
    /// Why it is a refusal, if it is one.
    pub refusal: Option<&'static Reason>,
}

impl Errand {
    /// Does it, as far as it goes.
    ///
    /// # Errors
    /// When the issuer's metadata are not to be had; a refusal is part of the story.
    pub async fn run(&self) -> Result<Story, DiscoveryError> {
        let discovery = Discovery::fetch(&self.http, &self.issuer).await?;
        let endpoint = discovery.endpoint("token_endpoint")?;
        let authentication = discovery.client_authentication();
        let token = ask_for_token(&self.http, &endpoint, authentication, &self.machine).await;
        let mut story = Story {
            token,
            introspection: None,
            call: None,
        };
        let Ok(minted) = &story.token.outcome else {
            return Ok(story);
        };
        if let Some(introspector) = &self.introspector {
            let endpoint = discovery.endpoint("introspection_endpoint")?;
            let said = introspect(&self.http, &endpoint, introspector, &minted.access_token);
            story.introspection = Some(said.await);
        }
        if let Some(call) = &self.call {
            let token = Some(&minted.access_token);
            let (hop, outcome) =
                ask_resource(&self.http, &call.method, &call.url, call.protected, token).await;
            let needed = match &outcome {
                Outcome::Forbidden {
                    needed: Some(needed),
                } => needed,
                _ => &call.needed,
            };
            let lacks_scope = !minted.granted.contains_all(needed);
            let refusal = outcome.refusal(Caller::Machine, lacks_scope);
            story.call = Some(Answered {
                hop,
                outcome,
                refusal: refusal.map(|(_, reason)| reason),
            });
        }
        Ok(story)
    }
}

impl Story {
    /// Whether every step did what it is for.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let introspected = self.introspection.as_ref();
        self.token.outcome.is_ok()
            && introspected.is_none_or(|(_, said)| said.is_ok())
            && self.call.as_ref().is_none_or(|call| call.refusal.is_none())
    }

    /// The token itself, for a script.
    #[must_use]
    pub fn raw(&self) -> Option<&Secret> {
        let minted = self.token.outcome.as_ref().ok();
        minted.map(|minted| &minted.access_token)
    }
}

/// The blueprint's machine: its client id and its scopes.
#[must_use]
pub fn machine_of(blueprint: &Blueprint) -> Option<(String, Scopes)> {
    let mut clients = blueprint.clients.iter();
    let machine = clients.find(|client| client.kind == ClientKind::Machine)?;
    Some((machine.id.clone(), machine.scopes.clone()))
}

impl Call {
    /// The call of a path, such as `/a/b`, at the gateway and nowhere else.
    ///
    /// # Errors
    /// When it is no path.
    pub fn to(path: &str, gateway: &Url, blueprint: &Blueprint) -> Result<Self, String> {
        let plain = path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains(['?', '#', '\\'])
            && !path.split('/').any(|part| part == ".." || part == ".");
        let wrong = || format!("{path:?} is no path at the gateway, such as /a/b");
        if !plain || path.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong());
        }
        let url = join_path(gateway, path);
        check_url(url.as_str()).map_err(|_| wrong())?;
        let fits = |known: &str| match known.strip_suffix('*') {
            Some(below) => path.starts_with(below),
            None => path == known,
        };
        let resource = blueprint
            .resources
            .iter()
            .filter(|resource| fits(&resource.path))
            .max_by_key(|resource| resource.path.len());
        let method = resource.map_or("GET", |resource| resource.method.as_str());
        let takes = resource.map(|resource| &resource.takes);
        Ok(Self {
            method: if method == "*" { "GET" } else { method }.to_owned(),
            url,
            protected: takes.is_none_or(|takes| *takes != Takes::Open),
            needed: match takes {
                Some(Takes::Scopes(scopes)) => scopes.clone(),
                _ => Scopes::default(),
            },
        })
    }
}
