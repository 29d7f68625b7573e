//! Other rules for a gateway that runs.

use super::*;
use crate::blueprint::Takes;
use std::time::Duration;

/// The default rules with one resource's changed.
fn changed(name: &str, takes: Takes) -> Policy {
    let mut blueprint = Blueprint::default();
    let mut resources = blueprint.resources.iter_mut();
    resources.find(|one| one.name == name).unwrap().takes = takes;
    Policy::of(&blueprint)
}

fn silver() -> Takes {
    Takes::Scopes(crate::oauth::Scopes::parse(SILVER).unwrap())
}

#[tokio::test]
async fn gw_20_after_a_reload_scope_is_judged_anew_and_a_token_stays_verified() {
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        let token = world.token(SILVER);
        assert_eq!(world.get("/moons", Some(&token)).await.status, 403);
        let asked = world.issuer.introspections() + world.issuer.key_fetches();

        world
            .handle
            .replace_rules(changed("moons", silver()), "New".to_owned());
        assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
        let metadata = "/.well-known/oauth-protected-resource";
        let described = world.get(metadata, None).await.json();
        assert_eq!(described["resource_name"], "New");
        assert_eq!(described["scopes_supported"], json!(["read", SILVER]));

        world
            .handle
            .replace_rules(changed("visitors", Takes::AnyToken), String::new());
        assert_eq!(world.get("/moons", Some(&token)).await.status, 403);
        assert_eq!(world.get("/visitors", None).await.status, 401);
        assert_eq!(world.get("/visitors", Some(&token)).await.status, 200);
        let again = world.issuer.introspections() + world.issuer.key_fetches();
        assert_eq!(asked, again, "what was found out about the token is kept");
    }
}

#[tokio::test]
async fn gw_20_a_request_in_flight_ends_by_the_rules_it_began_with() {
    let world = World::new(By::Introspection).await;
    world.issuer.faults().slow = Duration::from_millis(200);
    let token = world.token(GOLD);
    let in_flight = world.get("/moons", Some(&token)); // while the issuer is asked
    let reload = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world
            .handle
            .replace_rules(changed("moons", silver()), String::new());
    };
    let (answer, ()) = tokio::join!(in_flight, reload);
    assert_eq!(answer.status, 200);
    assert_eq!(world.get("/moons", Some(&token)).await.status, 403);
}
