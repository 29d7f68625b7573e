//! Envoy with `jwt_authn` and `rbac`.

use super::gateway::{Gateway, words};
use super::matrix::{Blemishes, Fault, finds_each_at, is_answered, is_closed_without_issuer};
use crate::peers::folder;

const FILE: &str = "envoy.yaml";

pub const GATEWAY: Gateway = Gateway {
    kit: "envoy",
    policies: &["jwt"],
    options: Vec::new,
    command: |_, _| {
        let program = folder().join("envoy/bin/envoy");
        let mut command = words(&[program.to_str().unwrap(), "-c", FILE]);
        command.extend(words(&["--concurrency", "1", "--log-level", "error"]));
        command.extend(words(&["--use-dynamic-base-id"]));
        command
    },
    one_algorithm: false,
    wants_tls: false,
    known: Blemishes::NONE,
};

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_08_envoy_answers_the_table_with_the_kit_as_it_was_written() {
    is_answered(&GATEWAY, true);
}

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_07_envoy_lets_nobody_in_while_the_issuer_is_down() {
    is_closed_without_issuer(&GATEWAY, 503);
}

#[rustfmt::skip]
const FAULTS: [Fault; 8] = [
    Fault {
        name: "any audience",
        edits: &[(FILE, "                  audiences: [\"api://default\"]\n", "")],
        found_by: "wrong audience",
    },
    Fault {
        name: "no expiry needed",
        edits: &[(FILE, "                  require_expiration: true\n", "")],
        found_by: "no expiry",
    },
    Fault {
        name: "expiry skipped",
        edits: &[(FILE, "clock_skew_seconds: 60", "clock_skew_seconds: 4000")],
        found_by: "/moons by expired",
    },
    Fault {
        name: "no scope is looked at",
        edits: &[(FILE, "- or_ids:\n                                    ids:\n", "- or_ids:\n                                    ids:\n                                    - any: true\n")],
        found_by: "/moons by silver:",
    },
    Fault {
        name: "the beginning of a scope is enough",
        edits: &[(FILE, "string_match: {exact: \"http://myapp.com", "string_match: {prefix: \"http://myapp.com")],
        found_by: "/planets by silverx",
    },
    Fault {
        name: "scope as one string locks gold out",
        edits: &[(FILE, "space_delimited_claims: [scope, scp]", "space_delimited_claims: [scp]")],
        found_by: "/moons by gold:",
    },
    Fault {
        name: "any kind of token",
        edits: &[(FILE, "action: DENY", "action: LOG")],
        found_by: "/moons by ID token",
    },
    Fault {
        name: "forged identity",
        edits: &[(FILE, "- remove_on_match: {key_matcher: {prefix: \"x-\", ignore_case: true}}", "- remove: x-nothing")],
        found_by: "the API is told what a caller says",
    },
];

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_04_each_fault_put_back_into_envoy_s_kit_is_found() {
    finds_each_at(&GATEWAY, "jwt", &FAULTS);
}
