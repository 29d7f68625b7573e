//! Whether an object counts.

use serde::{Deserialize, Serialize};

/// The status of a client, authorization server, policy, rule, claim or trusted origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::idp) enum Status {
    #[default]
    Active,
    /// It is there, and counts for nothing.
    Inactive,
}

impl Status {
    pub(in crate::idp) fn is_active(self) -> bool {
        self == Self::Active
    }
}
