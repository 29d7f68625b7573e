//! The gateway's side of a blueprint: who may pass, by method, path, client and scope.

mod find;
#[cfg(test)]
mod tests;

use super::model::{Blueprint, Takes};
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
        /// What the rule takes.
        needed: Scopes,
        /// What the token has.
        granted: Scopes,
        /// What is needed and not granted.
        missing: Scopes,
    },
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
            Takes::Scopes(needed) if !caller.scopes.contains_all(needed) => Verdict::ScopeMissing {
                rule,
                needed: needed.clone(),
                granted: caller.scopes.clone(),
                missing: caller.scopes.missing(needed),
            },
            Takes::Scopes(_) | Takes::AnyToken | Takes::Open => Verdict::Pass(rule),
        }
    }

    /// A token that names no client is nobody's where clients are listed.
    fn recognises(&self, client_id: Option<&str>) -> bool {
        self.recognised.is_empty()
            || client_id.is_some_and(|id| self.recognised.iter().any(|known| known == id))
    }
}
