//! The embedded gateway as a product, over its real listener: decisions, limits, metadata, step-up,
//! tokens for the API.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::browser::Browser;
use crate::http::{Answer, client, send};
use crate::misbehaving::{Gateway, Reply};
use crate::people::{CARL, GOLD_SCOPE, JODIE, SILVER_SCOPE};
use crate::program::empty_folder;
use crate::stack::Stack;

impl Stack {
    async fn decides(&self, uri: &str, token: Option<&str>) -> Answer {
        let call = client().get(self.gateway("/decision"));
        let call = call.header("x-forwarded-method", "GET");
        let call = call.header("x-forwarded-uri", uri);
        match token {
            Some(token) => send(call.bearer_auth(token)).await,
            None => send(call).await,
        }
    }
}

#[tokio::test]
async fn others_gateways_get_ours_decisions_with_real_tokens() {
    for policy in ["jwt", "introspection"] {
        let stack = Stack::with(&[("GATEWAY_POLICY", policy)]).await;
        let silver = stack.access_token(&[SILVER_SCOPE], CARL).await;
        for (uri, token, status) in [
            ("/visitors", None, 200),
            ("/planets", None, 401),
            ("/planets", Some("junk"), 401),
            ("/planets?a=b", Some(&*silver), 200),
            ("/moons", Some(&silver), 403),
            ("/visitors/../moons", Some(&silver), 400),
            ("/nothing", Some(&silver), 404),
        ] {
            let answer = stack.decides(uri, token).await;
            assert_eq!(answer.status, status, "{policy} {uri}");
            let challenged = matches!(status, 401 | 403);
            assert_eq!(!answer.header("www-authenticate").is_empty(), challenged);
        }
        let yes = stack.decides("/planets", Some(&silver)).await;
        assert!(yes.body.is_empty());
        assert!(yes.header("x-auth-scope").contains(SILVER_SCOPE));
        assert!(!yes.header("x-auth-subject").is_empty());
    }
}

#[tokio::test]
async fn gw_17_a_stranger_finds_the_issuer_from_a_refusal() {
    let stack = Stack::start().await;
    let refused = stack.ask_gateway("/moons", None).await;
    let challenge = refused.header("www-authenticate");
    let (_, url) = challenge.split_once("resource_metadata=\"").unwrap();
    let described = send(client().get(url.trim_end_matches('"'))).await.json();
    assert_eq!(described["resource"], stack.gateway("/moons"));
    assert_eq!(described["authorization_servers"][0], stack.issuer());
    assert_eq!(described["scopes_supported"][0], GOLD_SCOPE);

    // behind a proxy that ends TLS, the public address is the one that is told, and answered to
    let public = ("GATEWAY_PUBLIC_URL", "https://api.example.com/v1");
    let stack = Stack::with(&[public]).await;
    let as_host = async |host: &str, path: &str| {
        send(client().get(stack.gateway(path)).header("host", host)).await
    };
    let refused = as_host("api.example.com", "/moons").await;
    assert!(
        refused.header("www-authenticate").contains(
            r#"resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/v1/moons""#
        ),
        "{refused:?}"
    );
    let path = "/.well-known/oauth-protected-resource/v1/moons";
    let described = as_host("api.example.com", path).await.json();
    assert_eq!(described["resource"], "https://api.example.com/v1/moons");
    assert_eq!(as_host("evil.example.com", "/visitors").await.status, 421);
}

#[tokio::test]
async fn gw_14_an_address_is_throttled_late_and_told_when_to_come_back() {
    let stack = Stack::with(&[("GATEWAY_RATE_PER_ADDRESS", "1")]).await;
    let http = client();
    let mut statuses = Vec::new();
    for number in 0..40 {
        let said = format!("203.0.113.{number}"); // nobody listed says so
        let request = http.get(stack.gateway("/visitors"));
        statuses.push(send(request.header("x-forwarded-for", said)).await);
    }
    let (early, late) = statuses.split_at(30);
    assert!(early.iter().all(|answer| answer.status == 200));
    let refused = late.last().unwrap();
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), "1");
    assert!(refused.json()["error"].is_string());

    let browser = Browser::new();
    let home = browser.open(stack.web("/")).await;
    let shown = browser.go(&home, "show me the visitors!").await;
    assert_eq!(shown.status, 429);
}

