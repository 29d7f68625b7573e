//! The page for everything that went wrong outside a flight, in the same form: what, why, what to do.

use super::{Chrome, NextAction, NextStep, ScopeChip, VerdictKind, WhyView};
use askama::Template;

/// An error of any kind. The handler answers it with the same `status`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "problem.html", whitespace = "minimize")]
pub struct ProblemPage {
    /// The frame.
    pub chrome: Chrome,
    /// The HTTP status, also shown.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: String,
    /// What happened and what it means, a sentence each.
    pub sentences: Vec<String>,
    /// Names and values: the provider's error code, who refused, which scopes were asked.
    pub facts: Vec<(String, String)>,
    /// The scopes behind it.
    pub why: Option<WhyView>,
    /// What each group may have, where a provider's rules refused. Empty: not shown.
    pub policy: Vec<LevelRow>,
    /// The one or two next steps.
    pub next: Vec<NextStep>,
    /// The correlation id, as it stands in the logs.
    pub correlation: String,
}

impl ProblemPage {
    /// Refused where somebody said no (4xx), failed where something broke (5xx).
    fn kind(&self) -> VerdictKind {
        if self.status < 500 {
            VerdictKind::Refused
        } else {
            VerdictKind::Failed
        }
    }
}

/// What a group may have.
#[derive(Clone, Debug)]
pub struct LevelRow {
    /// The level's name.
    pub level: String,
    /// The rings of its mark.
    pub rings: usize,
    /// The group at the provider.
    pub group: String,
    /// The scopes that its rule grants.
    pub scopes: Vec<ScopeChip>,
}
