//! Reads what a registration endpoint answers, errors in the RFC's and in Okta's shape.

use crate::{flight::printable, jose::strict_json};
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use serde_json::{Map, Value};

/// How much of the provider's words is told, in characters.
const SHOWN: usize = 300;

/// The members of an answer.
///
/// # Errors
/// When it is no JSON object, each member named once.
pub(super) fn read(body: &[u8]) -> Result<Map<String, Value>, String> {
    strict_json::from_slice(body).map_err(|error| printable(&error.to_string(), SHOWN))
}

/// The provider's words, and what to do.
pub(super) fn explain(answer: &Response<Bytes>) -> String {
    let members = read(answer.body()).unwrap_or_default();
    let text = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let mut words: Vec<&str> = ["error", "error_description", "errorCode", "errorSummary"]
        .into_iter()
        .map(text)
        .filter(|word| !word.is_empty())
        .collect();
    let causes = members.get("errorCauses").and_then(Value::as_array);
    words.extend(
        causes
            .into_iter()
            .flatten()
            .filter_map(|cause| cause.get("errorSummary").and_then(Value::as_str)),
    );
    let said = if words.is_empty() {
        "it says nothing that can be read".to_owned()
    } else {
        printable(&words.join(": "), SHOWN)
    };
    match advice(answer.status(), text("error")) {
        "" => said,
        advice => format!("{said}\nhint: {advice}"),
    }
}

fn advice(status: StatusCode, error: &str) -> &'static str {
    match (status, error) {
        (_, "invalid_redirect_uri") => {
            "a redirect URI is https, or http on loopback, without fragment and wildcard; --redirect-uri sets it"
        }
        (_, "invalid_client_metadata") => {
            "the provider does not take a grant type or an authentication method; --grant-type and --auth-method change them"
        }
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
            "registration is not open to all: set INITIAL_ACCESS_TOKEN to a token that the provider's administration gave, or OKTA_TENANT and OKTA_API_TOKEN for Okta"
        }
        (StatusCode::NOT_FOUND, _) => {
            "CLIENT_REGISTRATION_URL or ISSUER leads to no registration endpoint, or the client is gone"
        }
        (StatusCode::TOO_MANY_REQUESTS, _) => {
            "the provider wants you to wait; try again in a minute"
        }
        _ => "",
    }
}
