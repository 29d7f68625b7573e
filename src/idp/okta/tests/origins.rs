//! Trusted origins.

use super::*;
use serde_json::json;

const ORIGINS: &str = "/api/v1/trustedOrigins";

fn origin(name: &str, origin: &str) -> Value {
    json!({ "name": name, "origin": origin, "scopes": [{ "type": "CORS" }, { "type": "REDIRECT" }] })
}

#[tokio::test]
async fn a_trusted_origin_is_made_changed_put_out_of_work_and_deleted() {
    let provider = Provider::start();
    let made = provider
        .post(ORIGINS, origin("the app", "http://localhost:8080"))
        .await
        .expect(200);
    assert_eq!(
        made.json()["scopes"],
        json!([{ "type": "CORS" }, { "type": "REDIRECT" }])
    );
    let path = format!("{ORIGINS}/{}", made.id());
    assert_eq!(provider.get(&path).await.expect(200).json(), made.json());
    let changed = provider
        .put(&path, origin("the app", "https://app.example.com"))
        .await
        .expect(200)
        .json();
    assert_eq!(changed["origin"], "https://app.example.com");
    assert_eq!(
        provider
            .list(&format!("{ORIGINS}?q=app.example"))
            .await
            .len(),
        1
    );
    assert_eq!(
        provider
            .list(&format!("{ORIGINS}?filter=name+eq+%22the+app%22"))
            .await
            .len(),
        1
    );
    let lifecycle = |action: &str| format!("{path}/lifecycle/{action}");
    assert_eq!(
        provider
            .post(&lifecycle("deactivate"), Value::Null)
            .await
            .expect(200)
            .json()["status"],
        "INACTIVE"
    );
    assert_eq!(
        provider
            .post(&lifecycle("activate"), Value::Null)
            .await
            .expect(200)
            .json()["status"],
        "ACTIVE"
    );
    provider.delete(&path).await.expect(204);
    assert_eq!(
        provider.get(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
    assert_eq!(
        provider.delete(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
}

#[tokio::test]
async fn what_cannot_be_a_trusted_origin_is_refused() {
    let provider = Provider::start();
    provider
        .post(ORIGINS, origin("the app", "http://localhost:8080"))
        .await
        .expect(200);
    for (member, odd) in [
        ("name", origin("the app", "http://localhost:1")),
        ("origin", origin("x", "http://localhost:8080")),
        ("name", origin("", "http://localhost:1")),
        ("name", origin("a\u{9b}b", "http://localhost:1")),
        ("origin", origin("x", "")),
        ("origin", origin("x", "localhost")),
        ("origin", origin("x", "https://example.com/path")),
        ("origin", origin("x", "https://example.com?x")),
        ("origin", origin("x", "javascript:alert(1)")),
        ("origin", origin("x", "http://example.com")),
        ("origin", origin("x", "https://user@example.com")),
        ("origin", origin("x", "https://example.com#x")),
        (
            "scopes",
            json!({ "name": "x", "origin": "http://localhost:1", "scopes": [] }),
        ),
        (
            "scopes",
            json!({ "name": "x", "origin": "http://localhost:1" }),
        ),
        (
            "scopes[0].type",
            json!({ "name": "x", "origin": "http://localhost:1", "scopes": [{ "type": "ALL" }] }),
        ),
    ] {
        assert_eq!(
            provider.post(ORIGINS, odd.clone()).await.complaints(),
            [member],
            "{odd}"
        );
    }
}
