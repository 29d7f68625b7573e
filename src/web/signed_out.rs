//! `GET /signed-out`: what ended where, as it was seen.

use super::{
    app::App,
    chips,
    farewell::Seen,
    page::{NextStep, SignedOutPage},
    problem::{Page, Problem, see_other},
    visit::Visit,
};
use crate::reason;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

/// Says what ended where, with what was sealed by this browser's own log out, and nothing else. Who is
/// signed in goes home.
pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Response {
    if visit.signed_in.is_some() {
        return see_other("/");
    }
    let query = query.unwrap_or_default();
    let mut states = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
    let state = states.next();
    if states.next().is_some() {
        let twice = Problem::new(StatusCode::BAD_REQUEST, &reason::REPEATED_PARAMETER);
        return twice.fact("parameter", "state").into_response();
    }
    let seen = state.and_then(|(_, state)| app.farewells.find(&state, &[visit.farewell_owner()]));
    let facts = match seen {
        Some(seen) => facts(&seen),
        None => vec![(
            "Session in this app".to_owned(),
            "nobody is signed in here. What a log out saw is told for an hour, to its own browser"
                .to_owned(),
        )],
    };
    let page = SignedOutPage {
        chrome: visit.chrome(),
        facts,
        next: next(&app),
    };
    Page(StatusCode::OK, page).into_response()
}

fn facts(seen: &Seen) -> Vec<(String, String)> {
    let session = if seen.session_gone {
        "ended: the app looked for it once more, and it is gone"
    } else {
        "still there, although it was ended: please report this"
    };
    let provider = if seen.at_provider {
        "you were sent to the provider's sign-out, and it sent you back: it says that you signed out there"
    } else {
        "not ended: the provider offers no sign-out to apps, so you may still be signed in there"
    };
    let first = [
        ("Session in this app", session.to_owned()),
        ("Session at the provider", provider.to_owned()),
    ];
    let all = first.into_iter().chain(seen.tokens.iter().cloned());
    all.map(|(name, value)| (name.to_owned(), format!("{value}.")))
        .collect()
}

fn next(app: &App) -> Vec<NextStep> {
    let levels = app.panels.iter().map(|panel| {
        let text = format!("Sign in at the level {}.", panel.level);
        NextStep::post(
            text,
            chips::authenticate_path(&panel.level),
            "authenticate",
            Some(panel.rings),
        )
    });
    let home = NextStep::link("All levels and resources.", "/", "go to the home page");
    levels.chain([home]).collect()
}
