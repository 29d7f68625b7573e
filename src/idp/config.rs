//! What the provider is told at its start, and why it may refuse to.

use super::{ManagementConfig, return_uri::is_return_uri};
use crate::{
    blueprint::Tenant,
    clock::Clock,
    jose::Algorithm,
    net::{Client, UrlError, check_url},
    oauth::Secret,
};
use std::{collections::HashMap, path::PathBuf};

/// What the provider is told at its start.
#[derive(Clone)]
pub struct IdpConfig {
    /// The issuer identifier, as in `http://localhost:8081/oauth2/default`; all endpoints lie below it.
    pub issuer: String,
    /// People, groups, clients, rules. A user without a password cannot sign in.
    pub tenant: Tenant,
    /// Where the apps may be answered, byte for byte.
    pub redirect_uris: Vec<String>,
    /// Where the apps may be returned to after signing out, byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the apps are told that a session has ended.
    pub backchannel_logout_uri: Option<String>,
    /// A secret for each client of the tenant, by its id.
    pub client_secrets: HashMap<String, Secret>,
    /// What access tokens are signed with: ES256 or RS256.
    pub access_token_algorithm: Algorithm,
    /// What opens the management API, as `Authorization: SSWS …`; `None`: it is off.
    pub api_token: Option<Secret>,
    /// Start without the tenant: only the group "Everyone" is there.
    pub empty: bool,
    /// The file that keeps the org from start to start (`IDP_STATE`).
    pub state: Option<PathBuf>,
    /// How clients register themselves, and how many calls the management API takes.
    pub management: ManagementConfig,
    /// The one outgoing client.
    pub http: Client,
    /// What all expiry is judged by.
    pub clock: Clock,
}

/// Why the provider cannot start.
#[derive(Debug, thiserror::Error)]
pub enum IdpError {
    /// The issuer is not a URL that an issuer may have.
    #[error("the issuer {issuer:?} cannot be used: {problem}")]
    Issuer {
        /// As configured.
        issuer: String,
        /// What is wrong with it.
        problem: UrlError,
    },
    /// A URI of an app is not an absolute http or https URL without fragment.
    #[error("the redirect URI {0:?} is not an absolute http or https URL without fragment")]
    RedirectUri(String),
    /// A client of the tenant has no secret.
    #[error("the client {0:?} has no secret")]
    SecretMissing(String),
    /// The file that keeps the org cannot be used. It is left as it is.
    #[error("{path}: {problem}", path = path.display())]
    State {
        /// As configured.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Only ES256 and RS256 sign access tokens here.
    #[error("access tokens cannot be signed with {0} here: ES256 and RS256 are there")]
    Algorithm(Algorithm),
}

impl IdpConfig {
    /// Checks what the provider does not look at again.
    pub(super) fn check(&self) -> Result<(), IdpError> {
        let returns = self.redirect_uris.iter();
        for uri in returns.chain(&self.post_logout_redirect_uris) {
            if !is_return_uri(uri) {
                return Err(IdpError::RedirectUri(uri.clone()));
            }
        }
        if let Some(uri) = self.backchannel_logout_uri.as_ref()
            && check_url(uri).is_err()
        {
            return Err(IdpError::RedirectUri(uri.clone()));
        }
        for client in &self.tenant.clients {
            let secret = self.client_secrets.get(&client.id);
            if secret.is_none_or(Secret::is_empty) {
                return Err(IdpError::SecretMissing(client.id.clone()));
            }
        }
        Ok(())
    }
}
