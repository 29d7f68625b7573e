//! What objects have in common when they are answered.

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Seconds since 1970 as Okta writes a time, as in `2026-01-31T12:00:00.000Z`.
pub(super) fn date(seconds: i64) -> String {
    let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let text = date.format(&Rfc3339).unwrap_or_default();
    text.trim_end_matches('Z').to_owned() + ".000Z"
}

/// The same, for a time that may not have come.
pub(super) fn date_if(seconds: Option<i64>) -> Value {
    seconds.map_or(Value::Null, |seconds| Value::String(date(seconds)))
}

/// A link, with the methods that it takes.
pub(super) fn link(href: &str, methods: &[&str]) -> Value {
    json!({ "href": href, "hints": { "allow": methods } })
}

/// The same object without the members that are null.
pub(super) fn filled(object: Value) -> Value {
    match object {
        Value::Object(members) => {
            let told = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(told.collect::<Map<_, _>>())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_okta_writes_it_however_far_away() {
        assert_eq!(date(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(date(1_769_860_800), "2026-01-31T12:00:00.000Z");
        assert_eq!(date(i64::MAX), "1970-01-01T00:00:00.000Z");
    }
}
