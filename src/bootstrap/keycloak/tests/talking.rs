//! Tokens, redirects, Location, and answers that make no sense.

use super::server::{Server, TOKEN};
use crate::{
    bootstrap::{Target, TargetError, Wanted, keycloak::Keycloak},
    clock::Clock,
    net::Client,
    settings::Source,
};
use serde_json::{Value, json};
use std::time::Duration;

fn wanted(class: &str, body: Value) -> Wanted {
    Wanted {
        name: "THING".to_owned(),
        class: class.to_owned(),
        endpoint: None,
        id_field: None,
        groups: Vec::new(),
        body,
    }
}

fn role() -> Wanted {
    wanted("keycloak:role", json!({ "name": "one" }))
}

const ROLE: &str = "GET /admin/realms/r/roles/one";

#[tokio::test]
async fn the_token_is_kept_for_its_minute_and_asked_for_anew_after_it() {
    let server = Server::start().await;
    let clock = Clock::standing();
    let keycloak = server.keycloak(&clock);
    for _ in 0..3 {
        assert!(keycloak.find(&role()).await.unwrap().is_none());
    }
    assert_eq!(server.asked(TOKEN).len(), 1);
    let (headers, _) = &server.asked(ROLE)[0];
    assert_eq!(headers["authorization"], "Bearer canary-token");
    clock.advance(Duration::from_secs(51));
    keycloak.find(&role()).await.unwrap();
    assert_eq!(server.asked(TOKEN).len(), 2);
}

#[tokio::test]
async fn a_token_that_is_not_taken_any_more_is_renewed_once() {
    let server = Server::start().await;
    let clock = Clock::system();
    let refusal = (
        401,
        None,
        r#"{"error": "HTTP 401 Unauthorized"}"#.to_owned(),
    );
    server.on(ROLE, &[refusal.clone(), (404, None, "{}".to_owned())]);
    assert!(
        server
            .keycloak(&clock)
            .find(&role())
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(server.asked(TOKEN).len(), 2);

    server.on(ROLE, &[refusal]);
    let error = server.keycloak(&clock).find(&role()).await.unwrap_err();
    assert!(
        matches!(error, TargetError::Refused { status: 401, .. }),
        "{error}"
    );
    assert_eq!(server.asked(ROLE).len(), 4, "twice each, and then no more");
}

#[tokio::test]
async fn cli_01_no_password_and_no_token_stand_in_any_message() {
    let server = Server::start().await;
    let clock = Clock::system();
    let mut messages = Vec::new();
    for (status, body) in [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"Invalid user credentials"}"#,
        ),
        (401, r#"{"error":"unauthorized_client"}"#),
        (500, "oops"),
        (
            200,
            r#"{"access_token": "canary-token", "access_token": "canary-token"}"#,
        ),
        (200, "canary-token"),
        (404, "{}"),
    ] {
        server.json(TOKEN, status, body);
        messages.push(
            server
                .keycloak(&clock)
                .test()
                .await
                .unwrap_err()
                .to_string(),
        );
    }
    for message in &messages {
        assert!(!message.contains("canary"), "{message}");
    }
    assert!(
        messages[0].contains("KEYCLOAK_ADMIN_PASSWORD"),
        "{messages:?}"
    );
    assert!(messages[5].contains("KEYCLOAK_URL"), "{messages:?}");
}

#[tokio::test]
async fn cli_02_no_redirect_is_followed_and_location_must_lead_to_what_was_made() {
    let server = Server::start().await;
    let clock = Clock::system();
    let away = "https://evil.example/admin".to_owned();
    server.on(ROLE, &[(302, Some(("location", away)), String::new())]);
    let error = server.keycloak(&clock).find(&role()).await.unwrap_err();
    assert!(error.to_string().contains("not followed"), "{error}");

    let id = "ba3a9d97-4d38-456d-9229-55c624692586";
    let scope = wanted(
        "keycloak:client_scope",
        json!({ "name": "s", "attributes": { "include.in.token.scope": "false" } }),
    );
    for location in [
        format!("https://evil.example/admin/realms/r/client-scopes/{id}"),
        format!("{}/admin/realms/other/client-scopes/{id}", server.base),
        format!(
            "{}.evil.example/admin/realms/r/client-scopes/{id}",
            server.base
        ),
    ] {
        let made = (201, Some(("location", location.clone())), String::new());
        server.on("POST /admin/realms/r/client-scopes", &[made]);
        let error = server.keycloak(&clock).create(&scope).await.unwrap_err();
        assert!(
            error.to_string().contains("Location"),
            "{location}: {error}"
        );
    }
    let right = format!("{}/admin/realms/r/client-scopes/{id}", server.base);
    let made = (201, Some(("location", right)), String::new());
    server.on("POST /admin/realms/r/client-scopes", &[made]);
    let mut kept = scope.body.clone();
    kept["protocol"] = "openid-connect".into();
    server.json(
        &format!("GET /admin/realms/r/client-scopes/{id}"),
        200,
        &kept.to_string(),
    );
    let existing = server.keycloak(&clock).create(&scope).await.unwrap();
    assert_eq!(existing.id, id);
}

