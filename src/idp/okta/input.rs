//! What a caller sends: one strict JSON object, read member by member, with everything that is wrong said at once.

use super::error::{OktaError, shown};
use crate::{
    idp::answer::ReadBody,
    jose::strict_json::{StrictJsonError, from_slice},
};
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use std::cell::RefCell;

/// The object that a request carries.
///
/// # Errors
/// When it is too long, not `application/json`, not JSON, has a member twice, or is no object.
pub(super) fn object(
    headers: &HeaderMap,
    body: &ReadBody,
) -> Result<Map<String, Value>, OktaError> {
    let body = bytes(body)?;
    if !is_json(headers) {
        return Err(OktaError::OtherType);
    }
    from_slice(body).map_err(|error| OktaError::NotJson(plain_error(&error)))
}

/// The same, where a body may be left out: then an empty object.
pub(super) fn optional_object(
    headers: &HeaderMap,
    body: &ReadBody,
) -> Result<Map<String, Value>, OktaError> {
    if bytes(body)?.is_empty() {
        return Ok(Map::new());
    }
    object(headers, body)
}

fn bytes(body: &ReadBody) -> Result<&[u8], OktaError> {
    match body {
        Ok(body) => Ok(body),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(OktaError::TooLong)
        }
        Err(_) => Err(OktaError::NotJson(
            "it did not arrive as a whole".to_owned(),
        )),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(one), None) = (types.next(), types.next()) else {
        return false;
    };
    let essence = one.to_str().ok().and_then(|value| value.split(';').next());
    essence.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// A member's name was chosen by the caller.
pub(super) fn plain_error(error: &StrictJsonError) -> String {
    match error {
        StrictJsonError::Repeated(name) => format!("it names the member {} twice", shown(name)),
        other => other.to_string(),
    }
}

/// What is wrong with a request: member, and why.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<(String, String)>>);

impl Problems {
    pub(super) fn add(&self, member: impl Into<String>, why: impl Into<String>) {
        self.0.borrow_mut().push((member.into(), why.into()));
    }

    /// Whether there is one for this member.
    pub(super) fn are_there_for(&self, member: &str) -> bool {
        self.0.borrow().iter().any(|(wrong, _)| wrong == member)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// # Errors
    /// When there is one. The first names the error, as at Okta.
    pub(super) fn none(self) -> Result<(), OktaError> {
        let problems = self.0.into_inner();
        let Some((what, _)) = problems.first() else {
            return Ok(());
        };
        Err(OktaError::Validation {
            what: what.clone(),
            causes: problems
                .iter()
                .map(|(member, why)| format!("{member}: {why}"))
                .collect(),
        })
    }
}
