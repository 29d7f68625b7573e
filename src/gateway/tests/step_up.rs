//! Step-up: a resource that wants a recent sign-in, or one of a certain kind (RFC 9470).

use super::*;
use std::time::Duration;

const ACR: &str = "urn:example:mfa";

/// Gold opens the moons to who signed in five minutes ago at most, with two factors.
async fn world(by: By) -> World {
    World::with(by, |config| {
        let mut blueprint = Blueprint::default();
        let mut resources = blueprint.resources.iter_mut();
        let moons = resources.find(|one| one.name == "moons").unwrap();
        moons.step_up.max_age = Some(300);
        moons.step_up.acr_values = vec![ACR.to_owned(), "urn:example:key".to_owned()];
        config.policy = Policy::of(&blueprint);
    })
    .await
}

impl World {
    fn signed_in(&self, scope: &str, auth_time: &Value, acr: &Value) -> String {
        let mut claims = self.claims(scope);
        claims["auth_time"] = auth_time.clone();
        claims["acr"] = acr.clone();
        claims["exp"] = json!(self.clock.now() + 3_600);
        self.token_of("at+jwt", &claims)
    }
}

#[tokio::test]
async fn gw_16_what_a_sign_in_lacks_is_a_challenge_to_sign_in_again() {
    for by in [By::Keys, By::Introspection] {
        let world = world(by).await;
        let (now, acr) = (world.clock.now(), json!(ACR));
        for (auth_time, acr, status) in [
            (json!(now), acr.clone(), 200),
            (json!(now - 300), acr.clone(), 200),
            (json!(now - 300), json!("urn:example:key"), 200),
            (json!(now - 301), acr.clone(), 401),
            (json!(now + 61), acr.clone(), 401),
            (json!(now.to_string()), acr.clone(), 401),
            (Value::Null, acr, 401),
            (json!(now), Value::Null, 401),
            (json!(now), json!("urn:example:password"), 401),
            (json!(now), json!([ACR]), 401),
        ] {
            let token = world.signed_in(GOLD, &auth_time, &acr);
            let answer = world.get("/moons", Some(&token)).await;
            assert_eq!(answer.status, status, "{by:?} {auth_time} {acr}");
            assert_eq!(
                world.status(&token).await,
                200,
                "elsewhere it does not matter"
            );
            if status == 200 {
                continue;
            }
            let challenge = answer.header("www-authenticate");
            for part in [
                r#"Bearer error="insufficient_user_authentication", error_description=""#,
                r#", acr_values="urn:example:mfa urn:example:key", max_age="300", resource_metadata="#,
            ] {
                assert!(challenge.contains(part), "{part}: {challenge}");
            }
            let body = answer.json();
            assert_eq!(body["error"], "insufficient_user_authentication");
            assert_eq!(body["max_age"], 300);
        }
    }
}

#[tokio::test]
async fn gw_16_a_remembered_token_grows_too_old_all_the_same() {
    for by in [By::Keys, By::Introspection] {
        let world = world(by).await;
        let signed_in = json!(world.clock.now() - 290);
        let token = world.signed_in(GOLD, &signed_in, &json!(ACR));
        assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
        world.clock.advance(Duration::from_secs(11));
        assert_eq!(world.get("/moons", Some(&token)).await.status, 401);
        assert_eq!(world.status(&token).await, 200);
    }
}

/// Nobody is sent to sign in again where that would not help.
#[tokio::test]
async fn gw_16_a_missing_scope_or_token_is_what_it_was() {
    let world = world(By::Keys).await;
    let silver = world.signed_in(SILVER, &Value::Null, &Value::Null);
    let refused = world.get("/moons", Some(&silver)).await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .header("www-authenticate")
            .contains("insufficient_scope")
    );
    let nobody = world.get("/moons", None).await;
    assert_eq!(nobody.status, 401);
    assert!(!nobody.header("www-authenticate").contains("error"));
}
