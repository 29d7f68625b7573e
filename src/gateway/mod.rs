//! The API gateway: a policy enforcement point and a reverse proxy.
//!
//! Every request is held against the blueprint's rules; where a rule wants a token, the token is
//! verified with the issuer's keys or introspected, and client and scope are judged. What passes goes
//! to one upstream, which is told who asks and never sees the token.
//!
//! An answer of the upstream is passed on whatever its status, with one exception: where the demo API
//! says that it refused the gateway's key (`403` with `x-refused: key`), the caller gets a `502`, for it
//! is not the caller who lacks something.

mod address;
mod bearer;
mod body;
mod decide;
mod enforce;
mod face;
mod fetched;
mod forward;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzed;
mod headers;
mod holder;
mod introspect;
mod jwt;
mod limits;
mod memory;
mod metadata;
mod own;
mod path;
mod phantom;
mod record;
mod refuse;
mod single_flight;
#[cfg(test)]
mod tests;
mod throttle;
mod upload;

pub use forward::UpstreamError;
pub use throttle::Rates;

use crate::{
    blueprint::Policy,
    clock::Clock,
    jose::{AccessTokenTyp, Algorithm},
    net,
    oauth::Secret,
};
use arc_swap::ArcSwap;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, Response},
};
use enforce::{Gateway, Rules, Verifier};
use face::Face;
use forward::Upstream;
use introspect::Introspection;
use ipnet::IpNet;
use jwt::JwtValidation;
use metadata::Issuer;
use phantom::Minter;
use std::sync::Arc;
use throttle::Throttle;
use upload::Uploads;
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

/// What the API is shown of who asks, beside the headers that say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamToken {
    /// No token.
    None,
    /// A short-lived JWT of the gateway's own, in `Authorization`.
    Jwt,
}

/// What the gateway needs to know.
pub struct GatewayConfig {
    /// The issuer whose tokens are taken, compared as a string.
    pub issuer: String,
    /// What a token must name in `aud`.
    pub audience: String,
    /// Who may see what.
    pub policy: Policy,
    /// How clients reach the gateway: its own address, or that of a proxy or gateway in front.
    pub public_url: Url,
    /// What people call the API, for what clients are told of it; may be empty.
    pub resource_name: String,
    /// How tokens are found to be valid.
    pub token_policy: TokenPolicy,
    /// The API behind the gateway: http or https, its base path kept, its query not.
    pub upstream: Url,
    /// What the gateway shows the API.
    pub api_key: Secret,
    /// What the API is shown of who asks.
    pub upstream_token: UpstreamToken,
    /// How much callers may ask.
    pub rates: Rates,
    /// Proxies and gateways in front, whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
    /// PEM certificates that are trusted beside the system's, for an https upstream.
    pub extra_roots: Vec<Vec<u8>>,
    /// How much a request may carry, and how long it may take.
    pub limits: net::Limits,
    /// Asks the issuer for metadata, keys and about tokens.
    pub http: net::Client,
    /// Judges what has expired.
    pub clock: Clock,
}

/// The gateway. Nothing is fetched yet: the issuer may start later.
///
/// # Errors
/// When the upstream's address or key cannot be used, or TLS to it cannot be set up.
pub fn open(config: GatewayConfig) -> Result<(Entrance, Handle), UpstreamError> {
    let face = Face::new(&config.public_url, config.issuer.clone());
    let minter = match config.upstream_token {
        UpstreamToken::None => None,
        UpstreamToken::Jwt => Some(Minter::new(
            face.base_url(),
            config.audience.clone(),
            config.clock.clone(),
        )?),
    };
    tracing::info!(
        event = "revocation_lag",
        "{}",
        revocation_lag(&config.token_policy)
    );
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
            config.clock.clone(),
        )),
        TokenPolicy::Jwt { typ, algorithms } => Verifier::Jwt(JwtValidation::new(
            issuer,
            config.audience,
            typ,
            algorithms,
            config.clock.clone(),
        )),
    };
    let gateway = Gateway {
        rules: ArcSwap::from_pointee(Rules {
            policy: config.policy,
            name: config.resource_name,
        }),
        face,
        clock: config.clock,
        minter,
        throttle: Throttle::new(config.rates),
        uploads: Uploads::new(),
        proxies: config.proxies,
        verifier,
        upstream: Upstream::new(
            &config.upstream,
            &config.api_key,
            &config.extra_roots,
            config.limits,
        )?,
    };
    let gateway = Arc::new(gateway);
    Ok((Entrance(Arc::clone(&gateway)), Handle(gateway)))
}

/// Where requests come in: served as it is, since what a router costs a request is worth saving, or as a
/// router.
#[derive(Clone)]
pub struct Entrance(Arc<Gateway>);

impl Entrance {
    /// The same as a router.
    pub fn router(self) -> Router {
        Router::new().fallback(enforce::take).with_state(self.0)
    }
}

impl net::Handle for Entrance {
    const HTTP2: bool = true;

    async fn handle(self, request: Request<Body>) -> Response<Body> {
        enforce::take(State(self.0), request).await
    }
}

/// How long a token that was revoked opens what it opened, as a sentence.
fn revocation_lag(policy: &TokenPolicy) -> String {
    match policy {
        TokenPolicy::Introspection { .. } => format!(
            "a revoked access token is taken for {} seconds at most: so long an answer of the issuer is kept",
            introspect::ACTIVE.1
        ),
        TokenPolicy::Jwt { .. } => format!(
            "a revoked access token is taken until it expires, and {} seconds longer for clocks that differ: \
             the issuer is not asked",
            jwt::LEEWAY
        ),
    }
}

/// A gateway that runs.
#[derive(Clone)]
pub struct Handle(Arc<Gateway>);

impl Handle {
    /// Replaces the rules whole. Requests in flight end by those that they began with; tokens that
    /// were found valid stay so, and what they open is judged anew.
    pub fn replace_rules(&self, policy: Policy, resource_name: String) {
        let name = resource_name;
        self.0.rules.store(Arc::new(Rules { policy, name }));
    }
}
