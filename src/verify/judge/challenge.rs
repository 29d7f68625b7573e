//! What a challenge says (RFC 9110, section 11.6.1; RFC 6750, section 3).

use crate::oauth::Scopes;

/// A Bearer challenge.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct BearerChallenge {
    pub(super) error: Option<String>,
    pub(super) scope: Option<Scopes>,
}

/// The Bearer challenge in the value of `WWW-Authenticate`, if one is there.
pub(super) fn bearer(value: &str) -> Option<BearerChallenge> {
    let mut found: Option<BearerChallenge> = None;
    for part in outside_quotes(value) {
        let part = part.trim();
        let (first, rest) = part.split_once(' ').unwrap_or((part, ""));
        let parameter = if first.contains('=') {
            part
        } else if first.eq_ignore_ascii_case("bearer") {
            found = Some(BearerChallenge::default());
            rest.trim()
        } else if found.is_some() && !first.is_empty() {
            break; // the next scheme
        } else {
            continue;
        };
        let Some(challenge) = &mut found else {
            continue;
        };
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "error" => challenge.error = Some(value.to_owned()),
            "scope" => challenge.scope = Scopes::parse(value).ok(),
            _ => {}
        }
    }
    found
}

/// The parts of a list, divided by commas that stand outside quotes.
fn outside_quotes(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, letter) in value.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&value[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(Option<String>, Option<String>)> {
        let challenge = bearer(value)?;
        Some((
            challenge.error,
            challenge.scope.map(|scope| scope.to_string()),
        ))
    }

    #[test]
    fn challenges_are_read_as_the_rfc_has_them() {
        let some = |text: &str| Some(text.to_owned());
        for (value, expected) in [
            ("Bearer", Some((None, None))),
            ("bearer realm=\"a, error=x\"", Some((None, None))),
            (
                "Bearer error=\"invalid_token\", error_description=\"a, b\"",
                Some((some("invalid_token"), None)),
            ),
            (
                "Bearer realm=x, error=invalid_token",
                Some((some("invalid_token"), None)),
            ),
            (
                "Bearer error=\"insufficient_scope\", scope=\"http://x/y z\"",
                Some((some("insufficient_scope"), some("http://x/y z"))),
            ),
            (
                "Basic realm=\"x\", Bearer error=\"e\"",
                Some((some("e"), None)),
            ),
            (
                "Bearer scope=\"a\", Basic realm=\"x\", error=\"no\"",
                Some((None, some("a"))),
            ),
            ("Basic realm=\"Bearer\"", None),
            ("DPoP error=\"x\"", None),
            ("", None),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
    }
}
