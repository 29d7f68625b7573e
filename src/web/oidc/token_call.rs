//! The token endpoint: how it is asked, and what an answer holds.

use super::{
    OidcError, Provider,
    response::cut,
    token_answer::{TokenAnswer, TokenHttpError},
};
use crate::{
    calls::Proof,
    jose::{IdToken, Verified, half_hash},
    oauth::{Scopes, Secret, constant_time_eq},
};
use oauth2::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, RequestTokenError,
    TokenResponse, TokenUrl, basic,
};

/// How far clocks may be apart, in seconds.
pub(super) const LEEWAY: i64 = 60;
/// How old a new ID token may be, in seconds.
pub(super) const MAX_AGE: i64 = 600;

pub(super) type TokenClient<HasTokenUrl> = oauth2::Client<
    basic::BasicErrorResponse,
    TokenAnswer,
    basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    basic::BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    HasTokenUrl,
>;

/// The library's client for the provider's token endpoint, authenticated as the provider announced. It
/// knows no assertions: who asks adds the proof's to the request.
pub(super) fn client(provider: &Provider, proof: &Proof) -> TokenClient<EndpointSet> {
    let (registration, metadata) = (&provider.registration, &provider.metadata);
    let client = TokenClient::<EndpointNotSet>::new(ClientId::new(registration.client_id.clone()));
    let in_form = match proof {
        Proof::Secret(_) => metadata.client_secret_post,
        Proof::Assertion(_) => true,
    };
    let client = match proof {
        Proof::Secret(secret) => {
            client.set_client_secret(ClientSecret::new(secret.expose().to_owned()))
        }
        Proof::Assertion(_) => client,
    };
    client
        .set_auth_type(if in_form {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        })
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
}

/// A token answer, taken apart. Nothing of it is used before its ID token is verified.
pub(super) struct Tokens {
    pub(super) access_token: Secret,
    pub(super) refresh_token: Option<Secret>,
    pub(super) id_token: Option<Secret>,
    /// What was granted, where the answer says so.
    pub(super) scopes: Option<Scopes>,
    /// When the access token ends, where the answer says so; seconds since 1970.
    pub(super) expires_at: Option<i64>,
    /// When the refresh token ends, where the answer says so.
    pub(super) refresh_ends_at: Option<i64>,
}

impl Tokens {
    /// Takes an answer apart (RFC 6749, section 5.1).
    ///
    /// # Errors
    /// When its access token is empty or no bearer token.
    pub(super) fn of(answer: &TokenAnswer, now: i64) -> Result<Self, OidcError> {
        let wrong = |what: &str| OidcError::TokenAnswer(what.to_owned());
        if *answer.token_type() != basic::BasicTokenType::Bearer {
            return Err(wrong("its token_type is not Bearer"));
        }
        if answer.access_token().secret().is_empty() {
            return Err(wrong("its access_token is empty"));
        }
        let after = |seconds: u64| now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        let extra = answer.extra_fields();
        let refresh_token = answer.refresh_token().map(|token| token.secret().clone());
        Ok(Self {
            access_token: Secret::new(answer.access_token().secret().clone()),
            refresh_token: refresh_token
                .filter(|token| !token.is_empty())
                .map(Secret::new),
            id_token: extra.id_token.clone().map(Secret::new),
            scopes: scopes(answer),
            expires_at: answer.expires_in().map(|life| after(life.as_secs())),
            // Keycloak's 0 is "never"
            refresh_ends_at: extra.refresh_expires_in.filter(|s| *s > 0).map(after),
        })
    }

    /// Compares `at_hash`, where the ID token has one (OpenID Connect Core, section 3.1.3.8).
    ///
    /// # Errors
    /// When it is of another access token.
    pub(super) fn belong_to(&self, verified: &Verified<IdToken>) -> Result<(), OidcError> {
        let Some(at_hash) = &verified.claims.at_hash else {
            return Ok(());
        };
        let ours = half_hash(verified.algorithm, self.access_token.expose());
        if constant_time_eq(&ours, at_hash) {
            return Ok(());
        }
        Err(OidcError::AccessTokenHash)
    }
}

/// An empty `scope` grants nothing; what an absent one means, depends on what was asked.
fn scopes(answer: &TokenAnswer) -> Option<Scopes> {
    let mut granted = Scopes::default();
    for name in answer.scopes()?.iter().filter(|name| !name.is_empty()) {
        granted.insert(name);
    }
    Some(granted)
}

/// The library's errors print the raw body, tokens included: nothing of that is kept.
pub(super) fn explain(
    provider: &Provider,
    error: RequestTokenError<TokenHttpError, basic::BasicErrorResponse>,
) -> OidcError {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            let code = cut(answer.error().as_ref());
            let description = answer.error_description().map(|text| cut(text));
            match provider.key() {
                Some(used) if code == "invalid_client" => {
                    OidcError::KeyRefused { description, used }
                }
                _ => OidcError::TokenRefused { code, description },
            }
        }
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
