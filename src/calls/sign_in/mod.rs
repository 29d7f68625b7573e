//! A person signs in without a browser: through the provider's own pages, with the code flow and PKCE.
//!
//! For tools alone: whoever calls it knows the person's password. It goes to the provider's origin and
//! nowhere else, once.

mod attempt;
mod browser;
mod form;
mod tokens;

use super::{Credential, Discovery};
use crate::{
    clock::Clock,
    net::Client,
    oauth::{Scopes, Secret},
};
use attempt::Attempt;

pub use form::words as words_of_page;

/// The app, as it is registered at the provider.
#[derive(Clone, Debug)]
pub struct App {
    /// Its client id.
    pub client_id: String,
    /// What it authenticates with.
    pub credential: Credential,
    /// Where the provider sends browsers back to. It is never called: the way there ends before it.
    pub redirect_uri: String,
    /// The audience that is asked for by name, where providers want that (RFC 8707, section 2).
    pub audience: Option<String>,
    /// The time, by which assertions end.
    pub clock: Clock,
}

/// What a sign-in brought.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The access token.
    pub access_token: Secret,
    /// What was granted: an absent `scope` means what was asked (RFC 6749, section 5.1).
    pub scopes: Scopes,
    /// The ID token, if there was one.
    pub id_token: Option<Secret>,
    /// The refresh token, if there was one.
    pub refresh_token: Option<Secret>,
}

/// Why nobody is signed in. What the provider said is cut, and safe to print.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The provider's pages are of a kind that is not known here: nothing is said about the person.
    #[error("{0}")]
    UnknownPage(String),
    /// The provider said no, or did not answer.
    #[error("{0}")]
    Refused(String),
    /// A code was there, and the token endpoint gave nothing for it.
    #[error("{told}")]
    NotRedeemed {
        /// The status of its answer.
        status: u16,
        /// `error` of its answer (RFC 6749, section 5.2).
        error: Option<String>,
        /// Both in a sentence.
        told: String,
    },
}

impl From<String> for SignInError {
    fn from(sentence: String) -> Self {
        Self::Refused(sentence)
    }
}

/// Signs somebody in at a provider whose pages are plain forms, and redeems the code.
///
/// # Errors
/// A sentence that says how far it came.
pub async fn sign_in(
    http: &Client,
    discovery: &Discovery,
    app: &App,
    scopes: &Scopes,
    (login, password): (&str, &Secret),
) -> Result<Granted, SignInError> {
    let attempt = Attempt::new(app, scopes);
    let code = browser::code(http, discovery, &attempt, login, password).await?;
    tokens::redeem(http, discovery, app, &attempt, &code).await
}

/// Revokes an access token (RFC 7009).
///
/// # Errors
/// A sentence: that it is not offered, or what the provider answered.
pub async fn revoke(
    http: &Client,
    discovery: &Discovery,
    app: &App,
    access_token: &Secret,
) -> Result<(), String> {
    tokens::revoke(http, discovery, app, access_token).await
}
