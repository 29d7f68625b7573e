//! What a change through the management API means for people and clients: it counts at once.

use super::*;
use serde_json::json;

pub(super) const TOKEN: &str = "an API token for tests, 32 bytes or more";

/// Starts with the management API on.
fn managed() -> Provider {
    Provider::start_with(|config| config.api_token = Some(Secret::new(TOKEN)))
}

pub(super) async fn manage(provider: &Provider, method: Method, path: &str, body: Value) -> Value {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("SSWS {TOKEN}"));
    let request = match body {
        Value::Null => request.body(Body::empty()),
        body => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string())),
    };
    let answer = provider.send(request.unwrap()).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap_or_default()
}

async fn find(provider: &Provider, list: &str) -> String {
    let found = manage(provider, Method::GET, list, Value::Null).await;
    found[0]["id"].as_str().unwrap().to_owned()
}

/// What asking for silver leads to.
async fn asked_for_silver(provider: &Provider, person: (&str, &str)) -> String {
    let browser = Browser::of(provider);
    let returned = browser.sign_in(&Asked::new(SILVER), person).await;
    let returned = returned.returned();
    let error = returned.get("error").cloned();
    error.unwrap_or_else(|| "code".to_owned())
}

#[tokio::test]
async fn sec_as_15_keys_overlap_at_rotation_for_as_long_as_their_tokens_count() {
    let provider = managed();
    let published = async || {
        let keys = provider.get(&format!("{BASE}/v1/keys")).await.json();
        let keys = keys["keys"].as_array().unwrap().clone();
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(
                keys.iter().all(|key| key.get(private).is_none()),
                "{private}"
            );
        }
        keys.iter()
            .map(|key| key["kid"].clone())
            .collect::<Vec<_>>()
    };
    let rotate = async || {
        let path = "/api/v1/authorizationServers/default/credentials/lifecycle/keyRotate";
        manage(&provider, Method::POST, path, json!({ "use": "sig" })).await
    };
    let kid = |tokens: &Value| {
        let token = tokens["access_token"].as_str().unwrap();
        crate::jose::inspect(token).unwrap().header["kid"].clone()
    };
    let mut issued = vec![provider.tokens(CARL, SILVER).await];
    for _ in 0..3 {
        rotate().await;
        issued.push(provider.tokens(CARL, SILVER).await);
    }
    let kids: Vec<Value> = issued.iter().map(kid).collect();
    assert_eq!(
        published().await,
        kids,
        "each key signed one, and all are there"
    );
    for tokens in &issued {
        let token = tokens["access_token"].as_str().unwrap();
        assert_eq!(provider.introspect(GATEWAY, token).await["active"], true);
    }
    // When none of their tokens can count any more, the keys go with the next rotation.
    provider.advance(24 * 3600);
    rotate().await;
    let left = published().await;
    assert_eq!((left.len(), &left[0]), (2, &kids[3]));
}

#[tokio::test]
async fn sec_as_17_a_group_that_is_deleted_takes_its_scope_from_everybody_at_once() {
    let provider = managed();
    assert_eq!(asked_for_silver(&provider, CARL).await, "code");
    let tokens = provider
        .tokens(CARL, &format!("{SILVER} offline_access"))
        .await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let group = find(&provider, "/api/v1/groups?q=silver").await;
    let path = format!("/api/v1/groups/{group}");
    manage(&provider, Method::DELETE, &path, Value::Null).await;
    assert_eq!(asked_for_silver(&provider, CARL).await, "access_denied");
    let refreshed = provider.refresh(refresh_token, "").await;
    assert_eq!(refreshed.status, 400, "{}", refreshed.body);
}

#[tokio::test]
async fn sec_as_17_a_member_who_is_taken_out_and_an_app_that_is_taken_from_a_group_count_at_once() {
    let provider = managed();
    let group = find(&provider, "/api/v1/groups?q=silver").await;
    let user = crate::blueprint::user_id(CARL.0);
    let member = format!("/api/v1/groups/{group}/users/{user}");
    manage(&provider, Method::DELETE, &member, Value::Null).await;
    assert_eq!(asked_for_silver(&provider, CARL).await, "access_denied");
    manage(&provider, Method::PUT, &member, Value::Null).await;
    assert_eq!(asked_for_silver(&provider, CARL).await, "code");
    let assigned = format!("/api/v1/apps/{APP}/groups/{group}");
    manage(&provider, Method::DELETE, &assigned, Value::Null).await;
    assert_eq!(asked_for_silver(&provider, CARL).await, "access_denied");
    manage(&provider, Method::PUT, &assigned, json!({})).await;
    assert_eq!(asked_for_silver(&provider, CARL).await, "code");
}

