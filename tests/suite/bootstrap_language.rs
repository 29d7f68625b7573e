//! `bootstrap` through the binary: users' own input files, and what a script sees.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Ended, Program};
use crate::workplace::Workplace;

/// Shown to the management API, and in no output.
const API_TOKEN: &str = "00-management-token-of-the-tests-canary";
/// The tutorial's input files.
const ORIGINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/original");

/// A folder to work in, beside an identity provider without anything in it.
fn empty_tenant() -> (Workplace, Program) {
    let mut work = Workplace::new();
    work.set("OKTA_API_TOKEN", API_TOKEN);
    let mut idp = work.start(&["idp", "--empty"]);
    let port = idp.ports.idp;
    idp.wait_for(port);
    work.set("OKTA_TENANT", &format!("http://localhost:{port}"));
    (work, idp)
}

/// Settings of a tenant that nobody may call: nothing listens there.
fn no_tenant() -> Workplace {
    let mut work = Workplace::new();
    work.set("OKTA_TENANT", "http://localhost:1");
    work.set("OKTA_API_TOKEN", API_TOKEN);
    work
}

fn refused(work: &Workplace, arguments: &[&str], parts: &[&str]) -> Ended {
    let ended = work.run(arguments);
    assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.errors);
    for part in parts {
        assert!(ended.errors.contains(part), "{part}: {}", ended.errors);
    }
    assert_eq!(ended.output, "", "data alone is on standard output");
    assert!(
        !ended.errors.contains("localhost:1 to test"),
        "{}",
        ended.errors
    );
    ended
}

#[test]
#[ignore = "needs ../shared/original: make test"]
fn the_tutorials_inputs_run_unchanged_and_a_second_run_changes_nothing() {
    if !Path::new(ORIGINAL).is_dir() {
        println!("{ORIGINAL} is not here: nothing is tried");
        return;
    }
    let (mut work, _idp) = empty_tenant();
    work.set("PROXY_URI", "https://gateway.example");
    let inputs = work.folder.join("okta_bootstrap/input");
    fs::create_dir_all(&inputs).unwrap();
    for way in ["mulesoft", "mulesoft_policy", "standard"] {
        let file = format!("{way}.json");
        fs::copy(Path::new(ORIGINAL).join(&file), inputs.join(&file)).unwrap();
    }
    for way in ["mulesoft", "mulesoft_policy", "standard"] {
        let ended = work.done(&["bootstrap", &format!("--{way}"), "--yes"]);
        let found = format!("Found a valid input file at okta_bootstrap/input/{way}.json");
        for part in [found.as_str(), "the token works", "looking for TAG..."] {
            assert!(ended.errors.contains(part), "{part}: {}", ended.errors);
        }
        let input = work.json(&format!("okta_bootstrap/input/{way}.json"));
        let output = work.json(&format!("bootstrap/output/{way}.json"));
        for (name, entry) in input.as_object().unwrap() {
            let saved = entry["saveToOutput"] == true && entry["objType"] != "data";
            assert_eq!(output.get(name).is_some(), saved, "{way}: {name}");
        }
        let again = work.done(&["bootstrap", &format!("--{way}"), "--yes"]);
        assert!(
            again.errors.contains("Nothing to change."),
            "{}",
            again.errors
        );
        assert_eq!(work.json(&format!("bootstrap/output/{way}.json")), output);
        if way == "mulesoft" {
            let client = output["INTROSPECT_CLIENT_ID"].as_str().unwrap();
            work.set("AUTHN_CLIENT_ID", client); // as if the portal had registered it
        }
    }
    let output = work.json("bootstrap/output/standard.json");
    assert_ne!(
        output["AUTHN_CLIENT_ID"],
        work.json("bootstrap/output/mulesoft.json")["INTROSPECT_CLIENT_ID"]
    );
    assert_eq!(output["AUDIENCE"], "https://gateway.example");
    assert!(
        output["SILVER_USER"]["profile"]["login"]
            .as_str()
            .unwrap()
            .ends_with("@oktademo.com")
    );
}

#[test]
#[ignore = "needs ../shared/original: make test"]
fn what_the_tutorials_input_lacks_is_named_before_anything_is_sent() {
    if !Path::new(ORIGINAL).is_dir() {
        println!("{ORIGINAL} is not here: nothing is tried");
        return;
    }
    let work = no_tenant();
    let path = format!("{ORIGINAL}/standard.json");
    refused(
        &work,
        &["bootstrap", &path, "--yes"],
        &["AUDIENCE: {{PROXY_URI}}", "into .env"],
    );
}

#[test]
fn without_a_terminal_nobody_is_asked_and_yes_is_named() {
    let work = no_tenant();
    for verb in [
        &["bootstrap", "standard"][..],
        &["bootstrap", "apply", "standard"],
    ] {
        refused(&work, verb, &["no terminal", "--yes"]);
    }
    refused(
        &work,
        &["bootstrap", "destroy", "standard"],
        &["--confirm TAG"],
    );
    refused(
        &work,
        &["bootstrap", "destroy", "standard", "--yes"],
        &["--confirm TAG"],
    );
}

#[test]
fn wrong_use_is_told_with_what_is_right() {
    let work = no_tenant();
    refused(&work, &["bootstrap"], &["mulesoft_policy", ".json"]);
    refused(
        &work,
        &["bootstrap", "--standart", "--yes"],
        &["standart", "no such way"],
    );
    refused(
        &work,
        &["bootstrap", "no/such.json", "--yes"],
        &["no/such.json"],
    );
    refused(
        &work,
        &["bootstrap", "standard", "--yes", "--target", "entra"],
        &["okta or keycloak"],
    );
    refused(
        &work,
        &["bootstrap", "standard", "--yes", "--out"],
        &["--out"],
    );
    let mut work = work.copy();
    work.unset("OKTA_TENANT");
    refused(&work, &["bootstrap", "standard", "--yes"], &["OKTA_TENANT"]);
    work.set("OKTA_TENANT", "http://idp.example");
    refused(
        &work,
        &["bootstrap", "standard", "--yes"],
        &["OKTA_TENANT", "https"],
    );
}

