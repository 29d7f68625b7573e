use super::*;
use crate::{net::Client as Http, oauth::Secret, settings::RedirectUri};
use axum::{
    Router,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use url::Url;

/// What a scripted endpoint got.
#[derive(Clone, Debug)]
struct Got {
    method: Method,
    path: String,
    authorization: String,
    body: Value,
}

type Log = Arc<Mutex<Vec<Got>>>;

/// An endpoint that answers by method, from a list.
async fn endpoint(credential: Credential, answers: Vec<(Method, u16, Value)>) -> (Endpoint, Log) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let kept = Arc::clone(&log);
    let own = base.clone();
    let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: String| async move {
        let authorization = headers.get("authorization");
        let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
        kept.lock().unwrap().push(Got {
            method: method.clone(),
            path: uri.to_string(),
            authorization: authorization.unwrap_or_default(),
            body: serde_json::from_str(&body).unwrap_or(Value::Null),
        });
        let answer = answers.iter().find(|(of, ..)| *of == method);
        let (_, status, body) = answer.cloned().unwrap_or((method, 405, Value::Null));
        let body = body.to_string().replace("BASE", &own);
        (StatusCode::from_u16(status).unwrap(), body)
    };
    let router = Router::new().fallback(handler);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let endpoint = Endpoint {
        http: Http::new(&[]).unwrap(),
        url: Url::parse(&format!("{base}/clients")).unwrap(),
        credential,
    };
    (endpoint, log)
}

