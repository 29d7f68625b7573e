//! A fake issuer: metadata, keys and introspection, each scriptable and counted.

use super::*;
use crate::{jose::SigningKey, oauth::parse_basic_credentials};
use axum::{
    Form, Json,
    extract::State,
    response::IntoResponse,
    routing::{get, post},
};
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

pub(in super::super) struct FakeIssuer {
    served: Served,
    state: Arc<Script>,
}

/// What the issuer does.
#[derive(Default)]
struct Script {
    answers: Mutex<HashMap<String, Value>>,
    faults: Mutex<Faults>,
    keys: Mutex<Vec<SigningKey>>,
    key_fetches: AtomicUsize,
    introspections: AtomicUsize,
}

#[derive(Default, Clone)]
pub(super) struct Faults {
    /// Status of the key set.
    pub(super) keys_status: Option<u16>,
    /// The key set instead of the true one.
    pub(super) keys_body: Option<String>,
    /// Members of the metadata that are set, or taken away by null.
    pub(super) metadata: Vec<(&'static str, Value)>,
    /// The metadata as raw text.
    pub(super) metadata_body: Option<String>,
    /// Status and body of introspection.
    pub(super) introspection: Option<(u16, String)>,
    /// How long introspection and keys take.
    pub(super) slow: Duration,
}

impl FakeIssuer {
    pub(super) async fn start() -> Self {
        let state = Arc::new(Script::default());
        state.keys.lock().unwrap().push(new_key());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/idp/.well-known/openid-configuration", get(metadata))
            .route("/idp/keys", get(keys))
            .route("/idp/introspect", post(introspect))
            .with_state((Arc::clone(&state), url));
        Self {
            served: Served::on(listener, router),
            state,
        }
    }

    pub(super) fn identifier(&self) -> String {
        format!("{}/idp", self.served.url)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.state.faults.lock().unwrap()
    }

    /// Signs with the newest key.
    pub(super) fn sign(&self, typ: &str, claims: &Value) -> String {
        let keys = self.state.keys.lock().unwrap();
        keys.last().unwrap().sign(typ, claims).unwrap()
    }

    /// Publishes a new key and nothing else.
    pub(super) fn rotate(&self) {
        *self.state.keys.lock().unwrap() = vec![new_key()];
    }

    pub(super) fn introspects(&self, token: &str, answer: Value) {
        self.state
            .answers
            .lock()
            .unwrap()
            .insert(token.to_owned(), answer);
    }

    pub(super) fn key_fetches(&self) -> usize {
        self.state.key_fetches.load(Relaxed)
    }

    pub(super) fn introspections(&self) -> usize {
        self.state.introspections.load(Relaxed)
    }
}

pub(super) fn new_key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

type Shared = State<(Arc<Script>, String)>;

async fn metadata(State((script, url)): Shared) -> axum::response::Response {
    let faults = script.faults.lock().unwrap().clone();
    if let Some(body) = faults.metadata_body {
        return body.into_response();
    }
    let mut metadata = json!({
        "issuer": format!("{url}/idp"), "jwks_uri": format!("{url}/idp/keys"),
        "introspection_endpoint": format!("{url}/idp/introspect"), "other": [1],
    });
    for (name, value) in faults.metadata {
        metadata[name] = value;
    }
    Json(metadata).into_response()
}

async fn keys(State((script, _)): Shared) -> axum::response::Response {
    script.key_fetches.fetch_add(1, Relaxed);
    let faults = script.faults.lock().unwrap().clone();
    tokio::time::sleep(faults.slow).await;
    let status = StatusCode::from_u16(faults.keys_status.unwrap_or(200)).unwrap();
    let published: Vec<Value> = script
        .keys
        .lock()
        .unwrap()
        .iter()
        .map(SigningKey::public_jwk)
        .collect();
    let keys = json!({ "keys": published }).to_string();
    (status, faults.keys_body.unwrap_or(keys)).into_response()
}

async fn introspect(
    State((script, _)): Shared,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> axum::response::Response {
    script.introspections.fetch_add(1, Relaxed);
    let faults = script.faults.lock().unwrap().clone();
    tokio::time::sleep(faults.slow).await;
    if let Some((status, body)) = faults.introspection {
        return (StatusCode::from_u16(status).unwrap(), body).into_response();
    }
    let credentials = headers["authorization"].to_str().unwrap();
    let (id, secret) = parse_basic_credentials(credentials).unwrap();
    if id != "gate:way" || !secret.matches("s&cret/ü") || form["token_type_hint"] != "access_token"
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let answer = script.answers.lock().unwrap().get(&form["token"]).cloned();
    Json(answer.unwrap_or(json!({ "active": false }))).into_response()
}
