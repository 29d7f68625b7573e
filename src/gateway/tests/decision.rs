//! The decision endpoint answers as the gateway itself would, and hands nothing out.

use super::*;

/// What another gateway asks: this method and raw target, with these headers of the caller.
fn call(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get("/decision")
        .header("x-forwarded-method", method)
        .header("x-forwarded-uri", target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

impl World {
    async fn decides(&self, target: &str, token: Option<&str>) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|b| ("authorization", &**b)).collect();
        self.send(call("GET", target, &headers)).await
    }
}

#[tokio::test]
async fn sec_gw_07_a_decision_is_what_the_gateway_itself_would_answer() {
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        let (silver, gold) = (world.token(SILVER), world.token(GOLD));
        let expired = world.token_with(GOLD, "exp", json!(1));
        let strange = world.token_with(GOLD, "client_id", json!("other"));
        let tokens = [
            None,
            Some("junk"),
            Some(&*silver),
            Some(&gold),
            Some(&expired),
            Some(&strange),
        ];
        for path in [
            "/visitors",
            "/asteroids",
            "/comets",
            "/planets",
            "/moons",
            "/moons?a=b",
            "/moons?access_token=x",
            "/visitors?access_token=x",
            "/moon",
            "/moons/",
            "/%6doons",
            "//moons",
            "/visitors/../moons",
            "/visitors/..;/moons",
            "/moons%00",
        ] {
            for token in tokens {
                let itself = world.get(path, token).await;
                let decision = world.decides(path, token).await;
                assert_eq!(decision.status, itself.status, "{path} {token:?}");
                let challenge = decision.header("www-authenticate");
                assert_eq!(challenge, itself.header("www-authenticate"), "{path}");
                if decision.status == 200 {
                    assert_eq!(decision.body, "", "{path}");
                } else {
                    assert_eq!(decision.body, itself.body, "{path}");
                }
                assert_eq!(decision.header("cache-control"), "no-store");
                let said = format!("{:?}", decision.headers);
                assert!(!said.contains(KEY) && !said.contains(&gold), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn a_yes_names_who_asks_and_the_api_is_not_asked() {
    let world = World::new(By::Keys).await;
    let token = world.token(&format!("openid {GOLD}"));
    let yes = world.decides("/moons?page=2", Some(&token)).await;
    assert_eq!(yes.status, 200);
    assert_eq!(yes.header("x-auth-subject"), "carl");
    assert_eq!(yes.header("x-auth-client"), "solar-system-app");
    assert_eq!(yes.header("x-auth-scope"), format!("openid {GOLD}"));

    let open = world.decides("/visitors", Some(&token)).await;
    assert_eq!(open.status, 200);
    for name in ["x-auth-subject", "x-auth-client", "x-auth-scope"] {
        assert!(!open.headers.contains_key(name), "{name}");
    }
    // nothing that a caller sent comes back as if it were ours
    let forged = [("x-auth-subject", "admin"), ("x-auth-scope", GOLD)];
    let forged = world.send(call("GET", "/visitors", &forged)).await;
    assert_eq!(forged.status, 200);
    assert!(!forged.headers.contains_key("x-auth-subject"));
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn sec_gw_08_the_forwarded_method_is_judged_and_not_the_calls_own() {
    let world = World::new(By::Keys).await;
    let bearer = format!("Bearer {}", world.token(GOLD));
    for (method, status) in [
        ("GET", 200),
        ("HEAD", 200),
        ("POST", 405),
        ("DELETE", 405),
        ("OPTIONS", 405), // a 204 would be taken for a yes
        ("TRACE", 405),
        ("get", 405),
        ("GET, GET", 400),
        ("", 400),
        ("CONNECT", 400),
    ] {
        let headers = [("authorization", bearer.as_str())];
        let answer = world.send(call(method, "/moons", &headers)).await;
        assert_eq!(answer.status, status, "{method:?}");
        if status == 405 {
            assert_eq!(answer.header("allow"), "GET, HEAD", "{method}");
        }
    }
    for (own, status) in [("HEAD", 200), ("POST", 405), ("PUT", 405), ("OPTIONS", 405)] {
        let mut request = call("GET", "/visitors", &[]);
        *request.method_mut() = own.parse().unwrap();
        assert_eq!(world.send(request).await.status, status, "{own}");
    }
}

#[tokio::test]
async fn sec_gw_02_a_call_says_exactly_once_what_is_asked() {
    let world = World::new(By::Keys).await;
    let bearer = format!("Bearer {}", world.token(GOLD));
    let target = |target| ("x-forwarded-uri", target);
    let method = ("x-forwarded-method", "GET");
    for headers in [
        vec![],
        vec![method],
        vec![target("/visitors")],
        vec![method, method, target("/visitors")],
        vec![method, target("/visitors"), target("/visitors")],
        vec![method, target("/visitors"), target("/moons")],
        vec![method, target("")],
        vec![method, target("visitors")],
        vec![method, target("?/visitors")],
        vec![method, target("http://x/visitors")],
        vec![method, target("/visitors#/moons")],
        vec![method, target("/visitors /moons")],
        vec![method, target("/visitors\u{e4}")],
        vec![method, target("/visitors"), ("upgrade", "websocket")],
        vec![method, target("/visitors"), ("transfer-encoding", "gzip")],
        vec![
            method,
            target("/moons"),
            ("authorization", &bearer),
            ("authorization", "Basic YTpi"),
        ],
    ] {
        let mut request = Request::get("/decision");
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 400, "{headers:?}");
        assert!(answer.json()["error"].is_string());
    }
    let long = format!("/visitors?{}", "a".repeat(9_000));
    assert_eq!(world.decides(&long, None).await.status, 414);
}

/// What the call's own address says is not what is asked.
#[tokio::test]
async fn the_calls_own_query_and_path_do_not_matter() {
    let world = World::new(By::Keys).await;
    let mut request = call("GET", "/visitors", &[]);
    *request.uri_mut() = "/decision?access_token=x".parse().unwrap();
    assert_eq!(world.send(request).await.status, 200);
    for elsewhere in ["/decision/", "/decision/visitors", "/Decision"] {
        let mut request = call("GET", "/visitors", &[]);
        *request.uri_mut() = elsewhere.parse().unwrap();
        assert_eq!(world.send(request).await.status, 404, "{elsewhere}");
    }
}

#[tokio::test]
async fn sec_gw_12_an_outage_is_no_yes_either() {
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        world.issuer.faults().metadata_body = Some("[]".into());
        let token = world.token(GOLD);
        let answer = world.decides("/moons", Some(&token)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
        assert_eq!(world.decides("/visitors", None).await.status, 200);
    }
}

/// A gateway that cannot hand on what it was told asks a second time, to fetch the refusal whole. A yes
/// that comes then must not reach the caller as the API's answer.
#[tokio::test]
async fn sec_gw_12_who_was_refused_a_moment_ago_is_told_to_come_again_and_not_yes() {
    let world = World::new(By::Keys).await;
    let bearer = format!("Bearer {}", world.token(GOLD));
    let said = |value, target| {
        let headers = [("authorization", bearer.as_str()), ("x-decision", value)];
        world.send(call("GET", target, &headers))
    };
    for target in ["/moons", "/visitors"] {
        let again = said("refused", target).await;
        assert_eq!((again.status, again.header("retry-after")), (503, "5"));
        assert!(!again.headers.contains_key("x-auth-subject"));
        assert!(again.json()["error"].is_string());
    }
    assert_eq!(said("refused", "/planets").await.status, 403);
    assert_eq!(said("", "/moons").await.status, 200);
}
