//! What is examined: the settings, and what follows from them.

use crate::{
    blueprint::Blueprint,
    calls::{App, Credential, Introspector},
    clock::Clock,
    jose::AccessTokenTyp,
    net::{Client, Proxies},
    oauth::Secret,
};
use std::collections::BTreeMap;
use url::Url;

/// A setup, as far as it is known.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "four independent yes or no")]
pub struct Patient {
    /// What is examined, in a line.
    pub title: String,
    /// What reading the settings came to.
    pub settings: SettingsSeen,
    /// Whether the provider is the embedded one.
    pub embedded_idp: bool,
    /// Whether the gateway is the embedded one.
    pub embedded_gateway: bool,
    /// The issuer identifier.
    pub issuer: String,
    /// The gateway's base URL.
    pub gateway: Url,
    /// The app's client id.
    pub client_id: String,
    /// What the app authenticates with; `None` where only the running app knows it.
    pub credential: Option<Credential>,
    /// Where the provider sends browsers back to. It is never called.
    pub redirect_uri: String,
    /// Where the provider may send them after a sign-out.
    pub post_logout_redirect_uri: String,
    /// `ID_TOKEN_HINT`.
    pub id_token_hint: bool,
    /// The audience that is asked for by name.
    pub ask_for_audience: Option<String>,
    /// What access tokens must name in `aud`.
    pub audience: String,
    /// Whether the gateway asks the issuer about each token; else it checks them by keys.
    pub introspects: bool,
    /// The gateway's own client, where its secret is known.
    pub introspector: Option<Introspector>,
    /// What the gateway wants of a token's `typ`.
    pub typ: AccessTokenTyp,
    /// The scenario, its clients called as the settings have them.
    pub blueprint: Blueprint,
    /// Login and password, by level.
    pub people: BTreeMap<String, (String, Secret)>,
    /// The proxies of the environment.
    pub proxies: Proxies,
    /// PEM roots that are trusted beside the system's.
    pub extra_roots: Vec<Vec<u8>>,
    /// The one outgoing client.
    pub http: Client,
    /// The time.
    pub clock: Clock,
}

/// What reading the settings came to.
#[derive(Clone, Debug, Default)]
pub struct SettingsSeen {
    /// What is wrong or missing.
    pub problems: Vec<SettingProblem>,
    /// What is worth a look, though it stops nothing.
    pub warnings: Vec<String>,
    /// What is set, or holds by default, without secrets.
    pub told: Vec<String>,
}

/// A variable that is wrong or missing.
#[derive(Clone, Debug)]
pub struct SettingProblem {
    /// Its name, as the table of settings has it.
    pub name: String,
    /// The whole line that `serve` would stop with.
    pub sentence: String,
}

impl Patient {
    /// The app, where it is known what it authenticates with.
    pub(super) fn app(&self) -> Option<App> {
        self.credential.clone().map(|one| self.app_with(one))
    }

    /// The app, were this what it authenticates with.
    pub(super) fn app_with(&self, credential: Credential) -> App {
        App {
            client_id: self.client_id.clone(),
            credential,
            redirect_uri: self.redirect_uri.clone(),
            audience: self.ask_for_audience.clone(),
            clock: self.clock.clone(),
        }
    }

    /// The app's secret, where it has one and it is known.
    pub(super) fn client_secret(&self) -> Option<&Secret> {
        match &self.credential {
            Some(Credential::Secret(secret)) => Some(secret),
            Some(Credential::Key(_)) | None => None,
        }
    }

    /// What must not be in a finding, beside tokens that are yet to come.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let passwords = self.people.values().map(|(_, password)| password.clone());
        let introspector = self.introspector.iter();
        let introspector = introspector.map(|client| client.client_secret.clone());
        let app = self.client_secret().into_iter().cloned();
        app.chain(introspector).chain(passwords).collect()
    }
}
