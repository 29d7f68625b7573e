//! A scenario, read once more as plain TOML: what stands in it is what is enforced, and has everything else
//! derived from it.

use crate::{
    blueprint::{Blueprint, Caller, Facts, Policy, Rule, Tenant, Verdict, panels},
    oauth::Scopes,
};
use toml::{Table, Value};

pub(super) fn blueprint(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Blueprint::parse(text) {
        Ok(blueprint) => {
            let written: Table = toml::from_str(text).expect("what was read is TOML");
            let all = |name: &str| match written.get(name) {
                Some(Value::Array(all)) => all.clone(),
                _ => Vec::new(),
            };
            let policy = Policy::of(&blueprint);
            let resources = all("resource");
            assert_eq!(policy.rules().len(), resources.len());
            for (rule, resource) in policy.rules().iter().zip(&resources) {
                is_as_written(rule, resource);
                let client = blueprint.gateway.clients.first();
                takes_no_less(&policy, rule, resource.get("takes"), client);
            }
            assert_eq!(panels(&blueprint).len(), all("level").len());
            assert_eq!(Tenant::of(&blueprint).users.len(), all("user").len());
        }
        Err(error) => {
            let lines = text.lines().count().max(1);
            assert!((1..=lines + 1).contains(&error.line), "{error}");
        }
    }
}

fn is_as_written(rule: &Rule, resource: &Value) {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    for (is, name) in [
        (&rule.name, "name"),
        (&rule.method, "method"),
        (&rule.path, "path"),
    ] {
        assert_eq!(Some(is.as_str()), text(name), "{name}");
    }
    assert!(rule.path.starts_with('/'), "{:?}", rule.path);
}

/// Nobody passes by a rule who shows less than is written there.
fn takes_no_less(policy: &Policy, rule: &Rule, takes: Option<&Value>, client: Option<&String>) {
    let passes = |scopes: Option<&[&str]>| {
        let scopes = scopes.map(|names| {
            let scopes = Scopes::parse(&names.join(" "));
            scopes.expect("scopes that are written can be granted")
        });
        let caller = scopes.as_ref().map(|scopes| Caller {
            client_id: client.map(String::as_str),
            scopes,
            age: None,
            acr: None,
        });
        let method = if rule.method == "*" {
            "GET"
        } else {
            &rule.method
        };
        let path = match rule.path.strip_suffix('*') {
            Some(above) => format!("{above}x"),
            None => rule.path.clone(),
        };
        let path = path.as_str();
        let facts = Facts {
            method,
            path,
            caller,
        };
        matches!(policy.judge(&facts), Verdict::Pass(found) if found.name == rule.name)
    };
    match takes {
        Some(Value::String(takes)) if takes == "nothing" => {}
        Some(Value::String(takes)) => {
            assert_eq!(takes, "any token");
            assert!(!passes(None), "{}: without a token", rule.name);
        }
        Some(Value::Array(scopes)) => {
            let scopes: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
            assert!(!scopes.is_empty() && !passes(None), "{}", rule.name);
            for lacking in &scopes {
                let others = scopes.iter().filter(|name| *name != lacking);
                let others: Vec<&str> = others.copied().collect();
                assert!(!passes(Some(&others)), "{}: without {lacking}", rule.name);
            }
        }
        other => panic!("{}: {other:?} is nothing to take", rule.name),
    }
}
