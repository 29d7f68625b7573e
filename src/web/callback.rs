//! `GET` path of `REDIRECT_URI`: takes the provider's answer, then goes home.

use super::{
    app::App,
    oidc::{Asked, AuthorizationResponse, OidcError, ResponseError, SignedIn},
    problem::{Problem, see_other},
    raw_tokens, sign_in_problem,
    visit::Visit,
};
use crate::{net::FetchError, reason};
use axum::{
    extract::{RawQuery, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use std::time::Duration;

/// What token endpoint, keys and userinfo may take together.
const PATIENCE: Duration = Duration::from_secs(12);

/// Finishes the sign-in that this browser started. `HEAD` takes nothing, since it changes nothing.
pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    method: Method,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    if method == Method::HEAD {
        return Ok(StatusCode::OK.into_response());
    }
    let query = query.unwrap_or_default();
    let browser = visit.browser();
    app.pace.come_back(&browser)?;
    let response = AuthorizationResponse::read(&query).map_err(|error| {
        if let Some(state) = AuthorizationResponse::only_state(&query) {
            app.attempts.take(&browser, &state); // gone after any error
        }
        sign_in_problem::of(error.into(), None)
    })?;
    let attempt = app.attempts.take(&browser, &response.state);
    let unknown = || sign_in_problem::of(ResponseError::Unknown.into(), None);
    let attempt = attempt.ok_or_else(unknown)?;
    let asked = attempt.asked().clone();
    let explain = |error: OidcError| {
        if error.may_be_stale_metadata() {
            app.directory.doubt();
        }
        sign_in_problem::of(error, Some(&asked))
    };
    let code = attempt.accept(response).map_err(explain)?;
    let finished = async { code.redeem().await?.verify().await };
    let late = |_| {
        let origin = app.directory.issuer().to_owned();
        Err(OidcError::TokenUnreachable(FetchError::TimedOut(origin)))
    };
    let in_time = tokio::time::timeout(PATIENCE, finished).await;
    let signed_in = in_time.unwrap_or_else(late).map_err(explain)?;
    enter(&app, &visit, signed_in, &asked).await?;
    Ok(see_other("/"))
}

/// Begins a session of a new id. Whoever was signed in before, if it was somebody else, is gone from
/// this browser, tokens included.
async fn enter(
    app: &App,
    visit: &Visit,
    signed_in: SignedIn,
    asked: &Asked,
) -> Result<(), Problem> {
    let entered = visit.session.sign_in(signed_in).await.map_err(|error| {
        tracing::error!(event = "session_store", %error, "the session cannot be kept");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, &reason::OUR_FAULT)
    })?;
    let signed_in = entered.person();
    let is_over = app.ended.is_over(&signed_in);
    let before = visit.session.live().map(|live| live.person());
    if let Some(before) = before.filter(|one| is_over || one.is_somebody_else(&signed_in)) {
        app.revoke_in_background(before, "another sign-in took its browser");
    }
    if is_over {
        // Looked at once it is there, so that the provider's word finds it, or is found by it.
        app.sessions.end(&entered);
        app.revoke_in_background(
            signed_in,
            "its session ended while the sign-in was finished",
        );
        tracing::info!(
            event = "sign_in_over",
            "the provider has ended the session meanwhile"
        );
        let problem = Problem::new(StatusCode::UNAUTHORIZED, &reason::SESSION_OVER);
        let why = "the provider ended the session while the sign-in was being finished";
        return Err(problem.level(&asked.level).fact("what was seen", why));
    }
    tracing::info!(
        event = "signed_in",
        level = asked.level,
        "a person signed in"
    );
    raw_tokens::of_person(app, &signed_in);
    Ok(())
}
