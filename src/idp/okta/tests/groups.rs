//! Groups and their members; pages of lists.

use super::{users::ada, *};
use serde_json::json;

const GROUPS: &str = "/api/v1/groups";

fn named(name: &str) -> Value {
    json!({ "profile": { "name": name, "description": "for a test" } })
}

#[tokio::test]
async fn a_group_is_made_read_changed_and_deleted() {
    let provider = Provider::start();
    let made = provider.post(GROUPS, named("engineers")).await.expect(200);
    assert_eq!(made.json()["type"], "OKTA_GROUP");
    assert!(made.id().starts_with("00g") && made.id().len() == 20);
    let path = format!("{GROUPS}/{}", made.id());
    assert_eq!(provider.get(&path).await.expect(200).json(), made.json());
    let changed = provider
        .put(&path, named("mechanics"))
        .await
        .expect(200)
        .json();
    assert_eq!(changed["profile"]["name"], "mechanics");
    provider.delete(&path).await.expect(204);
    for again in [
        provider.get(&path).await,
        provider.delete(&path).await,
        provider.put(&path, named("x")).await,
    ] {
        assert_eq!(again.refusal(), (404, "E0000007".to_owned()));
    }
}

#[tokio::test]
async fn what_cannot_be_a_group_is_refused() {
    let provider = Provider::start();
    let other = provider
        .post(GROUPS, named("mechanics"))
        .await
        .expect(200)
        .id();
    provider.post(GROUPS, named("engineers")).await.expect(200);
    for odd in [
        json!({}),
        json!({ "profile": {} }),
        json!({ "profile": null }),
        named(""),
        named("a\u{0}b"),
        named("a\nb"),
        named(&"x".repeat(256)),
        json!({ "profile": { "name": ["x"] } }),
        json!({ "profile": { "name": "x", "description": 1 } }),
        named("engineers"),
    ] {
        let answer = provider.post(GROUPS, odd.clone()).await;
        assert!(
            answer.complaints()[0].starts_with("profile"),
            "{odd} {}",
            answer.body
        );
    }
    // A name that another one has, and one's own.
    assert_eq!(
        provider
            .put(&format!("{GROUPS}/{other}"), named("engineers"))
            .await
            .complaints(),
        ["profile.name"]
    );
    provider
        .put(&format!("{GROUPS}/{other}"), named("mechanics"))
        .await
        .expect(200);
}

#[tokio::test]
async fn sec_com_12_a_body_that_means_two_things_or_is_no_json_is_refused() {
    let provider = Provider::start();
    let send = async |content_type: &str, body: String| {
        let request = Request::post(GROUPS)
            .header("authorization", format!("SSWS {TOKEN}"))
            .header("content-type", content_type);
        provider.send(request.body(Body::from(body)).unwrap()).await
    };
    for body in [
        r#"{"profile":{"name":"a","name":"b"}}"#,
        "",
        "{",
        "[]",
        "null",
        "{} {}",
        "profile=x",
    ] {
        assert_eq!(
            send("application/json", body.to_owned()).await.refusal(),
            (400, "E0000003".to_owned()),
            "{body}"
        );
    }
    let good = named("x").to_string();
    for content_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/json",
        "application/jsonx",
    ] {
        assert_eq!(
            send(content_type, good.clone()).await.refusal(),
            (415, "E0000021".to_owned()),
            "{content_type}"
        );
    }
    let long = named(&"x".repeat(64 * 1024)).to_string();
    assert_eq!(
        send("application/json", long).await.refusal(),
        (413, "E0000003".to_owned())
    );
    assert_eq!(provider.list(&format!("{GROUPS}?q=x")).await.len(), 0);
    send("application/json; charset=utf-8", good)
        .await
        .expect(200);
}

#[tokio::test]
async fn members_come_and_go() {
    let provider = Provider::start();
    let group = provider
        .post(GROUPS, named("engineers"))
        .await
        .expect(200)
        .id();
    let user = provider.post("/api/v1/users", ada()).await.expect(200).id();
    let path = format!("{GROUPS}/{group}/users");
    for _ in 0..2 {
        provider
            .call(Method::PUT, &format!("{path}/{user}"), &Value::Null)
            .await
            .expect(204);
        assert_eq!(provider.list(&path).await.len(), 1);
    }
    provider.delete(&format!("{path}/{user}")).await.expect(204);
    assert_eq!(provider.list(&path).await.len(), 0);
    for nowhere in [
        format!("{path}/00unobody"),
        format!("{GROUPS}/00gnowhere/users/{user}"),
    ] {
        assert_eq!(
            provider
                .call(Method::PUT, &nowhere, &Value::Null)
                .await
                .refusal()
                .0,
            404
        );
        assert_eq!(provider.delete(&nowhere).await.refusal().0, 404);
    }
}

