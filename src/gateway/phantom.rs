//! Phantom tokens: whatever the caller's token is outside, the API gets a JWT of the gateway's own.
//!
//! The pattern's makers let the authorization server hand out that JWT when it is asked about an opaque
//! token (`Accept: application/jwt` at introspection); few servers do. RFC 9701 signs introspection
//! answers, but as evidence for the resource server that asked: section 8.1 keeps them from passing for
//! access tokens. So the gateway, which knows all that stands in such a token, signs it itself, and any
//! issuer will do. The API then trusts one issuer, the gateway, and its keys at
//! [`KEYS`](crate::blueprint::reserved::KEYS); it needs no introspection, and a JWT that gets lost behind
//! the gateway is worthless in front of it, where another issuer's tokens are taken.
//!
//! - The token is an access token after RFC 9068: `typ` is `at+jwt`, `aud` the API's audience. Its subject is
//!   the caller's, or the client where the token names no other.
//! - It ends two minutes after it was made, and never after the caller's own; to a caller whose own has
//!   ended none is given, whatever leeway the gateway's clock has.
//! - It is made once for as long as a token is remembered, which is half of that at most: what the API
//!   gets lasts another minute, unless the caller's own token ends before.
//! - The keys are made at each start and are nowhere but in this process. Several gateways behind one
//!   address would each publish their own, so that the API has to be told of each.
//!
//! The decision endpoint hands none out: whoever holds an opaque token could ask it for the JWT.

use super::{holder::Holder, refuse::Refusal};
use crate::{
    clock::Clock,
    jose::{Algorithm, SigningError, SigningKey},
    oauth::Secret,
};
use axum::http::HeaderValue;
use serde_json::{Value, json};

/// How long a token for the API is good, in seconds.
const LIFETIME: i64 = 120;

/// Makes tokens for the API.
pub(super) struct Minter {
    key: SigningKey,
    /// The gateway's public base URL.
    issuer: String,
    audience: String,
    clock: Clock,
}

impl Minter {
    pub(super) fn new(
        issuer: String,
        audience: String,
        clock: Clock,
    ) -> Result<Self, SigningError> {
        Ok(Self {
            key: SigningKey::generate(Algorithm::Es256)?,
            issuer,
            audience,
            clock,
        })
    }

    /// Lets a holder have a token for the API, if they have none yet.
    pub(super) fn equip(&self, holder: &Holder) -> Result<(), Refusal> {
        // the API knows no leeway of ours, and what was made for it earlier has ended as well
        if holder.expires_at <= self.clock.now() {
            let sentence = "The token has expired.";
            return Err(Refusal::token_rejected("token_expired", sentence));
        }
        if holder.for_api.get().is_none() {
            let minted = self.mint(holder)?;
            let _ = holder.for_api.set(minted); // or another request was faster
        }
        Ok(())
    }

    fn mint(&self, holder: &Holder) -> Result<HeaderValue, Refusal> {
        let now = self.clock.now();
        let subject = holder.subject.as_ref().or(holder.client.as_ref());
        let subject = subject.and_then(|name| std::str::from_utf8(name.as_bytes()).ok());
        let Some(subject) = subject else {
            let sentence = "The token names neither a person nor a client.";
            return Err(Refusal::token_rejected("token_claim", sentence));
        };
        let mut claims = json!({
            "iss": self.issuer,
            "sub": subject,
            "aud": self.audience,
            "scope": holder.scopes.to_string(),
            "iat": now,
            "exp": holder.expires_at.min(now.saturating_add(LIFETIME)),
            "jti": Secret::random().expose(),
        });
        let others = [
            ("client_id", holder.client_id.as_deref().map(Value::from)),
            ("auth_time", holder.auth_time.map(Value::from)),
            ("acr", holder.acr.as_deref().map(Value::from)),
        ];
        for (name, value) in others {
            if let Some(value) = value {
                claims[name] = value;
            }
        }
        let token = self.key.sign("at+jwt", &claims);
        let token = token.map_err(|_| Refusal::NotMinted)?;
        let mut value =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Refusal::NotMinted)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The key set by which the API verifies them.
    pub(super) fn keys(&self) -> Value {
        json!({ "keys": [self.key.public_jwk()] })
    }
}
