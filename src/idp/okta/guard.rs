//! What every call passes first: who it is from, and how many there were.

use super::{access, error::OktaError, rate_limit::Caller};
use crate::idp::Idp;
use axum::{
    extract::{FromRequestParts, RawPathParams, Request, State, rejection::RawPathParamsRejection},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Lets nobody in but who shows the API token, and nobody too often.
pub(super) async fn guard(State(idp): State<Arc<Idp>>, request: Request, next: Next) -> Response {
    let access = access::check(request.headers(), &idp);
    let caller = if access.is_ok() {
        Caller::Known
    } else {
        Caller::Stranger
    };
    let answer = async || match access {
        Ok(()) => asked(request, next).await,
        Err(refusal) => refusal.into_response(),
    };
    limited(&idp, caller, answer).await
}

/// Lets everybody in, and nobody too often.
pub(super) async fn limit(State(idp): State<Arc<Idp>>, request: Request, next: Next) -> Response {
    let initial = idp.management.initial_access_token.as_ref();
    let shows_initial = access::credentials(request.headers(), "Bearer")
        .is_some_and(|token| initial.is_some_and(|initial| initial.matches(token)));
    let is_known = shows_initial || access::check(request.headers(), &idp).is_ok();
    let caller = if is_known {
        Caller::Known
    } else {
        Caller::Stranger
    };
    limited(&idp, caller, async || asked(request, next).await).await
}

/// Asks the endpoint, unless an id in the path is no text: then nothing has it.
async fn asked(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let ids = RawPathParams::from_request_parts(&mut parts, &()).await;
    if let Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) = ids {
        return OktaError::not_found(parts.uri.path(), "endpoint").into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn limited(idp: &Idp, caller: Caller, answer: impl AsyncFnOnce() -> Response) -> Response {
    let standing = idp.management.limit.count(caller, idp.clock.now());
    let mut response = if standing.exceeded {
        OktaError::RateLimit.into_response()
    } else {
        answer().await
    };
    standing.tell(response.headers_mut());
    response
}
