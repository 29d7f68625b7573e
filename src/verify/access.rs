//! Who must be let in where, read off the blueprint's resources.
//!
//! This is a second reading of the rules on purpose: it shares no code with what the embedded gateway
//! judges by, so that a mistake there cannot hide here.

use crate::{
    blueprint::{Blueprint, Resource, Takes},
    oauth::Scopes,
};

/// What a caller is, once the gateway has looked at what was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Shows no token.
    Nobody,
    /// Shows something that is no valid access token.
    Invalid,
    /// Shows a token in a second place, or where none belongs.
    Misplaced,
    /// Holds a valid access token, and shows another one in a second place. Refusing is right, and so
    /// is looking at the first alone.
    Twofold {
        client_id: Option<String>,
        scopes: Scopes,
    },
    /// Holds a valid access token.
    Holder {
        /// The client that it was issued to, where it says so.
        client_id: Option<String>,
        scopes: Scopes,
    },
}

/// What is due to a caller at a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The API's answer.
    LetIn,
    /// The API's answer; or 400 or 401, since what is shown is wrong though nothing is needed.
    Either,
    /// 401 with a challenge that names no error.
    TokenNeeded,
    /// 401 `invalid_token`.
    TokenRefused,
    /// 400, or 401.
    Misplaced,
    /// 400, 401 or 403.
    Refused,
    /// 403.
    ClientRefused,
    /// 403 `insufficient_scope`, naming what the resource takes.
    ScopeRefused(Scopes),
}

/// The rules of a blueprint, as `verify` reads them.
pub(super) struct Access {
    resources: Vec<Resource>,
    clients: Vec<String>,
}

impl Access {
    pub(super) fn of(blueprint: &Blueprint) -> Self {
        Self {
            resources: blueprint.resources.clone(),
            clients: blueprint.gateway.clients.clone(),
        }
    }

    pub(super) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Whether the gateway takes the tokens of listed clients only.
    pub(super) fn lists_clients(&self) -> bool {
        !self.clients.is_empty()
    }

    /// What is due to a caller at a resource. What stands in the way first decides.
    pub(super) fn due(&self, resource: &Resource, standing: &Standing) -> Due {
        let needed = match &resource.takes {
            Takes::Open => {
                let odd = matches!(standing, Standing::Misplaced | Standing::Twofold { .. });
                return if odd { Due::Either } else { Due::LetIn };
            }
            Takes::AnyToken => None,
            Takes::Scopes(needed) => Some(needed),
        };
        let (client_id, granted) = match standing {
            Standing::Twofold { client_id, scopes } => {
                let (client_id, scopes) = (client_id.clone(), scopes.clone());
                let first = Standing::Holder { client_id, scopes };
                let may = self.due(resource, &first) == Due::LetIn;
                return if may { Due::Either } else { Due::Refused };
            }
            Standing::Nobody => return Due::TokenNeeded,
            Standing::Invalid => return Due::TokenRefused,
            Standing::Misplaced => return Due::Misplaced,
            Standing::Holder { client_id, scopes } => (client_id, scopes),
        };
        let known = |id: &String| self.clients.contains(id);
        if self.lists_clients() && !client_id.as_ref().is_some_and(known) {
            return Due::ClientRefused;
        }
        match needed {
            Some(needed) if !needed.iter().all(|name| granted.contains(name)) => {
                Due::ScopeRefused(needed.clone())
            }
            _ => Due::LetIn,
        }
    }

    /// Whether some rule names this path, whatever the method.
    pub(super) fn names(&self, path: &str) -> bool {
        self.resources
            .iter()
            .any(|resource| match resource.path.strip_suffix("/*") {
                None => resource.path == path,
                Some(above) => path
                    .strip_prefix(above)
                    .is_some_and(|below| below.len() > 1 && below.starts_with('/')),
            })
    }

    /// The methods that some rule names at a resource's path; `*` is all that a rule can name.
    pub(super) fn methods_at(&self, path: &str) -> Vec<&str> {
        let here = self.resources.iter().filter(|other| other.path == path);
        here.map(|resource| resource.method.as_str()).collect()
    }
}

