//! `/v1/token` (RFC 6749, section 3.2).

use crate::{
    idp::{
        answer::{ReadBody, oauth_error, posted},
        client_authentication::{ClientAuthenticationError, authenticate},
        here::Here,
        org::Client,
        pace::Pace,
        parameters::Parameters,
    },
    oauth::ErrorCode,
};
use axum::{
    Json,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

pub(crate) async fn post(here: Here, headers: HeaderMap, body: ReadBody) -> Response {
    let (client, parameters) = match calling_client(&here, &headers, &body, Pace::client) {
        Ok(calling) => calling,
        Err(refusal) => return *refusal,
    };
    match here.issue(client, &parameters).await {
        Ok(issued) => Json(issued).into_response(),
        Err(error) => {
            tracing::warn!(event = "token_refused", client = %client.id, error = %error.code(), reason = %error, "issued nothing");
            oauth_error(error.code(), &error.to_string())
        }
    }
}

/// The authenticated client of a back-channel call, and its parameters; else the refusal. `count` counts the
/// call among the client's.
pub(super) fn calling_client<'h>(
    here: &'h Here,
    headers: &HeaderMap,
    body: &ReadBody,
    count: impl FnOnce(&Pace, &str) -> Result<(), Box<Response>>,
) -> Result<(&'h Client, Parameters), Box<Response>> {
    let parameters = posted(headers, body).map_err(|why| {
        tracing::warn!(event = "form_refused", reason = %why, "a form could not be read");
        let mut refusal = oauth_error(ErrorCode::InvalidRequest, &why.to_string());
        *refusal.status_mut() = why.status();
        refusal
    })?;
    let credentials: Vec<&str> = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    let authenticated = parameters
        .each_once()
        .map_err(ClientAuthenticationError::from)
        .and_then(|()| authenticate(here, &credentials, &parameters));
    match authenticated {
        Ok(client) => {
            count(&here.idp.pace, &client.id)?;
            Ok((client, parameters))
        }
        Err(error) => {
            tracing::warn!(event = "client_refused", reason = %error, "a client was not authenticated");
            here.idp.pace.nobody()?;
            let code = match error {
                ClientAuthenticationError::NotAuthenticated => ErrorCode::InvalidClient,
                _ => ErrorCode::InvalidRequest,
            };
            Err(Box::new(oauth_error(code, &error.to_string())))
        }
    }
}
