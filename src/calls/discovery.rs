//! What an issuer says of itself (OpenID Connect Discovery, section 4; RFC 8414), for whoever needs
//! an endpoint of it and no sign-in.

use super::Assertions;
use crate::{
    flight::printable,
    jose::strict_json,
    net::{Client, FetchError, check_endpoint, check_url, join_path},
};
use axum::http::{Request, header::ACCEPT};
use serde_json::{Map, Value};
use url::Url;

/// The longest metadata that are read, in bytes.
const LIMIT: usize = 64 * 1024;

/// An issuer's metadata: the issuer is compared exactly, its endpoints are checked when asked for.
#[derive(Clone, Debug)]
pub struct Discovery {
    issuer: String,
    document: Map<String, Value>,
}

/// How a client with a secret shows it (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// HTTP Basic.
    Basic,
    /// In the form.
    Post,
}

/// Why there are no metadata, or not what is needed of them. Each reads as a sentence.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DiscoveryError {
    /// No answer.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// Another status than 200.
    #[error("{url} answered {status}: no issuer is there")]
    Status {
        /// Where it was asked.
        url: String,
        /// What it answered.
        status: u16,
    },
    /// Not an object of JSON, or a member stands in it twice.
    #[error("{url} is no strict JSON object: {problem}")]
    NotJson {
        /// Where it was asked.
        url: String,
        /// What is wrong.
        problem: String,
    },
    /// Another issuer, perhaps by a slash.
    #[error(
        "{url} is of issuer {found:?}, not of {expected:?}; they must be the same, byte for byte"
    )]
    AnotherIssuer {
        /// Where it was asked.
        url: String,
        /// As it was asked for.
        expected: String,
        /// As the document has it, cut.
        found: String,
    },
    /// A member that is missing, or no URL that is called.
    #[error("the issuer's {member} {why}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl Discovery {
    /// Fetches the metadata of `issuer`.
    ///
    /// # Errors
    /// When there are none, or they are another issuer's.
    pub async fn fetch(http: &Client, issuer: &str) -> Result<Self, DiscoveryError> {
        let not_called = |reason| FetchError::NotAllowed {
            url: issuer.to_owned(),
            reason,
        };
        let base = check_url(issuer).map_err(not_called)?;
        let url = join_path(&base, "/.well-known/openid-configuration").to_string();
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = url
            .parse()
            .map_err(|_| not_called(crate::net::UrlError::NotAUrl))?;
        let json = axum::http::HeaderValue::from_static("application/json");
        request.headers_mut().insert(ACCEPT, json);
        let answer = http.send(request, LIMIT).await?;
        if answer.status() != 200 {
            let status = answer.status().as_u16();
            return Err(DiscoveryError::Status { url, status });
        }
        Self::read(issuer, &url, answer.body())
    }

    /// Reads metadata that were fetched from `url`.
    ///
    /// # Errors
    /// When they are no strict JSON object, or another issuer's.
    pub fn read(issuer: &str, url: &str, body: &[u8]) -> Result<Self, DiscoveryError> {
        let url = url.to_owned();
        let document: Map<String, Value> = match strict_json::from_slice(body) {
            Ok(document) => document,
            Err(error) => {
                let problem = printable(&error.to_string(), 200);
                return Err(DiscoveryError::NotJson { url, problem });
            }
        };
        let found = document.get("issuer").and_then(Value::as_str);
        if found != Some(issuer) {
            return Err(DiscoveryError::AnotherIssuer {
                url,
                expected: issuer.to_owned(),
                found: printable(found.unwrap_or_default(), 200),
            });
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            document,
        })
    }

    /// The issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// An endpoint: https, or http on loopback where the issuer has that too.
    ///
    /// # Errors
    /// When it is not announced, or is no URL that is called.
    pub fn endpoint(&self, member: &'static str) -> Result<Url, DiscoveryError> {
        let wrong = |why: String| DiscoveryError::Member { member, why };
        let text = match self.document.get(member) {
            None | Some(Value::Null) => return Err(wrong("is not announced".to_owned())),
            Some(value) => value.as_str(),
        };
        let text = text.ok_or_else(|| wrong("is not a string".to_owned()))?;
        check_endpoint(&self.issuer, text).map_err(|error| wrong(format!("is not called: {error}")))
    }

    /// What it announces of assertions (`private_key_jwt`).
    #[must_use]
    pub fn assertions(&self) -> Assertions {
        Assertions::announced(&self.document)
    }

    /// How clients with a secret authenticate at the token endpoint: Basic, unless only the form is announced.
    #[must_use]
    pub fn client_authentication(&self) -> ClientAuthentication {
        let methods = self.document.get("token_endpoint_auth_methods_supported");
        let methods: Vec<&str> = methods
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let basic = methods.is_empty() || methods.contains(&"client_secret_basic");
        if !basic && methods.contains(&"client_secret_post") {
            ClientAuthentication::Post
        } else {
            ClientAuthentication::Basic
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "https://idp.example";

    fn read(document: &Value) -> Result<Discovery, DiscoveryError> {
        Discovery::read(
            ISSUER,
            "https://idp.example/…",
            document.to_string().as_bytes(),
        )
    }

    #[test]
    fn cli_02_endpoints_are_those_of_exactly_this_issuer_and_https() {
        let good = json!({"issuer": ISSUER, "a": "https://idp.example/a", "b": "http://idp.example/b", "c": 7, "d": "http://localhost:1/d"});
        let found = read(&good).unwrap();
        assert!(found.endpoint("a").is_ok());
        for member in ["b", "c", "d", "e"] {
            assert!(found.endpoint(member).is_err(), "{member}");
        }
        let here = br#"{"issuer":"http://localhost:1","d":"http://localhost:1/d"}"#;
        let found = Discovery::read("http://localhost:1", "x", here).unwrap();
        assert!(
            found.endpoint("d").is_ok(),
            "plain http where the issuer has it"
        );
        for other in ["https://idp.example/", "https://evil.example", ""] {
            let error = read(&json!({"issuer": other})).unwrap_err();
            assert!(matches!(error, DiscoveryError::AnotherIssuer { .. }));
        }
        let twice = br#"{"issuer":"https://idp.example","issuer":"https://idp.example"}"#;
        let error = Discovery::read(ISSUER, "x", twice).unwrap_err();
        assert!(matches!(error, DiscoveryError::NotJson { .. }));
    }

    #[test]
    fn the_form_is_taken_only_where_basic_is_not_announced() {
        let of = |methods: Value| {
            let document =
                json!({"issuer": ISSUER, "token_endpoint_auth_methods_supported": methods});
            read(&document).unwrap().client_authentication()
        };
        assert_eq!(of(Value::Null), ClientAuthentication::Basic);
        assert_eq!(
            of(json!(["client_secret_post"])),
            ClientAuthentication::Post
        );
        let both = json!(["client_secret_post", "client_secret_basic"]);
        assert_eq!(of(both), ClientAuthentication::Basic);
    }
}
