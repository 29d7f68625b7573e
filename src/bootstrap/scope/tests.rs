//! What placeholders lead to, and where they lead nowhere.

use super::{Context, Kept, LATER, Origin, Scope};
use crate::{
    blueprint::Blueprint,
    bootstrap::{
        environment::Environment,
        generate::People,
        input::{EntryKind, Input},
    },
    settings::Source,
};
use serde_json::{Value, json};
use std::collections::HashMap;

const SETTINGS: [(&str, &str); 7] = [
    ("HOME", "/home/canary"),
    ("OKTA_API_TOKEN", "canary"),
    ("SESSION_SECRET", "canary"),
    ("PROXY_URI", "https://gateway.example"),
    ("PORT", "9090"),
    ("AUTHN_CLIENT_ID", "of another run"),
    ("SILVER_PASSWORD", "of another run"),
];

/// Walks through an input, whose objects are `there`, and gives what the entry `RESULT` became.
fn walk(input: &Value, there: &Value, data: &Value) -> Result<Value, String> {
    let input = Input::parse("x.json", &input.to_string()).map_err(|error| error.to_string())?;
    let source = Source::of(SETTINGS);
    let tenant = ("OKTA_TENANT", "https://t.example".to_owned());
    let blueprint = Blueprint::default();
    let environment = Environment::new(&source, &blueprint, tenant);
    let people = People::of(&blueprint);
    let data = HashMap::from([("DATA".to_owned(), data.as_object().unwrap().clone())]);
    let context = Context {
        input: &input,
        environment: &environment,
        people: &people,
        data: &data,
    };
    let mut kept = Kept::default();
    let mut scope = Scope::new(context, &mut kept);
    let mut result = Value::Null;
    for entry in &input.entries {
        match &entry.kind {
            EntryKind::Data { .. } => drop(scope.load(&entry.name)),
            EntryKind::Text { .. } => {
                let valued = scope.text(entry).map_err(|error| error.to_string())?;
                if entry.name == "RESULT" {
                    result = json!(valued.map(|valued| valued.text.value));
                }
            }
            EntryKind::Object(object) => {
                let asked = scope.object(entry, object);
                let asked = asked.map_err(|error| error.to_string())?;
                if entry.name == "RESULT" {
                    result = json!({
                        "body": asked.wanted.body,
                        "shown": asked.shown,
                        "endpoint": asked.wanted.endpoint,
                        "groups": asked.wanted.groups,
                    });
                }
                match there.get(&entry.name) {
                    Some(value) => scope.set_object(&entry.name, value.clone(), true),
                    None => scope.set_later(&entry.name),
                }
            }
        }
    }
    Ok(result)
}

fn text(default: &str) -> Value {
    json!({"objType": "string", "default": default})
}

fn object(body: &Value) -> Value {
    json!({"objType": "json", "objectClass": "okta:x", "default": body})
}

/// What a text becomes among a few entries.
fn filled(template: &str) -> Result<String, String> {
    let input = json!({
        "DATA": {"objType": "data", "default": "earlier"},
        "DOMAIN": text("example.com"),
        "OBJ": object(&json!({"name": "{{DOMAIN}}"})),
        "NOT_YET": object(&json!({})),
        "RESULT": text(template),
        "AFTER": text("after {{DOMAIN}}"),
        "LAST": object(&json!({})),
    });
    let there = json!({"OBJ": {"id": "id1", "profile": {"name": "n", "list": ["a", {"b": 7}]},
        "yes": true, "nothing": null, "client_secret": "hush"}});
    let data = json!({"GROUP_ID": "g1", "GROUP": {"id": "g1", "profile": {"name": "group"}},
        "DOMAIN": "overridden.example", "COUNT": 3});
    let result = walk(&input, &there, &data)?;
    Ok(result.as_str().unwrap().to_owned())
}

#[test]
fn values_come_from_entries_objects_settings_and_earlier_outputs() {
    for (template, result) in [
        ("plain", "plain"),
        ("{{DOMAIN}}", "example.com"),
        (
            "a.{{DOMAIN}}:{{PORT}}/{{DOMAIN}}",
            "a.example.com:9090/example.com",
        ),
        ("{{OBJ.id}}", "id1"),
        ("{{OBJ.profile.list.1.b}}-{{OBJ.profile.list.0}}", "7-a"),
        ("{{OBJ.yes}}", "true"),
        ("{{NOT_YET.id}}", LATER),
        ("{{OKTA_TENANT}}/oauth2", "https://t.example/oauth2"),
        ("{{PROXY_URI}}", "https://gateway.example"),
        (
            "{{GROUP_ID}} {{GROUP.profile.name}} {{COUNT}}",
            "g1 group 3",
        ),
        ("{{AFTER}}", "after example.com"),
    ] {
        assert_eq!(filled(template).as_deref(), Ok(result), "{template}");
    }
}

