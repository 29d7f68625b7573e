//! nginx with njs, by keys and by introspection.

use super::gateway::{Gateway, words};
use super::matrix::{Blemishes, Fault, finds_each_at, is_answered, is_closed_without_issuer};

const CONF: &str = "nginx.conf";
const GATE: &str = "gate.js";

pub const GATEWAY: Gateway = Gateway {
    kit: "nginx",
    policies: &["jwt", "introspection"],
    options: Vec::new,
    command: |_, _| {
        let start = "exec nginx -p \"$PWD\" -c nginx.conf -e stderr -g 'daemon off;'";
        words(&["sh", "-c", start])
    },
    one_algorithm: false,
    wants_tls: false,
    known: Blemishes::NONE,
};

#[test]
#[ignore = "needs nginx: make test-gateways"]
fn cfg_08_nginx_answers_the_table_with_the_kit_as_it_was_written() {
    is_answered(&GATEWAY, true);
}

#[test]
#[ignore = "needs nginx: make test-gateways"]
fn cfg_07_nginx_lets_nobody_in_while_the_issuer_is_down() {
    is_closed_without_issuer(&GATEWAY, 503);
}

#[rustfmt::skip]
const FAULTS: [Fault; 14] = [
    Fault {
        name: "a variable shared with the auth subrequest",
        edits: &[
            (CONF, "        location / {\n", "        set $need \"\";\n        location / {\n            if ($request_uri = \"/moons\") { set $need \"http://myapp.com/scp/gold\"; }\n"),
            (GATE, "asked.scopes.every((scope) => granted.includes(scope))", "!r.variables.need || granted.includes(r.variables.need)"),
        ],
        found_by: "/moons by silver:",
    },
    Fault { name: "nobody is asked", edits: &[(CONF, "auth_request /_gate;", "")], found_by: "/moons by none" },
    Fault { name: "no signature", edits: &[(GATE, "!await signed(key[0], header.alg, parts)", "false")], found_by: "/moons by tampered" },
    Fault { name: "any issuer", edits: &[(GATE, "claims.iss === ISSUER && ", "")], found_by: "/moons by wrong issuer" },
    Fault { name: "any audience", edits: &[(GATE, "audience.includes(AUDIENCE)\n        && ", "")], found_by: "/moons by wrong audience" },
    Fault { name: "no expiry", edits: &[(GATE, "typeof claims.exp === 'number' && now < claims.exp + LEEWAY\n        && ", "")], found_by: "/moons by expired" },
    Fault { name: "no beginning", edits: &[(GATE, "claims.nbf <= now + LEEWAY", "true")], found_by: "/moons by not yet valid" },
    Fault { name: "any extension", edits: &[(GATE, " || header.crit !== undefined", "")], found_by: "/moons by unknown crit" },
    Fault { name: "any kind of token", edits: &[(GATE, "\n        && isAccessToken(header, claims)", "")], found_by: "/moons by ID token" },
    Fault { name: "part of a scope", edits: &[(GATE, "granted.includes(scope)", "granted.join(' ').includes(scope)")], found_by: "/planets by silverx" },
    Fault { name: "the scope must be equal", edits: &[(GATE, "asked.scopes.every((scope) => granted.includes(scope))", "(asked.scopes.join() === granted.join())")], found_by: "/moons by gold:" },
    Fault { name: "no scope", edits: &[(GATE, "asked.scopes.every((scope) => granted.includes(scope))", "true")], found_by: "/moons by silver:" },
    Fault { name: "paths without regard to case and end", edits: &[(GATE, "asked === one.path", "asked.toLowerCase().startsWith(one.path)")], found_by: "/MOONS" },
    Fault { name: "forged identity", edits: &[(CONF, "            # Only what is named goes on: how to answer, what the body is, and who asks as the gate says.\n            proxy_pass_request_headers off;", "")], found_by: "the API is told what a caller says" },
];

#[rustfmt::skip]
const INTROSPECTION_FAULTS: [Fault; 4] = [
    Fault { name: "any kind of token", edits: &[(GATE, "\n        && !['ID', 'Refresh', 'Offline', 'Logout'].includes(claims.typ)", "")], found_by: "/moons by refresh token" },
    Fault { name: "inactive comes with 200 too", edits: &[(GATE, "claims.active === true", "true"), (GATE, "return audience.includes(AUDIENCE)\n        && typeof", "return typeof"), (GATE, "typeof claims.exp === 'number' && now < claims.exp + LEEWAY", "true")], found_by: "/asteroids by tampered" },
    Fault { name: "any audience", edits: &[(GATE, "audience.includes(AUDIENCE)\n        && ", "")], found_by: "/moons by wrong audience" },
    Fault { name: "no scope", edits: &[(GATE, "asked.scopes.every((scope) => granted.includes(scope))", "true")], found_by: "/moons by silver:" },
];

#[test]
#[ignore = "needs nginx: make test-gateways"]
fn cfg_04_each_fault_put_back_into_nginx_s_kit_is_found() {
    finds_each_at(&GATEWAY, "jwt", &FAULTS);
    finds_each_at(&GATEWAY, "introspection", &INTROSPECTION_FAULTS);
}
