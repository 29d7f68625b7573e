//! What the provider's pages show: plain data, ready to print. Templates escape every text.

use askama::Template;

/// The sign-in form, with the demo people beside it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "idp/sign_in.html", whitespace = "minimize")]
pub struct SignInPage {
    /// Where the form posts to.
    pub action: String,
    /// The value of the hidden `csrf` field.
    pub csrf: String,
    /// The name of the client that asks.
    pub client_name: String,
    /// The scopes that it asks for.
    pub asks: Vec<String>,
    /// The `username` field: what was typed, hinted, or filled in by "use".
    pub login: String,
    /// The `password` field, filled in by "use" alone; else empty.
    pub password: String,
    /// Why the last try failed, in one sentence.
    pub problem: Option<String>,
    /// The demo people; empty when none is shown.
    pub people: Vec<Person>,
    /// The issuer identifier.
    pub issuer: String,
}

/// A demo person beside the form.
#[derive(Clone, Debug)]
pub struct Person {
    /// The login.
    pub login: String,
    /// The full name.
    pub name: String,
    /// The groups, each with the rings of its level's mark (1 for the first level, 0 for no level).
    pub groups: Vec<(String, usize)>,
    /// This page again, with the form filled in.
    pub use_url: String,
}

/// Asks what a client may do, and for how long.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "idp/consent.html", whitespace = "minimize")]
pub struct ConsentPage {
    /// Where the form posts to.
    pub action: String,
    /// The value of the hidden `csrf` field.
    pub csrf: String,
    /// The name of the client that asks, as it gave it.
    pub client_name: String,
    /// Its id, which it cannot choose.
    pub client_id: String,
    /// Whether it registered itself, so that nobody here vouches for it.
    pub registered_itself: bool,
    /// The login of who is asked.
    pub login: String,
    /// The scopes that it asks for, each with what it means where somebody has said so.
    pub asks: Vec<(String, String)>,
    /// How long it may act, a line each.
    pub lives: Vec<String>,
    /// The origin that either answer goes to.
    pub answered_at: String,
    /// The issuer identifier.
    pub issuer: String,
}

/// What went wrong, where the client cannot be told.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "idp/problem.html", whitespace = "minimize")]
pub struct ProblemPage {
    /// The HTTP status, also shown.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: String,
    /// What happened and what to do, a sentence each.
    pub sentences: Vec<String>,
    /// Names and values, such as the error code.
    pub facts: Vec<(String, String)>,
    /// The issuer identifier.
    pub issuer: String,
}

impl ProblemPage {
    /// Whether somebody said no (4xx) or something broke (5xx): a word and a CSS class.
    fn kind(&self) -> &'static str {
        if self.status < 500 {
            "refused"
        } else {
            "failed"
        }
    }
}

/// The session at the provider has ended, and no client asked for the person back.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "idp/signed_out.html", whitespace = "minimize")]
pub struct SignedOutPage {
    /// What ended, a sentence each.
    pub sentences: Vec<String>,
    /// A registered address to go back to and the link's text, when there is one.
    pub back: Option<(String, String)>,
    /// The issuer identifier.
    pub issuer: String,
}

/// Asks whether to sign out, when nothing proves that the request is the person's own.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "idp/confirm_sign_out.html", whitespace = "minimize")]
pub struct ConfirmSignOutPage {
    /// Where the form posts to.
    pub action: String,
    /// The value of the hidden `csrf` field.
    pub csrf: String,
    /// Other hidden fields, as names and values.
    pub hidden: Vec<(String, String)>,
    /// The login of who is signed in.
    pub login: String,
    /// The name of the client that asks, when it is known.
    pub client_name: Option<String>,
    /// The issuer identifier.
    pub issuer: String,
}

/// What this provider is, for who opens its address.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "idp/about.html", whitespace = "minimize")]
pub struct AboutPage {
    /// The issuer identifier.
    pub issuer: String,
    /// Documents to open: what they are, and their URLs.
    pub documents: Vec<(String, String)>,
    /// Endpoints that only programs call: what they are, and their URLs.
    pub endpoints: Vec<(String, String)>,
    /// Who is signed in here in this browser.
    pub signed_in_as: Option<String>,
}

#[cfg(test)]
mod tests;
