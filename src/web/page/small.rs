//! Pages with little on them: go on to the provider, signed out, another address.

use super::{Chrome, NextAction, NextStep};
use askama::Template;

/// Goes on to another origin by a plain link, where this page's `form-action` could not name it.
#[derive(Clone, Debug, Template)]
#[template(path = "continue.html", whitespace = "minimize")]
pub struct ContinuePage {
    /// The frame.
    pub chrome: Chrome,
    /// What happens next, in a few words.
    pub heading: String,
    /// Why there is a link to press, a sentence each.
    pub sentences: Vec<String>,
    /// Where the link goes.
    pub url: String,
    /// The link's text.
    pub link_text: String,
}

/// `GET /signed-out`.
#[derive(Clone, Debug, Template)]
#[template(path = "signed_out.html", whitespace = "minimize")]
pub struct SignedOutPage {
    /// The frame.
    pub chrome: Chrome,
    /// What ended where: "Session here", "ended".
    pub facts: Vec<(String, String)>,
    /// What a person can do next.
    pub next: Vec<NextStep>,
}

/// Opened under a host name at which the answer of the provider would not find its cookie.
#[derive(Clone, Debug, Template)]
#[template(path = "address.html", whitespace = "minimize")]
pub struct AddressPage {
    /// The frame.
    pub chrome: Chrome,
    /// The origin that was opened.
    pub opened: String,
    /// The origin of the redirect URI: the one to use.
    pub right: String,
    /// The same page there.
    pub url: String,
}
