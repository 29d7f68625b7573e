//! The faults that gateways are known for, put back into the kit of each, and found by `solar-system verify`.
//!
//! The faults that each gateway's own file lists are found by the table of `matrix.rs`; these are the same seven
//! everywhere, as far as a gateway can have them at all.

use super::gateway::{Gateway, texts};
use super::real::RealGateway;
use super::verified::{Edits, report, verified};
use super::world::put;
use super::{apache, caddy, envoy, haproxy, krakend, nginx, openidc};

struct Known {
    name: &'static str,
    edits: Edits,
    /// A cell of the report, and what must be said of it.
    cell: &'static str,
    verdict: &'static str,
}

const fn hole(name: &'static str, edits: Edits, cell: &'static str) -> Known {
    Known {
        name,
        edits,
        cell,
        verdict: "hole",
    }
}

/// Somebody is locked out who may be let in.
const fn failure(name: &'static str, edits: Edits, cell: &'static str) -> Known {
    Known {
        name,
        edits,
        cell,
        verdict: "failure",
    }
}

const EQUALITY: &str = "scope equality locks gold out";
const UNBALANCED: &str = "an unbalanced condition lets everybody in";
const NO_SCOPE: &str = "the JWT is checked, and no scope";
const ANY_AUDIENCE: &str = "any audience";
const NO_EXPIRY: &str = "no expiry";
const MISSPELT: &str = "a misspelt name is ignored";
const SHARED: &str = "a variable shared with the auth subrequest";

const GOLD_AT_PLANETS: &str = "level.gold@resource.planets";
const NOBODY_AT_MOONS: &str = "none@resource.moons";
const SILVER_AT_MOONS: &str = "level.silver@resource.moons";
const ELSEWHERE: &str = "wrong-audience@resource.moons";
const EXPIRED: &str = "expired@resource.moons";

fn finds(gateway: &Gateway, faults: &[Known]) {
    for fault in faults {
        let (ended, log) = verified(gateway, "jwt", fault.edits);
        let what = format!("{}: {}", gateway.kit, fault.name);
        assert_eq!(ended.code, Some(1), "{what}: {}\n{log}", ended.errors);
        let report = report(&ended);
        let cells = report["matrices"][0]["cells"].as_array().unwrap();
        let cell = cells
            .iter()
            .find(|cell| cell["finding"]["id"] == fault.cell);
        let cell = cell.unwrap_or_else(|| panic!("{what}: no cell {}", fault.cell));
        assert_eq!(
            cell["finding"]["verdict"], fault.verdict,
            "{what}: {cell}\n{log}"
        );
        assert!(cell["finding"]["fix"].is_string(), "{what}: {cell}");
    }
}

/// What a gateway that reads its file strictly makes of a misspelt name: it does not start, and says the name.
fn refuses(gateway: &Gateway, edits: Edits, said: &str) {
    let world = gateway.world("jwt");
    put(&world.folder, edits);
    let command = (gateway.command)(&world.folder, world.policy);
    RealGateway::refuses_to_start(&world, &texts(&command), said);
}

#[test]
#[ignore = "needs Envoy: make test-gateways"]
#[rustfmt::skip]
fn cfg_04_verify_finds_the_known_faults_at_envoy() {
    const FILE: &str = "envoy.yaml";
    const INNER: &str = "- or_ids:\n                                    ids:\n";
    finds(&envoy::GATEWAY, &[
        failure(EQUALITY, &[(FILE, "space_delimited_claims: [scope, scp]", "space_delimited_claims: []"), (FILE, "value: {list_match: {one_of: {string_match: {exact: \"http://myapp.com/scp/silver\"}}}}", "value: {string_match: {exact: \"http://myapp.com/scp/silver\"}}")], GOLD_AT_PLANETS),
        hole(UNBALANCED, &[(FILE, "token: {provider_name: issuer}", "token: {requires_any: {requirements: [{provider_name: issuer}, {allow_missing_or_failed: {}}]}}"), (FILE, "action: DENY", "action: LOG"), (FILE, "                            - and_ids:\n                                ids:\n                                - sourced", "                            - or_ids:\n                                ids:\n                                - any: true\n                                - sourced")], NOBODY_AT_MOONS),
        hole(NO_SCOPE, &[(FILE, INNER, "- or_ids:\n                                    ids:\n                                    - any: true\n")], SILVER_AT_MOONS),
        hole(ANY_AUDIENCE, &[(FILE, "                  audiences: [\"api://default\"]\n", "")], ELSEWHERE),
        hole(NO_EXPIRY, &[(FILE, "clock_skew_seconds: 60", "clock_skew_seconds: 1000000")], EXPIRED),
    ]);
    refuses(&envoy::GATEWAY, &[(FILE, "audiences:", "audience:")], "audience");
}

