//! What a provider says of itself (OpenID Connect Discovery, section 3; RFC 8414).
//!
//! Read member by member: one odd member that nobody here needs must not turn sign-in off.

use crate::{calls::Assertions, jose::Algorithm, net::check_endpoint};
use serde_json::{Map, Value};
use url::Url;

/// A provider's metadata, checked: the issuer is exact, every endpoint is https or loopback.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The issuer identifier, as it is configured and as the document has it.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub token_endpoint: Url,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// Where a person's claims are, if anywhere.
    pub userinfo_endpoint: Option<Url>,
    /// Where tokens are revoked (RFC 7009), if anywhere.
    pub revocation_endpoint: Option<Url>,
    /// Where tokens are asked about (RFC 7662), if anywhere.
    pub introspection_endpoint: Option<Url>,
    /// Where a person signs out (OpenID Connect RP-Initiated Logout), if anywhere.
    pub end_session_endpoint: Option<Url>,
    /// What ID tokens may be signed with: RS256, and of the others that we verify the announced.
    pub id_token_algorithms: Vec<Algorithm>,
    /// Whether client id and secret go into the form instead of HTTP Basic.
    pub client_secret_post: bool,
    /// What is announced of assertions that clients sign.
    pub assertions: Assertions,
    /// Whether every answer bears `iss` (RFC 9207, section 3).
    pub announces_iss: bool,
    /// Whether PKCE with S256 is announced. It is sent in any case.
    pub announces_s256: bool,
}

/// Why metadata is not taken. Each reads as a sentence.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MetadataError {
    /// Not an object of JSON, or a member stands in it twice.
    #[error("the metadata is not strict JSON: {0}")]
    NotJson(String),
    /// Another issuer, perhaps by a slash.
    #[error(
        "the metadata is of issuer {found:?}, but ISSUER is {expected:?}; they must be the same, byte for byte"
    )]
    AnotherIssuer {
        /// As configured.
        expected: String,
        /// As the document has it.
        found: String,
    },
    /// A member that must be there is missing or is no URL that we call.
    #[error("the metadata's {member} {why}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// All that our verifier knows besides RS256, which every provider has (Discovery, section 3).
const WHEN_ANNOUNCED: [Algorithm; 4] = [
    Algorithm::Es256,
    Algorithm::EdDsa,
    Algorithm::Ps256,
    Algorithm::Es384,
];

impl Metadata {
    /// Reads the document of `issuer`.
    ///
    /// # Errors
    /// When it is of another issuer, or lacks what a sign-in needs.
    pub fn read(issuer: &str, document: &[u8]) -> Result<Self, MetadataError> {
        let document: Map<String, Value> = crate::jose::strict_json::from_slice(document)
            .map_err(|error| MetadataError::NotJson(error.to_string()))?;
        let found = document
            .get("issuer")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if found != issuer {
            let found = found.chars().take(200).collect();
            return Err(MetadataError::AnotherIssuer {
                expected: issuer.to_owned(),
                found,
            });
        }
        let announced = texts(&document, "id_token_signing_alg_values_supported");
        let mut id_token_algorithms = vec![Algorithm::Rs256];
        id_token_algorithms.extend(
            WHEN_ANNOUNCED
                .into_iter()
                .filter(|known| announced.contains(&known.as_str())),
        );
        let methods = texts(&document, "token_endpoint_auth_methods_supported");
        let basic = methods.is_empty() || methods.contains(&"client_secret_basic");
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: required(issuer, &document, "authorization_endpoint")?,
            token_endpoint: required(issuer, &document, "token_endpoint")?,
            jwks_uri: required(issuer, &document, "jwks_uri")?,
            userinfo_endpoint: optional(issuer, &document, "userinfo_endpoint")?,
            revocation_endpoint: optional(issuer, &document, "revocation_endpoint")?,
            introspection_endpoint: optional(issuer, &document, "introspection_endpoint")?,
            end_session_endpoint: optional(issuer, &document, "end_session_endpoint")?,
            id_token_algorithms,
            client_secret_post: !basic && methods.contains(&"client_secret_post"),
            assertions: Assertions::announced(&document),
            announces_iss: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
            announces_s256: texts(&document, "code_challenge_methods_supported").contains(&"S256"),
        })
    }
}

