//! The web client's settings.

use super::{SettingError, Source, client_key, read};
use crate::{
    blueprint::Blueprint,
    jose::ClientKey,
    net::{check_url, is_loopback, is_loopback_name, origin},
    oauth::Secret,
};
use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc, time::Duration};
use url::Url;

const REDIRECT_PORT: u16 = 8080;
const SECRET_BYTES: usize = 32;
/// The tutorial's sample, which is in too many `.env` files to be a secret.
const SAMPLE_SECRET: &str = "some random phrase";
/// What to say where a secret is missing.
pub const HOW_TO_MAKE_A_SECRET: &str = "make one with: openssl rand -base64 32";

/// The app's own paths, which a redirect URI must not take.
const OWN_PATHS: [&str; 10] = [
    "/authenticate/",
    "/show-me/",
    "/machine/",
    "/refresh",
    "/flights/",
    "/log-out",
    "/signed-out",
    "/back-channel-logout",
    "/doctor",
    "/static/",
];

/// The web client.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// `HOST`.
    pub host: String,
    /// `PORT`.
    pub port: u16,
    /// `REDIRECT_URI`; `None` derives it from the listener.
    pub redirect_uri: Option<RedirectUri>,
    /// `AUTHN_CLIENT_ID` and `AUTHN_CLIENT_SECRET`; `None` makes them for the embedded provider.
    pub registration: Registration,
    /// `AUTHN_CLIENT_KEY_FILE`: what the app authenticates with in place of a secret.
    pub client_key: Option<Arc<ClientKey>>,
    /// `MACHINE_CLIENT_ID` and `MACHINE_CLIENT_SECRET`: the machine's panel asks with them, and the
    /// embedded provider knows them; what is `None` is made there for this start.
    pub machine: Registration,
    /// `MACHINE_ON_HOME_PAGE`; `None` follows the app's public origin.
    pub machine_on_home_page: Option<bool>,
    /// `DOCTOR_PAGE`; `None` follows the app's public origin and `HOST`.
    pub doctor_page: Option<bool>,
    /// `SESSION_SECRET`; `None` makes one for this start.
    pub session_secret: Option<Secret>,
    /// `SESSION_MAX_AGE`.
    pub session_max_age: Duration,
    /// `SESSION_IDLE`.
    pub session_idle: Duration,
    /// `GATEWAY`: what the gateway in use is called.
    pub gateway_name: Option<String>,
    /// `<LEVEL>_USERNAME` and `<LEVEL>_PASSWORD`, by level.
    pub credentials: BTreeMap<String, LevelCredentials>,
    /// `ID_TOKEN_HINT`.
    pub id_token_hint: bool,
    /// `LOG_TOKENS`.
    pub log_tokens: bool,
    /// `SIGN_IN_RATE`: how many sign-ins a second one browser starts; `None`: as many as it likes.
    pub sign_in_rate: Option<NonZeroU32>,
}

/// A client's registration at the provider, as far as it is set.
#[derive(Clone, Debug, Default)]
pub struct Registration {
    /// `AUTHN_CLIENT_ID`, or the machine's.
    pub client_id: Option<String>,
    /// `AUTHN_CLIENT_SECRET`, or the machine's.
    pub client_secret: Option<Secret>,
}

/// Whom a level's panel suggests.
#[derive(Clone, Debug)]
pub struct LevelCredentials {
    /// `<LEVEL>_USERNAME`.
    pub username: String,
    /// `<LEVEL>_PASSWORD`.
    pub password: Option<Secret>,
}

/// Where the provider sends the browser back to: sent byte for byte, and the app's public origin.
#[derive(Clone, Debug)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

impl RedirectUri {
    /// Takes an absolute URL: https, or http on loopback.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = check_url(text).map_err(|error| {
            format!("{error}; it should look like http://localhost:8080/callback or https://app.example.com/callback")
        })?;
        let is_own = |own: &&str| match own.strip_suffix('/') {
            Some(_) => url.path().starts_with(*own),
            None => url.path() == *own,
        };
        if OWN_PATHS.iter().any(is_own) {
            return Err(format!(
                "{} is a path of the app itself; take another, such as /callback",
                url.path()
            ));
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// As it is sent, and registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path that takes the answer.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The app's public origin, as browsers spell it.
    #[must_use]
    pub fn origin(&self) -> String {
        origin(&self.url)
    }

    /// Whether cookies are `Secure`: TLS may end in front of us.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host that a browser must use, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port, the scheme's own where none is written.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// Whether the public origin is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }
}

