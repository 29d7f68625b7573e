//! Introspection: what is believed of an answer, how long, and what happens without one.

use super::*;
use std::time::Duration;

async fn world() -> World {
    World::new(By::Introspection).await
}

#[tokio::test]
async fn sec_tok_17_only_the_boolean_true_is_active() {
    let world = world().await;
    for (number, active) in [
        json!("true"),
        json!(1),
        json!("yes"),
        json!([true]),
        json!({}),
        Value::Null,
        json!(false),
    ]
    .into_iter()
    .enumerate()
    {
        let mut answer = world.claims(GOLD);
        answer["active"] = active.clone();
        let token = format!("opaque{number}");
        world.issuer.introspects(&token, answer);
        assert_eq!(world.status(&token).await, 401, "{active}");
    }
    let mut answer = world.claims(GOLD);
    world.issuer.introspects("silent", answer.clone());
    assert_eq!(world.status("silent").await, 401, "no active at all");
    answer["active"] = json!(true);
    world.issuer.introspects("opaque", answer);
    assert_eq!(world.status("opaque").await, 200);
}

/// People may be in many groups; nobody is in that many.
#[tokio::test]
async fn sec_com_04_tok_17_an_answer_of_60_kib_is_read_and_one_of_66_is_none() {
    let world = world().await;
    for (kibibytes, status) in [(60, 200), (66, 503)] {
        let mut answer = world.claims(GOLD);
        answer["active"] = json!(true);
        answer["groups"] = json!(["a".repeat(kibibytes * 1024)]);
        let token = format!("of{kibibytes}");
        world.issuer.introspects(&token, answer);
        assert_eq!(world.status(&token).await, status, "{kibibytes} KiB");
    }
}

