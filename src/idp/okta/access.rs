//! Who may call: whoever shows the API token, `Authorization: SSWS <token>`.

use super::error::OktaError;
use crate::{idp::Idp, oauth::Secret};
use axum::http::{HeaderMap, header};

/// Why nobody may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Off {
    #[error(
        "The management API is off here: start the provider with OKTA_API_TOKEN in its environment, or with idp --empty"
    )]
    NoToken,
}

/// Checks the one `Authorization` header. The scheme is taken in any case (RFC 9110, section 11.1).
///
/// # Errors
/// No header, several, another scheme, and a wrong token look alike; an API that is off says so.
pub(super) fn check(headers: &HeaderMap, idp: &Idp) -> Result<(), OktaError> {
    let token = credentials(headers, "SSWS").filter(|token| idp.is_api_token(token));
    let is_off = idp.api_token.as_ref().is_none_or(Secret::is_empty);
    token
        .map(|_| ())
        .ok_or(OktaError::Token(is_off.then_some(Off::NoToken)))
}

/// What stands behind this scheme in the `Authorization` header, if there is one header alone.
pub(super) fn credentials<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        return None;
    };
    let (given, token) = one.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (given.eq_ignore_ascii_case(scheme) && !token.is_empty()).then_some(token)
}
