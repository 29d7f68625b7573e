//! The claims that an authorization server was told to add to its tokens.

use super::{
    here::Here,
    org::{Claim, ClaimKind, User, ValueKind},
};
use crate::oauth::Scopes;
use serde_json::{Map, Value, json};

/// Where claims are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    AccessToken,
    IdToken,
    /// Also those that an ID token leaves out.
    UserInfo,
}

/// How an expression reads, of Okta's expression language: a text, or a member of the person or the app.
enum Expression<'c> {
    Text(&'c str),
    /// `user.NAME`: a member of the profile.
    OfUser(&'c str),
    /// `app.clientId`.
    ClientId,
}

impl Claim {
    /// Whether its value can be found here. Of Okta's expression language these are understood:
    /// `user.NAME`, `app.clientId` and a text in quotes; of its filters all but `REGEX`, but for `.*`.
    pub(in crate::idp) fn is_understood(&self) -> bool {
        match self.value_kind {
            ValueKind::Expression => expression(&self.value).is_some(),
            ValueKind::Groups => self.filter_fits("").is_some(),
            ValueKind::System => true,
        }
    }

    /// Whether a group's name passes the filter; `None`: the filter is not understood.
    fn filter_fits(&self, group: &str) -> Option<bool> {
        let value = self.value.as_str();
        match self.group_filter.as_deref()? {
            "STARTS_WITH" => Some(group.starts_with(value)),
            "EQUALS" => Some(group == value),
            "CONTAINS" => Some(group.contains(value)),
            "REGEX" if value == ".*" => Some(true),
            _ => None,
        }
    }
}

impl Here {
    /// The claims to be told with these scopes. One without a value is left out.
    pub(super) fn own_claims(
        &self,
        told: Told,
        client_id: &str,
        user: Option<&User>,
        scopes: &Scopes,
    ) -> Map<String, Value> {
        let kind = match told {
            Told::AccessToken => ClaimKind::Resource,
            Told::IdToken | Told::UserInfo => ClaimKind::Identity,
        };
        let applies = |claim: &&Claim| {
            let mut named = claim.scopes.iter();
            claim.kind == kind
                && claim.status.is_active()
                && (claim.always_in_token || told != Told::IdToken)
                && (claim.scopes.is_empty() || named.any(|scope| scopes.contains(scope)))
        };
        let claims = self.server().claims.iter().filter(applies);
        claims
            .filter_map(|claim| {
                let value = self.value_of(claim, client_id, user)?;
                Some((claim.name.clone(), value))
            })
            .collect()
    }

    fn value_of(&self, claim: &Claim, client_id: &str, user: Option<&User>) -> Option<Value> {
        match claim.value_kind {
            ValueKind::Expression => match expression(&claim.value)? {
                Expression::Text(text) => Some(json!(text)),
                Expression::ClientId => Some(json!(client_id)),
                Expression::OfUser(name) => user?.profile.get(name).cloned(),
            },
            ValueKind::Groups => {
                let mut groups = self.org.group_names(user?);
                groups.retain(|group| claim.filter_fits(group) == Some(true));
                Some(json!(groups))
            }
            ValueKind::System => None,
        }
    }
}

fn expression(text: &str) -> Option<Expression<'_>> {
    let text = text.trim();
    for quote in ['"', '\''] {
        let inner = text.strip_prefix(quote);
        if let Some(inner) = inner.and_then(|inner| inner.strip_suffix(quote)) {
            return (!inner.contains([quote, '\\'])).then_some(Expression::Text(inner));
        }
    }
    if text == "app.clientId" {
        return Some(Expression::ClientId);
    }
    let name = text.strip_prefix("user.")?;
    let is_word = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word.then_some(Expression::OfUser(name))
}

/// Adds claims, but none that is there: what a token says by itself nobody says otherwise.
pub(super) fn add(claims: &mut Value, more: Map<String, Value>) {
    let Some(claims) = claims.as_object_mut() else {
        return;
    };
    for (name, value) in more {
        claims.entry(name).or_insert(value);
    }
}
