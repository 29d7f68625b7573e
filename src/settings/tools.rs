//! The settings of the tools, and what they share with the rooms.

use super::{
    IntrospectionClient, RedirectUri, SettingError, Source, read,
    rooms::{introspection_client, localhost},
};
use crate::{
    blueprint::Blueprint,
    net::{Client, check_url, http_url},
    oauth::Secret,
};
use std::path::Path;
use url::Url;

/// Where the embedded provider's one issuer lies.
const EMBEDDED_ISSUER: &str = "/oauth2/default";

/// `BLUEPRINT`, or the one that is compiled in.
///
/// # Errors
/// When the file cannot be read, or what is wrong in it.
pub fn blueprint(source: &Source) -> Result<Blueprint, SettingError> {
    match source.text("BLUEPRINT")? {
        None => Ok(Blueprint::default()),
        Some(path) => Blueprint::load(Path::new(&path))
            .map_err(|error| SettingError::new("BLUEPRINT", &path, error.to_string())),
    }
}

/// The outgoing client, with the roots of `CA_FILE`.
///
/// # Errors
/// When the file cannot be read, or holds no certificate.
pub fn http_client(source: &Source) -> Result<Client, SettingError> {
    let roots = source.parsed("CA_FILE", read::roots)?;
    let roots: Vec<Vec<u8>> = roots.into_iter().collect();
    Client::new(&roots).map_err(|error| {
        let reason = format!("its certificates cannot be read ({error})");
        SettingError::without_value("CA_FILE", reason)
    })
}

/// Who registers a client, and where.
#[derive(Clone, Debug)]
pub struct RegisterSettings {
    /// `CLIENT_REGISTRATION_URL`.
    pub registration_url: Option<Url>,
    /// `ISSUER`.
    pub issuer: Option<String>,
    /// `OKTA_TENANT` and `OKTA_API_TOKEN`, if both are set.
    pub okta: Option<(Url, Secret)>,
    /// `INITIAL_ACCESS_TOKEN`.
    pub initial_access_token: Option<Secret>,
    /// `REDIRECT_URI`, or the app's default, which follows `PORT`.
    pub redirect_uri: RedirectUri,
}

impl RegisterSettings {
    /// # Errors
    /// The first variable that is wrong.
    pub fn read(source: &Source) -> Result<Self, SettingError> {
        let tenant = source.parsed("OKTA_TENANT", read::base_url)?;
        let redirect_uri = if let Some(uri) = source.parsed("REDIRECT_URI", RedirectUri::parse)? {
            uri
        } else {
            let port = source.parsed("PORT", read::port)?.unwrap_or(8080);
            RedirectUri::parse(&format!("http://localhost:{port}/callback"))
                .map_err(|why| SettingError::without_value("REDIRECT_URI", why))?
        };
        Ok(Self {
            registration_url: source.parsed("CLIENT_REGISTRATION_URL", |text| {
                check_url(text).map_err(|error| error.to_string())
            })?,
            issuer: source.parsed("ISSUER", read::issuer)?,
            okta: tenant.zip(source.secret("OKTA_API_TOKEN")?),
            initial_access_token: source.secret("INITIAL_ACCESS_TOKEN")?,
            redirect_uri,
        })
    }
}

/// What a machine needs to get a token and to use it.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// `ISSUER`, or the embedded provider's where it listens by default.
    pub issuer: String,
    /// `PROXY_URI`, or the embedded gateway where it listens by default.
    pub gateway: Url,
    /// `MACHINE_CLIENT_ID`.
    pub client_id: Option<String>,
    /// `MACHINE_CLIENT_SECRET`.
    pub client_secret: Option<Secret>,
    /// `INTROSPECT_CLIENT_ID` and its secret.
    pub introspection: Option<IntrospectionClient>,
    /// `AUDIENCE`, when it is set.
    pub audience: Option<String>,
}

impl TokenSettings {
    /// # Errors
    /// The first variable that is wrong.
    pub fn read(source: &Source) -> Result<Self, SettingError> {
        Ok(Self {
            issuer: match source.parsed("ISSUER", read::issuer)? {
                Some(issuer) => issuer,
                None => place(source, ["IDP_HOST", "IDP_PORT"], 8081)? + EMBEDDED_ISSUER,
            },
            gateway: if let Some(url) = source.parsed("PROXY_URI", read::base_url)? {
                url
            } else {
                let url = place(source, ["GATEWAY_HOST", "GATEWAY_PORT"], 8082)?;
                let wrong = |_| SettingError::new("GATEWAY_HOST", &url, "it makes no URL");
                Url::parse(&url).map_err(wrong)?
            },
            client_id: source.text("MACHINE_CLIENT_ID")?,
            client_secret: source.secret("MACHINE_CLIENT_SECRET")?,
            introspection: introspection_client(source)?,
            audience: source.text("AUDIENCE")?,
        })
    }
}

/// The base URL of an embedded room, as it is set or by default.
fn place(source: &Source, [host, port]: [&str; 2], default: u16) -> Result<String, SettingError> {
    let host = source.parsed(host, read::host)?.unwrap_or_else(localhost);
    let port = source.parsed(port, read::port)?.unwrap_or(default);
    Ok(http_url(&host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_settings_the_embedded_rooms_are_meant() {
        let settings = TokenSettings::read(&Source::of([("IDP_PORT", "9000")])).unwrap();
        assert_eq!(settings.issuer, "http://localhost:9000/oauth2/default");
        assert_eq!(settings.gateway.as_str(), "http://localhost:8082/");
    }

    #[test]
    fn without_a_redirect_uri_the_one_of_the_apps_port_is_registered() {
        let of = |pairs: &[(&str, &str)]| {
            let settings = RegisterSettings::read(&Source::of(pairs.iter().copied())).unwrap();
            settings.redirect_uri.as_str().to_owned()
        };
        assert_eq!(of(&[]), "http://localhost:8080/callback");
        assert_eq!(of(&[("PORT", "9090")]), "http://localhost:9090/callback");
        let set = [("PORT", "9090"), ("REDIRECT_URI", "https://app.example/cb")];
        assert_eq!(of(&set), "https://app.example/cb");
    }

    #[test]
    fn cli_02_a_registration_goes_nowhere_but_to_https_or_loopback() {
        for (name, value) in [
            ("CLIENT_REGISTRATION_URL", "http://idp.example/register"),
            ("CLIENT_REGISTRATION_URL", "ftp://localhost/register"),
            ("ISSUER", "http://idp.example"),
            ("OKTA_TENANT", "http://idp.example"),
        ] {
            let error = RegisterSettings::read(&Source::of([(name, value)])).unwrap_err();
            assert_eq!(error.name(), name, "{value}");
        }
        let tenant_alone = [("OKTA_TENANT", "https://t.example")];
        let settings = RegisterSettings::read(&Source::of(tenant_alone)).unwrap();
        assert!(settings.okta.is_none());
    }
}
