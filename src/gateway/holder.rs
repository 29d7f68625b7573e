//! Who holds a valid access token, ready to be judged and to be told to the API.

use crate::oauth::Scopes;
use axum::http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use std::sync::OnceLock;

const SUBJECT: HeaderName = HeaderName::from_static("x-auth-subject");
const CLIENT: HeaderName = HeaderName::from_static("x-auth-client");
const SCOPE: HeaderName = HeaderName::from_static("x-auth-scope");

/// What a valid access token says. Made by the verifiers alone.
#[derive(Debug)]
pub(super) struct Holder {
    /// The client the token was issued to, if it says.
    pub(super) client_id: Option<String>,
    /// What was granted.
    pub(super) scopes: Scopes,
    /// When they signed in, in seconds since 1970, if it says.
    pub(super) auth_time: Option<i64>,
    /// How they signed in, if it says.
    pub(super) acr: Option<String>,
    /// When the token expires, in seconds since 1970.
    pub(super) expires_at: i64,
    /// The subject as the API is told, if there is one.
    pub(super) subject: Option<HeaderValue>,
    /// The client as the API is told.
    pub(super) client: Option<HeaderValue>,
    /// The scopes as the API is told.
    pub(super) scope: Option<HeaderValue>,
    /// The token that was made for the API, if one was.
    pub(super) for_api: OnceLock<HeaderValue>,
}

/// A name that cannot be handed on as it is.
#[derive(Debug)]
pub(super) struct Unspeakable;

impl Holder {
    /// # Errors
    /// When a name holds what a header cannot carry unchanged: a control character, or a blank at
    /// its ends, which every receiver cuts off, so that `" admin"` would arrive as `"admin"`.
    pub(super) fn new(
        subject: Option<&str>,
        client_id: Option<String>,
        scopes: Scopes,
        expires_at: i64,
    ) -> Result<Self, Unspeakable> {
        Ok(Self {
            subject: subject.map(spoken).transpose()?,
            client: client_id.as_deref().map(spoken).transpose()?,
            scope: Some(spoken(&scopes.to_string())?),
            client_id,
            scopes,
            auth_time: None,
            acr: None,
            for_api: OnceLock::new(),
            expires_at,
        })
    }

    /// The same with how they signed in.
    pub(super) fn signed_in(self, auth_time: Option<i64>, acr: Option<String>) -> Self {
        Self {
            auth_time,
            acr,
            ..self
        }
    }

    /// Who this is, as the headers that are set here alone: what is not known is left out.
    pub(super) fn headers(&self) -> impl Iterator<Item = (HeaderName, &HeaderValue)> {
        let told = [
            (SUBJECT, &self.subject),
            (CLIENT, &self.client),
            (SCOPE, &self.scope),
        ];
        told.into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }

    /// The same for the API, with the token that was made for it.
    pub(super) fn headers_for_api(&self) -> impl Iterator<Item = (HeaderName, &HeaderValue)> {
        let token = self.for_api.get().map(|token| (AUTHORIZATION, token));
        self.headers().chain(token)
    }
}

fn spoken(name: &str) -> Result<HeaderValue, Unspeakable> {
    if name.trim() != name || name.chars().any(char::is_control) {
        return Err(Unspeakable);
    }
    HeaderValue::from_bytes(name.as_bytes()).map_err(|_| Unspeakable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(subject: &str, client_id: &str) -> Result<Holder, Unspeakable> {
        let scopes = Scopes::parse("a b").unwrap();
        Holder::new(Some(subject), Some(client_id.to_owned()), scopes, 0)
    }

    #[test]
    fn names_are_told_as_they_are_or_not_at_all() {
        let fine = holder("auth0|5 ü", "app").unwrap();
        assert_eq!(fine.subject.unwrap().as_bytes(), "auth0|5 ü".as_bytes());
        assert_eq!(fine.scope.unwrap(), "a b");
        for odd in [
            " admin",
            "admin ",
            "a\r\nx-auth-scope: gold",
            "a\0",
            "a\u{85}",
            "\u{a0}admin",
        ] {
            assert!(holder(odd, "app").is_err(), "{odd:?}");
            assert!(holder("carl", odd).is_err(), "{odd:?}");
        }
    }
}
