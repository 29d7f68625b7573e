//! `POST /authenticate/{level}`: starts a sign-in.

use super::{
    app::App,
    oidc::{Asked, Attempt},
    page::ContinuePage,
    posted::Posted,
    problem::{Page, Problem, see_other},
    sign_in_problem,
    visit::Visit,
};
use crate::{net::Peer, reason};
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Sends the browser to the provider, with an attempt of its own.
///
/// 303 where the page's `form-action` covered the provider, else a page with a plain link: a browser
/// blocks a form's redirect to an origin that is not named there, without a word.
pub(super) async fn post(
    State(app): State<App>,
    Path(level): Path<String>,
    peer: Option<Extension<Peer>>,
    posted: Posted,
) -> Result<Response, Problem> {
    let no_such_level = || Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE);
    let panel = app.panel(&level).ok_or_else(no_such_level)?;
    app.pace.start(&posted.visit.browser())?;
    let provider = app.directory.provider().await;
    let provider =
        provider.map_err(|trouble| sign_in_problem::of(trouble.into(), None).level(&level))?;
    let asked = Asked {
        level: panel.level.clone(),
        scopes: panel.scopes.clone(),
    };
    let attempt = Attempt::start(provider, asked);
    let url = attempt.authorization_url().map_err(|error| {
        tracing::error!(event = "authorization_url", %error, "the provider's URLs cannot be used");
        Problem::new(StatusCode::BAD_GATEWAY, &reason::PROVIDER_METADATA)
    })?;
    let from = peer.map(|Extension(Peer(address))| address);
    app.attempts.keep(from, &posted.visit.browser(), attempt);
    tracing::info!(
        event = "sign_in_started",
        level,
        "a browser is sent to the provider"
    );
    if posted.may_lead_to(&url) {
        return Ok(see_other(url.as_str()));
    }
    Ok(Page(StatusCode::OK, link(&posted.visit, url.as_str())).into_response())
}

fn link(visit: &Visit, url: &str) -> ContinuePage {
    ContinuePage {
        chrome: visit.chrome(),
        heading: "Go on to the identity provider".to_owned(),
        sentences: vec![
            "When the last page was made, the provider's address was not known yet, so your browser would not let its button lead there.".to_owned(),
            "This link leads there now.".to_owned(),
        ],
        url: url.to_owned(),
        link_text: "sign in at the identity provider".to_owned(),
    }
}
