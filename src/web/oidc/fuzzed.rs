//! What a provider says, for a fuzzer (see [`crate::fuzzing`]).

use super::{
    metadata::Metadata,
    response::{AuthorizationResponse, Outcome, ResponseError},
    token_answer,
};
use crate::jose::Algorithm;
use std::collections::HashMap;
use url::form_urlencoded;

/// An answer that is read has one state, and each parameter once.
pub(crate) fn callback_query(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else {
        return;
    };
    let mut given: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in form_urlencoded::parse(data) {
        given
            .entry(name.into_owned())
            .or_default()
            .push(value.into_owned());
    }
    let is_in = AuthorizationResponse::is_in(query);
    let state = AuthorizationResponse::only_state(query);
    match AuthorizationResponse::read(query) {
        Ok(response) => {
            assert!(given.values().all(|values| values.len() == 1), "{query}");
            assert!(is_in && !response.state.is_empty());
            assert_eq!(state.as_deref(), Some(response.state.as_str()));
            assert_eq!(given["state"], std::slice::from_ref(&response.state));
            let one = |name: &str| {
                given
                    .get(name)
                    .map(|values| values[0].as_str())
                    .filter(|value| !value.is_empty())
            };
            assert_eq!(response.issuer.as_deref(), one("iss"));
            match response.outcome {
                Outcome::Code(code) => {
                    assert_eq!((Some(code.expose()), None), (one("code"), one("error")));
                }
                Outcome::Error { code, description } => {
                    assert!(one("error").is_some() && one("code").is_none());
                    assert!(is_a_line(&code) && description.is_none_or(|text| is_a_line(&text)));
                }
                Outcome::CodeAndError => assert!(one("code").is_some() && one("error").is_some()),
                Outcome::Nothing => assert!(one("code").is_none() && one("error").is_none()),
            }
        }
        Err(ResponseError::Repeated(name)) => {
            assert!(given.values().any(|values| values.len() > 1), "{query}");
            assert!(is_a_line(&name));
        }
        Err(ResponseError::StateMissing) => assert!(state.is_none_or(|state| state.is_empty())),
        Err(other) => panic!("{other} of a query alone"),
    }
}

/// One line of at most 400 characters, or cut after so many.
fn is_a_line(text: &str) -> bool {
    let kept = text.strip_suffix('…').unwrap_or(text);
    kept.chars().count() <= 400 && text.chars().all(crate::flight::is_plain)
}

/// Metadata that are taken are of the issuer, and lead only to where we may call.
pub(crate) fn metadata(data: &[u8]) {
    const ISSUER: &str = "https://idp.example";
    match Metadata::read(ISSUER, data) {
        Ok(metadata) => {
            let document: serde_json::Value =
                serde_json::from_slice(data).expect("what was read is JSON");
            assert_eq!(document["issuer"], ISSUER);
            let needed = [
                &metadata.authorization_endpoint,
                &metadata.token_endpoint,
                &metadata.jwks_uri,
            ];
            let others = [
                &metadata.userinfo_endpoint,
                &metadata.revocation_endpoint,
                &metadata.end_session_endpoint,
            ];
            for url in needed.into_iter().chain(others.into_iter().flatten()) {
                may_be_called(url.as_str());
            }
            for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
                let written = document[name].as_str().expect("it was read");
                let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
                assert!(!written.contains(is_odd), "{written:?}");
            }
            assert!(metadata.id_token_algorithms.contains(&Algorithm::Rs256));
        }
        Err(error) => assert!(error.to_string().len() < 8_000),
    }
}

/// By the text alone: https, as the issuer has it, to a host, and nothing that hides where it leads.
fn may_be_called(url: &str) {
    let rest = url.strip_prefix("https://").expect("it is https");
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    assert!(!authority.is_empty() && !authority.contains('@'), "{url}");
    assert!(url.is_ascii() && !url.contains('#'), "{url}");
}

/// A token answer is the same once it was tidied twice.
pub(crate) fn token_answer(data: &[u8]) {
    token_answer::fuzzed(data);
}
