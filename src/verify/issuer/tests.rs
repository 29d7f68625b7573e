use super::*;
use crate::{
    jose::Algorithm,
    oauth::{Scopes, basic_credentials},
    verify::mint::{Minter, ScopeClaims, overlay},
};
use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

const ISSUER: &str = "http://localhost:9000/a";

struct Bench {
    router: Router,
    minter: Minter,
}

fn bench() -> Bench {
    let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    let ledger = Ledger::default();
    let clock = Clock::standing();
    let router = router(TestIssuer {
        identifier: ISSUER.to_owned(),
        key: Arc::clone(&key),
        introspector: Some(("gateway".to_owned(), Secret::new("a secret"))),
        ledger: ledger.clone(),
        clock: clock.clone(),
    });
    let minter = Minter {
        issuer: ISSUER.to_owned(),
        audience: "api".to_owned(),
        key,
        scope_claims: ScopeClaims::Both,
        ledger: Some(ledger),
        clock,
    };
    Bench { router, minter }
}

impl Bench {
    async fn ask(&self, request: Request<Body>) -> (StatusCode, Value) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn introspect(&self, secret: &str, token: &str) -> (StatusCode, Value) {
        let credentials = basic_credentials("gateway", &Secret::new(secret));
        let request = Request::post("/a/v1/introspect")
            .header("authorization", credentials.expose())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("token={token}")));
        self.ask(request.unwrap()).await
    }
}

#[tokio::test]
async fn it_says_of_itself_what_strict_readers_want() {
    let bench = bench();
    for path in ["openid-configuration", "oauth-authorization-server"] {
        let request = Request::get(format!("/a/.well-known/{path}")).body(Body::empty());
        let (_, metadata) = bench.ask(request.unwrap()).await;
        let metadata = metadata.to_string();
        let read = read(&metadata);
        assert_eq!(read["issuer"], ISSUER);
        assert_eq!(read["jwks_uri"], format!("{ISSUER}/v1/keys"));
    }
    let request = Request::get("/a/v1/keys").body(Body::empty()).unwrap();
    let (_, keys) = bench.ask(request).await;
    assert_eq!(keys["keys"][0], bench.minter.key.public_jwk());
    assert!(keys["keys"][0].get("d").is_none());
}

fn read(text: &str) -> Value {
    crate::jose::strict_json::from_slice(text.as_bytes()).unwrap()
}

#[tokio::test]
async fn it_vouches_as_a_conforming_issuer_and_to_the_gateway_alone() {
    let bench = bench();
    let scopes = Scopes::parse("a b").unwrap();
    let claims = bench.minter.claims("s", "app", &scopes);
    let now = bench.minter.clock.now();
    for (over, word, active) in [
        (json!({}), Word::Good, true),
        (json!({ "aud": "other" }), Word::Good, true), // whom it is for is for the gateway to see
        (json!({ "exp": now }), Word::Good, false),
        (json!({ "exp": null }), Word::Good, false),
        (json!({ "nbf": now + 1 }), Word::Good, false),
        (json!({ "iss": "http://other" }), Word::Good, false),
        (json!({}), Word::Revoked, false),
        (json!({}), Word::Strange, false),
    ] {
        let mut claims = claims.clone();
        overlay(&mut claims, &over);
        let token = bench.minter.sign(&json!({}), &claims, word).unwrap();
        let (status, answer) = bench.introspect("a secret", token.expose()).await;
        assert_eq!(
            (status, &answer["active"]),
            (StatusCode::OK, &json!(active)),
            "{over} {word:?}"
        );
        if !active {
            assert_eq!(answer, json!({ "active": false }));
        }
        let (status, _) = bench.introspect("another", token.expose()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let (_, answer) = bench.introspect("a secret", "junk").await;
    assert_eq!(answer, json!({ "active": false }));
}
