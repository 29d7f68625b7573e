//! What each claim is for, in one line, and its value as a person reads it.

mod meanings;

pub use meanings::meaning;

use super::{printable, time_in_words};
use serde_json::{Map, Value};

/// One claim, or header member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    /// Its name.
    pub name: String,
    /// Its value: a string as it is, everything else as JSON.
    pub value: String,
    /// The value in words, when it is a time.
    pub time: Option<String>,
    /// What it is for, in one line.
    pub meaning: String,
}

/// The rows of a header, a claims set or a userinfo answer, in its own order.
#[must_use]
pub fn rows(members: &Map<String, Value>, now: i64) -> Vec<ClaimRow> {
    members
        .iter()
        .map(|(name, value)| row(name, value, now))
        .collect()
}

/// One row: a string as it is but for control characters, everything else as JSON, a time also in words.
#[must_use]
pub fn row(name: &str, value: &Value, now: i64) -> ClaimRow {
    let printed = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let plain = |text: &str| printable(text, usize::MAX);
    ClaimRow {
        name: plain(name),
        value: plain(&printed),
        time: is_time(name)
            .then(|| seconds(value))
            .flatten()
            .and_then(|moment| time_in_words(moment, now)),
        meaning: meaning(name).to_owned(),
    }
}

/// Whether a claim of this name is a `NumericDate` (RFC 7519, section 2).
fn is_time(name: &str) -> bool {
    matches!(name, "exp" | "iat" | "nbf" | "auth_time" | "updated_at")
}

/// A `NumericDate` may have a fraction; what lies outside of 64 bits saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from float saturates, as it should here"
)]
fn seconds(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|moment| moment as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_764_106_145;

    #[test]
    fn values_are_text_or_json_and_times_are_words_too() {
        let claims = json!({
            "sub": "00u1",
            "exp": NOW + 600,
            "iat": 1_764_106_145.5,
            "scp": ["openid", "<b>"],
            "email_verified": true,
            "realm_access": {"roles": ["a"]},
            "nothing": null,
        });
        let rows = rows(claims.as_object().unwrap(), NOW);
        let of = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
        assert_eq!(of("sub").value, "00u1");
        assert!(of("exp").time.as_ref().unwrap().ends_with("in 10 minutes"));
        assert!(of("iat").time.as_ref().unwrap().ends_with("now"));
        assert_eq!(of("scp").value, r#"["openid","<b>"]"#);
        assert_eq!(of("email_verified").value, "true");
        assert_eq!(of("realm_access").value, r#"{"roles":["a"]}"#);
        assert_eq!(of("nothing").value, "null");
        assert_eq!(of("nothing").meaning, "A claim of this provider's own.");
    }

    #[test]
    fn no_claim_turns_the_text_around_it_or_says_what_cannot_be_seen() {
        let row = row("na\u{202e}me", &json!("a\u{0}b\u{1b}[31m\u{2066}"), NOW);
        assert_eq!(
            (row.name.as_str(), row.value.as_str()),
            ("na me", "a b [31m ")
        );
    }

    #[test]
    fn absurd_times_are_shown_but_not_told() {
        for absurd in [
            json!(1e300),
            json!(-1e300),
            json!(u64::MAX),
            json!("soon"),
            json!([1]),
        ] {
            let row = row("exp", &absurd, NOW);
            assert_eq!(row.time, None, "{absurd}");
            assert!(!row.value.is_empty());
        }
    }
}
