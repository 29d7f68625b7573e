//! The API gateway: a policy enforcement point and a reverse proxy.
//!
//! Every request is held against the blueprint's rules; where a rule wants a token, the token is
//! verified with the issuer's keys or introspected, and client and scope are judged. What passes goes
//! to one upstream, which is told who asks and never sees the token.
//!
//! An answer of the upstream is passed on whatever its status, with one exception: where the demo API
//! says that it refused the gateway's key (`403` with `x-refused: key`), the caller gets a `502`, for it
//! is not the caller who lacks something.

mod bearer;
mod body;
mod enforce;
mod fetched;
mod forward;
mod headers;
mod holder;
mod introspect;
mod jwt;
mod memory;
mod metadata;
mod path;
mod record;
mod refuse;
mod single_flight;
#[cfg(test)]
mod tests;

pub use forward::UpstreamError;

use crate::{
    blueprint::Policy,
    clock::Clock,
    jose::{AccessTokenTyp, Algorithm},
    net,
    oauth::Secret,
};
use axum::Router;
use enforce::{Gateway, Verifier};
use forward::Upstream;
use introspect::Introspection;
use jwt::JwtValidation;
use metadata::Issuer;
use std::sync::Arc;
use url::Url;

/// How access tokens are found to be valid.
pub enum TokenPolicy {
    /// By asking the issuer (RFC 7662), with a short memory.
    Introspection {
        /// The gateway's own client id at the issuer.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
    },
    /// By the issuer's published keys.
    Jwt {
        /// What the header must say of the kind.
        typ: AccessTokenTyp,
        /// What tokens may be signed with.
        algorithms: Vec<Algorithm>,
    },
}

/// What the gateway needs to know.
pub struct GatewayConfig {
    /// The issuer whose tokens are taken, compared as a string.
    pub issuer: String,
    /// What a token must name in `aud`.
    pub audience: String,
    /// Who may see what.
    pub policy: Policy,
    /// How tokens are found to be valid.
    pub token_policy: TokenPolicy,
    /// The API behind the gateway: http or https, its base path kept, its query not.
    pub upstream: Url,
    /// What the gateway shows the API.
    pub api_key: Secret,
    /// PEM certificates that are trusted beside the system's, for an https upstream.
    pub extra_roots: Vec<Vec<u8>>,
    /// Asks the issuer for metadata, keys and about tokens.
    pub http: net::Client,
    /// Judges what has expired.
    pub clock: Clock,
}

/// The gateway. Nothing is fetched yet: the issuer may start later.
///
/// # Errors
/// When the upstream's address or key cannot be used, or TLS to it cannot be set up.
pub fn router(config: GatewayConfig) -> Result<Router, UpstreamError> {
    let issuer = Issuer {
        identifier: config.issuer,
        http: config.http,
    };
    let verifier = match config.token_policy {
        TokenPolicy::Introspection {
            client_id,
            client_secret,
        } => Verifier::Introspection(Introspection::new(
            issuer,
            config.audience,
            &client_id,
            &client_secret,
            config.clock,
        )),
        TokenPolicy::Jwt { typ, algorithms } => Verifier::Jwt(JwtValidation::new(
            issuer,
            config.audience,
            typ,
            algorithms,
            config.clock,
        )),
    };
    let gateway = Gateway {
        policy: config.policy,
        verifier,
        upstream: Upstream::new(&config.upstream, &config.api_key, &config.extra_roots)?,
    };
    Ok(Router::new()
        .fallback(enforce::take)
        .with_state(Arc::new(gateway)))
}