#[tokio::test]
async fn cli_12_a_busy_server_is_waited_for_but_not_for_ever() {
    let server = Server::start().await;
    let clock = Clock::system();
    let later = |seconds: &str| {
        (
            429,
            Some(("retry-after", seconds.to_owned())),
            String::new(),
        )
    };
    server.on(ROLE, &[later("1"), (404, None, "{}".to_owned())]);
    assert!(
        server
            .keycloak(&clock)
            .find(&role())
            .await
            .unwrap()
            .is_none()
    );
    server.on(ROLE, &[later("86400")]);
    let error = server.keycloak(&clock).find(&role()).await.unwrap_err();
    assert!(
        matches!(error, TargetError::Refused { status: 429, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn refusals_and_rubbish_are_told_with_what_to_do() {
    let server = Server::start().await;
    let clock = Clock::system();
    for (status, body, word) in [
        (403, r#"{"error":"HTTP 403 Forbidden"}"#, "create-realm"),
        (500, r#"{"error":"unknown_error"}"#, "unknown_error"),
        (502, "<html>\u{1b}[31mbad gateway", "bad gateway"),
        (200, "<html>", "no JSON"),
    ] {
        server.json(ROLE, status, body);
        let error = server
            .keycloak(&clock)
            .find(&role())
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(word) && !error.contains('\u{1b}'), "{error}");
        assert!(
            error.starts_with("GET /admin/realms/r/roles/one"),
            "{error}"
        );
    }
    server.json(
        "POST /admin/realms/r/roles",
        409,
        r#"{"errorMessage":"Role with name one already exists"}"#,
    );
    let error = server.keycloak(&clock).create(&role()).await.unwrap_err();
    assert!(error.to_string().contains("already exists"), "{error}");
}

#[tokio::test]
async fn a_realm_that_one_may_not_look_into_is_named_and_left_alone() {
    let server = Server::start().await;
    server.json(
        "GET /admin/realms/r",
        200,
        r#"{"realm":"r","displayName":"Theirs"}"#,
    );
    let realm = wanted("keycloak:realm", json!({ "realm": "r" }));
    let error = server
        .keycloak(&Clock::system())
        .find(&realm)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("KEYCLOAK_REALM"), "{error}");
}

#[tokio::test]
async fn cli_07_an_id_from_a_file_is_never_a_path() {
    let server = Server::start().await;
    let keycloak = server.keycloak(&Clock::system());
    for id in ["../../master", "a/b", "", "x?y", ".."] {
        let gone = keycloak.delete("keycloak:client", None, id).await;
        assert!(matches!(gone, Err(TargetError::Input { .. })), "{id}");
        assert!(keycloak.read(&role(), id).await.is_err(), "{id}");
    }
    let gone = keycloak.delete("keycloak:client", None, "abc-1").await;
    assert!(!gone.unwrap(), "404: it is gone already");
}

#[tokio::test]
async fn another_realm_of_the_same_name_is_not_deleted() {
    let server = Server::start().await;
    let realm = r#"{"id":"other","realm":"r","displayName":"Theirs","enabled":false}"#;
    server.json("GET /admin/realms/r", 200, realm);
    let keycloak = server.keycloak(&Clock::system());
    assert!(
        !keycloak
            .delete("keycloak:realm", None, "ours")
            .await
            .unwrap()
    );
    assert!(server.asked("DELETE /admin/realms/r").is_empty());
    assert!(keycloak.tagged("tag7").await.unwrap().is_empty());
    server.json("DELETE /admin/realms/r", 204, "");
    assert!(
        keycloak
            .delete("keycloak:realm", None, "other")
            .await
            .unwrap()
    );
}

#[test]
fn settings_that_are_missing_or_wrong_are_named() {
    let base = ("KEYCLOAK_URL", "https://keycloak.example.com");
    let password = ("KEYCLOAK_ADMIN_PASSWORD", "canary");
    let secret = ("KEYCLOAK_ADMIN_SECRET", "canary");
    for (settings, named) in [
        (vec![password], "KEYCLOAK_URL"),
        (
            vec![("KEYCLOAK_URL", "http://keycloak.example.com"), password],
            "KEYCLOAK_URL",
        ),
        (
            vec![("KEYCLOAK_URL", "https://keycloak.example.com?x"), password],
            "KEYCLOAK_URL",
        ),
        (vec![base], "KEYCLOAK_ADMIN_PASSWORD"),
        (vec![base, secret], "KEYCLOAK_ADMIN"),
        (
            vec![base, ("KEYCLOAK_ADMIN", "a"), secret, password],
            "KEYCLOAK_ADMIN_SECRET",
        ),
        (
            vec![base, password, ("KEYCLOAK_REALM", "master")],
            "KEYCLOAK_REALM",
        ),
        (
            vec![base, password, ("KEYCLOAK_REALM", "../x")],
            "KEYCLOAK_REALM",
        ),
        (
            vec![base, password, ("KEYCLOAK_REALM", "..")],
            "KEYCLOAK_REALM",
        ),
    ] {
        let source = Source::of(settings);
        let read = Keycloak::from_settings(&source, Client::new(&[]).unwrap(), Clock::system());
        let error = read.err().expect(named);
        assert_eq!(error.name(), named);
        assert!(!error.to_string().contains("canary"));
    }
    let source = Source::of([base, ("KEYCLOAK_ADMIN", "a"), secret]);
    let keycloak = Keycloak::from_settings(&source, Client::new(&[]).unwrap(), Clock::system());
    assert_eq!(
        keycloak.unwrap().tenant(),
        "https://keycloak.example.com/realms/solar-system"
    );
}

#[tokio::test]
async fn members_of_a_realm_that_are_wanted_are_read_back_and_their_secrets_are_hidden() {
    let server = Server::start().await;
    let told = json!({
        "id": "r1", "realm": "r", "enabled": false, "otpPolicyDigits": 6, "loginTheme": "x",
        "smtpServer": { "host": "old.example.com", "password": "**********" },
    });
    server.json("GET /admin/realms/r", 200, &told.to_string());
    let keycloak = server.keycloak(&Clock::system());
    let mut body = json!({
        "realm": "r", "enabled": false, "otpPolicyDigits": 6,
        "smtpServer": { "host": "old.example.com", "password": "canary" },
    });
    let found = keycloak.find(&wanted("keycloak:realm", body.clone())).await;
    let found = found.unwrap().unwrap();
    assert!(found.value.get("loginTheme").is_none());
    let at = |body: &Value| keycloak.differences(&wanted("keycloak:realm", body.clone()), &found);
    let there: Vec<_> = at(&body).into_iter().map(|one| one.at).collect();
    for member in [
        "/otpPolicyDigits",
        "/smtpServer/host",
        "/smtpServer/password",
    ] {
        assert!(!there.contains(&member.to_owned()), "{there:?}");
    }
    body["smtpServer"] = json!({ "host": "h", "password": { "value": "canary" } });
    body["identityProviders"] = json!([{ "config": { "clientSecret": "canary" } }]);
    let all = format!("{:?}", at(&body));
    assert!(all.contains("(hidden)") && !all.contains("canary"), "{all}");
}

#[tokio::test]
async fn cli_12_absurd_numbers_of_a_server_do_not_stop_the_tool() {
    let server = Server::start().await;
    let token = json!({ "access_token": "t", "expires_in": i64::MIN, "token_type": "Bearer" });
    server.json(TOKEN, 200, &token.to_string());
    let later = |seconds: &str| {
        (
            429,
            Some(("retry-after", seconds.to_owned())),
            String::new(),
        )
    };
    server.on(ROLE, &[later("1"), later("18446744073709551615")]);
    let error = server.keycloak(&Clock::system()).find(&role()).await;
    assert!(matches!(
        error,
        Err(TargetError::Refused { status: 429, .. })
    ));
}

#[tokio::test]
async fn roles_are_added_before_others_go() {
    let server = Server::start().await;
    let id = "ba3a9d97-4d38-456d-9229-55c624692586";
    let roles = format!("/admin/realms/r/groups/{id}/role-mappings/realm");
    server.json(&format!("GET {roles}"), 200, r#"[{"name":"wrong"}]"#);
    server.json(ROLE, 200, r#"{"id":"1","name":"one"}"#);
    server.json(&format!("PUT /admin/realms/r/groups/{id}"), 204, "");
    server.json(&format!("POST {roles}"), 403, "{}");
    server.json(&format!("DELETE {roles}"), 204, "");
    let group = wanted(
        "keycloak:group",
        json!({ "name": "g", "realmRoles": ["one"] }),
    );
    let existing = crate::bootstrap::Existing {
        id: id.to_owned(),
        value: Value::Null,
    };
    let keycloak = server.keycloak(&Clock::system());
    assert!(keycloak.update(&group, &existing).await.is_err());
    assert_eq!(server.asked(&format!("POST {roles}")).len(), 1);
    assert!(server.asked(&format!("DELETE {roles}")).is_empty());
}