#[tokio::test]
async fn gw_14_as_delivered_a_crowd_behind_one_address_is_answered() {
    let stack = Stack::start().await;
    let silver = stack.access_token(&[SILVER_SCOPE], CARL).await;
    let http = client();
    let asking = (0..1_500).map(|_| {
        let request = http.get(stack.gateway("/planets")).bearer_auth(&silver);
        async move { send(request).await.status }
    });
    let mut statuses = Vec::new();
    let mut asking = asking.peekable();
    while asking.peek().is_some() {
        let some: Vec<_> = asking.by_ref().take(100).collect();
        statuses.extend(futures_util::future::join_all(some).await);
    }
    assert!(statuses.iter().all(|status| *status == 200));
}

/// The default blueprint, where the moons take a sign-in of the last minute.
fn recent_moons() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/blueprint/default.toml");
    let takes = format!("takes = [\"{GOLD_SCOPE}\"]");
    let text = fs::read_to_string(default).unwrap();
    assert!(text.contains(&takes));
    let file = empty_folder().join("recent.toml");
    fs::write(
        &file,
        text.replacen(&takes, &format!("{takes}\nmax_age = 60"), 1),
    )
    .unwrap();
    file
}

#[tokio::test]
async fn gw_16_who_signed_in_too_long_ago_is_told_so_and_helped_by_signing_in_again() {
    let blueprint = recent_moons();
    for policy in ["jwt", "introspection"] {
        let settings = [
            ("BLUEPRINT", blueprint.to_str().unwrap()),
            ("GATEWAY_POLICY", policy),
        ];
        let stack = Stack::with(&settings).await;
        let browser = stack.browser();
        stack.sign_in(&browser, "gold", JODIE).await;
        let shown = stack.show_me(&browser, "show me some moons!").await;
        assert_eq!(shown.status, 200, "{policy}");

        stack.clock.advance(Duration::from_secs(61));
        let shown = stack.show_me(&browser, "show me some moons!").await;
        assert_eq!(shown.status, 401, "{policy}");
        let words = shown.page().words().to_lowercase();
        for part in [
            "sign in again",
            "rfc 9470",
            "at most 60 seconds ago",
            "insufficient_user_authentication",
        ] {
            assert!(words.contains(part), "{policy} {part}: {words}");
        }
        let planets = stack.show_me(&browser, "show me the planets!").await;
        assert_eq!(planets.status, 200, "{policy}");

        stack.sign_in(&browser, "gold", JODIE).await;
        let shown = stack.show_me(&browser, "show me some moons!").await;
        assert_eq!(shown.status, 200, "{policy}");
    }
}

#[tokio::test]
async fn the_api_gets_a_token_of_the_gateways_that_its_keys_verify() {
    let api = Gateway::start();
    api.reply("/planets", Reply::json(&Value::from(vec!["earth"])));
    let (url, audience) = (api.url(), "api://default");
    let settings = [("API_URI", url.as_str()), ("GATEWAY_UPSTREAM_TOKEN", "jwt")];
    let stack = Stack::with(&settings).await;
    let silver = stack.access_token(&[SILVER_SCOPE], CARL).await;
    let answer = stack.ask_gateway("/planets", Some(&silver)).await;
    assert_eq!(answer.status, 200);
    let received = api.server.received();
    let shown = received.last().unwrap().header("authorization").unwrap();
    let shown = shown.strip_prefix("Bearer ").unwrap();
    assert_ne!(shown, silver);

    // as others verify it
    let keys = send(client().get(stack.gateway("/.well-known/jwks.json"))).await;
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_slice(&keys.body).unwrap();
    let header = jsonwebtoken::decode_header(shown).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_audience(&[audience]);
    rules.set_issuer(&[stack.gateway("")]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims = jsonwebtoken::decode::<Value>(shown, &key, &rules)
        .unwrap()
        .claims;
    assert!(claims["scope"].as_str().unwrap().contains(SILVER_SCOPE));
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 120);
    // and in front of the gateway it is another issuer's
    assert_eq!(stack.ask_gateway("/planets", Some(shown)).await.status, 401);
}
