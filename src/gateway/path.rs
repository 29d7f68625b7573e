//! Which paths are looked at at all: those that every program along the way reads the same way.
//!
//! A rule is compared with the bytes that go upstream. So whatever another program might decode,
//! collapse or cut before it compares is turned away, rather than guessed at.
//!
//! A `#` and what stands behind it never gets here: a request target has no fragment, and the `http`
//! crate cuts one off while it reads the request line. So it is neither judged nor forwarded, and
//! rule and upstream still see the same bytes.

use crate::net::LONGEST_TARGET;
use std::borrow::Cow;

/// Bytes that stand for themselves in a path (RFC 3986, section 3.3), without `;`, at which some
/// programs cut.
const PLAIN: [bool; 256] = {
    let marks = b"-._~!$&'()*+,=:@/";
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        plain[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut index = 0;
    while index < marks.len() {
        plain[marks[index] as usize] = true;
        index += 1;
    }
    plain
};

/// Why a path is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathFault {
    /// Longer, with its query, than what is looked at.
    TooLong,
    /// What is wrong, as half a sentence.
    Unclean(&'static str),
}

/// Checks a path as it stands in the request line. The query is not looked at.
pub(super) fn check(path: &str, query: Option<&str>) -> Result<(), PathFault> {
    if path.len() + query.map_or(0, str::len) > LONGEST_TARGET {
        return Err(PathFault::TooLong);
    }
    if !path.starts_with('/') {
        return Err(PathFault::Unclean("it does not start with a slash"));
    }
    let decoded = decode(path.as_bytes())?;
    if decoded.windows(2).any(|pair| pair == b"//") {
        return Err(PathFault::Unclean("it holds a doubled slash"));
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(PathFault::Unclean("it holds a dot segment"));
    }
    match std::str::from_utf8(&decoded) {
        Ok(text) if !text.chars().any(char::is_control) => Ok(()),
        Ok(_) => Err(PathFault::Unclean("it holds a control character")),
        Err(_) => Err(PathFault::Unclean("it is not UTF-8 once decoded")),
    }
}

/// Decodes once, and refuses what needs no encoding or could be decoded into something else.
fn decode(path: &[u8]) -> Result<Cow<'_, [u8]>, PathFault> {
    if path.iter().all(|byte| is_plain(*byte)) {
        return Ok(Cow::Borrowed(path));
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&first, behind)) = rest.split_first() {
        if first == b'%' {
            let byte = hex_byte(behind).ok_or(PathFault::Unclean("it holds a broken encoding"))?;
            decoded.push(may_be_encoded(byte)?);
            rest = &behind[2..];
        } else if is_plain(first) {
            decoded.push(first);
            rest = behind;
        } else {
            return Err(PathFault::Unclean(
                "it holds a character that has no place in a path",
            ));
        }
    }
    Ok(Cow::Owned(decoded))
}

/// Only what cannot stand in a path plainly may be encoded, so that each byte has one spelling: a rule
/// names plain ones, and programs behind us decode before they look a path up.
fn may_be_encoded(byte: u8) -> Result<u8, PathFault> {
    match byte {
        0..=0x1f | 0x7f => Err(PathFault::Unclean("it holds an encoded control character")),
        b'/' | b'\\' | b'.' | b'%' | b';' | b'#' | b'?' => Err(PathFault::Unclean(
            "it holds an encoded slash, dot, percent or other divider",
        )),
        _ if is_plain(byte) => Err(PathFault::Unclean("it encodes what needs no encoding")),
        _ => Ok(byte),
    }
}

fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

