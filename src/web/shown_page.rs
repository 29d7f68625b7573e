//! From a flight to its page: verdict, answer, why, and what to do.

use super::{
    app::App,
    chips::{self, Scopes3},
    doctor, drawing,
    gateway::{Detours, Outcome},
    machine_page,
    page::{AnswerView, FlightPage, MessageView, NextStep, StepView, Verdict, VerdictKind},
    refresh_page,
    show_me::Shown,
    visit::Visit,
};
use crate::{
    blueprint::Resource,
    calls::Caller,
    flight::Message,
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
    let (before, after) = detours(&shown.detours);
    let page = FlightPage {
        chrome: visit.chrome(),
        verdict: Verdict { kind, sentence },
        answer: answer(shown, resource),
        token: shown
            .token
            .as_ref()
            .map(|step| machine_page::token_step(app, step)),
        before,
        asked: message(&shown.hop.asked, "web client to gateway", false),
        came_back: shown
            .hop
            .came_back
            .as_ref()
            .map(|m| message(m, "gateway to web client", hide_body)),
        after,
        meaning: meaning(shown, resource, refusal.as_ref().map(|(_, reason)| *reason)),
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

/// The calls around the one that counts, as they were made: before it, and after.
fn detours(detours: &Detours) -> (Vec<StepView>, Vec<StepView>) {
    let sentence = detours.sentence.as_deref().unwrap_or_default();
    let refused = detours.refused.as_ref().map(refresh_page::refused_call);
    let refresh = detours.refresh.as_ref();
    let refresh = refresh.map(|hop| refresh_page::step(hop, sentence));
    if detours.in_vain {
        return (Vec::new(), refresh.into_iter().collect());
    }
    (refused.into_iter().chain(refresh).collect(), Vec::new())
}

/// The status of the page and the reason, where it is not an answer.
fn refusal(shown: &Shown, resource: Option<&Resource>) -> Option<(StatusCode, &'static Reason)> {
    let lacks_scope = !missing(shown, resource).is_empty();
    shown.outcome.refusal(shown.caller, lacks_scope)
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

pub(super) fn message(message: &Message, title: &str, hide_body: bool) -> MessageView {
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

fn meaning(shown: &Shown, resource: Option<&Resource>, reason: Option<&Reason>) -> Vec<String> {
    let mut sentences = Vec::new();
    match reason {
        Some(reason) => {
            sentences.push(reason.meaning.to_owned());
            if reason.code == reason::SCOPE_MISSING.code {
                sentences.extend(left_out(shown, resource));
            }
            sentences.push(format!("Who refused: {}. The rule: {}.", reason.who.words(), reason.rule));
        }
        None => sentences.push(match shown.caller {
            Caller::Person => "The app sent your access token along. The gateway looked at the token and its scopes, found what this resource takes, and asked the API.",
            Caller::Machine => "The machine got an access token of its own, with nobody asked, and sent it along. The gateway looked at the token and its scopes, found what this resource takes, and asked the API.",
            Caller::Nobody => "This resource is open: the gateway asked for no access token, and none was sent.",
        }.to_owned()),
    }
    sentences.extend(shown.detours.sentence.clone());
    match &shown.outcome {
        Outcome::TooMany {
            retry_after: Some(after),
        } => sentences.push(format!("Retry-After: {after}.")),
        Outcome::SignInAgain {
            max_age,
            acr_values,
        } => {
            sentences.extend(max_age.as_ref().map(|seconds| {
                format!("It takes a sign-in of at most {seconds} seconds ago (max_age).")
            }));
            sentences.extend(acr_values.as_ref().map(|values| {
                format!("It takes a sign-in of one of these kinds (acr_values): {values}.")
            }));
        }
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
        .granted
        .as_ref()
        .map(|granted| granted.granted.clone());
    granted
        .unwrap_or_default()
        .missing(&needed(shown, resource))
}

/// A scope that this sign-in asked for in vain: to ask once more as the same person changes nothing.
fn left_out(shown: &Shown, resource: Option<&Resource>) -> Option<String> {
    let granted = shown.granted.as_ref();
    let granted = granted.filter(|_| shown.token.is_none())?; // a machine does not sign in
    let missing = missing(shown, resource);
    let in_vain = missing.iter().find(|name| granted.asked.contains(name))?;
    Some(format!(
        "This sign-in did ask for {in_vain}: the provider let you in and left it out, since none of your groups may have it. Some providers refuse the whole sign-in instead."
    ))
}

fn why(app: &App, shown: &Shown, resource: &Resource) -> Option<super::page::WhyView> {
    let needed = needed(shown, Some(resource));
    let about_scopes = matches!(
        shown.outcome,
        Outcome::Unauthorized | Outcome::Forbidden { .. } | Outcome::List(_) | Outcome::Json
    );
    if !about_scopes || needed.is_empty() && shown.granted.is_none() {
        return None;
    }
    let granted = shown.granted.clone();
    let (asked, granted) = granted.map(|g| (g.asked, g.granted)).unwrap_or_default();
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
    let machine = shown.caller == Caller::Machine;
    let sign_in = !machine
        && matches!(
            shown.outcome,
            Outcome::Unauthorized
                | Outcome::SignInAgain { .. }
                | Outcome::Forbidden { .. }
                | Outcome::Hole
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
    } else if let Some(resource) = resource.filter(|_| machine && reason.is_some()) {
        next.push(machine_page::once_more(app, resource));
    } else if let Some(resource) = resource.filter(|_| reason.is_some()) {
        next.push(NextStep::post(
            "Ask once more.",
            chips::show_me_path(&resource.name),
            &resource.show_me,
            None,
        ));
    }
    let in_order = reason.is_none()
        || matches!(shown.caller, Caller::Nobody) && matches!(shown.outcome, Outcome::Unauthorized);
    if !in_order {
        next.extend(doctor::step(app));
    }
    next.push(NextStep::link(
        "All levels and resources.",
        "/",
        "go to the home page",
    ));
    next
}
