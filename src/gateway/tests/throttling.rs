//! 429: whom it meets, whom it does not, and what it costs nobody.

use super::*;
use crate::net::Peer;
use std::num::NonZeroU32;

/// How many at once a rate of one a second lets through.
const BURST: usize = 30;

async fn world(by: By, change: impl FnOnce(&mut Rates)) -> World {
    World::with(by, |config| {
        change(&mut config.rates);
        config.proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await
}

fn one() -> Option<NonZeroU32> {
    NonZeroU32::new(1)
}

/// A request from an address.
fn from(address: &str, path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = get(path, token);
    let peer = Peer(address.parse().unwrap());
    request.extensions_mut().insert(peer);
    request
}

impl World {
    /// The statuses of so many requests.
    async fn times(&self, count: usize, path: &str, token: &str) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..count {
            statuses.push(self.get(path, Some(token)).await.status);
        }
        statuses
    }
}

fn all(statuses: &[u16], status: u16) -> bool {
    statuses.iter().all(|one| *one == status)
}

#[tokio::test]
async fn gw_15_a_client_is_told_to_wait_and_others_are_not() {
    for by in [By::Keys, By::Introspection] {
        let world = world(by, |rates| rates.client = one()).await;
        let app = world.token(GOLD);
        let machine = world.token_with("read", "client_id", json!("telescope"));
        assert!(all(&world.times(BURST, "/moons", &app).await, 200));
        let refused = world.get("/moons", Some(&app)).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
        assert!(refused.json()["error"].is_string());
        assert!(!refused.headers.contains_key("www-authenticate"));
        // another token of the same client is no way round it, another client's is its own matter
        let other = world.token_with(GOLD, "sub", json!("jodie"));
        assert_eq!(world.get("/moons", Some(&other)).await.status, 429);
        assert_eq!(world.get("/comets", Some(&machine)).await.status, 200);
        assert_eq!(world.get("/visitors", Some(&app)).await.status, 200);
        assert_eq!(world.api.take().len(), BURST + 2);
    }
}

#[tokio::test]
async fn gw_15_a_person_is_told_to_wait_whatever_the_client_and_no_machine_of_that_name() {
    let world = world(By::Keys, |rates| rates.user = one()).await;
    let carl = world.token(GOLD);
    let jodie = world.token_with(GOLD, "sub", json!("jodie"));
    assert!(all(&world.times(BURST, "/moons", &carl).await, 200));
    assert_eq!(world.get("/moons", Some(&carl)).await.status, 429);
    let elsewhere = world.token_with(GOLD, "client_id", json!("telescope"));
    assert_eq!(world.get("/moons", Some(&elsewhere)).await.status, 429);
    assert_eq!(world.get("/moons", Some(&jodie)).await.status, 200);

    // a machine acts for itself: it is counted as a client alone
    let mut claims = world.claims("read");
    claims["client_id"] = json!("telescope");
    claims["sub"] = json!("telescope");
    let machine = world.token_of("at+jwt", &claims);
    assert!(all(&world.times(BURST + 5, "/comets", &machine).await, 200));
}

/// A client called like a person shares no bucket with them.
#[tokio::test]
async fn gw_15_tokens_of_clients_and_of_people_are_counted_apart() {
    let world = world(By::Keys, |rates| {
        (rates.client, rates.user) = (one(), one());
    })
    .await;
    let mut claims = world.claims(GOLD);
    claims["sub"] = json!("telescope");
    let person = world.token_of("at+jwt", &claims);
    assert!(all(&world.times(BURST, "/moons", &person).await, 200));
    assert_eq!(world.get("/moons", Some(&person)).await.status, 429);
    let machine = world.token_with("read", "client_id", json!("telescope"));
    assert_eq!(world.get("/comets", Some(&machine)).await.status, 200);
}

#[tokio::test]
async fn gw_14_a_throttled_address_costs_neither_keys_nor_the_issuer_nor_the_api() {
    for by in [By::Keys, By::Introspection] {
        let world = world(by, |rates| rates.address = one()).await;
        for number in 0..BURST {
            let path = format!("/nothing/{number}");
            let answer = world.send(from("192.0.2.1", &path, None)).await;
            assert_eq!(answer.status, 404);
        }
        let gold = world.token(GOLD);
        for (path, token) in [
            ("/moons", Some("junk")),
            ("/moons", Some(&*gold)),
            ("/visitors", None),
            ("/decision", None),
            ("/.well-known/oauth-protected-resource", None),
            ("/%6doons", None),
        ] {
            let answer = world.send(from("192.0.2.1", path, token)).await;
            assert_eq!(answer.status, 429, "{path}");
        }
        assert_eq!(world.issuer.key_fetches(), 0);
        assert_eq!(world.issuer.introspections(), 0);
        assert!(world.api.take().is_empty());
        let neighbour = world.send(from("192.0.2.2", "/moons", Some(&gold))).await;
        assert_eq!(neighbour.status, 200);
    }
}

/// COM-18: who is no listed proxy cannot choose the address that is counted.
#[tokio::test]
async fn gw_14_an_address_is_said_by_listed_proxies_alone() {
    let world = world(By::Keys, |rates| rates.address = one()).await;
    let claims = |peer: &str, number: usize| {
        let mut request = from(peer, "/visitors", None);
        let said = format!("203.0.113.{number}").parse().unwrap();
        request.headers_mut().insert("x-forwarded-for", said);
        request
    };
    for number in 0..BURST {
        let answer = world.send(claims("192.0.2.1", number)).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(world.send(claims("192.0.2.1", 99)).await.status, 429);
    for number in 0..2 * BURST {
        let answer = world.send(claims("127.0.0.1", number)).await;
        assert_eq!(answer.status, 200, "through the proxy, each on their own");
    }
}

#[tokio::test]
async fn gw_15_a_person_who_asks_too_much_takes_nothing_of_their_clients() {
    let world = world(By::Keys, |rates| {
        rates.client = NonZeroU32::new(2);
        rates.user = one();
    })
    .await;
    let carl = world.token(GOLD);
    let jodie = world.token_with(GOLD, "sub", json!("jodie"));
    let statuses = world.times(3 * BURST, "/moons", &carl).await;
    assert!(all(&statuses[..BURST], 200));
    assert!(statuses[2 * BURST..].contains(&429));
    assert_eq!(world.get("/moons", Some(&jodie)).await.status, 200);
}