#[tokio::test]
async fn sec_tok_17_issuer_audience_and_times_are_checked() {
    let world = world().await;
    let now = world.clock.now();
    let issuer = world.issuer.identifier();
    for (number, (name, value, status)) in [
        ("iss", Value::Null, 200),
        ("iss", json!(format!("{issuer}/")), 401),
        ("iss", json!([issuer]), 401),
        ("aud", json!([AUDIENCE, "other"]), 200),
        ("aud", json!([AUDIENCE, 1]), 401),
        ("aud", json!("api://"), 401),
        ("aud", json!([]), 401),
        ("aud", Value::Null, 401),
        ("exp", json!(now - 61), 401),
        ("exp", json!((now + 100).to_string()), 401),
        ("exp", json!(1e300), 200),
        ("exp", json!(-1), 401),
        ("exp", json!(100.5), 401),
        ("exp", Value::Null, 401),
        ("nbf", json!(now + 100), 401),
        ("nbf", json!(now - 100), 200),
        ("nbf", json!(true), 401),
        ("iat", json!(now + 100), 401),
        ("iat", json!(now + 30), 200),
        ("iat", json!("now"), 401),
        ("sub", Value::Null, 200),
        ("sub", json!(7), 401),
        ("scope", json!({}), 401),
        ("scope", json!([1]), 401),
        ("scope", json!("a\"b"), 401),
        ("scope", Value::Null, 200),
        ("token_type", json!("bearer"), 200),
        ("token_type", json!("DPoP"), 401),
        ("token_type", json!("refresh_token"), 401),
        ("typ", json!("Bearer"), 200),
        ("typ", json!("ID"), 401),
        ("typ", json!("Refresh"), 401),
        ("cnf", json!({ "jkt": "x" }), 401),
        ("client_id", Value::Null, 403),
        ("client_id", json!(["solar-system-app"]), 401),
    ]
    .into_iter()
    .enumerate()
    {
        let mut answer = world.claims("openid");
        match value.clone() {
            Value::Null => drop(answer.as_object_mut().unwrap().remove(name)),
            value => answer[name] = value,
        }
        answer["active"] = json!(true);
        let token = format!("opaque{number}");
        world.issuer.introspects(&token, answer);
        assert_eq!(world.status(&token).await, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_token_without_subject_names_only_its_client() {
    let world = world().await;
    let mut answer = world.claims("read");
    answer.as_object_mut().unwrap().remove("sub");
    answer["active"] = json!(true);
    world.issuer.introspects("opaque", answer);
    assert_eq!(world.get("/comets", Some("opaque")).await.status, 200);
    let asked = world.api.only();
    assert!(!asked.headers.contains_key("x-auth-subject"));
    assert_eq!(asked.headers["x-auth-client"], "solar-system-app");
}

#[tokio::test]
async fn sec_tok_17_an_answer_counts_for_half_a_minute_at_most() {
    let world = world().await;
    let token = world.token(GOLD);
    for path in ["/moons", "/asteroids", "/planets", "/moons"] {
        world.get(path, Some(&token)).await;
    }
    assert_eq!(world.issuer.introspections(), 1);
    world.issuer.introspects(&token, json!({ "active": false }));
    assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(
        world.get("/moons", Some(&token)).await.status,
        401,
        "revoked"
    );
    let short = world.token_with(GOLD, "exp", json!(world.clock.now() + 10));
    assert_eq!(world.get("/moons", Some(&short)).await.status, 200);
    world.issuer.introspects(&short, json!({ "active": false }));
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(world.get("/moons", Some(&short)).await.status, 401);
}

#[tokio::test]
async fn a_no_is_remembered_shortly_and_apart_from_good_tokens() {
    let world = world().await;
    let good = world.token(GOLD);
    assert_eq!(world.status(&good).await, 200);
    assert_eq!(world.status("junk").await, 401);
    assert_eq!(world.status("junk").await, 401);
    assert_eq!(world.issuer.introspections(), 2);
    for number in 0..1_500 {
        assert_eq!(world.status(&format!("junk{number}")).await, 401);
    }
    let before = world.issuer.introspections();
    assert_eq!(world.status(&good).await, 200);
    assert_eq!(
        world.issuer.introspections(),
        before,
        "junk pushed the good one out"
    );
    world.clock.advance(Duration::from_secs(5));
    world.status("junk").await;
    assert_eq!(world.issuer.introspections(), before + 1);
}

#[tokio::test]
async fn many_who_ask_with_one_token_ask_once() {
    let world = world().await;
    let token = world.token(GOLD);
    world.issuer.faults().slow = Duration::from_millis(50);
    let asking = (0..40).map(|_| world.status(&token));
    let statuses = futures_util::future::join_all(asking).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(world.issuer.introspections(), 1);
}

#[tokio::test]
async fn sec_gw_12_what_is_the_tokens_fault_is_401_and_what_is_not_is_503() {
    let world = world().await;
    for (status, body, expected) in [
        (400, r#"{"error":"unsupported_token_type"}"#, 401),
        (422, "", 401),
        (401, r#"{"error":"invalid_client"}"#, 503),
        (403, "", 503),
        (404, "", 503),
        (429, "", 503),
        (500, "", 503),
        (503, "", 503),
        (302, "", 503),
        (204, "", 503),
        (200, "", 503),
        (200, "<html>", 503),
        (200, "true", 503),
        (200, r#"[{"active":true}]"#, 503),
        (200, r#"{"active":false,"active":true}"#, 503),
    ] {
        world.issuer.faults().introspection = Some((status, body.into()));
        let token = format!("opaque.{status}.{}", body.len());
        let answer = world.get("/asteroids", Some(&token)).await;
        assert_eq!(answer.status, expected, "{status} {body}");
        assert_eq!(
            answer.header("retry-after"),
            if expected == 503 { "5" } else { "" }
        );
        assert!(!answer.body.contains("unsupported") && !answer.body.contains("invalid_client"));
    }
    world.issuer.faults().introspection = Some((200, " ".repeat(100_000)));
    assert_eq!(world.status("opaque").await, 503);
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn after_an_outage_the_next_one_asks_again() {
    let world = world().await;
    let token = world.token(GOLD);
    world.issuer.faults().introspection = Some((500, String::new()));
    assert_eq!(world.status(&token).await, 503);
    world.issuer.faults().introspection = None;
    assert_eq!(world.status(&token).await, 200);
}

#[tokio::test]
async fn an_issuer_that_announces_no_endpoint_or_a_foreign_one_is_503() {
    for endpoint in [
        Value::Null,
        json!("http://example.com/introspect"),
        json!(7),
    ] {
        let world = world().await;
        world.issuer.faults().metadata = vec![("introspection_endpoint", endpoint)];
        assert_eq!(world.status(&world.token(GOLD)).await, 503);
        assert_eq!(world.get("/visitors", None).await.status, 200);
    }
}
