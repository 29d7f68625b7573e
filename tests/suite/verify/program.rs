//! The command itself.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use crate::peers::free_port;
use crate::program::{Ended, Program, empty_folder};

pub(super) fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
    let mut all = vec!["verify"];
    all.extend(arguments);
    Program::start(&all, settings).end_within(Duration::from_secs(90))
}

fn summary(ended: &Ended) -> Value {
    let report: Value = serde_json::from_str(&ended.output)
        .unwrap_or_else(|problem| panic!("{problem}: {ended:?}"));
    report["summary"].clone()
}

#[test]
fn without_settings_it_verifies_rooms_of_its_own_in_both_policies() {
    let ended = run(&["--json", "--strict"], &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(
        ended.errors.contains("starts its own on free ports"),
        "{}",
        ended.errors
    );
    let report: Value = serde_json::from_str(&ended.output).unwrap();
    let summary = &report["summary"];
    for verdict in ["holes", "failures", "blemishes"] {
        assert_eq!(summary[verdict], 0, "{summary}");
    }
    assert!(summary["passed"].as_u64().unwrap() > 3_000, "{summary}");
    let matrices = report["matrices"].as_array().unwrap();
    assert_eq!(matrices.len(), 4);
    // With an issuer whose key verify holds, only this cannot be told from outside:
    for (matrix, untested) in matrices[2..]
        .iter()
        .zip([&["unknown-client"][..], &["revoked", "unknown-client"]])
    {
        let cells = matrix["cells"].as_array().unwrap();
        let mut rows: Vec<&str> = cells
            .iter()
            .filter(|cell| cell["finding"]["verdict"] == "not_testable")
            .map(|cell| {
                cell["finding"]["id"]
                    .as_str()
                    .unwrap()
                    .split('@')
                    .next()
                    .unwrap()
            })
            .collect();
        rows.dedup();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows, untested);
    }
}

#[test]
fn as_issuer_and_as_api_it_proves_a_gateway_that_runs_elsewhere() {
    for (policy, alg) in [("jwt", "RS256"), ("introspection", "ES256")] {
        let [issuer, api, gateway] =
            [free_port(), free_port(), free_port()].map(|port| port.to_string());
        let issuer_url = format!("http://localhost:{issuer}");
        let api_url = format!("http://localhost:{api}");
        let shared = [
            ("ISSUER", issuer_url.as_str()),
            ("GATEWAY_PORT", &gateway),
            ("GATEWAY_POLICY", policy),
            ("INTROSPECT_CLIENT_ID", "gateway"),
            ("INTROSPECT_CLIENT_SECRET", "a secret of the gateway's"),
        ];
        let mut settings = shared.to_vec();
        settings.extend([
            ("API_URI", api_url.as_str()),
            ("API_KEY", "a key for the tests alone"),
        ]);
        let _gateway = Program::start(&["gateway"], &settings);
        let arguments = [
            "--as-issuer",
            &issuer,
            "--issuer-alg",
            alg,
            "--as-api",
            &api,
            "--wait",
            "20",
            "--rate",
            "2000",
            "--json",
        ];
        let ended = run(&arguments, &shared);
        assert_eq!(ended.code, Some(0), "{policy}: {}", ended.errors);
        let summary = summary(&ended);
        assert_eq!(summary["blemishes"], 0, "{policy}: {summary}");
        assert!(
            summary["passed"].as_u64().unwrap() > 900,
            "{policy}: {summary}"
        );
    }
}

#[test]
fn a_gateway_with_another_blueprint_has_holes_and_fails_with_1() {
    let folder = empty_folder();
    let default = include_str!("../../../src/blueprint/default.toml");
    let open = default.replace(
        "takes = [\"http://myapp.com/scp/gold\"]",
        "takes = \"nothing\"",
    );
    assert_ne!(default, open);
    let blueprint = folder.join("open.toml");
    fs::write(&blueprint, open).unwrap();
    let [issuer, api, gateway] =
        [free_port(), free_port(), free_port()].map(|port| port.to_string());
    let issuer_url = format!("http://localhost:{issuer}");
    let api_url = format!("http://localhost:{api}");
    let settings = [
        ("ISSUER", issuer_url.as_str()),
        ("GATEWAY_PORT", &gateway),
        ("API_URI", &api_url),
        ("API_KEY", "a key for the tests alone"),
        ("BLUEPRINT", blueprint.to_str().unwrap()),
    ];
    let _gateway = Program::start(&["gateway"], &settings);
    let (page, xml) = (folder.join("page.html"), folder.join("junit.xml"));
    let arguments = [
        "--as-issuer",
        &issuer,
        "--issuer-alg",
        "ES256",
        "--as-api",
        &api,
        "--wait",
        "20",
        "--rate",
        "2000",
        "--html",
        page.to_str().unwrap(),
        "--junit",
        xml.to_str().unwrap(),
    ];
    let ended = run(
        &arguments,
        &[
            ("ISSUER", &issuer_url),
            ("GATEWAY_PORT", &gateway),
            ("GATEWAY", "Kong"),
        ],
    );
    assert_eq!(ended.code, Some(1), "{}", ended.errors);
    assert!(
        ended.errors.contains("The gateway does not hold"),
        "{}",
        ended.errors
    );
    assert!(
        ended.output.contains("200 HOLE (401)") && ended.output.contains("200 HOLE (403)"),
        "{}",
        ended.output
    );
    assert!(ended.output.contains("In kong: "), "{}", ended.output);
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("The gateway does not hold:")
            && !page.contains("<script")
            && !page.contains("http-equiv=\"refresh\"")
    );
    let xml = fs::read_to_string(xml).unwrap();
    assert!(xml.contains("<failure type=\"hole\""), "{xml}");
}

