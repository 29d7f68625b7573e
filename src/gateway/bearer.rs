//! Where a token may stand: in one `Authorization` header, and nowhere else (RFC 6750, section 2).

use super::refuse::Refusal;
use axum::http::{
    HeaderMap,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE},
};
use url::form_urlencoded;

/// The longest access token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// Refuses a second `Authorization` header and a token in the query.
pub(super) fn one_place(headers: &HeaderMap, query: Option<&str>) -> Result<(), Refusal> {
    if headers.get_all(AUTHORIZATION).iter().count() > 1 {
        return Err(Refusal::SecondPlace("there are two Authorization headers"));
    }
    if query.is_some_and(|query| names_a_token(query.as_bytes())) {
        return Err(Refusal::SecondPlace("an access token stands in the query"));
    }
    Ok(())
}

/// Whether a body is a form. That is taken widely: programs read types loosely.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_TYPE).iter().any(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.windows(10).any(|part| part == b"urlencoded")
    })
}

/// Whether a body is in a coding (RFC 9110, section 8.4), in which a token would not be seen.
pub(super) fn is_coded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Refuses a token in a form.
pub(super) fn not_in_form(headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    if is_form(headers) && names_a_token(body) {
        return Err(Refusal::SecondPlace("an access token stands in the form"));
    }
    Ok(())
}

/// The access token of a request, if it bears one.
///
/// Another scheme is no bearer token, and a bare `Bearer` neither. What cannot be a token is an
/// invalid one.
pub(super) fn access_token(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let Some(token) = without_scheme(header.as_bytes()) else {
        return Ok(None);
    };
    if token.len() > LONGEST {
        return Err(Refusal::token_rejected(
            "token_too_large",
            format!("The token is longer than {LONGEST} bytes."),
        ));
    }
    match std::str::from_utf8(token) {
        Ok("") => Ok(None),
        Ok(token) if is_b64token(token) => Ok(Some(token)),
        _ => Err(Refusal::token_rejected(
            "token_malformed",
            "The token holds characters that no token holds.",
        )),
    }
}

/// What follows the scheme `Bearer`, whatever its case (RFC 9110, section 11.1).
fn without_scheme(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked(6)?;
    let divided = token.first().is_none_or(|byte| *byte == b' ');
    (scheme.eq_ignore_ascii_case(b"bearer") && divided).then(|| token.trim_ascii())
}

/// `b64token` of RFC 6750, section 2.1.
fn is_b64token(token: &str) -> bool {
    let bare = token.trim_end_matches('=');
    // all of its hundreds of bytes, with each request: without a branch, many are looked at in one step
    !bare.is_empty()
        && bare
            .bytes()
            .fold(true, |so_far, byte| so_far & is_in_token(byte))
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "a branch would have each byte looked at by itself"
)]
const fn is_in_token(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    let is_digit = byte.wrapping_sub(b'0') < 10;
    let is_mark = (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~');
    is_letter | is_digit | is_mark | (byte == b'+') | (byte == b'/')
}

fn names_a_token(form: &[u8]) -> bool {
    form_urlencoded::parse(form).any(|(name, _)| name == "access_token")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_scheme_has_any_case_and_the_token_its_alphabet() {
        for (header, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("BEARER   a.b-c_d~e+f/g==", Some("a.b-c_d~e+f/g==")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic YTpi", None),
            ("DPoP abc", None),
            ("Bearerabc", None),
            ("Bear", None),
            ("", None),
        ] {
            let headers = headers("authorization", &[header]);
            assert_eq!(access_token(&headers).ok().unwrap(), token, "{header}");
        }
        assert!(matches!(access_token(&HeaderMap::new()), Ok(None)));
    }

    #[test]
    fn what_cannot_be_a_token_is_an_invalid_one() {
        let long = format!("Bearer {}", "a".repeat(LONGEST + 1));
        for header in [
            "Bearer a b",
            "Bearer a,Bearer b",
            "Bearer =",
            "Bearer a=b",
            "Bearer \"a\"",
            "Bearer ä",
            &long,
        ] {
            let headers = headers("authorization", &[header]);
            let refused = access_token(&headers);
            assert!(
                matches!(refused, Err(Refusal::TokenRejected { .. })),
                "{header}"
            );
        }
        let longest = format!("Bearer {}", "a".repeat(LONGEST));
        assert!(access_token(&headers("authorization", &[&longest])).is_ok());
    }

    #[test]
    fn a_token_is_made_of_these_bytes_and_no_other() {
        let named = b"-._~+/";
        for byte in 0..=u8::MAX {
            let is_named = byte.is_ascii_alphanumeric() || named.contains(&byte);
            assert_eq!(is_in_token(byte), is_named, "{byte:#x}");
        }
    }

    #[test]
    fn a_second_place_is_refused() {
        let none = HeaderMap::new();
        for query in [
            "access_token=a",
            "a=b&access_token=c",
            "access_token",
            "access%5Ftoken=a",
            "%61ccess_token=",
        ] {
            assert!(one_place(&none, Some(query)).is_err(), "{query}");
        }
        for query in [
            "",
            "a=access_token",
            "xaccess_token=a",
            "Access_Token=a",
            "access_tokens=a",
        ] {
            assert!(one_place(&none, Some(query)).is_ok(), "{query}");
        }
        assert!(one_place(&headers("authorization", &["Bearer a", "Bearer a"]), None).is_err());
        assert!(one_place(&headers("authorization", &["Bearer a"]), None).is_ok());
    }

    #[test]
    fn a_token_in_a_form_is_refused_however_the_form_is_called() {
        for kinds in [
            &["application/x-www-form-urlencoded"][..],
            &["Application/X-WWW-Form-URLEncoded; charset=UTF-8"],
            &["text/plain", "application/x-www-form-urlencoded"],
            &["text/plain, application/x-www-form-urlencoded"],
        ] {
            let headers = headers("content-type", kinds);
            assert!(
                not_in_form(&headers, b"a=b&access_token=c").is_err(),
                "{kinds:?}"
            );
            assert!(not_in_form(&headers, b"a=b").is_ok(), "{kinds:?}");
        }
        let json = headers("content-type", &["application/json"]);
        assert!(not_in_form(&json, b"access_token=a").is_ok());
    }
}
