//! Looks each setting up: the environment, `.env`, what a bootstrap or a registration left, what
//! follows from those, and last the default.

use super::{
    gateways::Gateway,
    key::{Key, Need, Purpose, app_keys},
};
use crate::{
    blueprint::Blueprint,
    net::{check_url, origin},
    oauth::Secret,
    settings::{Outputs, SettingError, Source, session_secret_problem, variable},
};

/// Everything about one gateway, looked up.
#[derive(Debug)]
pub struct Sheet {
    /// The gateway.
    pub gateway: &'static Gateway,
    /// What it and the app need, in order.
    pub rows: Vec<Row>,
    /// What is worth knowing, though the value holds.
    pub warnings: Vec<String>,
}

/// One setting, looked up.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which it is.
    pub key: Key,
    /// Its value. Treated as a secret, whatever it is.
    pub value: Option<Secret>,
    /// Where the value comes from.
    pub found: Found,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The environment, by this name.
    Environment(String),
    /// `.env`, by this name.
    EnvFile(String),
    /// A file that holds the secret; whether a setting names it already.
    SecretFile {
        /// Its path.
        path: String,
        /// Whether environment or `.env` name it.
        set: bool,
    },
    /// A bootstrap's output.
    Output(String),
    /// It follows from another setting.
    Derived(&'static str),
    /// The gateway that was asked for.
    Asked,
    /// What the program takes when nothing is set.
    Default,
    /// Made anew where lines are written.
    Generated,
    /// Nowhere.
    Nowhere,
}

impl Found {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Environment(name) => format!("environment, {name}"),
            Self::EnvFile(name) => format!(".env, {name}"),
            Self::SecretFile { path, .. } | Self::Output(path) => path.clone(),
            Self::Derived(from) => format!("follows from {from}"),
            Self::Asked => "as asked".to_owned(),
            Self::Default => "default".to_owned(),
            Self::Generated => "random, made by --env or --write".to_owned(),
            Self::Nowhere => "missing".to_owned(),
        }
    }
}

/// What settings are looked up in.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// Environment and `.env`.
    pub source: &'a Source,
    /// What a bootstrap or a registration left.
    pub outputs: &'a Outputs,
    /// The scenario.
    pub blueprint: &'a Blueprint,
    /// Whether the outputs win over `.env`.
    pub refresh: bool,
    /// Whether a session secret is made where none is set.
    pub generate: bool,
}

impl Sheet {
    /// Looks everything up.
    ///
    /// # Errors
    /// When a file with a secret cannot be read.
    pub fn of(gateway: &'static Gateway, places: Places<'_>) -> Result<Self, SettingError> {
        let mut keys = gateway.keys.to_vec();
        if gateway.app {
            keys.extend(app_keys(places.blueprint, gateway.foreign));
        }
        if places.source.text("AUTHN_CLIENT_KEY_FILE")?.is_some() {
            keys.retain(|key| key.name != "AUTHN_CLIENT_SECRET"); // never both
        }
        let mut sheet = Self {
            gateway,
            rows: Vec::new(),
            warnings: Vec::new(),
        };
        for key in keys {
            let row = sheet.row(key, places)?;
            sheet.rows.push(row);
        }
        Ok(sheet)
    }

    /// What is required and nowhere to be found, each name once.
    #[must_use]
    pub fn missing(&self) -> Vec<&Row> {
        let mut missing: Vec<&Row> = Vec::new();
        for row in &self.rows {
            let wanted = row.found == Found::Nowhere && row.key.need == Need::Required;
            if wanted && !missing.iter().any(|known| known.key.name == row.key.name) {
                missing.push(row);
            }
        }
        missing
    }

    fn row(&mut self, key: Key, places: Places<'_>) -> Result<Row, SettingError> {
        let name = key.name.clone();
        let (value, found) = match name.as_ref() {
            "GATEWAY" => {
                self.warn_of_another_gateway(places.source)?;
                (Some(Secret::new(self.gateway.gateway)), Found::Asked)
            }
            "SESSION_SECRET" => self.session_secret(places)?,
            _ => match self.set(&key, places)? {
                Some((value, found)) => (Some(value), found),
                None => match self.follows(&key, places) {
                    Some((value, found)) => (Some(Secret::new(value)), found),
                    None => (None, Found::Nowhere),
                },
            },
        };
        Ok(Row { key, value, found })
    }

    /// From the environment, `.env` or an output.
    fn set(
        &mut self,
        key: &Key,
        places: Places<'_>,
    ) -> Result<Option<(Secret, Found)>, SettingError> {
        let here = in_source(key, places.source)?;
        let there = in_outputs(key, places.outputs)?;
        let (Some(set), Some(left)) = (&here, &there) else {
            return Ok(here.or(there));
        };
        if set.0.expose() == left.0.expose() {
            return Ok(here);
        }
        let environment = matches!(set.1, Found::Environment(_));
        if places.refresh && !environment {
            return Ok(there);
        }
        let advice = if environment {
            ""
        } else {
            "; --refresh takes that one"
        };
        let (winner, place) = (set.1.words(), left.1.words());
        let name = &key.name;
        let warning = format!("{name}: {winner} wins, and {place} has another value{advice}");
        if name != "PORT" && name != "REDIRECT_URI" {
            self.warnings.push(warning);
        }
        Ok(here)
    }

