//! Who gets which scopes: assignment to the app, then the policies and their rules, as Okta evaluates
//! them.
//!
//! Policies go by priority, and the rules of each by theirs; the first rule that fits client, grant
//! type, person and every scope that is asked for decides. One scope too many and it does not fit.

use super::{
    here::Here,
    org::{Client, ClientCondition, GrantType, Group, People, Rule, SYSTEM_SCOPES, User},
};
use crate::oauth::Scopes;

mod denial;

pub(super) use denial::Denial;

/// What a rule calls every group's members.
const EVERYONE: &str = "EVERYONE";
/// What a rule calls every scope.
const ANY_SCOPE: &str = "*";
/// Scopes that concern only the person's own data, or only how long the client may ask. Every app may
/// ask for them.
const STANDARD_SCOPES: [&str; 3] = ["profile", "email", "offline_access"];

/// The rule by which `client` gets `asked` in the name of `user`.
pub(super) fn judge<'h>(
    here: &'h Here,
    client: &Client,
    user: &User,
    asked: &Scopes,
) -> Result<&'h Rule, Denial> {
    if !is_assigned(here, client, user) {
        return Err(Denial::NotAssigned {
            login: user.login().to_owned(),
            client_name: client.name.clone(),
        });
    }
    if here.policies_of(client).next().is_none() {
        return Err(Denial::NoPolicy {
            client_name: client.name.clone(),
            server_name: here.server().name.clone(),
        });
    }
    // At Okta too a refresh is judged by what began the grant.
    let fitting = |rule: &&Rule| {
        rule.is_for(GrantType::AuthorizationCode) && is_about(here, &rule.people, user)
    };
    let rules: Vec<&Rule> = here.rules_for(client).filter(fitting).collect();
    let may_ask = asked.iter().all(|scope| here.may_ask_for(client, scope));
    let rule = rules.iter().find(|rule| may_ask && rule.gives(asked));
    rule.copied()
        .ok_or_else(|| Denial::of(here, client, user, &rules, asked))
}

/// The rule by which `client` gets `asked` in its own name.
pub(super) fn judge_machine<'h>(
    here: &'h Here,
    client: &Client,
    asked: &Scopes,
) -> Result<&'h Rule, Denial> {
    let fitting = |rule: &&Rule| rule.is_for(GrantType::ClientCredentials) && rule.gives(asked);
    let rule = here.rules_for(client).find(fitting);
    rule.ok_or_else(|| Denial::Machine {
        client_name: client.name.clone(),
        server_name: here.server().name.clone(),
        asked: asked.clone(),
    })
}

/// Whether the person, or a group of theirs, is assigned to the app.
fn is_assigned(here: &Here, client: &Client, user: &User) -> bool {
    let assigned = |group: &Group| client.groups.iter().any(|one| one.group_id == group.id);
    client.users.contains(&user.id) || here.org.groups_of(user).any(assigned)
}

/// Whether a rule is about a person: included by group or by name, and excluded by neither.
fn is_about(here: &Here, people: &People, user: &User) -> bool {
    let member = |ids: &[String]| {
        let mut groups = here.org.groups_of(user);
        groups.any(|group| ids.contains(&group.id)) || ids.iter().any(|id| id == EVERYONE)
    };
    let named = |ids: &[String]| ids.contains(&user.id);
    let (groups, users) = (&people.groups, &people.users);
    (member(&groups.include) || named(&users.include))
        && !member(&groups.exclude)
        && !named(&users.exclude)
}

impl Here {
    /// Whether the client may ask for this scope at all; whether it gets it, rules decide.
    pub(super) fn may_ask_for(&self, client: &Client, scope: &str) -> bool {
        if self.server().scope(scope).is_none() {
            return false;
        }
        if is_standard(scope) {
            let refreshes = client.may_use(GrantType::RefreshToken);
            return client.signs_people_in() && (scope != "offline_access" || refreshes);
        }
        let scopes = client.scopes.as_ref();
        scopes.is_none_or(|scopes| scopes.contains(scope))
    }

    /// The same for a client that acts for itself: what the server had from the start is about people.
    pub(super) fn machine_may_ask_for(&self, client: &Client, scope: &str) -> bool {
        let listed = client
            .scopes
            .as_ref()
            .is_some_and(|scopes| scopes.contains(scope));
        (listed || !SYSTEM_SCOPES.contains(&scope)) && self.may_ask_for(client, scope)
    }

    /// The active policies about this client, by priority.
    fn policies_of(&self, client: &Client) -> impl Iterator<Item = &super::org::Policy> {
        let means = |condition: &ClientCondition| match condition {
            ClientCondition::All => true,
            ClientCondition::These(ids) => ids.contains(&client.id),
        };
        let policies = self.server().policies.iter();
        let mut policies: Vec<_> = policies
            .filter(|policy| policy.status.is_active() && means(&policy.clients))
            .collect();
        policies.sort_by_key(|policy| policy.priority); // stable
        policies.into_iter()
    }

    /// The active rules of these policies, in the order in which they are tried.
    fn rules_for(&self, client: &Client) -> impl Iterator<Item = &Rule> {
        self.policies_of(client).flat_map(|policy| {
            let rules = policy.rules.iter();
            let mut rules: Vec<_> = rules.filter(|rule| rule.status.is_active()).collect();
            rules.sort_by_key(|rule| rule.priority); // stable
            rules
        })
    }
}

impl Rule {
    fn is_for(&self, grant_type: GrantType) -> bool {
        let mut named = self.grant_types.iter();
        named.any(|name| name == grant_type.as_str())
    }

    fn gives(&self, asked: &Scopes) -> bool {
        let any = self.scopes.iter().any(|scope| scope == ANY_SCOPE);
        any || asked
            .iter()
            .all(|scope| self.scopes.iter().any(|given| given == scope))
    }
}

/// Whether it is one that every app may ask for.
fn is_standard(scope: &str) -> bool {
    STANDARD_SCOPES.contains(&scope)
}
