//! `POST /back-channel-logout`: the provider says that sessions have ended, and they end here
//! (`OpenID` Connect Back-Channel Logout, sections 2.5 to 2.8).
//!
//! No browser comes here: no cookie is read and none is set, and the token alone is believed. It counts
//! once. The answer is JSON, and never says whether there was a session.

mod ended;
mod form;
mod refusal;

pub(super) use ended::Ended;

use self::refusal::Refusal;
use super::{app::App, live::Live, oidc::LogoutTokenError};
use crate::jose::{Algorithm, LogoutToken, Verified, may_be_logout_token};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::post,
};
use std::sync::Arc;

/// Where the provider posts to.
const PATH: &str = "/back-channel-logout";

/// The route, to be put outside of everything that knows cookies and sessions.
pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, post(take).fallback(wrong_method))
}

/// Ends the sessions that a logout token names. 200 also when there is none (any more).
async fn take(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    match end_sessions(&app, &headers, body).await {
        Ok(()) => no_store(StatusCode::OK.into_response()),
        Err(refusal) => no_store(refusal.into_response()),
    }
}

async fn end_sessions(app: &App, headers: &HeaderMap, body: Body) -> Result<(), Refusal> {
    let token = form::logout_token(headers, body).await?;
    let token = verified(app, &token).await?.claims;
    app.ended.once(&token, || end_all(app, &token))
}

/// Verifies by what is at hand, or else in one of the places for those who make the provider be asked.
async fn verified(app: &App, token: &str) -> Result<Verified<LogoutToken>, Refusal> {
    let refused = |error| match error {
        LogoutTokenError::Keys(_) => Refusal::Keys(error),
        LogoutTokenError::Refused(_) => Refusal::Token(error),
    };
    may_be_logout_token(token, &Algorithm::ALL).map_err(|error| refused(error.into()))?;
    let known = app.directory.known();
    if let Some(verified) = known.and_then(|provider| provider.logout_token_at_hand(token)) {
        return verified.map_err(refused);
    }
    let _place = app.ended.place().ok_or(Refusal::Busy)?;
    let provider = app.directory.provider().await;
    let provider = provider.map_err(Refusal::Provider)?;
    provider.verified_logout_token(token).await.map_err(refused)
}

fn end_all(app: &App, token: &LogoutToken) {
    let (session, person) = (token.session_id.as_deref(), token.subject.as_deref());
    let ended = app.sessions.end_all(&token.issuer, session, person);
    let by = if session.is_some() {
        "session"
    } else {
        "person"
    };
    tracing::info!(
        event = "back_channel_logout",
        issuer = %token.issuer,
        by,
        sessions = ended.len(),
        "the provider said that sessions have ended, so they ended here"
    );
    for live in &ended {
        give_back(app, live);
    }
}

/// Gives the tokens of an ended session back. What was granted for when nobody is there (`offline_access`)
/// stays with the provider, which normally leaves it valid (section 2.7): here it is only forgotten.
fn give_back(app: &App, live: &Live) {
    let mut person = live.person();
    if person.granted.contains("offline_access") {
        Arc::make_mut(&mut person).refresh_token = None;
    }
    app.revoke_in_background(person, "the provider ended its session");
}

fn no_store(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

/// A person who opens the address: it is for the provider.
async fn wrong_method() -> Response {
    let page = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>For the identity provider</title></head>\
        <body><main><h1>For the identity provider</h1><p>This address takes the provider's word that a session has ended, \
        and nothing else.</p><p><a href=\"/\">Go to the home page</a></p></main></body></html>";
    (StatusCode::METHOD_NOT_ALLOWED, Html(page)).into_response()
}
