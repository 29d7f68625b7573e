//! `/oauth2/v1/clients` with the API token, as Okta has it, and the same clients as apps.

use super::*;
use serde_json::json;

const CLIENTS: &str = "/oauth2/v1/clients";
const APPS: &str = "/api/v1/apps";

/// As the tutorial's tool sends it: with grants that are not given any more.
pub(super) fn client(name: &str) -> Value {
    json!({
        "client_name": name,
        "client_uri": null,
        "logo_uri": null,
        "redirect_uris": ["http://localhost:8080"],
        "response_types": ["code", "token", "id_token"],
        "grant_types": ["authorization_code", "implicit"],
        "token_endpoint_auth_method": "client_secret_basic",
        "application_type": "web",
    })
}

#[tokio::test]
async fn sec_as_07_asked_for_implicit_it_registers_the_rest_and_says_so() {
    let provider = Provider::start();
    let made = provider
        .post(CLIENTS, client("the app"))
        .await
        .expect(201)
        .json();
    assert_eq!(made["grant_types"], json!(["authorization_code"]));
    assert_eq!(made["response_types"], json!(["code"]));
    let left_out = json!([
        { "member": "grant_types", "value": "implicit" },
        { "member": "response_types", "value": "token" },
        { "member": "response_types", "value": "id_token" },
    ]);
    assert_eq!(made["left_out"], left_out);
    assert_eq!(made["client_secret_expires_at"], 0);
    assert_eq!(made["client_id_issued_at"], provider.clock.now());
    assert!(
        made["client_id"].as_str().unwrap().len() >= 20
            && made["client_secret"].as_str().unwrap().len() >= 43
    );
    for none_left in [
        json!({ "client_name": "x", "grant_types": ["implicit"], "response_types": ["token"], "redirect_uris": ["http://localhost:1"] }),
        json!({ "client_name": "x", "grant_types": ["password"] }),
        json!({ "client_name": "x", "grant_types": [] }),
    ] {
        let refused = provider.post(CLIENTS, none_left).await;
        assert_eq!(refused.json()["error"], "invalid_client_metadata");
        assert_eq!(refused.refusal(), (400, "E0000001".to_owned()));
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_and_renewed_on_request() {
    let provider = Provider::start();
    let made = provider
        .post(CLIENTS, client("the app"))
        .await
        .expect(201)
        .json();
    let (id, first) = (
        made["client_id"].as_str().unwrap(),
        made["client_secret"].as_str().unwrap(),
    );
    let path = format!("{CLIENTS}/{id}");
    let read = provider.get(&path).await.expect(200);
    assert!(
        !read.body.contains(first) && read.json().get("client_secret").is_none(),
        "{}",
        read.body
    );
    assert!(!provider.get(CLIENTS).await.expect(200).body.contains(first));
    assert!(!provider.get(APPS).await.expect(200).body.contains(first));
    assert_eq!(provider.introspects(id, first).await, 200);
    let renewed = provider
        .post(&format!("{path}/lifecycle/newSecret"), Value::Null)
        .await
        .expect(200)
        .json();
    let second = renewed["client_secret"].as_str().unwrap();
    assert_ne!(first, second);
    assert_eq!(provider.introspects(id, first).await, 401);
    assert_eq!(provider.introspects(id, second).await, 200);
    let nobody = provider
        .post(
            &format!("{CLIENTS}/0oanobody/lifecycle/newSecret"),
            Value::Null,
        )
        .await;
    assert_eq!(nobody.refusal(), (404, "E0000007".to_owned()));
}

#[tokio::test]
async fn sec_as_01_only_addresses_that_an_answer_may_go_to_are_registered() {
    let provider = Provider::start();
    for uri in [
        "http://example.com/callback",
        "/callback",
        "callback",
        "javascript:alert(1)",
        "com.example.app:/callback",
        "https://example.com/#x",
        "https://example.com/#",
        "https://user@example.com/",
        "https://*.example.com/",
        "https://exa mple.com/",
        "https://example.com/\r\nx",
        "https://example.com/ö",
        "http://localhost.example.com/",
        "",
        "https://example.com\\@evil.example/",
    ] {
        let mut odd = client("the app");
        odd["redirect_uris"] = json!(["https://example.com/callback", uri]);
        let refused = provider.post(CLIENTS, odd).await.expect(400).json();
        let code = refused["error"].as_str().unwrap();
        assert!(
            matches!(code, "invalid_redirect_uri" | "invalid_client_metadata"),
            "{uri}: {code}"
        );
    }
    let mut none = client("the app");
    none["redirect_uris"] = json!([]);
    assert_eq!(
        provider.post(CLIENTS, none).await.expect(400).json()["error"],
        "invalid_redirect_uri"
    );
    for uri in [
        "https://example.com/callback?a=b",
        "http://localhost:8080",
        "http://127.0.0.1/",
        "http://[::1]:1/x",
    ] {
        let mut good = client("the app");
        good["redirect_uris"] = json!([uri]);
        assert_eq!(
            provider.post(CLIENTS, good).await.expect(201).json()["redirect_uris"],
            json!([uri])
        );
    }
}

#[tokio::test]
async fn what_cannot_be_a_client_is_refused_and_the_unknown_is_passed_over() {
    let provider = Provider::start();
    for (member, value) in [
        ("client_name", json!(null)),
        ("client_name", json!("")),
        ("client_name", json!("a\u{7}b")),
        ("client_name", json!("x".repeat(101))),
        ("client_name", json!(1)),
        ("redirect_uris", json!("http://localhost")),
        ("redirect_uris", json!([1])),
        ("grant_types", json!("code")),
        ("token_endpoint_auth_method", json!("none")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("application_type", json!("robot")),
        ("client_uri", json!("javascript:alert(1)")),
        ("jwks", json!({ "keys": [] })),
        ("scope", json!("a\"b")),
    ] {
        let mut odd = client("the app");
        odd[member] = value.clone();
        let refused = provider.post(CLIENTS, odd).await.expect(400);
        assert_eq!(
            refused.json()["error"],
            "invalid_client_metadata",
            "{member} {value}"
        );
        assert!(
            refused.json()["error_description"]
                .as_str()
                .unwrap()
                .contains(member),
            "{member} {value}: {}",
            refused.body
        );
    }
    let mut known = client("the app");
    known["software_statement_of_tomorrow"] = json!({ "a": [1, 2] });
    let made = provider.post(CLIENTS, known).await.expect(201).json();
    assert_eq!(made.get("software_statement_of_tomorrow"), None);
}

#[tokio::test]
async fn a_client_is_listed_changed_and_deleted() {
    let provider = Provider::start();
    let made = provider
        .post(CLIENTS, client("portal <b>"))
        .await
        .expect(201)
        .json();
    let path = format!("{CLIENTS}/{}", made["client_id"].as_str().unwrap());
    let found = provider.list(&format!("{CLIENTS}?q=PORTAL")).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["client_id"], made["client_id"]);
    assert!(provider.list(&format!("{CLIENTS}?limit=1")).await.len() > 3);
    let mut more = client("portal <b>");
    more["grant_types"] = json!(["authorization_code", "client_credentials"]);
    more["client_id"] = made["client_id"].clone();
    let changed = provider.put(&path, more).await.expect(200).json();
    assert_eq!(
        changed["grant_types"],
        json!(["authorization_code", "client_credentials"])
    );
    assert_eq!(changed["client_id"], made["client_id"]);
    let secret = made["client_secret"].as_str().unwrap();
    assert_eq!(
        provider
            .introspects(made["client_id"].as_str().unwrap(), secret)
            .await,
        200
    );
    provider.delete(&path).await.expect(204);
    for gone in [
        provider.get(&path).await,
        provider.delete(&path).await,
        provider.put(&path, client("x")).await,
    ] {
        assert_eq!(gone.refusal(), (404, "E0000007".to_owned()));
    }
    assert_eq!(
        provider
            .introspects(made["client_id"].as_str().unwrap(), secret)
            .await,
        401
    );
}

#[tokio::test]
async fn a_client_is_an_app_and_an_app_must_be_put_out_of_work_before_it_is_deleted() {
    let provider = Provider::start();
    let id = provider
        .post(CLIENTS, client("portal"))
        .await
        .expect(201)
        .json()["client_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{APPS}/{id}");
    let app = provider.get(&path).await.expect(200).json();
    assert_eq!(app["label"], "portal");
    assert_eq!(app["signOnMode"], "OPENID_CONNECT");
    assert_eq!(app["credentials"]["oauthClient"]["client_id"], *id);
    assert_eq!(
        app["settings"]["oauthClient"]["redirect_uris"],
        json!(["http://localhost:8080"])
    );
    assert_eq!(provider.list(&format!("{APPS}?q=portal")).await.len(), 1);
    let refused = provider.delete(&path).await;
    assert_eq!(refused.refusal(), (403, "E0000056".to_owned()));
    provider
        .post(&format!("{path}/lifecycle/deactivate"), Value::Null)
        .await
        .expect(200);
    assert_eq!(
        provider.get(&path).await.expect(200).json()["status"],
        "INACTIVE"
    );
    provider
        .post(&format!("{path}/lifecycle/activate"), Value::Null)
        .await
        .expect(200);
    assert_eq!(provider.delete(&path).await.status, 403);
    provider
        .post(&format!("{path}/lifecycle/deactivate"), Value::Null)
        .await
        .expect(200);
    provider.delete(&path).await.expect(204);
    assert_eq!(
        provider.get(&path).await.refusal(),
        (404, "E0000007".to_owned())
    );
}

#[tokio::test]
async fn a_client_that_is_out_of_work_authenticates_nowhere() {
    let provider = Provider::start();
    let made = provider
        .post(CLIENTS, client("portal"))
        .await
        .expect(201)
        .json();
    let (id, secret) = (
        made["client_id"].as_str().unwrap(),
        made["client_secret"].as_str().unwrap(),
    );
    assert_eq!(provider.introspects(id, secret).await, 200);
    provider
        .post(&format!("{APPS}/{id}/lifecycle/deactivate"), Value::Null)
        .await
        .expect(200);
    assert_eq!(provider.introspects(id, secret).await, 401);
    provider
        .post(&format!("{APPS}/{id}/lifecycle/activate"), Value::Null)
        .await
        .expect(200);
    assert_eq!(provider.introspects(id, secret).await, 200);
}

fn app(label: &str) -> Value {
    json!({
        "name": "oidc_client",
        "label": label,
        "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "token_endpoint_auth_method": "client_secret_post" } },
        "settings": { "oauthClient": {
            "redirect_uris": ["https://example.com/callback"],
            "post_logout_redirect_uris": ["https://example.com/"],
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
            "application_type": "web",
        } },
    })
}

#[tokio::test]
async fn sec_as_25_an_app_that_is_replaced_is_still_told_at_its_address() {
    let provider = Provider::start();
    let mut told = client("the app");
    told["backchannel_logout_uri"] = json!("http://localhost:8080/back-channel-logout");
    told["backchannel_logout_session_required"] = json!(true);
    let made = provider.post(CLIENTS, told).await.expect(201).json();
    let id = made["client_id"].as_str().unwrap();
    let replaced = provider.put(&format!("{APPS}/{id}"), app("the shop")).await;
    assert_eq!(replaced.expect(200).json()["label"], "the shop");
    let found = provider.get(&format!("{CLIENTS}/{id}")).await;
    let found = found.expect(200).json();
    for member in [
        "backchannel_logout_uri",
        "backchannel_logout_session_required",
    ] {
        assert!(!made[member].is_null(), "{made}");
        assert_eq!(found[member], made[member], "{member}");
    }
}

#[tokio::test]
async fn sec_as_14_no_client_gets_the_id_of_a_person_or_of_another_client() {
    let provider = Provider::start();
    let mut taken: Vec<String> = Vec::new();
    for list in ["/api/v1/users", APPS] {
        let all = provider.list(list).await;
        taken.extend(all.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    assert!(taken.len() > 3, "{taken:?}");
    let of_id = |id: &str| {
        let mut app = app("shop");
        app["credentials"]["oauthClient"]["client_id"] = json!(id);
        app
    };
    for id in &taken {
        let refused = provider.post(APPS, of_id(id)).await;
        assert_eq!(refused.refusal(), (400, "E0000001".to_owned()), "{id}");
    }
    let free = provider.post(APPS, of_id("00uNobody")).await.expect(200);
    assert_eq!(free.id(), "00uNobody");
    let person = provider.post("/api/v1/users", super::users::ada()).await;
    assert_ne!(person.expect(200).id(), "00uNobody");
    // Who names none gets one that begins as no person's does.
    let made = provider.post(CLIENTS, client("the app")).await.expect(201);
    let made = made.json();
    assert!(made["client_id"].as_str().unwrap().starts_with("0oa"));
}

#[tokio::test]
async fn an_app_is_made_and_changed() {
    let provider = Provider::start();
    let made = provider.post(APPS, app("shop")).await.expect(200).json();
    assert_eq!(made["status"], "ACTIVE");
    let client = &made["credentials"]["oauthClient"];
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_post");
    assert!(client["client_secret"].as_str().unwrap().len() >= 43);
    let path = format!("{APPS}/{}", made["id"].as_str().unwrap());
    let mut other = app("shop 2");
    other["settings"]["oauthClient"]["grant_types"] = json!(["client_credentials"]);
    other["settings"]["oauthClient"]["redirect_uris"] = json!([]);
    other["settings"]["oauthClient"]["response_types"] = json!(["token"]);
    let changed = provider.put(&path, other).await.expect(200).json();
    assert_eq!(changed["label"], "shop 2");
    assert_eq!(
        changed["settings"]["oauthClient"]["grant_types"],
        json!(["client_credentials"])
    );
    for (pointer, value) in [
        ("/label", json!("")),
        ("/signOnMode", json!("SAML_2_0")),
        ("/name", json!("bookmark")),
        ("/settings/oauthClient/grant_types", json!(["implicit"])),
        (
            "/settings/oauthClient/redirect_uris",
            json!(["http://example.com/"]),
        ),
        ("/settings", json!(null)),
    ] {
        let mut odd = app("shop");
        *odd.pointer_mut(pointer).unwrap() = value;
        assert_eq!(
            provider.post(APPS, odd).await.refusal(),
            (400, "E0000001".to_owned()),
            "{pointer}"
        );
    }
}

#[tokio::test]
async fn groups_are_assigned_to_an_app_and_taken_off() {
    let provider = Provider::start();
    let app = provider.post(APPS, app("shop")).await.expect(200).id();
    let group = provider
        .post(
            "/api/v1/groups",
            json!({ "profile": { "name": "engineers" } }),
        )
        .await
        .expect(200)
        .id();
    let path = format!("{APPS}/{app}/groups");
    for _ in 0..2 {
        let assigned = provider
            .put(&format!("{path}/{group}"), json!({}))
            .await
            .expect(200)
            .json();
        assert_eq!(assigned["id"], *group);
        provider
            .call(Method::PUT, &format!("{path}/{group}"), &Value::Null)
            .await
            .expect(200);
        assert_eq!(provider.list(&path).await.len(), 1);
    }
    assert_eq!(
        provider
            .get(&format!("{path}/{group}"))
            .await
            .expect(200)
            .id(),
        group
    );
    for (app, group) in [("0oanowhere", group.as_str()), (app.as_str(), "00gnowhere")] {
        assert_eq!(
            provider
                .put(&format!("{APPS}/{app}/groups/{group}"), json!({}))
                .await
                .refusal()
                .0,
            404
        );
    }
    provider
        .delete(&format!("{path}/{group}"))
        .await
        .expect(204);
    assert_eq!(
        provider.get(&format!("{path}/{group}")).await.refusal().0,
        404
    );
    assert_eq!(
        provider
            .delete(&format!("{path}/{group}"))
            .await
            .refusal()
            .0,
        404
    );
    // A group that is gone is assigned nowhere.
    provider
        .put(&format!("{path}/{group}"), json!({}))
        .await
        .expect(200);
    provider
        .delete(&format!("/api/v1/groups/{group}"))
        .await
        .expect(204);
    assert_eq!(provider.list(&path).await.len(), 0);
}
