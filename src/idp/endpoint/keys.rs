//! `/v1/keys`: the public halves of the signing keys (RFC 7517).

use crate::{
    idp::{Idp, answer::oauth_error},
    oauth::ErrorCode,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

pub(crate) async fn get(State(idp): State<Arc<Idp>>) -> Response {
    match idp.keys.published().await {
        Ok(key_set) => Json(key_set).into_response(),
        Err(error) => {
            tracing::error!(event = "key_failed", %error, "a signing key could not be made");
            oauth_error(ErrorCode::ServerError, "A signing key could not be made.")
        }
    }
}