#[test]
fn cli_01_without_a_token_nothing_is_sent_and_it_is_no_argument() {
    let mut work = no_tenant();
    work.unset("OKTA_API_TOKEN");
    refused(
        &work,
        &["bootstrap", "plan", "standard"],
        &["OKTA_API_TOKEN", "OKTA_API_TOKEN_FILE"],
    );
    refused(
        &work,
        &["bootstrap", "plan", "standard", "--token", API_TOKEN],
        &[],
    );
    let help = work.done(&["bootstrap", "--help"]).output;
    for part in [
        "Examples:",
        "bootstrap plan standard",
        "OKTA_API_TOKEN",
        "destroy",
    ] {
        assert!(help.contains(part), "{part} in {help}");
    }
    assert!(!help.contains("--token"));
}

#[test]
fn cli_01_a_wrong_token_is_refused_and_never_shown() {
    let (mut work, _idp) = empty_tenant();
    let file = work.folder.join("token");
    fs::write(&file, "00-another-canary\n").unwrap();
    work.unset("OKTA_API_TOKEN");
    work.set("OKTA_API_TOKEN_FILE", file.to_str().unwrap());
    let ended = work.run(&["bootstrap", "plan", "standard"]);
    assert_eq!(ended.code, Some(1), "{}", ended.errors);
    assert!(ended.errors.contains("401") && ended.errors.contains("nothing was changed"));
    assert!(!ended.said().contains("canary"), "{}", ended.said());
}

#[test]
fn cli_07_a_hostile_input_gets_nothing_of_the_environment_and_leads_nowhere() {
    let mut work = no_tenant();
    work.set("HOME", "/home/canary-of-a-person");
    fs::create_dir_all(work.folder.join("mine")).unwrap();
    fs::write(work.folder.join("mine/secrets.json"), "{\"A\": \"canary\"}").unwrap();
    let group = |name: &str| {
        format!(
            r#""G": {{"objType": "json", "objectClass": "okta:user_group", "default": {{"profile": {{"name": "{name}"}}}}}}"#
        )
    };
    let elsewhere = r#""G": {"objType": "json", "objectClass": "okta:client", "default": {"client_name": "x"}, "oktaEndpoint": "/../../admin"}"#;
    for (text, part) in [
        (group("{{HOME}}"), "{{HOME}} leads nowhere"),
        (group("{{OKTA_API_TOKEN}}"), "a secret of this program"),
        (group("{{OKTA_API_TOKEN_FILE}}"), "a secret of this program"),
        (group("{{A}}"), "leads nowhere"),
        (group("{{G.id}}"), "comes later"),
        (
            r#""D": {"objType": "data", "default": "../../mine/secrets"}"#.to_owned(),
            "never a path",
        ),
        (
            r#""D": {"objType": "data", "default": "absent"}"#.to_owned(),
            "absent.json",
        ),
        (
            r#""../../x": {"objType": "string", "default": "x"}"#.to_owned(),
            "letters, digits",
        ),
        (elsewhere.to_owned(), "no plain path"),
        (
            format!(
                "{}, {}",
                group("x"),
                group("x")
                    .replace("\"G\"", "\"H\"")
                    .replace("okta:", "keycloak:")
            ),
            "is not one of --target okta",
        ),
    ] {
        fs::write(work.folder.join("mine/in.json"), format!("{{{text}}}")).unwrap();
        let ended = work.run(&["bootstrap", "mine/in.json", "--yes"]);
        assert!(
            matches!(ended.code, Some(1 | 2)),
            "{part}: {}",
            ended.errors
        );
        let said = ended.said();
        assert!(said.contains(part), "{part}: {said}");
        assert!(
            !said.contains("canary") && !said.contains("localhost:1 to test"),
            "{said}"
        );
    }
    let outside = ["/home/canary-of-a-person", "mine/../../x"];
    for way in outside {
        let ended = work.run(&["bootstrap", way, "--yes"]);
        assert_eq!(ended.code, Some(2), "{}", ended.errors);
    }
}

#[test]
fn a_plan_is_data_and_what_is_printed_as_input_is_one() {
    let (work, _idp) = empty_tenant();
    let plan = work.done(&["bootstrap", "plan", "standard", "--json"]);
    let plan: Value = serde_json::from_str(&plan.output).unwrap();
    assert!(plan["objects"].as_array().unwrap().len() > 10);
    assert_eq!(plan["objects"][0]["action"], "create");
    assert!(
        !work.folder.join("bootstrap").exists(),
        "a plan writes nothing"
    );
    for way in ["mulesoft", "mulesoft_policy", "standard", "keycloak"] {
        let input = work.done(&["bootstrap", "input", way]).output;
        serde_json::from_str::<Value>(&input).unwrap();
        fs::write(work.folder.join("own.json"), input).unwrap();
        if way == "standard" {
            let ended = work.done(&["bootstrap", "./own.json", "--yes", "--out", "elsewhere"]);
            assert_eq!(ended.output, "elsewhere/own.json\n");
            assert!(!ended.said().contains(API_TOKEN));
        }
    }
    refused(&work, &["bootstrap", "input", "nonsense"], &["compiled in"]);
}
