//! What is there and not as it is wanted.

use super::{kind::Kind, text::plain};
use crate::bootstrap::{scope::without_secrets, target::Difference};
use serde_json::{Map, Value, json};

/// Longest text of a difference.
const SHOWN: usize = 200;
/// Grants and response types that put tokens into URLs. A provider that leaves them out is no worse
/// for it, whatever was asked.
const BETTER_WITHOUT: [&str; 3] = ["implicit", "token", "id_token"];

/// Compares what is wanted with what was found. Members that are not wanted do not count, except in
/// lists: one redirect URI, grant type, scope or group too many is a difference. So is what is out of
/// work and should not be.
pub(super) fn between(kind: Kind, wanted: &Map<String, Value>, found: &Value) -> Vec<Difference> {
    let mut comparison = Comparison {
        kind,
        differences: Vec::new(),
    };
    for (member, wanted) in wanted {
        let found = found.get(member).unwrap_or(&Value::Null);
        comparison.compare(&format!("/{}", escaped(member)), wanted, found);
    }
    if !wanted.contains_key("status") {
        comparison.status(wanted, &found["status"]);
    }
    comparison.differences
}

struct Comparison {
    kind: Kind,
    differences: Vec<Difference>,
}

impl Comparison {
    fn compare(&mut self, at: &str, wanted: &Value, found: &Value) {
        if self.is_passed_over(at, found) {
            return;
        }
        match (wanted, found) {
            (Value::Object(wanted), Value::Object(found)) => {
                for (member, wanted) in wanted {
                    let found = found.get(member).unwrap_or(&Value::Null);
                    self.compare(&format!("{at}/{}", escaped(member)), wanted, found);
                }
            }
            (Value::Array(wanted_list), Value::Array(found_list)) => {
                let missing = wanted_list.iter().any(|one| {
                    !found_list.iter().any(|other| same(one, other)) && !is_better_without(at, one)
                });
                let extra = found_list
                    .iter()
                    .any(|one| !wanted_list.iter().any(|other| same(other, one)));
                if missing || extra {
                    self.add(at, wanted, found);
                }
            }
            (Value::Object(members), Value::Null) => {
                // What was asked to be empty need not be told.
                for (member, wanted) in members {
                    self.compare(&format!("{at}/{}", escaped(member)), wanted, &Value::Null);
                }
            }
            _ if self.equal(at, wanted, found) => {}
            _ => self.add(at, wanted, found),
        }
    }

    /// What cannot be compared, or is moved by others without any harm: two rules that ask for the
    /// same place get one after the other.
    fn is_passed_over(&self, at: &str, found: &Value) -> bool {
        match self.kind {
            Kind::User => at == "/credentials",
            Kind::Policy | Kind::Rule => at == "/priority",
            // An older tenant does not tell it.
            Kind::Client => at == "/pkce_required" && found.is_null(),
            _ => false,
        }
    }

    fn equal(&self, at: &str, wanted: &Value, found: &Value) -> bool {
        if let (Some(wanted), Some(found)) = (wanted.as_str(), found.as_str())
            && self.kind == Kind::User
            && matches!(at, "/profile/login" | "/profile/email")
        {
            return wanted.eq_ignore_ascii_case(found);
        }
        wanted == found || found.is_null() && is_nothing(wanted)
    }

    fn status(&mut self, wanted: &Map<String, Value>, found: &Value) {
        let Some(status) = found.as_str() else {
            return;
        };
        let has_no_password = wanted.get("credentials").is_none();
        let works = status == "ACTIVE"
            || self.kind == Kind::User && status == "PROVISIONED" && has_no_password;
        if !works {
            self.add("/status", &json!("ACTIVE"), found);
        }
    }

    fn add(&mut self, at: &str, wanted: &Value, found: &Value) {
        self.differences.push(Difference {
            at: at.to_owned(),
            wanted: shown(&without_secrets(at, wanted)),
            found: shown(&without_secrets(at, found)),
        });
    }
}

/// Whether two entries of a list are the same: of an object, what is wanted of it.
fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted
            .iter()
            .all(|(member, wanted)| found.get(member).is_some_and(|found| same(wanted, found))),
        _ => wanted == found,
    }
}

fn is_better_without(at: &str, one: &Value) -> bool {
    let lists = [
        "/grant_types",
        "/response_types",
        "/conditions/grantTypes/include",
    ];
    lists.contains(&at)
        && one
            .as_str()
            .is_some_and(|one| BETTER_WITHOUT.contains(&one))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Number(_) => false,
    }
}

fn shown(value: &Value) -> String {
    if value.is_null() {
        return "nothing".to_owned();
    }
    plain(&value.to_string()).chars().take(SHOWN).collect()
}

