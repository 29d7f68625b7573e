//! What a protected resource says when it refuses: `WWW-Authenticate: Bearer …` (RFC 6750, section 3;
//! RFC 9728, section 5.1).

use super::{ErrorCode, Scopes};
use std::{
    borrow::Cow,
    fmt::{self, Display, Write as _},
};

/// A challenge. Without an error code it only says that a token is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge<'c> {
    error: Option<ErrorCode>,
    description: Option<Cow<'c, str>>,
    scope: Option<&'c Scopes>,
    acr_values: &'c [String],
    max_age: Option<u32>,
    resource_metadata: Option<Cow<'c, str>>,
}

impl<'c> Challenge<'c> {
    /// No token was sent: no error code either (RFC 6750, section 3.1).
    #[must_use]
    pub fn token_needed() -> Self {
        Self::default()
    }

    /// A token was sent, and this is wrong with it.
    pub fn refused(error: ErrorCode, description: impl Into<Cow<'c, str>>) -> Self {
        Self {
            error: Some(error),
            description: Some(description.into()),
            ..Self::default()
        }
    }

    /// The token is good but lacks a scope of `needed`.
    #[must_use]
    pub fn insufficient_scope(needed: &'c Scopes) -> Self {
        Self {
            error: Some(ErrorCode::InsufficientScope),
            scope: Some(needed),
            ..Self::default()
        }
    }

    /// The token is good but the sign-in is too old, or of another kind (RFC 9470, section 3).
    #[must_use]
    pub fn step_up(
        description: impl Into<Cow<'c, str>>,
        max_age: Option<u32>,
        acr_values: &'c [String],
    ) -> Self {
        Self {
            acr_values,
            max_age,
            ..Self::refused(ErrorCode::InsufficientUserAuthentication, description)
        }
    }

    /// Says where the resource is described (RFC 9728, section 5.1).
    #[must_use]
    pub fn described_at(self, url: impl Into<Cow<'c, str>>) -> Self {
        let resource_metadata = Some(url.into());
        Self {
            resource_metadata,
            ..self
        }
    }
}

impl Display for Challenge<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bearer")?;
        let mut list = List(formatter, " ");
        if let Some(error) = self.error {
            list.parameter("error", [error.as_str()])?;
        }
        if let Some(description) = &self.description {
            list.parameter("error_description", [&**description])?;
        }
        if let Some(scope) = self.scope {
            list.parameter("scope", scope.iter())?;
        }
        if !self.acr_values.is_empty() {
            let names = self.acr_values.iter();
            list.parameter("acr_values", names.map(String::as_str))?;
        }
        if let Some(seconds) = self.max_age {
            list.parameter("max_age", [seconds.to_string().as_str()])?;
        }
        if let Some(url) = &self.resource_metadata {
            list.parameter("resource_metadata", [&**url])?;
        }
        Ok(())
    }
}

/// Parameters that are being written, and what divides the next from what came before.
struct List<'f, 'b>(&'f mut fmt::Formatter<'b>, &'static str);

impl List<'_, '_> {
    /// Writes a parameter; its names are divided by one space.
    fn parameter<'v>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> fmt::Result {
        for part in [self.1, name, "=\""] {
            self.0.write_str(part)?;
        }
        self.1 = ", ";
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.0.write_char(' ')?;
            }
            write_printable(self.0, value)?;
        }
        self.0.write_char('"')
    }
}

/// Only what RFC 6750, section 3 allows inside the quotes; anything else becomes a question mark.
fn write_printable(to: &mut fmt::Formatter<'_>, mut value: &str) -> fmt::Result {
    let is_allowed = |character| matches!(character, ' ' | '!' | '#'..='[' | ']'..='~');
    while let Some(odd) = value.find(|character| !is_allowed(character)) {
        to.write_str(&value[..odd])?;
        to.write_char('?')?;
        value = value[odd..].strip_prefix(|_| true).unwrap_or_default();
    }
    to.write_str(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_read_as_the_rfc_has_them() {
        assert_eq!(Challenge::token_needed().to_string(), "Bearer");
        assert_eq!(
            Challenge::insufficient_scope(&Scopes::parse("http://x/gold").unwrap()).to_string(),
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
