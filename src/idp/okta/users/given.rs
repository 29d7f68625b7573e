//! What is said of a person: profile, credentials, groups.

use super::super::{error::OktaError, input::Problems, reader::Reader};
use super::profile::profile;
use crate::{
    idp::{
        org::{Group, Org, Password, RecoveryQuestion, User, UserStatus},
        passwords::Passwords,
    },
    oauth::Secret,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A person's data, checked.
pub(super) struct Given {
    pub(super) profile: Map<String, Value>,
    pub(super) groups: Vec<String>,
    password: Option<Secret>,
    recovery: Option<(String, Secret)>,
}

impl Given {
    /// All that a new person needs.
    pub(super) fn new_person(object: &Map<String, Value>, org: &Org) -> Result<Self, OktaError> {
        Self::read(object, Map::new(), org, None)
    }

    /// A change of a person, whose profile is `kept` where nothing else is said.
    pub(super) fn change(
        object: &Map<String, Value>,
        kept: Map<String, Value>,
        org: &Org,
        id: &str,
    ) -> Result<Self, OktaError> {
        Self::read(object, kept, org, Some(id))
    }

    fn read(
        object: &Map<String, Value>,
        kept: Map<String, Value>,
        org: &Org,
        id: Option<&str>,
    ) -> Result<Self, OktaError> {
        let problems = Problems::default();
        let reader = Reader::new(object, &problems);
        let profile = if object.contains_key("profile") || id.is_none() {
            profile(&reader, object.get("profile"), kept)
        } else {
            let before = id
                .and_then(|id| org.user(id))
                .map(|user| user.profile.clone());
            before.unwrap_or_default()
        };
        if !reader.object("profile").is_wrong("login") && is_taken(org, &profile, id) {
            reader.object("profile").wrong("login", TAKEN);
        }
        let groups = reader.texts("groupIds", 1000).unwrap_or_default();
        if groups
            .iter()
            .any(|group| org.group(group).is_none_or(Group::is_everyone))
        {
            reader.wrong(
                "groupIds",
                "One of them is no group that people can be added to",
            );
        }
        let (password, recovery) = credentials(&reader);
        problems.none().map(|()| Self {
            profile,
            groups,
            password,
            recovery,
        })
    }

    /// The hashes of the secrets: what is kept of them.
    pub(super) async fn hashed(&self, passwords: &Arc<Passwords>) -> Result<Secrets, OktaError> {
        let hash = async |secret: &Secret| {
            let hash = passwords.hash_to_keep(secret.clone()).await;
            hash.map_err(|why| {
                tracing::error!(event = "password_not_hashed", reason = %why, "a person could not be changed");
                OktaError::Internal
            })
        };
        let mut secrets = Secrets::default();
        if let Some(password) = &self.password {
            secrets.password = Some(hash(password).await?);
        }
        if let Some((question, answer)) = &self.recovery {
            secrets.recovery = Some(RecoveryQuestion {
                question: question.clone(),
                answer_hash: hash(answer).await?,
            });
        }
        Ok(secrets)
    }
}

/// Hashes that a person is given.
#[derive(Default)]
pub(super) struct Secrets {
    password: Option<String>,
    recovery: Option<RecoveryQuestion>,
}

impl Secrets {
    pub(super) fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// A person who waited for a password is there with it.
    pub(super) fn set(self, user: &mut User, now: i64) {
        if let Some(hash) = self.password {
            user.password = Password::Hash(hash);
            user.password_changed = Some(now);
            user.epoch = user.epoch.wrapping_add(1); // who knew the one before is out
            if user.status == UserStatus::Provisioned {
                super::lifecycle::bring_in(user, now);
            }
        }
        if let Some(recovery) = self.recovery {
            user.recovery_question = Some(recovery);
        }
    }
}

const TAKEN: &str = "An object with this field already exists in the current organization";

/// Whether another person has this login.
fn is_taken(org: &Org, profile: &Map<String, Value>, own_id: Option<&str>) -> bool {
    let login = profile
        .get("login")
        .and_then(Value::as_str)
        .unwrap_or_default();
    org.user_by_login(login)
        .is_some_and(|user| Some(user.id.as_str()) != own_id)
}

/// The same, at the moment of the change.
pub(super) fn check_login(
    org: &Org,
    profile: &Map<String, Value>,
    own_id: Option<&str>,
) -> Result<(), OktaError> {
    if is_taken(org, profile, own_id) {
        Err(OktaError::taken("profile.login"))
    } else {
        Ok(())
    }
}

/// Password, and recovery question with its answer.
fn credentials(reader: &Reader<'_>) -> (Option<Secret>, Option<(String, Secret)>) {
    let credentials = reader.object("credentials");
    let password = credentials.object("password");
    for unknown in ["hash", "hook"] {
        if password.has(unknown) {
            password.wrong(unknown, "Only a value is taken here");
        }
    }
    let recovery = credentials.object("recovery_question");
    let question = recovery.text("question", 1..=100);
    let answer = recovery.text("answer", 4..=100);
    if question.is_some() != answer.is_some()
        && !recovery.is_wrong("answer")
        && !recovery.is_wrong("question")
    {
        recovery.wrong("answer", "Question and answer go together");
    }
    let password = password.text("value", 8..=128).map(Secret::new);
    (password, question.zip(answer.map(Secret::new)))
}
