//! The same gateways before the embedded provider and API: tokens of real sign-ins, and of a machine.

use url::Url;

use super::ask::Ask;
use super::real::RealGateway;
use super::world::write_kit;
use crate::direct::GATEWAY;
use crate::peers::{folder, free_port};
use crate::people::{CARL, GOLD_SCOPE, JODIE, SILVER_SCOPE, TYCHO};
use crate::stack::Stack;

const KEY: &str = "what the gateway shows the API, 32 bytes";
const PATHS: [&str; 5] = ["/visitors", "/asteroids", "/comets", "/planets", "/moons"];

/// The table, as the embedded gateway answers it in `access.rs`.
async fn answers_the_table(kit: &str, policy: &str, command: &[&str]) {
    let stack = Stack::with(&[("API_KEY", KEY)]).await;
    let port_of = |url: String| Url::parse(&url).unwrap().port().unwrap().to_string();
    let (idp, api) = (port_of(stack.idp("")), port_of(stack.api("")));
    let settings = [("IDP_PORT", idp.as_str()), ("API_PORT", &api)];
    let port = free_port();
    // The provider answers the program and the gateway from this process.
    let kit_folder = tokio::task::block_in_place(|| write_kit(kit, policy, port, &settings, &[]));
    let secret = stack.secret_of(GATEWAY);
    let secrets = [("API_KEY", KEY), ("INTROSPECT_CLIENT_SECRET", &secret)];
    let gateway =
        tokio::task::block_in_place(|| RealGateway::start_in(&kit_folder, port, command, &secrets));

    let silver = stack
        .tokens_for(&format!("openid {SILVER_SCOPE}"), CARL)
        .await;
    let id_token = silver["id_token"].as_str().unwrap().to_owned();
    let silver = silver["access_token"].as_str().unwrap().to_owned();
    let bronze = stack.access_token(&[], TYCHO).await;
    tokio::task::block_in_place(|| {
        gateway.wait_for(&Ask::get("/asteroids").bearer(Some(&bronze)), &[200]);
    });
    let rows = [
        ("none", None, [200, 401, 401, 401, 401]),
        ("an ID token", Some(id_token), [200, 401, 401, 401, 401]),
        ("bronze", Some(bronze), [200, 200, 403, 403, 403]),
        ("silver", Some(silver), [200, 200, 403, 200, 403]),
        (
            "gold alone",
            Some(stack.access_token(&[GOLD_SCOPE], JODIE).await),
            [200, 200, 403, 403, 200],
        ),
        (
            "both",
            Some(stack.access_token(&[SILVER_SCOPE, GOLD_SCOPE], JODIE).await),
            [200, 200, 403, 200, 200],
        ),
        (
            "the machine",
            Some(stack.machine_token().await),
            [200, 200, 200, 403, 403],
        ),
    ];
    for (who, token, expected) in rows {
        for (path, expected) in PATHS.into_iter().zip(expected) {
            let ask = Ask::get(path).bearer(token.as_deref());
            let reply = tokio::task::block_in_place(|| gateway.ask(&ask));
            let fine = reply.status == expected || path == "/visitors" && reply.status == 401;
            assert!(
                fine,
                "{kit} {policy}: {path} by {who}: {reply:?}\n{}",
                gateway.log()
            );
            if reply.status == 200 {
                let read = serde_json::from_str::<Vec<String>>(reply.json_text());
                assert!(read.is_ok_and(|read| !read.is_empty()), "{reply:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Envoy: make test-gateways"]
async fn cfg_08_envoy_stands_in_for_the_embedded_gateway() {
    let program = folder().join("envoy/bin/envoy");
    let command = [
        program.to_str().unwrap(),
        "-c",
        "envoy.yaml",
        "--log-level",
        "error",
        "--use-dynamic-base-id",
    ];
    answers_the_table("envoy", "jwt", &command).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx: make test-gateways"]
async fn cfg_08_nginx_stands_in_for_the_embedded_gateway() {
    for policy in ["jwt", "introspection"] {
        let start = "exec nginx -p \"$PWD\" -c nginx.conf -e stderr -g 'daemon off;'";
        answers_the_table("nginx", policy, &["sh", "-c", start]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs HAProxy: make test-gateways"]
async fn cfg_08_haproxy_stands_in_for_the_embedded_gateway() {
    answers_the_table("haproxy", "jwt", &["haproxy", "-f", "haproxy.cfg"]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache: make test-gateways"]
async fn cfg_08_apache_stands_in_for_the_embedded_gateway() {
    for policy in ["jwt", "introspection"] {
        answers_the_table("apache", policy, &["sh", "start.sh"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs KrakenD's engine: make test-gateways"]
async fn cfg_08_krakend_stands_in_for_the_embedded_gateway() {
    let program = folder().join("bin/krakend");
    answers_the_table(
        "krakend",
        "jwt",
        &[program.to_str().unwrap(), "krakend.tmpl"],
    )
    .await;
}

/// What is secret here is named in a kit and never written into it.
#[test]
fn cfg_02_no_secret_stands_in_a_kit() {
    let settings = [
        ("ISSUER", "https://localhost:1/oauth2/default"),
        ("API_KEY", "canary-of-the-api-key"),
        ("API_URI", "https://api.example.com"),
        ("INTROSPECT_CLIENT_ID", "the-gateway"),
        ("INTROSPECT_CLIENT_SECRET", "canary-of-the-client"),
        ("AUTHN_CLIENT_SECRET", "canary-of-the-app"),
        ("OKTA_API_TOKEN", "canary-of-the-tenant"),
    ];
    for (kit, policy) in [
        ("envoy", "jwt"),
        ("nginx", "jwt"),
        ("nginx", "introspection"),
        ("apache", "introspection"),
        ("apache-openidc", "introspection"),
    ] {
        let folder = write_kit(kit, policy, 8082, &settings, &[]);
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(!text.contains("canary"), "{kit} {policy}");
        }
    }
}
