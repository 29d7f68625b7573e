//! What is there and not as it is wanted.

use crate::bootstrap::{scope::without_secrets, target::Difference};
use serde_json::{Map, Value};

/// What Keycloak never tells again, or tells in another place.
const NOT_COMPARED: [&str; 2] = ["credentials", "secret"];
/// Names that Keycloak keeps in lower case.
const WITHOUT_CASE: [&str; 2] = ["username", "email"];
/// What Keycloak tells in the place of a secret that is set.
const STARS: &str = "**********";
/// Longest text of a difference.
const SHOWN: usize = 200;

/// Compares what is wanted with what was found. Members that are not wanted do not count, except in
/// lists: one redirect URI, group or role too many is a difference.
pub(super) fn between(wanted: &Map<String, Value>, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (member, wanted) in wanted {
        if NOT_COMPARED.contains(&member.as_str()) {
            continue;
        }
        let found = found.get(member).unwrap_or(&Value::Null);
        compare(
            &format!("/{}", escaped(member)),
            wanted,
            found,
            &mut differences,
        );
    }
    differences
}

fn compare(at: &str, wanted: &Value, found: &Value, differences: &mut Vec<Difference>) {
    match (wanted, found) {
        (Value::Object(wanted), found) if found.is_object() => {
            for (member, wanted) in wanted {
                let found = found.get(member).unwrap_or(&Value::Null);
                compare(
                    &format!("{at}/{}", escaped(member)),
                    wanted,
                    found,
                    differences,
                );
            }
        }
        (Value::Array(wanted), Value::Array(found)) if named(wanted) || named(found) => {
            compare_named(at, wanted, found, differences);
        }
        (Value::Array(wanted_list), Value::Array(found_list)) => {
            let same = wanted_list.len() == found_list.len()
                && wanted_list.iter().all(|one| found_list.contains(one));
            if !same {
                differences.push(difference(at, wanted, found));
            }
        }
        _ if equal(at, wanted, found) => {}
        _ => differences.push(difference(at, wanted, found)),
    }
}

/// Whether a list holds objects with names, as protocol mappers are.
fn named(list: &[Value]) -> bool {
    !list.is_empty() && list.iter().all(|one| one.get("name").is_some())
}

fn compare_named(at: &str, wanted: &[Value], found: &[Value], differences: &mut Vec<Difference>) {
    let name = |one: &Value| one["name"].as_str().unwrap_or_default().to_owned();
    for one in wanted {
        let name = name(one);
        let there = found.iter().find(|other| other["name"] == name.as_str());
        let at = format!("{at}/{}", escaped(&name));
        compare(&at, one, there.unwrap_or(&Value::Null), differences);
    }
    for one in found {
        let name = name(one);
        if !wanted.iter().any(|other| other["name"] == name.as_str()) {
            let at = format!("{at}/{}", escaped(&name));
            differences.push(difference(&at, &Value::Null, one));
        }
    }
}

fn equal(at: &str, wanted: &Value, found: &Value) -> bool {
    let member = at.trim_start_matches('/');
    if let (Some(wanted), Some(found)) = (wanted.as_str(), found.as_str())
        && WITHOUT_CASE.contains(&member)
    {
        return wanted.eq_ignore_ascii_case(found);
    }
    // A secret is told as stars.
    if found.as_str() == Some(STARS) {
        return true;
    }
    // Keycloak leaves empty things and switched-off attributes out.
    wanted == found || found.is_null() && is_nothing(wanted)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::String(text) => text.is_empty() || text == "false",
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Number(_) => false,
    }
}

fn difference(at: &str, wanted: &Value, found: &Value) -> Difference {
    Difference {
        at: at.to_owned(),
        wanted: shown(&without_secrets(at, wanted)),
        found: shown(&without_secrets(at, found)),
    }
}

fn shown(value: &Value) -> String {
    if value.is_null() {
        return "nothing".to_owned();
    }
    let text = super::text::plain(&value.to_string());
    text.chars().take(SHOWN).collect()
}

/// A member's name as a JSON pointer has it (RFC 6901, section 3).
fn escaped(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}
