//! Errors in Okta's shape: `errorCode`, `errorSummary`, `errorLink`, `errorId`, `errorCauses`.

use super::access::Off;
use crate::oauth::random_value;
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Why a management call is refused. What a caller wrote is repeated only in [`shown`] form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum OktaError {
    /// A member of the body or a parameter is not what it may be; what, and why, each in half a sentence.
    #[error("Api validation failed: {what}")]
    Validation { what: String, causes: Vec<String> },
    #[error("The request body was not well-formed.")]
    NotJson(String),
    #[error(
        "Bad request. Accept and/or Content-Type headers likely do not match supported values."
    )]
    OtherType,
    #[error("The request body is longer than is taken here.")]
    TooLong,
    #[error("Invalid token provided")]
    Token(Option<Off>),
    #[error("You do not have permission to perform the requested action")]
    Forbidden(&'static str),
    #[error("Not found: Resource not found: {id} ({kind})")]
    NotFound { id: String, kind: &'static str },
    #[error("The endpoint does not support the provided HTTP method")]
    Method,
    #[error("Invalid search criteria.")]
    Search(String),
    #[error("API call exceeded rate limit due to too many requests.")]
    RateLimit,
    #[error("Activation failed because the user is already active")]
    AlreadyActive,
    #[error("This operation is not allowed in the user's current status.")]
    UserStatus,
    #[error("Delete application forbidden.")]
    DeleteApp,
    #[error("Internal Server Error")]
    Internal,
}

impl OktaError {
    /// One member that is not what it may be.
    pub(super) fn of(member: &str, why: &str) -> Self {
        Self::Validation {
            what: member.to_owned(),
            causes: vec![format!("{member}: {why}")],
        }
    }

    /// Something else has this name already.
    pub(super) fn taken(member: &str) -> Self {
        Self::of(
            member,
            "An object with this field already exists in the current organization",
        )
    }

    /// An object that is not there.
    pub(super) fn not_found(id: &str, kind: &'static str) -> Self {
        Self::NotFound {
            id: shown(id),
            kind,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Validation { .. } => "E0000001",
            Self::NotJson(_) | Self::TooLong => "E0000003",
            Self::Forbidden(_) => "E0000006",
            Self::NotFound { .. } => "E0000007",
            Self::Internal => "E0000009",
            Self::Token(_) => "E0000011",
            Self::AlreadyActive => "E0000016",
            Self::OtherType => "E0000021",
            Self::Method => "E0000022",
            Self::Search(_) => "E0000031",
            Self::UserStatus => "E0000038",
            Self::RateLimit => "E0000047",
            Self::DeleteApp => "E0000056",
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Validation { .. } | Self::NotJson(_) | Self::Search(_) => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Forbidden(_) | Self::AlreadyActive | Self::UserStatus | Self::DeleteApp => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::OtherType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::RateLimit => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// What is wrong in particular.
    pub(super) fn causes(&self) -> Vec<String> {
        match self {
            Self::Validation { causes, .. } => causes.clone(),
            Self::NotJson(why) | Self::Search(why) => vec![why.clone()],
            Self::Forbidden(why) => vec![(*why).to_owned()],
            Self::Token(Some(off)) => vec![off.to_string()],
            Self::DeleteApp => {
                vec!["The application must be deactivated before it is deleted".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}

impl OktaError {
    /// Answers it, with more members beside Okta's.
    pub(super) fn into_response_with(self, more: &[(&str, &str)]) -> Response {
        let error_id = format!("oae{}", random_value());
        let (status, code) = (self.status(), self.code());
        let causes = self.causes();
        tracing::warn!(
            event = "management_refused", status = status.as_u16(), error = code, error_id,
            reason = %self, causes = %causes.join("; "), "a management call was refused"
        );
        let causes: Vec<Value> = causes
            .iter()
            .map(|cause| json!({ "errorSummary": cause }))
            .collect();
        let mut body = json!({
            "errorCode": code,
            "errorSummary": self.to_string(),
            "errorLink": code,
            "errorId": error_id,
            "errorCauses": causes,
        });
        for (name, value) in more {
            body[*name] = json!(value);
        }
        (status, Json(body)).into_response()
    }
}

impl IntoResponse for OktaError {
    fn into_response(self) -> Response {
        self.into_response_with(&[])
    }
}

/// A stranger's text as it may stand in an answer or a log: graphic ASCII, and not much of it.
pub(super) fn shown(text: &str) -> String {
    let plain = text
        .chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\' | '<' | '>' | '&'));
    plain.take(64).collect()
}
