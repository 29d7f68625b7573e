//! Asks the gateway, once a click, and reads what its answer means.

use super::app::App;
use crate::{
    blueprint::{Resource, Takes},
    flight::{Hop, Message, without_secret},
    net::FetchError,
    oauth::{Scopes, Secret},
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use serde_json::Value;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 1024 * 1024;
/// How many entries of a list are shown.
const ENTRIES: usize = 500;

/// What a call to the gateway came to.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// A list of names.
    List(Vec<String>),
    /// Other JSON.
    Json,
    /// An answer although no token was sent and the blueprint wants one.
    Hole,
    /// 401.
    Unauthorized,
    /// 403; the scopes that its challenge names.
    Forbidden {
        /// `scope` of the challenge, if it has one.
        needed: Option<Scopes>,
    },
    /// 429.
    TooMany {
        /// `Retry-After`.
        retry_after: Option<String>,
    },
    /// Any other status.
    Status(u16),
    /// A 200 that is no JSON.
    Rubbish,
    /// No answer.
    Nothing(FetchError),
}

/// Calls a resource with the access token of its own session, if there is one.
pub(super) async fn ask(
    app: &App,
    resource: &Resource,
    access_token: Option<&Secret>,
) -> (Hop, Outcome) {
    let method = if resource.method == "*" {
        "GET"
    } else {
        resource.method.as_str()
    };
    let url = app.resource_url(resource);
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let bearer = access_token.map(|token| Secret::new(format!("Bearer {}", token.expose())));
    // A token that is no header value is not sent; the gateway then says that it wants one.
    if let Some(mut value) = bearer.and_then(|b| HeaderValue::from_str(b.expose()).ok()) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    let asked = Message::request(method, url.as_str(), &headers);
    let mut request = Request::new(Vec::new());
    *request.headers_mut() = headers;
    let (Ok(method), Ok(uri)) = (method.parse(), url.as_str().parse()) else {
        let reason = crate::net::UrlError::NotAUrl;
        let error = FetchError::NotAllowed {
            url: url.into(),
            reason,
        };
        return (
            Hop {
                asked,
                came_back: None,
            },
            Outcome::Nothing(error),
        );
    };
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    match app.config.http.send(request, LIMIT).await {
        Err(error) => (
            Hop {
                asked,
                came_back: None,
            },
            Outcome::Nothing(error),
        ),
        Ok(answer) => {
            // From here on nothing can show the token, whatever the gateway made of it.
            let answer = match access_token {
                Some(secret) => without_secret(answer, secret),
                None => answer,
            };
            let came_back = Some(Message::response(&answer));
            let protected = resource.takes != Takes::Open;
            let outcome = match read(answer.status(), answer.headers(), answer.body()) {
                Outcome::List(_) | Outcome::Json if protected && access_token.is_none() => {
                    Outcome::Hole
                }
                outcome => outcome,
            };
            (Hop { asked, came_back }, outcome)
        }
    }
}

fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Outcome {
    match status {
        StatusCode::UNAUTHORIZED => Outcome::Unauthorized,
        StatusCode::FORBIDDEN => Outcome::Forbidden {
            needed: challenged_scopes(headers),
        },
        StatusCode::TOO_MANY_REQUESTS => {
            let value = headers
                .get(header::RETRY_AFTER)
                .and_then(|v| v.to_str().ok());
            Outcome::TooMany {
                retry_after: value.map(|v| v.chars().take(60).collect()),
            }
        }
        status if status.is_success() => match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(entries)) => names(&entries).map_or(Outcome::Json, Outcome::List),
            Ok(Value::Object(_)) => Outcome::Json,
            _ => Outcome::Rubbish,
        },
        other => Outcome::Status(other.as_u16()),
    }
}

/// Entries that are names, or objects with one: other people's APIs answer so.
fn names(entries: &[Value]) -> Option<Vec<String>> {
    let name = |entry: &Value| match entry {
        Value::String(name) => Some(name.chars().take(200).collect()),
        Value::Object(members) => Some(members.get("name")?.as_str()?.chars().take(200).collect()),
        _ => None,
    };
    entries.iter().take(ENTRIES).map(name).collect()
}

/// `scope` of a Bearer challenge (RFC 6750, section 3).
fn challenged_scopes(headers: &HeaderMap) -> Option<Scopes> {
    headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|challenge| {
            let (_, rest) = challenge.split_once("scope=\"")?;
            Scopes::parse(rest.split('"').next()?).ok()
        })
        .filter(|scopes| !scopes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str) -> Outcome {
        read(
            StatusCode::from_u16(status).unwrap(),
            &HeaderMap::new(),
            body.as_bytes(),
        )
    }

    #[test]
    fn lists_of_names_are_read_in_both_shapes() {
        for body in [r#"["a","b"]"#, r#"[{"name":"a","x":1},{"name":"b"}]"#] {
            let Outcome::List(names) = outcome(200, body) else {
                panic!("{body}")
            };
            assert_eq!(names, ["a", "b"]);
        }
        assert!(matches!(outcome(200, "[1]"), Outcome::Json));
        assert!(matches!(outcome(200, r#"{"a":1}"#), Outcome::Json));
    }

    #[test]
    fn what_is_no_json_is_rubbish() {
        for body in ["", "<script>", "nope", "[1", "\"text\"", "7"] {
            assert!(matches!(outcome(200, body), Outcome::Rubbish), "{body}");
        }
    }

    #[test]
    fn the_challenge_names_the_missing_scope() {
        let mut headers = HeaderMap::new();
        let challenge = r#"Bearer error="insufficient_scope", scope="http://x/gold""#;
        headers.insert("www-authenticate", challenge.parse().unwrap());
        assert_eq!(
            challenged_scopes(&headers).unwrap().to_string(),
            "http://x/gold"
        );
    }
}
