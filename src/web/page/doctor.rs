//! The doctor's page: what it does, and what it saw.

use super::{Chrome, NextAction, NextStep, VerdictKind};
use askama::Template;

/// `GET /doctor`, and what a run of the checks came to.
#[derive(Clone, Debug, Template)]
#[template(path = "doctor.html", whitespace = "minimize")]
pub struct DoctorPage {
    /// The frame.
    pub chrome: Chrome,
    /// What was seen; `None` before a run.
    pub examined: Option<ExaminedView>,
    /// What a person can do next.
    pub next: Vec<NextStep>,
}

/// What a run of the checks came to.
#[derive(Clone, Debug)]
pub struct ExaminedView {
    /// Whether it holds.
    pub kind: VerdictKind,
    /// The outcome in a sentence.
    pub sentence: String,
    /// One a check.
    pub rows: Vec<CheckRow>,
}

/// One check.
#[derive(Clone, Debug)]
pub struct CheckRow {
    /// Its name.
    pub id: String,
    /// What was looked at.
    pub title: String,
    /// How it went, in a word.
    pub word: &'static str,
    /// The CSS class and sign of that word.
    pub class: &'static str,
    /// What was seen.
    pub got: String,
    /// What should have been.
    pub expected: String,
    /// Why it is not so.
    pub reason: Option<String>,
    /// What mends it.
    pub fix: Option<String>,
    /// What was sent and what came back.
    pub evidence: Vec<String>,
}
