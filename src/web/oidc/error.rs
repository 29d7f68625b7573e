//! Why a sign-in does not happen.

use super::{KeyUsed, Trouble, keys::KeysError, response::ResponseError};
use crate::{jose::Rejection, net::FetchError};

/// Why a sign-in does not happen. `Display` is for the log and holds nothing secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OidcError {
    /// The provider's metadata is not there.
    #[error("{0}")]
    Provider(#[from] Trouble),
    /// The answer in the browser's URL is not one to look into.
    #[error("{0}")]
    Response(#[from] ResponseError),
    /// The answer is of another issuer than the one that was asked (RFC 9207).
    #[error("the answer names issuer {got:?} instead of the one that was asked")]
    AnotherIssuer {
        /// `iss` as it came; `None` although the provider announces it.
        got: Option<String>,
    },
    /// The provider answered with an error (RFC 6749, section 4.1.2.1).
    #[error("the provider answered {code}")]
    Refused {
        /// `error`, cut to what is printable.
        code: String,
        /// `error_description`, cut.
        description: Option<String>,
    },
    /// The token endpoint answered with an error (RFC 6749, section 5.2).
    #[error("the token endpoint answered {code}")]
    TokenRefused {
        /// `error`, cut to what is printable.
        code: String,
        /// `error_description`, cut.
        description: Option<String>,
    },
    /// The token endpoint does not take the app's assertion (`invalid_client`; RFC 7523, section 3.2).
    #[error("the token endpoint answered invalid_client to an assertion signed with {}", used.key)]
    KeyRefused {
        /// `error_description`, cut.
        description: Option<String>,
        /// What it was signed with.
        used: KeyUsed,
    },
    /// The token endpoint cannot be reached or does not answer.
    #[error("the token endpoint: {0}")]
    TokenUnreachable(#[source] FetchError),
    /// The token endpoint answered something that is no token answer.
    #[error("the token endpoint answered something that is not a token answer: {0}")]
    TokenAnswer(String),
    /// The keys are not to be had.
    #[error("the provider's keys: {0}")]
    Keys(#[from] KeysError),
    /// The ID token breaks a rule.
    #[error("the ID token is refused: {0}")]
    IdToken(#[from] Rejection),
    /// `at_hash` is of another access token (OpenID Connect Core, section 3.1.3.8).
    #[error("the ID token's at_hash is not of the access token that came with it")]
    AccessTokenHash,
    /// Userinfo is about somebody else (OpenID Connect Core, section 5.3.2).
    #[error("userinfo is about another person than the ID token")]
    AnotherPerson,
}

impl OidcError {
    /// Whether the provider may have moved since its metadata was read.
    pub fn may_be_stale_metadata(&self) -> bool {
        matches!(
            self,
            Self::TokenUnreachable(_)
                | Self::TokenAnswer(_)
                | Self::TokenRefused { .. }
                | Self::KeyRefused { .. }
                | Self::Keys(_)
                | Self::IdToken(_)
        )
    }
}
