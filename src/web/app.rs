//! What the handlers share.

use super::{
    attempts::Attempts,
    back_channel::Ended,
    config::WebConfig,
    doctor::Desk,
    farewell::Seen,
    keyring::Keyring,
    machine::{Flight, Held},
    oidc::{Directory, SignedIn, revoke},
    pace::Pace,
    session_store::{Lifetimes, Store},
};
use crate::{
    blueprint::{Panel, Resource, Takes, panels},
    flight::Flights,
    net::{join_path, numbered},
    oauth::Scopes,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How many people's tokens are given back at once, in the background.
const GIVING_BACK: usize = 16;

/// The app's state; clones share it.
#[derive(Clone)]
pub(super) struct App(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) config: WebConfig,
    pub(super) panels: Vec<Panel>,
    pub(super) keyring: Keyring,
    pub(super) directory: Directory,
    pub(super) attempts: Attempts,
    /// Who is signed in.
    pub(super) sessions: Store,
    pub(super) pace: Pace,
    /// What the provider said has ended.
    pub(super) ended: Ended,
    pub(super) flights: Flights<Flight>,
    /// What log outs saw.
    pub(super) farewells: Flights<Seen>,
    /// Places for those whose tokens are given back.
    giving_back: Arc<Semaphore>,
    /// Who is at the doctor's.
    pub(super) desk: Desk,
    /// The machine's token, for as long as it is used again.
    pub(super) machine_token: tokio::sync::Mutex<Option<Held>>,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub(super) fn new(config: WebConfig) -> Self {
        let directory = Directory::new(
            config.issuer.clone(),
            config.registration.clone(),
            config.http.clone(),
            config.clock.clone(),
        );
        let lifetimes = Lifetimes {
            idle: config.session_idle,
            max_age: config.session_max_age,
        };
        Self(Arc::new(Inner {
            panels: panels(&config.blueprint),
            keyring: Keyring::new(&config.session_secret),
            directory,
            attempts: Attempts::new(config.clock.clone()),
            ended: Ended::new(config.clock.clone()),
            sessions: Store::new(config.clock.clone(), lifetimes),
            pace: Pace::new(config.sign_in_rate),
            flights: Flights::new(config.clock.clone()),
            farewells: Flights::new(config.clock.clone()),
            giving_back: Arc::new(Semaphore::new(GIVING_BACK)),
            desk: Desk::default(),
            machine_token: tokio::sync::Mutex::default(),
            config,
        }))
    }

    /// Gives tokens back that nobody here uses any more; nobody waits for it. Of many, some at a time: one word
    /// of the provider's may end thousands of sessions.
    pub(super) fn revoke_in_background(&self, person: Arc<SignedIn>, why: &'static str) {
        let Some(provider) = self.directory.known() else {
            return;
        };
        let giving_back = Arc::clone(&self.giving_back);
        tokio::spawn(numbered(async move {
            let _place = giving_back.acquire_owned().await; // never closed
            let revoked = revoke(&provider, &person).await;
            tracing::info!(event = "tokens_revoked", ?revoked, why, "gave tokens back");
        }));
    }

    pub(super) fn panel(&self, level: &str) -> Option<&Panel> {
        self.panels.iter().find(|panel| panel.level == level)
    }

    /// The origins that a page's forms may lead to: the provider's. Waits for metadata that is not
    /// there yet no longer than `patience`; where it is not to be had, forms lead nowhere else.
    ///
    /// An address of IPv6 is no source that a policy can name, so it is left out.
    pub(super) async fn form_origins(&self, patience: Duration) -> Vec<String> {
        let provider = match self.directory.known() {
            Some(provider) => provider,
            None => match self.directory.provider_within(patience).await {
                Some(Ok(provider)) => provider,
                _ => return Vec::new(),
            },
        };
        let metadata = &provider.metadata;
        let endpoints = [
            Some(&metadata.authorization_endpoint),
            metadata.end_session_endpoint.as_ref(),
        ];
        let mut origins: Vec<String> = Vec::new();
        for endpoint in endpoints.into_iter().flatten() {
            let origin = crate::net::origin(endpoint);
            if !origin.contains('[') && !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins
    }

    /// Where a resource is asked, at the gateway. What is below a `/*` is asked at its first slash.
    pub(super) fn resource_url(&self, resource: &Resource) -> url::Url {
        join_path(&self.config.gateway, resource.path.trim_end_matches('*'))
    }

    /// The scopes that a resource takes.
    pub(super) fn needed(resource: &Resource) -> Scopes {
        match &resource.takes {
            Takes::Scopes(scopes) => scopes.clone(),
            Takes::Open | Takes::AnyToken => Scopes::default(),
        }
    }

    /// The levels whose sign-in opens a resource, the least first.
    pub(super) fn levels_for(&self, resource: &Resource) -> Vec<&Panel> {
        let needed = Self::needed(resource);
        self.panels
            .iter()
            .filter(|panel| panel.scopes.contains_all(&needed))
            .collect()
    }
}
