//! The page of a refresh: the call, what came of it, and what to do.

use super::{
    app::App,
    chips, doctor,
    oidc::SignedIn,
    page::{FlightPage, MessageView, NextStep, StepView, Verdict, VerdictKind, how_long},
    refresh,
    shown_page::{Told, message},
    visit::Visit,
};
use crate::{
    flight::{Hop, Message, Weight},
    reason::{self, Reason},
};
use axum::http::StatusCode;

/// A refresh that was made, kept for its page. It holds no token.
#[derive(Clone, Debug)]
pub(super) struct Refresh {
    /// The call to the gateway that led to it, if one did.
    pub(super) before: Option<Hop>,
    pub(super) hop: Hop,
    pub(super) outcome: RefreshOutcome,
    pub(super) correlation: String,
}

/// What a refresh came to.
#[derive(Clone, Debug)]
pub(super) enum RefreshOutcome {
    /// New tokens.
    Done {
        /// When the new access token ends, if that is known.
        ends_at: Option<i64>,
        /// Whether there is another refresh token now.
        rotated: bool,
    },
    /// None, for this reason; those that are there stay.
    Kept(String),
    /// The session is over, for this reason.
    Over(String),
}

impl RefreshOutcome {
    pub(super) fn done(old: &SignedIn, newer: &SignedIn) -> Self {
        let value =
            |person: &SignedIn| person.refresh_token.as_ref().map(|t| t.expose().to_owned());
        Self::Done {
            ends_at: newer.expires_at,
            rotated: value(old) != value(newer),
        }
    }
}

impl Weight for Refresh {
    fn weight(&self) -> usize {
        let before = self.before.as_ref().map_or(0, Hop::weight);
        self.hop.weight() + before + 512
    }
}

pub(super) fn tell(app: &App, visit: &Visit, refresh: &Refresh) -> Told {
    let (asked, came_back) = messages(&refresh.hop);
    let (kind, status, heading) = match &refresh.outcome {
        RefreshOutcome::Done { .. } => (VerdictKind::Pass, StatusCode::OK, "There are new tokens"),
        RefreshOutcome::Kept(_) => {
            let heading = reason::REFRESH_FAILED.heading;
            (VerdictKind::Failed, StatusCode::BAD_GATEWAY, heading)
        }
        RefreshOutcome::Over(_) => {
            let heading = reason::SESSION_OVER.heading;
            (VerdictKind::Refused, StatusCode::UNAUTHORIZED, heading)
        }
    };
    let page = FlightPage {
        chrome: visit.chrome(),
        verdict: Verdict {
            kind,
            sentence: format!("{heading}."),
        },
        answer: None,
        token: None,
        before: refresh
            .before
            .as_ref()
            .map(refused_call)
            .into_iter()
            .collect(),
        asked,
        came_back,
        after: Vec::new(),
        meaning: meaning(app, &refresh.outcome),
        why: None,
        next: next(app, visit, &refresh.outcome),
        correlation: refresh.correlation.clone(),
        remote_gateway: false,
    };
    Told {
        status,
        page,
        retry_after: None,
    }
}

fn meaning(app: &App, outcome: &RefreshOutcome) -> Vec<String> {
    let no = |reason: &Reason, why: &String| {
        vec![
            reason.meaning.to_owned(),
            format!("What was seen: {why}."),
            format!(
                "Who refused: {}. The rule: {}.",
                reason.who.words(),
                reason.rule
            ),
        ]
    };
    match outcome {
        RefreshOutcome::Kept(why) => no(&reason::REFRESH_FAILED, why),
        RefreshOutcome::Over(why) => no(&reason::SESSION_OVER, why),
        RefreshOutcome::Done { ends_at, rotated } => {
            let left = ends_at.map(|ends| ends.saturating_sub(app.config.clock.now()).max(0));
            let access = match left {
                Some(left) => format!("The new access token ends in {}.", how_long(left)),
                None => "Nobody said when the new access token ends.".to_owned(),
            };
            let refresh = if *rotated {
                "The refresh token was replaced too: the one that was sent is spent, and a second use of it would tell the provider that somebody stole it (RFC 9700, section 4.14.2)."
            } else {
                "The refresh token stays the same: the provider sent no other."
            };
            vec![
                "The app sent the refresh token to the provider's token endpoint, and to nobody else, and got new tokens for it; you were not asked for a password.".to_owned(),
                access,
                refresh.to_owned(),
            ]
        }
    }
}

fn next(app: &App, visit: &Visit, outcome: &RefreshOutcome) -> Vec<NextStep> {
    let mut next = Vec::new();
    match outcome {
        RefreshOutcome::Done { .. } => {}
        RefreshOutcome::Kept(_) => {
            // as it is now: this refresh, or another since, may have spent the refresh token
            let person = visit.signed_in.as_ref();
            if person.is_some_and(|person| person.refresh_token.is_some()) {
                let again = reason::REFRESH_FAILED.change;
                let button = "refresh the tokens";
                next.push(NextStep::post(again, refresh::PATH, button, None));
            } else {
                next.extend(sign_in(app));
            }
            next.extend(doctor::step(app));
        }
        RefreshOutcome::Over(_) => next.extend(sign_in(app)),
    }
    let home = NextStep::link("All levels and resources.", "/", "go to the home page");
    next.push(home);
    next
}

/// A button for each level.
fn sign_in(app: &App) -> impl Iterator<Item = NextStep> {
    app.panels.iter().map(|panel| {
        let text = format!("Sign in at the level {}.", panel.level);
        let path = chips::authenticate_path(&panel.level);
        NextStep::post(text, path, "authenticate", Some(panel.rings))
    })
}

/// A refresh on the way to something else, as a part of its page.
pub(super) fn step(hop: &Hop, sentence: &str) -> StepView {
    let (asked, came_back) = messages(hop);
    StepView {
        sentence: sentence.to_owned(),
        asked_heading: "New tokens were asked for".to_owned(),
        asked,
        came_back_heading: "What the token endpoint said".to_owned(),
        came_back,
    }
}

/// A call to the gateway that was refused before.
pub(super) fn refused_call(hop: &Hop) -> StepView {
    let came = |came: &Message| message(came, "gateway to web client", false);
    StepView {
        sentence: "The gateway did not take the access token that was there.".to_owned(),
        asked_heading: "First, the gateway was asked".to_owned(),
        asked: message(&hop.asked, "web client to gateway", false),
        came_back_heading: "And refused".to_owned(),
        came_back: hop.came_back.as_ref().map(came),
    }
}

fn messages(hop: &Hop) -> (MessageView, Option<MessageView>) {
    let came = |came: &Message| message(came, "token endpoint to web client", false);
    (
        message(&hop.asked, "web client to token endpoint", false),
        hop.came_back.as_ref().map(came),
    )
}
