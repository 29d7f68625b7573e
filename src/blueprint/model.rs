//! The scenario as it is used: checked, whole, with nothing left to look up.

use super::{BlueprintError, LoadError, check, document::Document, error::Problem};
use crate::oauth::{Scopes, Secret};
use std::{fs, path::Path};

/// A whole scenario. Only [`Blueprint::parse`] and [`Blueprint::load`] make one, so what it says
/// holds together: every name that is used is defined, and defined once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Blueprint {
    /// What is protected.
    pub api: Api,
    /// Whom the gateway lets in.
    pub gateway: Gateway,
    /// The rules, in the order of the file.
    pub resources: Vec<Resource>,
    /// What people may subscribe to, in the order of the file, the least first.
    pub levels: Vec<Level>,
    /// The demo people.
    pub users: Vec<User>,
    /// The programs that are registered at the identity provider.
    pub clients: Vec<Client>,
}

/// The API as a whole.
#[derive(Clone, Debug)]
pub struct Api {
    /// What access tokens for it name in `aud`.
    pub audience: String,
    /// One sentence for people.
    pub description: String,
    /// Where it can be reached from outside, for documents that name it.
    pub url: Option<String>,
}

/// What the gateway asks beyond the resources' own rules.
#[derive(Clone, Debug, Default)]
pub struct Gateway {
    /// Ids of the clients whose tokens are taken. Empty: any that the issuer registered.
    pub clients: Vec<String>,
}

/// A resource at the gateway, and what the demo API answers there.
#[derive(Clone, Debug)]
pub struct Resource {
    /// A word that is safe in a URL and names the resource everywhere.
    pub name: String,
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, or `*` for all of them.
    pub method: String,
    /// An exact path, or one that ends in `/*` and stands for all that is below.
    pub path: String,
    /// What a caller must show.
    pub takes: Takes,
    /// How whoever the token is of must have signed in.
    pub step_up: StepUp,
    /// The words on its button.
    pub show_me: String,
    /// What the demo API answers, as a JSON array of strings.
    pub answer: Vec<String>,
    /// How the answer is drawn, if it is.
    pub drawing: Option<Drawing>,
}

/// What a caller must show to see a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: `takes = "nothing"`.
    Open,
    /// Any valid access token: `takes = "any token"`.
    AnyToken,
    /// An access token with all of these scopes: `takes = ["scope", …]`.
    Scopes(Scopes),
}

/// How somebody must have signed in, beyond holding a token (RFC 9470). Empty: in any way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepUp {
    /// At most so many seconds ago: `max_age = 300`.
    pub max_age: Option<u32>,
    /// In one of these ways, the best first: `acr_values = ["urn:…"]`.
    pub acr_values: Vec<String>,
}

impl StepUp {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.max_age.is_none() && self.acr_values.is_empty()
    }

    /// Whether this sign-in is enough: `age` in seconds and `acr`, as far as a token says them. What it
    /// does not say is not enough.
    #[must_use]
    pub fn is_met(&self, age: Option<i64>, acr: Option<&str>) -> bool {
        // an age below 0 is a clock that goes ahead; more than a minute is no clock's fault
        let recent = |most: u32| age.is_some_and(|age| (-60..=i64::from(most)).contains(&age));
        let listed = |acr: &str| self.acr_values.iter().any(|value| value == acr);
        self.max_age.is_none_or(recent) && (self.acr_values.is_empty() || acr.is_some_and(listed))
    }
}

/// How an answer is drawn: bodies in a row or around a centre, sized by their real radii.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// How the bodies stand.
    pub layout: Layout,
    /// What they belong to.
    pub centre: Body,
    /// What is drawn, in the order of the file.
    pub bodies: Vec<Body>,
}

impl Drawing {
    /// The body of this name, whatever the case.
    #[must_use]
    pub fn body(&self, name: &str) -> Option<&Body> {
        let wanted = name.to_lowercase();
        self.bodies
            .iter()
            .find(|body| body.name.to_lowercase() == wanted)
    }
}

/// How bodies stand in a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One after the other, from the centre outward: `layout = "row"`.
    Row,
    /// On rings about the centre: `layout = "around"`.
    Around,
}

/// Something round.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Its name as people write it.
    pub name: String,
    /// Its mean radius in kilometres, above 0.
    pub radius_km: f64,
}

/// What people may subscribe to.
#[derive(Clone, Debug)]
pub struct Level {
    /// A word that is safe in a URL and in the name of a variable.
    pub name: String,
    /// Who is in this group has the level.
    pub group: String,
    /// What this level may see, for people.
    pub sentence: String,
    /// Exactly what its button asks for, `openid` among it.
    pub scopes: Scopes,
    /// Names of the resources that its panel shows.
    pub resources: Vec<String>,
}

/// A demo person.
#[derive(Clone, Debug)]
pub struct User {
    /// What they sign in with.
    pub login: String,
    /// Their given name.
    pub given_name: String,
    /// Their family name.
    pub family_name: String,
    /// Their e-mail address.
    pub email: String,
    /// Groups that levels name.
    pub groups: Vec<String>,
    /// The demo password. `None`: a random one at each start.
    pub password: Option<Secret>,
}

/// A program that is registered at the identity provider.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its `client_id`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it does.
    pub kind: ClientKind,
    /// A machine: what it may ask for. An app: likewise; empty means whatever the levels of its
    /// groups ask for.
    pub scopes: Scopes,
    /// An app: the groups that are assigned to it. Nobody else may sign in through it.
    pub groups: Vec<String>,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// Signs people in (authorization code): `kind = "app"`.
    App,
    /// Asks whether tokens are valid (RFC 7662): `kind = "introspection"`.
    Introspection,
    /// Acts for itself (client credentials): `kind = "machine"`.
    Machine,
}

impl Blueprint {
    /// Reads and checks a blueprint.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, BlueprintError> {
        let document = toml::from_str::<Document>(text).map_err(|error| {
            let at = error.span().map_or(text.len(), |span| span.start);
            Problem::new(at, one_line(error.message())).in_document(text)
        })?;
        check::document(&document).map_err(|problem| problem.in_document(text))
    }

    /// Reads and checks a blueprint from a file.
    ///
    /// # Errors
    /// When the file cannot be read, or the first thing that is wrong in it, with file and line.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let text = fs::read_to_string(path).map_err(|source| LoadError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|source| LoadError::Wrong {
            path: path.to_owned(),
            source,
        })
    }

    /// The resource of this name.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }
}

impl Default for Blueprint {
    /// The scenario that is compiled in.
    fn default() -> Self {
        Self::parse(include_str!("default.toml")).expect("a test parses the compiled-in blueprint")
    }
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join("; ")
}
