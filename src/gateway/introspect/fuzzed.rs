//! What the issuer answers about a token, for a fuzzer (see [`crate::fuzzing`]).

use super::{
    Asked,
    answer::{Expected, read},
};
use serde_json::Value;

/// A token that counts as valid is said to be so, in so many words.
pub(crate) fn introspection_answer(data: &[u8]) {
    const NOW: i64 = 1_800_000_000;
    let expected = Expected {
        issuer: "https://idp.example".to_owned(),
        audience: "api".to_owned(),
    };
    let Asked::Active(holder) = read(data, &expected, NOW) else {
        return;
    };
    let answer: Value = serde_json::from_slice(data).expect("what was read is JSON");
    assert_eq!(answer["active"], Value::Bool(true));
    assert!(
        answer
            .get("iss")
            .is_none_or(|issuer| *issuer == expected.issuer)
    );
    let audience = match &answer["aud"] {
        Value::Array(all) => all.iter().any(|one| *one == expected.audience),
        one => *one == expected.audience,
    };
    assert!(audience, "{answer}");
    assert!(
        answer.get("cnf").is_none() && holder.expires_at > NOW - 61,
        "{answer}"
    );
    assert!(!matches!(
        answer["typ"].as_str(),
        Some("ID" | "Refresh" | "Offline" | "Logout")
    ));
    for (name, value) in holder.headers_for_api() {
        let bytes = value.as_bytes();
        assert!(!bytes.iter().any(u8::is_ascii_control), "{name}: {value:?}");
        assert_eq!(bytes.trim_ascii(), bytes, "{name}: {value:?}");
    }
    let subject = holder
        .subject
        .as_ref()
        .map(axum::http::HeaderValue::as_bytes);
    assert_eq!(
        subject,
        answer.get("sub").and_then(Value::as_str).map(str::as_bytes)
    );
}
