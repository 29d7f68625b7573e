//! `GET` path of `REDIRECT_URI`: takes the provider's answer, then goes home.

use super::{
    app::App,
    oidc::{Asked, AuthorizationResponse, OidcError, ResponseError, SignedIn, revoke},
    problem::{Problem, see_other},
    sign_in_problem,
    visit::Visit,
};
use crate::{net::FetchError, reason};
use axum::{
    extract::{RawQuery, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use std::{sync::Arc, time::Duration};

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
    enter(&app, &visit, &signed_in, &asked).await?;
    Ok(see_other("/"))
}

/// Begins a session of a new id. Whoever was signed in before, if it was somebody else, is gone from
/// this browser, tokens included.
async fn enter(
    app: &App,
    visit: &Visit,
    signed_in: &SignedIn,
    asked: &Asked,
) -> Result<(), Problem> {
    visit.session.sign_in(signed_in).await.map_err(|error| {
        tracing::error!(event = "session_store", %error, "the session cannot be kept");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, &reason::OUR_FAULT)
    })?;
    tracing::info!(
        event = "signed_in",
        level = asked.level,
        correlation = visit.correlation,
        "a person signed in"
    );
    if app.config.log_tokens {
        let (id, access) = (&signed_in.id_token.claims, signed_in.access_token.expose());
        tracing::warn!(event = "raw_tokens", access_token = access, id_token_claims = %serde_json::json!(id), "LOG_TOKENS is true: raw tokens on the console");
    }
    if let Some(before) = visit
        .signed_in
        .clone()
        .filter(|before| before.is_somebody_else(signed_in))
    {
        revoke_in_background(app, before);
    }
    Ok(())
}

fn revoke_in_background(app: &App, before: Arc<SignedIn>) {
    let Some(provider) = app.directory.known() else {
        return;
    };
    tokio::spawn(async move {
        let revoked = revoke(&provider, &before).await;
        tracing::info!(
            event = "tokens_revoked",
            ?revoked,
            "somebody else signed in in the same browser"
        );
    });
}
