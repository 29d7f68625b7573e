//! A refusal or failure on its way to becoming a page. Nothing is a dead end.

use super::{
    app::App,
    chips, doctor,
    page::{AddressPage, LevelRow, NextStep, ProblemPage},
    visit::Visit,
};
use crate::{
    blueprint::Panel,
    reason::{self, Reason, Who},
};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use std::{num::NonZeroU32, sync::Arc};

/// What a handler answers instead of its page. It becomes a page in the frame of its visitor when
/// the answer passes [`super::finish`].
#[derive(Clone, Debug)]
pub(super) struct Problem {
    status: StatusCode,
    reason: &'static Reason,
    sentences: Vec<String>,
    facts: Vec<(String, String)>,
    level: Option<String>,
    shows_policy: bool,
    again: Option<String>,
    wrong_address: bool,
    /// When to come again, in seconds.
    retry_after: Option<NonZeroU32>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, reason: &'static Reason) -> Self {
        Self {
            status,
            reason,
            sentences: Vec::new(),
            facts: Vec::new(),
            level: None,
            shows_policy: false,
            again: None,
            wrong_address: false,
            retry_after: None,
        }
    }

    /// The form was ours once: the page offers the same button again.
    pub(super) fn out_of_date(path: &str) -> Self {
        let again = Some(path.to_owned());
        Self {
            again,
            ..Self::new(StatusCode::FORBIDDEN, &reason::OUT_OF_DATE)
        }
    }

    /// Opened under a name at which cookies would be lost.
    pub(super) fn wrong_address() -> Self {
        let plain = Self::new(StatusCode::MISDIRECTED_REQUEST, &reason::CROSS_SITE);
        Self {
            wrong_address: true,
            ..plain
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn sentence(mut self, sentence: impl Into<String>) -> Self {
        self.sentences.push(sentence.into());
        self
    }

    pub(super) fn fact(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facts.push((name.to_owned(), value.into()));
        self
    }

    /// The level whose button led here: the page offers it again.
    pub(super) fn level(mut self, level: &str) -> Self {
        self.level = Some(level.to_owned());
        self
    }

    /// When to come again, in seconds.
    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        self.retry_after = NonZeroU32::new(seconds);
        self
    }

    /// The page lists what each group may have.
    pub(super) fn with_policy(mut self) -> Self {
        self.shows_policy = true;
        self
    }

    /// The page for this visitor.
    pub(super) fn page(&self, app: &App, visit: &Visit) -> String {
        let rendered = match (self.wrong_address, &visit.wrong_address) {
            (true, Some(opened)) => address_page(app, visit, opened).render(),
            _ => self.problem_page(app, visit).render(),
        };
        rendered.unwrap_or_else(|_| {
            format!(
                "<h1>{}</h1><p>{}</p>",
                self.reason.heading, self.reason.meaning
            )
        })
    }

    fn problem_page(&self, app: &App, visit: &Visit) -> ProblemPage {
        let mut sentences = vec![self.reason.meaning.to_owned()];
        sentences.extend(self.sentences.iter().cloned());
        let mut facts = self.facts.clone();
        facts.push(("who refused".to_owned(), self.reason.who.words().to_owned()));
        facts.push(("rule".to_owned(), self.reason.rule.to_owned()));
        facts.push(("reason".to_owned(), self.reason.code.to_owned()));
        ProblemPage {
            chrome: visit.chrome(),
            status: self.status.as_u16(),
            heading: self.reason.heading.to_owned(),
            sentences,
            facts,
            why: None,
            policy: if self.shows_policy {
                policy(app)
            } else {
                Vec::new()
            },
            next: self.next(app),
            correlation: visit.correlation.clone(),
        }
    }

    fn next(&self, app: &App) -> Vec<NextStep> {
        let mut next = Vec::new();
        if let Some(path) = &self.again {
            next.push(NextStep::post(
                self.reason.change,
                path.clone(),
                again_words(app, path),
                None,
            ));
        } else {
            next.push(NextStep::advice(self.reason.change));
        }
        let level = self.level.as_ref().and_then(|level| app.panel(level));
        if let Some(panel) = level {
            let text = format!("Try {} once more, perhaps as somebody else.", panel.level);
            next.push(NextStep::post(
                text,
                chips::authenticate_path(&panel.level),
                "authenticate",
                Some(panel.rings),
            ));
        }
        if let Some(less) = level
            .and_then(|level| less_than(app, level))
            .filter(|_| self.shows_policy)
        {
            let text = format!("Ask for less: {}.", less.level);
            next.push(NextStep::post(
                text,
                chips::authenticate_path(&less.level),
                "authenticate",
                Some(less.rings),
            ));
        }
        if self.may_be_the_setup() {
            next.extend(doctor::step(app));
        }
        next.push(NextStep::link(
            "All levels and resources.",
            "/",
            "go to the home page",
        ));
        next
    }

    /// Whether something may be set up wrong, so that all of it is worth a look.
    fn may_be_the_setup(&self) -> bool {
        self.reason.who != Who::App || self.status.is_server_error()
    }
}

/// The words on the button that sends a form once more.
fn again_words(app: &App, path: &str) -> String {
    if path.starts_with("/authenticate/") {
        return "authenticate".to_owned();
    }
    if path == "/log-out" {
        return "log out".to_owned();
    }
    let resource = path
        .strip_prefix("/show-me/")
        .and_then(|name| app.config.blueprint.resource(name));
    resource.map_or_else(
        || "try again".to_owned(),
        |resource| resource.show_me.clone(),
    )
}

/// The next lower level.
fn less_than<'a>(app: &'a App, level: &Panel) -> Option<&'a Panel> {
    app.panels
        .iter()
        .rev()
        .find(|panel| panel.rings < level.rings)
}

fn policy(app: &App) -> Vec<LevelRow> {
    let row = |panel: &Panel| LevelRow {
        level: panel.level.clone(),
        rings: panel.rings,
        group: panel.group.clone(),
        scopes: chips::chips(app, &panel.scopes),
    };
    app.panels.iter().map(row).collect()
}

fn address_page(app: &App, visit: &Visit, opened: &str) -> AddressPage {
    let right = app.config.redirect_uri.origin();
    AddressPage {
        chrome: visit.chrome(),
        opened: opened.to_owned(),
        url: format!("{right}/"),
        right,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            let seconds = HeaderValue::from(seconds.get());
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A page: HTML in UTF-8. Its headers come from [`super::finish`].
pub(super) struct Page<T>(pub(super) StatusCode, pub(super) T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.1.render() {
            Ok(html) => {
                let mut response = Html(html).into_response();
                *response.status_mut() = self.0;
                response
            }
            Err(error) => {
                tracing::error!(event = "template", %error, "a page could not be rendered");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, &reason::OUR_FAULT).into_response()
            }
        }
    }
}

/// 303 to a place of ours, or of the provider's, that was checked before.
pub(super) fn see_other(url: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, &reason::OUR_FAULT).into_response();
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

impl Problem {
    /// One line, where it is answered. The path is without query: ours may hold a code.
    pub(super) fn log(&self, method: &axum::http::Method, path: &str) {
        let (status, reason) = (self.status.as_u16(), self.reason.code);
        if self.status.is_server_error() {
            tracing::warn!(event = "refused", %method, path, status, reason, "answered a problem");
        } else {
            tracing::info!(event = "refused", %method, path, status, reason, "answered a problem");
        }
    }
}
