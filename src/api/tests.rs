//! Who is answered, and what.

use super::*;
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use tower::ServiceExt;

const KEY: &str = "the-key";

async fn ask(router: Router, method: &str, path: &str, keys: &[&str]) -> (StatusCode, String) {
    let mut request = Request::builder().method(method).uri(path);
    for key in keys {
        request = request.header(KEY_HEADER, *key);
    }
    let answer = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let status = answer.status();
    let is_json = answer.headers()["content-type"] == "application/json";
    assert!(is_json, "{method} {path}: {status}");
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.into()).unwrap())
}

fn default_api() -> Router {
    router(ApiConfig::of(&Blueprint::default(), Secret::new(KEY)))
}

fn api(resources: &[(&str, &str)]) -> Router {
    let resources = resources.iter().map(|(method, path)| ApiResource {
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        answer: vec![format!("{method} {path}")],
    });
    router(ApiConfig {
        resources: resources.collect(),
        key: Secret::new(KEY),
    })
}

#[tokio::test]
async fn the_blueprints_resources_are_arrays() {
    let (status, body) = ask(default_api(), "GET", "/moons", &[KEY]).await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        r#"["adrastea","amalthea","callisto","europa","ganymede","io","metis","thebe"]"#
    );
    for resource in Blueprint::default().resources {
        let (status, body) = ask(default_api(), "GET", &resource.path, &[KEY]).await;
        assert_eq!(status, 200);
        let answer: Vec<String> = serde_json::from_str(&body).unwrap();
        assert_eq!(answer, resource.answer);
    }
}

#[tokio::test]
async fn without_the_key_nobody_learns_anything() {
    for keys in [
        &[][..],
        &[""],
        &["the-ke"],
        &["the-keyx"],
        &["THE-KEY"],
        &[KEY, KEY],
        &[KEY, "other"],
    ] {
        for path in ["/moons", "/visitors", "/nothing"] {
            let (status, body) = ask(default_api(), "GET", path, keys).await;
            assert_eq!(status, 403, "{path} with {keys:?}");
            assert!(
                body.starts_with(r#"{"error":""#) && !body.contains("io"),
                "{body}"
            );
        }
    }
}

#[tokio::test]
async fn only_a_wrong_key_is_said_to_be_one() {
    for (path, key, refused) in [
        ("/moons", "wrong", Some("key")),
        ("/nothing", "wrong", Some("key")),
        ("/moons", KEY, None),
        ("/nothing", KEY, None),
    ] {
        let request = Request::get(path).header(KEY_HEADER, key);
        let request = request.body(Body::empty()).unwrap();
        let answer = default_api().oneshot(request).await.unwrap();
        let said = answer.headers().get("x-refused");
        let said = said.map(|value| value.to_str().unwrap());
        assert_eq!(said, refused, "{path} with {key}");
    }
}

#[tokio::test]
async fn an_empty_key_opens_nothing() {
    let config = ApiConfig::of(&Blueprint::default(), Secret::new(""));
    assert_eq!(ask(router(config), "GET", "/moons", &[""]).await.0, 403);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told() {
    for path in ["/x", "/moons/", "/moons/io", "/Moons"] {
        assert_eq!(
            ask(default_api(), "GET", path, &[KEY]).await.0,
            404,
            "{path}"
        );
    }
    for method in ["POST", "DELETE", "OPTIONS", "FROB"] {
        assert_eq!(
            ask(default_api(), method, "/moons", &[KEY]).await.0,
            405,
            "{method}"
        );
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let (status, body) = ask(default_api(), "HEAD", "/moons", &[KEY]).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn wildcards_answer_below_and_stars_every_method() {
    let routes = [
        ("*", "/a/*"),
        ("GET", "/a/b"),
        ("POST", "/a/b"),
        ("GET", "/:odd"),
    ];
    for (method, path, status, body) in [
        ("GET", "/a/x/y", 200, r#"["* /a/*"]"#),
        ("DELETE", "/a/x", 200, r#"["* /a/*"]"#),
        ("GET", "/a/b", 200, r#"["GET /a/b"]"#),
        ("POST", "/a/b", 200, r#"["POST /a/b"]"#),
        ("PUT", "/a/b", 405, ""),
        ("GET", "/a", 404, ""),
        ("GET", "/a/", 404, ""),
        ("GET", "/:odd", 200, r#"["GET /:odd"]"#),
        ("GET", "/even", 404, ""),
    ] {
        let answer = ask(api(&routes), method, path, &[KEY]).await;
        assert_eq!(answer.0, status, "{method} {path}");
        assert!(
            body.is_empty() || answer.1 == body,
            "{method} {path}: {}",
            answer.1
        );
    }
}

#[tokio::test]
async fn the_root_says_what_this_is_unless_it_is_a_resource() {
    let (status, body) = ask(default_api(), "GET", "/", &[]).await;
    assert_eq!(status, 200);
    assert!(
        body.contains("demo API") && !body.contains("moons"),
        "{body}"
    );
    assert_eq!(ask(default_api(), "POST", "/", &[]).await.0, 405);
    assert_eq!(ask(api(&[("GET", "/")]), "GET", "/", &[]).await.0, 403);
    let (_, body) = ask(api(&[("GET", "/")]), "GET", "/", &[KEY]).await;
    assert_eq!(body, r#"["GET /"]"#);
}
