//! What each room is told of the others: URLs and its own secrets, nothing else.

use super::{
    Addresses, StackError,
    patient::{Known, PageDoctor},
    registrations::Registrations,
};
use crate::{
    api::{self, ApiConfig},
    blueprint::{ClientKind, Policy, Tenant},
    calls::{Credential, Machine},
    clock::Clock,
    doctor::SettingsSeen,
    finding::Examiner,
    gateway::{self, GatewayConfig, Rates, TokenPolicy, UpstreamToken},
    idp::{self, IdpConfig, IdpError},
    jose::{AccessTokenTyp, Algorithm},
    net::{Client, http_url},
    settings::{PolicyChoice, RedirectUri, SettingError, Settings},
    web::{self, Embedded, WebConfig, oidc::Registration},
};
use axum::Router;
use std::sync::Arc;
use url::Url;

pub(super) struct Wiring<'a> {
    pub(super) registrations: &'a Registrations,
    pub(super) addresses: &'a Addresses,
    pub(super) redirect_uri: &'a RedirectUri,
    pub(super) http: Client,
    pub(super) clock: Clock,
}

impl Wiring<'_> {
    pub(super) fn api(&self) -> Router {
        let Registrations {
            settings, api_key, ..
        } = self.registrations;
        api::router(ApiConfig::of(&settings.blueprint, api_key.clone()))
    }

    pub(super) fn gateway(&self) -> Result<(gateway::Entrance, gateway::Handle), String> {
        let Registrations {
            settings,
            introspection,
            api_key,
            ..
        } = self.registrations;
        let set = &settings.gateway;
        let by_keys = || TokenPolicy::Jwt {
            typ: self.access_token_typ(),
            algorithms: Algorithm::ALL.to_vec(),
        };
        let token_policy = match introspection {
            Some(client) if self.introspects() => TokenPolicy::Introspection {
                client_id: client.id.clone(),
                client_secret: client.secret.clone(),
            },
            _ => by_keys(),
        };
        gateway::open(GatewayConfig {
            issuer: self.addresses.issuer.clone(),
            audience: settings.audience.clone(),
            policy: Policy::of(&settings.blueprint),
            public_url: self.public_url(),
            resource_name: settings.blueprint.api.description.clone(),
            token_policy,
            upstream: self.upstream(),
            api_key: api_key.clone(),
            upstream_token: if set.upstream_jwt {
                UpstreamToken::Jwt
            } else {
                UpstreamToken::None
            },
            rates: Rates {
                address: set.rates.address,
                client: set.rates.client,
                user: set.rates.user,
            },
            proxies: set.trusted_proxies.clone(),
            extra_roots: settings.extra_roots.clone().into_iter().collect(),
            limits: set.limits,
            http: self.http.clone(),
            clock: self.clock.clone(),
        })
        .map_err(|error| error.to_string())
    }

    /// `GATEWAY_PUBLIC_URL`, else where others find the gateway.
    pub(super) fn public_url(&self) -> Url {
        let here = || Url::parse(&self.addresses.gateway).expect("it was a URL or host and port");
        let set = self.registrations.settings.gateway.public_url.clone();
        set.unwrap_or_else(here)
    }

    /// Whether the gateway asks the issuer about tokens: it can, and is not told to check them by keys.
    pub(super) fn introspects(&self) -> bool {
        let Registrations {
            settings,
            introspection,
            ..
        } = self.registrations;
        introspection.is_some() && settings.gateway.policy != Some(PolicyChoice::Jwt)
    }

    /// `ACCESS_TOKEN_TYP`; the embedded provider writes `at+jwt`, and who knows what others do.
    pub(super) fn access_token_typ(&self) -> AccessTokenTyp {
        let settings = &self.registrations.settings;
        let foreign = settings.issuer.is_some();
        settings.gateway.typ.unwrap_or(if foreign {
            AccessTokenTyp::Any
        } else {
            AccessTokenTyp::AtJwt
        })
    }

    /// `API_URI`, else the embedded API where it is or would be.
    fn upstream(&self) -> Url {
        let settings = &self.registrations.settings;
        let embedded = || {
            let here = http_url(&settings.api.host, settings.api.port);
            let url = self.addresses.api.clone().unwrap_or(here);
            Url::parse(&url).expect("host and port were parsed as settings")
        };
        settings.gateway.api_uri.clone().unwrap_or_else(embedded)
    }

    pub(super) fn idp(&self) -> Result<idp::Ready, StackError> {
        let settings = &self.registrations.settings;
        let mut tenant = Tenant::of(&settings.blueprint);
        tenant.audience.clone_from(&settings.audience);
        let secrets = self
            .registrations
            .clients()
            .map(|client| (client.id, client.secret));
        idp::open(IdpConfig {
            issuer: self.addresses.issuer.clone(),
            tenant,
            redirect_uris: vec![self.redirect_uri.as_str().to_owned()],
            post_logout_redirect_uris: vec![self.post_logout_redirect_uri()],
            backchannel_logout_uri: Some(self.backchannel_logout_uri()),
            client_secrets: secrets.collect(),
            access_token_algorithm: settings.idp.access_token_algorithm,
            api_token: settings.idp.api_token.clone(),
            empty: settings.idp.empty,
            state: settings.idp.state.clone(),
            management: idp::ManagementConfig {
                initial_access_token: settings.idp.initial_access_token.clone(),
                calls_per_minute: settings.idp.calls_per_minute,
            },
            http: self.http.clone(),
            clock: self.clock.clone(),
        })
        .map_err(|error| match error {
            IdpError::State { path, problem } => {
                SettingError::new("IDP_STATE", &path.to_string_lossy(), problem).into()
            }
            error => StackError::Room {
                room: "identity provider",
                reason: error.to_string(),
            },
        })
    }

    /// `set`: the settings before anything was made up for what they leave out.
    pub(super) fn web(&self, set: &Settings) -> Router {
        let Registrations {
            settings,
            app,
            session_secret,
            ..
        } = self.registrations;
        let embedded = Embedded {
            idp: settings.runs_idp(),
            gateway: settings.runs_gateway(),
            api: settings.runs_api(),
        };
        let gateway_name = settings.web.gateway_name.clone();
        let unnamed = if embedded.gateway {
            "embedded"
        } else {
            "yours"
        };
        web::router(WebConfig {
            blueprint: settings.blueprint.clone(),
            issuer: self.addresses.issuer.clone(),
            registration: Registration {
                client_id: app.id.clone(),
                credential: match &settings.web.client_key {
                    Some(key) => Credential::Key(Arc::clone(key)),
                    None => Credential::Secret(app.secret.clone()),
                },
                redirect_uri: self.redirect_uri.as_str().to_owned(),
                post_logout_redirect_uri: self.post_logout_redirect_uri(),
                audience: settings.audience.clone(),
                ask_for_audience: settings.audience_is_set,
                id_token_hint: settings.web.id_token_hint,
            },
            machine: self.machine(),
            redirect_uri: self.redirect_uri.clone(),
            gateway: Url::parse(&self.addresses.gateway).expect("it was a URL or host and port"),
            gateway_name: gateway_name.unwrap_or_else(|| unnamed.to_owned()),
            api_url: self.addresses.api.clone(),
            embedded,
            session_secret: session_secret.clone(),
            session_max_age: settings.web.session_max_age,
            session_idle: settings.web.session_idle,
            sign_in_rate: settings.web.sign_in_rate,
            credentials: settings.web.credentials.clone(),
            doctor: self.doctor(set),
            log_tokens: settings.web.log_tokens,
            http: self.http.clone(),
            clock: self.clock.clone(),
        })
    }

    /// The blueprint's machine, where its secret is known: it is set, or the embedded provider's. Where
    /// others can open the app, only if the settings say that they may ask as the machine.
    fn machine(&self) -> Option<Machine> {
        let settings = &self.registrations.settings;
        let allowed = settings.web.machine_on_home_page;
        if !allowed.unwrap_or_else(|| self.redirect_uri.is_loopback()) {
            return None;
        }
        let mut clients = settings.blueprint.clients.iter();
        let known = clients.find(|client| client.kind == ClientKind::Machine)?;
        let made = self.registrations.machines.iter();
        let made = made.map(|made| (&made.id, &made.secret));
        let (_, secret) = made.into_iter().find(|(id, _)| **id == known.id)?;
        let usable = settings.runs_idp() || settings.web.machine.client_secret.is_some();
        usable.then(|| Machine {
            client_id: known.id.clone(),
            client_secret: secret.clone(),
            scopes: known.scopes.clone(),
            audience: settings.audience_is_set.then(|| settings.audience.clone()),
        })
    }

    /// The page's checks, where it is shown: they tell whoever opens it about the setup.
    fn doctor(&self, set: &Settings) -> Option<Arc<dyn Examiner>> {
        let shown = set.web.doctor_page;
        // a stranger's request may well say that it is for localhost: where it comes in counts
        let alone = || self.redirect_uri.is_loopback() && set.web.listens_on_loopback();
        if !shown.unwrap_or_else(alone) {
            return None;
        }
        let (logins, ids): (Vec<String>, Vec<String>) = (
            self.registrations
                .settings
                .blueprint
                .users
                .iter()
                .map(|user| user.login.clone())
                .collect(),
            self.registrations
                .clients()
                .map(|client| client.id)
                .collect(),
        );
        let (people, clients) = self.registrations.for_the_console(&logins, &ids);
        let known = if set.runs_idp() {
            Known { clients, people }
        } else {
            Known::default() // what was made up here, a foreign provider does not know
        };
        let seen = SettingsSeen {
            warnings: set.warnings.clone(),
            ..SettingsSeen::default()
        };
        Some(Arc::new(PageDoctor(self.patient(set, seen, &known))))
    }

    pub(super) fn post_logout_redirect_uri(&self) -> String {
        format!("{}/signed-out", self.redirect_uri.origin())
    }

    /// Where the app takes the provider's word that a session has ended.
    fn backchannel_logout_uri(&self) -> String {
        format!("{}/back-channel-logout", self.redirect_uri.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Command, Source};

    fn typ(pairs: &[(&str, &str)]) -> AccessTokenTyp {
        let source = Source::of(pairs.iter().copied());
        let settings = Settings::read(Command::Gateway, &source).unwrap();
        let wiring = Wiring {
            registrations: &Registrations::new(settings).unwrap(),
            addresses: &Addresses::default(),
            redirect_uri: &RedirectUri::parse("http://localhost:8080/callback").unwrap(),
            http: Client::new(&[]).unwrap(),
            clock: Clock::standing(),
        };
        wiring.access_token_typ()
    }

    #[test]
    fn sec_tok_06_the_embedded_providers_tokens_say_at_jwt_and_of_others_it_is_not_asked() {
        let key = ("API_KEY", "a key that gateway and API share");
        let foreign = ("ISSUER", "https://idp.example");
        let strict = ("ACCESS_TOKEN_TYP", "at+jwt");
        let lax = ("ACCESS_TOKEN_TYP", "any");
        assert_eq!(typ(&[key]), AccessTokenTyp::AtJwt);
        assert_eq!(typ(&[key, foreign]), AccessTokenTyp::Any);
        assert_eq!(typ(&[key, lax]), AccessTokenTyp::Any);
        assert_eq!(typ(&[key, foreign, strict]), AccessTokenTyp::AtJwt);
    }
}
