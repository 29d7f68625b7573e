//! What an input may be, and what it may not.

use super::{EntryKind, Input, LIMIT, Places, TargetKind, find, name_of};
use crate::{blueprint::Blueprint, oauth::random_value};
use std::fs;

fn problem(text: &str) -> String {
    Input::parse("x.json", text).unwrap_err().to_string()
}

fn entry(members: &str) -> String {
    format!("{{\n \"A\": {{{members}}}\n}}")
}

#[test]
fn entries_keep_their_order_and_their_members() {
    let input = Input::parse(
        "x.json",
        r#"{"Z": {"objType": "string", "hint": "h", "comment": "c", "desc": "d", "saveToOutput": true},
            "A": {"objType": "json", "objectClass": "okta:client", "endpoint": "/oauth2/v1/clients",
                "IDfieldName": "client_id", "groups": ["{{Z}}"], "default": {"a": "{{Z}}"}},
            "M": {"objType": "data", "default": "mulesoft"}}"#,
    )
    .unwrap();
    let names: Vec<&str> = input
        .entries
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(names, ["Z", "A", "M"]);
    assert!(input.entries[0].save && !input.entries[1].save);
    assert_eq!(input.entries[0].hint.as_deref(), Some("h"));
    let EntryKind::Object(object) = &input.entries[1].kind else {
        panic!("{input:?}")
    };
    assert_eq!(object.endpoint.as_deref(), Some("/oauth2/v1/clients"));
    assert_eq!(object.id_field.as_deref(), Some("client_id"));
    assert_eq!(input.target(), TargetKind::Okta);
}

