//! What a refusal says: status, challenge, body.

use super::*;

#[tokio::test]
async fn sec_gw_04_no_token_is_a_bare_challenge_and_the_tutorials_sentence() {
    let world = World::new(By::Keys).await;
    let answer = world.get("/planets", None).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.header("www-authenticate"),
        r#"Bearer resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/v1/planets""#
    );
    assert_eq!(answer.body, r#"{"error":"Access token was not provided"}"#);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn sec_gw_04_a_bad_token_is_invalid_token_with_a_sentence() {
    let world = World::new(By::Keys).await;
    let expired = world.token_with("openid", "exp", json!(world.clock.now() - 100));
    let answer = world.get("/planets", Some(&expired)).await;
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate");
    let expected =
        r#"Bearer error="invalid_token", error_description="The token expired 100 seconds ago.", "#;
    assert!(challenge.starts_with(expected), "{challenge}");
    assert_eq!(answer.json()["error"], "invalid_token");
    assert_eq!(
        answer.json()["error_description"],
        "The token expired 100 seconds ago."
    );
}

#[tokio::test]
async fn sec_gw_04_what_a_token_says_cannot_break_out_of_the_challenge() {
    let world = World::new(By::Keys).await;
    let odd = world.token_with("openid", "iss", json!("x\", scope=\"gold\r\nx: y"));
    let answer = world.get("/planets", Some(&odd)).await;
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate");
    assert_eq!(challenge.matches('"').count(), 6, "{challenge}");
    assert!(
        !challenge.contains(['\r', '\n', '\\']) && !answer.headers.contains_key("x"),
        "{challenge}"
    );
}

#[tokio::test]
async fn sec_gw_04_a_missing_scope_is_named_with_what_is_there() {
    let world = World::new(By::Keys).await;
    let answer = world
        .get("/moons", Some(&world.token(&format!("openid {SILVER}"))))
        .await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.header("www-authenticate"),
        r#"Bearer error="insufficient_scope", scope="http://myapp.com/scp/gold", resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/v1/moons""#
    );
    let body = answer.json();
    assert_eq!(body["error"], "insufficient_scope");
    assert_eq!(body["needed"], json!([GOLD]));
    assert_eq!(body["granted"], json!(["openid", SILVER]));
}

#[tokio::test]
async fn a_strange_client_is_403_without_naming_a_scope() {
    let world = World::new(By::Keys).await;
    let answer = world
        .get(
            "/moons",
            Some(&world.token_with(GOLD, "client_id", json!("other"))),
        )
        .await;
    assert_eq!(
        (answer.status, answer.header("www-authenticate")),
        (403, "")
    );
    assert!(
        answer.json()["error"]
            .as_str()
            .unwrap()
            .contains("not recognised")
    );
    let nameless = world.token_with(GOLD, "client_id", Value::Null);
    assert_eq!(world.get("/moons", Some(&nameless)).await.status, 403);
}

#[tokio::test]
async fn sec_gw_01_unnamed_paths_are_404_and_other_methods_405_in_json() {
    let world = World::new(By::Keys).await;
    let gold = world.token(GOLD);
    for path in [
        "/",
        "/moon",
        "/moons/",
        "/moons/io",
        "/MOONS",
        "/api/moons",
        "/health",
    ] {
        let answer = world.get(path, Some(&gold)).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.json()["error"].is_string() && !answer.headers.contains_key("www-authenticate")
        );
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "FROB", "get"] {
        let mut request = get("/moons", Some(&gold));
        *request.method_mut() = method.parse().unwrap();
        let answer = world.send(request).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, "GET, HEAD, OPTIONS"),
            "{method}"
        );
        assert!(answer.json()["error"].is_string());
    }
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn sec_gw_08_options_is_answered_here_and_lets_no_origin_in() {
    let world = World::new(By::Keys).await;
    let request = |path| {
        Request::options(path)
            .header("origin", "http://evil.example")
            .header("access-control-request-method", "GET")
            .body(Body::empty())
            .unwrap()
    };
    let answer = world.send(request("/moons")).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (204, "GET, HEAD, OPTIONS")
    );
    let cors = answer
        .headers
        .keys()
        .filter(|name| name.as_str().starts_with("access-control"));
    assert_eq!(cors.count(), 0);
    assert_eq!(world.send(request("/nothing")).await.status, 404);
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn sec_gw_02_unclean_paths_are_400_before_anything_else() {
    let world = World::new(By::Keys).await;
    let gold = world.token(GOLD);
    for path in [
        "//moons",
        "/moons//",
        "/./moons",
        "/x/../moons",
        "/%6doons",
        "/moons%00",
        "/moons%2f",
        "/%2e/moons",
        "/x%2f..%2fmoons",
        "/moons;a=b",
        "/moons%3b",
        "/moons%23",
        "/moons%25",
        "/..;/moons",
        "/visitors/..%2fmoons",
        "/visitors%2f..%2fmoons",
        "/visitors/%2e%2e/moons",
        "/visitors/../moons",
        "/visitors/..;/moons",
    ] {
        let answer = world.get(path, Some(&gold)).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.json()["error"].is_string());
    }
    assert!(world.api.take().is_empty());
    let long = format!("/moons?{}", "a".repeat(9_000));
    assert_eq!(world.get(&long, Some(&gold)).await.status, 414);
}

