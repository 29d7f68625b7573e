//! The token endpoint's answer, brought into the form that the `oauth2` crate reads, after one strict
//! pass over its bytes.

use super::tape::Tape;
use crate::{
    jose::strict_json,
    net::{Client, FetchError},
};
use axum::http::{Request, Response};
use oauth2::{HttpRequest, HttpResponse, StandardTokenResponse, basic::BasicTokenType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::pin::Pin;

/// What a token answer may have, in bytes: an ID token of 64 KiB and its sisters.
const LIMIT: usize = 256 * 1024;

/// `id_token` beside the members that `oauth2` knows, as the string that it is, and how long the
/// refresh token lives, as Keycloak and others say.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct IdTokenField {
    pub(super) id_token: Option<String>,
    pub(super) refresh_expires_in: Option<u64>,
}

impl std::fmt::Debug for IdTokenField {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[id token]")
    }
}

impl oauth2::ExtraTokenFields for IdTokenField {}

pub(super) type TokenAnswer = StandardTokenResponse<IdTokenField, BasicTokenType>;

/// The HTTP client of the `oauth2` crate: ours, with the strict pass.
pub(super) struct TokenHttp {
    client: Client,
    /// What is to be shown of the call, and never shown of it.
    tape: Tape,
}

impl TokenHttp {
    pub(super) fn new(client: Client, tape: Tape) -> Self {
        Self { client, tape }
    }

    /// What went over the wire.
    pub(super) fn into_tape(self) -> Tape {
        self.tape
    }
}

/// What went wrong below the protocol.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenHttpError {
    #[error("{0}")]
    Fetch(#[from] FetchError),
    #[error("{0}")]
    Answer(String),
}

impl<'c> oauth2::AsyncHttpClient<'c> for TokenHttp {
    type Error = TokenHttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request: Request<Vec<u8>> = request;
            self.tape.asked(&request);
            let answer = self.client.send(request, LIMIT).await?;
            self.tape.came_back(&answer);
            let (mut head, body) = answer.into_parts();
            if head.status.is_redirection() {
                return Err(TokenHttpError::Answer(format!(
                    "a redirect ({})",
                    head.status
                )));
            }
            let mut members =
                strict_json::from_slice::<Map<String, Value>>(&body).map_err(|error| {
                    TokenHttpError::Answer(format!(
                        "{} with a body that is not strict JSON: {error}",
                        head.status
                    ))
                })?;
            if members.contains_key("error") {
                self.tape.clean(&mut members); // before it is cut, so that no part of a secret is left
            }
            if head.status.is_success() && members.contains_key("error") {
                head.status = axum::http::StatusCode::BAD_REQUEST; // an error that calls itself a success
            }
            // Some providers send another type here; the library would refuse the whole answer.
            head.headers.insert(
                "content-type",
                axum::http::HeaderValue::from_static("application/json"),
            );
            Ok(Response::from_parts(
                head,
                Value::Object(tidied(members)).to_string().into_bytes(),
            ))
        })
    }
}

/// Optional members in the type that they should have, or not at all.
fn tidied(mut members: Map<String, Value>) -> Map<String, Value> {
    members.retain(|_, value| !value.is_null());
    if let Some(value) = members.remove("refresh_token_expires_in") {
        members.entry("refresh_expires_in").or_insert(value); // another name for the same
    }
    for name in ["expires_in", "refresh_expires_in"] {
        let life = members.remove(name).as_ref().and_then(seconds);
        members.extend(life.map(|life| (name.to_owned(), Value::from(life))));
    }
    if let Some(Value::Array(names)) = members.get("scope") {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        let joined = names.join(" ");
        members.insert("scope".to_owned(), Value::String(joined));
    }
    members
}

/// A life in seconds: not negative, and what lies outside of 64 bits saturates.
fn seconds(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        other => other.as_f64(),
    };
    let seconds = seconds.filter(|s| *s >= 0.0 && s.is_finite())?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and `as` saturates"
    )]
    Some(seconds as u64)
}

/// An answer that the library takes has its tokens as they were, and is the same when tidied again.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn fuzzed(data: &[u8]) {
    use oauth2::TokenResponse;
    let Ok(members) = strict_json::from_slice::<Map<String, Value>>(data) else {
        return;
    };
    let tidy = tidied(members.clone());
    assert_eq!(tidied(tidy.clone()), tidy);
    let text = Value::Object(tidy.clone()).to_string();
    let Ok(answer) = serde_json::from_str::<TokenAnswer>(&text) else {
        return;
    };
    let given = members.get("access_token").and_then(Value::as_str);
    assert_eq!(given, Some(answer.access_token().secret().as_str()));
    let seconds = answer.expires_in().map(|lifetime| lifetime.as_secs());
    assert_eq!(seconds, tidy.get("expires_in").and_then(Value::as_u64));
    let mut others = tidy;
    for token in ["access_token", "refresh_token", "id_token"] {
        others.remove(token);
    }
    // the library prints a type in lower case
    let others = Value::Object(others).to_string().to_ascii_lowercase();
    let said_elsewhere = others.contains("canary");
    let is_printed = format!("{answer:?}").contains("canary");
    assert!(said_elsewhere || !is_printed, "a token is printed");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tidy(value: Value) -> Value {
        let Value::Object(members) = value else {
            panic!()
        };
        Value::Object(tidied(members))
    }

    #[test]
    fn sec_ses_09_odd_lifetimes_saturate_are_mended_or_left_out() {
        for (odd, mended) in [
            (json!("3600"), json!({"expires_in": 3600})),
            (json!(3600.0), json!({"expires_in": 3600})),
            (json!(1e300), json!({"expires_in": u64::MAX})),
            (json!(-1), json!({})),
            (json!("soon"), json!({})),
            (json!(null), json!({})),
            (json!(1_u64 << 63), json!({"expires_in": 1_u64 << 63})),
            (json!([3600]), json!({})),
        ] {
            assert_eq!(tidy(json!({"expires_in": odd.clone()})), mended, "{odd}");
        }
        let both = json!({"refresh_token_expires_in": "60", "refresh_expires_in": -1});
        assert_eq!(tidy(both), json!({}));
        let other_name = json!({"refresh_token_expires_in": 60});
        assert_eq!(tidy(other_name), json!({"refresh_expires_in": 60}));
    }

    #[test]
    fn a_list_of_scopes_becomes_a_string() {
        assert_eq!(tidy(json!({"scope": ["a", "b"]})), json!({"scope": "a b"}));
    }
}
