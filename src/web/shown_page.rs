//! From a flight to its page: verdict, answer, why, and what to do.

use super::{
    app::App,
    chips::{self, Scopes3},
    drawing,
    gateway::Outcome,
    page::{AnswerView, FlightPage, MessageView, NextStep, Verdict, VerdictKind},
    show_me::Shown,
    visit::Visit,
};
use crate::{
    blueprint::Resource,
    flight::Message,
    net::FetchError,
    oauth::Scopes,
    reason::{self, Reason},
};
use axum::http::StatusCode;

/// A flight, told.
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) page: FlightPage,
    pub(super) retry_after: Option<String>,
}

pub(super) fn tell(app: &App, visit: &Visit, shown: &Shown) -> Told {
    let resource = app.config.blueprint.resource(&shown.resource);
    let refusal = refusal(shown, resource);
    let (kind, sentence) = match &refusal {
        None => (VerdictKind::Pass, answered(shown)),
        Some((status, reason)) if status.is_server_error() => {
            (VerdictKind::Failed, format!("{}.", reason.heading))
        }
        Some((_, reason)) => (VerdictKind::Refused, refused(app, shown, resource, reason)),
    };
    let status = refusal
        .as_ref()
        .map_or(StatusCode::OK, |(status, _)| *status);
    let retry_after = match &shown.outcome {
        Outcome::TooMany { retry_after } => retry_after.clone(),
        _ => None,
    };
    let hide_body = matches!(shown.outcome, Outcome::Hole);
    let page = FlightPage {
        chrome: visit.chrome(),
        verdict: Verdict { kind, sentence },
        answer: answer(shown, resource),
        asked: message(&shown.hop.asked, "web client to gateway", false),
        came_back: shown
            .hop
            .came_back
            .as_ref()
            .map(|m| message(m, "gateway to web client", hide_body)),
        meaning: meaning(shown, refusal.as_ref().map(|(_, reason)| *reason)),
        why: resource.and_then(|resource| why(app, shown, resource)),
        next: next(app, shown, resource, refusal.map(|(_, reason)| reason)),
        correlation: shown.correlation.clone(),
        remote_gateway: !app.config.embedded.gateway,
    };
    Told {
        status,
        page,
        retry_after,
    }
}

/// The status of the page and the reason, where it is not an answer.
fn refusal(shown: &Shown, resource: Option<&Resource>) -> Option<(StatusCode, &'static Reason)> {
    let signed_in = shown.signed_in.is_some();
    Some(match &shown.outcome {
        Outcome::List(_) | Outcome::Json => return None,
        Outcome::Hole => (StatusCode::UNAUTHORIZED, &reason::HOLE),
        Outcome::Unauthorized if signed_in => (StatusCode::UNAUTHORIZED, &reason::TOKEN_REJECTED),
        Outcome::Unauthorized => (StatusCode::UNAUTHORIZED, &reason::TOKEN_NEEDED),
        Outcome::Forbidden { .. } if missing(shown, resource).is_empty() => {
            (StatusCode::FORBIDDEN, &reason::FORBIDDEN)
        }
        Outcome::Forbidden { .. } => (StatusCode::FORBIDDEN, &reason::SCOPE_MISSING),
        Outcome::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, &reason::TOO_MANY),
        Outcome::Status(404) => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_NOT_FOUND),
        Outcome::Status(504) => (StatusCode::GATEWAY_TIMEOUT, &reason::GATEWAY_STATUS),
        Outcome::Status(503) => (StatusCode::SERVICE_UNAVAILABLE, &reason::GATEWAY_STATUS),
        Outcome::Status(_) => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_STATUS),
        Outcome::Rubbish => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_RUBBISH),
        Outcome::Nothing(FetchError::TimedOut(_)) => {
            (StatusCode::GATEWAY_TIMEOUT, &reason::GATEWAY_SLOW)
        }
        Outcome::Nothing(FetchError::TooLarge { .. }) => {
            (StatusCode::BAD_GATEWAY, &reason::GATEWAY_TOO_LARGE)
        }
        Outcome::Nothing(_) => (StatusCode::BAD_GATEWAY, &reason::GATEWAY_UNREACHABLE),
    })
}

fn answered(shown: &Shown) -> String {
    match &shown.outcome {
        Outcome::List(names) => {
            format!(
                "The gateway answered: {} {}.",
                how_many(names.len()),
                shown.resource
            )
        }
        _ => "The gateway answered.".to_owned(),
    }
}

