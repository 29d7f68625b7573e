//! The page of one flight: what was asked of the gateway, what came back, what it means, what to do.

use super::{Chrome, NextAction, NextStep, TokenKind, TokenView, WhyView};
use askama::Template;

/// `GET /flights/{id}`.
#[derive(Clone, Debug, Template)]
#[template(path = "flight.html", whitespace = "minimize")]
pub struct FlightPage {
    /// The frame.
    pub chrome: Chrome,
    /// How it went, first.
    pub verdict: Verdict,
    /// What the gateway answered, when it did.
    pub answer: Option<AnswerView>,
    /// How the machine got the token that was sent, where it was the machine that asked.
    pub token: Option<TokenStepView>,
    /// Calls that came first: one that was refused, and a refresh.
    pub before: Vec<StepView>,
    /// The request, as it went out.
    pub asked: MessageView,
    /// The answer, as it came in; `None` when there was none.
    pub came_back: Option<MessageView>,
    /// Calls that came later, and changed nothing.
    pub after: Vec<StepView>,
    /// What it means, a sentence each.
    pub meaning: Vec<String>,
    /// The scopes behind it.
    pub why: Option<WhyView>,
    /// The one or two next steps.
    pub next: Vec<NextStep>,
    /// The correlation id, as it stands in the logs.
    pub correlation: String,
    /// Whether the gateway is somebody else's, so that what it did inside cannot be shown.
    pub remote_gateway: bool,
}

/// The step before: a token by client credentials.
#[derive(Clone, Debug)]
pub struct TokenStepView {
    /// The request to the token endpoint, without the secret.
    pub asked: MessageView,
    /// Its answer, without the token; `None` when there was none.
    pub came_back: Option<MessageView>,
    /// The token, decoded.
    pub token: TokenView,
}

/// A call beside the one that a flight is about.
#[derive(Clone, Debug)]
pub struct StepView {
    /// Why it was made.
    pub sentence: String,
    /// The heading of the request.
    pub asked_heading: String,
    /// The request, without secrets.
    pub asked: MessageView,
    /// The heading of the answer.
    pub came_back_heading: String,
    /// The answer, without secrets; `None` when there was none.
    pub came_back: Option<MessageView>,
}

/// How a flight went.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The colour, sign and word.
    pub kind: VerdictKind,
    /// One sentence: "The gateway answered: eight names."
    pub sentence: String,
}

/// The three ways a flight can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictKind {
    /// The gateway let it through and the answer could be read.
    Pass,
    /// Somebody said no: 401, 403, 429 and their like.
    Refused,
    /// Something broke: not reached, too slow, or an answer that cannot be read.
    Failed,
}

impl VerdictKind {
    /// The word beside the sign.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "Answered",
            Self::Refused => "Refused",
            Self::Failed => "Failed",
        }
    }

    /// The CSS class.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What the gateway answered.
#[derive(Clone, Debug)]
pub enum AnswerView {
    /// A list that the blueprint has a drawing for.
    Drawing {
        /// Only from [`crate::web::drawing::draw`]: it goes onto the page as it is.
        svg: String,
        /// The same as a list.
        list: Vec<String>,
    },
    /// A plain list.
    List(Vec<String>),
    /// Anything else, cut to a length that a page can bear.
    Raw(String),
}

/// An HTTP message as text. Tokens are shortened to a word in brackets before they come here.
#[derive(Clone, Debug, Default)]
pub struct MessageView {
    /// Who sent it to whom: "web client to gateway".
    pub title: String,
    /// The request or status line.
    pub first_line: String,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, cut; `None` when there was none.
    pub body: Option<String>,
}
