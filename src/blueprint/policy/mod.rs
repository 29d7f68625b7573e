//! The gateway's side of a blueprint: who may pass, by method, path, client and scope.

mod find;
#[cfg(test)]
mod tests;

use super::model::{Blueprint, StepUp, Takes};
use crate::oauth::Scopes;
use find::Found;

/// The access rules of an API. What no rule names is not there.
#[derive(Clone, Debug)]
pub struct Policy {
    rules: Vec<Rule>,
    recognised: Vec<String>,
}

/// One rule: what a resource takes.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The resource's name.
    pub name: String,
    /// Its method, or `*`.
    pub method: String,
    /// Its exact path, or one that ends in `/*`.
    pub path: String,
    /// What a caller must show.
    pub takes: Takes,
    /// How whoever the token is of must have signed in.
    pub step_up: StepUp,
}

/// What is known of a request.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// As in the request line.
    pub method: &'a str,
    /// The path alone, as it goes upstream; that it is clean is for the gateway to check.
    pub path: &'a str,
    /// Who asks, if a valid access token says so.
    pub caller: Option<Caller<'a>>,
}

/// Who asks, as a valid access token has it.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The client the token was issued to, if it says.
    pub client_id: Option<&'a str>,
    /// What was granted.
    pub scopes: &'a Scopes,
    /// How many seconds ago somebody signed in, if it says.
    pub age: Option<i64>,
    /// How they signed in (`acr`), if it says.
    pub acr: Option<&'a str>,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Verdict<'p> {
    /// It may go on.
    Pass(&'p Rule),
    /// It needs a valid access token.
    TokenNeeded(&'p Rule),
    /// Its token was issued to a client that is not let in here.
    ClientNotRecognised(&'p Rule),
    /// Its token lacks a scope.
    ScopeMissing {
        /// The rule.
        rule: &'p Rule,
        /// What the rule takes, and the caller's token does not have whole.
        needed: &'p Scopes,
    },
    /// Its token is good for this, but of a sign-in that is too old or of another kind.
    StepUpNeeded(&'p Rule),
    /// The path has rules, for these methods only.
    MethodNotAllowed {
        /// For the `Allow` header.
        allowed: Vec<&'p str>,
    },
    /// No rule names the path.
    NotFound,
}

impl Policy {
    /// Derives the policy of a blueprint.
    #[must_use]
    pub fn of(blueprint: &Blueprint) -> Self {
        let rules = blueprint
            .resources
            .iter()
            .map(|resource| Rule {
                name: resource.name.clone(),
                method: resource.method.clone(),
                path: resource.path.clone(),
                takes: resource.takes.clone(),
                step_up: resource.step_up.clone(),
            })
            .collect();
        Self {
            rules,
            recognised: blueprint.gateway.clients.clone(),
        }
    }

    /// All rules, in the order of the blueprint.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The first rule that asks how somebody signed in, which not every gateway can check.
    #[must_use]
    pub fn step_up(&self) -> Option<&Rule> {
        self.rules.iter().find(|rule| !rule.step_up.is_empty())
    }

    /// The rules of a path, whatever the method: none where there is no resource.
    pub fn rules_at(&self, path: &str) -> impl Iterator<Item = &Rule> {
        find::rules_at(&self.rules, path)
    }

    /// Judges a request. Whether the caller's token is valid is not asked here: facts name a caller
    /// only when it is.
    #[must_use]
    pub fn judge<'p>(&'p self, facts: &Facts<'_>) -> Verdict<'p> {
        let rule = match find::rule(&self.rules, facts.method, facts.path) {
            Found::Rule(rule) => rule,
            Found::OtherMethods(allowed) => return Verdict::MethodNotAllowed { allowed },
            Found::Nothing => return Verdict::NotFound,
        };
        if rule.takes == Takes::Open {
            return Verdict::Pass(rule);
        }
        let Some(caller) = &facts.caller else {
            return Verdict::TokenNeeded(rule);
        };
        if !self.recognises(caller.client_id) {
            return Verdict::ClientNotRecognised(rule);
        }
        match &rule.takes {
            Takes::Scopes(needed) if !caller.scopes.contains_all(needed) => {
                Verdict::ScopeMissing { rule, needed }
            }
            _ if !rule.step_up.is_met(caller.age, caller.acr) => Verdict::StepUpNeeded(rule),
            Takes::Scopes(_) | Takes::AnyToken | Takes::Open => Verdict::Pass(rule),
        }
    }

    /// A token that names no client is nobody's where clients are listed.
    fn recognises(&self, client_id: Option<&str>) -> bool {
        self.recognised.is_empty()
            || client_id.is_some_and(|id| self.recognised.iter().any(|known| known == id))
    }
}