#[test]
fn cli_07_placeholders_come_from_what_is_declared_and_others_are_refused_by_name() {
    for (template, part) in [
        ("{{HOME}}", "{{HOME}} leads nowhere"),
        ("{{OKTA_API_TOKEN}}", "a secret of this program"),
        ("{{SESSION_SECRET}}", "a secret of this program"),
        ("{{API_KEY_FILE}}", "a secret of this program"),
        ("{{SILVER_PASSWORD}}", "a secret of this program"),
        ("{{DOMIAN}}", "is DOMAIN meant?"),
        ("{{ISSUER}}", "put ISSUER into the environment"),
        ("{{TAG}}", "only after GENERATE_TAG"),
        ("{{GENERATE_COFFEE}}", "GENERATE_TAG, GENERATE_FIRSTNAME"),
        ("{{GENERATE_TAG.id}}", "can be none but"),
        ("{{DOMAIN.id}}", "is a text"),
        ("{{OBJ}}", "is an object"),
        ("{{OBJ.profile}}", "is no text"),
        ("{{OBJ.profile.list.9}}", "no member 9"),
        ("{{OBJ.idd}}", "no member idd"),
        ("{{OBJ.nothing}}", "is null"),
        ("{{LAST.id}}", "move LAST before it"),
        ("{{RESULT}}", "in a circle: RESULT → RESULT"),
        ("{{DATA}}", "is an earlier output"),
        ("{{GROUP.profile.nmae}}", "no member nmae"),
    ] {
        let problem = filled(template).unwrap_err();
        assert!(problem.contains("x.json:1: RESULT: "), "{problem}");
        assert!(problem.contains(part), "{template}: {problem}");
        assert!(
            !problem.contains("canary") && !problem.contains("hush"),
            "{problem}"
        );
    }
}

#[test]
fn circles_are_named_whatever_way_they_go() {
    let input = json!({"RESULT": text("{{B}}"), "B": text("x{{C}}"), "C": text("{{RESULT}}")});
    let problem = walk(&input, &json!({}), &json!({})).unwrap_err();
    assert!(problem.contains("RESULT → B → C → RESULT"), "{problem}");
}

#[test]
fn texts_that_double_each_other_end() {
    let mut input = serde_json::Map::new();
    input.insert("A0".to_owned(), text("0123456789"));
    for number in 1..60 {
        let before = number - 1;
        let template = format!("{{{{A{before}}}}}{{{{A{before}}}}}");
        input.insert(format!("A{number}"), text(&template));
    }
    let problem = walk(&Value::Object(input), &json!({}), &json!({})).unwrap_err();
    assert!(problem.contains("more than 65536 bytes"), "{problem}");
    let long = "x".repeat(60_000);
    let many = vec!["{{LONG}}"; 9];
    let input = json!({"LONG": text(&long), "RESULT": object(&json!({"a": many}))});
    let problem = walk(&input, &json!({}), &json!({})).unwrap_err();
    assert!(problem.contains("grows over"), "{problem}");
}

#[test]
fn what_is_made_up_is_known_to_what_follows_and_once_only() {
    let input = json!({
        "FIRST": object(&json!({"a": "{{GENERATE_FIRSTNAME}} {{GENERATE_LASTNAME}}", "b": "{{FIRSTNAME}} {{LASTNAME}}"})),
        "ONE": text("{{GENERATE_PASSWORD}}"),
        "TWO": text("{{GENERATE_PASSWORD}}{{GENERATE_PASSWORD}}"),
        "RESULT": object(&json!({"first": "{{FIRSTNAME}}", "second": "{{GENERATE_FIRSTNAME}}",
            "third": "{{FIRSTNAME}}", "one": "{{ONE}}{{ONE}}", "newest": "{{PASSWORD}}", "two": "{{TWO}}"})),
    });
    let result = walk(&input, &json!({}), &json!({})).unwrap();
    let body = &result["body"];
    assert_eq!(
        (&body["first"], &body["second"], &body["third"]),
        (&json!("Carl"), &json!("Jodie"), &json!("Jodie"))
    );
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    assert_eq!(text("one")[..20], text("one")[20..]);
    assert_ne!(text("two")[..20], text("two")[20..]);
    assert_eq!(text("newest"), text("two")[20..]);
    for name in ["one", "two", "newest"] {
        assert_eq!(result["shown"][name], "(hidden)");
    }
}

