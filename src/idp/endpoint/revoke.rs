//! `/v1/revoke` (RFC 7009).

use super::token::calling_client;
use crate::{
    idp::{
        answer::{ReadBody, oauth_error},
        here::Here,
        org::Client,
        pace::Pace,
        parameters::ParameterError,
        store::Full,
    },
    jose::ACCESS_TOKEN_LIMIT,
    oauth::ErrorCode,
};
use axum::{
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

/// Takes a token of the calling client back. 200 also when there is nothing to take back, so that
/// nobody learns about others' tokens.
pub(crate) async fn post(here: Here, headers: HeaderMap, body: ReadBody) -> Response {
    let (client, parameters) = match calling_client(&here, &headers, &body, Pace::client) {
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
    if let Err(Full) = revoke(&here, client, token).await {
        tracing::error!(event = "revocation_failed", client = %client.id, "no room for another revocation");
        let text = "There is no room for another revocation now.";
        return oauth_error(ErrorCode::TemporarilyUnavailable, text);
    }
    StatusCode::OK.into_response()
}

/// A refresh token takes its whole grant with it (RFC 7009, section 2.1).
async fn revoke(here: &Here, client: &Client, token: &str) -> Result<(), Full> {
    let (now, grants) = (here.now(), &here.idp.grants);
    let access_token = here.active_token(token);
    if let Some(active) = access_token.filter(|active| active.client_id == client.id) {
        let expires_at = active.claims.expires_at;
        grants
            .revoke_access_token(&client.id, &active.jti, expires_at, now)
            .await?;
        tracing::info!(event = "token_revoked", client = %client.id, "took an access token back");
    }
    let grant = grants.grant_of(token, now);
    if let Some(grant) = grant.filter(|grant| here.caller(client).holds(grant)) {
        grants.revoke_grant(&grant, now).await?;
        tracing::info!(event = "grant_revoked", client = %client.id, "took a grant back");
    }
    Ok(())
}
