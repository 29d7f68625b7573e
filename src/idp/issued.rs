//! The token endpoint's answer, or why there is none.

use super::{keys::KeyError, parameters::ParameterError, store::Full};
use crate::oauth::{ErrorCode, Scopes};
use serde::Serialize;

/// A successful answer (RFC 6749, section 5.1).
#[derive(Serialize)]
pub(super) struct Issued {
    token_type: &'static str,
    expires_in: i64,
    access_token: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// Why nothing is issued.
#[derive(Debug, thiserror::Error)]
pub(super) enum IssueError {
    #[error("In the request {0}.")]
    Parameter(#[from] ParameterError),
    #[error("This client may not use this grant type.")]
    GrantTypeNotAllowed,
    #[error("Supported are authorization_code, refresh_token and client_credentials.")]
    GrantTypeUnknown,
    #[error("The code or refresh token is unknown, expired, used, or not for this request.")]
    Worthless,
    #[error("The person may not have this any more: {0}")]
    Denied(String),
    #[error("{0}")]
    MachineDenied(String),
    #[error("The scope asks for more than there is to be had.")]
    Scope,
    #[error("The provider could not make the token.")]
    Key(#[from] KeyError),
    #[error("The provider has no room to take tokens back, or could not write it down.")]
    Full,
}

impl IssueError {
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::Parameter(_) => ErrorCode::InvalidRequest,
            Self::GrantTypeNotAllowed => ErrorCode::UnauthorizedClient,
            Self::GrantTypeUnknown => ErrorCode::UnsupportedGrantType,
            Self::Worthless | Self::Denied(_) => ErrorCode::InvalidGrant,
            Self::MachineDenied(_) => ErrorCode::AccessDenied,
            Self::Scope => ErrorCode::InvalidScope,
            Self::Key(error) => error.code(),
            Self::Full => ErrorCode::TemporarilyUnavailable,
        }
    }
}

impl From<Full> for IssueError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl Issued {
    pub(super) fn new(
        access_token: String,
        expires_in: i64,
        scopes: &Scopes,
        refresh_token: Option<String>,
        id_token: Option<String>,
    ) -> Self {
        Self {
            token_type: "Bearer",
            expires_in,
            access_token,
            scope: scopes.to_string(),
            refresh_token,
            id_token,
        }
    }
}
