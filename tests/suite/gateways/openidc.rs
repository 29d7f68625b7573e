//! Apache with `mod_auth_openidc`, by keys and by introspection, before an issuer behind TLS: it takes no other.

use super::gateway::{Gateway, words};
use super::matrix::{Blemishes, Fault, finds_each_at, is_answered, is_closed_without_issuer};

const CONF: &str = "apache.conf";
const GATE: &str = "gate.lua";

pub const GATEWAY: Gateway = Gateway {
    kit: "apache-openidc",
    policies: &["jwt", "introspection"],
    options: Vec::new,
    command: |_, _| words(&["sh", "start.sh"]),
    one_algorithm: false,
    wants_tls: true,
    known: Blemishes::NONE,
};

#[test]
#[ignore = "needs Apache: make test-gateways"]
fn cfg_08_apache_openidc_answers_the_table_with_the_kit_as_it_was_written() {
    is_answered(&GATEWAY, true);
}

#[test]
#[ignore = "needs Apache: make test-gateways"]
fn cfg_07_apache_openidc_lets_nobody_in_while_the_issuer_is_down() {
    is_closed_without_issuer(&GATEWAY, 401); // the module does not tell this from a bad token
}

#[rustfmt::skip]
const FAULTS: [Fault; 9] = [
    Fault { name: "any issuer", edits: &[(GATE, "and (claims(\"iss\") == ISSUER or INTROSPECTION and claims(\"iss\") == nil)", "")], found_by: "/moons by wrong issuer" },
    Fault { name: "any audience", edits: &[(GATE, "and has(texts(claims(\"aud\")), AUDIENCE)", "")], found_by: "/moons by wrong audience" },
    Fault { name: "no expiry needed", edits: &[(GATE, "and exp ~= nil and now < exp + LEEWAY", "")], found_by: "/moons by no expiry" },
    Fault { name: "no beginning", edits: &[(GATE, "tonumber(nbf) <= now + LEEWAY", "true")], found_by: "/moons by not yet valid" },
    Fault { name: "any kind of token", edits: &[(GATE, "and is_access_token(r, claims)", "")], found_by: "/moons by ID token" },
    Fault { name: "part of a scope", edits: &[(GATE, "if not has(granted, needed) then", "if not table.concat(granted, \" \"):find(needed, 1, true) then")], found_by: "/planets by silverx" },
    Fault { name: "the scope must be equal", edits: &[(GATE, "if not has(granted, needed) then", "if table.concat(granted) ~= needed then")], found_by: "/moons by gold:" },
    Fault { name: "no scope", edits: &[(GATE, "if not has(granted, needed) then", "if false then")], found_by: "/moons by silver:" },
    Fault { name: "open to everybody", edits: &[(GATE, "    if not asked.token then\n        return forward", "    if true then\n        return forward"), (CONF, "        Require valid-user", "        Require all granted")], found_by: "/moons by junk" },
];

#[test]
#[ignore = "needs Apache: make test-gateways"]
fn cfg_04_each_fault_put_back_into_apache_openidc_s_kit_is_found() {
    finds_each_at(&GATEWAY, "jwt", &FAULTS);
}