fn required(
    issuer: &str,
    document: &Map<String, Value>,
    member: &'static str,
) -> Result<Url, MetadataError> {
    let wrong = |why: String| MetadataError::Member { member, why };
    let text = document
        .get(member)
        .ok_or_else(|| wrong("is missing".to_owned()))?;
    let text = text
        .as_str()
        .ok_or_else(|| wrong("is not a string".to_owned()))?;
    check_endpoint(issuer, text)
        .map_err(|error| wrong(format!("is not a URL that is called: {error}")))
}

/// An endpoint that need not be there. One that is there, and by plain http or none at all, is no slip
/// to overlook: who sends tokens there, or a browser, may as well not have TLS anywhere.
fn optional(
    issuer: &str,
    document: &Map<String, Value>,
    member: &'static str,
) -> Result<Option<Url>, MetadataError> {
    match document.get(member) {
        Some(Value::String(text)) if !text.is_empty() => {
            required(issuer, document, member).map(Some)
        }
        _ => Ok(None), // some providers write null, or nothing between the quotes
    }
}

fn texts<'d>(document: &'d Map<String, Value>, member: &str) -> Vec<&'d str> {
    let list = document.get(member).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "https://idp.example";

    fn document() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://idp.example/authorize?tenant=1",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://idp.example/keys",
        })
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<Metadata, MetadataError> {
        let mut document = document();
        change(&mut document);
        Metadata::read(ISSUER, document.to_string().as_bytes())
    }

    #[test]
    fn the_least_that_a_provider_says_is_enough() {
        let metadata = read(|_| {}).unwrap();
        assert_eq!(metadata.authorization_endpoint.query(), Some("tenant=1"));
        assert_eq!(metadata.id_token_algorithms, [Algorithm::Rs256]);
        assert!(!metadata.client_secret_post && !metadata.announces_iss);
    }

    #[test]
    fn sec_web_07_another_issuer_is_refused_even_by_a_slash() {
        for other in [
            "https://idp.example/",
            "https://IDP.example",
            "https://evil.example",
            "",
        ] {
            let error = read(|document| document["issuer"] = json!(other)).unwrap_err();
            assert!(
                matches!(error, MetadataError::AnotherIssuer { .. }),
                "{other}"
            );
        }
    }

    #[test]
    fn sec_web_07_an_endpoint_that_is_there_must_be_https() {
        for (member, odd) in [
            ("token_endpoint", json!("http://idp.example/token")),
            ("token_endpoint", json!("http://127.0.0.1:9/token")),
            ("jwks_uri", json!("http://localhost:9/keys")),
            ("jwks_uri", json!(null)),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("userinfo_endpoint", json!("http://idp.example/userinfo")),
            ("revocation_endpoint", json!("/revoke")),
            ("end_session_endpoint", json!("http://idp.example/out")),
        ] {
            assert!(
                read(|document| document[member] = odd.clone()).is_err(),
                "{member}"
            );
        }
    }

    #[test]
    fn odd_members_that_nobody_needs_are_skipped() {
        let metadata = read(|document| {
            document["userinfo_endpoint"] = json!(7);
            document["end_session_endpoint"] = json!(null);
            document["revocation_endpoint"] = json!("");
            document["service_documentation"] = json!("");
            document["id_token_signing_alg_values_supported"] =
                json!(["none", "HS256", "ES256", 3]);
            document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        })
        .unwrap();
        assert!(metadata.userinfo_endpoint.is_none() && metadata.end_session_endpoint.is_none());
        assert_eq!(
            metadata.id_token_algorithms,
            [Algorithm::Rs256, Algorithm::Es256]
        );
        assert!(metadata.client_secret_post);
    }

    #[test]
    fn sec_web_07_com_12_a_member_that_stands_twice_is_refused() {
        let text = document().to_string();
        let doubled = text.replacen('{', r#"{"issuer":"https://evil.example","#, 1);
        assert!(matches!(
            Metadata::read(ISSUER, doubled.as_bytes()),
            Err(MetadataError::NotJson(_))
        ));
    }
}
