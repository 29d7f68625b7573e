//! The router as a whole: what is left of visits of people who do not sign in, which is nothing.

use super::{
    App, Embedded, WebConfig,
    attempts::Attempts,
    machine::Flight,
    oidc::{Asked, Attempt, Provider, Registration, SignedIn},
    routes,
};
use crate::{
    blueprint::Blueprint,
    calls::Credential,
    clock::Clock,
    flight::Owner,
    net::Client,
    oauth::{Scopes, Secret},
    settings::RedirectUri,
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tower::ServiceExt;
use tower_sessions::{SessionStore, session::Record};
use url::Url;

/// An app at a provider that nobody can reach.
fn app() -> App {
    App::new(WebConfig {
        blueprint: Blueprint::default(),
        issuer: "http://127.0.0.1:9".to_owned(),
        registration: Registration {
            client_id: "app".to_owned(),
            credential: Credential::Secret(Secret::new("secret")),
            redirect_uri: "http://localhost:8080/callback".to_owned(),
            post_logout_redirect_uri: "http://localhost:8080/signed-out".to_owned(),
            audience: "api://default".to_owned(),
            ask_for_audience: false,
            id_token_hint: false,
        },
        machine: None,
        redirect_uri: RedirectUri::parse("http://localhost:8080/callback").unwrap(),
        gateway: Url::parse("http://localhost:8082").unwrap(),
        gateway_name: "embedded".to_owned(),
        api_url: None,
        embedded: Embedded::default(),
        session_secret: Secret::random(),
        session_max_age: Duration::from_secs(8 * 3600),
        session_idle: Duration::from_secs(1800),
        sign_in_rate: None,
        credentials: BTreeMap::new(),
        doctor: None,
        log_tokens: false,
        http: Client::new(&[]).unwrap(),
        clock: Clock::standing(),
    })
}

/// How much is kept: sessions, sign-ins, flights, and what log outs saw.
fn kept(app: &App) -> [u64; 4] {
    [
        app.sessions.count(),
        app.attempts.count(),
        app.flights.count(),
        app.farewells.count(),
    ]
}

#[tokio::test]
async fn sec_ses_07_a_thousand_visits_without_a_sign_in_keep_nothing() {
    let app = app();
    let router = routes(app.clone());
    for (path, status) in [
        ("/", StatusCode::OK),
        ("/signed-out?state=x", StatusCode::OK),
        ("/callback?code=c&state=s", StatusCode::BAD_REQUEST),
        ("/flights/x", StatusCode::NOT_FOUND),
        ("/nowhere", StatusCode::NOT_FOUND),
    ] {
        for _ in 0..200 {
            let request = Request::get(path).header("host", "localhost:8080");
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap());
            let answer = answer.await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            let cookies = answer.headers().get_all("set-cookie").iter();
            let cookies: Vec<_> = cookies.map(|one| one.to_str().unwrap()).collect();
            assert!(
                cookies.len() == 1 && cookies[0].starts_with("solar_visitor"),
                "{path}: {cookies:?}"
            );
        }
    }
    assert_eq!(kept(&app), [0; 4]);

    // Whoever signs in is counted.
    let mut record = Record {
        id: tower_sessions::session::Id::default(),
        data: std::collections::HashMap::new(),
        expiry_date: time::OffsetDateTime::now_utc(),
    };
    app.sessions.create(&mut record).await.unwrap();
    app.sessions
        .enter(record.id, SignedIn::sample("a"))
        .unwrap();
    let asked = Asked {
        level: "level".to_owned(),
        scopes: Scopes::parse("openid").unwrap(),
    };
    let provider = Arc::new(Provider::unasked(app.config.clock.clone()));
    let attempts: &Attempts = &app.attempts;
    attempts.keep(None, "a browser", Attempt::start(provider, asked));
    let owner = Owner("a browser".to_owned());
    app.flights.keep(owner, Flight::Examination(Vec::new()));
    assert_eq!(kept(&app), [1, 1, 1, 0]);
}
