//! Access policies and their rules: who gets what through which client, and for how long.

use super::Status;
use serde::{Deserialize, Serialize};

/// An access policy of an authorization server.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Policy {
    /// `00p…`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) name: String,
    pub(in crate::idp) description: String,
    pub(in crate::idp) status: Status,
    /// The lowest goes first; those of one priority in the order in which they were made.
    pub(in crate::idp) priority: u32,
    pub(in crate::idp) system: bool,
    /// Whose requests it is about.
    pub(in crate::idp) clients: ClientCondition,
    pub(in crate::idp) rules: Vec<Rule>,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
}

/// The clients that a policy is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::idp) enum ClientCondition {
    /// `ALL_CLIENTS`.
    All,
    /// By their ids; none is none.
    These(Vec<String>),
}

/// A rule of a policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Rule {
    /// `0pr…`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) name: String,
    pub(in crate::idp) status: Status,
    /// The lowest goes first; those of one priority in the order in which they were made.
    pub(in crate::idp) priority: u32,
    pub(in crate::idp) system: bool,
    pub(in crate::idp) people: People,
    /// Names of grant types, those that do not exist here among them.
    pub(in crate::idp) grant_types: Vec<String>,
    /// Names of scopes, or `*`: any that the server has.
    pub(in crate::idp) scopes: Vec<String>,
    pub(in crate::idp) lifetimes: Lifetimes,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
}

/// Whom a rule is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct People {
    /// Ids of groups, or `EVERYONE`.
    pub(in crate::idp) groups: Chosen,
    /// Ids of users.
    pub(in crate::idp) users: Chosen,
}

/// Ids that are meant, and ids that are not, whatever else means them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Chosen {
    pub(in crate::idp) include: Vec<String>,
    pub(in crate::idp) exclude: Vec<String>,
}

/// How long what a rule gives lives, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Lifetimes {
    pub(in crate::idp) access_token: u32,
    /// From the sign-in on; 0: without end.
    pub(in crate::idp) refresh_token: u32,
    /// One that nobody uses ends after so long.
    pub(in crate::idp) refresh_token_window: u32,
}

impl Default for Lifetimes {
    /// Okta's.
    fn default() -> Self {
        Self {
            access_token: 60,
            refresh_token: 0,
            refresh_token_window: 10_080,
        }
    }
}

impl Lifetimes {
    pub(in crate::idp) fn access_token_seconds(self) -> i64 {
        60 * i64::from(self.access_token)
    }
}

impl Rule {
    pub(super) fn forget_group(&mut self, id: &str) {
        self.people.groups.forget(id);
    }

    pub(super) fn forget_user(&mut self, id: &str) {
        self.people.users.forget(id);
    }
}

impl Chosen {
    fn forget(&mut self, id: &str) {
        self.include.retain(|chosen| chosen != id);
        self.exclude.retain(|chosen| chosen != id);
    }
}

impl ClientCondition {
    pub(super) fn forget(&mut self, id: &str) {
        if let Self::These(ids) = self {
            ids.retain(|chosen| chosen != id);
        }
    }
}
