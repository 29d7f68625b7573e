//! The settings of the embedded identity provider, gateway and API.

use super::{Command, SettingError, Source, limits, read};
use crate::{
    jose::{AccessTokenTyp, Algorithm},
    net::{Limits, is_loopback_name},
    oauth::Secret,
};
use ipnet::IpNet;
use std::{num::NonZeroU32, path::PathBuf};
use url::Url;

/// The embedded identity provider.
#[derive(Clone, Debug)]
pub struct IdpSettings {
    /// `IDP_HOST`, a loopback name or address.
    pub host: String,
    /// `IDP_PORT`.
    pub port: u16,
    /// `IDP_SIGNING_ALG`: how access tokens are signed.
    pub access_token_algorithm: Algorithm,
    /// `OKTA_API_TOKEN`: what opens the management API. `None`: it is off.
    pub api_token: Option<Secret>,
    /// `INITIAL_ACCESS_TOKEN`: what lets a client register itself. `None`: none can.
    pub initial_access_token: Option<Secret>,
    /// `IDP_CALLS_PER_MINUTE`: how many calls the management API takes before it answers 429.
    pub calls_per_minute: u32,
    /// `IDP_STATE`: the file that keeps what was registered and changed.
    pub state: Option<PathBuf>,
    /// Whether to start without the blueprint's tenant: said on the command line alone.
    pub empty: bool,
}

/// The embedded gateway.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// `GATEWAY_HOST`.
    pub host: String,
    /// `GATEWAY_PORT`.
    pub port: u16,
    /// `GATEWAY_PUBLIC_URL`; `None` means `PROXY_URI`, else where the gateway listens.
    pub public_url: Option<Url>,
    /// `GATEWAY_UPSTREAM_TOKEN`: whether the API gets a JWT of the gateway's own.
    pub upstream_jwt: bool,
    /// `GATEWAY_RATE_PER_ADDRESS`, `GATEWAY_RATE_PER_CLIENT` and `GATEWAY_RATE_PER_USER`.
    pub rates: RateSettings,
    /// `GATEWAY_TRUSTED_PROXIES`.
    pub trusted_proxies: Vec<IpNet>,
    /// `GATEWAY_POLICY`; `None` decides by whether there is an introspection client.
    pub policy: Option<PolicyChoice>,
    /// `INTROSPECT_CLIENT_ID` and `INTROSPECT_CLIENT_SECRET`, if both are set.
    pub introspection: Option<IntrospectionClient>,
    /// `ACCESS_TOKEN_TYP`; `None` means `at+jwt` for the embedded provider, `any` else.
    pub typ: Option<AccessTokenTyp>,
    /// `API_URI`; `None` means the embedded API.
    pub api_uri: Option<Url>,
    /// `API_KEY`; `None` makes one for this start.
    pub api_key: Option<Secret>,
    /// `GATEWAY_REQUEST_BYTES` and what follows it: what a request may cost.
    pub limits: Limits,
}

/// How many requests a second the gateway answers; `None`: as many as come.
#[derive(Clone, Copy, Debug)]
pub struct RateSettings {
    /// Of one address.
    pub address: Option<NonZeroU32>,
    /// Of one client.
    pub client: Option<NonZeroU32>,
    /// Of one person.
    pub user: Option<NonZeroU32>,
}

/// How the gateway checks access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyChoice {
    /// By asking the provider (RFC 7662).
    Introspection,
    /// By itself, with the provider's keys.
    Jwt,
}

/// The gateway's own registration at the provider.
#[derive(Clone, Debug)]
pub struct IntrospectionClient {
    /// `INTROSPECT_CLIENT_ID`.
    pub client_id: String,
    /// `INTROSPECT_CLIENT_SECRET`.
    pub client_secret: Secret,
}

/// The embedded API.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// `API_HOST`.
    pub host: String,
    /// `API_PORT`.
    pub port: u16,
}

pub(super) fn idp(source: &Source) -> Result<IdpSettings, SettingError> {
    let loopback = |text: &str| {
        let host = read::host(text)?;
        let reason =
            "the embedded identity provider is for demos and tests, and listens on loopback alone";
        if is_loopback_name(&host) || host == "::1" {
            Ok(host)
        } else {
            Err(reason.to_owned())
        }
    };
    Ok(IdpSettings {
        host: source
            .parsed("IDP_HOST", loopback)?
            .unwrap_or_else(localhost),
        port: source.parsed("IDP_PORT", read::port)?.unwrap_or(8081),
        access_token_algorithm: source
            .parsed("IDP_SIGNING_ALG", read::signing_algorithm)?
            .unwrap_or(Algorithm::Es256),
        api_token: source.secret("OKTA_API_TOKEN")?,
        initial_access_token: source.secret("INITIAL_ACCESS_TOKEN")?,
        calls_per_minute: source
            .parsed("IDP_CALLS_PER_MINUTE", read::calls)?
            .unwrap_or(600),
        state: source.text("IDP_STATE")?.map(PathBuf::from),
        empty: false,
    })
}

