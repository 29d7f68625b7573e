//! `solar-system verify` against the real gateways: another hand wrote it, and it agrees with the table of `matrix.rs`.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::front::Front;
use super::gateway::{Gateway, texts};
use super::world::{put, write_kit};
use super::{apache, caddy, envoy, haproxy, krakend, nginx, openidc};
use crate::peers::free_port;
use crate::program::{Ended, Program};

const KEY: &str = "what the gateway shows the API, 32 bytes";
const SECRET: &str = "a secret for the gateway";

/// What to change in a kit: in which file what is replaced by what.
pub type Edits = &'static [(&'static str, &'static str, &'static str)];

/// Lets `verify` be the issuer and the API, writes the kit for them, changes it, and starts the gateway.
pub fn verified(gateway: &Gateway, policy: &str, edits: Edits) -> (Ended, String) {
    let [issuer, api, port] = [free_port(), free_port(), free_port()].map(|port| port.to_string());
    let front = gateway
        .wants_tls
        .then(|| Front::to(issuer.parse().unwrap()));
    let issuer_url = front.as_ref().map(Front::url);
    let issuer_url = issuer_url.unwrap_or_else(|| format!("http://localhost:{issuer}"));
    let (api_url, proxy_uri) = (
        format!("http://localhost:{api}"),
        format!("http://localhost:{port}"),
    );
    let mut settings = vec![
        ("ISSUER", issuer_url.as_str()),
        ("API_URI", &api_url),
        ("API_KEY", KEY),
        ("INTROSPECT_CLIENT_ID", "solar-system-gateway"),
        ("INTROSPECT_CLIENT_SECRET", SECRET),
        ("PROXY_URI", &proxy_uri),
        ("GATEWAY", gateway.kit),
    ];
    if let Some(front) = &front {
        settings.push(("CA_FILE", front.roots.to_str().unwrap()));
    }
    let arguments = [
        "verify",
        "--json",
        "--wait",
        "60",
        "--rate",
        "80",
        "--policy",
        policy,
        "--issuer-alg",
        "ES256",
        "--as-issuer",
        &issuer,
        "--as-api",
        &api,
    ];
    let verify = Program::start(&arguments, &settings);
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", issuer.parse().unwrap())).is_err() {
        let waited = started.elapsed() < Duration::from_secs(20);
        assert!(waited, "verify is no issuer: {}", verify.errors());
        std::thread::sleep(Duration::from_millis(50));
    }
    let port = port.parse().unwrap();
    let options = gateway.arguments("ES256");
    let folder = write_kit(gateway.kit, policy, port, &settings, &texts(&options));
    put(&folder, edits);
    let running = gateway.run_in(&folder, port, policy, &settings);
    let ended = verify.end_within(Duration::from_secs(240));
    (ended, running.log())
}

/// The report of a run.
pub fn report(ended: &Ended) -> Value {
    serde_json::from_str(&ended.output).unwrap_or_else(|problem| panic!("{problem}: {ended:?}"))
}

fn holds(gateway: &Gateway) {
    for policy in gateway.policies {
        let (ended, log) = verified(gateway, policy, &[]);
        assert_eq!(ended.code, Some(0), "{}\n{log}", ended.said());
        let summary = &report(&ended)["summary"];
        assert_eq!(summary["holes"], 0, "{summary}");
        if !gateway.known.challenge {
            assert_eq!(
                summary["blemishes"], 0,
                "{} {policy}: {summary}",
                gateway.kit
            );
        }
    }
}

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_envoy() {
    holds(&envoy::GATEWAY);
}

#[test]
#[ignore = "needs nginx: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_nginx() {
    holds(&nginx::GATEWAY);
}

#[test]
#[ignore = "needs HAProxy: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_haproxy() {
    holds(&haproxy::GATEWAY);
}

#[test]
#[ignore = "needs Apache: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_apache() {
    holds(&apache::GATEWAY);
}

#[test]
#[ignore = "needs Apache: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_apache_openidc() {
    holds(&openidc::GATEWAY);
}

#[test]
#[ignore = "needs Caddy: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_caddy() {
    holds(&caddy::GATEWAY);
}

/// Its refusals have no challenge, and it does not answer `HEAD`.
#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_08_verify_finds_no_hole_at_krakend() {
    holds(&krakend::GATEWAY);
}
