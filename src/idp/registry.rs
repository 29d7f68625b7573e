//! Who is known here: people and clients of the tenant, with what a client was registered with.

use super::{IdpConfig, IdpError};
use crate::{
    blueprint::{ClientKind, Tenant, TenantUser},
    jose::Algorithm,
    oauth::Scopes,
};
use aws_lc_rs::{constant_time, digest};
use std::collections::HashMap;
use url::Url;

/// Scopes that concern only the person's own data, or only how long the client may ask: no rule
/// needs to grant them.
const STANDARD_SCOPES: [&str; 3] = ["profile", "email", "offline_access"];

/// A client with its registration.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: ClientKind,
    /// What it may ask for, besides the standard scopes of an app.
    pub(super) scopes: Scopes,
    /// Whose members may sign in through it.
    pub(super) groups: Vec<String>,
    pub(super) redirect_uris: Vec<String>,
    pub(super) post_logout_redirect_uris: Vec<String>,
    /// What its ID tokens are signed with.
    pub(super) id_token_algorithm: Algorithm,
    /// The SHA-256 of its secret: 32 random bytes need no slow hash.
    secret_digest: digest::Digest,
}

/// The tenant, ready to be asked.
#[derive(Debug)]
pub(super) struct Registry {
    pub(super) tenant: Tenant,
    clients: HashMap<String, Client>,
}

impl Registry {
    pub(super) fn new(config: &IdpConfig) -> Result<Self, IdpError> {
        for uri in config
            .redirect_uris
            .iter()
            .chain(&config.post_logout_redirect_uris)
        {
            check_return_uri(uri)?;
        }
        let mut clients = HashMap::new();
        for registered in &config.tenant.clients {
            let secret = config.client_secrets.get(&registered.id);
            let secret = secret
                .filter(|secret| !secret.is_empty())
                .ok_or_else(|| IdpError::SecretMissing(registered.id.clone()))?;
            let returns = |uris: &[String]| match registered.kind {
                ClientKind::App => uris.to_vec(),
                ClientKind::Introspection | ClientKind::Machine => Vec::new(),
            };
            let client = Client {
                id: registered.id.clone(),
                name: registered.name.clone(),
                kind: registered.kind,
                scopes: registered.scopes.clone(),
                groups: registered.groups.clone(),
                redirect_uris: returns(&config.redirect_uris),
                post_logout_redirect_uris: returns(&config.post_logout_redirect_uris),
                id_token_algorithm: Algorithm::Es256,
                secret_digest: digest::digest(&digest::SHA256, secret.expose().as_bytes()),
            };
            clients.insert(client.id.clone(), client);
        }
        Ok(Self {
            tenant: config.tenant.clone(),
            clients,
        })
    }

    pub(super) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    pub(super) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values()
    }

    pub(super) fn user(&self, id: &str) -> Option<&TenantUser> {
        self.tenant.users.iter().find(|user| user.id == id)
    }

    /// A user by what is typed into the form; case does not matter, as at Okta.
    pub(super) fn user_by_login(&self, login: &str) -> Option<&TenantUser> {
        let mut users = self.tenant.users.iter();
        users.find(|user| user.login.eq_ignore_ascii_case(login))
    }
}

impl Client {
    /// Compares by digest and in constant time; an empty secret matches nothing.
    pub(super) fn has_secret(&self, candidate: &str) -> bool {
        let digest = digest::digest(&digest::SHA256, candidate.as_bytes());
        !candidate.is_empty()
            && constant_time::verify_slices_are_equal(digest.as_ref(), self.secret_digest.as_ref())
                .is_ok()
    }

    /// Whether the client may ask for this scope at all; whether a person gets it, rules decide.
    pub(super) fn may_ask_for(&self, scope: &str) -> bool {
        let standard = self.kind == ClientKind::App && is_standard(scope);
        standard || self.scopes.contains(scope)
    }
}

/// Whether no rule needs to grant it.
pub(super) fn is_standard(scope: &str) -> bool {
    STANDARD_SCOPES.contains(&scope)
}

/// Absolute, http or https, no fragment, and bytes that can stand in a header.
fn check_return_uri(uri: &str) -> Result<(), IdpError> {
    let fits = Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        && !uri.contains('#')
        && uri.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(())
        .ok_or_else(|| IdpError::RedirectUri(uri.to_owned()))
}
