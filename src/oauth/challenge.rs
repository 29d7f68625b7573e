//! What a protected resource says when it refuses: `WWW-Authenticate: Bearer …` (RFC 6750, section 3).

use super::{ErrorCode, Scopes};
use std::fmt;

/// A challenge. Without an error code it only says that a token is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    error: Option<ErrorCode>,
    description: Option<String>,
    scope: Option<Scopes>,
}

impl Challenge {
    /// No token was sent: no error code either (RFC 6750, section 3.1).
    #[must_use]
    pub fn token_needed() -> Self {
        Self::default()
    }

    /// A token was sent, and this is wrong with it.
    pub fn refused(error: ErrorCode, description: impl Into<String>) -> Self {
        Self {
            error: Some(error),
            description: Some(description.into()),
            scope: None,
        }
    }

    /// The token is good but lacks a scope of `needed`.
    #[must_use]
    pub fn insufficient_scope(needed: Scopes) -> Self {
        Self {
            error: Some(ErrorCode::InsufficientScope),
            description: None,
            scope: Some(needed),
        }
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bearer")?;
        let scope = self.scope.as_ref().map(ToString::to_string);
        let parameters = [
            ("error", self.error.map(ErrorCode::as_str)),
            ("error_description", self.description.as_deref()),
            ("scope", scope.as_deref()),
        ];
        let present = parameters
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        for (index, (name, value)) in present.enumerate() {
            let divider = if index == 0 { " " } else { ", " };
            write!(formatter, "{divider}{name}=\"{}\"", printable(value))?;
        }
        Ok(())
    }
}

/// Only what RFC 6750, section 3 allows inside the quotes; anything else becomes a question mark.
fn printable(value: &str) -> String {
    value
        .chars()
        .map(|character| match character {
            ' ' | '!' | '#'..='[' | ']'..='~' => character,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_read_as_the_rfc_has_them() {
        assert_eq!(Challenge::token_needed().to_string(), "Bearer");
        assert_eq!(
            Challenge::insufficient_scope(Scopes::parse("http://x/gold").unwrap()).to_string(),
            r#"Bearer error="insufficient_scope", scope="http://x/gold""#
        );
        assert_eq!(
            Challenge::refused(ErrorCode::InvalidToken, "it has \"expired\"\r\n").to_string(),
            r#"Bearer error="invalid_token", error_description="it has ?expired???""#
        );
    }
}
