//! What callers and the issuer say to the gateway, for a fuzzer (see [`crate::fuzzing`]).

use super::{bearer, introspect, path};
use crate::oauth::{basic_credentials, parse_basic_credentials};
use axum::http::{
    HeaderMap, HeaderValue, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use url::Url;

pub(crate) use introspect::fuzzed::introspection_answer;

/// A path that is looked at has one spelling: a browser's URL parser changes nothing of it, and
/// encoding what it decodes to gives it back.
pub(crate) fn request_path(data: &[u8]) {
    let Ok(asked) = Uri::try_from(data) else {
        return;
    };
    let (path, query) = (asked.path(), asked.query());
    let checked = path::check(path, query);
    if checked.is_err() {
        return;
    }
    let decoded = percent_decoded(path);
    assert!(std::str::from_utf8(&decoded).is_ok(), "{path}");
    assert!(
        !decoded
            .iter()
            .any(|byte| byte.is_ascii_control() || b"\\;%?#".contains(byte)),
        "{path}"
    );
    assert!(!decoded.windows(2).any(|pair| pair == b"//"), "{path}");
    assert!(
        !decoded
            .split(|byte| *byte == b'/')
            .any(|part| part == b"." || part == b".."),
        "{path}"
    );
    let slashes = |bytes: &[u8]| bytes.split(|byte| *byte == b'/').count();
    assert_eq!(slashes(&decoded), slashes(path.as_bytes()), "{path}");
    assert!(canonical(&decoded).eq_ignore_ascii_case(path), "{path}");
    let url = Url::parse(&format!("http://h{path}")).expect("a clean path is part of a URL");
    assert_eq!((url.host_str(), url.path()), (Some("h"), path));
}

fn percent_decoded(path: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first == b'%' {
            let digits =
                std::str::from_utf8(&behind[..2]).expect("two digits stand behind a percent");
            decoded.push(u8::from_str_radix(digits, 16).expect("they are hexadecimal"));
            rest = &behind[2..];
        } else {
            decoded.push(first);
        }
    }
    decoded
}

/// The one spelling of bytes in a path.
fn canonical(decoded: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@/".contains(byte);
    let spelled = |byte: &u8| {
        if plain(byte) {
            char::from(*byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    decoded.iter().map(spelled).collect::<Vec<_>>().concat()
}

/// A token that is read is all that stands behind `Bearer`, and is one; client credentials survive the
/// way there and back.
pub(crate) fn authorization_header(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(AUTHORIZATION, value);
        }
    }
    let is_one = bearer::one_place(&headers, None).is_ok();
    assert_eq!(is_one, headers.len() < 2);
    if let Ok(Some(token)) = bearer::access_token(&headers) {
        let value = headers[AUTHORIZATION].to_str().expect("a token is ASCII");
        let (scheme, rest) = value.split_at(6);
        assert!(scheme.eq_ignore_ascii_case("bearer") && rest.trim_matches([' ', '\t']) == token);
        assert!(rest.starts_with(' ') && token.len() <= 8 * 1024);
        let bare = token.trim_end_matches('=');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        assert!(!bare.is_empty() && bare.bytes().all(plain), "{token}");
    }
    let text = String::from_utf8_lossy(data);
    if let Some((id, secret)) = parse_basic_credentials(&text) {
        let again = basic_credentials(&id, &secret);
        let (same_id, same_secret) =
            parse_basic_credentials(again.expose()).expect("what we write can be read");
        assert_eq!((&same_id, same_secret.expose()), (&id, secret.expose()));
    }
}

/// Whether a field is called `access_token` once its name is decoded, by a decoder of its own.
fn names_a_token(field: &[u8]) -> bool {
    let name = field.split(|byte| *byte == b'=').next().unwrap_or_default();
    let mut decoded = Vec::new();
    let mut rest = name;
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok());
        let digits = digits.filter(|two| two.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        (decoded, rest) = match (first, byte) {
            (b'%', Some(byte)) => ([decoded, vec![byte]].concat(), &behind[2..]),
            (b'+', _) => ([decoded, vec![b' ']].concat(), behind),
            _ => ([decoded, vec![first]].concat(), behind),
        };
    }
    decoded == b"access_token"
}

/// A token in a form is seen wherever a form's reader would see it.
pub(crate) fn form_body(data: &[u8]) {
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
    let holds = data.split(|byte| *byte == b'&').any(names_a_token);
    assert_eq!(bearer::not_in_form(&headers, data).is_err(), holds);
    if let Ok(query) = std::str::from_utf8(data) {
        assert_eq!(
            bearer::one_place(&HeaderMap::new(), Some(query)).is_err(),
            holds
        );
    }
}
