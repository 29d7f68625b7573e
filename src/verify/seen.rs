//! What came back for one request, as far as it decides anything.

use super::witness::Arrival;
use crate::{blueprint::Blueprint, flight::printable, net::FetchError};
use axum::http::{HeaderMap, Response, header};
use bytes::Bytes;
use serde_json::Value;

/// Who answered, as far as that shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answerer {
    /// The API behind the gateway.
    Api,
    /// Something in front of it, which says this of itself.
    Gateway(String),
    /// Nobody.
    Nobody,
}

impl Answerer {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Api => "the API".to_owned(),
            Self::Gateway(name) if name.is_empty() => "the gateway".to_owned(),
            Self::Gateway(name) => format!("the gateway ({name})"),
            Self::Nobody => "nobody".to_owned(),
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Whether nobody was there at all, or nobody in time.
    pub(super) silent: bool,
    /// `None`: no answer.
    pub(super) status: Option<u16>,
    /// Why there is none.
    pub(super) problem: Option<String>,
    /// `WWW-Authenticate`, every line of it.
    pub(super) challenge: Option<String>,
    pub(super) retry_after: Option<u64>,
    pub(super) answerer: Answerer,
    pub(super) body: Bytes,
    /// What reached the API, if we are the API.
    pub(super) arrivals: Option<Vec<Arrival>>,
}

impl Seen {
    pub(super) fn answer(
        answer: &Response<Bytes>,
        arrivals: Option<Vec<Arrival>>,
        blueprint: &Blueprint,
    ) -> Self {
        let headers = answer.headers();
        let body = answer.body().clone();
        let status = answer.status();
        let from_api = if let Some(arrivals) = &arrivals {
            !arrivals.is_empty()
        } else {
            let is_answer = |listed: Value| {
                let mut resources = blueprint.resources.iter();
                resources.any(|one| listed == Value::from(one.answer.clone()))
            };
            status.is_success() && serde_json::from_slice(&body).is_ok_and(is_answer)
        };
        Self {
            silent: false,
            status: Some(status.as_u16()),
            problem: None,
            challenge: joined(headers, header::WWW_AUTHENTICATE.as_str()),
            retry_after: joined(headers, "retry-after").and_then(|text| text.parse().ok()),
            answerer: if from_api {
                Answerer::Api
            } else {
                let name = joined(headers, "server").or_else(|| joined(headers, "via"));
                Answerer::Gateway(name.unwrap_or_default())
            },
            body,
            arrivals,
        }
    }

    pub(super) fn nothing(error: &FetchError, arrivals: Option<Vec<Arrival>>) -> Self {
        let reached = arrivals
            .as_ref()
            .is_some_and(|arrivals| !arrivals.is_empty());
        Self {
            silent: matches!(error, FetchError::Refused(_) | FetchError::TimedOut(_)),
            status: None,
            problem: Some(printable(&error.to_string(), 200)),
            challenge: None,
            retry_after: None,
            answerer: if reached {
                Answerer::Api
            } else {
                Answerer::Nobody
            },
            body: Bytes::new(),
            arrivals,
        }
    }

    pub(super) fn is_success(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the request got as far as the API: seen there, or told by a successful answer.
    pub(super) fn is_let_in(&self) -> bool {
        match &self.arrivals {
            Some(arrivals) => !arrivals.is_empty(),
            None => self.is_success(),
        }
    }

    /// In words, as a cell shows it.
    pub(super) fn words(&self) -> String {
        let Some(status) = self.status else {
            return self.problem.clone().unwrap_or_default();
        };
        let challenge = match &self.challenge {
            Some(challenge) => format!(", {challenge}"),
            None => String::new(),
        };
        format!("{status}{challenge}, answered by {}", self.answerer.words())
    }
}

fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<String> = values
        .map(|value| printable(&String::from_utf8_lossy(value.as_bytes()), 300))
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}
