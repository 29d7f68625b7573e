//! What the web client needs from outside.

use super::oidc::Registration;
use crate::{
    blueprint::Blueprint,
    calls::Machine,
    clock::Clock,
    finding::Examiner,
    net::Client,
    oauth::Secret,
    settings::{LevelCredentials, RedirectUri},
};
use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc, time::Duration};
use url::Url;

/// Everything that the web client needs; it knows the other rooms by these URLs alone.
pub struct WebConfig {
    /// The scenario: panels and resources.
    pub blueprint: Blueprint,
    /// The issuer identifier.
    pub issuer: String,
    /// The app's registration there.
    pub registration: Registration,
    /// The blueprint's machine, where its secret is known.
    pub machine: Option<Machine>,
    /// Where the provider sends browsers back to; its origin is the app's public origin.
    pub redirect_uri: RedirectUri,
    /// The gateway's base URL.
    pub gateway: Url,
    /// What the gateway is called.
    pub gateway_name: String,
    /// The API's URL, for people; `None` where it is not known.
    pub api_url: Option<String>,
    /// Which of provider, gateway and API run in this process.
    pub embedded: Embedded,
    /// Signs cookies and forms.
    pub session_secret: Secret,
    /// How long a sign-in lasts.
    pub session_max_age: Duration,
    /// How long a session lasts that nobody uses.
    pub session_idle: Duration,
    /// How many sign-ins a second one browser starts, and comes back from; `None`: as many as it likes.
    pub sign_in_rate: Option<NonZeroU32>,
    /// Whom a level's panel suggests.
    pub credentials: BTreeMap<String, LevelCredentials>,
    /// Runs the checks of the page `/doctor`, where there is one.
    pub doctor: Option<Arc<dyn Examiner>>,
    /// Whether raw tokens go to the console.
    pub log_tokens: bool,
    /// The one outgoing client.
    pub http: Client,
    /// Time.
    pub clock: Clock,
}

/// What runs in this process beside the web client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Embedded {
    /// The identity provider.
    pub idp: bool,
    /// The gateway.
    pub gateway: bool,
    /// The API.
    pub api: bool,
}
