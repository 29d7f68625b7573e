//! Whether somebody else's policy grants what ours deny: an active rule, on an authorization server
//! of ours, that gives a level's scope to people of a level without it.

use super::{Okta, kind::Kind, look::text, text::plain};
use crate::bootstrap::target::{Made, TargetError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What our own rules give whom, at one authorization server.
#[derive(Default)]
struct Intended {
    /// By the id of a group, the scopes that its members may have.
    by_group: BTreeMap<String, BTreeSet<String>>,
    /// Clients that people sign in through.
    clients: BTreeSet<String>,
}

/// Somebody of ours, with all groups, those of others and "Everyone" included.
struct Person {
    id: String,
    login: String,
    groups: Vec<String>,
}

impl Okta {
    /// Looks at every active policy of our authorization servers. A sentence for each rule that
    /// gives too much.
    pub(super) async fn grants_too_much(&self, made: &[Made]) -> Result<Vec<String>, TargetError> {
        let mut findings = Vec::new();
        let servers = intended(made);
        if servers.is_empty() {
            return Ok(findings);
        }
        let people = self.people(made).await?;
        for (server, intended) in servers {
            let place = format!("/api/v1/authorizationServers/{server}/policies");
            for policy in self.api.list(&place).await? {
                if !is_active(&policy) || !intended.concerns(&policy) {
                    continue;
                }
                let id = super::make::checked(Kind::Policy, text(&policy, "id"))?;
                for rule in self.api.list(&format!("{place}/{id}/rules")).await? {
                    if is_active(&rule) && is_for_people(&rule) {
                        findings.extend(intended.judge(&policy, &rule, made, &people));
                    }
                }
            }
        }
        Ok(findings)
    }

    async fn people(&self, made: &[Made]) -> Result<Vec<Person>, TargetError> {
        let mut people = Vec::new();
        let class = Kind::User.class();
        for user in made.iter().filter(|one| one.wanted.class == class) {
            let id = super::make::checked(Kind::User, &user.existing.id)?;
            let groups = self.api.list(&format!("/api/v1/users/{id}/groups")).await?;
            people.push(Person {
                id: id.to_owned(),
                login: Kind::User.name_of(&user.existing.value).to_owned(),
                groups: groups
                    .iter()
                    .map(|group| text(group, "id").to_owned())
                    .collect(),
            });
        }
        Ok(people)
    }
}

impl Person {
    /// Whether a rule is for them, by a group of theirs or by themselves.
    fn is_meant(&self, rule: &Value) -> bool {
        let groups = |list: &str| texts(rule, &format!("/conditions/people/groups/{list}"));
        let users = |list: &str| texts(rule, &format!("/conditions/people/users/{list}"));
        let is_in = |groups: &[String]| {
            let mut groups = groups.iter();
            groups.any(|group| group == "EVERYONE" || self.groups.contains(group))
        };
        (is_in(&groups("include")) || users("include").contains(&self.id))
            && !is_in(&groups("exclude"))
            && !users("exclude").contains(&self.id)
    }
}

/// What the rules that were asked for give whom, by the server's id.
fn intended(made: &[Made]) -> BTreeMap<String, Intended> {
    let mut servers: BTreeMap<String, Intended> = BTreeMap::new();
    let rules = made
        .iter()
        .filter(|one| one.wanted.class == Kind::Rule.class());
    for rule in rules.filter(|rule| is_for_people(&rule.wanted.body)) {
        let endpoint = rule.wanted.endpoint.as_deref().unwrap_or_default();
        let segments: Vec<_> = endpoint.split('/').collect();
        let [
            _,
            "api",
            "v1",
            "authorizationServers",
            server,
            "policies",
            policy,
            "rules",
        ] = segments[..]
        else {
            continue;
        };
        let intended = servers.entry(server.to_owned()).or_default();
        for group in included(&rule.wanted.body, "/conditions/people/groups") {
            let scopes = intended.by_group.entry(group).or_default();
            scopes.extend(included(&rule.wanted.body, "/conditions/scopes"));
        }
        let policy = made.iter().find(|one| one.existing.id == policy);
        let clients = policy.map(|policy| included(&policy.wanted.body, "/conditions/clients"));
        intended.clients.extend(clients.into_iter().flatten());
    }
    servers
}

impl Intended {
    /// Whether a policy is for a client that people sign in through.
    fn concerns(&self, policy: &Value) -> bool {
        let clients = included(policy, "/conditions/clients");
        self.clients.is_empty()
            || clients
                .iter()
                .any(|client| client == "ALL_CLIENTS" || self.clients.contains(client))
    }

    fn judge(
        &self,
        policy: &Value,
        rule: &Value,
        made: &[Made],
        people: &[Person],
    ) -> Option<String> {
        let groups = included(rule, "/conditions/people/groups");
        let is_for_everyone = groups.iter().any(|group| group == "EVERYONE");
        let scopes = included(rule, "/conditions/scopes");
        let any_scope = scopes.iter().any(|scope| scope == "*");
        let all: BTreeSet<&String> = self.by_group.values().flatten().collect();
        let mut too_much = Vec::new();
        let mut told = BTreeSet::new();
        for (group, own) in &self.by_group {
            if !is_for_everyone && !groups.contains(group) {
                continue;
            }
            let given = all
                .iter()
                .filter(|scope| any_scope || scopes.contains(**scope));
            let more: Vec<_> = given
                .filter(|scope| !own.contains(**scope))
                .map(|scope| scope.as_str())
                .collect();
            if !more.is_empty() {
                told.insert(group);
                let name = name_of_group(group, made);
                too_much.push(format!("members of {name} {}", more.join(", ")));
            }
        }
        for person in people.iter().filter(|person| person.is_meant(rule)) {
            if person.groups.iter().any(|group| told.contains(group)) {
                continue;
            }
            let is_own = |scope: &str| {
                let mut groups = self.by_group.iter();
                groups.any(|(group, own)| {
                    (group == "EVERYONE" || person.groups.contains(group)) && own.contains(scope)
                })
            };
            let given = all
                .iter()
                .filter(|scope| any_scope || scopes.contains(**scope));
            let more: Vec<_> = given
                .map(|scope| scope.as_str())
                .filter(|scope| !is_own(scope))
                .collect();
            if !more.is_empty() {
                too_much.push(format!("{:?} {}", person.login, more.join(", ")));
            }
        }
        (!too_much.is_empty()).then(|| {
            format!(
                "policy {:?}, rule {:?} gives {}. Deactivate it, or leave out what is too much: Security > API > Authorization Servers > Access Policies",
                plain(text(policy, "name")),
                plain(text(rule, "name")),
                plain(&too_much.join("; "))
            )
        })
    }
}

fn name_of_group(id: &str, made: &[Made]) -> String {
    let group = made.iter().find(|one| one.existing.id == id);
    let name = group.map(|group| Kind::Group.name_of(&group.existing.value));
    format!("{:?}", name.unwrap_or(id))
}

fn is_active(object: &Value) -> bool {
    text(object, "status") != "INACTIVE"
}

/// Whether a person can come by a token through a rule; client credentials are a machine's.
fn is_for_people(rule: &Value) -> bool {
    let grants = included(rule, "/conditions/grantTypes");
    grants.iter().any(|grant| grant != "client_credentials")
}

fn included(object: &Value, condition: &str) -> Vec<String> {
    texts(object, &format!("{condition}/include"))
}

fn texts(object: &Value, at: &str) -> Vec<String> {
    let list = object.pointer(at);
    let list = list.and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
