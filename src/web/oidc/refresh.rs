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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{Algorithm, IdTokenRules, KeySet, SigningKey, verify_id_token};
    use serde_json::json;

    const ISSUER: &str = "https://idp.example";
    const NOW: i64 = 1_800_000_000;

    /// A new ID token that its verifier takes: of this issuer, this person, and these parties.
    fn newer(issuer: &str, changes: &Value) -> Verified<IdToken> {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let keys = json!({ "keys": [key.public_jwk()] }).to_string();
        let mut claims = json!({
            "iss": issuer, "sub": "a", "aud": ["app", "api"], "nonce": "n", "iat": NOW, "exp": NOW + 60,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let rules = IdTokenRules {
            issuer,
            client_id: "app",
            other_audiences: &["api".to_owned()],
            algorithms: &Algorithm::ALL,
            nonce: None,
            leeway: 60,
            max_age: 600,
        };
        let keys = KeySet::parse(keys.as_bytes()).unwrap();
        verify_id_token(&key.sign("JWT", &claims).unwrap(), &keys, &rules, NOW).unwrap()
    }

    /// Each by its own rule alone: the verifier has taken them all.
    #[test]
    fn sec_web_18_a_newer_id_token_of_another_issuer_person_audience_party_or_nonce_is_of_another_sign_in()
     {
        let mut person = SignedIn::sample("a");
        person.first.audience = vec!["app".to_owned(), "api".to_owned()];
        person.first.nonce = Some("n".to_owned());
        let said =
            |issuer: &str, changes: Value| match same_sign_in(&person, &newer(issuer, &changes)) {
                Err(RefreshError::AnotherSignIn(claim)) => claim,
                other => {
                    other.unwrap();
                    "the same"
                }
            };
        assert_eq!(said(ISSUER, json!({})), "the same");
        assert_eq!(said(ISSUER, json!({ "aud": ["api", "app"] })), "the same");
        assert_eq!(said("https://other.example", json!({})), "iss");
        assert_eq!(said(ISSUER, json!({ "sub": "b" })), "sub");
        assert_eq!(said(ISSUER, json!({ "aud": "app" })), "aud");
        assert_eq!(said(ISSUER, json!({ "azp": "app" })), "azp");
        assert_eq!(said(ISSUER, json!({ "nonce": "m" })), "nonce");
    }
}
