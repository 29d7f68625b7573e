//! The relying party, and the product's face: routes and pages. It knows provider and gateway by
//! their URLs alone.

mod app;
mod attempts;
mod authenticate;
mod back_channel;
mod callback;
mod chips;
mod config;
mod doctor;
pub mod drawing;
mod farewell;
mod finish;
mod flights;
mod gateway;
mod headers;
mod home;
mod home_view;
mod keyring;
mod live;
mod log_out;
mod machine;
mod machine_page;
pub mod oidc;
mod pace;
pub mod page;
mod posted;
mod problem;
mod raw_tokens;
mod refresh;
mod refresh_page;
mod session;
mod session_index;
mod session_store;
mod show_me;
mod shown_page;
mod sign_in_problem;
mod signed_out;
#[cfg(test)]
mod tests;
mod visit;

pub use config::{Embedded, WebConfig};
pub use finish::wrong_host;

use app::App;
use axum::{
    Router, middleware,
    routing::{get, post},
};
use tower_sessions::{
    SessionManagerLayer, cookie::SameSite, cookie::time::Duration, session::Expiry,
};

/// The web client's routes. The path of the redirect URI is none of these: settings see to it.
pub fn router(config: WebConfig) -> Router {
    routes(App::new(config))
}

fn routes(app: App) -> Router {
    let redirect_uri = app.config.redirect_uri.clone();
    let max_age = Duration::try_from(app.config.session_max_age).unwrap_or(Duration::MAX);
    let sessions = SessionManagerLayer::new(app.sessions.clone())
        .with_name(visit::cookie_name("solar_session", &redirect_uri))
        .with_same_site(SameSite::Lax) // Strict would stay behind when the provider sends the browser back
        .with_secure(redirect_uri.is_https())
        .with_http_only(true)
        .with_expiry(Expiry::OnInactivity(max_age))
        .with_signed(app.keyring.cookie_key());

    let mut pages = Router::new()
        .without_v07_checks()
        .route("/", get(home::get))
        .route("/authenticate/{level}", post(authenticate::post))
        .route("/show-me/{resource}", post(show_me::post))
        .route("/machine/{resource}", post(machine::post))
        .route(refresh::PATH, post(refresh::post))
        .route("/flights/{id}", get(flights::get))
        .route(doctor::PATH, get(doctor::get).post(doctor::post))
        .route("/log-out", post(log_out::post))
        .route("/signed-out", get(signed_out::get));
    if redirect_uri.path() != "/" {
        pages = pages.route(redirect_uri.path(), get(callback::get));
    }
    pages
        .method_not_allowed_fallback(finish::wrong_method)
        .fallback(finish::no_such_page)
        .layer(middleware::from_fn_with_state(app.clone(), finish::finish))
        .layer(middleware::from_fn_with_state(app.clone(), visit::begin))
        .layer(sessions)
        .merge(back_channel::router())
        .layer(middleware::from_fn(finish::static_files))
        .layer(middleware::from_fn_with_state(app.clone(), finish::bounds))
        .with_state(app)
}
