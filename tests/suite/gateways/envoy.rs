//! Envoy with `jwt_authn` and `rbac`.

use super::matrix::{Blemishes, Fault, fails_closed, finds_each, holds, is_limited};
use super::real::RealGateway;
use super::world::World;
use crate::peers::folder;

const FILE: &str = "envoy.yaml";

fn start(world: &World) -> RealGateway {
    launch(world).ready(world)
}

pub(super) fn launch(world: &World) -> RealGateway {
    let program = folder().join("envoy/bin/envoy");
    let program = program.to_str().unwrap();
    let command = [
        program,
        "-c",
        FILE,
        "--concurrency",
        "1",
        "--log-level",
        "error",
        "--use-dynamic-base-id",
    ];
    RealGateway::start(world, &command)
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
fn cfg_08_envoy_answers_the_table_with_the_kit_as_it_was_written() {
    let world = World::new("envoy", "jwt", &[]);
    let gateway = start(&world);
    holds(&world, &gateway, Blemishes::default());
    is_limited(&world, &gateway);
}

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_04_each_fault_put_back_into_envoy_s_kit_is_found() {
    finds_each(&FAULTS, || World::new("envoy", "jwt", &[]), start);
}

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_07_envoy_lets_nobody_in_while_the_issuer_is_down() {
    let world = World::without_issuer("envoy", "jwt", &[]);
    let gateway = launch(&world);
    fails_closed(&world, &gateway, 503);
}
