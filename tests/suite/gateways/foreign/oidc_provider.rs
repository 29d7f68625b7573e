//! npm `oidc-provider`: JWTs with ES256 as RFC 9068 has them, which it does not introspect: opaque tokens for that.

use serde_json::json;

use super::answers_for;
use super::sign_in::{Known, Machine, Provider};
use crate::gateways::gateway::Gateway;
use crate::gateways::{apache, caddy, envoy, haproxy, krakend, nginx, openidc};
use crate::peers::{OidcProvider, free_port};

async fn answers(gateway: &Gateway) {
    for policy in gateway.policies {
        let redirect_uri = format!("http://localhost:{}/callback", free_port());
        let running = OidcProvider::start(&json!({
            "redirect_uris": [redirect_uri],
            "access_token": if *policy == "jwt" { "jwt" } else { "opaque" },
        }));
        // the client that introspects may ask for itself too
        let machine = |fields| Machine {
            id: running.gateway.0.clone(),
            secret: running.gateway.1.clone(),
            fields,
        };
        let known = Known {
            app: running.registration.clone(),
            redirect_uri,
            gateway: running.gateway.clone(),
            algorithm: "ES256",
            machine: machine(&[("scope", "read")]),
            elsewhere: machine(&[("scope", "read"), ("resource", "api://other")]),
        };
        let provider = Provider::of(known).await;
        answers_for(&provider, gateway, policy).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Envoy and oidc-provider: make test-gateways"]
async fn cfg_08_envoy_answers_for_tokens_of_oidc_provider() {
    answers(&envoy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx and oidc-provider: make test-gateways"]
async fn cfg_08_nginx_answers_for_tokens_of_oidc_provider() {
    answers(&nginx::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs HAProxy and oidc-provider: make test-gateways"]
async fn cfg_08_haproxy_answers_for_tokens_of_oidc_provider() {
    answers(&haproxy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache and oidc-provider: make test-gateways"]
async fn cfg_08_apache_answers_for_tokens_of_oidc_provider() {
    answers(&apache::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Apache and oidc-provider: make test-gateways"]
async fn cfg_08_apache_openidc_answers_for_tokens_of_oidc_provider() {
    answers(&openidc::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Caddy and oidc-provider: make test-gateways"]
async fn cfg_08_caddy_answers_for_tokens_of_oidc_provider() {
    answers(&caddy::GATEWAY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs KrakenD's engine and oidc-provider: make test-gateways"]
async fn cfg_08_krakend_answers_for_tokens_of_oidc_provider() {
    answers(&krakend::GATEWAY).await;
}
