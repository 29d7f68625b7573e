//! The provider's two cookies: the visitor's, which binds a sign-in to a browser, and the session's.

use axum::http::{HeaderMap, HeaderValue, header};

/// Binds a sign-in that is under way to this browser. Not a session: it says nothing about anybody.
pub(super) const VISITOR: &str = "solar_idp_visitor";
/// Who is signed in here.
pub(super) const SESSION: &str = "solar_idp_session";

/// A cookie's value, if it is there once and could be one of ours: 43 characters of base64url.
/// Another path's cookie of the same name makes it ambiguous, which counts as none.
pub(super) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = given(headers, name);
    let first = values.next()?;
    (values.next().is_none() && is_ours(first)).then_some(first)
}

/// Every value under this name that could be one of ours, where more than one is no danger.
pub(super) fn all<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    given(headers, name).filter(|value| is_ours(value))
}

fn given<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(given, _)| *given == name)
        .map(|(_, value)| value)
}

/// The name of the cookie that binds one sign-in to a browser which had no visitor's cookie yet. Two
/// tabs may be opened before the first cookie has come back.
pub(super) fn of_sign_in(id: &str) -> String {
    format!(
        "solar_idp_sign_in_{}",
        id.chars().take(12).collect::<String>()
    )
}

/// The header that sets it: for that sign-in's page alone, and for as long as it waits.
pub(super) fn set_for_sign_in(id: &str, value: &str) -> HeaderValue {
    let name = of_sign_in(id);
    header_value(format!(
        "{name}={value}; Path=/signin/{id}; Max-Age=600; HttpOnly; SameSite=Lax"
    ))
}

fn is_ours(value: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    value.len() == 43 && value.bytes().all(allowed)
}

/// The header that sets a cookie until the browser is closed. Lax: the browser must bring it when the
/// app sends the person here. Without `Secure`: this provider speaks http on loopback alone.
pub(super) fn set(name: &str, value: &str) -> HeaderValue {
    header_value(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax"))
}

/// The header that takes a cookie away.
pub(super) fn take_away(name: &str) -> HeaderValue {
    header_value(format!(
        "{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    ))
}

fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("names and values are base64url and the rest is ASCII")
}
