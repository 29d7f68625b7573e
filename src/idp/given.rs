//! What the provider is told at each start, and keeps nowhere: the blueprint's secrets.

use super::{
    IdpConfig,
    org::{Client, Password, RegisteredBy, SecretDigest, User},
};
use crate::oauth::Secret;
use std::collections::HashMap;

/// The blueprint's passwords and client secrets.
pub(super) struct Given {
    /// By the user's id.
    passwords: HashMap<String, Secret>,
    /// By the client's id.
    client_secrets: HashMap<String, SecretDigest>,
    /// The levels' groups by name, the least level first.
    levels: Vec<String>,
}

impl Given {
    pub(super) fn new(config: &IdpConfig) -> Self {
        let users = config.tenant.users.iter();
        let secrets = config.client_secrets.iter();
        let rules = config.tenant.rules.iter();
        Self {
            passwords: users
                .filter_map(|user| Some((user.id.clone(), user.password.clone()?)))
                .collect(),
            client_secrets: secrets
                .filter(|(_, secret)| !secret.is_empty())
                .map(|(id, secret)| (id.clone(), SecretDigest::of(secret.expose())))
                .collect(),
            levels: rules.flat_map(|rule| rule.groups.clone()).collect(),
        }
    }

    /// A demo person's password, unless they have one of their own by now.
    pub(super) fn password(&self, user: &User) -> Option<&Secret> {
        (user.password == Password::Blueprint)
            .then(|| self.passwords.get(&user.id))
            .flatten()
    }

    /// Whether it is a secret of this client: one that is kept, or the one of this start.
    pub(super) fn is_secret_of(&self, client: &Client, candidate: &str) -> bool {
        let by_blueprint = client.registered_by == RegisteredBy::Blueprint;
        let given = self.client_secrets.get(&client.id);
        let given = given.is_some_and(|digest| by_blueprint & digest.matches(candidate));
        client.has_secret(candidate) | given
    }

    /// The rings of a group's mark: 1 for the first level, and for a group of no level.
    pub(super) fn rings(&self, group: &str) -> usize {
        let level = self.levels.iter().position(|level| level == group);
        level.map_or(1, |position| position + 1)
    }
}
