//! Keycloak: RS256, typ `JWT`, scopes as one text, `azp`, and a set of keys that holds one for encryption too.

use super::answers_for;
use super::sign_in::{Known, Machine, Provider};
use crate::gateways::gateway::Gateway;
use crate::gateways::{apache, caddy, envoy, haproxy, krakend, nginx, openidc};
use crate::peers::{Keycloak, free_port, keycloak};

async fn answers(gateway: &Gateway) {
    let keycloak = Keycloak::shared().await;
    for policy in gateway.policies {
        let redirect_uri = format!("http://localhost:{}/callback", free_port());
        let app = keycloak.register(&redirect_uri, &redirect_uri).await;
        let machine = |(id, secret): (&str, &str)| Machine {
            id: id.to_owned(),
            secret: secret.to_owned(),
            fields: &[("scope", "read")],
        };
        let known = Known {
            app,
            redirect_uri,
            gateway: (
                keycloak::GATEWAY.0.to_owned(),
                keycloak::GATEWAY.1.to_owned(),
            ),
            algorithm: "RS256",
            machine: machine(keycloak::MACHINE),
            elsewhere: machine(keycloak::MACHINE_ELSEWHERE),
        };
        let provider = Provider::of(known).await;
        answers_for(&provider, gateway, policy).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Envoy and Keycloak: make test-gateways"]
async fn cfg_08_envoy_answers_for_tokens_of_keycloak() {
    answers(&envoy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and Keycloak: make test-gateways"]
async fn cfg_08_nginx_answers_for_tokens_of_keycloak() {
    answers(&nginx::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs HAProxy and Keycloak: make test-gateways"]
async fn cfg_08_haproxy_answers_for_tokens_of_keycloak() {
    answers(&haproxy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache and Keycloak: make test-gateways"]
async fn cfg_08_apache_answers_for_tokens_of_keycloak() {
    answers(&apache::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache and Keycloak: make test-gateways"]
async fn cfg_08_apache_openidc_answers_for_tokens_of_keycloak() {
    answers(&openidc::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Caddy and Keycloak: make test-gateways"]
async fn cfg_08_caddy_answers_for_tokens_of_keycloak() {
    answers(&caddy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs KrakenD's engine and Keycloak: make test-gateways"]
async fn cfg_08_krakend_answers_for_tokens_of_keycloak() {
    answers(&krakend::GATEWAY).await;
}
