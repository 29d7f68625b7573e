//! `/v1/revoke` (RFC 7009).

use super::token::calling_client;
use crate::{
    idp::{
        Idp,
        answer::{ReadBody, oauth_error},
        parameters::ParameterError,
        registry::Client,
        store::Full,
    },
    jose::ACCESS_TOKEN_LIMIT,
    oauth::ErrorCode,
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Takes a token of the calling client back. 200 also when there is nothing to take back, so that
/// nobody learns about others' tokens.
pub(crate) async fn post(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    body: ReadBody,
) -> Response {
    let (client, parameters) = match calling_client(&idp, &headers, &body) {
        Ok(calling) => calling,
        Err(refusal) => return *refusal,
    };
    let token = match parameters.get_up_to("token", ACCESS_TOKEN_LIMIT) {
        Ok(Some(token)) => token,
        Err(ParameterError::TooLong(_)) => return StatusCode::OK.into_response(), // none of ours is
        _ => {
            let text = "The parameter token is missing.";
            return oauth_error(ErrorCode::InvalidRequest, text);
        }
    };
    if let Err(Full) = revoke(&idp, client, token) {
        tracing::error!(event = "revocation_failed", client = %client.id, "no room for another revocation");
        let text = "There is no room for another revocation now.";
        return oauth_error(ErrorCode::TemporarilyUnavailable, text);
    }
    StatusCode::OK.into_response()
}

/// A refresh token takes its whole grant with it (RFC 7009, section 2.1).
fn revoke(idp: &Idp, client: &Client, token: &str) -> Result<(), Full> {
    let now = idp.clock.now();
    let access_token = idp.active_token(token);
    if let Some(active) = access_token.filter(|active| active.client_id == client.id) {
        let expires_at = active.claims.expires_at;
        idp.grants
            .revoke_access_token(&active.jti, expires_at, now)?;
        tracing::info!(event = "token_revoked", client = %client.id, "took an access token back");
    }
    let grant = idp.grants.grant_of(token, now);
    if let Some(grant) = grant.filter(|grant| grant.client_id == client.id) {
        idp.grants.revoke_grant(&grant, now)?;
        tracing::info!(event = "grant_revoked", client = %client.id, "took a grant back");
    }
    Ok(())
}
