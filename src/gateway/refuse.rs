//! Every no of the gateway: its status, its challenge, its JSON.

use super::{holder::Holder, path::PathFault};
use crate::{
    blueprint::StepUp,
    net::Unfit,
    oauth::{Challenge, ErrorCode, Scopes},
};
use axum::{
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER,
            WWW_AUTHENTICATE,
        },
    },
    response::Response,
};
use serde::Serialize;
use std::{fmt::Write as _, sync::Arc};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What a body or a challenge seldom outgrows, in bytes: it is written without growing.
const USUAL: usize = 384;

/// When to ask again after a 503, in seconds.
const RETRY_SECONDS: &str = "5";

/// Why a request does not pass. What it holds is meant for the caller: never a token, and nothing
/// that a provider or the upstream said.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(
        "A gateway that asks for a decision says X-Forwarded-Method and X-Forwarded-Uri, each exactly once: {0}"
    )]
    Forwarded(&'static str),
    #[error("{0}")]
    Unfit(Unfit),
    #[error("The path is not looked at: {0}")]
    PathUnclean(&'static str),
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
    #[error("A form is taken as it is, in no coding")]
    FormCoded,
    #[error("The gateway reads as many forms as it can at the moment")]
    Busy,
    #[error("The request was refused a moment ago, and would pass by now: ask again")]
    DecisionChanged,
    #[error("The request's body did not arrive")]
    BodyBroken,
    #[error("The request's body did not arrive in time")]
    BodySlow,
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
    ScopeMissing { needed: Scopes, holder: Arc<Holder> },
    #[error(
        "This resource takes a more recent sign-in, or one of another kind, than the access token is of"
    )]
    StepUpNeeded(StepUp),
    #[error("Too many requests came of late: ask again later")]
    TooMany { reason: &'static str, seconds: u64 },
    #[error("Whether the access token is valid cannot be found out at the moment")]
    IssuerUnavailable { reason: &'static str },
    #[error("The gateway cannot make a token for the API at the moment")]
    NotMinted,
    #[error("The API behind the gateway cannot be reached")]
    UpstreamUnreachable,
    #[error("The API behind the gateway answered with something that cannot be passed on")]
    UpstreamUnfit,
    #[error("The API behind the gateway did not answer in time")]
    UpstreamSlow,
    #[error("The API behind the gateway has too much to do at the moment")]
    UpstreamBusy,
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
            Self::Forwarded(_)
            | Self::PathUnclean(_)
            | Self::Upgrade
            | Self::SecondPlace(_)
            | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::TokenMissing | Self::TokenRejected { .. } | Self::StepUpNeeded(_) => {
                StatusCode::UNAUTHORIZED
            }
            Self::ClientNotRecognised | Self::ScopeMissing { .. } => StatusCode::FORBIDDEN,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::FormCoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodySlow => StatusCode::REQUEST_TIMEOUT,
            Self::Unfit(unfit) => unfit.status(),
            Self::UpstreamUnreachable | Self::UpstreamUnfit | Self::KeyRefused => {
                StatusCode::BAD_GATEWAY
            }
            Self::IssuerUnavailable { .. }
            | Self::NotMinted
            | Self::UpstreamBusy
            | Self::Busy
            | Self::DecisionChanged => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamSlow => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The code by which a log is searched.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Forwarded(_) => "forwarded",
            Self::Unfit(unfit) => unfit.reason(),
            Self::PathUnclean(_) => "path_unclean",
            Self::Upgrade => "upgrade",
            Self::NotFound => "path_unknown",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::SecondPlace(_) => "second_place",
            Self::BodyTooLarge => "body_too_large",
            Self::FormCoded => "form_coded",
            Self::Busy => "busy",
            Self::DecisionChanged => "decision_changed",
            Self::BodyBroken => "body_broken",
            Self::BodySlow => "body_slow",
            Self::TokenMissing => "token_missing",
            Self::TokenRejected { reason, .. }
            | Self::TooMany { reason, .. }
            | Self::IssuerUnavailable { reason } => reason,
            Self::ClientNotRecognised => "client_not_recognised",
            Self::ScopeMissing { .. } => "scope_missing",
            Self::StepUpNeeded(_) => "step_up_needed",
            Self::NotMinted => "not_minted",
            Self::UpstreamUnreachable => "upstream_unreachable",
            Self::UpstreamUnfit => "upstream_unfit",
            Self::UpstreamSlow => "upstream_slow",
            Self::UpstreamBusy => "upstream_busy",
            Self::KeyRefused => "upstream_refused_key",
        }
    }

    fn challenge(&self) -> Option<Challenge<'_>> {
        let code = match self {
            Self::TokenMissing => return Some(Challenge::token_needed()),
            Self::ScopeMissing { needed, .. } => {
                return Some(Challenge::insufficient_scope(needed));
            }
            Self::StepUpNeeded(StepUp {
                max_age,
                acr_values,
            }) => return Some(Challenge::step_up(self.to_string(), *max_age, acr_values)),
            Self::SecondPlace(_) => ErrorCode::InvalidRequest,
            Self::TokenRejected { .. } => ErrorCode::InvalidToken,
            _ => return None,
        };
        // the challenge's grammar has no double quote inside a description
        Some(Challenge::refused(code, self.to_string().replace('"', "'")))
    }

    /// With one of RFC 6750's codes, `error` is that code; otherwise it is the sentence itself.
    fn body(&self) -> Vec<u8> {
        let sentence = self.to_string();
        let code = match self {
            Self::SecondPlace(_) => Some(ErrorCode::InvalidRequest),
            Self::TokenRejected { .. } => Some(ErrorCode::InvalidToken),
            Self::ScopeMissing { .. } => Some(ErrorCode::InsufficientScope),
            Self::StepUpNeeded(_) => Some(ErrorCode::InsufficientUserAuthentication),
            _ => None,
        };
        let mut said = Said {
            error: code.map_or(sentence.as_str(), |code| code.as_str()),
            error_description: code.is_some().then_some(&sentence),
            ..Said::default()
        };
        match self {
            Self::ScopeMissing { needed, holder } => {
                said.needed = Some(needed);
                said.granted = Some(&holder.scopes);
            }
            Self::StepUpNeeded(step_up) => {
                said.max_age = step_up.max_age;
                said.acr_values = &step_up.acr_values;
            }
            _ => {}
        }
        let mut json = Vec::with_capacity(USUAL);
        match serde_json::to_writer(&mut json, &said) {
            Ok(()) => json,
            Err(_) => Vec::new(),
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

/// The JSON of a refusal, in this order.
#[derive(Default, Serialize)]
struct Said<'r> {
    error: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'r String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<&'r Scopes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    granted: Option<&'r Scopes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    acr_values: &'r [String],
}

impl From<PathFault> for Refusal {
    fn from(fault: PathFault) -> Self {
        match fault {
            PathFault::TooLong => Self::Unfit(Unfit::Target),
            PathFault::Unclean(why) => Self::PathUnclean(why),
        }
    }
}

impl Refusal {
    /// The answer to the caller. `described_at`: where the resource's metadata are, for the challenge.
    pub(super) fn answer(self, described_at: Option<String>) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(CACHE_CONTROL, NO_STORE);
        if let Some(mut challenge) = self.challenge() {
            if let Some(url) = described_at {
                challenge = challenge.described_at(url);
            }
            let mut text = String::with_capacity(USUAL);
            let written = write!(text, "{challenge}");
            if let (Ok(()), Ok(value)) = (written, HeaderValue::try_from(text)) {
                headers.insert(WWW_AUTHENTICATE, value);
            }
        }
        match self {
            // whatever stands behind it on this connection must not pass for a request
            Self::Unfit(Unfit::Framing) | Self::BodySlow => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::MethodNotAllowed { allowed } => {
                if let Ok(allowed) = HeaderValue::try_from(allowed) {
                    headers.insert(ALLOW, allowed);
                }
            }
            Self::TooMany { seconds, .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            Self::FormCoded => {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            }
            Self::IssuerUnavailable { .. }
            | Self::UpstreamBusy
            | Self::Busy
            | Self::DecisionChanged => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            _ => {}
        }
        response
    }
}
