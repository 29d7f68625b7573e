//! `solar-system token`, against all four rooms.

use serde_json::Value;

use super::assert_ended;
use crate::http::{client, send};
use crate::people::{GOLD_SCOPE, SILVER_SCOPE};
use crate::program::Program;
use crate::workplace::Workplace;

const SECRET: &str = "a-canary-of-a-machine's/secret:1";

/// The rooms, and a folder whose environment knows where they are.
struct House {
    work: Workplace,
    house: Program,
}

impl House {
    fn start() -> Self {
        let mut work = Workplace::new();
        work.set("MACHINE_CLIENT_SECRET", SECRET);
        work.set("INTROSPECT_CLIENT_ID", "a-gateway");
        work.set("INTROSPECT_CLIENT_SECRET", "a-canary-of-a-gateway's-secret");
        let mut house = work.start(&[]);
        let ports = house.ports.clone();
        for port in [ports.idp, ports.gateway, ports.web] {
            house.wait_for(port);
        }
        work.set("IDP_PORT", &ports.idp.to_string());
        work.set("GATEWAY_PORT", &ports.gateway.to_string());
        Self { work, house }
    }
}

fn no_token_in(text: &str) {
    assert!(!text.contains("canary"), "{text}");
    let jwt = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let jwt = jwt.filter(|word| word.starts_with("eyJ")).count();
    assert_eq!(jwt, 0, "{text}");
}

#[test]
fn a_machine_sees_every_step_up_to_the_gateways_answer() {
    let house = House::start();
    let ended = house.work.done(&["token", "--call", "/comets"]);
    for part in [
        "> POST http://localhost:",
        "Basic [client id and secret]",
        "grant_type=client_credentials&scope=read",
        "granted: read",
        "[\"read\"]",
        "The issuer: who made and signed this token.",
        "active: the issuer stands by",
        "Bearer [access token]",
        "< 200 OK",
        "1P/Halley",
    ] {
        assert!(ended.output.contains(part), "{part} in {}", ended.output);
    }
    no_token_in(&ended.said());

    let refused = house.work.run(&["token", "--call", "/planets"]);
    assert_eq!(refused.code, Some(1));
    for part in ["< 403 Forbidden", SILVER_SCOPE, "lacks a scope", "hint:"] {
        assert!(
            refused.output.contains(part),
            "{part} in {}",
            refused.output
        );
    }
    let json = house.work.done(&["token", "--call", "/comets", "--json"]);
    no_token_in(&json.output);
    let story: Value = serde_json::from_str(&json.output).unwrap();
    assert_eq!(story["token"]["claims"]["client_id"], "telescope");
    assert_eq!(story["introspection"]["said"]["active"], true);
    assert_eq!(story["call"]["answer"]["first_line"], "200 OK");
    drop(house.house);
}

#[tokio::test]
async fn the_raw_token_is_for_scripts_and_stands_alone() {
    let house = House::start();
    let ended = house.work.done(&["token", "--raw"]);
    let token = ended.output.trim_end();
    assert_eq!(ended.output.lines().count(), 1, "{}", ended.output);
    assert!(!ended.errors.contains(token));
    let gateway = format!("http://localhost:{}/comets", house.house.ports.gateway);
    let answer = send(client().get(gateway).bearer_auth(token)).await;
    assert_eq!(answer.status, 200);
}

#[test]
fn refusals_say_what_to_do_and_end_with_1() {
    let mut house = House::start();
    let ended = house.work.run(&["token", "--scope", GOLD_SCOPE]);
    assert_ended(&ended, 1, &["invalid_scope"]);
    assert!(
        ended.output.contains("hint: Ask for fewer scopes"),
        "{}",
        ended.output
    );
    let ended = house.work.run(&["token", "--raw", "--scope", GOLD_SCOPE]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    house.work.set("MACHINE_CLIENT_SECRET", "another-canary");
    let ended = house.work.run(&["token"]);
    assert_ended(&ended, 1, &["invalid_client"]);
    assert!(
        ended.output.contains("MACHINE_CLIENT_SECRET"),
        "{}",
        ended.output
    );
    no_token_in(&ended.said());
    // The app is known, and is no machine.
    house.work.set("MACHINE_CLIENT_ID", "solar-system-app");
    assert_eq!(house.work.run(&["token"]).code, Some(1));
}

#[test]
fn what_is_missing_or_out_of_reach_is_told() {
    let mut work = Workplace::new();
    assert_ended(&work.run(&["token"]), 2, &["MACHINE_CLIENT_SECRET"]);
    work.set("MACHINE_CLIENT_SECRET", SECRET);
    let ended = work.run(&["token"]);
    assert_ended(&ended, 1, &["nobody listens", "hint: ISSUER is not set"]);
    for path in [
        "comets",
        "//evil.example",
        "/a?b",
        "/../x",
        "https://evil.example/",
    ] {
        let ended = work.run(&["token", "--call", path]);
        assert_ended(&ended, 2, &["--call"]);
    }
    let ended = work.run(&["token", "--scope", "a\"b"]);
    assert_ended(&ended, 2, &["--scope"]);
    work.set("ISSUER", "http://idp.example.com");
    assert_ended(&work.run(&["token"]), 2, &["ISSUER"]);
    assert!(!work.run(&["token"]).said().contains("canary"));
}
