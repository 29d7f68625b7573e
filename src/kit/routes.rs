//! The policy's rules by path, in the order in which a gateway must try them, so that every kit means
//! by a rule what [`Policy::judge`] means.

use crate::blueprint::{Policy, Takes};

/// What a caller must show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Any valid access token.
    Token,
    /// A valid access token with all of these scopes.
    Scopes(Vec<String>),
}

/// What some methods of a path need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The resource's name: lower-case letters, digits, hyphens.
    pub name: String,
    /// Its methods, `HEAD` beside `GET`.
    pub methods: Vec<&'static str>,
    /// What a caller must show.
    pub needs: Needs,
}

/// A path and what its methods need. Methods that no route names get 405.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The exact path; for [`Path::below`] what comes before the rest, a slash at its end.
    pub path: String,
    /// Whether it stands for all that is below (one character at least), and not for itself.
    pub below: bool,
    /// By method. Empty: the path is not there, whatever a shorter one says.
    pub routes: Vec<Route>,
}

impl Path {
    /// Every method that some route takes.
    #[must_use]
    pub fn methods(&self) -> Vec<&'static str> {
        self.routes
            .iter()
            .flat_map(|route| route.methods.iter().copied())
            .collect()
    }

    /// Whether some route of the path needs a token.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.routes
            .iter()
            .any(|route| route.needs != Needs::Nothing)
    }
}

impl Needs {
    /// The scopes, if it is scopes.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        match self {
            Self::Scopes(scopes) => scopes,
            Self::Nothing | Self::Token => &[],
        }
    }
}

/// A path is not looked at when this matches it: what some program along the way could read
/// otherwise than the rules do. It is the embedded gateway's own check, for PCRE and RE2 alike: a
/// character that has no place in a path, a doubled slash, a dot segment, and an encoding that is
/// broken, needless, or of a divider or control character.
pub const UNCLEAN: &str = concat!(
    r"[^-A-Za-z0-9._~!$&'()*+,=:@/%]|//|/\.\.?(/|$)",
    "|%([^0-9a-fA-F]|.[^0-9a-fA-F]|.?$|[014]|2[13-9a-fA-F]|3[0-9abdfABDF]",
    "|5[0-9aAcCfF]|6[1-9a-fA-F]|7[0-9aAeEfF]|[cC]2%[89])",
);

/// The rules by path: exact ones first, then the longest, as the policy finds them. Where "/a" or "/a/*"
/// is ruled, "/a/" is closed, since many servers answer it like one of the two.
pub(super) fn paths(policy: &Policy) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for rule in policy.rules() {
        let (path, below) = match rule.path.strip_suffix('*') {
            Some(before) => (before, true),
            None => (rule.path.as_str(), false),
        };
        let route = Route {
            name: rule.name.clone(),
            methods: methods(&rule.method),
            needs: match &rule.takes {
                Takes::Open => Needs::Nothing,
                Takes::AnyToken => Needs::Token,
                Takes::Scopes(scopes) => {
                    Needs::Scopes(scopes.iter().map(ToOwned::to_owned).collect())
                }
            },
        };
        match paths
            .iter_mut()
            .find(|known| known.path == path && known.below == below)
        {
            Some(known) => known.routes.push(route),
            None => paths.push(Path {
                path: path.to_owned(),
                below,
                routes: vec![route],
            }),
        }
    }
    let closed: Vec<Path> = paths.iter().filter_map(closed_beside).collect();
    for path in closed {
        if !paths
            .iter()
            .any(|known| known.path == path.path && !known.below)
        {
            paths.push(path);
        }
    }
    paths.sort_by_key(|path| (path.below, std::cmp::Reverse(path.path.len())));
    paths
}

fn closed_beside(path: &Path) -> Option<Path> {
    let slashed = match (path.below, path.path.as_str()) {
        (true, _) => path.path.clone(),
        (false, "/") => return None, // "//" is unclean anyway
        (false, exact) => format!("{exact}/"),
    };
    Some(Path {
        path: slashed,
        below: false,
        routes: Vec::new(),
    })
}

fn methods(method: &str) -> Vec<&'static str> {
    const ALL: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    let named = |one: &&str| method == "*" || *one == method || *one == "HEAD" && method == "GET";
    ALL.into_iter().filter(named).collect()
}
