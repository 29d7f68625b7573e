//! How a client says who it is at the provider's endpoints: by a secret, or by an assertion that it signs
//! for each call. One of the two, and never both (RFC 6749, section 2.3; RFC 7523, section 2.2).

use super::ClientAuthentication;
use crate::{
    flight::Message,
    jose::{Algorithm, ClientKey},
    oauth::{Secret, basic_credentials},
};
use axum::http::{HeaderValue, Method, Request, header};
use serde_json::{Map, Value};
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// `client_assertion_type` of a JWT (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Fields of a form that are shown as they are.
const SHOWN: [&str; 7] = [
    "grant_type",
    "scope",
    "resource",
    "audience",
    "client_id",
    "client_assertion_type",
    "token_type_hint",
];

/// What a client authenticates with.
#[derive(Clone, Debug)]
pub enum Credential {
    /// `client_secret`, by Basic or in the form.
    Secret(Secret),
    /// `private_key_jwt`: the key never leaves, an assertion goes along.
    Key(Arc<ClientKey>),
}

/// What one call shows.
pub enum Proof {
    /// The client's secret.
    Secret(Secret),
    /// An assertion, made for this call alone.
    Assertion(Secret),
}

impl Credential {
    /// What one call shows: asked for anew for each.
    #[must_use]
    pub fn proof(&self, client_id: &str, issuer: &str, now: i64) -> Proof {
        match self {
            Self::Secret(secret) => Proof::Secret(secret.clone()),
            Self::Key(key) => Proof::Assertion(key.assertion(client_id, issuer, now)),
        }
    }
}

impl Proof {
    /// What nobody may see of a call, and the words that stand in its place.
    #[must_use]
    pub fn hidden(&self) -> (Secret, &'static str) {
        match self {
            Self::Secret(secret) => (secret.clone(), "[client secret]"),
            Self::Assertion(assertion) => (assertion.clone(), "[client assertion]"),
        }
    }

    /// The fields of the form that an assertion takes, beside `client_id`; none for a secret.
    #[must_use]
    pub fn assertion(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Secret(_) => Vec::new(),
            Self::Assertion(assertion) => vec![
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion.expose()),
            ],
        }
    }
}

/// A form for one of the provider's endpoints, authenticated. `authentication` says how a secret goes along.
#[must_use]
pub fn authenticated_form(
    endpoint: &Url,
    client_id: &str,
    proof: &Proof,
    authentication: ClientAuthentication,
    fields: &[(&str, &str)],
) -> Request<Vec<u8>> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let mut request = Request::new(Vec::new());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.as_str().parse().unwrap_or_default(); // what is no URI is not called
    let headers = request.headers_mut();
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(header::CONTENT_TYPE, form_type);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    match (proof, authentication) {
        (Proof::Secret(secret), ClientAuthentication::Basic) => {
            let credentials = basic_credentials(client_id, secret);
            let mut value = HeaderValue::from_str(credentials.expose())
                .expect("Basic credentials are base64, which is a header value");
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        (Proof::Secret(secret), ClientAuthentication::Post) => {
            form.append_pair("client_id", client_id);
            form.append_pair("client_secret", secret.expose());
        }
        (Proof::Assertion(_), _) => {
            form.append_pair("client_id", client_id);
            form.extend_pairs(proof.assertion());
        }
    }
    *request.body_mut() = form.finish().into_bytes();
    request
}

/// Such a form as it is shown: fields by an allow-list, and of all others the name alone, so that no secret is.
#[must_use]
pub fn shown_form(request: &Request<Vec<u8>>) -> Message {
    let fields = form_urlencoded::parse(request.body()).map(|(name, value)| {
        let told = match name.as_ref() {
            known if SHOWN.contains(&known) => {
                form_urlencoded::byte_serialize(value.as_bytes()).collect()
            }
            secret => format!("[{}]", secret.replace('_', " ")),
        };
        format!("{name}={told}")
    });
    let body = fields.collect::<Vec<_>>().join("&");
    let url = request.uri().to_string();
    Message::request(request.method().as_str(), &url, request.headers()).with_body(body)
}

/// What a provider announces of assertions (OpenID Connect Discovery, section 3). Where it says nothing,
/// nothing is known.
#[derive(Clone, Debug, Default)]
pub struct Assertions {
    methods: Option<Vec<String>>,
    algorithms: Option<Vec<String>>,
}

impl Assertions {
    /// Reads a provider's metadata.
    #[must_use]
    pub fn announced(document: &Map<String, Value>) -> Self {
        let texts = |name: &str| {
            let list = document.get(name)?.as_array()?.iter();
            Some(list.filter_map(Value::as_str).map(str::to_owned).collect())
        };
        Self {
            methods: texts("token_endpoint_auth_methods_supported"),
            algorithms: texts("token_endpoint_auth_signing_alg_values_supported"),
        }
    }

    /// What the provider leaves out of its metadata that such an assertion needs, in words.
    #[must_use]
    pub fn lack(&self, algorithm: Algorithm) -> Option<String> {
        let lacks = |list: &Option<Vec<String>>, name: &str| {
            let list = list.as_ref();
            list.is_some_and(|list| !list.iter().any(|one| one == name))
        };
        if lacks(&self.methods, "private_key_jwt") {
            return Some(
                "private_key_jwt is not in token_endpoint_auth_methods_supported".to_owned(),
            );
        }
        lacks(&self.algorithms, algorithm.as_str()).then(|| {
            format!("{algorithm} is not in token_endpoint_auth_signing_alg_values_supported")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_provider_does_not_announce_is_told_and_silence_is_no_no() {
        let lack = |document: Value| {
            let document = document.as_object().unwrap();
            Assertions::announced(document).lack(Algorithm::Es256)
        };
        let methods = "token_endpoint_auth_methods_supported";
        let algorithms = "token_endpoint_auth_signing_alg_values_supported";
        assert_eq!(lack(json!({})), None);
        assert_eq!(
            lack(json!({methods: ["private_key_jwt"], algorithms: ["ES256"]})),
            None
        );
        let method = lack(json!({methods: ["client_secret_basic"]})).unwrap();
        assert!(method.contains("private_key_jwt"), "{method}");
        let algorithm =
            lack(json!({methods: ["private_key_jwt"], algorithms: ["PS256", 7]})).unwrap();
        assert!(algorithm.starts_with("ES256 "), "{algorithm}");
    }
}
