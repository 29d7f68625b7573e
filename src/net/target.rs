//! How long a request's target may be.

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

/// The longest path and query that any room looks at, in bytes.
pub const LONGEST_TARGET: usize = 8 * 1024;

/// Refuses a longer one with 414: a layer for rooms that have no page of their own for it.
pub async fn short_targets_only(request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query();
    if target.is_some_and(|target| target.as_str().len() > LONGEST_TARGET) {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    next.run(request).await
}
