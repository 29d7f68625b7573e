//! The command itself.

use std::time::Duration;

use serde_json::Value;

use super::world::{Fault, World};
use crate::peers::free_port;
use crate::program::{Ended, Program};

pub(super) fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
    let mut all = vec!["doctor"];
    all.extend(arguments);
    Program::start(&all, settings).end_within(Duration::from_secs(120))
}

pub(super) fn findings(ended: &Ended) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ended.output)
        .unwrap_or_else(|problem| panic!("{problem}: {ended:?}"));
    report["findings"].as_array().unwrap().clone()
}

pub(super) fn verdict<'f>(findings: &'f [Value], id: &str) -> &'f str {
    let found = findings.iter().find(|finding| finding["id"] == id);
    found.unwrap_or_else(|| panic!("no {id}"))["verdict"]
        .as_str()
        .unwrap()
}

fn run_at(world: &World, arguments: &[&str]) -> Ended {
    let settings = world.settings();
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    run(arguments, &settings)
}

#[test]
fn without_settings_and_rooms_it_examines_rooms_of_its_own() {
    let ended = run(&["--json", "--strict"], &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended
            .errors
            .contains("starts rooms of its own on free ports"),
        "{}",
        ended.errors
    );
    for finding in findings(&ended) {
        assert_eq!(finding["verdict"], "pass", "{finding}");
    }
}

#[test]
fn without_settings_it_examines_the_rooms_that_run_here_as_far_as_it_can() {
    let [web, idp, gateway] = [free_port(), free_port(), free_port()].map(|port| port.to_string());
    let settings = [
        ("PORT", web.as_str()),
        ("IDP_PORT", &idp),
        ("GATEWAY_PORT", &gateway),
    ];
    let mut rooms = Program::start(&[], &settings);
    rooms.wait_for(rooms.ports.gateway);
    let ended = run(&["--json"], &settings);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.errors.contains("of its own"), "{}", ended.errors);
    let findings = findings(&ended);
    for id in [
        "discovery",
        "redirect",
        "redirect.others",
        "pkce",
        "gateway.challenge",
        "gateway.junk",
    ] {
        assert_eq!(verdict(&findings, id), "pass", "{id}");
    }
    for id in ["client", "level.gold", "token", "introspection"] {
        assert_eq!(verdict(&findings, id), "not_testable", "{id}");
    }
    let client = findings
        .iter()
        .find(|finding| finding["id"] == "client")
        .unwrap();
    assert!(
        client["reason"].as_str().unwrap().contains("/doctor"),
        "{client}"
    );
}

#[test]
fn a_failure_exits_with_1_and_a_table_says_why_and_what_to_do() {
    let world = World::start(&[Fault::RedirectUnknown]);
    let ended = run_at(&world, &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for text in [
        "FAILURE  redirect ",
        "why: The provider answers on a page of its own",
        "fix: Register http://localhost:1/callback",
        "-        level.gold",
        "skipped: redirect is to be mended first",
        "ok       gateway.junk",
        "Mend redirect first: 0 holes, 1 failure,",
    ] {
        assert!(ended.output.contains(text), "{text}: {}", ended.output);
    }
    assert!(
        !ended.said().contains("canary") && !ended.output.contains('\u{1b}'),
        "{ended:?}"
    );
}

#[test]
fn blemishes_fail_only_where_that_is_asked_for() {
    let world = World::start(&[Fault::NoS256]);
    assert_eq!(run_at(&world, &[]).code, Some(0));
    assert_eq!(run_at(&world, &["--strict"]).code, Some(1));
}

#[test]
fn junit_is_xml_with_a_case_a_check() {
    let world = World::start(&[Fault::SecretRefused]);
    let ended = run_at(&world, &["--junit"]);
    assert_eq!(ended.code, Some(1));
    let document = roxmltree::Document::parse(&ended.output).unwrap();
    let cases = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    let failed: Vec<&str> = cases
        .clone()
        .filter(|case| case.children().any(|child| child.has_tag_name("failure")))
        .map(|case| case.attribute("name").unwrap())
        .collect();
    assert_eq!(failed, ["client"]);
    assert!(cases.count() > 28);
}

#[test]
fn one_check_is_run_with_what_it_stands_on_and_nothing_else() {
    let world = World::start(&[]);
    let ended = run_at(&world, &["--only", "keys", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let findings = findings(&ended);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(verdict(&findings, "keys"), "pass");
    assert!(world.asked() < 5, "{}", world.asked());
    let world = World::start(&[Fault::IssuerSlash]);
    let ended = run_at(&world, &["--only", "keys", "--json"]);
    assert_eq!(ended.code, Some(1), "what is in its way is told");
    let ended = run_at(&world, &["--only", "feet"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.errors.contains("doctor --list"), "{}", ended.errors);
}

#[test]
fn the_checks_are_listed_and_settings_that_are_wrong_are_all_told() {
    let ended = run(&["--list"], &[]);
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        ended.output.lines().count(),
        solar_system::doctor::CHECKS.len()
    );
    let wrong = [
        ("ISSUER", "http://idp.example"),
        ("SESSION_MAX_AGE", "long"),
    ];
    let ended = run(&[], &wrong);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.output.contains("FAILURE  settings "),
        "{}",
        ended.output
    );
    for text in ["ISSUER=http://idp.example: ", "SESSION_MAX_AGE=long: "] {
        assert!(ended.output.contains(text), "{text}: {}", ended.output);
    }
    let ended = run(&["--json", "--junit"], &[]);
    assert_eq!(ended.code, Some(2));
}
