//! Phantom tokens: opaque outside, a JWT of the gateway's own inside.

use super::*;
use crate::jose::{AccessToken, AccessTokenRules, KeySet, verify_access_token};
use std::time::Duration;

const KEYS: &str = "/.well-known/jwks.json";

async fn world(by: By) -> World {
    World::with(by, |config| config.upstream_token = UpstreamToken::Jwt).await
}

impl World {
    /// What the API was shown last.
    fn shown(&self) -> String {
        let asked = self.api.take();
        let credential = &asked.last().unwrap().headers["authorization"];
        let credential = credential.to_str().unwrap();
        credential.strip_prefix("Bearer ").unwrap().to_owned()
    }

    /// Verifies it as the API would.
    async fn verified(&self, token: &str) -> AccessToken {
        let keys = self.get(KEYS, None).await;
        assert_eq!(keys.json()["keys"][0].get("d"), None);
        let keys = KeySet::parse(keys.body.as_bytes()).unwrap();
        let rules = AccessTokenRules {
            issuer: PUBLIC,
            audience: AUDIENCE,
            algorithms: &[Algorithm::Es256],
            typ: AccessTokenTyp::AtJwt,
            leeway: 0,
        };
        let verified = verify_access_token(token, &keys, &rules, self.clock.now());
        verified.unwrap().claims
    }
}

#[tokio::test]
async fn the_api_gets_a_jwt_of_the_gateways_for_any_issuers_opaque_token() {
    let world = world(By::Introspection).await;
    let mut answer = world.claims(&format!("openid {GOLD}"));
    answer["active"] = json!(true);
    world.issuer.introspects("opaque.canary", answer);
    assert_eq!(world.get("/moons", Some("opaque.canary")).await.status, 200);
    let shown = world.shown();
    let claims = world.verified(&shown).await;
    assert_eq!(claims.subject, "carl");
    assert_eq!(claims.client_id.as_deref(), Some("solar-system-app"));
    assert_eq!(claims.scopes.to_string(), format!("openid {GOLD}"));
    assert_eq!(claims.expires_at, world.clock.now() + 120);
    assert!(claims.all["jti"].as_str().unwrap().len() >= 43);
    assert!(!shown.contains("canary"));
    // in front of the gateway it opens nothing
    assert_eq!(world.get("/asteroids", Some(&shown)).await.status, 401);
}

#[tokio::test]
async fn gw_10_the_callers_own_token_never_goes_on_and_an_open_resource_gets_none() {
    for by in [By::Keys, By::Introspection] {
        let world = world(by).await;
        let token = world.token(GOLD);
        assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
        assert_ne!(world.shown(), token);
        assert_eq!(world.get("/visitors", Some(&token)).await.status, 200);
        assert!(!world.api.only().headers.contains_key("authorization"));

        let plain = World::new(by).await;
        let token = plain.token(GOLD);
        assert_eq!(plain.get("/moons", Some(&token)).await.status, 200);
        assert!(!plain.api.only().headers.contains_key("authorization"));
        assert_eq!(plain.get(KEYS, None).await.status, 404);
    }
}

#[tokio::test]
async fn one_token_is_made_for_as_long_as_the_callers_is_remembered() {
    for (by, remembered) in [(By::Keys, 60), (By::Introspection, 30)] {
        let world = world(by).await;
        let token = world.token(GOLD);
        let mut shown = Vec::new();
        for _ in 0..3 {
            world.get("/moons", Some(&token)).await;
            shown.push(world.shown());
        }
        world.clock.advance(Duration::from_secs(remembered - 1));
        world.get("/moons", Some(&token)).await;
        shown.push(world.shown());
        assert!(shown.iter().all(|one| *one == shown[0]));
        let left = world.verified(&shown[0]).await.expires_at - world.clock.now();
        assert!(left > 60, "{left}");
        world.clock.advance(Duration::from_secs(1));
        world.get("/moons", Some(&token)).await;
        let next = world.shown();
        assert_ne!(next, shown[0]);
        world.verified(&next).await;
        // another token of the same person has another
        world
            .get("/moons", Some(&world.token_with(GOLD, "jti", json!("2"))))
            .await;
        assert_ne!(world.shown(), next);
    }
}

#[tokio::test]
async fn it_never_outlives_the_callers_token() {
    for by in [By::Keys, By::Introspection] {
        let world = world(by).await;
        let ends = world.clock.now() + 20;
        let token = world.token_with(GOLD, "exp", json!(ends));
        world.get("/moons", Some(&token)).await;
        assert_eq!(world.verified(&world.shown()).await.expires_at, ends);
    }
}

#[tokio::test]
async fn a_machine_is_its_own_subject_and_a_nameless_token_gets_none() {
    let world = world(By::Introspection).await;
    let mut answer = world.claims("read");
    answer["active"] = json!(true);
    answer.as_object_mut().unwrap().remove("sub");
    world.issuer.introspects("machine", answer.clone());
    assert_eq!(world.get("/comets", Some("machine")).await.status, 200);
    let claims = world.verified(&world.shown()).await;
    assert_eq!(claims.subject, "solar-system-app");

    let nobody = World::with(By::Introspection, |config| {
        config.upstream_token = UpstreamToken::Jwt;
        config.policy = Policy::of(&Blueprint::default());
    })
    .await;
    answer["iss"] = json!(nobody.issuer.identifier());
    answer.as_object_mut().unwrap().remove("client_id");
    nobody.issuer.introspects("nobody", answer);
    assert_eq!(nobody.get("/comets", Some("nobody")).await.status, 401);
    assert!(nobody.api.take().is_empty());
}

#[tokio::test]
async fn the_decision_endpoint_hands_no_token_out() {
    let world = world(By::Introspection).await;
    let token = world.token(GOLD);
    for _ in 0..2 {
        let call = Request::get("/decision")
            .header("x-forwarded-method", "GET")
            .header("x-forwarded-uri", "/moons")
            .header("authorization", format!("Bearer {token}"));
        let yes = world.send(call.body(Body::empty()).unwrap()).await;
        assert_eq!(yes.status, 200);
        assert!(!yes.headers.contains_key("authorization"), "{yes:?}");
        assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
    }
}

/// The API knows no leeway of ours: a token that has ended is none for it.
#[tokio::test]
async fn gw_10_a_caller_whose_token_has_ended_gets_none_for_the_api() {
    let world = world(By::Keys).await;
    let token = world.token_with(GOLD, "exp", json!(world.clock.now() + 10));
    assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
    world.clock.advance(Duration::from_secs(10));
    for token in [
        token,
        world.token_with(GOLD, "exp", json!(world.clock.now())),
    ] {
        let answer = world.get("/moons", Some(&token)).await;
        assert_eq!(answer.status, 401);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("invalid_token"), "{challenge}");
        assert!(challenge.contains("resource_metadata"), "{challenge}");
    }
    assert_eq!(world.api.take().len(), 1);
}
