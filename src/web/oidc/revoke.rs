//! Revokes a person's tokens at the provider (RFC 7009).

use super::{Provider, SignedIn};
use crate::oauth::Secret;
use std::time::Duration;

/// How long a log out waits for the provider.
const PATIENCE: Duration = Duration::from_secs(4);
const LIMIT: usize = 64 * 1024;

/// What became of a person's tokens, as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The access token.
    pub access_token: Revoked,
    /// The refresh token, where there is one.
    pub refresh_token: Option<Revoked>,
}

/// What became of a token, as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The provider said that it is revoked.
    Yes,
    /// It has no revocation endpoint.
    NotOffered,
    /// It answered another status than 200.
    Refused(u16),
    /// It failed, or did not answer in time.
    Failed,
}

/// Revokes the refresh token, if there is one, and the access token.
pub async fn revoke(provider: &Provider, signed_in: &SignedIn) -> Revocation {
    let access = revoke_one(provider, &signed_in.access_token, "access_token");
    let refresh = async {
        let token = signed_in.refresh_token.as_ref()?;
        Some(revoke_one(provider, token, "refresh_token").await)
    };
    let (access_token, refresh_token) = futures_util::future::join(access, refresh).await;
    Revocation {
        access_token,
        refresh_token,
    }
}

async fn revoke_one(provider: &Provider, token: &Secret, hint: &str) -> Revoked {
    let Some(endpoint) = &provider.metadata.revocation_endpoint else {
        return Revoked::NotOffered;
    };
    let fields = [("token", token.expose()), ("token_type_hint", hint)];
    let request = provider.authenticated_form(endpoint, &fields);
    let answer = provider.http.send(request, LIMIT);
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) if answer.status() == 200 => Revoked::Yes,
        Ok(Ok(answer)) => {
            let status = answer.status().as_u16();
            tracing::warn!(
                event = "revocation_refused",
                hint,
                status,
                "the provider did not revoke a token"
            );
            Revoked::Refused(status)
        }
        Ok(Err(error)) => {
            tracing::warn!(event = "revocation_failed", hint, %error, "a token could not be revoked");
            Revoked::Failed
        }
        Err(_) => {
            tracing::warn!(
                event = "revocation_failed",
                hint,
                "the provider did not answer in time"
            );
            Revoked::Failed
        }
    }
}