pub(super) fn gateway(
    source: &Source,
    command: Command,
    foreign_issuer: bool,
) -> Result<GatewaySettings, SettingError> {
    let introspection = introspection_client(source)?;
    let policy = source.parsed("GATEWAY_POLICY", |text| {
        match text.to_ascii_lowercase().as_str() {
            "introspection" => Ok(PolicyChoice::Introspection),
            "jwt" => Ok(PolicyChoice::Jwt),
            _ => Err("introspection or jwt".to_owned()),
        }
    })?;
    let embedded_pair = command == Command::Serve && !foreign_issuer;
    if policy == Some(PolicyChoice::Introspection) && introspection.is_none() && !embedded_pair {
        let reason =
            "is needed for GATEWAY_POLICY=introspection: the gateway's own client at the provider";
        return Err(SettingError::without_value("INTROSPECT_CLIENT_ID", reason));
    }
    let api_key = source.secret("API_KEY")?;
    if api_key.is_none() && matches!(command, Command::Gateway | Command::Api) {
        let reason = "is needed when gateway and API run on their own: what the gateway shows there; make one with: openssl rand -base64 32";
        return Err(SettingError::without_value("API_KEY", reason));
    }
    Ok(GatewaySettings {
        host: source
            .parsed("GATEWAY_HOST", read::host)?
            .unwrap_or_else(localhost),
        port: source.parsed("GATEWAY_PORT", read::port)?.unwrap_or(8082),
        public_url: source.parsed("GATEWAY_PUBLIC_URL", read::base_url)?,
        upstream_jwt: source
            .parsed("GATEWAY_UPSTREAM_TOKEN", |text| {
                match text.to_ascii_lowercase().as_str() {
                    "none" => Ok(false),
                    "jwt" => Ok(true),
                    _ => Err("none or jwt".to_owned()),
                }
            })?
            .unwrap_or(false),
        rates: rates(source)?,
        trusted_proxies: source
            .parsed("GATEWAY_TRUSTED_PROXIES", read::networks)?
            .unwrap_or_default(),
        policy,
        introspection,
        typ: source.parsed("ACCESS_TOKEN_TYP", |text| match text {
            "at+jwt" => Ok(AccessTokenTyp::AtJwt),
            "any" => Ok(AccessTokenTyp::Any),
            _ => Err("at+jwt or any".to_owned()),
        })?,
        api_uri: source.parsed("API_URI", read::base_url)?,
        api_key,
        limits: limits::read(source)?,
    })
}

fn rates(source: &Source) -> Result<RateSettings, SettingError> {
    let rate = |name, default| {
        let set = source.parsed(name, read::rate)?;
        Ok(set.unwrap_or_else(|| NonZeroU32::new(default)))
    };
    Ok(RateSettings {
        address: rate("GATEWAY_RATE_PER_ADDRESS", 1_000)?,
        client: rate("GATEWAY_RATE_PER_CLIENT", 1_000)?,
        user: rate("GATEWAY_RATE_PER_USER", 100)?,
    })
}

pub(super) fn introspection_client(
    source: &Source,
) -> Result<Option<IntrospectionClient>, SettingError> {
    let id = source.text("INTROSPECT_CLIENT_ID")?;
    match (id, source.secret("INTROSPECT_CLIENT_SECRET")?) {
        (Some(client_id), Some(client_secret)) => Ok(Some(IntrospectionClient {
            client_id,
            client_secret,
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(SettingError::without_value(
            "INTROSPECT_CLIENT_SECRET",
            "is needed with INTROSPECT_CLIENT_ID",
        )),
        (None, Some(_)) => Err(SettingError::without_value(
            "INTROSPECT_CLIENT_ID",
            "is needed with INTROSPECT_CLIENT_SECRET",
        )),
    }
}

pub(super) fn api(source: &Source) -> Result<ApiSettings, SettingError> {
    Ok(ApiSettings {
        host: source
            .parsed("API_HOST", read::host)?
            .unwrap_or_else(localhost),
        port: source.parsed("API_PORT", read::port)?.unwrap_or(8083),
    })
}

pub(super) fn localhost() -> String {
    "localhost".to_owned()
}

#[cfg(test)]
mod tests {
    use crate::settings::{Command, Settings, Source};

    #[test]
    fn how_many_calls_a_minute_are_answered_is_said_by_a_setting() {
        let read = |pairs: &[(&str, &str)]| {
            let source = Source::of(pairs.iter().copied());
            Settings::read(Command::Idp, &source).map(|settings| settings.idp.calls_per_minute)
        };
        assert_eq!(read(&[]).unwrap(), 600);
        assert_eq!(read(&[("IDP_CALLS_PER_MINUTE", "2")]).unwrap(), 2);
        for wrong in ["0", "-1", "many", "1000001"] {
            let error = read(&[("IDP_CALLS_PER_MINUTE", wrong)]).unwrap_err();
            assert_eq!(error.name(), "IDP_CALLS_PER_MINUTE", "{wrong}");
        }
    }
}
