//! Who cannot be asked does not let anybody in: 503, whatever is missing (GW-12, GW-13).

use super::*;
use std::time::Duration;

/// The address of nobody.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A gateway whose issuer is not there at all.
async fn alone(by: By) -> World {
    let issuer = nobody().await;
    World::with(by, |config| config.issuer = issuer).await
}

#[tokio::test]
async fn gw_12_an_issuer_that_is_not_there_is_503_by_both_policies() {
    for by in [By::Keys, By::Introspection] {
        let world = alone(by).await;
        let token = world.token(GOLD);
        for path in ["/moons", "/asteroids", "/comets"] {
            let answer = world.get(path, Some(&token)).await;
            assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
            assert!(!answer.headers.contains_key("www-authenticate"));
        }
        assert_eq!(world.get("/moons", None).await.status, 401);
        assert!(world.api.take().is_empty());
    }
}

/// What was found out stays found out, for as long as it would have otherwise.
#[tokio::test]
async fn gw_12_an_issuer_that_goes_away_takes_nobody_in_anew() {
    for (by, remembered) in [(By::Keys, 60), (By::Introspection, 30)] {
        let world = World::new(by).await;
        let known = world.token(GOLD);
        assert_eq!(world.get("/moons", Some(&known)).await.status, 200);
        world.issuer.faults().introspection = Some((500, String::new()));
        world.issuer.faults().keys_status = Some(500);
        world.issuer.faults().metadata_body = Some(String::new());
        assert_eq!(world.get("/moons", Some(&known)).await.status, 200);
        world.clock.advance(Duration::from_secs(remembered));
        let later = world.get("/moons", Some(&known)).await.status;
        let unknown = world.token_with(GOLD, "jti", json!("2"));
        let another = world.get("/moons", Some(&unknown)).await.status;
        // keys outlive an outage for a day; an answer about a token does not
        let due = if by == By::Keys { 200 } else { 503 };
        assert_eq!((later, another), (due, due), "{by:?}");
        world.clock.advance(Duration::from_secs(25 * 3_600));
        let fresh = world.token_with(GOLD, "exp", json!(world.clock.now() + 600));
        assert_eq!(world.get("/moons", Some(&fresh)).await.status, 503);
    }
}

/// A thousand strangers cost one fetch of keys a minute, and no pass.
#[tokio::test]
async fn gw_13_a_thousand_unknown_keys_cost_one_fetch_a_minute() {
    let world = World::new(By::Keys).await;
    assert_eq!(world.status(&world.token("openid")).await, 200);
    let stranger = issuer::new_key();
    for minute in 1..=2 {
        for number in 0..1_000 {
            let mut claims = world.claims(GOLD);
            claims["jti"] = json!(number);
            let junk = stranger.sign("at+jwt", &claims).unwrap();
            assert_eq!(world.status(&junk).await, 401);
        }
        assert_eq!(world.issuer.key_fetches(), 1 + minute);
        world.clock.advance(Duration::from_secs(60));
    }
    assert!(world.api.take().len() == 1);
}
