//! `solar-system verify` against the real gateways: another hand wrote it, and it agrees with the table of `matrix.rs`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::real::RealGateway;
use super::world::write_kit;
use crate::peers::{folder, free_port};
use crate::program::empty_folder;

const KEY: &str = "what the gateway shows the API, 32 bytes";
const SECRET: &str = "a secret for the gateway";

/// Lets `verify` be the issuer and the API, writes the kit for them, starts the gateway, and returns the report.
fn verified(kit: &str, policy: &str, command: &[&str]) -> serde_json::Value {
    let [issuer, api, port] = [free_port(), free_port(), free_port()];
    let (issuer_url, api_url) = (
        format!("http://localhost:{issuer}"),
        format!("http://localhost:{api}"),
    );
    let settings = [
        ("ISSUER", issuer_url.as_str()),
        ("API_URI", &api_url),
        ("API_KEY", KEY),
        ("INTROSPECT_CLIENT_ID", "solar-system-gateway"),
        ("INTROSPECT_CLIENT_SECRET", SECRET),
    ];
    let mut verify = Command::new(env!("CARGO_BIN_EXE_solar-system"));
    verify
        .current_dir(empty_folder())
        .env_clear()
        .envs(settings);
    verify
        .env("PROXY_URI", format!("http://localhost:{port}"))
        .env("GATEWAY", kit);
    verify.args([
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
    ]);
    verify.args([
        "--as-issuer",
        &issuer.to_string(),
        "--as-api",
        &api.to_string(),
    ]);
    let verify = verify
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", issuer)).is_err() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "verify is no issuer"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let kit_folder = write_kit(kit, policy, port, &settings, &["--algorithm", "ES256"]);
    let secrets = [("API_KEY", KEY), ("INTROSPECT_CLIENT_SECRET", SECRET)];
    let gateway = RealGateway::start_in(&kit_folder, port, command, &secrets);
    let ended = verify.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}\n{}", gateway.log());
    serde_json::from_str(&said).unwrap()
}

fn holds(kit: &str, policy: &str, command: &[&str]) {
    let summary = &verified(kit, policy, command)["summary"];
    assert_eq!(
        (&summary["holes"], &summary["blemishes"]),
        (&0.into(), &0.into()),
        "{kit} {policy}: {summary}"
    );
}

#[test]
#[ignore = "needs Envoy: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_envoy() {
    let program = folder().join("envoy/bin/envoy");
    holds(
        "envoy",
        "jwt",
        &[
            program.to_str().unwrap(),
            "-c",
            "envoy.yaml",
            "--log-level",
            "error",
            "--use-dynamic-base-id",
        ],
    );
}

#[test]
#[ignore = "needs nginx: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_nginx() {
    for policy in ["jwt", "introspection"] {
        holds(
            "nginx",
            policy,
            &[
                "sh",
                "-c",
                "exec nginx -p \"$PWD\" -c nginx.conf -e stderr -g 'daemon off;'",
            ],
        );
    }
}

#[test]
#[ignore = "needs HAProxy: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_haproxy() {
    holds("haproxy", "jwt", &["haproxy", "-f", "haproxy.cfg"]);
}

#[test]
#[ignore = "needs Apache: make test-gateways"]
fn cfg_08_verify_finds_nothing_at_apache() {
    for policy in ["jwt", "introspection"] {
        holds("apache", policy, &["sh", "start.sh"]);
    }
}

/// Its refusals have no challenge, and it does not answer `HEAD`.
#[test]
#[ignore = "needs KrakenD's engine: make test-gateways"]
fn cfg_08_verify_finds_no_hole_at_krakend() {
    let program = folder().join("bin/krakend");
    let report = verified(
        "krakend",
        "jwt",
        &[program.to_str().unwrap(), "krakend.tmpl"],
    );
    assert_eq!(report["summary"]["holes"], 0, "{}", report["summary"]);
}
