//! Providers that nobody here wrote.

use serde_json::{Value, json};

use super::program::{findings, run, verdict};
use crate::client_key::KeyFile;
use crate::peers::{Keycloak, OidcProvider, Registration, free_port, keycloak};
use crate::people::{CARL, JODIE};
use crate::stack::Stack;

/// Examines the embedded gateway beside this provider.
async fn examined(registration: &Registration, port: u16, gateway: (&str, &str)) -> Vec<Value> {
    let port = port.to_string();
    let over = [
        ("PORT", port.as_str()),
        ("INTROSPECT_CLIENT_ID", gateway.0),
        ("INTROSPECT_CLIENT_SECRET", gateway.1),
    ];
    let stack = Stack::at(registration, &over).await;
    let proxy_uri = stack.gateway("");
    let redirect_uri = format!("http://localhost:{port}/callback");
    let mut settings = over.to_vec();
    settings.extend([
        ("ISSUER", registration.issuer.as_str()),
        ("AUTHN_CLIENT_ID", &registration.client_id),
        ("AUTHN_CLIENT_SECRET", &registration.client_secret),
        ("SESSION_SECRET", crate::stack::SESSION_SECRET),
        ("PROXY_URI", &proxy_uri),
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
        run(&["--json"], &settings)
    });
    let ended = program.await.unwrap();
    let findings = findings(&ended);
    let told = serde_json::to_string_pretty(&findings).unwrap();
    assert!(!told.contains(&registration.client_secret) && !told.contains(".eyJ"));
    if std::env::var_os("SHOW").is_some() {
        println!("{told}");
    }
    assert_eq!(ended.code, Some(0), "{told}");
    findings
}

const PASSED: [&str; 18] = [
    "settings",
    "discovery",
    "issuer",
    "endpoints",
    "keys",
    "algorithms",
    "redirect",
    "redirect.others",
    "pkce",
    "client",
    "client.others",
    "level.bronze",
    "level.silver",
    "level.gold",
    "token",
    "introspection",
    "gateway.token",
    "logout.return",
];

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn oidc_provider_is_found_in_order_and_what_is_wrong_with_it_is_found_too() {
    let port = free_port();
    let provider = OidcProvider::start(&json!({
        "redirect_uris": [format!("http://localhost:{port}/callback")],
        "access_token": "opaque",
        "post_logout_redirect_uris": [format!("http://localhost:{port}/signed-out")],
    }));
    let gateway = (provider.gateway.0.as_str(), provider.gateway.1.as_str());
    let findings = examined(&provider.registration, port, gateway).await;
    for id in PASSED {
        assert_eq!(verdict(&findings, id), "pass", "{id}: {findings:#?}");
    }
    let [issuer, id] = [
        &provider.registration.issuer,
        &provider.registration.client_id,
    ];
    let wrong = [
        ("ISSUER", issuer.as_str()),
        ("AUTHN_CLIENT_ID", id),
        ("AUTHN_CLIENT_SECRET", "another secret"),
        ("SESSION_SECRET", crate::stack::SESSION_SECRET),
        ("REDIRECT_URI", "http://localhost:1/callback"),
    ];
    let wrong = wrong.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let program = tokio::task::spawn_blocking(move || {
        let wrong: Vec<(&str, &str)> = wrong
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        run(
            &["--only", "redirect", "--only", "client", "--json"],
            &wrong,
        )
    });
    let ended = program.await.unwrap();
    let findings = super::program::findings(&ended);
    for id in ["redirect", "client"] {
        assert_eq!(verdict(&findings, id), "failure", "{findings:#?}");
    }
}

#[tokio::test]
#[ignore = "needs Java and Keycloak: make test"]
async fn keycloak_is_found_in_order() {
    let keycloak = Keycloak::shared().await;
    let port = free_port();
    let redirect_uri = format!("http://localhost:{port}/callback");
    let signed_out = format!("http://localhost:{port}/signed-out");
    let app = keycloak.register(&redirect_uri, &signed_out).await;
    let findings = examined(&app, port, keycloak::GATEWAY).await;
    for id in PASSED {
        assert_eq!(verdict(&findings, id), "pass", "{id}: {findings:#?}");
    }
}

#[tokio::test]
#[ignore = "needs Node.js and oidc-provider: make test"]
async fn sec_web_10_oidc_provider_takes_the_apps_key_and_no_other_under_its_name() {
    let (key, other) = (KeyFile::new(), KeyFile::new());
    let redirect_uri = "http://localhost:1/callback";
    let provider = OidcProvider::start(&json!({
        "redirect_uris": [redirect_uri],
        "auth_method": "private_key_jwt",
        "jwks": key.public_set(),
    }));
    for (key, verdicts) in [
        (&key, ["pass", "pass"]),
        (&other, ["failure", "not_testable"]),
    ] {
        let registration = &provider.registration;
        let settings = [
            ("ISSUER", registration.issuer.as_str()),
            ("AUTHN_CLIENT_ID", &registration.client_id),
            ("AUTHN_CLIENT_KEY_FILE", &key.path),
            ("SESSION_SECRET", crate::stack::SESSION_SECRET),
            ("REDIRECT_URI", redirect_uri),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let program = tokio::task::spawn_blocking(move || {
            let settings: Vec<(&str, &str)> = settings
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            run(
                &["--only", "client", "--only", "client.others", "--json"],
                &settings,
            )
        });
        let findings = findings(&program.await.unwrap());
        for (id, due) in ["client", "client.others"].into_iter().zip(verdicts) {
            assert_eq!(verdict(&findings, id), due, "{findings:#?}");
        }
        let told = format!("{findings:?}");
        assert!(
            told.contains("private_key_jwt") && !told.contains("eyJ"),
            "{told}"
        );
        let is_told = told.contains(&format!(
            "AUTHN_CLIENT_KEY_FILE (ES256, kid {})",
            key.key_id()
        ));
        assert_eq!(is_told, verdicts[0] == "failure", "{told}");
    }
}
