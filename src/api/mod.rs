//! The demo API: it answers what the blueprint says, to whoever shows the gateway's key, and knows
//! nothing of tokens.

mod answer;
mod key;
#[cfg(test)]
mod tests;

use crate::{blueprint::Blueprint, net::fit_only, oauth::Secret};
use answer::Answer;
use axum::{
    Router, middleware,
    routing::{MethodFilter, MethodRouter, get, on},
};
use std::{collections::BTreeMap, sync::Arc};

/// The header in which the gateway shows its key.
pub const KEY_HEADER: &str = "x-api-key";

/// What the API answers, and to whom.
pub struct ApiConfig {
    /// What it answers, in any order.
    pub resources: Vec<ApiResource>,
    /// The gateway's key. An empty one opens nothing.
    pub key: Secret,
}

/// One thing to be asked for.
pub struct ApiResource {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, or `*` for all of them.
    pub method: String,
    /// Exact, or ending in `/*` for everything below.
    pub path: String,
    /// Answered as a JSON array.
    pub answer: Vec<String>,
}

impl ApiConfig {
    /// Everything that a blueprint names.
    #[must_use]
    pub fn of(blueprint: &Blueprint, key: Secret) -> Self {
        let resources = blueprint.resources.iter().map(|resource| ApiResource {
            method: resource.method.clone(),
            path: resource.path.clone(),
            answer: resource.answer.clone(),
        });
        Self {
            resources: resources.collect(),
            key,
        }
    }
}

/// The routes. Without the key everything is 403 with `x-refused: key`, so that nobody learns which
/// paths there are, and a gateway with a wrong key knows that it is the key; only `GET /` tells anybody what this is, unless the blueprint has a resource there.
pub fn router(config: ApiConfig) -> Router {
    let mut paths: BTreeMap<String, MethodRouter> = BTreeMap::new();
    for resource in config.resources {
        let answer = Answer::of(&resource.answer);
        let route = on(methods(&resource.method), async move || answer);
        let merged = match paths.remove(&resource.path) {
            Some(others) => others.merge(route),
            None => route,
        };
        paths.insert(resource.path, merged);
    }
    let about_at_root = !paths.contains_key("/");
    let mut router = Router::new().without_v07_checks();
    for (path, route) in paths {
        let path = match path.strip_suffix('*') {
            Some(prefix) => format!("{prefix}{{*below}}"),
            None => path,
        };
        router = router.route(&path, route);
    }
    let guarded = router
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed)
        .layer(middleware::from_fn_with_state(
            Arc::new(config.key),
            key::check,
        ));
    let router = if about_at_root {
        guarded.route("/", get(answer::about).fallback(answer::method_not_allowed))
    } else {
        guarded
    };
    router.layer(middleware::from_fn(fit_only))
}

fn methods(method: &str) -> MethodFilter {
    match method {
        "GET" => MethodFilter::GET,
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET
            .or(MethodFilter::POST)
            .or(MethodFilter::PUT)
            .or(MethodFilter::PATCH)
            .or(MethodFilter::DELETE),
    }
}
