//! Who may have which scopes: assignment to the app, then the rules of the tenant, as Okta evaluates
//! them. One scope too many denies the whole request.

use super::registry::{Client, Registry, is_standard};
use crate::{blueprint::TenantUser, oauth::Scopes};
use std::fmt;

/// Why a person does not get what a client asks for in their name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Denial {
    NotAssigned {
        login: String,
        client_name: String,
    },
    TooMuch {
        login: String,
        groups: Vec<String>,
        may_have: Scopes,
        too_much: Scopes,
    },
}

/// Judges a request for `asked` by `client` in the name of `user`.
pub(super) fn judge(
    registry: &Registry,
    client: &Client,
    user: &TenantUser,
    asked: &Scopes,
) -> Result<(), Denial> {
    if !client
        .groups
        .iter()
        .any(|group| user.groups.contains(group))
    {
        return Err(Denial::NotAssigned {
            login: user.login.clone(),
            client_name: client.name.clone(),
        });
    }
    let may_have = scopes_of(registry, user);
    let mut too_much = Scopes::default();
    for scope in asked.iter() {
        let granted = is_standard(scope) || may_have.contains(scope);
        if !(granted && client.may_ask_for(scope)) {
            too_much.insert(scope);
        }
    }
    if too_much.is_empty() {
        return Ok(());
    }
    Err(Denial::TooMuch {
        login: user.login.clone(),
        groups: user.groups.clone(),
        may_have,
        too_much,
    })
}

/// All that the rules grant to the person's groups.
fn scopes_of(registry: &Registry, user: &TenantUser) -> Scopes {
    let mut scopes = Scopes::default();
    for rule in &registry.tenant.rules {
        if rule.groups.iter().any(|group| user.groups.contains(group)) {
            rule.scopes.iter().for_each(|scope| scopes.insert(scope));
        }
    }
    scopes
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
        }
    }
}
