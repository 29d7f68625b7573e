//! Protected resource metadata (RFC 9728), and where challenges point.

use super::*;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[tokio::test]
async fn gw_17_the_gateway_describes_itself_to_anybody() {
    let world = World::new(By::Keys).await;
    let answer = world.get(WELL_KNOWN, None).await;
    assert_eq!(answer.status, 200);
    let description = Blueprint::default().api.description;
    assert_eq!(
        answer.json(),
        json!({
            "resource": PUBLIC,
            "authorization_servers": [world.issuer.identifier()],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["read", SILVER, GOLD],
            "resource_name": description,
        })
    );
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let mut request = get(WELL_KNOWN, None);
        *request.method_mut() = method.parse().unwrap();
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"));
    }
    assert!(world.api.take().is_empty());
    assert_eq!(world.issuer.key_fetches(), 0);
}

/// What section 3.3 has a client compare: `resource` is the very URL that was asked.
#[tokio::test]
async fn gw_17_a_challenge_leads_to_metadata_of_the_resource_that_was_asked() {
    let world = World::new(By::Keys).await;
    let silver = world.token(SILVER);
    for (path, token, scopes) in [
        ("/moons", None, json!([GOLD])),
        ("/moons?a=b", Some("junk"), json!([GOLD])),
        ("/moons", Some(&*silver), json!([GOLD])),
        ("/asteroids", None, Value::Null),
    ] {
        let refused = world.get(path, token).await;
        let challenge = refused.header("www-authenticate");
        let (_, url) = challenge.split_once("resource_metadata=\"").unwrap();
        let url = Url::parse(url.trim_end_matches('"')).unwrap();
        assert_eq!(url.host_str(), Some("gateway.example"));
        let described = world.get(url.path(), None).await.json();
        let bare = path.split('?').next().unwrap();
        assert_eq!(described["resource"], format!("{PUBLIC}{bare}"));
        assert_eq!(described["scopes_supported"], scopes, "{path}");
    }
}

#[tokio::test]
async fn gw_17_where_no_challenge_is_due_nothing_points_to_metadata() {
    let world = World::new(By::Keys).await;
    let strange = world.token_with(GOLD, "client_id", json!("other"));
    for (path, status) in [("/moons", 403), ("/nothing", 404), ("/%6doons", 400)] {
        let answer = world.get(path, Some(&strange)).await;
        assert_eq!(answer.status, status);
        assert!(!answer.headers.contains_key("www-authenticate"), "{path}");
    }
    for unknown in ["/nothing", "/", "/moons/io", "/v1/"] {
        let answer = world.get(&format!("{WELL_KNOWN}{unknown}"), None).await;
        assert_eq!(answer.status, 404, "{unknown}");
    }
    let unclean = world.get(&format!("{WELL_KNOWN}/a/../moons"), None).await;
    assert_eq!(unclean.status, 400);
}

/// Such paths are in nobody's way: what the blueprint names there is refused when it is read.
#[tokio::test]
async fn a_wide_rule_does_not_hide_what_the_gateway_says_of_itself() {
    let world = World::with(By::Keys, |config| {
        let mut blueprint = Blueprint::default();
        let mut wide = blueprint.resources[0].clone();
        "/*".clone_into(&mut wide.path);
        blueprint.resources.push(wide);
        config.policy = Policy::of(&blueprint);
    })
    .await;
    assert_eq!(world.get(WELL_KNOWN, None).await.status, 200);
    assert_eq!(world.get("/decision", None).await.status, 400);
    assert!(world.api.take().is_empty());
    assert_eq!(world.get("/anything", None).await.status, 200);
}
