//! Where in a tenant the objects of each kind are.

use super::{Kind, input};
use crate::bootstrap::{
    okta::text::{is_id, plain},
    target::{TargetError, Wanted},
};

impl Kind {
    /// Where all objects of this kind are, unless they lie below another.
    pub(in super::super) fn fixed(self) -> Option<&'static str> {
        match self {
            Self::Group => Some("/api/v1/groups"),
            Self::User => Some("/api/v1/users"),
            Self::Client => Some("/oauth2/v1/clients"),
            Self::Server => Some("/api/v1/authorizationServers"),
            Self::Origin => Some("/api/v1/trustedOrigins"),
            _ => None,
        }
    }

    /// What the path of a kind that lies below another looks like; `*` stands for an id.
    fn shape(self) -> &'static str {
        match self {
            Self::Scope => "/api/v1/authorizationServers/*/scopes",
            Self::Claim => "/api/v1/authorizationServers/*/claims",
            Self::Policy => "/api/v1/authorizationServers/*/policies",
            Self::Rule => "/api/v1/authorizationServers/*/policies/*/rules",
            Self::Assignment => "/api/v1/apps/*/groups",
            _ => "",
        }
    }

    /// Where objects of this kind are, from the `oktaEndpoint` of an input or an output. Both are
    /// files: one that names another place is refused.
    pub(in super::super) fn collection(
        self,
        endpoint: Option<&str>,
        name: &str,
    ) -> Result<String, TargetError> {
        let given = endpoint.map(|given| given.trim_end_matches('/'));
        match (self.fixed(), given) {
            (Some(fixed), None) => Ok(fixed.to_owned()),
            (Some(fixed), Some(given)) if given == fixed => Ok(fixed.to_owned()),
            (None, Some(given)) if has_shape(given, self.shape()) => Ok(given.to_owned()),
            (fixed, given) => Err(input(
                name,
                format!(
                    "oktaEndpoint {:?} is not where {} objects are: {} is",
                    plain(given.unwrap_or_default()),
                    self.class(),
                    fixed.unwrap_or(self.shape())
                ),
            )),
        }
    }

    /// Where what is wanted is made.
    pub(in super::super) fn place(self, wanted: &Wanted) -> Result<String, TargetError> {
        self.collection(wanted.endpoint.as_deref(), &wanted.name)
    }
}

fn has_shape(path: &str, shape: &str) -> bool {
    let (given, wanted) = (path.split('/'), shape.split('/'));
    given.clone().count() == wanted.clone().count()
        && given.zip(wanted).all(|(given, wanted)| match wanted {
            "*" => is_id(given),
            wanted => given == wanted,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cli_07_an_endpoint_leads_nowhere_else() {
        let at = |kind: Kind, endpoint: &str| kind.collection(Some(endpoint), "X").ok();
        let rules = "/api/v1/authorizationServers/aus1/policies/00p1/rules";
        assert_eq!(at(Kind::Rule, rules).as_deref(), Some(rules));
        assert_eq!(
            at(Kind::Server, "/api/v1/authorizationServers/").as_deref(),
            Some("/api/v1/authorizationServers")
        );
        assert_eq!(Kind::Group.collection(None, "X").unwrap(), "/api/v1/groups");
        assert!(Kind::Scope.collection(None, "X").is_err());
        for (kind, endpoint) in [
            (Kind::Group, "/api/v1/users"),
            (Kind::Client, "https://evil.example/oauth2/v1/clients"),
            (Kind::Client, "//evil.example"),
            (Kind::Client, "@evil.example/oauth2/v1/clients"),
            (Kind::Scope, "/api/v1/authorizationServers//scopes"),
            (Kind::Scope, "/api/v1/authorizationServers/../scopes"),
            (Kind::Scope, "/api/v1/authorizationServers/a?b/scopes"),
            (Kind::Scope, "/api/v1/authorizationServers/{{X}}/scopes"),
            (Kind::Scope, "/api/v1/authorizationServers/aus1/claims"),
            (Kind::Assignment, "/api/v1/apps/0oa1/users"),
        ] {
            assert_eq!(at(kind, endpoint), None, "{endpoint}");
        }
    }
}
