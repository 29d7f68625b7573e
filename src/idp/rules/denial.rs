//! Why somebody does not get what is asked for.

use super::{ANY_SCOPE, is_standard};
use crate::{
    idp::{
        here::Here,
        org::{Client, Rule, User},
    },
    oauth::Scopes,
};
use std::fmt;

/// Why a client does not get what it asks for.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::idp) enum Denial {
    NotAssigned {
        login: String,
        client_name: String,
    },
    NoPolicy {
        client_name: String,
        server_name: String,
    },
    TooMuch {
        login: String,
        groups: Vec<String>,
        may_have: Scopes,
        too_much: Scopes,
    },
    NotTogether {
        login: String,
        asked: Scopes,
    },
    Machine {
        client_name: String,
        server_name: String,
        asked: Scopes,
    },
}

impl Denial {
    /// Compares what was asked for with what the rules about this person give, of which none gives all.
    pub(super) fn of(
        here: &Here,
        client: &Client,
        user: &User,
        rules: &[&Rule],
        asked: &Scopes,
    ) -> Self {
        let mut given = Scopes::default();
        for scope in rules.iter().flat_map(|rule| &rule.scopes) {
            given.insert(scope);
        }
        let mut too_much = Scopes::default();
        for scope in asked.iter() {
            let granted = given.contains(scope) || given.contains(ANY_SCOPE);
            if !(granted && here.may_ask_for(client, scope)) {
                too_much.insert(scope);
            }
        }
        if too_much.is_empty() {
            return Self::NotTogether {
                login: user.login().to_owned(),
                asked: asked.clone(),
            };
        }
        let mut may_have = Scopes::default();
        for scope in given.iter().filter(|scope| !is_standard(scope)) {
            may_have.insert(scope);
        }
        Self::TooMuch {
            login: user.login().to_owned(),
            groups: here.org.group_names(user),
            may_have,
            too_much,
        }
    }
}

impl fmt::Display for Denial {
    /// The `error_description`. What RFC 6749, section 4.1.2.1 does not allow there is taken out where
    /// the answer is written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAssigned { login, client_name } => {
                write!(
                    formatter,
                    "{login} is not assigned to the app {client_name}."
                )
            }
            Self::NoPolicy {
                client_name,
                server_name,
            } => write!(
                formatter,
                "Policy evaluation failed: no active access policy of the authorization server \
                 {server_name} is about the app {client_name}."
            ),
            Self::TooMuch {
                login,
                groups,
                may_have,
                too_much,
            } => {
                let member = match groups.as_slice() {
                    [] => "is in no group".to_owned(),
                    [one] => format!("is in the group {one}"),
                    several => format!("is in the groups {}", several.join(", ")),
                };
                write!(
                    formatter,
                    "{login} {member} and may have [{may_have}]. Too much was asked for: [{too_much}]."
                )
            }
            Self::NotTogether { login, asked } => write!(
                formatter,
                "Policy evaluation failed: {login} may have each of [{asked}], but no one rule gives \
                 them together."
            ),
            Self::Machine {
                client_name,
                server_name,
                asked,
            } => write!(
                formatter,
                "Policy evaluation failed: no rule of the authorization server {server_name} gives \
                 [{asked}] to {client_name} by client_credentials."
            ),
        }
    }
}
