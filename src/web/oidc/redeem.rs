//! From an accepted code to a person: redeem it, verify the ID token, ask userinfo.

use super::{
    AcceptedCode, Asked, OidcError, Provider, SignedIn,
    response::cut,
    token_answer::{TokenAnswer, TokenHttp, TokenHttpError},
    user_info,
};
use crate::{
    jose::{IdToken, IdTokenRules, Verified, half_hash, verify_id_token},
    oauth::{Scopes, Secret, constant_time_eq},
};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, TokenResponse, TokenUrl, basic,
};
use openidconnect::Nonce;
use std::sync::Arc;

const LEEWAY: i64 = 60;
/// How old an ID token may be at a sign-in, in seconds.
const MAX_AGE: i64 = 600;

type TokenClient = oauth2::Client<
    basic::BasicErrorResponse,
    TokenAnswer,
    basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    basic::BasicRevocationErrorResponse,
>;

/// What the token endpoint gave for a code. Nothing of it is used before its ID token is verified.
pub struct Redeemed {
    access_token: Secret,
    refresh_token: Option<Secret>,
    id_token: Secret,
    granted: Scopes,
    expires_at: Option<i64>,
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
        let registration = &provider.registration;
        let metadata = &provider.metadata;
        let redirect_uri = RedirectUrl::new(registration.redirect_uri.clone())
            .map_err(|error| OidcError::TokenAnswer(error.to_string()))?;
        let client = TokenClient::new(ClientId::new(registration.client_id.clone()))
            .set_client_secret(ClientSecret::new(
                registration.client_secret.expose().to_owned(),
            ))
            .set_auth_type(if metadata.client_secret_post {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            })
            .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
            .set_redirect_uri(redirect_uri);
        let http = TokenHttp(provider.http.clone());
        let answer = client
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()))
            .request_async(&http)
            .await
            .map_err(explain)?;
        let not_bearer = || OidcError::TokenAnswer("its token_type is not Bearer".to_owned());
        if *answer.token_type() != basic::BasicTokenType::Bearer {
            return Err(not_bearer());
        }
        let id_token = answer.extra_fields().id_token.clone();
        let no_id_token = || OidcError::TokenAnswer("it holds no id_token".to_owned());
        let lives = answer
            .expires_in()
            .map(|life| i64::try_from(life.as_secs()).unwrap_or(i64::MAX));
        Ok(Redeemed {
            access_token: Secret::new(answer.access_token().secret().clone()),
            refresh_token: answer
                .refresh_token()
                .map(|t| Secret::new(t.secret().clone())),
            id_token: Secret::new(id_token.ok_or_else(no_id_token)?),
            granted: granted(&answer, &asked.scopes),
            expires_at: lives.map(|life| provider.clock.now().saturating_add(life)),
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
        let verified = self.verified_id_token().await?;
        if let Some(at_hash) = &verified.claims.at_hash {
            let ours = half_hash(verified.algorithm, self.access_token.expose());
            if !constant_time_eq(&ours, at_hash) {
                return Err(OidcError::AccessTokenHash);
            }
        }
        let subject = &verified.claims.subject;
        let user_info = user_info::ask(provider, &self.access_token, subject).await?;
        let hint = provider.registration.id_token_hint;
        let mut signed_in = SignedIn::new(
            verified,
            user_info,
            self.access_token,
            self.refresh_token,
            self.granted,
            self.asked,
            self.expires_at,
            provider.clock.now(),
        );
        signed_in.id_token_hint = hint.then_some(self.id_token);
        Ok(signed_in)
    }

    async fn verified_id_token(&self) -> Result<Verified<IdToken>, OidcError> {
        let provider = &self.provider;
        let audience = [provider.registration.audience.clone()];
        let rules = IdTokenRules {
            issuer: &provider.metadata.issuer,
            client_id: &provider.registration.client_id,
            other_audiences: &audience,
            algorithms: &provider.metadata.id_token_algorithms,
            nonce: Some(self.nonce.secret()),
            leeway: LEEWAY,
            max_age: MAX_AGE,
        };
        let now = provider.clock.now();
        let token = self.id_token.expose();
        provider
            .keys
            .verified(|keys| verify_id_token(token, keys, &rules, now))
            .await
    }
}

/// An absent `scope` means what was asked, an empty or smaller one just that (RFC 6749, section 5.1).
fn granted(answer: &TokenAnswer, asked: &Scopes) -> Scopes {
    answer.scopes().map_or_else(
        || asked.clone(),
        |scopes| {
            let mut granted = Scopes::default();
            scopes
                .iter()
                .filter(|name| !name.is_empty())
                .for_each(|name| granted.insert(name));
            granted
        },
    )
}

/// The library's errors print the raw body, tokens included: nothing of that is kept.
fn explain(error: RequestTokenError<TokenHttpError, basic::BasicErrorResponse>) -> OidcError {
    match error {
        RequestTokenError::ServerResponse(answer) => OidcError::TokenRefused {
            code: cut(answer.error().as_ref()),
            description: answer.error_description().map(|text| cut(text)),
        },
        RequestTokenError::Request(TokenHttpError::Fetch(error)) => {
            OidcError::TokenUnreachable(error)
        }
        RequestTokenError::Request(TokenHttpError::Answer(what)) => OidcError::TokenAnswer(what),
        RequestTokenError::Parse(error, _) => OidcError::TokenAnswer(format!(
            "its member {:?} is missing or of a wrong type",
            error.path().to_string()
        )),
        RequestTokenError::Other(_) => OidcError::TokenAnswer("it is empty".to_owned()),
    }
}
