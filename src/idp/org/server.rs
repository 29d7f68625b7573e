//! Authorization servers: each with its own issuer, audience, keys, scopes, claims and policies.

use super::{Policy, ServerKey, Status};
use serde::{Deserialize, Serialize};

/// An authorization server. Its issuer is `{origin}/oauth2/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct AuthorizationServer {
    /// `aus…`, or `default`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) name: String,
    pub(in crate::idp) description: String,
    /// What access tokens name in `aud`: one, as at Okta.
    pub(in crate::idp) audiences: Vec<String>,
    pub(in crate::idp) status: Status,
    /// Whether it is the one that was there from the start.
    pub(in crate::idp) default: bool,
    pub(in crate::idp) scopes: Vec<Scope>,
    pub(in crate::idp) claims: Vec<Claim>,
    /// By priority, those of one priority in the order in which they were made.
    pub(in crate::idp) policies: Vec<Policy>,
    /// Made when they are first needed; the newest of an algorithm signs, and all verify.
    pub(in crate::idp) keys: Vec<ServerKey>,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
}

/// A scope of an authorization server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of Okta's object, and none excludes another"
)]
pub(in crate::idp) struct Scope {
    /// `scp…`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) name: String,
    pub(in crate::idp) display_name: Option<String>,
    pub(in crate::idp) description: Option<String>,
    /// `IMPLICIT`, `REQUIRED`, `FLEXIBLE`: told as it was said. Whom people are asked about, the client's registration says.
    pub(in crate::idp) consent: String,
    /// Whether a client that asks for no scope at all gets it.
    pub(in crate::idp) default: bool,
    /// One that the server had from the start, such as `openid`.
    pub(in crate::idp) system: bool,
    /// Whether the metadata names it.
    pub(in crate::idp) published: bool,
    pub(in crate::idp) optional: bool,
}

/// A claim that an authorization server adds to tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Claim {
    /// `ocl…`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) name: String,
    pub(in crate::idp) status: Status,
    pub(in crate::idp) kind: ClaimKind,
    pub(in crate::idp) value_kind: ValueKind,
    /// The expression, or what group names are compared with.
    pub(in crate::idp) value: String,
    /// `STARTS_WITH`, `EQUALS`, `CONTAINS`, `REGEX`, for groups.
    pub(in crate::idp) group_filter: Option<String>,
    pub(in crate::idp) always_in_token: bool,
    /// Names of scopes of which one must be granted; empty: whatever is.
    pub(in crate::idp) scopes: Vec<String>,
    pub(in crate::idp) system: bool,
}

/// Which token a claim is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::idp) enum ClaimKind {
    /// Access tokens.
    Resource,
    /// ID tokens.
    Identity,
}

/// How a claim's value is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::idp) enum ValueKind {
    Expression,
    Groups,
    System,
}

/// What every server has from the start, and nobody can take away.
pub(in crate::idp) const SYSTEM_SCOPES: [&str; 7] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "device_sso",
];

/// Those of them that the metadata names: what is told of people here.
const PUBLISHED: [&str; 4] = ["openid", "profile", "email", "offline_access"];

impl AuthorizationServer {
    /// A server with nothing but its system scopes. No policy: it gives nobody anything.
    pub(in crate::idp) fn new(id: String, name: &str, audience: &str, now: i64) -> Self {
        let scope = |name: &&str| Scope {
            system: true,
            published: PUBLISHED.contains(name),
            ..Scope::new(super::derived_id("scp", &format!("{id}\0{name}")), name)
        };
        Self {
            name: name.to_owned(),
            description: String::new(),
            audiences: vec![audience.to_owned()],
            status: Status::Active,
            default: false,
            scopes: SYSTEM_SCOPES.iter().map(scope).collect(),
            claims: Vec::new(),
            policies: Vec::new(),
            keys: Vec::new(),
            created: now,
            last_updated: now,
            id,
        }
    }

    /// What access tokens name in `aud`.
    pub(in crate::idp) fn audience(&self) -> &str {
        self.audiences.first().map_or("", String::as_str)
    }

    pub(in crate::idp) fn scope(&self, name: &str) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.name == name)
    }

    pub(in crate::idp) fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    pub(in crate::idp) fn policy_mut(&mut self, id: &str) -> Option<&mut Policy> {
        self.policies.iter_mut().find(|policy| policy.id == id)
    }
}

impl Scope {
    pub(in crate::idp) fn new(id: String, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            display_name: None,
            description: None,
            consent: "IMPLICIT".to_owned(),
            default: false,
            system: false,
            published: true,
            optional: false,
        }
    }
}
