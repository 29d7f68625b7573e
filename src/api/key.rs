//! Who may ask: whoever shows the gateway's key, once and in full.

use super::{KEY_HEADER, answer};
use crate::oauth::Secret;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Tells a gateway whose key is wrong that it is not its caller who lacks something.
const REFUSED: [(&str, &str); 1] = [("x-refused", "key")];

/// Lets a request with the right key through. The key is compared in constant time.
pub(super) async fn check(
    State(key): State<Arc<Secret>>,
    request: Request,
    next: Next,
) -> Response {
    if !shows(&key, request.headers()) {
        tracing::warn!(
            event = "api_refused",
            reason = "key_wrong",
            "a caller without the gateway's key was refused"
        );
        let sentence = "Only the gateway may ask here, and it shows a key";
        let refusal = answer::refusal(StatusCode::FORBIDDEN, sentence);
        return (REFUSED, refusal).into_response();
    }
    let headers = request.headers();
    tracing::debug!(
        event = "api_asked",
        method = %request.method(),
        path = request.uri().path(),
        subject = ?headers.get("x-auth-subject"),
        client = ?headers.get("x-auth-client"),
        scope = ?headers.get("x-auth-scope"),
        "the gateway asks for somebody"
    );
    next.run(request).await
}

fn shows(key: &Secret, headers: &HeaderMap) -> bool {
    let mut shown = headers.get_all(KEY_HEADER).iter();
    match (shown.next(), shown.next()) {
        (Some(shown), None) => shown.to_str().is_ok_and(|shown| key.matches(shown)),
        _ => false,
    }
}
