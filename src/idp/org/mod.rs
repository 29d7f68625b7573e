//! The org: everything that a management API may change. People, groups, clients, authorization
//! servers with their scopes, claims, policies and rules, trusted origins.
//!
//! These are plain data, in the shape that Okta's objects have, and say nothing of HTTP. Times are
//! seconds since 1970.

mod client;
mod digest;
mod file;
mod group;
mod id;
mod key;
mod origin;
mod password;
mod policy;
mod seed;
mod server;
mod status;
mod store;
mod user;

pub(in crate::idp) use client::{
    AuthenticationMethod, CONSENT_METHOD, Client, ClientSecret, GrantType, GroupAssignment,
    MayIntrospect, RegisteredBy, SigningAlgorithm,
};
pub(in crate::idp) use digest::SecretDigest;
pub(in crate::idp) use file::StateFile;
pub(in crate::idp) use group::Group;
pub(in crate::idp) use id::{derived_id, new_id};
pub(in crate::idp) use key::ServerKey;
pub(in crate::idp) use origin::TrustedOrigin;
pub(in crate::idp) use password::{Password, RecoveryQuestion};
pub(in crate::idp) use policy::{Chosen, ClientCondition, Lifetimes, People, Policy, Rule};
pub(in crate::idp) use seed::seed;
pub(in crate::idp) use server::{
    AuthorizationServer, Claim, ClaimKind, SYSTEM_SCOPES, Scope, ValueKind,
};
pub(in crate::idp) use status::Status;
pub(in crate::idp) use store::{ChangeError, OrgStore};
pub(in crate::idp) use user::{User, UserStatus};

use serde::{Deserialize, Serialize};

/// The most objects of a kind.
pub(in crate::idp) const MOST: usize = 10_000;

/// The most revocations. They come of what clients do and not of what administrators make, and end by
/// themselves; the same is remembered in memory.
pub(in crate::idp) const MOST_REVOKED: usize = 100_000;

/// Access tokens that were taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Revoked {
    /// The `jti` of one, or the id of the grant that all of them came of.
    pub(in crate::idp) id: String,
    /// When they all have expired.
    pub(in crate::idp) until: i64,
}

/// All of it. Each list is in the order in which its objects were made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct Org {
    pub(in crate::idp) users: Vec<User>,
    /// The first is "Everyone".
    pub(in crate::idp) groups: Vec<Group>,
    pub(in crate::idp) clients: Vec<Client>,
    pub(in crate::idp) servers: Vec<AuthorizationServer>,
    pub(in crate::idp) origins: Vec<TrustedOrigin>,
    /// What was taken back, if a file keeps the org: it must be so after a restart too.
    pub(in crate::idp) revoked: Vec<Revoked>,
}

impl Org {
    /// An org with nobody in it: only the group that everybody is in.
    pub(in crate::idp) fn empty(now: i64) -> Self {
        Self {
            groups: vec![Group::everyone(now)],
            ..Self::default()
        }
    }

    pub(in crate::idp) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(in crate::idp) fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// A user by what is typed into the form; case does not matter, as at Okta.
    pub(in crate::idp) fn user_by_login(&self, login: &str) -> Option<&User> {
        let mut users = self.users.iter();
        users.find(|user| user.login().eq_ignore_ascii_case(login))
    }

    pub(in crate::idp) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    pub(in crate::idp) fn group_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    /// A client, whatever its status.
    pub(in crate::idp) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub(in crate::idp) fn client_mut(&mut self, id: &str) -> Option<&mut Client> {
        self.clients.iter_mut().find(|client| client.id == id)
    }

    /// A client that counts.
    pub(in crate::idp) fn active_client(&self, id: &str) -> Option<&Client> {
        self.client(id).filter(|client| client.status.is_active())
    }

    /// An authorization server, whatever its status.
    pub(in crate::idp) fn server(&self, id: &str) -> Option<&AuthorizationServer> {
        self.servers.iter().find(|server| server.id == id)
    }