impl WebSettings {
    /// Whether `HOST` lets in this machine alone: what `REDIRECT_URI` says tells nothing of that.
    #[must_use]
    pub fn listens_on_loopback(&self) -> bool {
        is_loopback_host(self.host.trim_matches(['[', ']']))
    }
}

/// What a start cannot do without.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four independent yes or no")]
pub(super) struct Needs {
    /// The web client runs here.
    pub(super) runs: bool,
    /// A registration at a provider that is not embedded.
    pub(super) registration: bool,
    /// A setting replaces the embedded provider or gateway, so nothing is made up.
    pub(super) session_secret: bool,
    /// The provider is the embedded one: it knows the blueprint's people and nobody else.
    pub(super) known_people: bool,
}

pub(super) fn read(
    source: &Source,
    blueprint: &Blueprint,
    needs: Needs,
    warnings: &mut Vec<String>,
) -> Result<WebSettings, SettingError> {
    let host = source
        .parsed("HOST", read::host)?
        .unwrap_or_else(|| "localhost".to_owned());
    let redirect_uri = source.parsed("REDIRECT_URI", RedirectUri::parse)?;
    let redirect_port = redirect_uri.as_ref().and_then(|uri| uri.url.port());
    let port = source.parsed("PORT", read::port)?;
    let port = port.or(redirect_port).unwrap_or(REDIRECT_PORT);
    warn_of_another_port(redirect_uri.as_ref(), port, warnings);
    let registration = Registration {
        client_id: source.text("AUTHN_CLIENT_ID")?,
        client_secret: source.secret("AUTHN_CLIENT_SECRET")?,
    };
    let beside = client_key::Beside {
        issuer: needs.registration,
        secret: registration.client_secret.is_some(),
    };
    let client_key = if needs.runs {
        client_key::read(source, beside)?
    } else {
        None // the other rooms have no use for it, and perhaps may not read it
    };
    if needs.registration {
        let needed = "is needed with ISSUER: the app's registration at that provider";
        if registration.client_id.is_none() {
            return Err(SettingError::without_value("AUTHN_CLIENT_ID", needed));
        }
        if registration.client_secret.is_none() && client_key.is_none() {
            let needed = format!("{needed}; or AUTHN_CLIENT_KEY_FILE in its place");
            return Err(SettingError::without_value("AUTHN_CLIENT_SECRET", needed));
        }
    }
    let secret_needed = needs.session_secret || needs.runs && !is_loopback_host(&host);
    Ok(WebSettings {
        host,
        port,
        redirect_uri,
        registration,
        client_key,
        machine: Registration {
            client_id: source.text("MACHINE_CLIENT_ID")?,
            client_secret: source.secret("MACHINE_CLIENT_SECRET")?,
        },
        machine_on_home_page: source.parsed("MACHINE_ON_HOME_PAGE", read::flag)?,
        doctor_page: source.parsed("DOCTOR_PAGE", read::flag)?,
        session_secret: session_secret(source, secret_needed)?,
        session_max_age: source
            .parsed("SESSION_MAX_AGE", read::duration)?
            .unwrap_or(Duration::from_secs(8 * 3600)),
        session_idle: source
            .parsed("SESSION_IDLE", read::duration)?
            .unwrap_or(Duration::from_secs(30 * 60)),
        gateway_name: source.text("GATEWAY")?,
        credentials: credentials(source, blueprint, needs)?,
        id_token_hint: source.parsed("ID_TOKEN_HINT", read::flag)?.unwrap_or(false),
        log_tokens: source.parsed("LOG_TOKENS", read::flag)?.unwrap_or(false),
        sign_in_rate: source
            .parsed("SIGN_IN_RATE", read::rate)?
            .unwrap_or_else(|| NonZeroU32::new(200)),
    })
}

fn warn_of_another_port(redirect_uri: Option<&RedirectUri>, port: u16, warnings: &mut Vec<String>) {
    let Some(uri) = redirect_uri else { return };
    if uri.is_loopback() && uri.url.scheme() == "http" && port != 0 && uri.port() != port {
        warnings.push(format!(
            "REDIRECT_URI={} names another port than PORT={port}: the provider will send browsers to where this program does not listen",
            uri.as_str()
        ));
    }
}

