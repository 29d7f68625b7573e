//! `KrakenD`'s engine, with what `../../peers/krakend` puts in the place of its other modules.

use super::gateway::{Gateway, words};
use super::matrix::{Blemishes, Fault, finds_each_at, is_answered, is_closed_without_issuer};
use crate::peers::folder;

const FILE: &str = "krakend.tmpl";

pub const GATEWAY: Gateway = Gateway {
    kit: "krakend",
    policies: &["jwt"],
    options: Vec::new,
    command: |_, _| {
        let program = folder().join("bin/krakend");
        words(&[program.to_str().unwrap(), FILE])
    },
    one_algorithm: true,
    wants_tls: false,
    known: KNOWN,
};

/// A validator takes one algorithm and looks at one claim for scopes.
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

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_08_krakend_answers_the_table_with_the_kit_as_it_was_written() {
    is_answered(&GATEWAY, false);
}

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_07_krakend_lets_nobody_in_while_the_issuer_is_down() {
    is_closed_without_issuer(&GATEWAY, 401);
}

#[rustfmt::skip]
const FAULTS: [Fault; 11] = [
    Fault { name: "a misspelt name of the validator", edits: &[(FILE, "\"auth/validator\"", "\"auth/validatorr\"")], found_by: "/moons by none" },
    Fault { name: "a misspelt name of the scopes' claim", edits: &[(FILE, "\"scopes_key\"", "\"scope_key\"")], found_by: "/moons by silver:" },
    Fault { name: "no claim of scopes", edits: &[(FILE, "                    \"scopes_key\": \"scope\",\n", "")], found_by: "/moons by silver:" },
    Fault { name: "the wrong claim of scopes", edits: &[(FILE, "\"scopes_key\": \"scope\"", "\"scopes_key\": \"roles\"")], found_by: "/moons by gold:" },
    Fault { name: "any issuer", edits: &[(FILE, "\"issuer\": ", "\"isuer\": ")], found_by: "/moons by wrong issuer" },
    Fault { name: "any audience", edits: &[(FILE, "\"audience\": ", "\"audiences\": ")], found_by: "/moons by wrong audience" },
    Fault { name: "no expiry needed", edits: &[(FILE, "has(JWT.exp)", "true")], found_by: "/moons by no expiry" },
    Fault { name: "any kind of token", edits: &[(FILE, "\"validation/cel\"", "\"validation/cell\"")], found_by: "/moons by ID token" },
    Fault { name: "an unbalanced condition", edits: &[(FILE, "!has(JWT.cnf) \\u0026\\u0026 !has(JWT.nonce)", "!has(JWT.cnf) || !has(JWT.nonce)")], found_by: "/moons by ID token" },
    Fault { name: "tokens in cookies", edits: &[(FILE, "\"cookie_key\"", "\"cookie\"")], found_by: "token in a cookie" },
    Fault { name: "forged identity", edits: &[(FILE, "\"input_headers\": [\"Accept\"", "\"input_headers\": [\"*\", \"Accept\"")], found_by: "the API is told what a caller says" },
];

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_04_each_fault_put_back_into_krakend_s_kit_is_found() {
    finds_each_at(&GATEWAY, "jwt", &FAULTS);
}
