//! An API of our own behind the gateway, which remembers what reached it: the only sure way to know
//! who answered, and what the gateway handed on.

use crate::blueprint::Blueprint;
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

/// What reached the API since it was last asked. Clones share it.
#[derive(Clone, Default)]
pub struct Witness {
    arrivals: Arc<Mutex<Vec<Arrival>>>,
    resources: Arc<Vec<(String, Vec<String>)>>,
}

/// A request that reached the API.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) method: String,
    /// Path and query as they came.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
}

/// How many arrivals are kept: more than one request could ever make.
const KEPT: usize = 64;

impl Witness {
    /// An API that answers what the blueprint's does, to whoever asks.
    #[must_use]
    pub fn of(blueprint: &Blueprint) -> Self {
        let resources = blueprint.resources.iter();
        let resources = resources.map(|one| (one.path.clone(), one.answer.clone()));
        Self {
            arrivals: Arc::default(),
            resources: Arc::new(resources.collect()),
        }
    }

    /// Its routes: everything reaches it.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// What arrived since the last time.
    pub(super) fn take(&self) -> Vec<Arrival> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *arrivals)
    }
}

async fn answer(State(witness): State<Witness>, request: Request) -> Response {
    let target = request.uri().path_and_query();
    let arrival = Arrival {
        method: request.method().to_string(),
        target: target.map(ToString::to_string).unwrap_or_default(),
        headers: request.headers().clone(),
    };
    let mut arrivals = witness
        .arrivals
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if arrivals.len() < KEPT {
        arrivals.push(arrival);
    }
    drop(arrivals);
    let path = request.uri().path();
    let is_at = |pattern: &str| match pattern.strip_suffix('*') {
        Some(above) => path.len() > above.len() && path.starts_with(above),
        None => pattern == path,
    };
    match witness.resources.iter().find(|(pattern, _)| is_at(pattern)) {
        Some((_, answer)) => Json(json!(answer)).into_response(),
        None => (
            StatusCode::NOT_FOUND,
            Json(json!({ "error": "There is nothing at this path" })),
        )
            .into_response(),
    }
}