/// A program behind the gateway decodes a path before it looks it up: the narrow rule must hold
/// for whatever it would find there.
#[tokio::test]
async fn sec_gw_02_another_spelling_of_a_path_does_not_slip_under_a_wider_rule() {
    let world = World::with(By::Keys, |config| {
        let mut blueprint = Blueprint::default();
        let wide = blueprint.resources[1].clone(); // any token
        let narrow = blueprint.resources.last().unwrap().clone(); // gold
        for (path, like) in [
            ("/files/*", &wide),
            ("/files/all:export", &narrow),
            ("/files/a!b@c$d&e'f(g)h+i,j=k", &narrow),
        ] {
            let mut resource = like.clone();
            resource.path = path.into();
            blueprint.resources.push(resource);
        }
        config.policy = Policy::of(&blueprint);
    })
    .await;
    let silver = world.token(SILVER);
    for (path, status) in [
        ("/files/other", 200),
        ("/files/all:export", 403),
        ("/files/all%3Aexport", 400),
        ("/files/all%3aexport", 400),
        ("/files/a!b@c$d&e'f(g)h+i,j=k", 403),
        ("/files/a%21b@c$d&e'f(g)h+i,j=k", 400),
        ("/files/a!b%40c$d&e'f(g)h+i,j=k", 400),
        ("/files/a!b@c%24d&e'f(g)h+i,j=k", 400),
        ("/files/a!b@c$d%26e'f(g)h+i,j=k", 400),
        ("/files/a!b@c$d&e%27f(g)h+i,j=k", 400),
        ("/files/a!b@c$d&e'f%28g)h+i,j=k", 400),
        ("/files/a!b@c$d&e'f(g%29h+i,j=k", 400),
        ("/files/a!b@c$d&e'f(g)h%2Bi,j=k", 400),
        ("/files/a!b@c$d&e'f(g)h+i%2cj=k", 400),
        ("/files/a!b@c$d&e'f(g)h+i,j%3Dk", 400),
        ("/files/%2a", 400),
    ] {
        let answer = world.get(path, Some(&silver)).await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn sec_gw_03_a_second_place_for_a_token_is_400_even_where_none_is_needed() {
    let world = World::new(By::Keys).await;
    let gold = world.token(GOLD);
    for path in ["/visitors", "/moons"] {
        for query in [
            format!("access_token={gold}"),
            "a=1&access%5Ftoken=x".into(),
        ] {
            let answer = world.get(&format!("{path}?{query}"), Some(&gold)).await;
            assert_eq!(answer.status, 400, "{path} {query}");
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.starts_with(r#"Bearer error="invalid_request""#),
                "{challenge}"
            );
            assert!(!answer.body.contains(&gold));
        }
        let twice = Request::get(path)
            .header("authorization", format!("Bearer {gold}"))
            .header("authorization", "Basic YTpi");
        let answer = world.send(twice.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (400, Some("invalid_request"))
        );
        let form = Request::get(path)
            .header(
                "content-type",
                "Application/X-WWW-Form-Urlencoded;charset=utf-8",
            )
            .body(Body::from("access_token=x"));
        assert_eq!(world.send(form.unwrap()).await.status, 400);
    }
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn sec_com_19_another_protocol_is_not_spoken() {
    let world = World::new(By::Keys).await;
    let request = Request::get("/visitors")
        .header("connection", "upgrade")
        .header("upgrade", "websocket");
    assert_eq!(
        world
            .send(request.body(Body::empty()).unwrap())
            .await
            .status,
        400
    );
    let connect = Request::builder()
        .method("CONNECT")
        .uri("moons:443")
        .body(Body::empty());
    assert_eq!(world.send(connect.unwrap()).await.status, 400);
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn a_body_has_a_length() {
    let world = World::new(By::Keys).await;
    let with = |length: usize| {
        Request::get("/visitors")
            .body(Body::from("a".repeat(length)))
            .unwrap()
    };
    assert_eq!(world.send(with(64 * 1024)).await.status, 200);
    assert_eq!(world.api.only().body.len(), 64 * 1024);
    assert_eq!(world.send(with(64 * 1024 + 1)).await.status, 413);
    assert!(world.api.take().is_empty());
}
