//! Real tokens of providers that nobody here wrote, through their own pages.

use serde_json::{Value, json};

use super::program::run;
use crate::peers::{Keycloak, OidcProvider, Registration, free_port, keycloak};
use crate::people::{CARL, JODIE};
use crate::program::Ended;
use crate::stack::Stack;

/// Verifies the embedded gateway, which takes the tokens of this provider.
async fn verified(
    registration: &Registration,
    port: u16,
    introspection: Option<(&str, &str)>,
) -> Ended {
    let port = port.to_string();
    let mut over = vec![("PORT", port.as_str())];
    if let Some((id, secret)) = introspection {
        over.extend([
            ("INTROSPECT_CLIENT_ID", id),
            ("INTROSPECT_CLIENT_SECRET", secret),
        ]);
    }
    let stack = Stack::at(registration, &over).await;
    let gateway = stack.gateway("");
    let redirect_uri = format!("http://localhost:{port}/callback");
    let mut settings = over.clone();
    settings.extend([
        ("ISSUER", registration.issuer.as_str()),
        ("AUTHN_CLIENT_ID", &registration.client_id),
        ("AUTHN_CLIENT_SECRET", &registration.client_secret),
        ("PROXY_URI", &gateway),
        ("REDIRECT_URI", &redirect_uri),
        ("BRONZE_USERNAME", CARL.login),
        ("BRONZE_PASSWORD", CARL.password),
        ("SILVER_USERNAME", CARL.login),
        ("SILVER_PASSWORD", CARL.password),
        ("GOLD_USERNAME", JODIE.login),
        ("GOLD_PASSWORD", JODIE.password),
    ]);
    let settings: Vec<(String, String)> = settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let program = tokio::task::spawn_blocking(move || {
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        run(&["--json", "--rate", "1000"], &settings)
    });
    program.await.unwrap()
}

/// What a row came to at a resource.
fn verdict<'r>(report: &'r Value, id: &str) -> &'r Value {
    let cells = report["matrices"][0]["cells"].as_array().unwrap();
    let cell = cells.iter().find(|cell| cell["finding"]["id"] == id);
    &cell.unwrap_or_else(|| panic!("no cell {id}"))["finding"]
}

fn holds(ended: &Ended, rows: &[&str]) {
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    let report: Value = serde_json::from_str(&ended.output).unwrap();
    assert_eq!(report["summary"]["blemishes"], 0, "{}", report["summary"]);
    for row in rows {
        let finding = verdict(&report, &format!("{row}@resource.moons"));
        assert_eq!(finding["verdict"], "pass", "{finding}");
    }
}

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn people_sign_in_headlessly_at_oidc_provider() {
    let mut rows = vec![
        "level.bronze",
        "level.silver",
        "level.gold",
        "id-token",
        "tampered",
        "lower-case",
        "hmac-pem",
    ];
    for kind in ["jwt", "opaque"] {
        let port = free_port();
        let provider = OidcProvider::start(&json!({
            "redirect_uris": [format!("http://localhost:{port}/callback")],
            "access_token": kind,
        }));
        let gateway = (provider.gateway.0.as_str(), provider.gateway.1.as_str());
        let introspection = (kind == "opaque").then_some(gateway);
        let ended = verified(&provider.registration, port, introspection).await;
        if kind == "opaque" {
            rows.push("revoked");
        }
        holds(&ended, &rows);
    }
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn people_sign_in_headlessly_at_keycloak() {
    let keycloak = Keycloak::shared().await;
    let mut rows = vec![
        "level.bronze",
        "level.silver",
        "level.gold",
        "id-token",
        "refresh-token",
        "tampered",
        "hmac-pem",
    ];
    for introspection in [None, Some(keycloak::GATEWAY)] {
        let port = free_port();
        let redirect_uri = format!("http://localhost:{port}/callback");
        let app = keycloak.register(&redirect_uri, &redirect_uri).await;
        let ended = verified(&app, port, introspection).await;
        rows.extend(introspection.map(|_| "revoked"));
        holds(&ended, &rows);
    }
}
