//! From an accepted code to a person: redeem it, verify the ID token, ask userinfo.

use super::{
    AcceptedCode, Asked, OidcError, Provider, SignedIn,
    keys::Brought,
    tape::Tape,
    token_answer::TokenHttp,
    token_call::{self, LEEWAY, MAX_AGE, Tokens},
    user_info,
};
use crate::{
    jose::{IdToken, IdTokenRules, Verified, verify_id_token},
    oauth::Secret,
};
use oauth2::{AuthorizationCode, PkceCodeVerifier, RedirectUrl};
use openidconnect::Nonce;
use std::sync::Arc;

/// What the token endpoint gave for a code. Nothing of it is used before its ID token is verified.
pub struct Redeemed {
    tokens: Tokens,
    id_token: Secret,
    nonce: Nonce,
    asked: Asked,
    provider: Arc<Provider>,
}

impl AcceptedCode {
    /// Redeems the code with the verifier of its own attempt (RFC 6749, section 4.1.3; RFC 7636,
    /// section 4.5).
    ///
    /// # Errors
    /// When the token endpoint cannot be reached, refuses, or answers something else.
    pub async fn redeem(self) -> Result<Redeemed, OidcError> {
        let Self {
            code,
            nonce,
            verifier,
            asked,
            provider,
        } = self;
        let redirect_uri = RedirectUrl::new(provider.registration.redirect_uri.clone())
            .map_err(|error| OidcError::TokenAnswer(error.to_string()))?;
        let proof = provider.proof();
        let secrets = vec![
            (code.clone(), "[code]"),
            (verifier.clone(), "[code verifier]"),
            proof.hidden(),
        ];
        let http = TokenHttp::new(provider.http.clone(), Tape::of_nothing(secrets));
        let client = token_call::client(&provider, &proof).set_redirect_uri(redirect_uri);
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        for (name, value) in proof.assertion() {
            request = request.add_extra_param(name, value);
        }
        let answer = request.request_async(&http).await;
        let answer = answer.map_err(|error| token_call::explain(&provider, error))?;
        let mut tokens = Tokens::of(&answer, provider.clock.now())?;
        let no_id_token = || OidcError::TokenAnswer("it holds no id_token".to_owned());
        Ok(Redeemed {
            id_token: tokens.id_token.take().ok_or_else(no_id_token)?,
            tokens,
            nonce,
            asked,
            provider,
        })
    }
}

impl Redeemed {
    /// Verifies the ID token by every rule, compares `at_hash`, and asks userinfo once.
    ///
    /// A userinfo that fails ends nothing; one about somebody else does.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub async fn verify(self) -> Result<SignedIn, OidcError> {
        let provider = &self.provider;
        let nonce = Some(self.nonce.secret().as_str());
        let verified = verified_id_token(provider, &self.id_token, nonce).await?;
        self.tokens.belong_to(&verified)?;
        let subject = &verified.claims.subject;
        let user_info = user_info::ask(provider, &self.tokens.access_token, subject).await?;
        let hint = provider.registration.id_token_hint;
        let now = provider.clock.now();
        let mut signed_in = SignedIn::new(verified, user_info, self.tokens, self.asked, now);
        signed_in.id_token_hint = hint.then_some(self.id_token);
        Ok(signed_in)
    }
}

/// Verifies an ID token of this provider's, new or of a refresh, by every rule but `at_hash`.
pub(super) async fn verified_id_token(
    provider: &Provider,
    id_token: &Secret,
    nonce: Option<&str>,
) -> Result<Verified<IdToken>, OidcError> {
    let audience = [provider.registration.audience.clone()];
    let rules = IdTokenRules {
        issuer: &provider.metadata.issuer,
        client_id: &provider.registration.client_id,
        other_audiences: &audience,
        algorithms: &provider.metadata.id_token_algorithms,
        nonce,
        leeway: LEEWAY,
        max_age: MAX_AGE,
    };
    let now = provider.clock.now();
    provider
        .keys
        .verified(Brought::ByProvider, |keys| {
            verify_id_token(id_token.expose(), keys, &rules, now)
        })
        .await
}