    fn session_secret(
        &mut self,
        places: Places<'_>,
    ) -> Result<(Option<Secret>, Found), SettingError> {
        let key = Key::required("SESSION_SECRET", Purpose::App);
        if let Some((secret, found)) = in_source(&key, places.source)? {
            match session_secret_problem(&secret) {
                None => return Ok((Some(secret), found)),
                Some(problem) => {
                    let place = found.words();
                    let warning = format!("SESSION_SECRET: {place}: {problem}; a new one is made");
                    self.warnings.push(warning);
                }
            }
        }
        let secret = places.generate.then(Secret::random);
        Ok((secret, Found::Generated))
    }

    fn warn_of_another_gateway(&mut self, source: &Source) -> Result<(), SettingError> {
        let wanted = self.gateway.gateway;
        let set = source.text("GATEWAY")?.zip(source.origin("GATEWAY"));
        if let Some((other, origin)) = set
            && origin.environment
            && !other.eq_ignore_ascii_case(wanted)
        {
            self.warnings.push(format!(
                "GATEWAY: the environment names another one, and wins over .env when the app starts; {wanted} was asked for"
            ));
        }
        Ok(())
    }

    /// What follows from a row before, and what holds without any setting.
    fn follows(&self, key: &Key, places: Places<'_>) -> Option<(String, Found)> {
        let issuer = self.value("ISSUER").map(str::to_owned).or_else(|| {
            let issuer = Key::required("ISSUER", Purpose::App);
            let set = in_source(&issuer, places.source).ok().flatten();
            let left = || in_outputs(&issuer, places.outputs).ok().flatten();
            set.or_else(left)
                .map(|(issuer, _)| issuer.expose().to_owned())
        });
        if let Some(value) = issuer.and_then(|issuer| from_issuer(&key.name, &issuer)) {
            return Some((value, Found::Derived("ISSUER")));
        }
        let default = |text: &str| Some((text.to_owned(), Found::Default));
        match key.name.as_ref() {
            "AUDIENCE" => default(&places.blueprint.api.audience),
            "PORT" => default("8080"),
            "REDIRECT_URI" => default("http://localhost:8080/callback"),
            "SESSION_MAX_AGE" => default("8h"),
            _ => None,
        }
    }

    /// The value of a row that was looked up.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut rows = self.rows.iter().filter(|row| row.key.name == name);
        rows.find_map(|row| row.value.as_ref()).map(Secret::expose)
    }
}

fn in_source(key: &Key, source: &Source) -> Result<Option<(Secret, Found)>, SettingError> {
    let Some(place) = source.origin(&key.name) else {
        return Ok(None);
    };
    let value = if key.is_secret() {
        source.secret(&key.name)?
    } else {
        source.text(&key.name)?.map(Secret::new)
    };
    let found = if place.name.ends_with("_FILE") {
        let path = source.text(&place.name)?.unwrap_or_default();
        Found::SecretFile { path, set: true }
    } else if place.environment {
        Found::Environment(place.name)
    } else {
        Found::EnvFile(place.name)
    };
    Ok(value.map(|value| (value, found)))
}

fn in_outputs(key: &Key, outputs: &Outputs) -> Result<Option<(Secret, Found)>, SettingError> {
    let name = key.name.as_ref();
    let older = variable(name).map_or(&[][..], |variable| variable.older);
    let mut pointers: Vec<String> = std::iter::once(name)
        .chain(older.iter().copied())
        .map(str::to_owned)
        .collect();
    if let Some(level) = name.strip_suffix("_USERNAME") {
        // The whole login: the tutorial's tool cut it at the @, and Okta, like the embedded provider,
        // signs people in by all of it.
        pointers.push(format!("{level}_USER/profile/login"));
        pointers.push(format!("{level}_USER/username"));
    }
    if let Some((value, file)) = outputs.text(&pointers) {
        return Ok(Some((Secret::new(value), Found::Output(file))));
    }
    if !key.is_secret() {
        return Ok(None);
    }
    let Some((path, record)) = outputs.text(&[format!("{name}_FILE")]) else {
        return Ok(None);
    };
    let file = format!("{name}_FILE");
    let secret = Source::of([(file.as_str(), path.as_str())]).secret(name);
    match secret {
        Ok(secret) => {
            let found = Found::SecretFile { path, set: false };
            Ok(secret.map(|secret| (secret, found)))
        }
        Err(error) => Err(SettingError::without_value(
            name,
            format!("{record} names its file, and {error}"),
        )),
    }
}

/// Endpoints as Okta and Keycloak lay them out below an issuer. Others say theirs in their metadata.
fn from_issuer(name: &str, issuer: &str) -> Option<String> {
    let url = check_url(issuer).ok()?;
    let base = issuer.trim_end_matches('/');
    let (okta, keycloak) = (
        url.path().contains("/oauth2/"),
        url.path().contains("/realms/"),
    );
    let path = match name {
        "JWKS_URI" => ["/v1/keys", "/protocol/openid-connect/certs"],
        "AUTHORIZE_URL" => ["/v1/authorize", "/protocol/openid-connect/auth"],
        "TOKEN_URL" => ["/v1/token", "/protocol/openid-connect/token"],
        "TOKEN_INTROSPECTION_URL" => [
            "/v1/introspect",
            "/protocol/openid-connect/token/introspect",
        ],
        "CLIENT_REGISTRATION_URL" if okta => {
            return Some(format!("{}/oauth2/v1/clients", origin(&url)));
        }
        "CLIENT_REGISTRATION_URL" => ["", "/clients-registrations/openid-connect"],
        "OKTA_TENANT" if okta => return Some(origin(&url)),
        _ => return None,
    };
    if okta {
        Some(format!("{base}{}", path[0]))
    } else if keycloak {
        Some(format!("{base}{}", path[1]))
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
