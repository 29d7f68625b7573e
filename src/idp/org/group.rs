//! Groups.

use super::derived_id;
use serde::{Deserialize, Serialize};

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Group {
    /// `00g…`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) kind: GroupKind,
    pub(in crate::idp) name: String,
    pub(in crate::idp) description: Option<String>,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
    pub(in crate::idp) last_membership_updated: i64,
}

/// Who made a group, and who may change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::idp) enum GroupKind {
    OktaGroup,
    /// "Everyone": there from the start, and cannot be changed.
    BuiltIn,
}

impl Group {
    /// The group that everybody is in.
    pub(in crate::idp) fn everyone(now: i64) -> Self {
        Self {
            kind: GroupKind::BuiltIn,
            description: Some("All users in your organization".to_owned()),
            ..Self::new(derived_id("00g", "Everyone"), "Everyone", now)
        }
    }

    pub(in crate::idp) fn new(id: String, name: &str, now: i64) -> Self {
        Self {
            id,
            kind: GroupKind::OktaGroup,
            name: name.to_owned(),
            description: None,
            created: now,
            last_updated: now,
            last_membership_updated: now,
        }
    }

    pub(in crate::idp) fn is_everyone(&self) -> bool {
        self.kind == GroupKind::BuiltIn
    }
}
