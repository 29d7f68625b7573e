//! What a room answers with: a router, or something leaner.

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
    response::IntoResponse,
};
use std::time::Duration;
use tokio::time::timeout;
use tower::ServiceExt;

/// How long a router may take until its answer begins, the request's body included.
const REQUEST: Duration = Duration::from_secs(30);

/// Answers requests. One clone a request is made: it has to be cheap.
pub trait Handle: Clone + Send + Sync + 'static {
    /// Whether HTTP/2 is spoken, too, where a caller opens with it.
    const HTTP2: bool;

    /// Answers one request. How long that may take is for whoever answers.
    fn handle(self, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send;
}

/// A router speaks HTTP/1.1, and has half a minute until its answer begins.
impl Handle for Router {
    const HTTP2: bool = false;

    async fn handle(self, request: Request<Body>) -> Response<Body> {
        match timeout(REQUEST, self.oneshot(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(never)) => match never {},
            Err(_) => too_slow(),
        }
    }
}

/// The rest of the request is not waited for: the connection ends with this answer.
fn too_slow() -> Response<Body> {
    let headers = [
        ("content-type", "application/json"),
        ("connection", "close"),
    ];
    let body = "{\"error\":\"request_timeout\"}";
    (StatusCode::REQUEST_TIMEOUT, headers, body).into_response()
}
