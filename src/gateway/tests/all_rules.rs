//! What the verifier refuses is refused here: no rule is left out on the way (GW-05).

use super::*;

/// What must not be in a token, and what must be.
fn wrong(now: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("iss", json!("http://127.0.0.1/other")),
        ("iss", json!("")),
        ("iss", json!(1)),
        ("iss", json!(["a"])),
        ("iss", Value::Null),
        ("aud", json!("api://other")),
        ("aud", json!("api://default/")),
        ("aud", json!("API://default")),
        ("aud", json!("api://defaul")),
        ("aud", json!("")),
        ("aud", json!([])),
        ("aud", json!(["other"])),
        ("aud", json!({ "a": AUDIENCE })),
        ("aud", json!(1)),
        ("aud", Value::Null),
        ("exp", json!(now - 61)),
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(null)),
        ("exp", Value::Null),
        ("exp", json!(-1)),
        ("nbf", json!(now + 61)),
        ("nbf", json!("soon")),
        ("iat", json!(now + 61)),
        ("iat", json!("now")),
        ("sub", json!(1)),
        ("sub", json!("")),
        ("cnf", json!({ "jkt": "a" })),
    ]
}

#[tokio::test]
async fn sec_gw_05_every_rule_about_a_token_holds_at_the_gateway() {
    let world = World::new(By::Keys).await;
    let good = world.token(GOLD);
    assert_eq!(world.status(&good).await, 200);
    let listed = world.token_with(GOLD, "aud", json!([AUDIENCE, "other"]));
    assert_eq!(world.status(&listed).await, 200);
    for (claim, value) in wrong(world.clock.now()) {
        let token = world.token_with(GOLD, claim, value.clone());
        let answer = world.get("/asteroids", Some(&token)).await;
        assert_eq!(answer.status, 401, "{claim}: {value}");
        assert_eq!(answer.json()["error"], "invalid_token", "{claim}: {value}");
    }
    for typ in ["JWT", "jwt", "id_token+jwt", "logout+jwt", "dpop+jwt", ""] {
        let token = world.token_of(typ, &world.claims(GOLD));
        assert_eq!(world.status(&token).await, 401, "{typ}");
    }
    let [head, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("{good}");
    };
    for token in [
        format!("{head}.{claims}."),
        format!("{head}.{claims}"),
        format!("{head}..{signature}"),
        format!("{head}.{claims}.{signature}.{signature}"),
        format!("{claims}.{head}.{signature}"),
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}."),
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}.{signature}"),
    ] {
        assert_eq!(world.status(&token).await, 401, "{token}");
    }
    assert_eq!(world.api.take().len(), 2);
}

/// An audience or issuer that is not said matches nothing, not even a token that says as little.
#[tokio::test]
async fn sec_gw_05_without_audience_or_issuer_no_token_is_taken() {
    for by in [By::Keys, By::Introspection] {
        let world = World::with(by, |config| config.audience = String::new()).await;
        for value in [
            json!(""),
            json!([""]),
            json!([]),
            Value::Null,
            json!(AUDIENCE),
        ] {
            let token = world.token_with(GOLD, "aud", value.clone());
            assert_eq!(world.status(&token).await, 401, "{by:?}: {value}");
        }
        let world = World::with(by, |config| config.issuer = String::new()).await;
        for value in [json!(""), Value::Null, json!(world.issuer.identifier())] {
            let token = world.token_with(GOLD, "iss", value.clone());
            let status = world.status(&token).await;
            assert!(matches!(status, 401 | 503), "{by:?}: {value}: {status}");
        }
    }
}
