//! A resource at the gateway: asked once, and its answer read for what it means (RFC 6750, section 3).

use crate::{
    flight::{Hop, Message, printable, without_secret},
    net::{Client, FetchError, UrlError},
    oauth::{Scopes, Secret},
    reason::{self, Reason},
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use serde_json::Value;
use url::Url;

/// The longest answer that is read, in bytes.
const LIMIT: usize = 1024 * 1024;
/// The code of a challenge that wants another sign-in (RFC 9470, section 3).
const STEP_UP: &str = "insufficient_user_authentication";
/// How many entries of a list are shown.
const ENTRIES: usize = 500;

/// On whose behalf the gateway is asked, which decides what a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody's: no token was sent.
    Nobody,
    /// A person's, who signed in.
    Person,
    /// The machine's own.
    Machine,
}

/// What a call to the gateway came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A list of names.
    List(Vec<String>),
    /// Other JSON.
    Json,
    /// An answer although no token was sent and the blueprint wants one.
    Hole,
    /// 401.
    Unauthorized,
    /// 401 to a good token of a sign-in that is too old, or of another kind (RFC 9470).
    SignInAgain {
        /// `max_age` of the challenge, in seconds.
        max_age: Option<String>,
        /// `acr_values` of the challenge.
        acr_values: Option<String>,
    },
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

/// Calls a resource with this access token, or with none. `protected`: whether it takes one, so that
/// an answer without any is a hole.
pub async fn ask_resource(
    http: &Client,
    method: &str,
    url: &Url,
    protected: bool,
    access_token: Option<&Secret>,
) -> (Hop, Outcome) {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let bearer = access_token.map(|token| Secret::new(format!("Bearer {}", token.expose())));
    // A token that is no header value is not sent; the gateway then says that it wants one.
    if let Some(mut value) = bearer.and_then(|b| HeaderValue::from_str(b.expose()).ok()) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    let asked = Message::request(method, url.as_str(), &headers);
    let nothing = |asked, error| {
        let came_back = None;
        (Hop { asked, came_back }, Outcome::Nothing(error))
    };
    let mut request = Request::new(Vec::new());
    *request.headers_mut() = headers;
    let (Ok(method), Ok(uri)) = (method.parse(), url.as_str().parse()) else {
        let (url, reason) = (url.to_string(), UrlError::NotAUrl);
        return nothing(asked, FetchError::NotAllowed { url, reason });
    };
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    match http.send(request, LIMIT).await {
        Err(error) => nothing(asked, error),
        Ok(answer) => {
            // From here on nothing can show the token, whatever the gateway made of it.
            let answer = match access_token {
                Some(secret) => without_secret(answer, secret),
                None => answer,
            };
            let came_back = Some(Message::response(&answer));
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

impl Outcome {
    /// Why it is no answer, and the status that says so; `None` when it is one. `lacks_scope`:
    /// whether the token lacks something that the resource takes.
    #[must_use]
    pub fn refusal(
        &self,
        caller: Caller,
        lacks_scope: bool,
    ) -> Option<(StatusCode, &'static Reason)> {
        Some(match self {
            Self::List(_) | Self::Json => return None,
            Self::Hole => (StatusCode::UNAUTHORIZED, &reason::HOLE),
            Self::Unauthorized => {
                let reason = match caller {
                    Caller::Nobody => &reason::TOKEN_NEEDED,
                    Caller::Person => &reason::TOKEN_REJECTED,
                    Caller::Machine => &reason::MACHINE_REJECTED,
                };
                (StatusCode::UNAUTHORIZED, reason)
            }
            Self::SignInAgain { .. } => (StatusCode::UNAUTHORIZED, &reason::STEP_UP),
            Self::Forbidden { .. } if !lacks_scope => (StatusCode::FORBIDDEN, &reason::FORBIDDEN),
            Self::Forbidden { .. } if caller == Caller::Machine => {
                (StatusCode::FORBIDDEN, &reason::MACHINE_SCOPE_MISSING)
            }
            Self::Forbidden { .. } => (StatusCode::FORBIDDEN, &reason::SCOPE_MISSING),
            Self::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, &reason::TOO_MANY),
            Self::Status(404) => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_NOT_FOUND),
            Self::Status(504) => (StatusCode::GATEWAY_TIMEOUT, &reason::GATEWAY_STATUS),
            Self::Status(503) => (StatusCode::SERVICE_UNAVAILABLE, &reason::GATEWAY_STATUS),
            Self::Status(_) => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_STATUS),
            Self::Rubbish => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_RUBBISH),
            Self::Nothing(FetchError::TimedOut(_)) => {
                (StatusCode::GATEWAY_TIMEOUT, &reason::GATEWAY_SLOW)
            }
            Self::Nothing(FetchError::TooLarge { .. }) => {
                (StatusCode::BAD_GATEWAY, &reason::GATEWAY_TOO_LARGE)
            }
            Self::Nothing(_) => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_UNREACHABLE),
        })
    }
}

fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Outcome {
    match status {
        StatusCode::UNAUTHORIZED if parameter(headers, "error").as_deref() == Some(STEP_UP) => {
            Outcome::SignInAgain {
                max_age: parameter(headers, "max_age"),
                acr_values: parameter(headers, "acr_values"),
            }
        }
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
        Value::String(name) => Some(printable(name, 200)),
        Value::Object(members) => Some(printable(members.get("name")?.as_str()?, 200)),
        _ => None,
    };
    entries.iter().take(ENTRIES).map(name).collect()
}

/// `scope` of a Bearer challenge (RFC 6750, section 3).
fn challenged_scopes(headers: &HeaderMap) -> Option<Scopes> {
    let scopes = Scopes::parse(&parameter(headers, "scope")?).ok()?;
    (!scopes.is_empty()).then_some(scopes)
}

/// A quoted parameter of a challenge, cut.
fn parameter(headers: &HeaderMap, name: &str) -> Option<String> {
    let begin = format!("{name}=\"");
    headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|challenge| {
            let is_begin = |at: &usize| challenge[..*at].ends_with([' ', ',']);
            let (at, _) = challenge
                .match_indices(&begin)
                .find(|(at, _)| is_begin(at))?;
            let value = challenge[at + begin.len()..].split('"').next()?;
            Some(value.chars().take(4_000).collect())
        })
}

/// For a fuzzer (see [`crate::fuzzing`]).
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzed {
    use super::{HeaderMap, HeaderValue, Outcome, StatusCode, header, parameter, read};
    use crate::oauth::{Challenge, ErrorCode};

    /// Any challenge is read without harm, and one of our own says back what was put in.
    pub(crate) fn www_authenticate(data: &[u8]) {
        let mut theirs = HeaderMap::new();
        for line in data.split(|byte| *byte == b'\n') {
            if let Ok(value) = HeaderValue::from_bytes(line) {
                theirs.append(header::WWW_AUTHENTICATE, value);
            }
        }
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
            match read(status, &theirs, b"") {
                Outcome::SignInAgain {
                    max_age,
                    acr_values,
                } => {
                    let error = parameter(&theirs, "error");
                    assert_eq!(error.as_deref(), Some("insufficient_user_authentication"));
                    for text in [max_age, acr_values].into_iter().flatten() {
                        assert!(text.chars().count() <= 4_000 && !text.contains('"'));
                    }
                }
                Outcome::Forbidden { needed } => {
                    assert!(needed.is_none_or(|scopes| !scopes.is_empty()));
                }
                Outcome::Unauthorized => {}
                other => panic!("{other:?} of {status}"),
            }
        }
        let text = String::from_utf8_lossy(data);
        let ours = Challenge::refused(ErrorCode::InvalidToken, text.clone());
        let ours =
            HeaderValue::try_from(ours.to_string()).expect("a challenge is a header's value");
        let ours = HeaderMap::from_iter([(header::WWW_AUTHENTICATE, ours)]);
        assert_eq!(parameter(&ours, "error").as_deref(), Some("invalid_token"));
        let printable = |letter: char| match letter {
            ' ' | '!' | '#'..='[' | ']'..='~' => letter,
            _ => '?',
        };
        let said: String = text.chars().map(printable).take(4_000).collect();
        assert_eq!(parameter(&ours, "error_description"), Some(said));
    }
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

    #[test]
    fn gw_16_a_challenge_that_wants_another_sign_in_is_understood() {
        let read = |challenge: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("www-authenticate", challenge.parse().unwrap());
            read(StatusCode::UNAUTHORIZED, &headers, b"")
        };
        let Outcome::SignInAgain {
            max_age,
            acr_values,
        } = read(
            r#"Bearer realm="x", error="insufficient_user_authentication", error_description="max_age=", acr_values="a b", max_age="5""#,
        )
        else {
            panic!("not understood")
        };
        assert_eq!(max_age.as_deref(), Some("5"));
        assert_eq!(acr_values.as_deref(), Some("a b"));
        for other in [
            r#"Bearer error="invalid_token", max_age="5""#,
            r#"Bearer x_error="insufficient_user_authentication""#,
            "Bearer",
        ] {
            assert!(matches!(read(other), Outcome::Unauthorized), "{other}");
        }
    }
}
