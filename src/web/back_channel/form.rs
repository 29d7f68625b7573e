//! The form that a provider posts.

use super::refusal::Refusal;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, header},
};
use std::collections::HashSet;
use url::form_urlencoded;

/// The longest form, in bytes.
pub(super) const LIMIT: usize = 16 * 1024;

/// The one logout token of a form. Parameters that mean nothing here are passed over (section 2.5), and
/// none may be there twice.
pub(super) async fn logout_token(headers: &HeaderMap, body: Body) -> Result<String, Refusal> {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else {
        return Err(Refusal::NotAForm);
    };
    let essence = kind.to_str().ok().and_then(|kind| kind.split(';').next());
    let form = "application/x-www-form-urlencoded";
    if !essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(form)) {
        return Err(Refusal::NotAForm);
    }
    let body = to_bytes(body, LIMIT).await.map_err(|_| Refusal::NotAForm)?;
    let mut names = HashSet::new();
    let mut token = None;
    for (name, value) in form_urlencoded::parse(&body) {
        if name == "logout_token" {
            token = Some(value.into_owned());
        }
        if !names.insert(name) {
            return Err(Refusal::Repeated);
        }
    }
    token
        .filter(|token| !token.is_empty())
        .ok_or(Refusal::Missing)
}