fn app() -> Client {
    let redirect_uri = RedirectUri::parse("http://localhost:8080/callback").unwrap();
    Client::of(Role::App, "Solar System".to_owned(), &redirect_uri)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_registration_is_the_portals_and_its_answer_is_taken_apart() {
    let answer = json!({"client_id": "a", "client_secret": "canary", "registration_access_token": "canary2", "registration_client_uri": "BASE/clients/a", "grant_types": ["authorization_code"]});
    let token = Secret::new("initial");
    let (endpoint, log) = endpoint(
        Credential::Initial(token),
        vec![(Method::POST, 201, answer)],
    )
    .await;
    let registered = endpoint.register(&app()).await.unwrap();
    let got = log.lock().unwrap()[0].clone();
    assert_eq!(got.authorization, "Bearer initial");
    assert_eq!(
        got.body["redirect_uris"],
        json!(["http://localhost:8080/callback"])
    );
    assert_eq!(
        got.body["post_logout_redirect_uris"],
        json!(["http://localhost:8080/signed-out"])
    );
    assert_eq!(got.body["response_types"], json!(["code"]));
    assert_eq!(registered.client_secret.unwrap().expose(), "canary");
    assert_eq!(registered.access_token.unwrap().expose(), "canary2");
    assert!(registered.uri.is_some());
    assert!(!format!("{:?}", registered.metadata).contains("canary"));
}

#[tokio::test]
async fn a_change_sends_everything_back_but_what_is_the_servers() {
    let read = json!({"client_id": "a", "client_name": "mine", "odd": [1], "client_secret": "canary", "client_id_issued_at": 1, "client_secret_expires_at": 0,
        "registration_access_token": "second", "registration_client_uri": "BASE/clients/a", "grant_types": ["authorization_code"], "response_types": ["code"], "logo_uri": null});
    let answers = vec![(Method::GET, 200, read.clone()), (Method::PUT, 200, read)];
    let (endpoint, log) = endpoint(Credential::None, answers).await;
    let known = Known {
        client_id: "a".to_owned(),
        uri: Some(Url::parse(&format!("{}/a", endpoint.url)).unwrap()),
        access_token: Some(Secret::new("first")),
    };
    let change = Change {
        add_grant_types: vec!["client_credentials".to_owned()],
        ..Change::default()
    };
    let kept = Mutex::new(Vec::new());
    let keep = |read: &Registered| {
        kept.lock()
            .unwrap()
            .push(read.access_token.clone().unwrap());
        assert_eq!(
            log.lock().unwrap().len(),
            1,
            "kept before the change is sent"
        );
        Ok(())
    };
    endpoint.update(&known, &change, keep).await.unwrap();
    assert_eq!(kept.lock().unwrap()[0].expose(), "second");
    let got = log.lock().unwrap().clone();
    assert_eq!(
        (got[0].authorization.as_str(), got[1].authorization.as_str()),
        ("Bearer first", "Bearer second")
    );
    let sent = &got[1].body;
    assert_eq!(
        sent["grant_types"],
        json!(["authorization_code", "client_credentials"])
    );
    assert_eq!(
        (
            &sent["client_id"],
            &sent["client_name"],
            &sent["odd"],
            &sent["response_types"]
        ),
        (&json!("a"), &json!("mine"), &json!([1]), &json!(["code"]))
    );
    assert_eq!(sent.as_object().unwrap().len(), 5, "{sent}");
    assert_eq!(
        (&got[0].method, &got[1].method),
        (&Method::GET, &Method::PUT)
    );
}

#[tokio::test]
async fn at_okta_the_api_token_changes_a_client_at_its_id() {
    let read = json!({"client_id": "0oa1", "grant_types": ["authorization_code"], "application_type": "web"});
    let answers = vec![
        (Method::GET, 200, read.clone()),
        (Method::PUT, 200, read),
        (Method::DELETE, 204, Value::Null),
    ];
    let (endpoint, log) = endpoint(Credential::Ssws(Secret::new("api")), answers).await;
    let known = Known {
        client_id: "0oa1".to_owned(),
        uri: None,
        access_token: None,
    };
    let keep = |_: &Registered| panic!("nothing is new");
    endpoint
        .update(&known, &Change::default(), keep)
        .await
        .unwrap();
    assert!(endpoint.delete(&known).await.unwrap());
    for got in log.lock().unwrap().iter() {
        assert_eq!(
            (got.path.as_str(), got.authorization.as_str()),
            ("/clients/0oa1", "SSWS api")
        );
    }
}

#[tokio::test]
async fn cli_02_a_clients_own_place_on_another_origin_is_not_called() {
    let (endpoint, log) = endpoint(Credential::None, Vec::new()).await;
    let known = Known {
        client_id: "a".to_owned(),
        uri: Some(Url::parse("http://localhost:1/clients/a").unwrap()),
        access_token: Some(Secret::new("canary")),
    };
    let error = endpoint.delete(&known).await.unwrap_err();
    assert!(matches!(error, RegisterError::NoCredential(_)), "{error}");
    assert!(log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn cli_12_refusals_are_told_in_the_providers_words_escaped_and_cut_with_what_to_do() {
    for (status, body, told) in [
        (
            400,
            json!({"error": "invalid_redirect_uri", "error_description": "no\u{1b}[31m\nwild"}),
            "--redirect-uri",
        ),
        (
            400,
            json!({"error": "invalid_client_metadata"}),
            "--grant-type",
        ),
        (
            401,
            json!({"errorCode": "E0000011", "errorSummary": "Invalid token provided"}),
            "OKTA_API_TOKEN",
        ),
        (
            403,
            json!({"error": "insufficient_scope"}),
            "INITIAL_ACCESS_TOKEN",
        ),
        (404, Value::Null, "CLIENT_REGISTRATION_URL"),
        (
            429,
            json!({"errorCauses": [{"errorSummary": "slow down"}]}),
            "slow down",
        ),
        (500, json!({"error": "x".repeat(9_000)}), "xxx"),
    ] {
        let (endpoint, _) = endpoint(Credential::None, vec![(Method::POST, status, body)]).await;
        let error = endpoint.register(&app()).await.unwrap_err().to_string();
        assert!(
            error.contains(told) && error.contains(&status.to_string()),
            "{error}"
        );
        assert!(!error.contains('\u{1b}') && error.len() < 1_000, "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_names_no_client_is_nonsense() {
    for (status, body) in [
        (201, json!({})),
        (201, json!([])),
        (200, json!({"client_id": ""})),
        (201, json!({"client_id": 7})),
    ] {
        let (endpoint, _) = endpoint(Credential::None, vec![(Method::POST, status, body)]).await;
        let error = endpoint.register(&app()).await.unwrap_err();
        assert!(
            matches!(&error, RegisterError::Unsure { problem, .. } if matches!(**problem, RegisterError::Nonsense { .. })),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .contains("a client named Solar System may"),
            "{error}"
        );
    }
    let (endpoint, _) = endpoint(
        Credential::None,
        vec![(Method::POST, 302, json!({"client_id": "a"}))],
    )
    .await;
    assert!(matches!(
        endpoint.register(&app()).await,
        Err(RegisterError::Refused { .. })
    ));
}

#[test]
fn what_differs_is_told_and_why() {
    let mut client = app();
    client.grant_types.push("implicit".to_owned());
    client.scope = Some("openid read".to_owned());
    let asked = client.metadata(true);
    let registered = json!({"grant_types": ["authorization_code", "password"], "response_types": ["code"], "redirect_uris": ["http://localhost:8080/callback"],
        "token_endpoint_auth_method": "client_secret_post", "scope": "openid"});
    let told = differences(&asked, &object(registered)).join("\n");
    for part in [
        "implicit was left out; it hands",
        "password was added",
        "token was left out",
        "client_secret_post instead of client_secret_basic",
        "scope: read was left out",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(!told.contains("redirect_uris"), "{told}");
    assert!(differences(&asked, &asked).is_empty());
    assert!(differences(&asked, &Map::new()).is_empty());
}

#[test]
fn a_service_is_called_that_at_okta_alone() {
    let redirect_uri = RedirectUri::parse("http://localhost:8080/").unwrap();
    let machine = Client::of(Role::Machine, "m".to_owned(), &redirect_uri);
    let (okta, others) = (machine.metadata(true), machine.metadata(false));
    assert_eq!(
        (&okta["application_type"], &okta["response_types"]),
        (&json!("service"), &json!(["token"]))
    );
    assert_eq!(
        (others.get("application_type"), &others["response_types"]),
        (None, &json!([]))
    );
    assert_eq!(app().metadata(true)["application_type"], "web");
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("kept-{}", crate::oauth::random_value()))
}

fn registered(secret: Option<&str>) -> Registered {
    Registered {
        client_id: "a".to_owned(),
        client_secret: secret.map(Secret::new),
        uri: Some(Url::parse("https://idp.example/clients/a").unwrap()),
        access_token: Some(Secret::new("canary-token")),
        metadata: object(json!({"client_id": "a"})),
    }
}

#[test]
fn cli_06_the_secret_is_in_a_new_file_and_never_written_over_by_itself() {
    let folder = folder();
    let kept = Kept::at(&folder.join("deeper"), Role::App);
    kept.prepare(false).unwrap();
    kept.keep(
        "https://idp.example/clients",
        &registered(Some("canary")),
        false,
    )
    .unwrap();
    assert_eq!(fs::read_to_string(&kept.secret).unwrap(), "canary");
    #[cfg(unix)]
    for file in [&kept.secret, &kept.record] {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(
        !fs::read_to_string(&kept.record)
            .unwrap()
            .contains("\"canary\"")
    );
    assert!(matches!(kept.prepare(false), Err(KeptError::Exists(_))));
    kept.prepare(true).unwrap();
    kept.keep(
        "https://idp.example/clients",
        &registered(Some("newer")),
        true,
    )
    .unwrap();
    assert_eq!(fs::read_to_string(&kept.secret).unwrap(), "newer");
    let (known, at) = kept.read().unwrap();
    assert_eq!(
        (known.client_id.as_str(), at.as_deref()),
        ("a", Some("https://idp.example/clients"))
    );
    assert_eq!(known.access_token.unwrap().expose(), "canary-token");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_change_keeps_the_secret_and_the_token_that_it_does_not_tell_anew() {
    let folder = folder();
    let kept = Kept::at(&folder, Role::Introspection);
    kept.prepare(false).unwrap();
    kept.keep(
        "https://idp.example/clients",
        &registered(Some("canary")),
        false,
    )
    .unwrap();
    let mut quiet = registered(None);
    (quiet.uri, quiet.access_token) = (None, None);
    kept.keep_changed("https://idp.example/clients", &quiet)
        .unwrap();
    let (known, _) = kept.read().unwrap();
    assert_eq!(known.access_token.unwrap().expose(), "canary-token");
    assert!(known.uri.is_some());
    assert!(
        fs::read_to_string(&kept.record)
            .unwrap()
            .contains("introspect_client_secret")
    );
    kept.forget().unwrap();
    kept.forget().unwrap();
    assert!(matches!(kept.read(), Err(KeptError::Missing(_))));
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_new_token_is_kept_even_when_the_change_then_fails() {
    let read = json!({"client_id": "a", "registration_access_token": "second"});
    let answers = vec![(Method::GET, 200, read), (Method::PUT, 500, Value::Null)];
    let (endpoint, _) = endpoint(Credential::None, answers).await;
    let folder = folder();
    let kept = Kept::at(&folder, Role::App);
    kept.prepare(false).unwrap();
    let mut first = registered(None);
    first.uri = Some(Url::parse(&format!("{}/a", endpoint.url)).unwrap());
    kept.keep(endpoint.url.as_str(), &first, false).unwrap();
    let (known, _) = kept.read().unwrap();
    let keep = |read: &Registered| kept.keep_changed(endpoint.url.as_str(), read);
    let failed = endpoint.update(&known, &Change::default(), keep).await;
    assert!(matches!(failed, Err(RegisterError::Refused { .. })));
    let (known, _) = kept.read().unwrap();
    assert_eq!(known.access_token.unwrap().expose(), "second");
    assert!(known.uri.is_some());
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn cli_11_an_access_token_of_a_scoped_app_is_a_bearer_token() {
    let answer = json!({"client_id": "0oa1"});
    let answers = vec![
        (Method::POST, 201, answer),
        (Method::DELETE, 204, Value::Null),
    ];
    let token = Secret::new("eyJh.eyJz.c2ln");
    let (endpoint, log) = endpoint(Credential::Ssws(token), answers).await;
    endpoint.register(&app()).await.unwrap();
    let known = Known {
        client_id: "0oa1".to_owned(),
        uri: None,
        access_token: None,
    };
    endpoint.delete(&known).await.unwrap();
    for got in log.lock().unwrap().iter() {
        assert_eq!(got.authorization, "Bearer eyJh.eyJz.c2ln", "{}", got.method);
    }
}

#[tokio::test]
async fn a_client_that_is_gone_is_told_from_a_failure() {
    for (status, denial) in [(401, true), (403, true), (500, false)] {
        let answers = vec![(Method::DELETE, status, Value::Null)];
        let (endpoint, _) = endpoint(Credential::None, answers).await;
        let known = Known {
            client_id: "a".to_owned(),
            uri: Some(Url::parse(&format!("{}/a", endpoint.url)).unwrap()),
            access_token: Some(Secret::new("spent")),
        };
        let error = endpoint.delete(&known).await.unwrap_err();
        assert_eq!(error.is_denial(), denial, "{error}");
    }
}

#[test]
fn a_client_without_a_secret_leaves_no_older_one_and_a_killed_run_stops_nobody() {
    let folder = folder();
    let kept = Kept::at(&folder, Role::App);
    kept.prepare(false).unwrap();
    let at = "https://idp.example/clients";
    kept.keep(at, &registered(Some("canary")), false).unwrap();
    fs::write(kept.record.with_extension("probe"), "").unwrap();
    kept.prepare(true).unwrap();
    kept.keep(at, &registered(None), true).unwrap();
    assert!(!kept.secret.exists());
    let record = fs::read_to_string(&kept.record).unwrap();
    assert!(!record.contains("secret_file"), "{record}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn without_a_place_for_the_secret_the_client_is_known_all_the_same() {
    let folder = folder();
    let kept = Kept::at(&folder, Role::App);
    kept.prepare(false).unwrap();
    fs::create_dir(&kept.secret).unwrap();
    let at = "https://idp.example/clients";
    let failed = kept.keep(at, &registered(Some("canary")), false);
    assert!(matches!(failed, Err(KeptError::Io { .. })));
    assert_eq!(kept.read().unwrap().0.client_id, "a");
    fs::remove_dir_all(folder).unwrap();
}
