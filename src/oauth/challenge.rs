//! What a protected resource says when it refuses: `WWW-Authenticate: Bearer …` (RFC 6750, section 3;
//! RFC 9728, section 5.1).

use super::{ErrorCode, Scopes};
use std::fmt::{self, Write as _};

/// A challenge. Without an error code it only says that a token is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    error: Option<ErrorCode>,
    description: Option<String>,
    scope: Option<Scopes>,
    acr_values: Option<String>,
    max_age: Option<String>,
    resource_metadata: Option<String>,
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
            ..Self::default()
        }
    }

    /// The token is good but lacks a scope of `needed`.
    #[must_use]
    pub fn insufficient_scope(needed: Scopes) -> Self {
        Self {
            error: Some(ErrorCode::InsufficientScope),
            scope: Some(needed),
            ..Self::default()
        }
    }

    /// The token is good but the sign-in is too old, or of another kind (RFC 9470, section 3).
    #[must_use]
    pub fn step_up(
        description: impl Into<String>,
        max_age: Option<u32>,
        acr_values: &[String],
    ) -> Self {
        Self {
            acr_values: (!acr_values.is_empty()).then(|| acr_values.join(" ")),
            max_age: max_age.map(|seconds| seconds.to_string()),
            ..Self::refused(ErrorCode::InsufficientUserAuthentication, description)
        }
    }

    /// Says where the resource is described (RFC 9728, section 5.1).
    #[must_use]
    pub fn described_at(self, url: impl Into<String>) -> Self {
        let resource_metadata = Some(url.into());
        Self {
            resource_metadata,
            ..self
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
            ("acr_values", self.acr_values.as_deref()),
            ("max_age", self.max_age.as_deref()),
            ("resource_metadata", self.resource_metadata.as_deref()),
        ];
        let present = parameters
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        for (index, (name, value)) in present.enumerate() {
            let divider = if index == 0 { " " } else { ", " };
            write!(formatter, "{divider}{name}=\"{}\"", Printable(value))?;
        }
        Ok(())
    }
}

/// Only what RFC 6750, section 3 allows inside the quotes; anything else becomes a question mark.
struct Printable<'v>(&'v str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_allowed = |character| matches!(character, ' ' | '!' | '#'..='[' | ']'..='~');
        let mut rest = self.0;
        while let Some(odd) = rest.find(|character| !is_allowed(character)) {
            let (fine, behind) = rest.split_at(odd);
            formatter.write_str(fine)?;
            formatter.write_char('?')?;
            rest = behind.strip_prefix(|_| true).unwrap_or_default();
        }
        formatter.write_str(rest)
    }
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
            Challenge::token_needed()
                .described_at("https://x/.well-known/oauth-protected-resource/a")
                .to_string(),
            r#"Bearer resource_metadata="https://x/.well-known/oauth-protected-resource/a""#
        );
        assert_eq!(
            Challenge::step_up("Sign in again", Some(5), &["a".to_owned(), "b".to_owned()])
                .to_string(),
            r#"Bearer error="insufficient_user_authentication", error_description="Sign in again", acr_values="a b", max_age="5""#
        );
        assert_eq!(
            Challenge::refused(ErrorCode::InvalidToken, "it has \"expired\"\r\n").to_string(),
            r#"Bearer error="invalid_token", error_description="it has ?expired???""#
        );
    }
}
