//! What the gateway says of itself to clients: protected resource metadata (RFC 9728).
//!
//! The gateway as a whole is described, and each resource by itself: a client that follows the
//! `resource_metadata` of a challenge takes only metadata whose `resource` is exactly the URL that it
//! asked (section 3.3). A query is no part of a resource, so that a client compares without it.

use super::{enforce::Rules, path, refuse::Refusal};
use crate::{
    blueprint::{Rule, Takes, reserved::RESOURCE_METADATA},
    oauth::Scopes,
};
use serde_json::{Value, json};
use url::{Position, Url};

/// How clients reach the gateway, and whose tokens it takes.
pub(super) struct Face {
    /// Scheme, host and port.
    origin: String,
    /// Where the resources begin, without a slash at its end: mostly empty.
    base_path: String,
    /// The issuer that clients get their tokens from.
    issuer: String,
}

impl Face {
    pub(super) fn new(public_url: &Url, issuer: String) -> Self {
        Self {
            origin: public_url[..Position::BeforePath].to_owned(),
            base_path: public_url.path().trim_end_matches('/').to_owned(),
            issuer,
        }
    }

    /// The gateway's public base URL, without a slash at its end.
    pub(super) fn base_url(&self) -> String {
        format!("{}{}", self.origin, self.base_path)
    }

    /// Where the resource at this path is described: the well-known part stands between host and path
    /// (section 3.1).
    pub(super) fn metadata_url(&self, path: &str) -> String {
        let Self {
            origin, base_path, ..
        } = self;
        format!("{origin}{RESOURCE_METADATA}{base_path}{path}")
    }

    /// The metadata that were asked for at this path, which begins as [`RESOURCE_METADATA`]; whether a
    /// proxy in front took the base path away does not matter.
    pub(super) fn describe(&self, asked: &str, rules: &Rules) -> Result<Value, Refusal> {
        path::check(asked, None)?;
        let resource = asked.strip_prefix(RESOURCE_METADATA).unwrap_or_default();
        let below_base = resource.strip_prefix(self.base_path.as_str());
        let resource = below_base
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .unwrap_or(resource);
        if resource.is_empty() {
            return Ok(self.document("", &rules.name, rules.policy.rules().iter()));
        }
        let mut there = rules.policy.rules_at(resource).peekable();
        if there.peek().is_none() {
            return Err(Refusal::NotFound);
        }
        Ok(self.document(resource, &rules.name, there))
    }

    fn document<'r>(&self, path: &str, name: &str, rules: impl Iterator<Item = &'r Rule>) -> Value {
        let mut scopes = Scopes::default();
        for rule in rules {
            if let Takes::Scopes(needed) = &rule.takes {
                needed.iter().for_each(|scope| scopes.insert(scope));
            }
        }
        let mut document = json!({
            "resource": format!("{}{path}", self.base_url()),
            "authorization_servers": [self.issuer],
            "bearer_methods_supported": ["header"],
        });
        // a member without a value is left out (section 2)
        if !scopes.is_empty() {
            document["scopes_supported"] = json!(scopes);
        }
        if !name.is_empty() {
            document["resource_name"] = json!(name);
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blueprint::{Blueprint, Policy};

    fn face(public_url: &str) -> Face {
        let public_url = Url::parse(public_url).unwrap();
        Face::new(&public_url, "https://idp".to_owned())
    }

    #[test]
    fn the_well_known_part_stands_between_host_and_path() {
        for (public_url, base, at_a) in [
            (
                "http://localhost:8082",
                "http://localhost:8082",
                "http://localhost:8082/.well-known/oauth-protected-resource/a",
            ),
            (
                "https://x.example/",
                "https://x.example",
                "https://x.example/.well-known/oauth-protected-resource/a",
            ),
            (
                "https://x.example/v1/",
                "https://x.example/v1",
                "https://x.example/.well-known/oauth-protected-resource/v1/a",
            ),
        ] {
            let face = face(public_url);
            assert_eq!(face.base_url(), base);
            assert_eq!(face.metadata_url("/a"), at_a);
        }
    }

    #[test]
    fn a_base_path_is_known_with_and_without_a_proxy_that_takes_it_away() {
        let face = face("https://x.example/v1");
        let rules = Rules {
            policy: Policy::of(&Blueprint::default()),
            name: String::new(),
        };
        let resource = |asked: &str| {
            let asked = format!("{RESOURCE_METADATA}{asked}");
            let document = face.describe(&asked, &rules).ok()?;
            Some(document["resource"].as_str().unwrap().to_owned())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(resource(""), some("https://x.example/v1"));
        assert_eq!(resource("/v1"), some("https://x.example/v1"));
        assert_eq!(resource("/v1/moons"), some("https://x.example/v1/moons"));
        assert_eq!(resource("/moons"), some("https://x.example/v1/moons"));
        for unknown in ["/", "/v1/", "/v1x", "/v2/moons", "/moon", "/v1/v1/moons"] {
            assert_eq!(resource(unknown), None, "{unknown}");
        }
        for unclean in ["//moons", "/v1/../moons", "/%6doons", "/moons;"] {
            let asked = format!("{RESOURCE_METADATA}{unclean}");
            let refused = face.describe(&asked, &rules);
            assert!(matches!(refused, Err(Refusal::PathUnclean(_))), "{unclean}");
        }
    }
}