fn hex_byte(text: &[u8]) -> Option<u8> {
    let [high, low, ..] = text else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_paths_are_looked_at() {
        for path in [
            "/",
            "/moons",
            "/moons/",
            "/a/b-c_d~e",
            "/a.b/.c/c..d/...",
            "/a:b@c,d=e+f",
            "/x/(1)!*'$&",
            "/caf%C3%A9",
            "/caf%c3%a9",
            "/a%20b",
            "/a%22b%7c",
            "/%F0%9F%AA%90",
        ] {
            assert_eq!(check(path, Some("a=%2e%2e//;#\\")), Ok(()), "{path}");
        }
    }

    #[test]
    fn unclean_paths_are_not() {
        for path in [
            // nothing to compare
            "",
            "moons",
            "*",
            "http://x/moons",
            "\\moons",
            "?",
            // dot segments, plain and encoded, once and twice
            "/.",
            "/..",
            "/./moons",
            "/../moons",
            "/a/./b",
            "/a/../moons",
            "/moons/.",
            "/moons/..",
            "/%2e/moons",
            "/%2E%2E/moons",
            "/a/.%2e/moons",
            "/a/%2e./moons",
            "/%252e%252e/moons",
            // slashes
            "//",
            "//moons",
            "/moons//",
            "/a//moons",
            "///moons",
            "/a%2fmoons",
            "/a%2Fmoons",
            "/%2fmoons",
            "/a%5cmoons",
            "/a%5Cmoons",
            "/a\\moons",
            "/a/..\\moons",
            "/a%252fmoons",
            "/a%255cmoons",
            // what cuts
            "/moons;x",
            "/moons;",
            "/;/moons",
            "/..;/moons",
            "/moons%3b",
            "/moons%3Bx=y",
            "/moons#",
            "/moons%23x",
            "/moons%3f",
            "/moons%3Fx",
            "/moons%00",
            "/moons%00.json",
            "/%00moons",
            "/moons\0",
            // other spellings of the same path
            "/%6doons",
            "/moon%73",
            "/%4d%4F",
            "/a%2db",
            "/a%5fb",
            "/a%7eb",
            "/moons%2e",
            "/moons%2ejson",
            // percent signs
            "/%",
            "/moons%",
            "/moons%2",
            "/moons%g0",
            "/moons%0g",
            "/moons%%",
            "/moons%25",
            "/moons%2541",
            "/%u006d",
            // overlong, broken and surrogate UTF-8
            "/%c0%af",
            "/%c0%ae%c0%ae/moons",
            "/%e0%80%af",
            "/%ff",
            "/%C3",
            "/%ed%a0%80",
            "/a%80",
            "/%f5%80%80%80",
            // controls and blanks
            "/moons\t",
            "/moons ",
            "/mo ons",
            "/moons\r",
            "/moons\n",
            "/moons%0d%0a",
            "/moons%09",
            "/moons%7f",
            "/moons\u{7f}",
            "/moons%C2%85",
            "/moons%c2%80",
            // what RFC 3986 does not allow as it is
            "/moons\"",
            "/<moons>",
            "/moons|x",
            "/{moons}",
            "/moons^",
            "/`moons`",
            "/[moons]",
            "/caf\u{e9}",
            "/\u{ff0f}moons",
        ] {
            assert!(
                matches!(check(path, None), Err(PathFault::Unclean(_))),
                "{path:?}"
            );
        }
    }

    #[test]
    fn path_and_query_have_a_length() {
        let long = format!("/{}", "a".repeat(LONGEST_TARGET - 1));
        assert_eq!(check(&long, None), Ok(()));
        assert_eq!(check(&long, Some("a")), Err(PathFault::TooLong));
    }

    /// Whatever byte stands in a path, it has one spelling at most: plain, encoded, or none.
    #[test]
    fn no_byte_has_two_spellings() {
        let is_taken = |path: &str| check(path, None).is_ok();
        for byte in 0..=0x7f_u8 {
            let plain = is_taken(&format!("/a{}b", char::from(byte)));
            let encoded = [format!("/a%{byte:02x}b"), format!("/a%{byte:02X}b")];
            let encoded = encoded.map(|path| is_taken(&path));
            assert_eq!(encoded[0], encoded[1], "{byte:#x}");
            assert!(!(plain && encoded[0]), "{byte:#x}");
            let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            assert!(plain || !unreserved, "{byte:#x}");
            let dividing = byte.is_ascii_control() || b"/.\\;%?#".contains(&byte);
            assert!(!(dividing && encoded[0]), "{byte:#x}");
        }
    }
}
