//! The checks, in the order in which a setup comes to stand.

use super::{checks, exam::Exam, patient::Patient, saw::Saw};
use std::{future::Future, pin::Pin};

/// Runs a check: `usize` is the place of the level, for the one that each level has.
type Run = for<'e> fn(&'e mut Exam, usize) -> Pin<Box<dyn Future<Output = Saw> + Send + 'e>>;

/// One check.
pub struct Check {
    /// Its name, the same in every run; `level.<LEVEL>` stands for one a level.
    pub id: &'static str,
    /// What is looked at.
    pub title: &'static str,
    /// What should be seen.
    pub expected: &'static str,
    /// The checks that it stands on.
    pub needs: &'static [&'static str],
    /// The variables without which there is nothing to look at.
    pub variables: &'static [&'static str],
    pub(super) run: Run,
}

impl Check {
    /// Whether there is nothing to look at without `other` in this setup. Where the provider is asked about
    /// tokens, no keys are needed for one; they are fetched all the same, since they tell more.
    pub(super) fn stands_on(&self, other: &str, patient: &Patient) -> bool {
        let spared = self.id == "token" && other == "keys" && patient.introspects;
        self.needs.contains(&other) && !spared
    }
}

/// A name that is no check's.
#[derive(Debug, thiserror::Error)]
#[error("there is no check {0:?}; doctor --list names them all")]
pub struct UnknownCheck(pub String);

/// What each check of the provider needs to be set.
const PROVIDER: &[&str] = &["ISSUER", "CA_FILE"];
const CLIENT: &[&str] = &["ISSUER", "CA_FILE", "AUTHN_CLIENT_ID", "REDIRECT_URI"];
const SECRET: &[&str] = &[
    "ISSUER",
    "CA_FILE",
    "AUTHN_CLIENT_ID",
    "AUTHN_CLIENT_SECRET",
    "AUTHN_CLIENT_KEY_FILE",
    "REDIRECT_URI",
    "BLUEPRINT",
];
const TOKEN: &[&str] = &["AUDIENCE", "GATEWAY_POLICY", "ACCESS_TOKEN_TYP"];
const GATEWAY: &[&str] = &["PROXY_URI", "CA_FILE", "BLUEPRINT"];

macro_rules! checks {
    ($($id:literal, $title:literal, $expected:literal, needs $needs:expr, set $variables:expr, $run:path;)+) => {
        /// All of them.
        pub const CHECKS: &[Check] = &[$(Check {
            id: $id,
            title: $title,
            expected: $expected,
            needs: &$needs,
            variables: $variables,
            run: |exam, level| { let _ = level; Box::pin($run(exam, level)) },
        }),+];
    };
}

checks! {
    "settings", "Settings", "every setting can be read, and nothing is missing",
        needs [], set &[], checks::settings::settings;
    "names.issuer", "The issuer's host name", "it leads to an address",
        needs [], set PROVIDER, checks::names::issuer;
    "names.gateway", "The gateway's host name", "it leads to an address",
        needs [], set GATEWAY, checks::names::gateway;
    "names.app", "The host name of the redirect URI", "it leads to an address",
        needs [], set &["REDIRECT_URI"], checks::names::app;
    "proxy", "Proxies of the environment", "what is asked is asked directly, or through a proxy that answers",
        needs [], set &[], checks::proxy::proxy;
    "tls.issuer", "TLS to the issuer", "a certificate that holds, by the system's roots or CA_FILE, for 14 days or more",
        needs ["names.issuer"], set PROVIDER, checks::tls::issuer;
    "tls.gateway", "TLS to the gateway", "a certificate that holds, by the system's roots or CA_FILE, for 14 days or more",
        needs ["names.gateway"], set GATEWAY, checks::tls::gateway;
    "discovery", "Discovery", "200 with a JSON object at /.well-known/openid-configuration",
        needs ["tls.issuer"], set PROVIDER, checks::discovery::discovery;
    "issuer", "The issuer's name of itself", "the same as ISSUER, byte for byte",
        needs ["discovery"], set PROVIDER, checks::discovery::issuer;
    "endpoints", "Endpoints", "those that are needed are announced, https (http on loopback alone)",
        needs ["issuer"], set PROVIDER, checks::discovery::endpoints;
    "hosts", "Hosts of the endpoints", "a browser and this program reach the endpoints by the name that ISSUER has",
        needs ["endpoints"], set PROVIDER, checks::discovery::hosts;
    "keys", "Keys", "one key or more for signatures that can be used",
        needs ["endpoints"], set PROVIDER, checks::keys::keys;
    "algorithms", "Algorithms", "ID tokens are signed in a way that is known here, by a key that is published",
        needs ["keys"], set PROVIDER, checks::keys::algorithms;
    "clock.issuer", "The issuer's clock", "5 seconds from ours at most",
        needs ["discovery"], set PROVIDER, checks::clock::issuer;
    "redirect", "The redirect URI", "the provider sends browsers back to it",
        needs ["endpoints"], set CLIENT, checks::authorize::redirect;
    "redirect.others", "Other redirect URIs", "the provider refuses them on a page of its own",
        needs ["redirect"], set CLIENT, checks::authorize::others;
    "pkce", "PKCE", "S256 is announced and taken",
        needs ["redirect"], set CLIENT, checks::authorize::pkce;
    "client", "Client authentication", "the token endpoint knows client and secret, or key: invalid_grant for a code that is made up",
        needs ["endpoints"], set SECRET, checks::client::client;
    "client.others", "Another client secret, or key", "the token endpoint refuses it: invalid_client",
        needs ["client"], set SECRET, checks::client::others;
    "level.<LEVEL>", "What a sign-in at this level grants", "the scopes of the blueprint's level, and no other level's",
        needs ["redirect", "client"], set SECRET, checks::levels::level;
    "token", "The access token", "a shape that the gateway's policy takes, for AUDIENCE",
        needs ["client", "keys"], set TOKEN, checks::token::token;
    "introspection", "Introspection", "the gateway's client may ask; active is a boolean, and true for a token of the app's alone",
        needs ["endpoints"], set &["ISSUER", "CA_FILE", "INTROSPECT_CLIENT_ID", "INTROSPECT_CLIENT_SECRET"], checks::introspection::introspection;
    "logout", "The logout endpoint", "announced, and it answers",
        needs ["endpoints"], set PROVIDER, checks::logout::logout;
    "logout.return", "The way back from a sign-out", "the provider takes the app's address, and no other",
        needs ["logout"], set CLIENT, checks::logout::way_back;
    "gateway", "The gateway", "it answers, and what is open to all comes through",
        needs ["tls.gateway"], set GATEWAY, checks::gateway::reachable;
    "gateway.challenge", "A request without a token", "401 with WWW-Authenticate: Bearer",
        needs ["gateway"], set GATEWAY, checks::gateway::challenge;
    "gateway.junk", "A request with a junk token", "401 with WWW-Authenticate: Bearer error=\"invalid_token\"",
        needs ["gateway"], set GATEWAY, checks::gateway::junk;
    "gateway.token", "A request with a real token", "the API's answer",
        needs ["gateway", "token"], set GATEWAY, checks::gateway::token;
    "clock.gateway", "The gateway's clock", "5 seconds from ours at most",
        needs ["gateway"], set GATEWAY, checks::clock::gateway;
}
