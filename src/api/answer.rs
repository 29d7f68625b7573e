//! What the API says: arrays of strings, and a JSON object with `error` for every no.

use axum::{
    Json,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::json;

/// A JSON array, written once and shared by all who ask.
#[derive(Clone)]
pub(super) struct Answer(Bytes);

impl Answer {
    pub(super) fn of(entries: &[String]) -> Self {
        Self(json!(entries).to_string().into())
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

pub(super) async fn about() -> Response {
    let sentence =
        "This is the demo API of Solar System: it answers the gateway, so ask the gateway.";
    Json(json!({ "about": sentence })).into_response()
}

pub(super) async fn not_found() -> Response {
    refusal(StatusCode::NOT_FOUND, "There is nothing at this path")
}

/// The `Allow` header is added by the router, which knows the methods.
pub(super) async fn method_not_allowed() -> Response {
    let sentence = "This method is not allowed here";
    refusal(StatusCode::METHOD_NOT_ALLOWED, sentence)
}

pub(super) fn refusal(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "error": sentence }))).into_response()
}
