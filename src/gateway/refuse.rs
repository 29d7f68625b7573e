//! Every no of the gateway: its status, its challenge, its JSON.

use super::path::PathFault;
use crate::oauth::{Challenge, ErrorCode, Scopes};
use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// When to ask again after a 503, in seconds.
const RETRY_SECONDS: &str = "5";

/// Why a request does not pass. What it holds is meant for the caller: never a token, and nothing
/// that a provider or the upstream said.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("The request's path and query are too long")]
    UriTooLong,
    #[error("The path is not looked at: {0}")]
    PathUnclean(&'static str),
    #[error("Where the request's body ends is not clear: send a length or one chunked coding")]
    Framing,
    #[error("Another protocol is not spoken here")]
    Upgrade,
    #[error("There is no resource at this path")]
    NotFound,
    #[error("This resource does not take this method")]
    MethodNotAllowed { allowed: String },
    #[error("A token stands in one Authorization header and nowhere else: {0}")]
    SecondPlace(&'static str),
    #[error("The request's body is longer than what is taken here")]
    BodyTooLarge,
    #[error("The request's body did not arrive")]
    BodyBroken,
    #[error("Access token was not provided")]
    TokenMissing,
    #[error("{sentence}")]
    TokenRejected {
        reason: &'static str,
        sentence: String,
    },
    #[error("The client that this access token was issued to is not recognised here")]
    ClientNotRecognised,
    #[error("The access token lacks a scope that this resource takes")]
    ScopeMissing { needed: Scopes, granted: Scopes },
    #[error("Whether the access token is valid cannot be found out at the moment")]
    IssuerUnavailable { reason: &'static str },
    #[error("The API behind the gateway cannot be reached")]
    UpstreamUnreachable,
    #[error("The API behind the gateway answered with something that cannot be passed on")]
    UpstreamUnfit,
    #[error("The API behind the gateway did not answer in time")]
    UpstreamSlow,
    #[error("The API refused the gateway")]
    KeyRefused,
}

impl Refusal {
    pub(super) fn token_rejected(reason: &'static str, sentence: impl Into<String>) -> Self {
        Self::TokenRejected {
            reason,
            sentence: sentence.into(),
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Framing
            | Self::PathUnclean(_)
            | Self::Upgrade
            | Self::SecondPlace(_)
            | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::TokenMissing | Self::TokenRejected { .. } => StatusCode::UNAUTHORIZED,
            Self::ClientNotRecognised | Self::ScopeMissing { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::UpstreamUnreachable | Self::UpstreamUnfit | Self::KeyRefused => {
                StatusCode::BAD_GATEWAY
            }
            Self::IssuerUnavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamSlow => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The code by which a log is searched.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::UriTooLong => "uri_too_long",
            Self::PathUnclean(_) => "path_unclean",
            Self::Framing => "framing",
            Self::Upgrade => "upgrade",
            Self::NotFound => "path_unknown",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::SecondPlace(_) => "second_place",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyBroken => "body_broken",
            Self::TokenMissing => "token_missing",
            Self::TokenRejected { reason, .. } | Self::IssuerUnavailable { reason } => reason,
            Self::ClientNotRecognised => "client_not_recognised",
            Self::ScopeMissing { .. } => "scope_missing",
            Self::UpstreamUnreachable => "upstream_unreachable",
            Self::UpstreamUnfit => "upstream_unfit",
            Self::UpstreamSlow => "upstream_slow",
            Self::KeyRefused => "upstream_refused_key",
        }
    }

    fn challenge(&self) -> Option<Challenge> {
        let code = match self {
            Self::TokenMissing => return Some(Challenge::token_needed()),
            Self::ScopeMissing { needed, .. } => {
                return Some(Challenge::insufficient_scope(needed.clone()));
            }
            Self::SecondPlace(_) => ErrorCode::InvalidRequest,
            Self::TokenRejected { .. } => ErrorCode::InvalidToken,
            _ => return None,
        };
        // the challenge's grammar has no double quote inside a description
        Some(Challenge::refused(code, self.to_string().replace('"', "'")))
    }

    /// With one of RFC 6750's codes, `error` is that code; otherwise it is the sentence itself.
    fn body(&self) -> Value {
        let described = |error: ErrorCode| json!({ "error": error.as_str(), "error_description": self.to_string() });
        match self {
            Self::SecondPlace(_) => described(ErrorCode::InvalidRequest),
            Self::TokenRejected { .. } => described(ErrorCode::InvalidToken),
            Self::ScopeMissing { needed, granted } => {
                let mut body = described(ErrorCode::InsufficientScope);
                body["needed"] = json!(needed);
                body["granted"] = json!(granted);
                body
            }
            _ => json!({ "error": self.to_string() }),
        }
    }

    /// What the log adds for who runs the gateway.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::KeyRefused => ": API_KEY must be the same on both sides",
            _ => "",
        }
    }
}

impl From<PathFault> for Refusal {
    fn from(fault: PathFault) -> Self {
        match fault {
            PathFault::TooLong => Self::UriTooLong,
            PathFault::Unclean(why) => Self::PathUnclean(why),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let challenge = self.challenge().map(|challenge| challenge.to_string());
        if let Some(Ok(challenge)) = challenge.map(HeaderValue::try_from) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        match self {
            // whatever stands behind it on this connection must not pass for a request
            Self::Framing => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::MethodNotAllowed { allowed } => {
                if let Ok(allowed) = HeaderValue::try_from(allowed) {
                    headers.insert(ALLOW, allowed);
                }
            }
            Self::IssuerUnavailable { .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            _ => {}
        }
        response
    }
}