/// A member's name as a JSON pointer has it (RFC 6901, section 3).
fn escaped(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(kind: Kind, wanted: &Value, found: &Value) -> Vec<String> {
        let wanted = wanted.as_object().unwrap();
        let differences = between(kind, wanted, found);
        differences.into_iter().map(|one| one.at).collect()
    }

    #[test]
    fn what_the_tenant_adds_is_no_difference() {
        let wanted = json!({ "name": "x", "audiences": ["a"], "client_uri": null });
        let found = json!({ "id": "1", "name": "x", "audiences": ["a"], "status": "ACTIVE", "issuerMode": "DYNAMIC" });
        assert!(at(Kind::Server, &wanted, &found).is_empty());
    }

    #[test]
    fn cli_09_one_redirect_uri_or_grant_type_too_many_is_a_difference() {
        let wanted = json!({ "redirect_uris": ["http://localhost:8080/callback"], "grant_types": ["authorization_code"], "pkce_required": true });
        let mut found = wanted.clone();
        assert!(at(Kind::Client, &wanted, &found).is_empty());
        found["redirect_uris"] = json!(["http://localhost:8080/callback", "https://evil.example/"]);
        found["grant_types"] = json!(["authorization_code", "implicit"]);
        found["pkce_required"] = json!(false);
        found["status"] = json!("INACTIVE");
        assert_eq!(
            at(Kind::Client, &wanted, &found),
            [
                "/redirect_uris",
                "/grant_types",
                "/pkce_required",
                "/status"
            ]
        );
        found["redirect_uris"] = json!([]);
        assert!(at(Kind::Client, &wanted, &found).contains(&"/redirect_uris".to_owned()));
    }

    #[test]
    fn implicit_that_was_left_out_is_no_difference_and_code_is_one() {
        let wanted = json!({ "grant_types": ["authorization_code", "implicit"], "response_types": ["code", "token", "id_token"] });
        let found = json!({ "grant_types": ["authorization_code"], "response_types": ["code"] });
        assert!(at(Kind::Client, &wanted, &found).is_empty());
        let none = json!({ "grant_types": ["implicit"], "response_types": ["token"] });
        assert_eq!(
            at(Kind::Client, &wanted, &none),
            ["/grant_types", "/response_types"]
        );
    }

    #[test]
    fn cli_10_a_rule_with_more_is_a_difference() {
        let wanted = json!({ "priority": 1, "conditions": {
            "people": { "groups": { "include": ["g"] }, "users": { "include": [] } },
            "grantTypes": { "include": ["authorization_code"] },
            "scopes": { "include": ["openid"] },
        } });
        let mut found = wanted.clone();
        found["priority"] = json!(2);
        found["conditions"]["people"]["users"] = Value::Null;
        assert!(at(Kind::Rule, &wanted, &found).is_empty());
        for (pointer, value) in [
            ("/conditions/people/groups/include", json!(["g", "h"])),
            ("/conditions/people/groups/include", json!(["EVERYONE"])),
            ("/conditions/people/users", json!({ "include": ["u"] })),
            (
                "/conditions/grantTypes/include",
                json!(["authorization_code", "implicit"]),
            ),
            ("/conditions/scopes/include", json!(["*"])),
            ("/conditions/scopes/include", json!(["openid", "more"])),
        ] {
            let mut other = found.clone();
            *other.pointer_mut(pointer).unwrap() = value.clone();
            assert_eq!(
                at(Kind::Rule, &wanted, &other).len(),
                1,
                "{pointer} {value}"
            );
        }
    }

    #[test]
    fn a_person_out_of_work_or_in_another_group_is_a_difference_and_a_password_is_never_shown() {
        let wanted = json!({ "profile": { "login": "A@example.com" }, "credentials": { "password": { "value": "canary" } }, "groupIds": ["g"] });
        let found = json!({ "profile": { "login": "a@example.com", "city": "x" }, "status": "ACTIVE", "groupIds": ["g"] });
        assert!(at(Kind::User, &wanted, &found).is_empty());
        let other = json!({ "profile": { "login": "a@example.com" }, "status": "DEPROVISIONED", "groupIds": ["g", "h"] });
        assert_eq!(at(Kind::User, &wanted, &other), ["/groupIds", "/status"]);
        let shown = between(Kind::User, wanted.as_object().unwrap(), &Value::Null);
        assert!(!format!("{shown:?}").contains("canary"));
    }

    #[test]
    fn cli_12_what_was_found_is_shown_cut_and_without_controls() {
        let found = json!({ "name": format!("\u{1b}[2J{}", "x".repeat(1000)) });
        let wanted = json!({ "name": "x" });
        let difference = &between(Kind::Server, wanted.as_object().unwrap(), &found)[0];
        assert!(!difference.found.contains('\u{1b}') && difference.found.len() <= SHOWN);
    }
}
