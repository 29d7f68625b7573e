//! A person's profile: what every one has, and what else is kept as it comes.

use crate::idp::okta::reader::{Reader, is_plain};
use serde_json::{Map, Value};

/// How many attributes a profile may have.
const ATTRIBUTES: usize = 64;

/// The profile that comes out: what is given goes over what is kept, and `null` takes away.
pub(super) fn profile(
    reader: &Reader<'_>,
    given: Option<&Value>,
    kept: Map<String, Value>,
) -> Map<String, Value> {
    let part = reader.object("profile");
    let mut all = kept;
    let empty = Map::new();
    for (name, value) in given.and_then(Value::as_object).unwrap_or(&empty) {
        if !is_attribute(name) {
            part.wrong(
                "attributes",
                "A name of one has letters, digits and _ alone",
            );
        } else if value.is_null() {
            all.remove(name);
        } else if is_plain_value(value) {
            all.insert(name.clone(), value.clone());
        } else {
            part.wrong(name, "It must be a number, true, false, or text of at most 1024 characters without control characters, or an array of these");
        }
    }
    if all.len() > ATTRIBUTES {
        part.wrong("attributes", format!("There must be at most {ATTRIBUTES}"));
    }
    if reader.is_wrong("profile") {
        return all;
    }
    for (name, shortest, longest, needed) in [
        ("login", 5, 100, true),
        ("email", 5, 100, true),
        ("firstName", 1, 50, false),
        ("lastName", 1, 50, false),
    ] {
        let text = all
            .get(name)
            .map(|value| value.as_str().unwrap_or_default());
        let fits = |text: &str| {
            let of_length = (shortest..=longest).contains(&text.chars().count());
            let without_blanks = name.ends_with("Name") || !text.contains(char::is_whitespace);
            of_length && without_blanks && (name != "email" || is_email(text))
        };
        match text {
            _ if part.is_wrong(name) => {}
            None if needed => part.wrong(name, "The field cannot be blank"),
            Some(text) if !fits(text) => part.wrong(
                name,
                format!("It must have {shortest} to {longest} characters, and no odd ones"),
            ),
            _ => {}
        }
    }
    all
}

fn is_attribute(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_plain_value(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.chars().count() <= 1024 && is_plain(text),
        Value::Array(values) => {
            values.len() <= 100
                && values
                    .iter()
                    .all(|value| !value.is_array() && is_plain_value(value))
        }
        Value::Object(_) => false,
    }
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}
