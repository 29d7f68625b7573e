//! The token endpoint's answer, brought into the form that the `oauth2` crate reads, after one strict
//! pass over its bytes.

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

/// `id_token` beside the members that `oauth2` knows, as the string that it is.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct IdTokenField {
    pub(super) id_token: Option<String>,
}

impl std::fmt::Debug for IdTokenField {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[id token]")
    }
}

impl oauth2::ExtraTokenFields for IdTokenField {}

pub(super) type TokenAnswer = StandardTokenResponse<IdTokenField, BasicTokenType>;

/// The HTTP client of the `oauth2` crate: ours, with the strict pass.
pub(super) struct TokenHttp(pub(super) Client);

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
            let answer = self.0.send(request, LIMIT).await?;
            let (mut head, body) = answer.into_parts();
            if head.status.is_redirection() {
                return Err(TokenHttpError::Answer(format!(
                    "a redirect ({})",
                    head.status
                )));
            }
            let members =
                strict_json::from_slice::<Map<String, Value>>(&body).map_err(|error| {
                    TokenHttpError::Answer(format!(
                        "{} with a body that is not strict JSON: {error}",
                        head.status
                    ))
                })?;
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
    if let Some(value) = members.remove("expires_in") {
        let seconds = match &value {
            Value::String(text) => text.trim().parse::<f64>().ok(),
            other => other.as_f64(),
        };
        if let Some(seconds) = seconds.filter(|s| *s >= 0.0 && s.is_finite()) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative, and `as` saturates"
            )]
            members.insert("expires_in".to_owned(), Value::from(seconds as u64));
        }
    }
    if let Some(Value::Array(names)) = members.get("scope") {
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        let joined = names.join(" ");
        members.insert("scope".to_owned(), Value::String(joined));
    }
    members
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
    fn odd_lifetimes_are_mended_or_left_out() {
        for (odd, mended) in [
            (json!("3600"), json!({"expires_in": 3600})),
            (json!(3600.0), json!({"expires_in": 3600})),
            (json!(1e300), json!({"expires_in": u64::MAX})),
            (json!(-1), json!({})),
            (json!("soon"), json!({})),
            (json!(null), json!({})),
        ] {
            assert_eq!(tidy(json!({"expires_in": odd.clone()})), mended, "{odd}");
        }
    }

    #[test]
    fn a_list_of_scopes_becomes_a_string() {
        assert_eq!(tidy(json!({"scope": ["a", "b"]})), json!({"scope": "a b"}));
    }
}
