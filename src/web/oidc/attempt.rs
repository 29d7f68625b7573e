//! A sign-in under way: what is asked for, and what the answer must show.

use super::{
    OidcError, Provider,
    response::{AuthorizationResponse, Outcome, ResponseError},
};
use crate::oauth::{Scopes, Secret, constant_time_eq, pkce, random_value};
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use openidconnect::Nonce;
use std::sync::Arc;
use url::Url;

/// How long a person may take at the provider, in seconds.
const LIFE: i64 = 600;

/// A sign-in that a browser started. It is kept by the server and taken once.
pub struct Attempt {
    state: String,
    nonce: Nonce,
    verifier: Secret,
    asked: Asked,
    started_at: i64,
    /// The issuer, endpoints and redirect URI of this attempt: no other are used for it.
    provider: Arc<Provider>,
}

/// What a sign-in asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The level whose button was pressed.
    pub level: String,
    /// Exactly its scopes.
    pub scopes: Scopes,
}

/// A code that belongs to a sign-in this browser started.
///
/// Only [`Attempt::accept`] makes one, so redeeming cannot be reached with a code whose state and
/// issuer nobody compared.
pub struct AcceptedCode {
    pub(super) code: Secret,
    pub(super) nonce: Nonce,
    pub(super) verifier: Secret,
    pub(super) asked: Asked,
    pub(super) provider: Arc<Provider>,
}

impl Attempt {
    /// Starts a sign-in with a state, nonce and verifier of its own, 32 random bytes each.
    pub fn start(provider: Arc<Provider>, asked: Asked) -> Self {
        Self {
            state: random_value(),
            nonce: Nonce::new(random_value()),
            verifier: Secret::random(),
            asked,
            started_at: provider.clock.now(),
            provider,
        }
    }

    /// What the answer must bear; the name by which the attempt is kept.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// What was asked for.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Whether its ten minutes are over.
    #[must_use]
    pub fn is_over(&self, now: i64) -> bool {
        now.saturating_sub(self.started_at) > LIFE
    }

    /// Where the browser is sent (OpenID Connect Core, section 3.1.2.1; RFC 7636, section 4.3).
    ///
    /// `prompt=login`, as the buttons of the tutorial have it: pressing another level's button must
    /// let another person in.
    ///
    /// # Errors
    /// Never for a provider whose metadata holds; the library parses the URLs once more.
    pub fn authorization_url(&self) -> Result<Url, url::ParseError> {
        let registration = &self.provider.registration;
        let endpoint = AuthUrl::from_url(self.provider.metadata.authorization_endpoint.clone());
        let client = oauth2::basic::BasicClient::new(ClientId::new(registration.client_id.clone()))
            .set_auth_uri(endpoint)
            .set_redirect_uri(RedirectUrl::new(registration.redirect_uri.clone())?);
        let verifier = PkceCodeVerifier::new(self.verifier.expose().to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        debug_assert_eq!(challenge.as_str(), pkce::s256(self.verifier.expose()));
        let mut request = client
            .authorize_url(|| CsrfToken::new(self.state.clone()))
            .add_scopes(
                self.asked
                    .scopes
                    .iter()
                    .map(|name| Scope::new(name.to_owned())),
            )
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", self.nonce.secret())
            .add_extra_param("prompt", "login");
        if registration.ask_for_audience {
            // RFC 8707, section 2; some providers know the same under another name.
            request = request
                .add_extra_param("resource", &registration.audience)
                .add_extra_param("audience", &registration.audience);
        }
        Ok(request.url().0)
    }

    /// Takes the answer, in order of trust: issuer (RFC 9207), then error or code. That its state is
    /// this attempt's is what found the attempt.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn accept(self, response: AuthorizationResponse) -> Result<AcceptedCode, OidcError> {
        if !constant_time_eq(&self.state, &response.state)
            || self.is_over(self.provider.clock.now())
        {
            return Err(ResponseError::Unknown.into());
        }
        let metadata = &self.provider.metadata;
        match response.issuer {
            Some(issuer) if issuer == metadata.issuer => {}
            None if !metadata.announces_iss => {}
            got => {
                let got = got.map(|issuer| super::response::cut(&issuer));
                return Err(OidcError::AnotherIssuer { got });
            }
        }
        let code = match response.outcome {
            Outcome::Code(code) => code,
            Outcome::Error { code, description } => {
                return Err(OidcError::Refused { code, description });
            }
            Outcome::CodeAndError | Outcome::Nothing => {
                return Err(ResponseError::Contradiction.into());
            }
        };
        let Self {
            nonce,
            verifier,
            asked,
            provider,
            ..
        } = self;
        Ok(AcceptedCode {
            code,
            nonce,
            verifier,
            asked,
            provider,
        })
    }
}