#[tokio::test]
async fn sec_ses_11_a_person_who_is_put_out_of_work_is_out_at_once_tokens_too() {
    let provider = managed();
    let tokens = provider.tokens(CARL, SILVER).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        provider.introspect(GATEWAY, access_token).await["active"],
        true
    );
    let path = format!("/api/v1/users/{}/lifecycle/deactivate", CARL.0);
    manage(&provider, Method::POST, &path, Value::Null).await;
    assert_eq!(
        provider.introspect(GATEWAY, access_token).await,
        json!({ "active": false })
    );
    let browser = Browser::of(&provider);
    let answer = browser.sign_in(&Asked::new(SILVER), CARL).await;
    assert_ne!(answer.status, 303);
}

#[tokio::test]
async fn a_person_who_is_made_signs_in_with_the_password_that_was_set_and_no_other() {
    let provider = managed();
    let group = find(&provider, "/api/v1/groups?q=silver").await;
    let person = json!({
        "profile": { "firstName": "Ada", "lastName": "L", "email": "ada@example.com", "login": "ada@example.com" },
        "credentials": { "password": { "value": "an-Unguessable-1" } },
        "groupIds": [group],
    });
    manage(&provider, Method::POST, "/api/v1/users", person).await;
    let ada = ("ada@example.com", "an-Unguessable-1");
    assert_eq!(asked_for_silver(&provider, ada).await, "code");
    let browser = Browser::of(&provider);
    let wrong = browser
        .sign_in(&Asked::new(SILVER), (ada.0, "another-Password-1"))
        .await;
    assert_ne!(wrong.status, 303);
    let change = json!({ "credentials": { "password": { "value": "another-Password-1" } } });
    manage(&provider, Method::POST, "/api/v1/users/ada", change).await;
    let changed = (ada.0, "another-Password-1");
    assert_eq!(asked_for_silver(&provider, changed).await, "code");
}