fn session_secret(source: &Source, needed: bool) -> Result<Option<Secret>, SettingError> {
    let wrong = |reason: &str| {
        SettingError::without_value(
            "SESSION_SECRET",
            format!("{reason}; {HOW_TO_MAKE_A_SECRET}"),
        )
    };
    match source.secret("SESSION_SECRET")? {
        None if needed => Err(wrong(
            "is needed unless everything is embedded on localhost",
        )),
        None => Ok(None),
        Some(secret) => match session_secret_problem(&secret) {
            Some(problem) => Err(wrong(problem)),
            None => Ok(Some(secret)),
        },
    }
}

/// Why a session secret is none; `None` when it is one.
#[must_use]
pub fn session_secret_problem(secret: &Secret) -> Option<&'static str> {
    if secret.matches(SAMPLE_SECRET) {
        Some("the tutorial's sample phrase is known to everybody")
    } else if secret.expose().len() < SECRET_BYTES {
        Some("32 bytes or more are needed")
    } else {
        None
    }
}

fn credentials(
    source: &Source,
    blueprint: &Blueprint,
    needs: Needs,
) -> Result<BTreeMap<String, LevelCredentials>, SettingError> {
    let mut all = BTreeMap::new();
    for level in &blueprint.levels {
        let prefix = variable_prefix(&level.name);
        let name = format!("{prefix}_USERNAME");
        let password = source.secret(&format!("{prefix}_PASSWORD"))?;
        // A password alone is that of the blueprint's person at this level.
        let own = || {
            blueprint
                .users
                .iter()
                .find(|user| user.groups.contains(&level.group))
        };
        let own = || {
            own()
                .filter(|_| needs.known_people)
                .map(|user| user.login.clone())
        };
        let username = source
            .text(&name)?
            .or_else(|| password.as_ref().and_then(|_| own()));
        let Some(username) = username else {
            if password.is_some() {
                let reason = format!("is needed with {prefix}_PASSWORD: whose password is it?");
                return Err(SettingError::without_value(&name, reason));
            }
            continue;
        };
        if needs.known_people && !blueprint.users.iter().any(|user| user.login == username) {
            let people: Vec<&str> = blueprint
                .users
                .iter()
                .map(|user| user.login.as_str())
                .collect();
            let reason = format!(
                "the embedded identity provider knows only {}",
                people.join(", ")
            );
            return Err(SettingError::new(&name, &username, reason));
        }
        all.insert(level.name.clone(), LevelCredentials { username, password });
    }
    one_password_each(&all)?;
    Ok(all)
}

fn one_password_each(all: &BTreeMap<String, LevelCredentials>) -> Result<(), SettingError> {
    for (level, one) in all {
        let Some(password) = &one.password else {
            continue;
        };
        let differs = |other: &LevelCredentials| {
            other.username == one.username
                && other
                    .password
                    .as_ref()
                    .is_some_and(|p| p.expose() != password.expose())
        };
        if all.values().any(differs) {
            let name = format!("{}_PASSWORD", variable_prefix(level));
            let reason = format!("{} has another password at another level", one.username);
            return Err(SettingError::without_value(&name, reason));
        }
    }
    Ok(())
}

pub(super) fn is_loopback_host(host: &str) -> bool {
    is_loopback_name(host) || host == "::1"
}

/// A level's name as it stands in the names of its variables.
#[must_use]
pub fn variable_prefix(level: &str) -> String {
    let upper = level.to_ascii_uppercase();
    upper
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_has_any_path_but_those_of_the_app() {
        let at = |path: &str| RedirectUri::parse(&format!("http://localhost:8080{path}"));
        for own in OWN_PATHS {
            assert!(at(own).is_err(), "{own}");
        }
        assert!(at("/static/site.css").is_err() && at("/flights/a").is_err());
        for free in [
            "",
            "/",
            "/callback",
            "/a/b/c",
            "/refreshed",
            "/doctorate/cb",
            "/log-out-done",
        ] {
            assert!(at(free).is_ok(), "{free}");
        }
    }
}