#[test]
fn a_body_keeps_its_types_and_hides_its_secrets_from_people() {
    let input = json!({
        "A_PASSWORD": text("hush"),
        "OBJ": object(&json!({})),
        "RESULT": {"objType": "json", "objectClass": "okta:x", "groups": ["{{OBJ.id}}"],
            "oktaEndpoint": "/api/{{OBJ.id}}/x",
            "default": {"port": "{{PORT}}", "n": 1, "yes": true, "null": null, "list": ["{{PORT}}", 2],
                "{{PORT}}-name": "v", "about": "p={{A_PASSWORD}}", "told": "{{OBJ.client_secret}}",
                "credentials": {"password": {"value": "literal"}, "n": 1}, "token_endpoint_auth_method": "none"}},
    });
    let there = json!({"OBJ": {"id": "id1", "client_secret": "shh"}});
    let result = walk(&input, &there, &json!({})).unwrap();
    let body = &result["body"];
    for (member, value) in [
        ("port", json!("9090")),
        ("n", json!(1)),
        ("yes", json!(true)),
        ("null", Value::Null),
        ("list", json!(["9090", 2])),
        ("9090-name", json!("v")),
        ("about", json!("p=hush")),
        ("told", json!("shh")),
    ] {
        assert_eq!(body[member], value, "{member}");
    }
    assert_eq!(
        (&result["endpoint"], &result["groups"]),
        (&json!("/api/id1/x"), &json!(["id1"]))
    );
    let shown = result["shown"].to_string();
    for secret in ["hush", "shh", "literal"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(result["shown"]["token_endpoint_auth_method"], "none");
}

#[test]
fn cli_07_a_placeholder_leads_an_endpoint_nowhere_else() {
    for (value, endpoint) in [
        ("../../users", "/api/{{A}}/x"),
        ("..", "/api/{{A}}/x"),
        ("x?y", "/api/{{A}}/x"),
        ("x#y", "/api/{{A}}/x"),
        ("%2e%2e", "/api/{{A}}/x"),
        ("a", "/api/../{{A}}"),
        ("a", "/api//{{A}}"),
        ("a", "/api/{{A}}?x"),
        ("a", "/api/{{A}}\\\\x"),
        ("", "/api/{{A}}"),
        ("/evil.example", "/{{A}}"),
    ] {
        let input = json!({"A": text(value), "RESULT": {"objType": "json", "objectClass": "okta:x",
            "default": {}, "oktaEndpoint": endpoint}});
        let problem = walk(&input, &json!({}), &json!({})).unwrap_err();
        assert!(
            problem.contains("endpoint"),
            "{value} in {endpoint}: {problem}"
        );
    }
}

#[test]
fn what_is_set_wins_over_a_default_but_not_over_what_is_made_here() {
    let input = json!({
        "PORT": text("8080"),
        "FAKE_PASSWORD": text("{{GENERATE_PASSWORD}}"),
        "SILVER_PASSWORD": text("{{FAKE_PASSWORD}}"),
        "CLIENT": object(&json!({})),
        "AUTHN_CLIENT_ID": text("{{CLIENT.id}}"),
        "RESULT": text("{{PORT}} {{AUTHN_CLIENT_ID}} {{SILVER_PASSWORD}} {{FAKE_PASSWORD}}"),
    });
    let result = walk(&input, &json!({"CLIENT": {"id": "made here"}}), &json!({})).unwrap();
    let parts: Vec<&str> = result.as_str().unwrap().rsplitn(3, ' ').collect();
    assert_eq!(parts[2], "9090 made here");
    assert!(parts[0] == parts[1] && parts[0].len() == 20, "{parts:?}");
    // A demo password that nothing here makes up elsewhere may be chosen.
    let input = json!({"SILVER_PASSWORD": text("{{GENERATE_PASSWORD}}"), "RESULT": text("{{SILVER_PASSWORD}}")});
    assert_eq!(
        walk(&input, &json!({}), &json!({})).unwrap(),
        "of another run"
    );
}

#[test]
fn an_older_input_may_name_the_token_and_is_not_told_it() {
    let input = json!({"OKTA_API_TOKEN": {"objType": "string", "hint": "h"}, "RESULT": text("{{OKTA_API_TOKEN}}")});
    let problem = walk(&input, &json!({}), &json!({})).unwrap_err();
    assert!(problem.contains("a secret of this program"), "{problem}");
}

#[test]
fn where_a_value_comes_from_is_known() {
    let input =
        json!({"PORT": text("1"), "A": text("1"), "B": text("{{GENERATE_TAG}}"), "C": text("1")});
    let input = Input::parse("x.json", &input.to_string()).unwrap();
    let source = Source::of(SETTINGS);
    let blueprint = Blueprint::default();
    let tenant = ("OKTA_TENANT", "https://t.example".to_owned());
    let environment = Environment::new(&source, &blueprint, tenant);
    let context = Context {
        input: &input,
        environment: &environment,
        people: &People::of(&blueprint),
        data: &HashMap::new(),
    };
    let mut kept = Kept::default();
    let mut scope = Scope::new(context, &mut kept);
    scope
        .provide(&input.entries[3], "given".to_owned())
        .unwrap();
    let mut origin = |place: usize| scope.text(&input.entries[place]).unwrap().unwrap().origin;
    assert_eq!(origin(0), Origin::Set("the environment".to_owned()));
    assert_eq!(origin(1), Origin::Default);
    assert_eq!(origin(2), Origin::Generated);
    assert_eq!(origin(3), Origin::Provided);
}
