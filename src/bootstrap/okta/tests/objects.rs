//! Finding, making, mending and deleting, request by request.

use super::*;
use std::sync::{Arc, Mutex};

/// A tenant that keeps what is put at paths, as far as these tests go.
async fn keeping(objects: Vec<(&'static str, Value)>) -> Tenant {
    let objects: Arc<Mutex<Vec<(String, Value)>>> = Arc::new(Mutex::new(
        objects
            .into_iter()
            .map(|(path, value)| (path.to_owned(), value))
            .collect(),
    ));
    Tenant::start(move |_, request| {
        let mut objects = objects.lock().unwrap();
        let path = request.path.split('?').next().unwrap().to_owned();
        let at = objects.iter().position(|(there, _)| *there == path);
        match (request.method.as_str(), at) {
            ("GET", Some(at)) => Reply::json(200, &objects[at].1),
            ("GET", None) => {
                let inside = format!("{path}/");
                let below = objects.iter().filter(|(there, _)| {
                    there
                        .strip_prefix(&inside)
                        .is_some_and(|rest| !rest.contains('/'))
                });
                let rows: Vec<_> = below.map(|(_, value)| value.clone()).collect();
                let is_list = path.matches('/').count() % 2 == 1 || path.ends_with("clients");
                if rows.is_empty() && !is_list {
                    return Reply::json(404, &json!({ "errorCode": "E0000007" }));
                }
                Reply::json(200, &json!(rows))
            }
            ("PUT" | "POST", Some(at)) if !path.contains("lifecycle") => {
                let there = objects[at].1.as_object_mut().unwrap();
                there.extend(request.body.as_object().cloned().unwrap_or_default());
                Reply::json(200, &objects[at].1)
            }
            ("PUT", None) => {
                let id = path.rsplit('/').next().unwrap();
                objects.push((path.clone(), json!({ "id": id })));
                Reply::json(200, &json!({ "id": id }))
            }
            ("DELETE", Some(at)) => {
                objects.remove(at);
                Reply::status(204)
            }
            ("DELETE", None) => Reply::json(404, &json!({})),
            _ => Reply::status(204),
        }
    })
    .await
}

#[tokio::test]
async fn only_the_same_name_is_the_same_object() {
    let tenant = keeping(vec![
        ("/api/v1/groups/00g1", told_group("ours and more")),
        (
            "/api/v1/groups/00g2",
            json!({ "id": "00g2", "profile": { "name": "Ours" } }),
        ),
    ])
    .await;
    assert!(tenant.okta.find(&group("ours")).await.unwrap().is_none());
    assert!(tenant.okta.find(&group("Ours")).await.unwrap().is_some());
    let odd = "a \"quoted\" & = # ? / ü % name";
    assert!(tenant.okta.find(&group(odd)).await.unwrap().is_none());
    assert_eq!(
        tenant.calls().last().unwrap(),
        "GET /api/v1/groups?q=a%20%22quoted%22%20%26%20%3D%20%23%20%3F%20%2F%20%C3%BC%20%25%20name&limit=200"
    );
}

#[tokio::test]
async fn two_of_one_name_are_not_chosen_between() {
    let tenant = keeping(vec![
        ("/api/v1/groups/00g1", told_group("ours")),
        ("/api/v1/groups/00g2", told_group("ours")),
    ])
    .await;
    let error = tenant
        .okta
        .find(&group("ours"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("2 objects") && error.contains("00g1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_person_is_found_by_login_and_by_no_short_name() {
    let ada =
        json!({ "id": "00u1", "status": "ACTIVE", "profile": { "login": "ada@example.com" } });
    let tenant = keeping(vec![
        ("/api/v1/users/ada%40example.com", ada.clone()),
        ("/api/v1/users/ada", ada),
    ])
    .await;
    let person = |login: &str| wanted("okta:user", None, json!({ "profile": { "login": login } }));
    assert!(
        tenant
            .okta
            .find(&person("ada@example.com"))
            .await
            .unwrap()
            .is_some()
    );
    assert!(tenant.okta.find(&person("ada")).await.unwrap().is_none());
    assert!(
        tenant
            .okta
            .find(&person("bob@example.com"))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn an_id_that_is_a_path_is_not_asked_for() {
    let tenant = keeping(vec![]).await;
    for odd in ["../users/00u1", "", "a/b", "a?x", "%2e%2e"] {
        assert!(
            tenant.okta.read(&group("ours"), odd).await.is_err(),
            "{odd}"
        );
        assert!(
            tenant.okta.delete("okta:user", None, odd).await.is_err(),
            "{odd}"
        );
    }
    let elsewhere = Some("/api/v1/users");
    assert!(
        tenant
            .okta
            .delete("okta:user_group", elsewhere, "00g1")
            .await
            .is_err()
    );
    assert!(tenant.received().is_empty());
}

fn app(client_status: &str) -> Value {
    json!({
        "id": "0oa1", "name": "oidc_client", "label": "app", "signOnMode": "OPENID_CONNECT", "status": client_status,
        "created": "x", "_links": {}, "visibility": { "hide": { "web": true } },
        "credentials": { "oauthClient": { "client_id": "0oa1", "client_secret": "told", "pkce_required": false } },
        "settings": { "oauthClient": { "redirect_uris": ["http://localhost:8080/callback"], "consent_method": "TRUSTED" } },
    })
}

fn client() -> Wanted {
    let mut wanted = wanted(
        "okta:client",
        Some("/oauth2/v1/clients"),
        json!({
            "client_name": "app", "client_uri": null,
            "redirect_uris": ["http://localhost:8080/callback"],
            "post_logout_redirect_uris": ["/signed-out"],
            "grant_types": ["authorization_code"],
            "pkce_required": true,
        }),
    );
    wanted.groups = vec!["00g1".to_owned(), "00g2".to_owned()];
    wanted
}

fn told_client() -> Value {
    json!({
        "client_id": "0oa1", "client_name": "app", "client_id_issued_at": 1, "logo_uri": "https://example.com/logo",
        "redirect_uris": ["http://localhost:8080/callback"], "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "client_secret_basic",
    })
}

#[tokio::test]
async fn cli_09_a_client_that_drifted_is_mended_with_its_app_and_its_groups() {
    let mut drifted = told_client();
    drifted["redirect_uris"] = json!(["http://localhost:8080/callback", "https://evil.example/"]);
    drifted["grant_types"] = json!(["authorization_code", "implicit"]);
    let tenant = keeping(vec![
        ("/oauth2/v1/clients/0oa1", drifted),
        ("/api/v1/apps/0oa1", app("ACTIVE")),
        ("/api/v1/apps/0oa1/groups/00g1", json!({ "id": "00g1" })),
        ("/api/v1/apps/0oa1/groups/00g9", json!({ "id": "00g9" })),
    ])
    .await;
    let found = tenant.okta.read(&client(), "0oa1").await.unwrap().unwrap();
    let at: Vec<_> = tenant
        .okta
        .differences(&client(), &found)
        .into_iter()
        .map(|one| one.at)
        .collect();
    assert_eq!(
        at,
        [
            "/redirect_uris",
            "/post_logout_redirect_uris",
            "/grant_types",
            "/pkce_required",
            "/groups"
        ]
    );
    let mended = tenant.okta.update(&client(), &found).await.unwrap();
    assert!(tenant.okta.differences(&client(), &mended).is_empty());
    let received = tenant.received();
    let put = |path: &str| {
        let found = received
            .iter()
            .find(|one| one.method == "PUT" && one.path == path);
        found
            .unwrap_or_else(|| panic!("{path}: {:?}", tenant.calls()))
            .body
            .clone()
    };
    let sent = put("/oauth2/v1/clients/0oa1");
    assert_eq!(sent["logo_uri"], "https://example.com/logo");
    for member in [
        "client_uri",
        "client_id_issued_at",
        "groups",
        "pkce_required",
        "post_logout_redirect_uris",
    ] {
        assert!(sent.get(member).is_none(), "{member} in {sent}");
    }
    let sent = put("/api/v1/apps/0oa1");
    assert_eq!(
        sent["credentials"]["oauthClient"],
        json!({ "client_id": "0oa1", "pkce_required": true })
    );
    assert_eq!(
        sent["settings"]["oauthClient"]["post_logout_redirect_uris"],
        json!(["http://localhost:8080/signed-out"])
    );
    assert!(sent.get("status").is_none() && sent.get("_links").is_none());
    let calls = tenant.calls();
    assert!(
        calls.contains(&"PUT /api/v1/apps/0oa1/groups/00g2".to_owned()),
        "{calls:?}"
    );
    assert!(
        calls.contains(&"DELETE /api/v1/apps/0oa1/groups/00g9".to_owned()),
        "{calls:?}"
    );
    // As it is wanted now, nothing more is sent.
    let before = tenant.calls().len();
    tenant.okta.update(&client(), &mended).await.unwrap();
    assert!(
        tenant.calls()[before..]
            .iter()
            .all(|call| call.starts_with("GET")),
        "{:?}",
        tenant.calls()
    );
}

#[tokio::test]
async fn cli_09_what_was_made_and_is_not_as_asked_is_an_error_that_says_how() {
    let mut other = told_client();
    other["redirect_uris"] = json!(["http://localhost:8080/callback", "http://localhost:8080/*"]);
    let tenant = Tenant::start(move |_, request| match request.path.as_str() {
        "/oauth2/v1/clients" => Reply::json(201, &other),
        "/oauth2/v1/clients/0oa1" => Reply::json(200, &other),
        path if path.ends_with("/groups") => Reply::json(200, &json!([])),
        _ => Reply::json(200, &app("ACTIVE")),
    })
    .await;
    let mut wanted = client();
    wanted.groups.clear();
    let error = tenant.okta.create(&wanted).await.unwrap_err();
    assert!(
        matches!(&error, TargetError::Unfinished { existing, .. } if existing.id == "0oa1"),
        "{error}"
    );
    let error = error.to_string();
    for part in [
        "THING was made, but",
        "/redirect_uris",
        "localhost:8080/*",
        "/pkce_required",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn a_person_is_put_back_to_work_and_into_their_groups_and_keeps_a_password_of_their_own() {
    let person = wanted(
        "okta:user",
        None,
        json!({
            "profile": { "login": "ada@example.com", "firstName": "Ada" },
            "credentials": { "password": { "value": "canary-1A" } },
            "groupIds": ["00g1"],
        }),
    );
    let there = json!({ "id": "00u1", "status": "ACTIVE", "profile": { "login": "ada@example.com", "firstName": "Eve" } });
    let tenant = keeping(vec![
        ("/api/v1/users/00u1", there.clone()),
        (
            "/api/v1/users/00u1/groups/00g2",
            json!({ "id": "00g2", "type": "OKTA_GROUP" }),
        ),
        (
            "/api/v1/users/00u1/groups/00g0",
            json!({ "id": "00g0", "type": "BUILT_IN" }),
        ),
    ])
    .await;
    let found = tenant.okta.read(&person, "00u1").await.unwrap().unwrap();
    assert_eq!(found.value["groupIds"], json!(["00g2"]));
    // The script does not move members, so that the last look still sees the wrong group.
    let error = tenant
        .okta
        .update(&person, &found)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("/groupIds") && !error.contains("canary"),
        "{error}"
    );
    let received = tenant.received();
    let changed = received.iter().find(|one| one.method == "POST").unwrap();
    assert_eq!(changed.path, "/api/v1/users/00u1");
    assert_eq!(
        changed.body,
        json!({ "profile": { "login": "ada@example.com", "firstName": "Ada" } })
    );
    let calls = tenant.calls();
    assert!(
        calls.contains(&"PUT /api/v1/groups/00g1/users/00u1".to_owned()),
        "{calls:?}"
    );
    assert!(
        calls.contains(&"DELETE /api/v1/groups/00g2/users/00u1".to_owned()),
        "{calls:?}"
    );

    let mut idle = there;
    idle["status"] = json!("DEPROVISIONED");
    let tenant = keeping(vec![("/api/v1/users/00u1", idle)]).await;
    let found = tenant.okta.read(&person, "00u1").await.unwrap().unwrap();
    assert!(tenant.okta.update(&person, &found).await.is_err());
    let calls = tenant.calls();
    assert!(
        calls.contains(&"POST /api/v1/users/00u1/lifecycle/activate?sendEmail=false".to_owned()),
        "{calls:?}"
    );
    let sent = tenant
        .received()
        .into_iter()
        .find(|one| one.path == "/api/v1/users/00u1" && one.method == "POST");
    assert_eq!(
        sent.unwrap().body["credentials"]["password"]["value"],
        "canary-1A"
    );
}

#[tokio::test]
async fn what_is_gone_is_deleted_without_complaint_and_a_person_takes_two_deletions() {
    let tenant = keeping(vec![("/api/v1/groups/00g1", told_group("ours"))]).await;
    assert!(
        tenant
            .okta
            .delete("okta:user_group", None, "00g1")
            .await
            .unwrap()
    );
    assert!(
        !tenant
            .okta
            .delete("okta:user_group", None, "00g1")
            .await
            .unwrap()
    );
    assert!(!tenant.okta.delete("okta:user", None, "00u1").await.unwrap());
    let server = "/api/v1/authorizationServers/aus1/scopes";
    assert!(
        !tenant
            .okta
            .delete("okta:scope", Some(server), "scp1")
            .await
            .unwrap()
    );

    let deleted = std::sync::atomic::AtomicUsize::new(0);
    let tenant = Tenant::start(move |_, request| {
        use std::sync::atomic::Ordering::SeqCst;
        match (request.method.as_str(), deleted.load(SeqCst)) {
            ("DELETE", _) => {
                deleted.fetch_add(1, SeqCst);
                Reply::status(204)
            }
            (_, 2..) => Reply::status(404),
            (_, done) => {
                let status = if done == 0 { "ACTIVE" } else { "DEPROVISIONED" };
                Reply::json(200, &json!({ "id": "00u1", "status": status }))
            }
        }
    })
    .await;
    assert!(
        tenant
            .okta
            .delete("okta:user", Some("/api/v1/users"), "00u1")
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn what_must_be_put_out_of_work_first_is() {
    let idle = std::sync::atomic::AtomicBool::new(false);
    let tenant = Tenant::start(move |_, request| {
        use std::sync::atomic::Ordering::SeqCst;
        match request.method.as_str() {
            "POST" => {
                idle.store(true, SeqCst);
                Reply::status(200)
            }
            _ if idle.load(SeqCst) => Reply::status(204),
            _ => Reply::json(403, &json!({ "errorCode": "E0000056" })),
        }
    })
    .await;
    assert!(
        tenant
            .okta
            .delete("okta:client", None, "0oa1")
            .await
            .unwrap()
    );
    assert_eq!(
        tenant.calls(),
        [
            "DELETE /oauth2/v1/clients/0oa1",
            "POST /api/v1/apps/0oa1/lifecycle/deactivate",
            "DELETE /oauth2/v1/clients/0oa1"
        ]
    );
}

#[tokio::test]
async fn cli_04_what_carries_the_tag_as_a_word_is_ours_and_a_short_tag_is_nobodys() {
    let named =
        |id: &str, name: &str| json!({ "id": id, "profile": { "name": name, "login": name } });
    let tenant = keeping(vec![
        ("/api/v1/groups/00g1", named("00g1", "first autogen2026-1")),
        ("/api/v1/groups/00g2", named("00g2", "first autogen2026-12")),
        ("/api/v1/groups/00g3", named("00g3", "first")),
        (
            "/api/v1/users/00u1",
            named("00u1", "ada.autogen2026-1@example.com"),
        ),
        (
            "/oauth2/v1/clients/0oa1",
            json!({ "client_id": "0oa1", "client_name": "autogen2026-1 app" }),
        ),
    ])
    .await;
    let tagged = tenant.okta.tagged("autogen2026-1").await.unwrap();
    let ids: Vec<_> = tagged
        .iter()
        .map(|one| (one.class.as_str(), one.id.as_str()))
        .collect();
    assert_eq!(
        ids,
        [
            ("okta:client", "0oa1"),
            ("okta:user", "00u1"),
            ("okta:user_group", "00g1")
        ]
    );
    for word in ["", "dev", "first", "production"] {
        assert!(tenant.okta.tagged(word).await.unwrap().is_empty(), "{word}");
    }
}

#[tokio::test]
async fn an_origin_is_found_by_name_and_else_by_what_it_trusts() {
    let there = json!({ "id": "tos1", "name": "somebody's", "origin": "http://localhost:8080", "status": "ACTIVE", "scopes": [{ "type": "CORS" }, { "type": "REDIRECT", "allowedOktaApps": [] }] });
    let tenant = keeping(vec![("/api/v1/trustedOrigins/tos1", there)]).await;
    let body = json!({ "name": "ours", "origin": "http://localhost:8080/callback" });
    let wanted = wanted("okta:trusted_origin", None, body);
    let found = tenant.okta.find(&wanted).await.unwrap().unwrap();
    assert_eq!(found.id, "tos1");
    assert!(tenant.okta.may_share(&wanted, &found));
    let without = json!({ "id": "tos1", "name": "ours", "origin": "http://localhost:8080", "status": "INACTIVE", "scopes": [] });
    let without = Existing {
        id: "tos1".to_owned(),
        value: without,
    };
    assert!(!tenant.okta.may_share(&wanted, &without));
    let mut group = wanted.clone();
    group.class = "okta:user_group".to_owned();
    assert!(!tenant.okta.may_share(&group, &found));
}

#[tokio::test]
async fn cli_04_an_assignment_of_a_group_of_ours_is_ours() {
    let tenant = keeping(vec![]).await;
    let place = Some("/api/v1/apps/0oa1/groups");
    let wanted = wanted("okta:app_assignment", place, json!({ "id": "00g1" }));
    let existing = |id: &str| Existing {
        id: id.to_owned(),
        value: json!({ "id": id }),
    };
    let ours = Ours {
        marks: Vec::new(),
        made: vec![("okta:user_group".to_owned(), "00g1".to_owned())],
    };
    assert!(tenant.okta.is_ours(&wanted, &existing("00g1"), &ours));
    assert!(!tenant.okta.is_ours(&wanted, &existing("00g2"), &ours));
    let mut group = wanted;
    group.class = "okta:user_group".to_owned();
    group.endpoint = None;
    assert!(!tenant.okta.is_ours(&group, &existing("00g1"), &ours));
}

#[tokio::test]
async fn a_policy_on_the_server_of_another_run_is_found_by_its_tag() {
    let server = "/api/v1/authorizationServers";
    let tenant = Tenant::start(move |_, request| {
        let path = request.path.split('?').next().unwrap();
        let rows = match path.strip_prefix(server) {
            Some("") => json!([{ "id": "aus1", "name": "theirs" }]),
            Some("/aus1/policies") => json!([
                { "id": "00p1", "name": "app autogen1-2" },
                { "id": "00p2", "name": "app autogen1-23" },
            ]),
            _ => json!([]),
        };
        Reply::json(200, &rows)
    })
    .await;
    let found = tenant.okta.tagged("autogen1-2").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, "00p1");
    assert_eq!(found[0].class, "okta:oauth_policy");
    let place = format!("{server}/aus1/policies");
    assert_eq!(found[0].endpoint.as_deref(), Some(place.as_str()));
}
