//! `solar-system settings`.

use std::fs;

use serde_json::{Value, json};

use super::{assert_ended, assert_private, with_output, write};
use crate::workplace::Workplace;

const ISSUER: &str = "https://dev-1.example.com/oauth2/aus1";

fn standard() -> Value {
    json!({
        "OKTA_AZ_SERVER_ISSUER": ISSUER,
        "AUTHN_CLIENT_ID": "0oa1",
        "AUTHN_CLIENT_SECRET": "canary secret $1 'x'",
        "REDIRECT_URI": "http://localhost:8080",
        "SILVER_USER": { "profile": { "login": "an.na@oktademo.com" } },
        "SILVER_PASSWORD": "canary password",
    })
}

#[test]
fn the_table_masks_secrets_and_what_is_missing_ends_with_1() {
    let work = with_output("standard", &standard());
    let ended = work.run(&["settings", "aws"]);
    assert_ended(&ended, 1, &["PROXY_URI", "one setting is missing"]);
    for part in [
        "What the gateway is told",
        &format!("{ISSUER}/v1/keys"),
        "an.na@oktademo.com",
        "standard.json",
        "MISSING",
    ] {
        assert!(ended.output.contains(part), "{part} in {}", ended.output);
    }
    assert!(!ended.said().contains("canary"), "{}", ended.said());
}

#[test]
fn the_environment_wins_and_json_and_env_carry_the_secrets() {
    let mut work = with_output("standard", &standard());
    work.set("PROXY_URI", "https://gw.example.com/base");
    work.set("CLIENT_ID", "mine");
    let ended = work.done(&["settings", "--aws", "--json"]);
    let settings: Value = serde_json::from_str(&ended.output).unwrap();
    assert_eq!(settings["AUTHN_CLIENT_ID"], "mine");
    assert_eq!(settings["AUTHN_CLIENT_SECRET"], "canary secret $1 'x'");
    assert_eq!(settings["SILVER_USERNAME"], "an.na@oktademo.com");
    assert!(
        ended
            .errors
            .contains("AUTHN_CLIENT_ID: environment, CLIENT_ID wins"),
        "{}",
        ended.errors
    );
    let ended = work.done(&["settings", "aws", "--env"]);
    assert!(ended.output.contains("\nJWKS_URI="), "{}", ended.output);
    let secret = ended
        .output
        .lines()
        .find(|line| line.starts_with("SESSION_SECRET="));
    assert!(secret.unwrap().len() > 50);
}

#[test]
fn env_is_filled_without_losing_anything_and_the_program_reads_it_back() {
    let mut work = with_output("standard", &standard());
    work.set("PROXY_URI", "https://gw.example.com/base");
    work.set("PORT", "8080");
    let before = "# mine\r\nOKTA_AZ_SERVER_ISSUER=\"\" # the issuer\r\nSESSION_SECRET=\"some random phrase\"\r\n\r\n  FOREIGN = 'a # b'\r\n#SILVER_USERNAME=\r\n";
    write(&work, ".env", before);
    work.done(&["settings", "aws", "--write"]);
    let path = work.folder.join(".env");
    assert_private(&path);
    let text = fs::read_to_string(&path).unwrap();
    for part in [
        "# mine\r\n",
        &format!("OKTA_AZ_SERVER_ISSUER=\"{ISSUER}\" # the issuer\r\n"),
        "  FOREIGN = 'a # b'\r\n",
        "SILVER_USERNAME=an.na@oktademo.com\r\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        !text.contains("some random phrase") && !text.contains("JWKS_URI"),
        "{text}"
    );
    // Read by the program itself: nothing is left to write, and every value is there.
    work.unset("PROXY_URI");
    let again = work.done(&["settings", "aws", "--write"]);
    assert!(
        again.errors.contains("nothing to change"),
        "{}",
        again.errors
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let json = work.done(&["settings", "aws", "--json"]).output;
    let settings: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(settings["AUTHN_CLIENT_SECRET"], "canary secret $1 'x'");
    assert_eq!(settings["PROXY_URI"], "https://gw.example.com/base");
}

#[test]
fn after_a_new_bootstrap_refresh_takes_its_values() {
    let work = with_output("standard", &standard());
    write(
        &work,
        ".env",
        "AUTHN_CLIENT_ID=old\nPROXY_URI=https://gw.example.com\n",
    );
    let kept = work.done(&["settings", "kong", "--json"]);
    assert!(kept.output.contains("\"old\""));
    assert!(
        kept.errors.contains("--refresh takes that one"),
        "{}",
        kept.errors
    );
    work.done(&["settings", "kong", "--refresh", "--write"]);
    assert!(work.text(".env").contains("AUTHN_CLIENT_ID=0oa1\n"));
}

#[test]
fn cli_07_names_are_not_paths_and_an_unknown_gateway_is_wrong_use() {
    let work = with_output("standard", &standard());
    for name in ["../standard", "/etc/passwd", "a.b", ""] {
        let ended = work.run(&["settings", "aws", "--from", name]);
        assert_ended(&ended, 2, &["no name of an output"]);
    }
    let ended = work.run(&["settings", "aws", "--from", "keycloak"]);
    assert_ended(&ended, 2, &["solar-system bootstrap keycloak"]);
    let ended = work.run(&["settings", "mystery"]);
    assert_ended(&ended, 2, &["mulesoft_introspect", "apisix"]);
    let ended = work.run(&["settings", "aws", "--json", "--env"]);
    assert_eq!(ended.code, Some(2));
}

#[test]
fn without_any_output_it_says_where_it_looked_and_which_others_are_there() {
    let work = with_output(
        "keycloak",
        &json!({ "ISSUER": "https://kc.example.com/realms/x" }),
    );
    let ended = work.run(&["settings", "mulesoft_introspect"]);
    assert_ended(
        &ended,
        1,
        &["bootstrap/output/mulesoft.json", "--from NAME", "keycloak"],
    );
    let ended = work.run(&[
        "settings",
        "mulesoft_introspect",
        "--from",
        "keycloak",
        "--json",
    ]);
    let settings: Value = serde_json::from_str(&ended.output).unwrap();
    let token_url = "https://kc.example.com/realms/x/protocol/openid-connect/token";
    assert_eq!(settings["TOKEN_URL"], token_url);
}

#[test]
fn help_teaches_with_an_example() {
    let work = Workplace::new();
    for command in ["settings", "register", "token", "completions"] {
        let ended = work.done(&[command, "--help"]);
        assert!(
            ended.output.contains("Example"),
            "{command}: {}",
            ended.output
        );
        assert!(ended.output.contains("solar-system "), "{command}");
    }
}

/// The example that readers of the tutorial have as their `.env`.
#[test]
#[ignore = "needs ../shared/original: make test"]
fn the_tutorials_own_env_is_filled_in_its_lines() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/original/env_example"
    );
    let Ok(example) = fs::read_to_string(path) else {
        println!("passed over: {path} is not there");
        return;
    };
    let mut work = with_output("standard", &standard());
    write(&work, ".env", &example);
    work.set("PROXY_URI", "https://gw.example.com");
    work.done(&["settings", "swag", "--write"]);
    let text = work.text(".env");
    for line in example.lines().filter(|line| line.starts_with('#')) {
        assert!(text.contains(line), "{line}");
    }
    for part in [
        &format!("OKTA_AZ_SERVER_ISSUER=\"{ISSUER}\""),
        "SESSION_MAX_AGE=60000",
        "GATEWAY=\"swag\"",
        "PROXY_URI=\"https://gw.example.com\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