#[tokio::test]
async fn a_list_comes_in_pages_that_lead_on_by_our_own_address() {
    let provider = Provider::start();
    for number in 0..5 {
        provider
            .post(GROUPS, named(&format!("page {number}")))
            .await
            .expect(200);
    }
    let first = provider
        .get(&format!("{GROUPS}?q=page&limit=2"))
        .await
        .expect(200);
    assert_eq!(first.json().as_array().unwrap().len(), 2);
    let links: Vec<_> = first
        .headers
        .get_all("link")
        .iter()
        .map(|link| link.to_str().unwrap())
        .collect();
    assert_eq!(
        links[0],
        format!("<{ORIGIN}{GROUPS}?q=page&limit=2>; rel=\"self\"")
    );
    assert!(
        links[1].starts_with(&format!("<{ORIGIN}{GROUPS}?q=page&limit=2&after=")),
        "{links:?}"
    );
    let all = provider.list(&format!("{GROUPS}?q=page&limit=2")).await;
    let names: std::collections::BTreeSet<_> = all
        .iter()
        .map(|group| group["profile"]["name"].as_str().unwrap())
        .collect();
    assert_eq!((all.len(), names.len()), (5, 5));
    // The cursor stays good when what it stands on is gone.
    let next = first.next().unwrap();
    for group in first.json().as_array().unwrap() {
        provider
            .delete(&format!("{GROUPS}/{}", group["id"].as_str().unwrap()))
            .await
            .expect(204);
    }
    assert_eq!(
        provider
            .get(&next)
            .await
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn sec_com_18_links_are_built_from_the_configuration_and_from_no_header() {
    let provider = Provider::start();
    let request = Request::get(GROUPS).header("authorization", format!("SSWS {TOKEN}"));
    let request = request
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "https");
    let answer = provider
        .send(request.body(Body::empty()).unwrap())
        .await
        .expect(200);
    assert_eq!(
        answer.header("link"),
        format!("<{ORIGIN}{GROUPS}>; rel=\"self\"")
    );
    assert!(!answer.body.contains("evil"));
}

#[tokio::test]
async fn a_foreign_cursor_and_an_odd_limit_are_refused() {
    let provider = Provider::start();
    let cursor = provider.get("/api/v1/users?limit=1").await.next().unwrap();
    let cursor = cursor.split("after=").nth(1).unwrap().to_owned();
    provider
        .get(&format!("/api/v1/users?after={cursor}"))
        .await
        .expect(200);
    for odd in [
        &format!("after={cursor}"),
        "after=x",
        "after=%00",
        "after=AAAA",
    ] {
        assert_eq!(
            provider.get(&format!("{GROUPS}?{odd}")).await.complaints(),
            ["after"],
            "{odd}"
        );
    }
    for odd in ["0", "-1", "10001", "x", "99999999999999999999"] {
        assert_eq!(
            provider
                .get(&format!("{GROUPS}?limit={odd}"))
                .await
                .complaints(),
            ["limit"],
            "{odd}"
        );
    }
    assert_eq!(
        provider
            .get(&format!("{GROUPS}?limit=1&limit=2"))
            .await
            .refusal()
            .0,
        400
    );
}

#[tokio::test]
async fn groups_are_found_by_q_search_and_filter() {
    let provider = Provider::start();
    provider
        .post(GROUPS, named("solar engineers (1)"))
        .await
        .expect(200);
    provider
        .post(GROUPS, named("lunar \"engineers\""))
        .await
        .expect(200);
    let found = async |query: &str| provider.list(&format!("{GROUPS}?{query}")).await.len();
    assert_eq!(found("q=SOLAR").await, 1);
    assert_eq!(found("q=engineers").await, 0);
    assert_eq!(
        found("search=profile.name+eq+%22solar+engineers+(1)%22").await,
        1
    );
    assert_eq!(
        found("search=profile.name+eq+%22lunar+%5C%22engineers%5C%22%22").await,
        1
    );
    assert_eq!(
        found("search=profile.name+co+%22engineers%22&limit=1").await,
        2
    );
    assert_eq!(
        found("filter=type+eq+%22OKTA_GROUP%22+and+profile.description+eq+%22for+a+test%22").await,
        2
    );
}