#[test]
fn what_is_wrong_is_told_with_line_and_name() {
    for (members, parts) in [
        (
            r#""objType": "string", "defualt": "x""#,
            ["\"defualt\"", "is \"default\" meant?"],
        ),
        (
            r#""objType": "string", "OBJECTCLASS": "x""#,
            ["\"OBJECTCLASS\"", "\"objectClass\" meant"],
        ),
        (
            r#""objType": "string", "colour": "x""#,
            ["\"colour\"", "known are default"],
        ),
        (
            r#""default": "x""#,
            ["objType is missing", "string, json or data"],
        ),
        (r#""objType": "text""#, ["string, json or data", ""]),
        (
            r#""objType": "string", "saveToOutput": "yes""#,
            ["true or false", ""],
        ),
        (
            r#""objType": "string", "default": 8080"#,
            ["default is a text", ""],
        ),
        (
            r#""objType": "string", "default": "{{ PORT }}""#,
            ["is no placeholder", "{{NAME}}"],
        ),
        (
            r#""objType": "json", "default": {}"#,
            ["objectClass is missing", ""],
        ),
        (
            r#""objType": "json", "objectClass": "okta:user", "default": "x""#,
            ["the body", ""],
        ),
        (
            r#""objType": "json", "objectClass": "okta:user""#,
            ["the body", ""],
        ),
        (
            r#""objType": "json", "objectClass": "okta:user", "default": {"a": ["{{"]}"#,
            ["no placeholder", ""],
        ),
        (
            r#""objType": "json", "objectClass": "okta:user", "default": {"{{": 1}"#,
            ["no placeholder", ""],
        ),
        (
            r#""objType": "json", "objectClass": "a", "default": {}, "groups": "x""#,
            ["a list", ""],
        ),
        (
            r#""objType": "json", "objectClass": "a", "default": {}, "groups": [1]"#,
            ["a text", ""],
        ),
        (
            r#""objType": "json", "objectClass": "a", "default": {}, "IDfieldName": "a.b""#,
            ["client_id", ""],
        ),
        (
            r#""objType": "json", "objectClass": "a", "default": {}, "endpoint": "/a", "oktaEndpoint": "/a""#,
            ["already", ""],
        ),
        (r#""objType": "data""#, ["name of an earlier output", ""]),
    ] {
        let problem = problem(&entry(members));
        assert!(problem.starts_with("x.json:2: A: "), "{problem}");
        for part in parts {
            assert!(problem.contains(part), "{part}: {problem}");
        }
    }
}

#[test]
fn cli_07_hostile_names_and_paths_are_refused() {
    for name in [
        "../A",
        "",
        "a/b",
        "$bootstrap",
        "A.b",
        "{{A}}",
        "GENERATE_TAG",
        "ä",
        "A B",
    ] {
        let text = serde_json::json!({ name: {"objType": "string", "default": "x"} });
        let problem = problem(&text.to_string());
        assert!(
            problem.contains("name") || problem.contains("GENERATE_"),
            "{name}: {problem}"
        );
    }
    for output in [
        "../mulesoft",
        "/etc/passwd",
        "a.json",
        "",
        "a/b",
        "{{A}}",
        "a\\\\b",
        ".",
    ] {
        let problem = problem(&entry(&format!(
            r#""objType": "data", "default": "{output}""#
        )));
        assert!(problem.contains("never a path"), "{output}: {problem}");
    }
    for endpoint in ["https://evil.example/", "//evil.example/", "api/v1", ""] {
        let members = format!(
            r#""objType": "json", "objectClass": "okta:a", "default": {{}}, "oktaEndpoint": "{endpoint}""#
        );
        let problem = problem(&entry(&members));
        assert!(
            problem.contains("below the tenant"),
            "{endpoint}: {problem}"
        );
    }
}

#[test]
fn hostile_files_are_refused_without_their_words_reaching_the_terminal() {
    let a = r#""A": {"objType": "string", "default": "x"}"#;
    let deep = "[".repeat(200) + "]".repeat(200).as_str();
    let many: Vec<String> = (0..1001)
        .map(|n| a.replace("\"A\"", &format!("\"A{n}\"")))
        .collect();
    for (text, part) in [
        (format!("{{{a}, {a}}}"), "twice"),
        (entry(r#""objType": "string", "objType": "json""#), "twice"),
        (
            entry(&format!(r#""objType": "json", "default": {{"a": {deep}}}"#)),
            "deeper",
        ),
        (format!("{{{}}}", many.join(",")), "1 to 1000"),
        ("{}".to_owned(), "1 to 1000"),
        (" ".repeat(LIMIT) + "{}", "longer"),
        ("[]".to_owned(), "form"),
        ("{".to_owned(), "line 1"),
        (String::new(), "JSON"),
        (format!("{{{a}}}\n\ncanary"), "line 3"),
        ("{\"\\u001b[2J\\r\\nB\": 1}".to_owned(), "letters"),
    ] {
        let problem = problem(&text);
        assert!(problem.contains(part), "{part}: {problem}");
        assert!(
            !problem.contains(char::is_control) && problem.len() < 700,
            "{problem:?}"
        );
        assert!(!problem.contains("canary"));
    }
}

#[test]
fn an_input_is_found_by_path_then_where_users_keep_them_then_compiled_in() {
    let root = std::env::temp_dir().join(format!("inputs-{}", random_value()));
    for folder in ["okta_bootstrap/input", "bootstrap/input", "mine"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    let blueprint = Blueprint::default();
    let places = Places {
        root: root.clone(),
        blueprint: &blueprint,
    };
    let found = |way: &str, target| {
        let found = find(Some(way), target, &places).unwrap();
        (found.name, found.shown, found.target)
    };
    let (okta, keycloak) = (TargetKind::Okta, TargetKind::Keycloak);
    let (name, shown, target) = found("standard", None);
    assert!(
        name == "standard" && shown.contains("compiled in"),
        "{shown}"
    );
    assert_eq!(target, Some(okta));
    let (name, _, target) = found("keycloak", None);
    assert_eq!((name.as_str(), target), ("keycloak", Some(keycloak)));
    assert_eq!(found("standard", Some(keycloak)).0, "keycloak");
    assert_eq!(
        find(None, Some(keycloak), &places).unwrap().name,
        "keycloak"
    );
    assert!(
        find(None, None, &places)
            .unwrap_err()
            .to_string()
            .contains("mulesoft_policy")
    );

    fs::write(root.join("bootstrap/input/standard.json"), "{\"B\":1}").unwrap();
    assert_eq!(found("standard", None).1, "bootstrap/input/standard.json");
    fs::write(root.join("okta_bootstrap/input/standard.json"), "{\"A\":1}").unwrap();
    assert_eq!(
        found("standard", None).1,
        "okta_bootstrap/input/standard.json"
    );
    fs::write(root.join("mine/own.json"), "{}").unwrap();
    assert_eq!(
        found("mine/own.json", None),
        ("own".into(), "mine/own.json".into(), None)
    );
    fs::write(root.join("okta_bootstrap/input/theirs.json"), "{}").unwrap();
    let unknown = find(Some("mulesft"), None, &places)
        .unwrap_err()
        .to_string();
    assert!(
        unknown.contains("no such way") && unknown.contains("theirs"),
        "{unknown}"
    );
    fs::remove_dir_all(root).unwrap();
}

#[test]
fn cli_07_a_way_is_no_path_and_a_path_names_its_output_plainly() {
    let blueprint = Blueprint::default();
    let places = Places {
        root: std::env::temp_dir(),
        blueprint: &blueprint,
    };
    for odd in ["..", "a b", "", "a\0b", "é", "~"] {
        assert!(find(Some(odd), None, &places).is_err(), "{odd}");
        assert!(name_of(odd, None).is_err(), "{odd}");
    }
    for path in ["/dev/null", "no/such.json", "./..json", "x/a b.json", "/"] {
        assert!(find(Some(path), None, &places).is_err(), "{path}");
    }
    assert_eq!(name_of("../../x/own.json", None).unwrap(), "own");
}
