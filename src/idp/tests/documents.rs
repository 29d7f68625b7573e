//! Metadata, keys, pages that are no part of a sign-in, and what is not there.

use super::*;
use serde_json::json;

#[tokio::test]
async fn sec_as_13_metadata_is_the_same_at_every_path_and_states_what_is_on() {
    let provider = Provider::start();
    let paths = [
        "/oauth2/default/.well-known/openid-configuration",
        "/oauth2/default/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/oauth2/default",
    ];
    let first = provider.get(paths[0]).await;
    assert_eq!(first.header("content-type"), Some("application/json"));
    for path in paths {
        assert_eq!(provider.get(path).await.body, first.body);
    }
    let metadata = first.json();
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    let tokens = provider.tokens(CARL, SILVER).await;
    let id_token = crate::jose::inspect(tokens["id_token"].as_str().unwrap()).unwrap();
    let signs = json!(["ES256", "RS256"]);
    assert_eq!(metadata["id_token_signing_alg_values_supported"], signs);
    assert_eq!(id_token.header["alg"], "ES256");
    assert_eq!(
        metadata["prompt_values_supported"],
        json!(["none", "login", "consent"])
    );
    let endpoints = metadata
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint"));
    let mut count = 0;
    for (name, url) in endpoints {
        let path = url
            .as_str()
            .unwrap()
            .strip_prefix("http://localhost:8081")
            .unwrap();
        assert_ne!(provider.get(path).await.status, 404, "{name}");
        count += 1;
    }
    assert_eq!(count, 6);
    for off in [
        "registration_endpoint",
        "device_authorization_endpoint",
        "pushed_authorization_request_endpoint",
    ] {
        assert!(metadata.get(off).is_none());
    }
}

#[tokio::test]
async fn sec_as_15_the_key_set_shows_public_parts_of_the_keys_in_use() {
    let provider = Provider::start();
    let keys = provider.get("/oauth2/default/v1/keys").await;
    assert_eq!(keys.json()["keys"].as_array().unwrap().len(), 1);
    assert_eq!(
        crate::jose::KeySet::parse(keys.body.as_bytes())
            .unwrap()
            .len(),
        1
    );
    assert!(keys.json()["keys"][0].get("d").is_none());
    assert_ne!(
        keys.body,
        Provider::start().get("/oauth2/default/v1/keys").await.body
    );
}

#[tokio::test]
async fn the_front_page_says_what_this_is_and_what_is_not_there_is_said_in_html() {
    let provider = Provider::start();
    let about = provider.get("/").await;
    assert!(about.status == 200 && about.body.contains("not for production"));
    for (method, path, status) in [
        (Method::GET, "/nowhere", 404),
        (Method::GET, "/oauth2/other/v1/keys", 404),
        (Method::GET, "/oauth2/default/v1/token", 405),
        (Method::POST, "/oauth2/default/v1/keys", 405),
        (Method::DELETE, "/", 405),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let answer = provider.send(request).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
        assert!(answer.header("content-security-policy").is_some());
    }
    let style = provider.get(crate::assets::stylesheet()).await;
    assert_eq!(
        (style.status.as_u16(), style.header("content-type")),
        (200, Some("text/css; charset=utf-8"))
    );
    assert_ne!(style.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn bodies_are_bounded_and_what_is_refused_is_refused_in_the_endpoint_s_own_tongue() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let long = "a".repeat(70_000);
    for path in ["/v1/token", "/v1/introspect", "/v1/revoke"] {
        let answer = provider.call(APP, path, &[("grant_type", &long)]).await;
        assert_eq!(
            answer.refusal(),
            (413, "invalid_request".to_owned()),
            "{path}"
        );
    }
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let (authorize, logout) = (format!("{BASE}/v1/authorize"), format!("{BASE}/v1/logout"));
    for (method, path, status) in [
        (Method::POST, page.as_str(), 413),
        (Method::POST, &authorize, 413),
        (Method::POST, &logout, 413),
        (Method::POST, "/signout", 413),
        (Method::GET, "/signin/%ff", 410),
        (Method::POST, "/signin/%ff", 413),
    ] {
        let answer = browser.send(method, path, &[("csrf", &long)], &[]).await;
        assert_eq!(answer.status, status, "{path}");
        let content_type = answer.header("content-type").unwrap();
        assert!(content_type.starts_with("text/html"), "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
    }
}
