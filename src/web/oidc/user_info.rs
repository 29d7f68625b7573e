//! Userinfo: asked once after a sign-in, its `sub` compared (OpenID Connect Core, section 5.3).

use super::{OidcError, Provider};
use crate::{jose::strict_json, oauth::Secret};
use axum::http::{Request, header};
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a sign-in waits for it.
const PATIENCE: Duration = Duration::from_secs(3);
/// What userinfo may have, in bytes.
const LIMIT: usize = 256 * 1024;

/// The claims of userinfo, or why there are none; that ends no sign-in.
pub(super) type UserInfo = Result<Map<String, Value>, String>;

/// Asks userinfo about `subject`.
///
/// # Errors
/// Only when it is about somebody else.
pub(super) async fn ask(
    provider: &Provider,
    access_token: &Secret,
    subject: &str,
) -> Result<UserInfo, OidcError> {
    let in_time = tokio::time::timeout(PATIENCE, fetch(provider, access_token)).await;
    let late = || Err("The provider's userinfo did not answer in time.".to_owned());
    let claims = match in_time.unwrap_or_else(|_| late()) {
        Ok(claims) => claims,
        Err(reason) => {
            tracing::info!(
                event = "userinfo_failed",
                reason,
                "signed in without userinfo"
            );
            return Ok(Err(reason));
        }
    };
    match claims.get("sub").and_then(Value::as_str) {
        Some(sub) if sub == subject => Ok(Ok(claims)),
        Some(_) => Err(OidcError::AnotherPerson),
        None => Ok(Err(
            "The provider's userinfo does not say whom it is about (sub).".to_owned(),
        )),
    }
}

async fn fetch(provider: &Provider, access_token: &Secret) -> UserInfo {
    let Some(endpoint) = &provider.metadata.userinfo_endpoint else {
        return Err("The provider announces no userinfo endpoint.".to_owned());
    };
    let request = Request::get(endpoint.as_str())
        .header(
            header::AUTHORIZATION,
            format!("Bearer {}", access_token.expose()),
        )
        .header(header::ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(|_| "The access token cannot be sent in a header.".to_owned())?;
    let answer = provider
        .http
        .send(request, LIMIT)
        .await
        .map_err(|error| format!("Userinfo: {error}."))?;
    if answer.status() != 200 {
        return Err(format!(
            "The provider's userinfo answered {}.",
            answer.status().as_u16()
        ));
    }
    strict_json::from_slice(answer.body())
        .map_err(|_| "The provider's userinfo is not an object of strict JSON.".to_owned())
}
