//! Which client is calling: one method, by Basic or in the body (RFC 6749, section 2.3.1).

use super::{
    here::Here,
    org::Client,
    parameters::{ParameterError, Parameters},
};
use crate::oauth::parse_basic_credentials;

/// Why a client is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ClientAuthenticationError {
    /// No client authentication, an unknown client, or a wrong secret: all look alike.
    #[error("The client could not be authenticated.")]
    NotAuthenticated,
    #[error("The client must authenticate by one method alone.")]
    SeveralMethods,
    #[error("In the request {0}.")]
    Parameter(#[from] ParameterError),
}

/// Authenticates a client by the `Authorization` headers (there may be one) and the body.
pub(super) fn authenticate<'h>(
    here: &'h Here,
    authorization: &[&str],
    parameters: &Parameters,
) -> Result<&'h Client, ClientAuthenticationError> {
    let body_id = parameters.get("client_id")?;
    let body_secret = parameters.get("client_secret")?;
    if parameters.has("client_assertion") {
        return Err(ClientAuthenticationError::NotAuthenticated); // not a method that is on here
    }
    let (client_id, secret) = match (authorization, body_secret) {
        ([], Some(secret)) => (body_id.map(str::to_owned), secret.to_owned()),
        ([header], None) => {
            let (id, secret) = parse_basic_credentials(header)
                .ok_or(ClientAuthenticationError::NotAuthenticated)?;
            if body_id.is_some_and(|body_id| body_id != id) {
                return Err(ClientAuthenticationError::SeveralMethods);
            }
            (Some(id), secret.expose().to_owned())
        }
        ([], None) => return Err(ClientAuthenticationError::NotAuthenticated),
        _ => return Err(ClientAuthenticationError::SeveralMethods),
    };
    client_id
        .and_then(|id| here.client(&id))
        .filter(|client| here.idp.given.is_secret_of(client, &secret))
        .ok_or(ClientAuthenticationError::NotAuthenticated)
}