#[test]
fn wrong_uses_end_with_2_and_say_what_would_be_right() {
    for (arguments, settings, part) in [
        (
            &["--token", "nobody=x"][..],
            &[][..],
            "there are bronze, silver, gold, telescope",
        ),
        (&["--token", "silver"], &[], "LEVEL=@FILE"),
        (&["--token", "silver=@/no/such/file"], &[], "cannot be read"),
        (&["--rate", "0"], &[], "requests a second"),
        (&["--as-issuer", "x"], &[], "--as-issuer"),
        (
            &["--as-issuer", "0", "--issuer-alg", "HS256"],
            &[],
            "RS256 or ES256",
        ),
        (&["--issuer-key", "/no/such/file"], &[], "/no/such/file"),
        (&["--scope-claims", "all"], &[], "scope, scp or both"),
        (&[], &[("PROXY_URI", "http://example.com")], "PROXY_URI"),
    ] {
        let ended = run(arguments, settings);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(
            ended.errors.contains(part),
            "{arguments:?}: {}",
            ended.errors
        );
    }
}

#[test]
fn a_gateway_that_is_not_there_ends_with_1() {
    let gateway = format!("http://localhost:{}", free_port());
    let ended = run(&[], &[("PROXY_URI", &gateway)]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.errors.contains("the gateway cannot be reached"),
        "{}",
        ended.errors
    );
}

#[test]
fn a_token_as_an_argument_is_taken_with_a_warning_and_never_told() {
    let gateway = format!("http://localhost:{}", free_port());
    let ended = run(
        &["--token", "silver=canary-in-the-arguments"],
        &[("PROXY_URI", &gateway)],
    );
    assert!(
        ended
            .errors
            .contains("everybody on this machine can see arguments"),
        "{}",
        ended.errors
    );
    let told = format!("{}{}", ended.output, ended.errors);
    assert!(!told.contains("canary-in-the-arguments"), "{told}");
}

#[test]
fn the_help_teaches_with_an_example() {
    let ended = run(&["--help"], &[]);
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.output.contains("$ solar-system verify"),
        "{}",
        ended.output
    );
    assert!(
        ended.output.contains("--as-issuer 9000 --as-api 9001"),
        "{}",
        ended.output
    );
}

/// The settings of a house whose secrets are known, with its ports.
fn known_house(ports: &[String; 4]) -> Vec<(&'static str, &str)> {
    vec![
        ("PORT", &ports[0]),
        ("IDP_PORT", &ports[1]),
        ("GATEWAY_PORT", &ports[2]),
        ("API_PORT", &ports[3]),
        ("AUTHN_CLIENT_SECRET", "the app's secret, for tests alone"),
        (
            "MACHINE_CLIENT_SECRET",
            "the machine's secret, for tests alone",
        ),
    ]
}

#[test]
fn with_the_settings_of_a_house_that_runs_it_signs_in_there_and_verifies_its_gateway() {
    let ports = [(); 4].map(|()| free_port().to_string());
    let settings = known_house(&ports);
    let mut house = Program::start(&[], &settings);
    house.wait_for(ports[2].parse().unwrap());
    let arguments = ["--json", "--strict", "--rate", "2000"];
    let ended = run(&arguments, &settings);
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    let report: Value = serde_json::from_str(&ended.output).unwrap();
    let cells = report["matrices"][0]["cells"].as_array().unwrap();
    for row in [
        "level.bronze",
        "level.silver",
        "level.gold",
        "machine.telescope",
        "revoked",
        "id-token",
        "refresh-token",
        "tampered",
    ] {
        for resource in ["asteroids", "comets", "planets", "moons"] {
            let id = format!("{row}@resource.{resource}");
            let cell = cells
                .iter()
                .find(|cell| cell["finding"]["id"] == id.as_str())
                .unwrap();
            assert_eq!(cell["finding"]["verdict"], "pass", "{cell}");
        }
    }
    // A forger's rows that only the issuer could sign are not counted as passed.
    for row in ["expired", "wrong-audience", "near-scopes"] {
        let id = format!("{row}@resource.moons");
        let cell = cells
            .iter()
            .find(|cell| cell["finding"]["id"] == id.as_str())
            .unwrap();
        assert_eq!(cell["finding"]["verdict"], "not_testable", "{cell}");
    }
}

#[test]
fn where_nobody_can_be_let_in_nothing_is_proven() {
    let ports = [(); 4].map(|()| free_port().to_string());
    let mut house = Program::start(&[], &known_house(&ports));
    house.wait_for(ports[2].parse().unwrap());
    let mut settings = known_house(&ports);
    settings.retain(|(name, _)| !name.ends_with("_SECRET"));
    settings.push(("AUTHN_CLIENT_SECRET", "a wrong one"));
    let ended = run(&["--rate", "2000"], &settings);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.errors.contains("No real token was at hand"),
        "{}",
        ended.errors
    );
    assert!(
        ended
            .output
            .contains("the token endpoint answered invalid_client"),
        "{}",
        ended.output
    );
}
