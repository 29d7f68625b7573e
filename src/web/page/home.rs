//! The home page: a panel for each level, the machine, both tokens, and how it works.

use super::{Chrome, ClaimRow, ScopeChip, TokenKind, TokenView};
use askama::Template;

/// `GET /`.
#[derive(Clone, Debug, Template)]
#[template(path = "home.html", whitespace = "minimize")]
pub struct HomePage {
    /// The frame.
    pub chrome: Chrome,
    /// What a person should know first, such as a provider that cannot be reached.
    pub notices: Vec<Notice>,
    /// A panel for each level, in the blueprint's order.
    pub panels: Vec<PanelView>,
    /// The quiet fourth card: a machine with client credentials.
    pub machine: Option<MachineView>,
    /// What is known of who is signed in; `None` shows what will stand here.
    pub tokens: Option<TokensView>,
    /// The four rooms.
    pub house: HouseView,
}

/// A message above the panels.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How serious it is.
    pub kind: NoticeKind,
    /// One sentence.
    pub text: String,
    /// What lies behind it, in smaller type.
    pub detail: Option<String>,
}

/// How serious a [`Notice`] is. Each kind also has a word and a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Worth knowing.
    Note,
    /// Something works less well than it could.
    Warning,
    /// Something does not work now.
    Problem,
}

impl NoticeKind {
    /// The word beside the sign.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "Note",
            Self::Warning => "Warning",
            Self::Problem => "Problem",
        }
    }

    /// The CSS class.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One level's card.
#[derive(Clone, Debug)]
pub struct PanelView {
    /// The level's name, as the blueprint has it.
    pub level: String,
    /// The rings of its mark: 1 for the first level, 2 for the second, and so on.
    pub rings: usize,
    /// What this level may see, in one sentence.
    pub sentence: String,
    /// The scopes that its button asks for.
    pub asks: Vec<ScopeChip>,
    /// The demo credentials, when settings or the embedded provider have them.
    pub credentials: Option<Credentials>,
    /// Where its button posts to: `/authenticate/{level}`, percent-encoded.
    pub authenticate_action: String,
    /// What it shows.
    pub resources: Vec<ResourceView>,
}

/// A name and a password that a person may use at the demo provider.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The login.
    pub username: String,
    /// The password, in the clear: it is there to be typed.
    pub password: String,
}

/// One resource of a panel, with its button.
#[derive(Clone, Debug)]
pub struct ResourceView {
    /// The method, such as `GET`.
    pub method: String,
    /// The whole URL at the gateway.
    pub url: String,
    /// The button's text, as the blueprint has it.
    pub show_me: String,
    /// Where the button posts to: `/show-me/{name}`, percent-encoded.
    pub action: String,
    /// What the gateway wants to see, in words: "open to all", "any access token".
    pub takes: String,
}

/// The card of the machine that gets tokens by itself.
#[derive(Clone, Debug)]
pub struct MachineView {
    /// The machine's client id.
    pub name: String,
    /// What it is, in one sentence.
    pub sentence: String,
    /// The scopes that it may ask for.
    pub scope: Vec<ScopeChip>,
    /// What would be asked of the token endpoint, a line each, without the secret.
    pub request: Vec<String>,
    /// What it may see. The first button asks as the person who presses it, and the refusal is the
    /// lesson; the second asks as the machine.
    pub resources: Vec<MachineResource>,
    /// Which settings are needed before it can ask, in a sentence; `None` when it can.
    pub needs: Option<String>,
    /// Commands to try it with, one a line.
    pub lines: Vec<String>,
}

/// A resource that the machine's scopes open.
#[derive(Clone, Debug)]
pub struct MachineResource {
    /// The resource, with the person's button.
    pub resource: ResourceView,
    /// Where the machine's button posts to: `/machine/{name}`; `None` when it has no credentials.
    pub action: Option<String>,
}

/// What is known of who is signed in.
#[derive(Clone, Debug)]
pub struct TokensView {
    /// The ID token, decoded.
    pub id_token: TokenView,
    /// The access token, decoded where it can be.
    pub access_token: TokenView,
    /// What the userinfo endpoint said, when it answered.
    pub user_info: Option<Vec<ClaimRow>>,
    /// What the refresh token is good for, or why there is none.
    pub refresh: RefreshView,
}

/// How the tokens are refreshed.
#[derive(Clone, Debug)]
pub struct RefreshView {
    /// What happens when the access token ends, a sentence each.
    pub sentences: Vec<String>,
    /// Where the button posts to; `None` when there is no refresh token.
    pub action: Option<&'static str>,
}

/// The four rooms of the house.
#[derive(Clone, Debug)]
pub struct HouseView {
    /// Relying party, identity provider, gateway, API: in this order.
    pub rooms: [RoomView; 4],
}

/// One room.
#[derive(Clone, Debug)]
pub struct RoomView {
    /// What it is: "web client", "identity provider", "gateway", "API".
    pub name: String,
    /// Its base URL, or words where it is not known.
    pub url: String,
    /// Whether it runs in this process.
    pub embedded: bool,
    /// What it does, in one sentence.
    pub sentence: String,
}
