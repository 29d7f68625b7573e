//! What holds for every kit, those that are added later too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use solar_system::kit::{KITS, Proof, policy_name};

use super::gateway::GATEWAYS;
use super::issuer::Issuer;
use super::world::try_kit;

/// Everything below a folder, as text.
fn texts_below(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts_below(&path, found);
        } else {
            found.push(String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
        }
    }
}

/// What is secret here is named in a kit and never written into it. (An archive in a kit is read as it is: the files in
/// it stand beside it too.)
#[test]
fn cfg_02_no_secret_stands_in_any_kit() {
    let issuer = Issuer::behind_tls();
    let identifier = issuer.identifier();
    let settings = [
        ("ISSUER", identifier.as_str()),
        ("CA_FILE", issuer.roots()),
        ("API_KEY", "canary-of-the-api-key"),
        ("API_URI", "https://api.example.com"),
        ("INTROSPECT_CLIENT_ID", "the-gateway"),
        ("INTROSPECT_CLIENT_SECRET", "canary-of-the-client"),
        ("AUTHN_CLIENT_SECRET", "canary-of-the-app"),
        ("MACHINE_CLIENT_SECRET", "canary-of-the-machine"),
        ("SESSION_SECRET", "canary-of-the-sessions, 32 bytes long"),
        ("OKTA_API_TOKEN", "canary-of-the-tenant"),
    ];
    for kit in KITS {
        for policy in kit.policies {
            let policy = policy_name(*policy);
            let write = |settings: &[(&str, &str)]| {
                try_kit(
                    kit.name,
                    policy,
                    8082,
                    settings,
                    &[
                        "--algorithm",
                        "ES256",
                        "--with-holes",
                        "--decision",
                        "http://127.0.0.1:8085/decision",
                    ],
                )
            };
            // a gateway in a cloud takes public addresses alone, where nobody answers in a test
            let there = [("ISSUER", "https://idp.example.com/oauth2/default")];
            let public = [&settings[..], &there].concat();
            let folder = write(&settings).or_else(|_| write(&public));
            let folder = folder.unwrap_or_else(|said| panic!("{} {policy}: {said}", kit.name));
            let mut texts = Vec::new();
            texts_below(&folder, &mut texts);
            assert!(texts.len() > 1, "{} {policy}", kit.name);
            for text in texts {
                assert!(!text.contains("canary"), "{} {policy}", kit.name);
            }
        }
    }
}

/// A kit that says of itself that it runs is run: it stands among those that answer the tables and have faults put back.
#[test]
fn cfg_08_every_kit_that_says_it_runs_is_run_in_these_tests() {
    let says_so = KITS.iter().filter(|kit| kit.proof == Proof::Run);
    let says_so: BTreeSet<&str> = says_so.map(|kit| kit.name).collect();
    let run: BTreeSet<&str> = GATEWAYS.iter().map(|gateway| gateway.kit).collect();
    assert_eq!(run, says_so);
    for gateway in GATEWAYS {
        let kit = KITS.iter().find(|kit| kit.name == gateway.kit).unwrap();
        let policies: Vec<&str> = kit.policies.iter().map(|one| policy_name(*one)).collect();
        assert_eq!(gateway.policies, policies, "{}", gateway.kit);
    }
}
