//! What the provider says through the browser's URL (RFC 6749, section 4.1.2; RFC 9207).

use crate::{flight::printable, oauth::Secret};
use std::collections::HashSet;
use url::form_urlencoded;

/// Longest text of an error answer that is looked at, in characters.
const TEXT: usize = 400;

/// An authorization response, as it was read: nothing in it is believed yet.
#[derive(Debug)]
pub struct AuthorizationResponse {
    /// `state`.
    pub state: String,
    /// `iss` (RFC 9207).
    pub(super) issuer: Option<String>,
    /// What it is about.
    pub(super) outcome: Outcome,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Code(Secret),
    Error {
        code: String,
        description: Option<String>,
    },
    CodeAndError,
    Nothing,
}

/// Why an answer is not even looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// A parameter stands there twice (RFC 6749, section 3.1).
    #[error("the answer has the parameter {0} twice")]
    Repeated(String),
    /// No `state`, so that it cannot belong to any attempt.
    #[error("the answer bears no state")]
    StateMissing,
    /// Nobody here waits for this answer: never asked, used, too old, or another browser's.
    #[error("no sign-in of this browser waits for the answer")]
    Unknown,
    /// Both `code` and `error`, or neither.
    #[error("the answer has both code and error, or neither")]
    Contradiction,
}

const NAMES: [&str; 5] = ["state", "code", "error", "error_description", "iss"];

impl AuthorizationResponse {
    /// Whether a query is an answer at all, where the callback shares its path with a page.
    #[must_use]
    pub fn is_in(query: &str) -> bool {
        form_urlencoded::parse(query.as_bytes())
            .any(|(name, _)| matches!(name.as_ref(), "state" | "code" | "error"))
    }

    /// The state, where exactly one stands there, whatever else is wrong.
    pub fn only_state(query: &str) -> Option<String> {
        let mut states =
            form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
        let state = states.next()?.1.into_owned();
        states.next().is_none().then_some(state)
    }

    /// Reads a query. Parameters that are not known are not looked at, but none may stand there twice.
    ///
    /// # Errors
    /// When a parameter is repeated, or there is no state.
    pub fn read(query: &str) -> Result<Self, ResponseError> {
        let mut seen = HashSet::new();
        let mut values: [Option<String>; 5] = Default::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !seen.insert(name.clone()) {
                return Err(ResponseError::Repeated(cut(&name)));
            }
            if let Some(index) = NAMES.iter().position(|known| *known == name) {
                values[index] = Some(value.into_owned());
            }
        }
        let [state, code, error, description, issuer] =
            values.map(|value| value.filter(|v| !v.is_empty()));
        let outcome = match (code, error) {
            (Some(code), None) => Outcome::Code(Secret::new(code)),
            (None, Some(code)) => Outcome::Error {
                code: cut(&code),
                description: description.map(|d| cut(&d)),
            },
            (Some(_), Some(_)) => Outcome::CodeAndError,
            (None, None) => Outcome::Nothing,
        };
        let state = state.ok_or(ResponseError::StateMissing)?;
        Ok(Self {
            state,
            issuer,
            outcome,
        })
    }
}

/// A stranger's text, cut and on one line, without what cannot be seen or turns the text around it.
pub(super) fn cut(text: &str) -> String {
    printable(text, TEXT).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_com_12_web_04_a_repeated_parameter_is_refused_whatever_its_value() {
        for query in [
            "state=a&state=a&code=c",
            "state=a&code=c&code=d",
            "state=a&code=c&iss=&iss=x",
        ] {
            let error = AuthorizationResponse::read(query).unwrap_err();
            assert!(matches!(error, ResponseError::Repeated(_)), "{query}");
        }
        assert!(AuthorizationResponse::read("state=a&code=c&x=1&x=2").is_err());
    }

    #[test]
    fn sec_web_04_an_answer_without_state_belongs_to_nobody() {
        for query in ["", "code=c", "state=&code=c", "error=access_denied"] {
            let error = AuthorizationResponse::read(query).unwrap_err();
            assert_eq!(error, ResponseError::StateMissing, "{query}");
        }
    }

    #[test]
    fn sec_web_14_an_error_text_is_cut_to_one_short_line() {
        let query = format!(
            "state=s&error=a%0d%0ab&error_description=%E2%80%AE{}",
            "x".repeat(9000)
        );
        let response = AuthorizationResponse::read(&query).unwrap();
        let Outcome::Error { code, description } = response.outcome else {
            panic!()
        };
        assert_eq!(code, "a  b");
        let description = description.unwrap();
        assert_eq!(
            description.chars().count(),
            TEXT,
            "one that turns text is gone, and the end is told"
        );
        assert!(description.starts_with('x') && description.ends_with("x…"));
    }
}