#[tokio::test]
async fn sec_com_08_every_change_is_one_line_with_actor_class_and_id_and_without_secrets() {
    let provider = managed();
    let (lines, _guard) = log::Lines::listen();
    let client = json!({ "client_name": "x\u{2603}", "redirect_uris": ["http://localhost:1"] });
    let made = manage(&provider, Method::POST, "/oauth2/v1/clients", client).await;
    let written = lines.take();
    assert_eq!(
        written.matches("event=\"management_change\"").count(),
        1,
        "{written}"
    );
    let id = made["client_id"].as_str().unwrap();
    for part in [
        "actor=\"api token\"",
        "class=\"client\"",
        "action=\"created\"",
        id,
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    let secret = made["client_secret"].as_str().unwrap();
    assert!(
        !written.contains(secret) && !written.contains(TOKEN) && !written.contains('\u{2603}'),
        "{written}"
    );
    let person = json!({
        "profile": { "email": "ada@example.com", "login": "ada@example.com" },
        "credentials": { "password": { "value": "hunter2-hunter2" }, "recovery_question": { "question": "q?", "answer": "hunter2" } },
    });
    manage(&provider, Method::POST, "/api/v1/users", person).await;
    let written = lines.take();
    assert!(
        written.contains("class=\"user\"") && !written.contains("hunter2"),
        "{written}"
    );
    let hostile = Request::get("/api/v1/groups/%0d%0aevent=%22forged%22%1b[31m")
        .header(header::AUTHORIZATION, format!("SSWS {TOKEN}"));
    let answer = provider.send(hostile.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 404);
    let written = lines.take();
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(!written.contains('\u{1b}') && !written.contains("event=\"forged\""));
}

const OFFLINE: &str = "openid offline_access http://myapp.com/scp/silver";

async fn app_is_told(provider: &Provider, token: &Value) -> bool {
    let token = token.as_str().unwrap();
    provider.introspect(APP, token).await["active"] == true
}

#[tokio::test]
async fn sec_ses_11_who_comes_back_begins_anew_and_so_does_who_gets_another_password() {
    let provider = managed();
    let change = json!({ "credentials": { "password": { "value": "another-Password-1" } } });
    let user = format!("/api/v1/users/{}", CARL.0);
    for ways in [
        vec![
            ("/lifecycle/deactivate", Value::Null),
            ("/lifecycle/activate", Value::Null),
        ],
        vec![("", change)],
    ] {
        let browser = Browser::of(&provider);
        let asked = Asked::new(OFFLINE);
        let code = browser.sign_in(&asked, CARL).await.returned()["code"].clone();
        let tokens = provider.redeem(&code, &asked.verifier).await.json();
        let waiting = Asked::new(SILVER);
        let unspent = browser.authorize(&waiting).await.returned()["code"].clone();
        assert!(app_is_told(&provider, &tokens["access_token"]).await);
        assert!(app_is_told(&provider, &tokens["refresh_token"]).await);
        for (end, body) in ways {
            manage(&provider, Method::POST, &format!("{user}{end}"), body).await;
        }
        assert!(!app_is_told(&provider, &tokens["access_token"]).await);
        assert!(!app_is_told(&provider, &tokens["refresh_token"]).await);
        let refresh_token = tokens["refresh_token"].as_str().unwrap();
        assert_eq!(provider.refresh(refresh_token, "").await.status, 400);
        assert_eq!(
            provider.redeem(&unspent, &waiting.verifier).await.status,
            400
        );
        browser.sign_in_page(&Asked::new(SILVER)).await; // the session has ended
    }
    let tokens = provider
        .tokens((CARL.0, "another-Password-1"), SILVER)
        .await;
    assert!(app_is_told(&provider, &tokens["access_token"]).await);
}

#[tokio::test]
async fn sec_ses_11_a_client_that_takes_the_id_of_one_that_went_does_not_revive_its_tokens() {
    let provider = managed();
    let tokens = provider.tokens(CARL, OFFLINE).await;
    let (access, refresh) = (&tokens["access_token"], &tokens["refresh_token"]);
    let is_active = async || {
        let token = access.as_str().unwrap();
        provider.introspect(GATEWAY, token).await["active"] == true
    };
    assert!(is_active().await);
    let path = format!("/api/v1/apps/{APP}");
    let out = format!("{path}/lifecycle/deactivate");
    manage(&provider, Method::POST, &out, Value::Null).await;
    manage(&provider, Method::DELETE, &path, Value::Null).await;
    let app = json!({
        "name": "oidc_client", "label": "another", "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "client_id": APP } },
        "settings": { "oauthClient": {
            "redirect_uris": [REDIRECT_URI], "grant_types": ["authorization_code", "refresh_token"],
        } },
    });
    let made = manage(&provider, Method::POST, "/api/v1/apps", app).await;
    assert!(!is_active().await);
    let secret = made["credentials"]["oauthClient"]["client_secret"].as_str();
    let own = basic_credentials(APP, &Secret::new(secret.unwrap()));
    for token in [access, refresh] {
        let fields = [("token", token.as_str().unwrap())];
        let told = provider
            .call_with(&[own.expose()], "/v1/introspect", &fields)
            .await;
        assert_eq!(told.json(), json!({ "active": false }));
    }
}

#[tokio::test]
async fn a_client_sees_others_tokens_only_where_no_policy_names_it() {
    let provider = managed();
    let tokens = provider.tokens(CARL, SILVER).await;
    let fields = [("token", tokens["access_token"].as_str().unwrap())];
    let web = json!({
        "client_name": "as the tutorial has it", "redirect_uris": ["http://localhost:1"],
        "grant_types": ["authorization_code", "implicit"], "application_type": "web",
    });
    let service = json!({
        "client_name": "a machine", "grant_types": ["client_credentials"], "application_type": "service",
    });
    for client in [web, service] {
        let made = manage(&provider, Method::POST, "/oauth2/v1/clients", client).await;
        let id = made["client_id"].as_str().unwrap().to_owned();
        let own = basic_credentials(&id, &Secret::new(made["client_secret"].as_str().unwrap()));
        let is_told = async || {
            let answer = provider
                .call_with(&[own.expose()], "/v1/introspect", &fields)
                .await;
            answer.json()["active"] == true
        };
        assert!(is_told().await);
        let policy = json!({
            "type": "OAUTH_AUTHORIZATION_POLICY", "name": id, "description": "names it", "priority": 1,
            "status": "ACTIVE", "conditions": { "clients": { "include": [id] } },
        });
        let policies = "/api/v1/authorizationServers/default/policies";
        manage(&provider, Method::POST, policies, policy).await;
        assert!(!is_told().await);
    }
}

#[tokio::test]
async fn a_new_secret_of_a_client_of_the_blueprint_ends_that_of_the_start() {
    let provider = managed();
    let fields = [("token", "x")];
    assert_eq!(
        provider.call(APP, "/v1/introspect", &fields).await.status,
        200
    );
    let path = format!("/oauth2/v1/clients/{APP}/lifecycle/newSecret");
    let made = manage(&provider, Method::POST, &path, Value::Null).await;
    assert_eq!(
        provider.call(APP, "/v1/introspect", &fields).await.status,
        401
    );
    let own = basic_credentials(APP, &Secret::new(made["client_secret"].as_str().unwrap()));
    let answer = provider
        .call_with(&[own.expose()], "/v1/introspect", &fields)
        .await;
    assert_eq!(answer.status, 200);
}