#[test]
#[ignore = "needs nginx: make test-gateways"]
#[rustfmt::skip]
fn cfg_04_verify_finds_the_known_faults_at_nginx() {
    const CONF: &str = "nginx.conf";
    const GATE: &str = "gate.js";
    const SCOPES: &str = "asked.scopes.every((scope) => granted.includes(scope))";
    finds(&nginx::GATEWAY, &[
        failure(EQUALITY, &[(GATE, SCOPES, "(asked.scopes.join() === granted.join())")], GOLD_AT_PLANETS),
        // always true: the second half is no comparison
        hole(UNBALANCED, &[(GATE, "if (!asked.token) {", "if (!asked.token || path(r) === '/planets' || '/moons') {")], NOBODY_AT_MOONS),
        hole(NO_SCOPE, &[(GATE, SCOPES, "true")], SILVER_AT_MOONS),
        hole(ANY_AUDIENCE, &[(GATE, "audience.includes(AUDIENCE)\n        && ", "")], ELSEWHERE),
        hole(NO_EXPIRY, &[(GATE, "typeof claims.exp === 'number' && now < claims.exp + LEEWAY\n        && ", "")], EXPIRED),
        hole(MISSPELT, &[(GATE, SCOPES, "(asked.scope || []).every((scope) => granted.includes(scope))")], SILVER_AT_MOONS),
        hole(SHARED, &[
            (CONF, "        location / {\n", "        set $need \"\";\n        location / {\n            if ($request_uri = \"/moons\") { set $need \"http://myapp.com/scp/gold\"; }\n"),
            (GATE, SCOPES, "!r.variables.need || granted.includes(r.variables.need)"),
        ], SILVER_AT_MOONS),
    ]);
    refuses(&nginx::GATEWAY, &[(CONF, "auth_request /_gate;", "auth_requests /_gate;")], "auth_requests");
}

#[test]
#[ignore = "needs HAProxy: make test-gateways"]
#[rustfmt::skip]
fn cfg_04_verify_finds_the_known_faults_at_haproxy() {
    const FILE: &str = "haproxy.cfg";
    finds(&haproxy::GATEWAY, &[
        failure(EQUALITY, &[(FILE, " -m sub -- \" http", " -m str -- \" http")], GOLD_AT_PLANETS),
        // a condition that hangs on a variable that nobody sets
        hole(UNBALANCED, &[(FILE, "if { var(txn.rule) -m str", "if protected { var(txn.rule) -m str"), (FILE, "acl protected var(txn.rule)", "acl protected var(txn.rules)")], NOBODY_AT_MOONS),
        hole(NO_SCOPE, &[(FILE, "{ var(txn.rule) -m str moons } !{ var(txn.scopes)", "{ var(txn.rule) -m str moons } FALSE !{ var(txn.scopes)")], SILVER_AT_MOONS),
        hole(ANY_AUDIENCE, &[(FILE, "if protected !{ var(txn.for_us) -m found }", "if FALSE")], ELSEWHERE),
        hole(NO_EXPIRY, &[(FILE, "if protected !{ var(txn.exp),add", "if FALSE !{ var(txn.exp),add")], EXPIRED),
        hole(MISSPELT, &[(FILE, "acl refused var(txn.refused)", "acl refused var(txn.refusd)")], EXPIRED),
    ]);
    refuses(&haproxy::GATEWAY, &[(FILE, "jwt_verify(", "jwt_verifyy(")], "jwt_verifyy");
}

#[test]
#[ignore = "needs Apache: make test-gateways"]
#[rustfmt::skip]
fn cfg_04_verify_finds_the_known_faults_at_apache() {
    const CONF: &str = "apache.conf";
    const GATE: &str = "gate.lua";
    finds(&apache::GATEWAY, &LUA);
    finds(&apache::GATEWAY, &[
        hole(NO_EXPIRY, &[(GATE, "and exp ~= nil and now < exp + LEEWAY", ""), (CONF, "verify.exp=required", "verify.exp=skip")], EXPIRED),
    ]);
    refuses(&apache::GATEWAY, &[(CONF, "OAuth2TokenVerify", "OAuth2TokenVerifi")], "OAuth2TokenVerifi");
}

