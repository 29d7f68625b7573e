//! What stands on more than one page: the frame, chips, next steps, and why something was refused.

/// What the frame of every page shows.
#[derive(Clone, Debug, Default)]
pub struct Chrome {
    /// The gateway in use, as `GATEWAY` names it.
    pub gateway_name: String,
    /// Its base URL.
    pub gateway_url: String,
    /// The name of who is signed in; `None` when nobody is.
    pub signed_in_as: Option<String>,
    /// The value of the hidden `csrf` field in each form that posts.
    pub csrf: String,
    /// Where the doctor's page is, if there is one.
    pub doctor: Option<&'static str>,
}

/// A scope as a small label, with the mark of the level that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeChip {
    /// The scope, as it goes over the wire.
    pub name: String,
    /// The rings of its level's mark (1 for the first level); `None` when no single level owns it.
    pub rings: Option<usize>,
    /// Whether it was needed and is not there.
    pub missing: bool,
}

impl ScopeChip {
    /// A scope that is there.
    pub fn new(name: impl Into<String>, rings: Option<usize>) -> Self {
        Self {
            name: name.into(),
            rings,
            missing: false,
        }
    }

    /// A scope that was needed and is not there.
    pub fn missing(name: impl Into<String>, rings: Option<usize>) -> Self {
        Self {
            missing: true,
            ..Self::new(name, rings)
        }
    }
}

/// Three rows of scopes that explain a refusal. An empty row says "nothing".
#[derive(Clone, Debug, Default)]
pub struct WhyView {
    /// What the sign-in, or this request for one, asked for.
    pub asked: Vec<ScopeChip>,
    /// What the access token carries.
    pub granted: Vec<ScopeChip>,
    /// What was needed, the missing ones marked.
    pub needed: Vec<ScopeChip>,
}

/// What a person can do next.
#[derive(Clone, Debug)]
pub struct NextStep {
    /// One sentence on what this does, or what to do by hand.
    pub text: String,
    /// The button or link, if there is one.
    pub action: NextAction,
    /// The rings of the level that this is about.
    pub rings: Option<usize>,
}

/// The button or link of a [`NextStep`].
#[derive(Clone, Debug)]
pub enum NextAction {
    /// A form that posts, with the chrome's `csrf`.
    Post {
        /// Where to.
        url: String,
        /// The button's text.
        button: String,
    },
    /// A plain link.
    Link {
        /// Where to.
        url: String,
        /// The link's text.
        text: String,
    },
    /// Nothing to press: the text is an advice.
    None,
}

impl NextStep {
    /// A step with a button that posts.
    pub fn post(
        text: impl Into<String>,
        url: impl Into<String>,
        button: impl Into<String>,
        rings: Option<usize>,
    ) -> Self {
        let (url, button) = (url.into(), button.into());
        Self {
            text: text.into(),
            action: NextAction::Post { url, button },
            rings,
        }
    }

    /// A step with a link.
    pub fn link(
        text: impl Into<String>,
        url: impl Into<String>,
        link_text: impl Into<String>,
    ) -> Self {
        Self {
            text: text.into(),
            action: NextAction::Link {
                url: url.into(),
                text: link_text.into(),
            },
            rings: None,
        }
    }

    /// A step to be taken elsewhere.
    pub fn advice(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            action: NextAction::None,
            rings: None,
        }
    }
}
