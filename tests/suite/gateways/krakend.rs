//! `KrakenD`'s engine, with what `../../peers/krakend` puts in the place of its other modules.

use super::ask::Ask;
use super::matrix::{Blemishes, Fault, fails_closed, finds_each, holds};
use super::real::RealGateway;
use super::world::World;
use crate::peers::folder;

const FILE: &str = "krakend.tmpl";
/// A validator takes one algorithm and looks at one claim for scopes.
const ARGUMENTS: [&str; 2] = ["--algorithm", "ES256"];
const KNOWN: Blemishes = Blemishes {
    challenge: true,
    head: true,
    rows: &[
        "token without a scheme",
        "scp list silver",
        "scp list gold",
        "scp string",
        "RS256",
    ],
};

fn world() -> World {
    World::new("krakend", "jwt", &ARGUMENTS)
}

pub(super) fn launch(world: &World) -> RealGateway {
    let program = folder().join("bin/krakend");
    RealGateway::start(world, &[program.to_str().unwrap(), FILE])
}

fn start(world: &World) -> RealGateway {
    let gateway = launch(world);
    gateway.wait_for(&Ask::get("/visitors"), &[200]);
    gateway
}

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_08_krakend_answers_the_table_with_the_kit_as_it_was_written() {
    let world = world();
    let gateway = start(&world);
    holds(&world, &gateway, KNOWN);
}

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_07_krakend_lets_nobody_in_while_the_issuer_is_down() {
    let world = World::without_issuer("krakend", "jwt", &ARGUMENTS);
    let gateway = launch(&world);
    fails_closed(&world, &gateway, 401);
}

#[rustfmt::skip]
const FAULTS: [Fault; 10] = [
    Fault { name: "a misspelt name of the validator", edits: &[(FILE, "\"auth/validator\"", "\"auth/validatorr\"")], found_by: "/moons by none" },
    Fault { name: "a misspelt name of the scopes' claim", edits: &[(FILE, "\"scopes_key\"", "\"scope_key\"")], found_by: "/moons by silver:" },
    Fault { name: "no claim of scopes", edits: &[(FILE, "                    \"scopes_key\": \"scope\",\n", "")], found_by: "/moons by silver:" },
    Fault { name: "the wrong claim of scopes", edits: &[(FILE, "\"scopes_key\": \"scope\"", "\"scopes_key\": \"roles\"")], found_by: "/moons by gold:" },
    Fault { name: "any issuer", edits: &[(FILE, "\"issuer\": ", "\"isuer\": ")], found_by: "/moons by wrong issuer" },
    Fault { name: "any audience", edits: &[(FILE, "\"audience\": ", "\"audiences\": ")], found_by: "/moons by wrong audience" },
    Fault { name: "no expiry needed", edits: &[(FILE, "has(JWT.exp)", "true")], found_by: "/moons by no expiry" },
    Fault { name: "any kind of token", edits: &[(FILE, "\"validation/cel\"", "\"validation/cell\"")], found_by: "/moons by ID token" },
    Fault { name: "tokens in cookies", edits: &[(FILE, "\"cookie_key\"", "\"cookie\"")], found_by: "token in a cookie" },
    Fault { name: "forged identity", edits: &[(FILE, "\"input_headers\": [\"Accept\"", "\"input_headers\": [\"*\", \"Accept\"")], found_by: "the API is told what a caller says" },
];

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_04_each_fault_put_back_into_krakend_s_kit_is_found() {
    finds_each(&FAULTS, world, start);
}
