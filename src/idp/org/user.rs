//! People.

use super::{Password, RecoveryQuestion};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct User {
    /// `00u…`.
    pub(in crate::idp) id: String,
    /// Counted up when all that the person began must end: sessions, grants and tokens of before.
    #[serde(default)]
    pub(in crate::idp) epoch: u32,
    pub(in crate::idp) status: UserStatus,
    /// `login`, `email`, `firstName`, `lastName` and whatever else the schema has.
    pub(in crate::idp) profile: Map<String, Value>,
    pub(in crate::idp) password: Password,
    pub(in crate::idp) recovery_question: Option<RecoveryQuestion>,
    /// Ids of groups, "Everyone" left out.
    pub(in crate::idp) groups: Vec<String>,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
    pub(in crate::idp) activated: Option<i64>,
    pub(in crate::idp) status_changed: Option<i64>,
    pub(in crate::idp) password_changed: Option<i64>,
}

/// Where a person is in their life here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::idp) enum UserStatus {
    Staged,
    Provisioned,
    Active,
    Recovery,
    PasswordExpired,
    LockedOut,
    Suspended,
    Deprovisioned,
}

impl User {
    /// Whether the person may sign in, and tokens about them count.
    pub(in crate::idp) fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }

    pub(in crate::idp) fn login(&self) -> &str {
        self.told("login")
    }

    pub(in crate::idp) fn email(&self) -> &str {
        self.told("email")
    }

    pub(in crate::idp) fn given_name(&self) -> &str {
        self.told("firstName")
    }

    pub(in crate::idp) fn family_name(&self) -> &str {
        self.told("lastName")
    }

    /// Given and family name, as far as they are told.
    pub(in crate::idp) fn name(&self) -> String {
        let name = format!("{} {}", self.given_name(), self.family_name());
        name.trim().to_owned()
    }

    fn told(&self, name: &str) -> &str {
        let value = self.profile.get(name).and_then(Value::as_str);
        value.unwrap_or_default()
    }
}