    pub(in crate::idp) fn server_mut(&mut self, id: &str) -> Option<&mut AuthorizationServer> {
        self.servers.iter_mut().find(|server| server.id == id)
    }

    /// The groups that a person is in, "Everyone" among them.
    pub(in crate::idp) fn groups_of<'o>(
        &'o self,
        user: &'o User,
    ) -> impl Iterator<Item = &'o Group> {
        let member = |group: &&Group| group.is_everyone() || user.groups.contains(&group.id);
        self.groups.iter().filter(member)
    }

    /// The names of a person's groups but "Everyone", which says nothing.
    pub(in crate::idp) fn group_names(&self, user: &User) -> Vec<String> {
        let groups = self.groups_of(user).filter(|group| !group.is_everyone());
        groups.map(|group| group.name.clone()).collect()
    }

    /// Takes a group away, with every mention of it: memberships, assignments, rules' conditions.
    /// "Everyone" cannot go. Says whether there was one.
    pub(in crate::idp) fn remove_group(&mut self, id: &str) -> bool {
        let before = self.groups.len();
        self.groups
            .retain(|group| group.id != id || group.is_everyone());
        if self.groups.len() == before {
            return false;
        }
        for user in &mut self.users {
            user.groups.retain(|group| group != id);
        }
        for client in &mut self.clients {
            client.groups.retain(|assigned| assigned.group_id != id);
        }
        let policies = self
            .servers
            .iter_mut()
            .flat_map(|server| &mut server.policies);
        for rule in policies.flat_map(|policy| &mut policy.rules) {
            rule.forget_group(id);
        }
        true
    }

    /// Takes a user away, with every mention in rules. Says whether there was one.
    pub(in crate::idp) fn remove_user(&mut self, id: &str) -> bool {
        let before = self.users.len();
        self.users.retain(|user| user.id != id);
        let policies = self
            .servers
            .iter_mut()
            .flat_map(|server| &mut server.policies);
        for rule in policies.flat_map(|policy| &mut policy.rules) {
            rule.forget_user(id);
        }
        self.users.len() < before
    }

    /// Takes a client away. A policy that names it alone names nobody then. Says whether there was one.
    pub(in crate::idp) fn remove_client(&mut self, id: &str) -> bool {
        let before = self.clients.len();
        self.clients.retain(|client| client.id != id);
        for policy in self
            .servers
            .iter_mut()
            .flat_map(|server| &mut server.policies)
        {
            policy.clients.forget(id);
        }
        self.clients.len() < before
    }

    /// The ids of each kind of object.
    fn ids(&self) -> [(&'static str, Vec<&str>); 4] {
        let users = self.users.iter().map(|one| one.id.as_str());
        let groups = self.groups.iter().map(|one| one.id.as_str());
        let clients = self.clients.iter().map(|one| one.id.as_str());
        let servers = self.servers.iter().map(|one| one.id.as_str());
        [
            ("users", users.collect()),
            ("groups", groups.collect()),
            ("clients", clients.collect()),
            ("authorization servers", servers.collect()),
        ]
    }

    /// The kind of object of which there are too many, if there is one.
    pub(super) fn overfull(&self) -> Option<&'static str> {
        let policies = || self.servers.iter().flat_map(|server| &server.policies);
        let counted = [
            ("users", self.users.len()),
            ("groups", self.groups.len()),
            ("clients", self.clients.len()),
            ("authorization servers", self.servers.len()),
            ("trusted origins", self.origins.len()),
            (
                "scopes",
                self.servers.iter().map(|server| server.scopes.len()).sum(),
            ),
            (
                "claims",
                self.servers.iter().map(|server| server.claims.len()).sum(),
            ),
            ("policies", policies().count()),
            ("rules", policies().map(|policy| policy.rules.len()).sum()),
        ];
        if self.revoked.len() > MOST_REVOKED {
            return Some("revocations");
        }
        let over = counted.into_iter().find(|(_, count)| *count > MOST);
        over.map(|(kind, _)| kind)
    }
}