impl Due {
    /// In words, as a cell shows it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::LetIn => "let in".to_owned(),
            Self::Either => "let in, 400 or 401".to_owned(),
            Self::TokenNeeded => "401, Bearer".to_owned(),
            Self::TokenRefused => "401, invalid_token".to_owned(),
            Self::Misplaced => "400 or 401".to_owned(),
            Self::Refused => "400, 401 or 403".to_owned(),
            Self::ClientRefused => "403".to_owned(),
            Self::ScopeRefused(needed) => format!("403, insufficient_scope, scope {needed}"),
        }
    }

    /// The status that a cell of the table shows.
    pub(super) fn status(&self) -> &'static str {
        match self {
            Self::LetIn => "2xx",
            Self::Either => "2xx/400/401",
            Self::TokenNeeded | Self::TokenRefused => "401",
            Self::Misplaced => "400/401",
            Self::Refused => "400/401/403",
            Self::ClientRefused | Self::ScopeRefused(_) => "403",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the default blueprint, written out: visitors, asteroids, comets, planets, moons.
    #[rustfmt::skip]
    const TABLE: [(&str, [&str; 5]); 10] = [
        ("nobody",    ["2xx",         "401",     "401",     "401",     "401"]),
        ("invalid",   ["2xx",         "401",     "401",     "401",     "401"]),
        ("misplaced", ["2xx/400/401", "400/401", "400/401", "400/401", "400/401"]),
        ("bronze",    ["2xx",         "2xx",     "403",     "403",     "403"]),
        ("silver",    ["2xx",         "2xx",     "403",     "2xx",     "403"]),
        ("gold",      ["2xx",         "2xx",     "403",     "2xx",     "2xx"]),
        ("gold only", ["2xx",         "2xx",     "403",     "403",     "2xx"]),
        ("machine",   ["2xx",         "2xx",     "2xx",     "403",     "403"]),
        ("near",      ["2xx",         "2xx",     "403",     "403",     "403"]),
        ("silver and another", ["2xx/400/401", "2xx/400/401", "400/401/403", "2xx/400/401", "400/401/403"]),
    ];

    fn standing(who: &str) -> Standing {
        let (silver, gold) = ("http://myapp.com/scp/silver", "http://myapp.com/scp/gold");
        let scopes = match who {
            "nobody" => return Standing::Nobody,
            "invalid" => return Standing::Invalid,
            "misplaced" => return Standing::Misplaced,
            "bronze" => "openid".to_owned(),
            "silver" | "silver and another" => format!("openid {silver}"),
            "gold" => format!("openid {silver} {gold}"),
            "gold only" => gold.to_owned(),
            "machine" => "read".to_owned(),
            "near" => format!("{silver}x x{gold} {gold}x READ reader"),
            other => panic!("{other}"),
        };
        let client_id = Some("solar-system-app".to_owned());
        let scopes = Scopes::parse(&scopes).unwrap();
        if who.ends_with("another") {
            return Standing::Twofold { client_id, scopes };
        }
        Standing::Holder { client_id, scopes }
    }

    #[test]
    fn sec_gw_07_what_verify_expects_of_the_default_blueprint_is_this_table() {
        let access = Access::of(&Blueprint::default());
        let names: Vec<&str> = access.resources().iter().map(|r| r.name.as_str()).collect();
        assert_eq!(
            names,
            ["visitors", "asteroids", "comets", "planets", "moons"]
        );
        for (who, row) in TABLE {
            for (resource, expected) in access.resources().iter().zip(row) {
                let due = access.due(resource, &standing(who));
                assert_eq!(due.status(), expected, "{} by {who}", resource.name);
            }
        }
    }

    #[test]
    fn sec_gw_04_what_a_refusal_must_say_is_told() {
        let access = Access::of(&Blueprint::default());
        let moons = &access.resources()[4];
        for (who, words) in [
            ("nobody", "401, Bearer"),
            ("invalid", "401, invalid_token"),
            (
                "silver",
                "403, insufficient_scope, scope http://myapp.com/scp/gold",
            ),
        ] {
            assert_eq!(access.due(moons, &standing(who)).words(), words);
        }
    }

    #[test]
    fn listed_clients_alone_are_taken_and_a_token_without_client_is_nobodys() {
        let mut blueprint = Blueprint::default();
        blueprint.gateway.clients = vec!["solar-system-app".to_owned()];
        let access = Access::of(&blueprint);
        let asteroids = &access.resources()[1];
        let of = |client_id: Option<&str>| Standing::Holder {
            client_id: client_id.map(str::to_owned),
            scopes: Scopes::default(),
        };
        assert_eq!(
            access.due(asteroids, &of(Some("solar-system-app"))),
            Due::LetIn
        );
        for other in [Some("Solar-System-App"), Some(""), None] {
            assert_eq!(access.due(asteroids, &of(other)), Due::ClientRefused);
        }
        let visitors = &access.resources()[0];
        assert_eq!(access.due(visitors, &of(None)), Due::LetIn);
    }

    #[test]
    fn a_wildcard_names_what_is_below_it() {
        let mut blueprint = Blueprint::default();
        "/a/*".clone_into(&mut blueprint.resources[0].path);
        let access = Access::of(&blueprint);
        for (path, named) in [
            ("/a/b", true),
            ("/a/b/c", true),
            ("/a", false),
            ("/a/", false),
            ("/ab", false),
            ("/moons", true),
            ("/moonsx", false),
        ] {
            assert_eq!(access.names(path), named, "{path}");
        }
    }
}
