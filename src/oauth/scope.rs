//! Scopes: whole names, case kept, order kept (RFC 6749, section 3.3).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A set of scope names in the order in which they were given, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(Vec<String>);

/// A name that RFC 6749, section 3.3 does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a scope name: printable ASCII without blank, quote and backslash is (RFC 6749, section 3.3)"
)]
pub struct ScopeError(pub String);

impl Scopes {
    /// Reads names divided by single or repeated spaces.
    ///
    /// # Errors
    /// When a name holds a character that RFC 6749, section 3.3 does not allow.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        Self::from_names(text.split(' ').filter(|name| !name.is_empty()))
    }

    /// Takes names as they are, each checked.
    ///
    /// # Errors
    /// When a name is empty or holds a character that RFC 6749, section 3.3 does not allow.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, ScopeError> {
        let mut scopes = Self::default();
        for name in names {
            if !is_scope_name(name) {
                return Err(ScopeError(name.to_owned()));
            }
            scopes.insert(name);
        }
        Ok(scopes)
    }

    /// Adds a name unless it is there. The name is not checked.
    pub fn insert(&mut self, name: &str) {
        if !self.contains(name) {
            self.0.push(name.to_owned());
        }
    }

    /// Whether the whole name is there, in the same case.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope == name)
    }

    /// Whether all names of `needed` are there.
    #[must_use]
    pub fn contains_all(&self, needed: &Scopes) -> bool {
        needed.iter().all(|name| self.contains(name))
    }

    /// The names of `needed` that are not there.
    #[must_use]
    pub fn missing(&self, needed: &Scopes) -> Scopes {
        Self(
            needed
                .0
                .iter()
                .filter(|name| !self.contains(name))
                .cloned()
                .collect(),
        )
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Scopes {
    /// As in a request: divided by one space.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" "))
    }
}

fn is_scope_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_and_keep_their_case() {
        let scopes = Scopes::parse("openid  http://x/silver openid").unwrap();
        assert_eq!(scopes.to_string(), "openid http://x/silver");
        for near in [
            "http://x/silve",
            "http://x/silverx",
            "HTTP://x/silver",
            "",
            "OpenID",
        ] {
            assert!(!scopes.contains(near), "{near}");
        }
    }

    #[test]
    fn odd_names_are_refused() {
        for odd in ["a\"b", "a\\b", "a\tb", "ä", "a\u{7f}"] {
            assert!(Scopes::parse(odd).is_err(), "{odd:?}");
        }
        assert!(Scopes::from_names([""]).is_err());
    }

    #[test]
    fn missing_keeps_the_order_of_what_is_needed() {
        let granted = Scopes::parse("b").unwrap();
        let needed = Scopes::parse("c b a").unwrap();
        assert_eq!(granted.missing(&needed).to_string(), "c a");
        assert!(!granted.contains_all(&needed));
    }
}
