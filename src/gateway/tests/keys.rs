//! Keys: fetched when first needed, again when they change, and not too often.

use super::*;
use std::time::Duration;

/// One that nobody remembers, since it was issued at the clock's time.
fn token_of_now(world: &World) -> String {
    world.token_with("openid", "jti", json!(world.clock.now()))
}

#[tokio::test]
async fn keys_are_fetched_when_first_needed_and_once() {
    let world = World::new(By::Keys).await;
    assert_eq!(world.get("/visitors", None).await.status, 200);
    assert_eq!(world.get("/planets", None).await.status, 401);
    assert_eq!(world.issuer.key_fetches(), 0);
    let tokens: Vec<String> = (0..30)
        .map(|n| world.token_with("openid", "jti", json!(n)))
        .collect();
    let asking = tokens.iter().map(|token| world.status(token));
    let statuses = futures_util::future::join_all(asking).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(world.issuer.key_fetches(), 1);
}

#[tokio::test]
async fn sec_gw_12_without_keys_it_is_503_and_it_recovers() {
    let world = World::new(By::Keys).await;
    let token = world.token("openid");
    for fault in [
        (|faults| faults.keys_status = Some(500)) as fn(&mut issuer::Faults),
        |faults| faults.keys_status = Some(302),
        |faults| faults.keys_body = Some("{\"keys\":[]}".into()),
        |faults| faults.keys_body = Some("<html>".into()),
        |faults| faults.keys_body = Some("{\"keys\":[],\"keys\":[]}".into()),
        |faults| faults.keys_body = Some(" ".repeat(200_000)),
        |faults| faults.metadata = vec![("issuer", json!("http://127.0.0.1/other"))],
        |faults| faults.metadata = vec![("jwks_uri", Value::Null)],
        |faults| faults.metadata = vec![("jwks_uri", json!("http://example.com/keys"))],
        |faults| faults.metadata = vec![("jwks_uri", json!("file:///etc/passwd"))],
        |faults| faults.metadata_body = Some("[]".into()),
    ] {
        *world.issuer.faults() = issuer::Faults::default();
        fault(&mut world.issuer.faults());
        world.clock.advance(Duration::from_secs(3));
        let answer = world.get("/asteroids", Some(&token)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
        assert!(answer.json()["error"].is_string());
        assert!(!answer.headers.contains_key("www-authenticate"));
        assert_eq!(
            world.get("/visitors", None).await.status,
            200,
            "open stays open"
        );
    }
    *world.issuer.faults() = issuer::Faults::default();
    assert_eq!(world.status(&token).await, 503, "not asked again at once");
    world.clock.advance(Duration::from_secs(3));
    assert_eq!(world.status(&token).await, 200);
}

#[tokio::test]
async fn repeated_members_in_the_metadata_are_refused() {
    let world = World::new(By::Keys).await;
    let issuer = world.issuer.identifier();
    let doubled =
        format!(r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/keys","jwks_uri":"{issuer}/keys"}}"#);
    world.issuer.faults().metadata_body = Some(doubled);
    assert_eq!(world.status(&world.token("openid")).await, 503);
}

#[tokio::test]
async fn sec_tok_11_a_new_key_is_fetched_at_once_and_then_once_a_minute_at_most() {
    let world = World::new(By::Keys).await;
    assert_eq!(world.status(&world.token("openid")).await, 200);
    world.issuer.rotate();
    let new = world.token_with("openid", "jti", json!("new"));
    assert_eq!(world.status(&new).await, 200, "at once");
    assert_eq!(world.issuer.key_fetches(), 2);

    for number in 0..50 {
        let stranger = issuer::new_key();
        let junk = stranger
            .sign("at+jwt", &world.claims(&format!("a{number}")))
            .unwrap();
        assert_eq!(world.status(&junk).await, 401);
    }
    assert_eq!(
        world.issuer.key_fetches(),
        2,
        "unknown keys do not fetch within the minute"
    );

    world.issuer.rotate();
    let newer = world.token_with("openid", "jti", json!("newer"));
    assert_eq!(world.status(&newer).await, 401, "within the minute");
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.status(&newer).await, 200);
    assert_eq!(world.issuer.key_fetches(), 3);
    let old_key = world.status(&new).await;
    assert_eq!(old_key, 401, "a key that is no longer published is dropped");
}

/// A rotation seen by many at once: who comes while the one fetch is on its way waits for what it brings.
#[tokio::test]
async fn sec_tok_11_who_comes_while_new_keys_are_fetched_shares_that_fetch_and_its_failure() {
    let world = World::new(By::Keys).await;
    assert_eq!(world.status(&world.token("openid")).await, 200);
    world.issuer.rotate();
    world.issuer.faults().slow = Duration::from_millis(300);
    let all_at_once = async |status: u16| {
        let asking = (0..30).map(|number| {
            let token = world.token_with("openid", "jti", json!(number));
            let world = &world;
            async move {
                tokio::time::sleep(Duration::from_millis(5 * number)).await;
                world.status(&token).await
            }
        });
        let statuses = futures_util::future::join_all(asking).await;
        assert!(statuses.iter().all(|seen| *seen == status), "{statuses:?}");
    };
    all_at_once(200).await;
    assert_eq!(world.issuer.key_fetches(), 2);

    world.issuer.rotate();
    world.issuer.faults().keys_status = Some(500);
    world.clock.advance(Duration::from_secs(60));
    all_at_once(503).await;
    assert_eq!(world.issuer.key_fetches(), 3);
}

#[tokio::test]
async fn sec_tok_11_failures_count_into_the_minute_and_old_keys_stay() {
    let world = World::new(By::Keys).await;
    let known = world.token("openid");
    assert_eq!(world.status(&known).await, 200);
    world.issuer.faults().keys_status = Some(500);
    let junk = issuer::new_key()
        .sign("at+jwt", &world.claims("a"))
        .unwrap();
    for _ in 0..20 {
        assert_eq!(
            world.status(&junk).await,
            503,
            "whether it is good cannot be known"
        );
    }
    assert_eq!(world.issuer.key_fetches(), 2);
    let other = world.token_with("openid", "jti", json!("2"));
    assert_eq!(world.status(&other).await, 200, "known keys stay in use");
}

#[tokio::test]
async fn sec_tok_11_old_keys_are_fetched_again_in_the_background() {
    let world = World::new(By::Keys).await;
    assert_eq!(world.status(&token_of_now(&world)).await, 200);
    world.clock.advance(Duration::from_secs(601));
    assert_eq!(world.status(&token_of_now(&world)).await, 200);
    for _ in 0..100 {
        if world.issuer.key_fetches() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        world.issuer.key_fetches(),
        2,
        "fetched again in the background"
    );
}

/// The only keys are those of the beginning, so a day is counted from there to the second.
#[tokio::test]
async fn sec_tok_11_keys_last_a_day_of_outage_and_no_second_longer() {
    let world = World::new(By::Keys).await;
    assert_eq!(world.status(&token_of_now(&world)).await, 200);
    world.issuer.faults().keys_status = Some(500);
    for (seconds, status) in [(23 * 3600, 200), (3600, 200), (1, 503)] {
        world.clock.advance(Duration::from_secs(seconds));
        assert_eq!(
            world.status(&token_of_now(&world)).await,
            status,
            "{seconds} later"
        );
    }
}

#[tokio::test]
async fn sec_tok_16_a_remembered_token_is_judged_every_time_and_shared_with_no_other() {
    let world = World::new(By::Keys).await;
    let token = world.token(GOLD);
    assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
    assert_eq!(world.get("/planets", Some(&token)).await.status, 403);
    assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
    let altered = format!("{}x", &token[..token.len() - 1]);
    assert_eq!(world.get("/moons", Some(&altered)).await.status, 401);
}

/// While the memory still counts: a token that ends, and one that shows that it is remembered, since
/// its key is no longer published.
#[tokio::test]
async fn sec_tok_16_a_remembered_token_ends_with_its_time() {
    let world = World::new(By::Keys).await;
    let ends = |seconds: i64| json!(world.clock.now() + seconds);
    let over = world.token_with(GOLD, "exp", ends(-59)); // one second of leeway is left
    let short = world.token_with(GOLD, "exp", ends(30));
    let long = world.token_with(GOLD, "exp", ends(600));
    for token in [&over, &short, &long] {
        assert_eq!(world.get("/moons", Some(token)).await.status, 200);
    }
    world.issuer.rotate();
    let new = world.token_with("openid", "jti", json!("new"));
    assert_eq!(world.status(&new).await, 200, "the old key is dropped");
    assert_eq!(
        world.get("/moons", Some(&over)).await.status,
        401,
        "never remembered"
    );
    for (seconds, of_short) in [(29, 200), (1, 401), (29, 401)] {
        world.clock.advance(Duration::from_secs(seconds));
        assert_eq!(world.get("/moons", Some(&short)).await.status, of_short);
        assert_eq!(
            world.get("/moons", Some(&long)).await.status,
            200,
            "remembered"
        );
    }
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(
        world.get("/moons", Some(&long)).await.status,
        401,
        "forgotten"
    );
}

#[tokio::test]
async fn sec_tok_16_a_withdrawn_key_opens_for_a_minute_at_most() {
    let world = World::new(By::Keys).await;
    let token = world.token(GOLD);
    assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
    world.issuer.rotate();
    let other = world.token_with("openid", "jti", json!("new"));
    assert_eq!(world.status(&other).await, 200);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.get("/moons", Some(&token)).await.status, 401);
}
