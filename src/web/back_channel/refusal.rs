//! Why nothing is ended, and how that is said (section 2.8).

use super::form::LIMIT;
use crate::{
    oauth::ErrorCode,
    web::oidc::{LogoutTokenError, Trouble},
};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::error::Error;

/// Why nothing is ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "The request is not one form (application/x-www-form-urlencoded) of at most {LIMIT} bytes."
    )]
    NotAForm,
    #[error("A parameter is there more than once.")]
    Repeated,
    #[error("The parameter logout_token is missing.")]
    Missing,
    #[error("Too many logout tokens came at once.")]
    Busy,
    #[error("The provider's metadata is not to be had.")]
    Provider(#[source] Trouble),
    #[error("The provider's keys are not to be had.")]
    Keys(#[source] LogoutTokenError),
    #[error("{0}")]
    Token(LogoutTokenError),
    #[error("The logout token was used before.")]
    UsedBefore,
    #[error("No more logout tokens can be taken now.")]
    Full,
}

impl Refusal {
    /// What the provider is told, and a code for the log.
    fn kind(&self) -> (StatusCode, ErrorCode, &'static str) {
        let bad = |code| (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, code);
        match self {
            Self::NotAForm | Self::Repeated | Self::Missing => bad("form"),
            Self::Token(LogoutTokenError::Refused(why)) => bad(why.reason_code()),
            Self::UsedBefore => bad("token_used"),
            // The log out failed: that is a 400 too.
            Self::Provider(_) | Self::Keys(_) | Self::Token(_) => {
                (StatusCode::BAD_REQUEST, ErrorCode::ServerError, "provider")
            }
            Self::Busy | Self::Full => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                (status, ErrorCode::TemporarilyUnavailable, "busy")
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, reason) = self.kind();
        let cause = self.source().map(ToString::to_string);
        tracing::warn!(event = "back_channel_logout_refused", reason, error = %self, ?cause, "a logout token was not taken");
        let body = json!({ "error": error.as_str(), "error_description": self.to_string() });
        let mut response = (status, Json(body)).into_response();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let soon = HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        response
    }
}
