//! Revokes a person's tokens at the provider (RFC 7009).

use super::{Provider, SignedIn};
use crate::oauth::Secret;
use std::time::Duration;

/// How long a log out waits for the provider.
const PATIENCE: Duration = Duration::from_secs(4);
const LIMIT: usize = 64 * 1024;

/// What became of the tokens, as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The provider said that they are revoked.
    Yes,
    /// It has no revocation endpoint.
    NotOffered,
    /// It refused, failed, or did not answer in time.
    Failed,
}

/// Revokes the refresh token, if there is one, and the access token.
pub async fn revoke(provider: &Provider, signed_in: &SignedIn) -> Revoked {
    if provider.metadata.revocation_endpoint.is_none() {
        return Revoked::NotOffered;
    }
    let access = revoke_one(provider, &signed_in.access_token, "access_token");
    let refresh = async {
        match &signed_in.refresh_token {
            Some(token) => revoke_one(provider, token, "refresh_token").await,
            None => true,
        }
    };
    let both = futures_util::future::join(access, refresh);
    match tokio::time::timeout(PATIENCE, both).await {
        Ok((true, true)) => Revoked::Yes,
        _ => Revoked::Failed,
    }
}

async fn revoke_one(provider: &Provider, token: &Secret, hint: &str) -> bool {
    let Some(endpoint) = &provider.metadata.revocation_endpoint else {
        return false;
    };
    let fields = [("token", token.expose()), ("token_type_hint", hint)];
    let Ok(request) = provider.authenticated_form(endpoint, &fields) else {
        return false;
    };
    match provider.http.send(request, LIMIT).await {
        Ok(answer) if answer.status() == 200 => true,
        Ok(answer) => {
            let status = answer.status().as_u16();
            tracing::warn!(
                event = "revocation_refused",
                hint,
                status,
                "the provider did not revoke a token"
            );
            false
        }
        Err(error) => {
            tracing::warn!(event = "revocation_failed", hint, %error, "a token could not be revoked");
            false
        }
    }
}
