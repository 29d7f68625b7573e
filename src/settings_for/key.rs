//! One setting: who needs it, how much, and how to get it.

use crate::{
    blueprint::Blueprint,
    settings::{variable, variable_prefix},
};
use std::borrow::Cow;

/// A setting that a gateway or the app needs.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its name, the newest.
    pub name: Cow<'static, str>,
    /// Whom it is for.
    pub purpose: Purpose,
    /// Whether it goes without.
    pub need: Need,
}

/// Whom a setting is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The gateway's portal or configuration.
    Gateway,
    /// The app's `.env`.
    App,
}

/// Whether it goes without a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It does not.
    Required,
    /// It does, with less.
    Optional,
}

impl Key {
    pub(super) const fn required(name: &'static str, purpose: Purpose) -> Self {
        Self::new(name, purpose, Need::Required)
    }

    pub(super) const fn optional(name: &'static str, purpose: Purpose) -> Self {
        Self::new(name, purpose, Need::Optional)
    }

    const fn new(name: &'static str, purpose: Purpose, need: Need) -> Self {
        let name = Cow::Borrowed(name);
        Self {
            name,
            purpose,
            need,
        }
    }

    /// Whether its value must not stand in a table.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.name.ends_with("_SECRET") || self.name.ends_with("_PASSWORD")
    }

    /// Whether the program itself reads it, so that it belongs into `.env`.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        variable(&self.name).is_some() || self.level_rest().is_some()
    }

    /// `_USERNAME` or `_PASSWORD` behind a level's prefix.
    fn level_rest(&self) -> Option<&'static str> {
        let rests = ["_USERNAME", "_PASSWORD"];
        rests.into_iter().find(|rest| self.name.ends_with(rest))
    }

    /// How to get a value that is missing.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.name.as_ref() {
            "ISSUER" => "run solar-system bootstrap, or set ISSUER to your provider's issuer",
            "AUDIENCE" => "set AUDIENCE to what the provider's access tokens name in aud",
            "JWKS_URI" => "it is jwks_uri in the issuer's metadata; set JWKS_URI",
            "AUTHORIZE_URL" => "it is authorization_endpoint in the issuer's metadata",
            "TOKEN_URL" => "it is token_endpoint in the issuer's metadata",
            "TOKEN_INTROSPECTION_URL" => "it is introspection_endpoint in the issuer's metadata",
            "CLIENT_REGISTRATION_URL" => "it is registration_endpoint in the issuer's metadata",
            "INTROSPECT_CLIENT_ID" | "INTROSPECT_CLIENT_SECRET" => {
                "run solar-system bootstrap mulesoft, or solar-system register --introspection"
            }
            "AUTHN_CLIENT_ID" | "AUTHN_CLIENT_SECRET" => {
                "request access in the gateway's portal, or run solar-system register --write"
            }
            "MACHINE_CLIENT_ID" | "MACHINE_CLIENT_SECRET" => {
                "run solar-system bootstrap standard, or solar-system register --machine"
            }
            "PROXY_URI" => "set PROXY_URI to the gateway's base URL, once it is there",
            "OKTA_TENANT" => "set OKTA_TENANT to the tenant's base URL",
            name if name.ends_with("_USERNAME") || name.ends_with("_PASSWORD") => {
                "the bootstrap makes people for the levels; without, the panel shows nobody"
            }
            _ => "set it in the environment or in .env",
        }
    }
}

/// What the app needs, whatever the gateway; `foreign`: whether it has to be told where that is.
pub(super) fn app_keys(blueprint: &Blueprint, foreign: bool) -> Vec<Key> {
    let required = |name| Key::required(name, Purpose::App);
    let optional = |name| Key::optional(name, Purpose::App);
    let mut keys = vec![
        optional("OKTA_TENANT"),
        required("ISSUER"),
        required("AUTHN_CLIENT_ID"),
        required("AUTHN_CLIENT_SECRET"),
    ];
    if foreign {
        keys.push(required("PROXY_URI"));
    }
    keys.extend([
        required("GATEWAY"),
        required("PORT"),
        required("REDIRECT_URI"),
        required("SESSION_SECRET"),
        required("SESSION_MAX_AGE"),
        optional("MACHINE_CLIENT_ID"),
        optional("MACHINE_CLIENT_SECRET"),
    ]);
    for level in &blueprint.levels {
        let prefix = variable_prefix(&level.name);
        keys.extend(["_USERNAME", "_PASSWORD"].map(|rest| Key {
            name: format!("{prefix}{rest}").into(),
            purpose: Purpose::App,
            need: Need::Optional,
        }));
    }
    keys
}
