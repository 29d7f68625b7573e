//! Which names of the environment, and of `.env`, an input may read: what it declares, and settings
//! that are no secret. Nothing else of a person's environment is anybody's business.

use crate::{
    blueprint::Blueprint,
    settings::{SettingError, Source, VARIABLES, Variable, variable, variable_prefix},
};

/// The environment as an input sees it.
pub struct Environment<'a> {
    source: &'a Source,
    levels: Vec<String>,
    /// Base URL of the provider, under the name of its setting.
    tenant: (&'static str, String),
}

/// A value, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) text: String,
    pub(super) origin: String,
}

impl<'a> Environment<'a> {
    /// `tenant` is the name of the setting that holds the provider's base URL, and that URL without a
    /// slash at its end: paths are appended to it.
    #[must_use]
    pub fn new(source: &'a Source, blueprint: &Blueprint, tenant: (&'static str, String)) -> Self {
        let levels = blueprint.levels.iter();
        Self {
            source,
            levels: levels.map(|level| variable_prefix(&level.name)).collect(),
            tenant,
        }
    }

    /// The value that is set for an entry of this name. A secret of this program is not told, but for
    /// the demo passwords.
    pub(super) fn declared(&self, name: &str) -> Result<Option<Set>, SettingError> {
        if self.is_secret(name) && !self.is_of_level(name, "_PASSWORD") {
            return Ok(None);
        }
        let text = if self.is_of_level(name, "_PASSWORD") {
            let secret = self.source.secret(name)?;
            secret.map(|secret| secret.expose().to_owned())
        } else {
            self.source.text(name)?
        };
        Ok(self.set(name, text))
    }

    /// The value of a setting that no entry declares; `None` when it is not set, or none of ours.
    pub(super) fn undeclared(&self, name: &str) -> Result<Option<Set>, SettingError> {
        if !self.may_be_read(name) {
            return Ok(None);
        }
        Ok(self.set(name, self.source.text(name)?))
    }

    fn set(&self, name: &str, text: Option<String>) -> Option<Set> {
        let is_file = |environment: bool| {
            if environment {
                "the environment"
            } else {
                ".env"
            }
        };
        let origin = self.source.origin(name);
        let origin = origin.map_or("the settings", |origin| is_file(origin.environment));
        let text = if name == self.tenant.0 {
            self.tenant.1.clone()
        } else {
            text?
        };
        Some(Set {
            text,
            origin: origin.to_owned(),
        })
    }

    /// Whether a name that no entry declares is one of a setting that is no secret.
    pub(super) fn may_be_read(&self, name: &str) -> bool {
        let open = |variable: &Variable| !variable.secret && variable.name == name;
        let older = |variable: &Variable| !variable.secret && variable.older.contains(&name);
        let mut all = all();
        all.any(|variable| open(variable) || older(variable)) || self.is_of_level(name, "_USERNAME")
    }

    /// Whether it is a secret of this program, or the file of one.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        let name = name.strip_suffix("_FILE").unwrap_or(name);
        let is = |variable: &Variable| variable.secret && variable.older.contains(&name);
        variable(name).is_some_and(|variable| variable.secret)
            || all().any(is)
            || self.is_of_level(name, "_PASSWORD")
    }

    fn is_of_level(&self, name: &str, rest: &str) -> bool {
        let level = name.strip_suffix(rest);
        level.is_some_and(|level| self.levels.iter().any(|known| known == level))
    }
}

fn all() -> impl Iterator<Item = &'static Variable> {
    VARIABLES.iter().flat_map(|(_, variables)| *variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: [(&str, &str); 12] = [
        ("HOME", "/home/canary"),
        ("OKTA_API_TOKEN", "canary"),
        ("KEYCLOAK_ADMIN_PASSWORD", "canary"),
        ("SESSION_SECRET", "canary"),
        ("CLIENT_SECRET", "canary"),
        ("API_KEY_FILE", "canary"),
        ("AUTHN_CLIENT_ID", "0oa1"),
        ("CLIENT_ID", "0oa2"),
        ("SILVER_USERNAME", "carl"),
        ("SILVER_PASSWORD", "demo"),
        ("OKTA_TENANT", "https://t.example/"),
        ("FAKE_USER_DOMAIN", "example.com"),
    ];

    #[test]
    fn cli_07_nothing_but_settings_that_are_no_secret_is_read_undeclared() {
        let source = Source::of(SET);
        let tenant = ("OKTA_TENANT", "https://t.example".to_owned());
        let environment = Environment::new(&source, &Blueprint::default(), tenant);
        let read = |name: &str| environment.undeclared(name).unwrap().map(|set| set.text);
        for name in [
            "HOME",
            "PATH",
            "OKTA_API_TOKEN",
            "OKTA_API_TOKEN_FILE",
            "KEYCLOAK_ADMIN_PASSWORD",
            "SESSION_SECRET",
            "CLIENT_SECRET",
            "API_KEY_FILE",
            "SILVER_PASSWORD",
            "FAKE_USER_DOMAIN",
            "<LEVEL>_USERNAME",
            "",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
        for (name, value) in [
            ("AUTHN_CLIENT_ID", "0oa1"),
            ("CLIENT_ID", "0oa2"),
            ("SILVER_USERNAME", "carl"),
            ("OKTA_TENANT", "https://t.example"),
        ] {
            assert_eq!(read(name).unwrap(), value);
        }
    }

    #[test]
    fn cli_07_a_declared_name_is_read_unless_it_is_a_secret_of_this_program() {
        let source = Source::of(SET);
        let environment = Environment::new(
            &source,
            &Blueprint::default(),
            ("OKTA_TENANT", "https://t.example".to_owned()),
        );
        let read = |name: &str| environment.declared(name).unwrap().map(|set| set.text);
        for name in [
            "OKTA_API_TOKEN",
            "SESSION_SECRET",
            "CLIENT_SECRET",
            "API_KEY_FILE",
        ] {
            assert_eq!(read(name), None, "{name}");
            assert!(environment.is_secret(name));
        }
        assert_eq!(read("FAKE_USER_DOMAIN").unwrap(), "example.com");
        assert_eq!(read("SILVER_PASSWORD").unwrap(), "demo");
    }
}
