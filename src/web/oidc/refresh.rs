//! New tokens for a refresh token (RFC 6749, section 6; OpenID Connect Core, section 12).

use super::{
    OidcError, Provider, SignedIn, keys,
    redeem::verified_id_token,
    tape::Tape,
    token_answer::TokenHttp,
    token_call::{self, Tokens},
};
use crate::{
    flight::Hop,
    jose::{IdToken, Rejection, Verified},
    oauth::{Secret, constant_time_eq},
};
use oauth2::{RefreshToken, TokenResponse};
use serde_json::Value;

/// What a refresh came to.
pub struct Refreshed {
    /// The call, without secrets; `None` where none was made.
    pub hop: Option<Hop>,
    /// The person with the new tokens, or why there are none.
    pub outcome: Result<SignedIn, RefreshError>,
    /// The person with tokens that came and cannot be used: to be given back, and nothing else. A refresh
    /// token among them means that the one which was sent is spent.
    pub unused: Option<SignedIn>,
}

/// Why there are no new tokens. `Display` is a sentence's part and holds nothing secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RefreshError {
    /// The provider takes the refresh token no longer (`invalid_grant`): what it granted is over.
    #[error("the provider takes this refresh token no longer ({code})")]
    Over {
        /// `error`.
        code: String,
        /// `error_description`, cut.
        description: Option<String>,
    },
    /// The new ID token is not of the sign-in that is refreshed.
    #[error("the new ID token is of another sign-in: its {0} is not the first one's")]
    AnotherSignIn(&'static str),
    /// Anything else: nothing is known to be over.
    #[error("{0}")]
    Failed(#[from] OidcError),
}

impl RefreshError {
    /// Whether nobody should be signed in by these tokens any more. A fault of the network, or of the
    /// provider's for a moment, ends nothing.
    #[must_use]
    pub fn ends_the_session(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }

    /// Whether the provider may have moved since its metadata was read.
    #[must_use]
    pub fn may_be_stale_metadata(&self) -> bool {
        matches!(self, Self::Failed(error) if error.may_be_stale_metadata())
    }
}

/// Asks for new tokens once, and verifies what comes by the rules of a sign-in. `None`: there is no refresh
/// token.
///
/// A new refresh token takes the place of the old one; where none comes, the old one stays. An absent
/// `scope` means what was granted before. Whether the person is still signed in here, the caller looks
/// after.
pub async fn refresh(provider: &Provider, person: &SignedIn) -> Option<Refreshed> {
    let refresh_token = person.refresh_token.as_ref()?;
    let proof = provider.proof();
    let secrets = vec![(refresh_token.clone(), "[refresh token]"), proof.hidden()];
    let http = TokenHttp::new(provider.http.clone(), Tape::without(secrets));
    let token = RefreshToken::new(refresh_token.expose().to_owned());
    let client = token_call::client(provider, &proof);
    let mut request = client.exchange_refresh_token(&token);
    for (name, value) in proof.assertion() {
        request = request.add_extra_param(name, value);
    }
    let answer = request.request_async(&http).await;
    let answer = answer.map_err(|error| token_call::explain(provider, error));
    let (hop, status) = http.into_tape().into_call();
    let mut unused = None;
    let outcome = match answer {
        Ok(answer) => {
            let got = Secret::new(answer.access_token().secret().clone());
            let next = answer.refresh_token().map(|token| token.secret().clone());
            let next = next.filter(|token| !token.is_empty()).map(Secret::new);
            let renewed = match Tokens::of(&answer, provider.clock.now()) {
                Ok(tokens) => take(provider, person, tokens).await,
                Err(error) => Err(error.into()),
            };
            if renewed.is_err() {
                unused = Some(person.bearing(got, next));
            }
            renewed
        }
        // an error inside a failure of the server's is the failure's
        Err(OidcError::TokenRefused { code, description })
            if code == "invalid_grant" && !status.is_some_and(|s| s.is_server_error()) =>
        {
            Err(RefreshError::Over { code, description })
        }
        Err(error) => Err(error.into()),
    };
    Some(Refreshed {
        hop,
        outcome,
        unused,
    })
}

async fn take(
    provider: &Provider,
    person: &SignedIn,
    tokens: Tokens,
) -> Result<SignedIn, RefreshError> {
    let verified = match &tokens.id_token {
        None => None,
        Some(id_token) => {
            let verified = verified_in_the_end(provider, id_token).await?;
            same_sign_in(person, &verified)?;
            tokens.belong_to(&verified)?;
            Some(verified)
        }
    };
    Ok(person.renewed(tokens, verified, provider.clock.now()))
}

/// Verifies a new ID token, once more a while later where it is the keys that are missing: what came with it
/// came in place of a refresh token that is spent.
async fn verified_in_the_end(
    provider: &Provider,
    id_token: &Secret,
) -> Result<Verified<IdToken>, OidcError> {
    match verified_id_token(provider, id_token, None).await {
        Err(OidcError::Keys(_) | OidcError::IdToken(Rejection::UnknownKey { .. })) => {
            tokio::time::sleep(keys::AGAIN).await;
            verified_id_token(provider, id_token, None).await
        }
        result => result,
    }
}

/// Issuer, subject and audience stay; `azp` and `nonce` do where they are there (OpenID Connect Core,
/// section 12.2). That the issuer is the configured one was verified. `auth_time` is not compared.
fn same_sign_in(person: &SignedIn, verified: &Verified<IdToken>) -> Result<(), RefreshError> {
    let (claims, first) = (&verified.claims, &person.first);
    let another = |claim| Err(RefreshError::AnotherSignIn(claim));
    if claims.issuer != person.issuer {
        return another("iss");
    }
    if claims.subject != person.subject {
        return another("sub");
    }
    if !first
        .audience
        .iter()
        .all(|one| claims.audience.contains(one))
    {
        return another("aud");
    }
    if claims.authorized_party.is_some() && claims.authorized_party != first.authorized_party {
        return another("azp");
    }
    match (
        claims.all.get("nonce").and_then(Value::as_str),
        &first.nonce,
    ) {
        (None, _) => Ok(()),
        (Some(nonce), Some(first)) if constant_time_eq(nonce, first) => Ok(()),
        _ => another("nonce"),
    }
}
