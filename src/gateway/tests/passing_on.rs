//! What reaches the API, and what reaches the caller.

use super::*;

fn names(headers: &HeaderMap) -> Vec<String> {
    let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_api_is_told_who_asks_and_never_sees_the_token() {
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        let token = world.token(&format!("openid {GOLD}"));
        let request = Request::get("/moons")
            .header("authorization", format!("Bearer {token}"))
            .header("cookie", "session=1")
            .header("accept", "application/json")
            .header("traceparent", "00-1-2-01");
        assert_eq!(
            world
                .send(request.body(Body::empty()).unwrap())
                .await
                .status,
            200
        );
        let asked = world.api.only();
        let told = |name: &str| asked.headers[name].to_str().unwrap().to_owned();
        assert_eq!(told("x-auth-subject"), "carl");
        assert_eq!(told("x-auth-client"), "solar-system-app");
        assert_eq!(told("x-auth-scope"), format!("openid {GOLD}"));
        assert_eq!(told("x-api-key"), KEY);
        assert_eq!(
            names(&asked.headers),
            [
                "accept",
                "host",
                "traceparent",
                "x-api-key",
                "x-auth-client",
                "x-auth-scope",
                "x-auth-subject"
            ]
        );
        assert_eq!(told("host"), world.api.url().authority());
        assert!(!format!("{:?}", asked.headers).contains(&token));
    }
}

#[tokio::test]
async fn sec_gw_09_forged_identities_are_dropped_and_connection_cannot_drop_ours() {
    let world = World::new(By::Keys).await;
    let gold = world.token(GOLD);
    for path in ["/visitors", "/moons"] {
        let mut request = Request::get(path)
            .header("authorization", format!("Bearer {gold}"))
            .header(
                "connection",
                "close, x-auth-subject, x-api-key, X-Auth-Scope, x-auth-client",
            );
        for name in [
            "x-auth-subject",
            "X-Auth-Subject",
            "x_auth_subject",
            "X_AUTH_SCOPE",
            "x-auth-client",
            "x-auth-admin",
            "x-api-key",
            "X_API_KEY",
            "x-user",
            "x-userinfo",
            "x-forwarded-for",
            "x_forwarded_user",
            "forwarded",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override",
            "x-jwt-payload",
            "x-remote-user",
        ] {
            request = request.header(name, "forged-canary");
        }
        assert_eq!(
            world
                .send(request.body(Body::empty()).unwrap())
                .await
                .status,
            200
        );
        let asked = world.api.only();
        assert!(
            !format!("{:?}", asked.headers).contains("forged"),
            "{:?}",
            asked.headers
        );
        assert_eq!(asked.headers["x-api-key"], KEY);
        let subjects: Vec<_> = asked.headers.get_all("x-auth-subject").iter().collect();
        match path {
            "/moons" => assert_eq!(subjects, ["carl"]),
            _ => assert_eq!(names(&asked.headers), ["host", "x-api-key"]), // open: nobody is named
        }
    }
}

#[tokio::test]
async fn sec_gw_02_what_is_checked_is_what_is_forwarded_byte_for_byte() {
    for base in ["", "/", "/base", "/base/"] {
        let world = World::with(By::Keys, |config| {
            let mut policy = Blueprint::default();
            policy.resources[0].path = "/open/*".into();
            config.policy = Policy::of(&policy);
            config.upstream = config.upstream.join(base).unwrap();
        })
        .await;
        for target in [
            "/open/a",
            "/open/a?",
            "/open/a?b=%2e%2e%2f&c='x'&d=a|b&e=//;/../%00",
            "/open/caf%C3%A9/%c3%a9/x(1)!*'$&+,=:@",
            "/open/a/?%61ccess=1&&=",
            "/open/a?b=c?d/e",
        ] {
            assert_eq!(world.get(target, None).await.status, 200, "{target}");
            assert_eq!(
                world.api.only().target,
                format!("{}{target}", base.trim_end_matches('/'))
            );
        }
    }
}

#[tokio::test]
async fn sec_gw_10_the_answer_leaves_cookies_and_hop_by_hop_headers_behind() {
    let world = World::new(By::Keys).await;
    let gold = world.token(GOLD);
    for (path, cache) in [("/visitors", "max-age=60"), ("/moons", "no-store")] {
        let answer = world.get(path, Some(&gold)).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"["answer"]"#)
        );
        for dropped in ["set-cookie", "x-hop", "connection"] {
            assert!(!answer.headers.contains_key(dropped), "{path}: {dropped}");
        }
        assert_eq!(answer.header("x-kept"), "1");
        assert_eq!(answer.header("cache-control"), cache);
    }
}

#[tokio::test]
async fn method_and_body_go_on_as_they_came() {
    let world = World::with(By::Keys, |config| {
        let mut blueprint = Blueprint::default();
        blueprint.resources[0].method = "*".into();
        config.policy = Policy::of(&blueprint);
    })
    .await;
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let request = Request::builder()
            .method(method)
            .uri("/visitors")
            .header("content-type", "application/json");
        let answer = world
            .send(request.body(Body::from(r#"{"a":1}"#)).unwrap())
            .await;
        assert_eq!(answer.status, 200);
        let asked = world.api.only();
        assert_eq!(
            (asked.method.as_str(), asked.body.as_str()),
            (method, r#"{"a":1}"#)
        );
        assert_eq!(asked.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_subject_that_no_header_carries_unchanged_is_refused() {
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        for odd in ["carl\r\nx-auth-scope: gold", " admin", "admin\t", "a\0b"] {
            let token = world.token_with(GOLD, "sub", json!(odd));
            assert_eq!(
                world.get("/moons", Some(&token)).await.status,
                401,
                "{by:?} {odd:?}"
            );
        }
        assert!(world.api.take().is_empty());
        let token = world.token_with(GOLD, "sub", json!("jürgen|5"));
        assert_eq!(world.get("/moons", Some(&token)).await.status, 200);
        assert_eq!(
            world.api.only().headers["x-auth-subject"].as_bytes(),
            "jürgen|5".as_bytes()
        );
    }
}
