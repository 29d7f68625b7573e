//! A server that answers what a test scripts, and remembers what it was asked.

use crate::{bootstrap::keycloak::Keycloak, clock::Clock, net::Client, settings::Source};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Response},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// Status, a header, and body of an answer.
pub(super) type Reply = (u16, Option<(&'static str, String)>, String);

#[derive(Clone, Default)]
pub(super) struct Server {
    pub(super) base: String,
    /// By method and path; the last one stays.
    replies: Arc<Mutex<HashMap<String, Vec<Reply>>>>,
    asked: Arc<Mutex<Vec<(String, HeaderMap, String)>>>,
}

impl Server {
    /// One that signs the administrator in, and answers 404 to all else.
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            base: format!("http://{}", listener.local_addr().unwrap()),
            ..Self::default()
        };
        let app = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        let token = r#"{"access_token": "canary-token", "expires_in": 60, "token_type": "Bearer"}"#;
        server.on(TOKEN, &[(200, None, token.to_owned())]);
        server
    }

    /// These answers, one after the other.
    pub(super) fn on(&self, what: &str, replies: &[Reply]) {
        let mut all = self.replies.lock().unwrap();
        let mut replies = replies.to_vec();
        replies.reverse();
        all.insert(what.to_owned(), replies);
    }

    pub(super) fn json(&self, what: &str, status: u16, body: &str) {
        self.on(what, &[(status, None, body.to_owned())]);
    }

    /// Bodies of the requests with this method and path.
    pub(super) fn asked(&self, what: &str) -> Vec<(HeaderMap, String)> {
        let asked = self.asked.lock().unwrap();
        let same = asked.iter().filter(|(other, ..)| other == what);
        same.map(|(_, headers, body)| (headers.clone(), body.clone()))
            .collect()
    }

    pub(super) fn keycloak(&self, clock: &Clock) -> Keycloak {
        let source = Source::of([
            ("KEYCLOAK_URL", self.base.as_str()),
            ("KEYCLOAK_REALM", "r"),
            ("KEYCLOAK_ADMIN_PASSWORD", "canary-password"),
        ]);
        Keycloak::from_settings(&source, Client::new(&[]).unwrap(), clock.clone()).unwrap()
    }
}

pub(super) const TOKEN: &str = "POST /realms/master/protocol/openid-connect/token";

async fn answer(State(server): State<Server>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let what = format!("{} {}", parts.method, parts.uri.path());
    let body = String::from_utf8(body.to_vec()).unwrap();
    let entry = (what.clone(), parts.headers, body);
    server.asked.lock().unwrap().push(entry);
    let mut replies = server.replies.lock().unwrap();
    let reply = match replies.get_mut(&what) {
        Some(replies) if replies.len() > 1 => replies.pop(),
        Some(replies) => replies.last().cloned(),
        None => None,
    };
    let (status, header, body) = reply.unwrap_or((404, None, "{}".to_owned()));
    let mut response = Response::builder().status(status);
    if let Some((name, value)) = header {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}
