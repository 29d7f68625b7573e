//! Caddy, which asks the embedded gateway's decision endpoint.

use std::fs;

use super::ask::Ask;
use super::gateway::{Gateway, words};
use super::matrix::{Blemishes, Fault, finds_each, is_answered, is_closed_without_issuer};
use super::real::RealGateway;
use super::world::World;
use crate::peers::{folder, free_port};

const FILE: &str = "Caddyfile";
/// Who asks is whom Caddy names, and too many of them are too many.
const LIMITS: &str = "GATEWAY_TRUSTED_PROXIES=127.0.0.1 GATEWAY_RATE_PER_ADDRESS=100";

/// Beside it runs the gateway that decides, where the kit asks for it.
pub const GATEWAY: Gateway = Gateway {
    kit: "caddy",
    policies: &["jwt", "introspection"],
    options: || {
        let decision = format!("http://127.0.0.1:{}/decision", free_port());
        words(&["--decision", &decision])
    },
    command: |kit, policy| {
        let text = fs::read_to_string(kit.join(FILE)).unwrap();
        let decision = text.split(" `http://127.0.0.1:").nth(1).unwrap();
        let port = decision.split('`').next().unwrap();
        let both = format!(
            "GATEWAY_PORT={port} GATEWAY_POLICY={policy} {LIMITS} \"$0\" gateway & exec \"$1\" run --config {FILE}"
        );
        let house = env!("CARGO_BIN_EXE_solar-system");
        words(&["sh", "-c", &both, house, &caddy()])
    },
    one_algorithm: false,
    wants_tls: false,
    known: Blemishes::NONE,
};

fn caddy() -> String {
    folder().join("bin/caddy").to_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs Caddy: make test-gateways"]
fn cfg_08_caddy_answers_the_table_with_the_kit_as_it_was_written() {
    is_answered(&GATEWAY, true);
}

#[test]
#[ignore = "needs Caddy: make test-gateways"]
fn cfg_07_caddy_lets_nobody_in_while_the_issuer_is_down() {
    is_closed_without_issuer(&GATEWAY, 503);
}

#[test]
#[ignore = "needs Caddy: make test-gateways"]
fn cfg_07_caddy_lets_nobody_in_while_nobody_decides() {
    let world = GATEWAY.world("jwt");
    let caddy = caddy();
    let gateway = RealGateway::start(&world, &[&caddy, "run", "--config", FILE]);
    for path in ["/visitors", "/moons"] {
        let good = world.issuer.issue("at+jwt", &world.issuer.claims("openid"));
        let reply = gateway.ask(&Ask::get(path).bearer(Some(&good)));
        assert_eq!(reply.status, 503, "{reply:?}\n{}", gateway.log());
        assert!(world.reached().is_empty());
    }
    assert_eq!(gateway.ask(&Ask::get("/")).status, 404);
}

/// The challenge of a 401 names it (RFC 9728), so it must be there.
#[test]
#[ignore = "needs Caddy: make test-gateways"]
fn gw_17_caddy_hands_on_what_the_gateway_says_of_the_protected_resource() {
    let world = GATEWAY.world("jwt");
    let gateway = GATEWAY.start(&world);
    world.reached(); // to see that it is there
    let path = "/.well-known/oauth-protected-resource";
    for path in [path.to_owned(), format!("{path}/moons")] {
        let reply = gateway.ask(&Ask::get(&path));
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        assert!(reply.body.contains(&world.issuer.identifier()), "{reply:?}");
    }
    let beside = gateway.ask(&Ask::get("/.well-known/oauth-protected-resources"));
    assert_eq!(beside.status, 404, "{beside:?}");
    assert!(world.reached().is_empty());
}

#[rustfmt::skip]
const FAULTS: [Fault; 8] = [
    Fault { name: "the gateway is asked for a resource in place of a decision", edits: &[(FILE, "uri `/decision`", "uri `/visitors`")], found_by: "/moons by none" },
    Fault { name: "every request is decided as another one", edits: &[(FILE, "copy_headers", "header_up X-Forwarded-Uri /visitors\n\t\t\tcopy_headers")], found_by: "/moons by none" },
    Fault { name: "every method is decided as GET", edits: &[(FILE, "copy_headers", "header_up X-Forwarded-Method GET\n\t\t\tcopy_headers")], found_by: "POST /moons" },
    Fault { name: "the answer stands before the decision", edits: &[(FILE, "\troute {", "\troute {\n\t\treverse_proxy @early API {\n\t\t\theader_up X-Api-Key {env.API_KEY}\n\t\t}"), (FILE, "\tbind `127.0.0.1`", "\tbind `127.0.0.1`\n\t@early path /moons")], found_by: "/moons by none" },
    Fault { name: "a site with a name", edits: &[(FILE, "http://:", "http://api.example.com:")], found_by: "/moons by none" },
    Fault { name: "forged identity", edits: &[(FILE, "request_header -X-*", "")], found_by: "the API is told what a caller says" },
    Fault { name: "a caller's Connection", edits: &[(FILE, "request_header -Connection", "")], found_by: "a caller changes what the gateway says" },
    Fault { name: "the token goes on", edits: &[(FILE, "header_up -Authorization", "")], found_by: "the API is told what a caller says" },
];

#[test]
#[ignore = "needs Caddy: make test-gateways"]
fn cfg_04_each_fault_put_back_into_caddy_s_kit_is_found() {
    let start = |world: &World| {
        let text = fs::read_to_string(world.folder.join(FILE)).unwrap();
        // only one fault names the API, which has another port in every world
        let text = text.replace("@early API", &format!("@early {}", world.api.url()));
        fs::write(world.folder.join(FILE), text).unwrap();
        let gateway = GATEWAY.launch(world);
        gateway.wait_for(&Ask::get("/visitors"), &[200]);
        gateway
    };
    finds_each(&FAULTS, || GATEWAY.world("jwt"), start);
}
