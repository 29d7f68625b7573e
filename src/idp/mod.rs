//! The embedded identity provider: an authorization server in the shape of Okta's, for demos and
//! tests only. It forgets everything when it stops, unless a file keeps what was registered and changed.

mod answer;
mod authorization;
mod authorization_request;
mod back_channel;
mod client_authentication;
mod config;
mod consent;
mod cookies;
mod endpoint;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzed;
mod given;
mod grants;
mod here;
mod issue;
mod issued;
mod keys;
mod logout_request;
mod mint;
mod okta;
mod org;
mod own_claims;
mod own_tokens;
mod pace;
pub mod page;
mod parameters;
mod passwords;
mod pending;
mod provider;
mod return_uri;
mod rules;
mod sessions;
mod sign_in_form;
mod store;
mod throttle;

#[cfg(test)]
mod tests;

pub use config::{IdpConfig, IdpError};
pub use okta::ManagementConfig;

use self::provider::Idp;
use crate::{
    assets,
    net::{check_url, fit_only},
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::Response,
    routing::{get, post},
};
use std::sync::Arc;

/// A provider that is ready to answer.
pub struct Ready {
    /// All its routes. The host names that it answers for are the caller's to check.
    pub router: Router,
    /// The blueprint's people who can sign in with the password of this start, by their logins.
    pub people: Vec<String>,
    /// The blueprint's clients that are there, by their ids.
    pub clients: Vec<String>,
    #[cfg(test)]
    idp: Arc<Idp>,
}

/// Makes a provider: with what its file keeps, else with the blueprint's tenant, or empty.
///
/// # Errors
/// When the configuration cannot work, or the file that keeps the org cannot be used.
pub fn open(config: IdpConfig) -> Result<Ready, IdpError> {
    let issuer_url = check_url(&config.issuer).map_err(|problem| IdpError::Issuer {
        issuer: config.issuer.clone(),
        problem,
    })?;
    let base = issuer_url.path().trim_end_matches('/').to_owned();
    let idp = Arc::new(Idp::new(config, &issuer_url)?);
    let mut router = Router::new()
        .route("/", get(endpoint::about::get))
        .route(
            "/signin/{pending}",
            get(endpoint::sign_in::get).post(endpoint::sign_in::post),
        )
        .route(
            "/signin/{pending}/consent",
            get(endpoint::consent::get).post(endpoint::consent::post),
        )
        .route("/signout", post(endpoint::logout::confirmed))
        .merge(authorization_server("/oauth2/{server}"));
    if !is_usual(&base) {
        router = router.merge(authorization_server(&base));
    }
    let (people, clients) = idp.of_the_blueprint();
    let router = router
        .merge(okta::router(&idp))
        .fallback(endpoint::about::not_found)
        .method_not_allowed_fallback(endpoint::about::method_not_allowed)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(middleware::from_fn(fit_only))
        .layer(middleware::map_response(with_headers))
        .with_state(Arc::clone(&idp))
        .merge(static_files());
    Ok(Ready {
        router,
        people,
        clients,
        #[cfg(test)]
        idp,
    })
}

/// The endpoints of an authorization server, below the path of its issuer.
fn authorization_server(base: &str) -> Router<Arc<Idp>> {
    let at = |path: &str| format!("{base}{path}");
    let router = Router::new()
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
    if base.is_empty() {
        return router;
    }
    // Where RFC 8414, section 3.1 looks for the metadata of an issuer with a path.
    let inserted = format!("/.well-known/oauth-authorization-server{base}");
    router.route(&inserted, get(endpoint::discovery::get))
}

/// Whether an issuer's path is `/oauth2/` and one name, as Okta's are.
fn is_usual(base: &str) -> bool {
    let name = base.strip_prefix("/oauth2/");
    name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
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
