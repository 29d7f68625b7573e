//! `/oauth2/v1/clients` as RFC 7591 and RFC 7592 have it.

use super::{clients::client, *};
use serde_json::json;

const CLIENTS: &str = "/oauth2/v1/clients";

async fn send(
    provider: &Provider,
    method: Method,
    path: &str,
    bearer: &str,
    body: &Value,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {bearer}"));
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request
            .header("content-type", "application/json")
            .body(Body::from(body.to_string())),
    };
    provider.send(request.unwrap()).await
}

async fn register(provider: &Provider) -> Value {
    send(provider, Method::POST, CLIENTS, INITIAL, &client("portal"))
        .await
        .expect(201)
        .json()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[tokio::test]
async fn sec_as_27_registration_is_off_and_not_announced_unless_an_initial_access_token_is_set() {
    let off = Provider::with(|config| config.management.initial_access_token = None);
    let metadata = off
        .get("/oauth2/default/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(metadata.get("registration_endpoint"), None);
    for token in ["", INITIAL, TOKEN] {
        assert_eq!(
            send(&off, Method::POST, CLIENTS, token, &client("x"))
                .await
                .status,
            401,
            "{token}"
        );
    }
    let on = Provider::start();
    let metadata = on
        .get("/oauth2/default/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(
        metadata["registration_endpoint"],
        format!("{ORIGIN}{CLIENTS}")
    );
    let metadata = on
        .get("/oauth2/default/.well-known/oauth-authorization-server")
        .await
        .json();
    assert_eq!(
        metadata["registration_endpoint"],
        format!("{ORIGIN}{CLIENTS}")
    );
}

#[tokio::test]
async fn sec_as_28_an_answer_holds_what_the_rfcs_say_and_nothing_can_be_cached() {
    let provider = Provider::start();
    let answer = send(&provider, Method::POST, CLIENTS, INITIAL, &client("portal"))
        .await
        .expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.json();
    let id = text(&made, "client_id");
    assert_eq!(
        text(&made, "registration_client_uri"),
        format!("{ORIGIN}{CLIENTS}/{id}")
    );
    assert_eq!(text(&made, "registration_access_token").len(), 43);
    assert_eq!(made["client_secret_expires_at"], 0);
    assert_eq!(made["client_id_issued_at"], provider.clock.now());
    assert_eq!(
        provider.introspects(id, text(&made, "client_secret")).await,
        200
    );
    // Names are not needed (RFC 7591, section 2), and code is what one gets unless one asks otherwise.
    let bare = json!({ "redirect_uris": ["https://example.com/"] });
    let bare = send(&provider, Method::POST, CLIENTS, INITIAL, &bare)
        .await
        .expect(201)
        .json();
    assert_eq!(bare["grant_types"], json!(["authorization_code"]));
    assert_eq!(bare["response_types"], json!(["code"]));
}

#[tokio::test]
async fn sec_as_28_nobody_registers_without_the_initial_access_token() {
    let provider = Provider::start();
    for token in ["", "wrong", TOKEN, &format!("{INITIAL}x")] {
        let refused = send(&provider, Method::POST, CLIENTS, token, &client("x")).await;
        assert_eq!(refused.status, 401, "{token}");
        assert!(
            refused.header("www-authenticate").starts_with("Bearer"),
            "{token}"
        );
    }
    let none = Request::post(CLIENTS)
        .header("content-type", "application/json")
        .body(Body::from(client("x").to_string()));
    assert_eq!(provider.send(none.unwrap()).await.status, 401);
    let ssws = Request::post(CLIENTS)
        .header("authorization", format!("SSWS {INITIAL}"))
        .body(Body::empty());
    assert_eq!(
        provider.send(ssws.unwrap()).await.refusal(),
        (401, "E0000011".to_owned())
    );
    // The initial access token makes clients, and shows and changes none.
    let made = register(&provider).await;
    let path = format!("{CLIENTS}/{}", text(&made, "client_id"));
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(
            send(&provider, method, &path, INITIAL, &Value::Null)
                .await
                .status,
            401
        );
        assert_eq!(
            send(&provider, Method::GET, CLIENTS, INITIAL, &Value::Null)
                .await
                .status,
            401
        );
    }
}

#[tokio::test]
async fn sec_as_28_errors_are_named_as_the_rfc_names_them() {
    let provider = Provider::start();
    let refused = async |body: Value| {
        let refused = send(&provider, Method::POST, CLIENTS, INITIAL, &body)
            .await
            .expect(400)
            .json();
        assert!(refused["error_description"].is_string(), "{refused}");
        text(&refused, "error").to_owned()
    };
    assert_eq!(
        refused(json!({ "redirect_uris": ["http://example.com"] })).await,
        "invalid_redirect_uri"
    );
    assert_eq!(
        refused(json!({ "redirect_uris": ["https://example.com/#x"] })).await,
        "invalid_redirect_uri"
    );
    assert_eq!(refused(json!({})).await, "invalid_redirect_uri");
    assert_eq!(
        refused(json!({ "grant_types": ["password"] })).await,
        "invalid_client_metadata"
    );
    assert_eq!(refused(json!([])).await, "invalid_client_metadata");
    let statement =
        json!({ "redirect_uris": ["https://example.com/"], "software_statement": "e30.e30." });
    assert_eq!(refused(statement).await, "unapproved_software_statement");
    let request = Request::post(CLIENTS)
        .header("authorization", format!("Bearer {INITIAL}"))
        .header("content-type", "application/json");
    let twice = request
        .body(Body::from(r#"{"client_name":"a","client_name":"b"}"#))
        .unwrap();
    assert_eq!(
        provider.send(twice).await.expect(400).json()["error"],
        "invalid_client_metadata"
    );
}

#[tokio::test]
async fn sec_as_29_a_client_reads_changes_and_deletes_itself_with_its_own_token_alone() {
    let provider = Provider::start();
    let (made, other) = (register(&provider).await, register(&provider).await);
    let path = format!("{CLIENTS}/{}", text(&made, "client_id"));
    let token = text(&made, "registration_access_token");
    let read = send(&provider, Method::GET, &path, token, &Value::Null)
        .await
        .expect(200);
    assert_eq!(read.json()["client_name"], "portal");
    assert_eq!(
        read.json()["registration_client_uri"],
        made["registration_client_uri"]
    );
    for foreign in [
        text(&other, "registration_access_token"),
        text(&made, "client_secret"),
        "",
        INITIAL,
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let refused = send(&provider, method.clone(), &path, foreign, &client("stolen")).await;
            assert_eq!(refused.status, 401, "{method} {foreign}");
        }
    }
    // A client that is not there looks like a token that is wrong (RFC 7592, section 2).
    assert_eq!(
        send(
            &provider,
            Method::GET,
            &format!("{CLIENTS}/0oanobody"),
            token,
            &Value::Null
        )
        .await
        .status,
        401
    );
    send(&provider, Method::DELETE, &path, token, &Value::Null)
        .await
        .expect(204);
    assert_eq!(
        send(&provider, Method::GET, &path, token, &Value::Null)
            .await
            .status,
        401
    );
    assert_eq!(
        provider
            .introspects(text(&made, "client_id"), text(&made, "client_secret"))
            .await,
        401
    );
}

#[tokio::test]
async fn sec_as_29_a_change_names_the_client_and_its_secret_and_nothing_that_is_the_servers() {
    let provider = Provider::start();
    let made = register(&provider).await;
    let path = format!("{CLIENTS}/{}", text(&made, "client_id"));
    let token = text(&made, "registration_access_token");
    let mut good = client("portal 2");
    good["client_id"] = made["client_id"].clone();
    good["grant_types"] = json!(["authorization_code", "client_credentials"]);
    for (member, value) in [
        ("client_id", json!(null)),
        ("client_id", json!("0oaother")),
        ("client_secret", json!("wrong")),
        ("client_secret", json!("")),
        ("registration_access_token", json!(token)),
        (
            "registration_client_uri",
            made["registration_client_uri"].clone(),
        ),
        ("client_secret_expires_at", json!(0)),
        ("client_id_issued_at", json!(1)),
    ] {
        let mut odd = good.clone();
        odd[member] = value.clone();
        let refused = send(&provider, Method::PUT, &path, token, &odd)
            .await
            .expect(400);
        assert_eq!(
            refused.json()["error"],
            "invalid_client_metadata",
            "{member} {value}"
        );
    }
    let changed = send(&provider, Method::PUT, &path, token, &good)
        .await
        .expect(200)
        .json();
    assert_eq!(changed["client_name"], "portal 2");
    assert_eq!(
        changed["grant_types"],
        json!(["authorization_code", "client_credentials"])
    );
    good["client_secret"] = made["client_secret"].clone();
    send(&provider, Method::PUT, &path, token, &good)
        .await
        .expect(200);
    assert_eq!(
        provider
            .introspects(text(&made, "client_id"), text(&made, "client_secret"))
            .await,
        200
    );
    let mut evil = good;
    evil["redirect_uris"] = json!(["http://evil.example"]);
    let refused = send(&provider, Method::PUT, &path, token, &evil)
        .await
        .expect(400)
        .json();
    assert_eq!(refused["error"], "invalid_redirect_uri");
}

#[tokio::test]
async fn a_client_that_an_administrator_made_has_no_token_of_its_own_until_it_registers() {
    let provider = Provider::start();
    let made = provider
        .post(CLIENTS, client("portal"))
        .await
        .expect(201)
        .json();
    assert_eq!(made.get("registration_access_token"), None);
    for token in ["", "undefined", "null"] {
        let path = format!("{CLIENTS}/{}", text(&made, "client_id"));
        assert_eq!(
            send(&provider, Method::GET, &path, token, &Value::Null)
                .await
                .status,
            401
        );
    }
}

#[tokio::test]
async fn sec_as_29_a_client_widens_nothing_that_an_administrator_has_set() {
    let provider = Provider::start();
    let made = register(&provider).await;
    let path = format!("{CLIENTS}/{}", text(&made, "client_id"));
    let token = text(&made, "registration_access_token");
    let mut limited = client("portal");
    limited["scope"] = json!("openid email");
    provider.put(&path, limited).await.expect(200);
    let mut wide = client("portal");
    wide["client_id"] = made["client_id"].clone();
    wide["grant_types"] = json!(["authorization_code", "client_credentials"]);
    for (scope, kept) in [
        (Value::Null, "openid email"),
        (json!("openid profile"), "openid"),
        (json!("openid email"), "openid"),
    ] {
        wide["scope"] = scope;
        let changed = send(&provider, Method::PUT, &path, token, &wide)
            .await
            .expect(200)
            .json();
        assert_eq!(changed["scope"], kept);
        assert_eq!(changed["grant_types"], json!(["authorization_code"]));
        assert!(
            changed["left_out"]
                .to_string()
                .contains("client_credentials")
        );
    }
}

#[tokio::test]
async fn sec_as_18_29_who_registered_itself_is_told_that_nobody_can_make_it_trusted() {
    let provider = Provider::start();
    let ignored = json!({ "member": "consent_method", "value": "TRUSTED" });
    let says_so = |answer: &Value| {
        let left_out = answer["left_out"].as_array();
        left_out.is_some_and(|all| all.contains(&ignored))
    };
    let asking = |method: &str| {
        let mut asking = client("portal");
        asking["consent_method"] = json!(method);
        asking
    };
    for (method, is_ignored) in [("TRUSTED", true), ("REQUIRED", false)] {
        let asked = asking(method);
        let made = send(&provider, Method::POST, CLIENTS, INITIAL, &asked).await;
        let made = made.expect(201).json();
        assert_eq!(says_so(&made), is_ignored, "{made}");
        let path = format!("{CLIENTS}/{}", text(&made, "client_id"));
        let changed = provider.put(&path, asked.clone()).await.expect(200).json();
        assert_eq!(says_so(&changed), is_ignored, "{changed}");
        let own = provider.post(CLIENTS, asked).await.expect(201).json();
        assert!(!says_so(&own), "an administrator's: {own}");
    }
}

#[tokio::test]
async fn sec_as_25_28_who_registers_itself_is_told_on_this_machine_only_where_it_is_returned_to() {
    let provider = Provider::start();
    let telling = |uri: &str| {
        let mut telling = client("portal");
        telling["redirect_uris"] = json!(["http://localhost:8080/callback", "http://127.0.0.1:9/"]);
        telling["backchannel_logout_uri"] = json!(uri);
        telling
    };
    let made = register(&provider).await;
    let own = format!("{CLIENTS}/{}", text(&made, "client_id"));
    let token = text(&made, "registration_access_token");
    for (uri, good) in [
        ("http://localhost:8080/told", true),
        ("http://127.0.0.1:9/told", true),
        ("https://app.example/told", true),
        ("http://localhost:8081/told", false),
        ("http://127.0.0.1:8080/told", false),
        ("http://[::1]:8080/told", false),
        ("https://localhost:8080/told", false),
        ("https://127.0.0.2/told", false),
    ] {
        let (made, changed) = if good { (201, 200) } else { (400, 400) };
        let asked = send(&provider, Method::POST, CLIENTS, INITIAL, &telling(uri)).await;
        assert_eq!(asked.status.as_u16(), made, "{uri}: {}", asked.body);
        let mut change = telling(uri);
        change["client_id"] = json!(own.rsplit_once('/').unwrap().1);
        let asked = send(&provider, Method::PUT, &own, token, &change).await;
        assert_eq!(asked.status.as_u16(), changed, "{uri}: {}", asked.body);
        if !good {
            assert_eq!(asked.json()["error"], "invalid_client_metadata", "{uri}");
        }
        provider.post(CLIENTS, telling(uri)).await.expect(201); // an administrator answers for it
    }
}
