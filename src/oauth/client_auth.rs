//! HTTP Basic as OAuth has it: id and secret are form-urlencoded first (RFC 6749, section 2.3.1),
//! so that they may hold any character, a colon or a blank included.

use super::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::borrow::Cow;
use url::form_urlencoded;

/// The value of the `Authorization` header that authenticates a client.
#[must_use]
pub fn basic_credentials(client_id: &str, client_secret: &Secret) -> Secret {
    let pair = format!(
        "{}:{}",
        form_encode(client_id),
        form_encode(client_secret.expose())
    );
    Secret::new(format!("Basic {}", STANDARD.encode(pair)))
}

/// Reads client id and secret from an `Authorization` header, if it holds both.
#[must_use]
pub fn parse_basic_credentials(header: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim_start()).ok()?).ok()?;
    let (client_id, client_secret) = pair.split_once(':')?;
    Some((
        form_decode(client_id)?,
        Secret::new(form_decode(client_secret)?),
    ))
}

fn form_encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

fn form_decode(value: &str) -> Option<String> {
    if value.contains(['&', '=']) {
        return None; // neither stands in a form-urlencoded value, and the parser below would cut there
    }
    match form_urlencoded::parse(value.as_bytes()).next() {
        Some((decoded, Cow::Borrowed(""))) => Some(decoded.into_owned()),
        None if value.is_empty() => Some(String::new()),
        _ => None,
    }
}

/// The scheme under which a token is shown to Okta's management API: `SSWS` for an API token, `Bearer`
/// for the access token of an app with the scopes `okta.….manage`, which is a JWT.
#[must_use]
pub fn okta_scheme(token: &Secret) -> &'static str {
    let token = token.expose();
    let is_jwt = token.starts_with("eyJ") && token.matches('.').count() == 2;
    if is_jwt { "Bearer" } else { "SSWS" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_character_survives_the_way_there_and_back() {
        for (id, secret) in [("app", "s"), ("a:b c+d%", "ü&=?/ :"), ("http://x/y", "")] {
            let header = basic_credentials(id, &Secret::new(secret));
            let (read_id, read_secret) = parse_basic_credentials(header.expose()).unwrap();
            assert_eq!((read_id.as_str(), read_secret.expose()), (id, secret));
        }
    }

    #[test]
    fn other_schemes_and_junk_are_nothing() {
        for header in [
            "",
            "Basic",
            "Bearer YTpi",
            "Basic !!",
            "Basic YWI=",
            "Basic YT1iOmM=",
        ] {
            assert!(parse_basic_credentials(header).is_none(), "{header}");
        }
    }
}
