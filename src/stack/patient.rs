//! What doctor examines: the settings, and what this start made for them, where that is known.

use super::{
    DemoPerson, Doors, StackError, addresses, client, people, redirect_uri,
    registrations::Registrations, wiring::Wiring,
};
use crate::{
    calls::{Credential, Introspector},
    clock::Clock,
    doctor::{Limits, Patient, SettingsSeen, examine},
    finding::{Examiner, Finding},
    net::Proxies,
    oauth::Secret,
    settings::Settings,
};
use std::sync::Arc;
use url::Url;

/// What only a running house knows of what it made up.
#[derive(Clone, Default)]
pub struct Known {
    /// Clients and their secrets.
    pub clients: Vec<(String, Secret)>,
    /// Who can sign in at the embedded provider.
    pub people: Vec<DemoPerson>,
}

/// The setup that these settings describe.
///
/// # Errors
/// When a setting does not fit the others.
pub fn patient(
    settings: Settings,
    seen: SettingsSeen,
    known: &Known,
) -> Result<Patient, StackError> {
    let redirect_uri = redirect_uri(&settings, None)?;
    let http = client(&settings)?;
    let addresses = addresses(&settings, &Doors::NONE, &redirect_uri);
    let set = settings.clone();
    let registrations = Registrations::new(settings)?;
    let wiring = Wiring {
        registrations: &registrations,
        addresses: &addresses,
        redirect_uri: &redirect_uri,
        http,
        clock: Clock::system(),
    };
    Ok(wiring.patient(&set, seen, known))
}

impl Wiring<'_> {
    /// `set`: the settings before anything was made up for what they leave out.
    pub(super) fn patient(&self, set: &Settings, seen: SettingsSeen, known: &Known) -> Patient {
        let registrations = self.registrations;
        let settings = &registrations.settings;
        let secret_of = |id: &str| {
            let found = known.clients.iter().find(|(known, _)| known == id);
            found.map(|(_, secret)| secret.clone())
        };
        let app = &registrations.app;
        let client_secret = set.web.registration.client_secret.clone();
        let introspector = registrations.introspection.as_ref().and_then(|client| {
            let set = set.gateway.introspection.as_ref();
            let secret = set.map(|client| client.client_secret.clone());
            Some(Introspector {
                client_id: client.id.clone(),
                client_secret: secret.or_else(|| secret_of(&client.id))?,
            })
        });
        let gateway_name = match &settings.web.gateway_name {
            Some(name) => name.clone(),
            None if settings.proxy_uri.is_none() => "embedded".to_owned(),
            None => "yours".to_owned(),
        };
        let gateway = &self.addresses.gateway;
        Patient {
            title: format!(
                "The issuer {}, the gateway {gateway} ({gateway_name}), the app at {}",
                self.addresses.issuer,
                self.redirect_uri.origin()
            ),
            settings: seen,
            embedded_idp: settings.issuer.is_none(),
            embedded_gateway: settings.proxy_uri.is_none(),
            issuer: self.addresses.issuer.clone(),
            gateway: Url::parse(gateway).expect("it was a URL or host and port"),
            client_id: app.id.clone(),
            credential: match &set.web.client_key {
                Some(key) => Some(Credential::Key(Arc::clone(key))),
                None => client_secret
                    .or_else(|| secret_of(&app.id))
                    .map(Credential::Secret),
            },
            redirect_uri: self.redirect_uri.as_str().to_owned(),
            post_logout_redirect_uri: self.post_logout_redirect_uri(),
            id_token_hint: settings.web.id_token_hint,
            ask_for_audience: settings.audience_is_set.then(|| settings.audience.clone()),
            audience: settings.audience.clone(),
            introspects: self.introspects(),
            introspector,
            typ: self.access_token_typ(),
            people: people::by_level(set, &settings.blueprint, &known.people),
            blueprint: settings.blueprint.clone(),
            proxies: Proxies::of_process(),
            extra_roots: settings.extra_roots.clone().into_iter().collect(),
            http: self.http.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// The app's page runs the checks by this alone.
pub(super) struct PageDoctor(pub(super) Patient);

#[async_trait::async_trait]
impl Examiner for PageDoctor {
    async fn examine(&self) -> Vec<Finding> {
        examine(self.0.clone(), Limits::PAGE).await
    }
}
