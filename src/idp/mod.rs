//! The embedded identity provider: an authorization server in the shape of Okta's, for demos and
//! tests only. It keeps everything in memory and forgets it when it stops.

mod answer;
mod authorization;
mod authorization_request;
mod client_authentication;
mod config;
mod cookies;
mod endpoint;
mod grants;
mod issue;
mod issued;
mod keys;
mod logout_request;
mod mint;
mod own_tokens;
pub mod page;
mod parameters;
mod passwords;
mod pending;
mod registry;
mod rules;
mod sessions;
mod sign_in_form;
mod store;
mod throttle;

#[cfg(test)]
mod tests;

pub use config::{IdpConfig, IdpError};

use crate::{assets, clock::Clock, jose::Algorithm, net::check_url, oauth::Secret};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use std::sync::Arc;

/// The provider's parts, shared by its endpoints.
struct Idp {
    issuer: String,
    registry: registry::Registry,
    keys: keys::Keys,
    sessions: sessions::Sessions,
    pending: pending::PendingRequests,
    grants: grants::Grants,
    passwords: Arc<passwords::Passwords>,
    /// The discovery document, rendered once.
    metadata: String,
    /// Makes sign-out forms that nobody else can.
    form_key: Secret,
    clock: Clock,
}

/// All routes of the provider. The host names that it answers for are the caller's to check.
///
/// # Errors
/// When the configuration cannot work, or no key can be made.
pub fn router(config: IdpConfig) -> Result<Router, IdpError> {
    let issuer_url = check_url(&config.issuer).map_err(|problem| IdpError::Issuer {
        issuer: config.issuer.clone(),
        problem,
    })?;
    let base = issuer_url.path().trim_end_matches('/').to_owned();
    let idp = Arc::new(Idp::new(config)?);
    let at = |path: &str| format!("{base}{path}");
    let router = Router::new()
        .route("/", get(endpoint::about::get))
        .route(
            "/signin/{pending}",
            get(endpoint::sign_in::get).post(endpoint::sign_in::post),
        )
        .route("/signout", post(endpoint::logout::confirmed))
        .route(
            &at("/v1/authorize"),
            get(endpoint::authorize::get).post(endpoint::authorize::post),
        )
        .route(&at("/v1/token"), post(endpoint::token::post))
        .route(&at("/v1/keys"), get(endpoint::keys::get))
        .route(&at("/v1/introspect"), post(endpoint::introspect::post))
        .route(&at("/v1/revoke"), post(endpoint::revoke::post))
        .route(
            &at("/v1/userinfo"),
            get(endpoint::user_info::get).post(endpoint::user_info::get),
        )
        .route(
            &at("/v1/logout"),
            get(endpoint::logout::get).post(endpoint::logout::post),
        )
        .route(
            &at("/.well-known/openid-configuration"),
            get(endpoint::discovery::get),
        )
        .route(
            &at("/.well-known/oauth-authorization-server"),
            get(endpoint::discovery::get),
        );
    let router = if base.is_empty() {
        router
    } else {
        // Where RFC 8414, section 3.1 looks for the metadata of an issuer with a path.
        let inserted = format!("/.well-known/oauth-authorization-server{base}");
        router.route(&inserted, get(endpoint::discovery::get))
    };
    Ok(router
        .fallback(endpoint::about::not_found)
        .method_not_allowed_fallback(endpoint::about::method_not_allowed)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(middleware::map_response(with_headers))
        .with_state(idp)
        .merge(static_files()))
}

/// Headers on everything that is not a static file (RFC 6749, section 5.1; RFC 9700, section 4.2.4).
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn static_files() -> Router {
    assets::ASSETS.iter().fold(Router::new(), |router, asset| {
        let serve = || async { crate::net::static_file(asset.content_type, asset.body) };
        router.route(asset.path, get(serve))
    })
}

impl Idp {
    fn new(config: IdpConfig) -> Result<Self, IdpError> {
        if !matches!(
            config.access_token_algorithm,
            Algorithm::Es256 | Algorithm::Rs256
        ) {
            return Err(IdpError::Algorithm(config.access_token_algorithm));
        }
        let registry = registry::Registry::new(&config)?;
        let keys = keys::Keys::new(config.access_token_algorithm)
            .map_err(|error| IdpError::Key(error.to_string()))?;
        let standard = ["openid", "profile", "email", "offline_access"];
        let named = registry
            .tenant
            .scopes
            .iter()
            .filter(|scope| !standard.contains(scope));
        let scopes: Vec<&str> = standard.into_iter().chain(named).collect();
        Ok(Self {
            metadata: endpoint::discovery::metadata(&config.issuer, &scopes).to_string(),
            passwords: passwords::Passwords::new(&registry.tenant.users, config.clock.clone()),
            sessions: sessions::Sessions::new(),
            pending: pending::PendingRequests::new(),
            grants: grants::Grants::new(),
            form_key: Secret::random(),
            issuer: config.issuer,
            clock: config.clock,
            registry,
            keys,
        })
    }

    /// What a sign-out form of this session must carry.
    fn sign_out_csrf(&self, session_cookie: &str) -> String {
        let key = aws_lc_rs::hmac::Key::new(
            aws_lc_rs::hmac::HMAC_SHA256,
            self.form_key.expose().as_bytes(),
        );
        let tag = aws_lc_rs::hmac::sign(&key, session_cookie.as_bytes());
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, tag)
    }
}