fn how_many(count: usize) -> String {
    const WORDS: [&str; 13] = [
        "no",
        "one of the",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ];
    WORDS
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// The heading of a refusal; a missing scope is called by its level where it has one.
fn refused(app: &App, shown: &Shown, resource: Option<&Resource>, reason: &Reason) -> String {
    let missing = missing(shown, resource);
    let level = missing
        .iter()
        .next()
        .and_then(|scope| chips::level_of(app, scope));
    match level.filter(|_| reason.code == reason::SCOPE_MISSING.code) {
        Some(level) => {
            format!("Refused by the gateway: this access token lacks the {level} scope.")
        }
        None => format!("{}.", reason.heading),
    }
}

fn answer(shown: &Shown, resource: Option<&Resource>) -> Option<AnswerView> {
    match &shown.outcome {
        Outcome::List(list) => Some(
            match resource.and_then(|resource| resource.drawing.as_ref()) {
                Some(picture) => AnswerView::Drawing {
                    svg: drawing::draw(picture, list),
                    list: list.clone(),
                },
                None => AnswerView::List(list.clone()),
            },
        ),
        Outcome::Json => shown
            .hop
            .came_back
            .as_ref()?
            .body
            .clone()
            .map(AnswerView::Raw),
        _ => None,
    }
}

fn message(message: &Message, title: &str, hide_body: bool) -> MessageView {
    MessageView {
        title: title.to_owned(),
        first_line: message.first_line.clone(),
        headers: message.headers.clone(),
        body: if hide_body {
            Some("[not shown]".to_owned())
        } else {
            message.body.clone()
        },
    }
}

fn meaning(shown: &Shown, reason: Option<&Reason>) -> Vec<String> {
    let mut sentences = Vec::new();
    match reason {
        Some(reason) => {
            sentences.push(reason.meaning.to_owned());
            sentences.push(format!("Who refused: {}. The rule: {}.", reason.who.words(), reason.rule));
        }
        None if shown.signed_in.is_some() => sentences.push("The app sent your access token along. The gateway looked at the token and its scopes, found what this resource takes, and asked the API.".to_owned()),
        None => sentences.push("This resource is open: the gateway asked for no access token, and none was sent.".to_owned()),
    }
    match &shown.outcome {
        Outcome::TooMany {
            retry_after: Some(after),
        } => sentences.push(format!("Retry-After: {after}.")),
        Outcome::Status(status) => sentences.push(format!("It answered HTTP {status}.")),
        Outcome::Nothing(error) => sentences.push(format!("What was seen: {error}.")),
        _ => {}
    }
    sentences
}

fn needed(shown: &Shown, resource: Option<&Resource>) -> Scopes {
    match &shown.outcome {
        Outcome::Forbidden {
            needed: Some(needed),
        } => needed.clone(),
        _ => resource.map(App::needed).unwrap_or_default(),
    }
}

fn missing(shown: &Shown, resource: Option<&Resource>) -> Scopes {
    let granted = shown
        .signed_in
        .as_ref()
        .map(|signed_in| signed_in.granted.clone());
    granted
        .unwrap_or_default()
        .missing(&needed(shown, resource))
}

fn why(app: &App, shown: &Shown, resource: &Resource) -> Option<super::page::WhyView> {
    let needed = needed(shown, Some(resource));
    let about_scopes = matches!(
        shown.outcome,
        Outcome::Unauthorized | Outcome::Forbidden { .. } | Outcome::List(_) | Outcome::Json
    );
    if !about_scopes || needed.is_empty() && shown.signed_in.is_none() {
        return None;
    }
    let signed_in = shown.signed_in.clone();
    let (asked, granted) = signed_in.map(|s| (s.asked, s.granted)).unwrap_or_default();
    Some(chips::why(
        app,
        &Scopes3 {
            asked,
            granted,
            needed,
        },
    ))
}

fn next(
    app: &App,
    shown: &Shown,
    resource: Option<&Resource>,
    reason: Option<&Reason>,
) -> Vec<NextStep> {
    let mut next = Vec::new();
    if let Some(reason) = reason {
        next.push(NextStep::advice(reason.change));
    }
    let sign_in = matches!(
        shown.outcome,
        Outcome::Unauthorized | Outcome::Forbidden { .. } | Outcome::Hole
    );
    if let Some(resource) = resource.filter(|_| sign_in) {
        next.extend(app.levels_for(resource).into_iter().take(2).map(|panel| {
            let text = format!("Sign in at the level {}: {}", panel.level, panel.sentence);
            NextStep::post(
                text,
                chips::authenticate_path(&panel.level),
                "authenticate",
                Some(panel.rings),
            )
        }));
    } else if let Some(resource) = resource.filter(|_| reason.is_some()) {
        next.push(NextStep::post(
            "Ask once more.",
            chips::show_me_path(&resource.name),
            &resource.show_me,
            None,
        ));
    }
    next.push(NextStep::link(
        "All levels and resources.",
        "/",
        "go to the home page",
    ));
    next
}