#[test]
#[ignore = "needs Apache: make test-gateways"]
#[rustfmt::skip]
fn cfg_04_verify_finds_the_known_faults_at_apache_openidc() {
    const CONF: &str = "apache.conf";
    const GATE: &str = "gate.lua";
    finds(&openidc::GATEWAY, &LUA);
    finds(&openidc::GATEWAY, &[
        // the module looks at an expiry that is there, whatever the script does
        hole(NO_EXPIRY, &[(GATE, "and exp ~= nil and now < exp + LEEWAY", "")], "no-expiry@resource.moons"),
    ]);
    refuses(&openidc::GATEWAY, &[(CONF, "OIDCOAuthVerifyJwksUri", "OIDCOAuthVerifyJwkUri")], "OIDCOAuthVerifyJwkUri");
}

/// Both Apaches share the script.
#[rustfmt::skip]
const LUA: [Known; 5] = {
    const GATE: &str = "gate.lua";
    [
        failure(EQUALITY, &[(GATE, "if not has(granted, needed) then", "if table.concat(granted) ~= needed then")], GOLD_AT_PLANETS),
        // always true: the second half is no comparison
        hole(UNBALANCED, &[(GATE, "if not asked.token then", "if not asked.token or r.uri == \"/planets\" or \"/moons\" then")], NOBODY_AT_MOONS),
        hole(NO_SCOPE, &[(GATE, "if not has(granted, needed) then", "if false then")], SILVER_AT_MOONS),
        hole(ANY_AUDIENCE, &[(GATE, "and has(texts(claims(\"aud\")), AUDIENCE)", "")], ELSEWHERE),
        hole(MISSPELT, &[(GATE, "in ipairs(asked.scopes) do", "in ipairs(asked.scope or {}) do")], SILVER_AT_MOONS),
    ]
};

/// The gateway that it asks judges the token; what can be wrong here is what that one is asked.
#[test]
#[ignore = "needs Caddy: make test-gateways"]
#[rustfmt::skip]
fn cfg_04_verify_finds_the_known_faults_at_caddy() {
    const FILE: &str = "Caddyfile";
    finds(&caddy::GATEWAY, &[
        hole(UNBALANCED, &[(FILE, "copy_headers", "header_up X-Forwarded-Uri /visitors\n\t\t\tcopy_headers")], NOBODY_AT_MOONS),
        hole(NO_SCOPE, &[(FILE, "uri `/decision`", "uri `/asteroids`")], SILVER_AT_MOONS),
    ]);
    refuses(&caddy::GATEWAY, &[(FILE, "forward_auth", "forward_auths")], "forward_auths");
}

#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
#[rustfmt::skip]
fn cfg_04_verify_finds_the_known_faults_at_krakend() {
    const FILE: &str = "krakend.tmpl";
    finds(&krakend::GATEWAY, &[
        // it has no equality; the nearest is another claim
        failure(EQUALITY, &[(FILE, "\"scopes_key\": \"scope\"", "\"scopes_key\": \"client_id\"")], "level.gold@resource.moons"),
        // it has no condition around its validator: an unbalanced one can stand in the checks of the kind of token alone,
        // and the table of `krakend.rs` finds it
        hole(NO_SCOPE, &[(FILE, "                    \"scopes_key\": \"scope\",\n", "")], SILVER_AT_MOONS),
        hole(ANY_AUDIENCE, &[(FILE, "                    \"audience\": [\"api://default\"],\n", "")], ELSEWHERE),
        // an expiry that is there is looked at by the engine, whatever the file says
        hole(NO_EXPIRY, &[(FILE, "has(JWT.exp)", "true")], "no-expiry@resource.moons"),
        hole(MISSPELT, &[(FILE, "\"scopes_key\"", "\"scope_key\"")], SILVER_AT_MOONS),
        hole(MISSPELT, &[(FILE, "\"auth/validator\"", "\"auth/validatorr\"")], NOBODY_AT_MOONS),
    ]);
}
