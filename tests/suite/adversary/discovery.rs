//! What a provider says of itself: another issuer's, unusable, unreachable. Sign-in is off until it is right.

use std::time::Duration;

use serde_json::{Value, json};

use super::Scene;
use crate::misbehaving::bend::{append, set, without};
use crate::misbehaving::{Edit, Reply, Script, edit};

const METADATA: &str = "/.well-known/openid-configuration";

type Fault = (&'static str, Box<dyn FnOnce(&mut Script)>, &'static str);

type Unusual = (&'static str, fn() -> Edit);

/// The document is changed.
fn changed(name: &'static str, change: Edit) -> Fault {
    (
        name,
        Box::new(|script| script.metadata = change),
        "provider_metadata",
    )
}

/// Something else is there.
fn instead(name: &'static str, reply: Reply, reason: &'static str) -> Fault {
    (
        name,
        Box::new(|script| script.reply(METADATA, reply)),
        reason,
    )
}

#[rustfmt::skip]
fn faults(elsewhere: &str) -> Vec<Fault> {
    let text = |text: &str| Reply::status(200).body("application/json", text);
    vec![
        changed("another issuer", set("issuer", "https://evil.example")),
        changed("the issuer with a slash", append("issuer", "/")),
        changed("no issuer", without("issuer")),
        changed("an issuer that is a list", edit(|metadata| metadata["issuer"] = json!([metadata["issuer"]]))),
        changed("a token endpoint by plain http", set("token_endpoint", "http://evil.example/token")),
        changed("an authorization endpoint by plain http", set("authorization_endpoint", "http://evil.example/authorize")),
        changed("keys by plain http", set("jwks_uri", "http://evil.example/keys")),
        changed("userinfo by plain http", set("userinfo_endpoint", "http://evil.example/userinfo")),
        changed("revocation by plain http", set("revocation_endpoint", "http://evil.example/revoke")),
        changed("a log out by plain http", set("end_session_endpoint", "http://evil.example/logout")),
        changed("a log out by script", set("end_session_endpoint", "javascript:alert(1)")),
        changed("an authorization endpoint by script", set("authorization_endpoint", "javascript:alert(1)")),
        changed("keys in a file", set("jwks_uri", "file:///etc/passwd")),
        changed("keys in the document", set("jwks_uri", "data:application/json,{}")),
        changed("an endpoint with a user", set("token_endpoint", "https://user@idp.example/token")),
        changed("an endpoint with a backslash", set("token_endpoint", "https://idp.example\\@evil.example/")),
        changed("an endpoint that is a path", set("token_endpoint", "/token")),
        changed("no authorization endpoint", without("authorization_endpoint")),
        changed("no token endpoint", without("token_endpoint")),
        changed("no keys", without("jwks_uri")),
        changed("keys that are null", set("jwks_uri", Value::Null)),
        changed("a list", edit(|metadata| *metadata = json!([]))),
        instead("a member twice", text(r#"{"issuer":"a","issuer":"b"}"#), "provider_metadata"),
        instead("nothing", text(""), "provider_metadata"),
        instead("HTML", Reply::html("<h1>Welcome</h1>"), "provider_metadata"),
        instead("nested without end", text(&"{\"a\":".repeat(5_000)), "provider_metadata"),
        instead("404", Reply::status(404), "provider_unreachable"),
        instead("500", Reply::status(500), "provider_unreachable"),
        instead("a redirect elsewhere", Reply::redirect(302, elsewhere), "provider_unreachable"),
        instead("60 MB", Reply::status(200).huge(60_000_000), "provider_unreachable"),
        instead("cut short", Reply::status(200).cut("{"), "provider_unreachable"),
        instead("no HTTP", Reply::raw(b"220 mail.example ESMTP\r\n"), "provider_unreachable"),
    ]
}

/// Each at an app of its own, all at once: a failure is believed for two seconds.
#[tokio::test]
async fn sec_web_07_metadata_that_cannot_be_trusted_turn_sign_in_off_until_they_are_right() {
    let elsewhere = crate::misbehaving::Server::start(0, |_| Reply::status(404));
    let all = faults(&elsewhere.url())
        .into_iter()
        .map(|(what, bend, reason)| async move {
            let scene = Scene::with(bend).await;
            let browser = scene.stack.browser();
            let home = browser.open(scene.stack.web("/")).await;
            assert_eq!(home.status, 200, "{what}");
            let refused = browser.go(&home, "authenticate").await;
            let words = refused.page().words();
            assert_eq!(refused.status, 502, "{what}: {words}");
            assert!(
                words.contains(&format!("reason {reason}")),
                "{what}: {words}"
            );
            assert_eq!(scene.calls(), [""; 0], "{what}");

            scene.script(Script::behave);
            tokio::time::sleep(Duration::from_millis(2_100)).await;
            let home = scene.sign_in(&browser).await;
            assert_eq!(home.status, 200, "{what}: {}", home.page().words());
            assert!(scene.is_signed_in(&browser).await, "{what}");
        });
    futures_util::future::join_all(all).await;
    assert!(elsewhere.received().is_empty(), "a redirect was followed");
}

/// Members that need not be there, or that nobody here reads, turn nothing off.
#[tokio::test]
async fn what_other_providers_say_of_themselves_still_signs_in() {
    let unusual: [Unusual; 7] = [
        ("the least that there is", || {
            edit(|metadata| {
                let needed = [
                    "issuer",
                    "authorization_endpoint",
                    "token_endpoint",
                    "jwks_uri",
                ];
                let members = metadata.as_object_mut().unwrap();
                members.retain(|name, _| needed.contains(&name.as_str()));
            })
        }),
        ("no PKCE announced", || {
            without("code_challenge_methods_supported")
        }),
        ("only plain PKCE announced", || {
            set("code_challenge_methods_supported", json!(["plain"]))
        }),
        ("endpoints that are null", || {
            edit(|metadata| {
                for name in [
                    "userinfo_endpoint",
                    "revocation_endpoint",
                    "end_session_endpoint",
                ] {
                    metadata[name] = Value::Null;
                }
            })
        }),
        ("odd algorithms", || {
            set(
                "id_token_signing_alg_values_supported",
                json!(["none", "HS256", 7]),
            )
        }),
        ("odd methods", || {
            set(
                "token_endpoint_auth_methods_supported",
                json!(["none", "tls_client_auth"]),
            )
        }),
        ("members that nobody knows", || {
            edit(|metadata| {
                metadata["service_documentation"] = "".into();
                metadata["x"] = json!({ "y": ["http://evil.example/"] });
                metadata["claims_supported"] = (0..500).map(|n| format!("claim {n}")).collect();
            })
        }),
    ];
    for (what, change) in unusual {
        let scene = Scene::with(|script| script.metadata = change()).await;
        let home = scene.sign_in_anew().await;
        let words = home.page().words();
        assert!(words.contains("Signed in as"), "{what}: {words}");
        let redeemed = scene.provider.server.received_at("/token").remove(0);
        let verifier = redeemed.field("code_verifier").unwrap();
        let asked = scene.provider.server.received_at("/authorize").remove(0);
        let challenge = solar_system::oauth::pkce::s256(&verifier);
        assert_eq!(asked.field("code_challenge"), Some(challenge), "{what}");
    }
}
