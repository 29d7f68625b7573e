//! The same gateways before the embedded provider and API: tokens of real sign-ins, and of a machine.

use url::Url;

use super::ask::Ask;
use super::front::Front;
use super::gateway::{Gateway, texts};
use super::world::write_kit;
use super::{apache, caddy, envoy, haproxy, krakend, nginx, openidc};
use crate::direct::GATEWAY;
use crate::peers::free_port;
use crate::people::{CARL, GOLD_SCOPE, JODIE, SILVER_SCOPE, TYCHO};
use crate::stack::Stack;

const KEY: &str = "what the gateway shows the API, 32 bytes";
const PATHS: [&str; 5] = ["/visitors", "/asteroids", "/comets", "/planets", "/moons"];

async fn stands_in(gateway: &Gateway) {
    for policy in gateway.policies {
        answers_the_table(gateway, policy).await;
    }
}

/// The table, as the embedded gateway answers it in `access.rs`.
async fn answers_the_table(program: &Gateway, policy: &str) {
    let kit = program.kit;
    let stack = Stack::with(&[("API_KEY", KEY)]).await;
    let port_of = |url: String| Url::parse(&url).unwrap().port().unwrap().to_string();
    let (idp, api) = (port_of(stack.idp("")), port_of(stack.api("")));
    let mut settings = vec![("IDP_PORT", idp.as_str()), ("API_PORT", &api)];
    // Where the gateway wants TLS, the addresses that it asks are those of a front. The issuer's name stays.
    let front = program.wants_tls.then(|| Front::to(idp.parse().unwrap()));
    let asked = |path: &str| {
        front
            .as_ref()
            .map(|front| front.url() + "/oauth2/default/v1" + path)
    };
    let (keys, introspection) = (asked("/keys"), asked("/introspect"));
    let options = program.arguments("ES256");
    let mut arguments = texts(&options);
    if let (Some(front), Some(keys), Some(introspection)) = (&front, &keys, &introspection) {
        settings.push(("CA_FILE", front.roots.to_str().unwrap()));
        arguments.extend([
            "--jwks-uri",
            keys,
            "--introspection-endpoint",
            introspection,
        ]);
    }
    let port = free_port();
    // The provider answers the program and the gateway from this process.
    let kit_folder =
        tokio::task::block_in_place(|| write_kit(kit, policy, port, &settings, &arguments));
    let secret = stack.secret_of(GATEWAY);
    let secrets = [("API_KEY", KEY), ("INTROSPECT_CLIENT_SECRET", &secret)];
    settings.extend(secrets);
    settings.push(("INTROSPECT_CLIENT_ID", GATEWAY));
    let gateway =
        tokio::task::block_in_place(|| program.run_in(&kit_folder, port, policy, &settings));

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
    stands_in(&envoy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx: make test-gateways"]
async fn cfg_08_nginx_stands_in_for_the_embedded_gateway() {
    stands_in(&nginx::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs HAProxy: make test-gateways"]
async fn cfg_08_haproxy_stands_in_for_the_embedded_gateway() {
    stands_in(&haproxy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache: make test-gateways"]
async fn cfg_08_apache_stands_in_for_the_embedded_gateway() {
    stands_in(&apache::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache: make test-gateways"]
async fn cfg_08_apache_openidc_stands_in_for_the_embedded_gateway() {
    stands_in(&openidc::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Caddy: make test-gateways"]
async fn cfg_08_caddy_stands_in_for_the_embedded_gateway() {
    stands_in(&caddy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs KrakenD's engine: make test-gateways"]
async fn cfg_08_krakend_stands_in_for_the_embedded_gateway() {
    stands_in(&krakend::GATEWAY).await;
}
