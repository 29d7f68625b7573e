//! `/v1/keys`: the public halves of the signing keys (RFC 7517).

use crate::idp::{answer::oauth_error, here::Here};
use axum::{
    Json,
    response::{IntoResponse, Response},
};

pub(crate) async fn get(here: Here) -> Response {
    match here.published_keys().await {
        Ok(key_set) => Json(key_set).into_response(),
        Err(error) => {
            tracing::error!(event = "key_failed", %error, "a signing key could not be made");
            oauth_error(error.code(), "A signing key could not be made or kept.")
        }
    }
}
