//! `HAProxy` with `jwt_verify` and rules.

use super::gateway::{Gateway, words};
use super::matrix::{Blemishes, Fault, finds_each_at, is_answered};

const FILE: &str = "haproxy.cfg";

pub const GATEWAY: Gateway = Gateway {
    kit: "haproxy",
    policies: &["jwt"],
    options: Vec::new,
    command: |_, _| words(&["haproxy", "-f", FILE]),
    one_algorithm: false,
    wants_tls: false,
    known: Blemishes::NONE,
};

#[test]
#[ignore = "needs HAProxy: make test-gateways"]
fn cfg_08_haproxy_answers_the_table_with_the_kit_as_it_was_written() {
    is_answered(&GATEWAY, true);
}

#[test]
#[ignore = "needs HAProxy: make test-gateways"]
fn cfg_07_haproxy_s_kit_is_not_written_without_the_issuer_s_keys() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_solar-system"))
        .args(["kit", "haproxy"])
        .env_clear()
        .env(
            "ISSUER",
            format!(
                "http://127.0.0.1:{}/oauth2/default",
                crate::peers::free_port()
            ),
        )
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot fetch the issuer's keys"), "{said}");
}

#[rustfmt::skip]
const FAULTS: [Fault; 11] = [
    Fault { name: "no signature", edits: &[(FILE, "if protected !{ var(txn.signed) -m found }", "if FALSE")], found_by: "/moons by tampered" },
    Fault { name: "any issuer", edits: &[(FILE, "!{ var(txn.payload),json_query('$.iss')", "FALSE !{ var(txn.payload),json_query('$.iss')")], found_by: "/moons by wrong issuer" },
    Fault { name: "any audience", edits: &[(FILE, "if protected !{ var(txn.for_us) -m found }", "if FALSE")], found_by: "/moons by wrong audience" },
    Fault { name: "no expiry", edits: &[(FILE, "if protected !{ var(txn.exp),add", "if FALSE !{ var(txn.exp),add")], found_by: "/moons by no expiry" },
    Fault { name: "no beginning", edits: &[(FILE, "if protected { var(txn.nbf),sub", "if FALSE { var(txn.nbf),sub")], found_by: "/moons by not yet valid" },
    Fault { name: "any kind of token", edits: &[(FILE, "if protected !at_jwt {", "if FALSE !at_jwt {")], found_by: "/moons by ID token" },
    Fault { name: "part of a scope", edits: &[(FILE, " -m sub -- \" http://myapp.com/scp/silver \"", " -m sub -- \"http://myapp.com/scp/silver\"")], found_by: "/planets by silverx" },
    Fault { name: "the scope must be equal", edits: &[(FILE, " -m sub -- \" http", " -m str -- \" http")], found_by: "/moons by gold:" },
    Fault { name: "no lists", edits: &[(FILE, "json_query('$.scp[", "json_query('$.nothing[")], found_by: "/moons by scp list gold" },
    Fault { name: "no scope", edits: &[(FILE, "{ var(txn.rule) -m str moons } !{ var(txn.scopes)", "{ var(txn.rule) -m str moons } FALSE !{ var(txn.scopes)")], found_by: "/moons by silver:" },
    Fault { name: "forged identity", edits: &[(FILE, "    http-request del-header", "    http-request del-header x-nothing #")], found_by: "the API is told what a caller says" },
];

#[test]
#[ignore = "needs HAProxy: make test-gateways"]
fn cfg_04_each_fault_put_back_into_haproxy_s_kit_is_found() {
    finds_each_at(&GATEWAY, "jwt", &FAULTS);
}
