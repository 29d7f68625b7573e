//! `GET /signed-out`: what ended where, as it was seen.

use super::{
    app::App,
    chips,
    oidc::Revoked,
    page::{NextStep, SignedOutPage},
    problem::{Page, see_other},
    visit::Visit,
};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

/// What a log out saw. It travels in `state`, sealed, to the provider and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// What became of the tokens.
    pub(super) tokens: Revoked,
    /// Whether the browser was sent to sign out at the provider.
    pub(super) at_provider: bool,
}

const ALL: [(&str, Seen); 6] = [
    (
        "revoked-there",
        Seen {
            tokens: Revoked::Yes,
            at_provider: true,
        },
    ),
    (
        "revoked-here",
        Seen {
            tokens: Revoked::Yes,
            at_provider: false,
        },
    ),
    (
        "not-offered-there",
        Seen {
            tokens: Revoked::NotOffered,
            at_provider: true,
        },
    ),
    (
        "not-offered-here",
        Seen {
            tokens: Revoked::NotOffered,
            at_provider: false,
        },
    ),
    (
        "failed-there",
        Seen {
            tokens: Revoked::Failed,
            at_provider: true,
        },
    ),
    (
        "failed-here",
        Seen {
            tokens: Revoked::Failed,
            at_provider: false,
        },
    ),
];

impl Seen {
    /// The word for it in `state`.
    pub(super) fn word(self) -> &'static str {
        ALL.iter()
            .find(|(_, seen)| *seen == self)
            .map_or("", |(word, _)| word)
    }

    /// What a word says.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        ALL.iter()
            .find(|(known, _)| *known == word)
            .map(|(_, seen)| *seen)
    }
}

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
    let seen = states
        .next()
        .and_then(|(_, state)| visit.read_log_out_state(&state));
    let tokens = match seen.map(|seen| seen.tokens) {
        Some(Revoked::Yes) => "revoked at the provider",
        Some(Revoked::NotOffered) => {
            "forgotten here; the provider offers no revocation, so they end by themselves"
        }
        Some(Revoked::Failed) => {
            "forgotten here; the provider did not confirm that they are revoked"
        }
        None => "none are kept here",
    };
    let provider = match seen.map(|seen| seen.at_provider) {
        Some(true) => "the provider says that you signed out there",
        Some(false) => "you may still be signed in there: it offers no sign-out to apps",
        None => "not known",
    };
    let facts = [
        ("Session in this app", "ended"),
        ("Tokens", tokens),
        ("Session at the provider", provider),
    ];
    let page = SignedOutPage {
        chrome: visit.chrome(),
        facts: facts
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        next: next(&app),
    };
    Page(StatusCode::OK, page).into_response()
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
