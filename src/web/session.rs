//! The browser's session: who is signed in, and nothing else. This file alone knows its keys.

use super::oidc::SignedIn;
use tower_sessions::{Session, session};

const SIGNED_IN: &str = "signed_in";

/// The session of this request's browser, if it has one.
#[derive(Clone)]
pub(super) struct BrowserSession(Session);

impl BrowserSession {
    pub(super) fn new(session: Session) -> Self {
        Self(session)
    }

    /// Who is signed in. An unknown, ended or altered cookie is a new visitor.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn signed_in(&self) -> Result<Option<SignedIn>, session::Error> {
        self.0.get(SIGNED_IN).await
    }

    /// Something that names the session and is not its cookie's value; `None` for a visitor.
    pub(super) fn name(&self) -> Option<String> {
        self.0.id().map(|id| id.to_string())
    }

    /// Ends what was there and begins a session of a new id (OWASP ASVS 7.2.4).
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn sign_in(&self, signed_in: &SignedIn) -> Result<(), session::Error> {
        self.0.clear().await;
        self.0.cycle_id().await?; // flush() alone would keep the id: the record remembers it
        self.0.insert(SIGNED_IN, signed_in).await?;
        self.0.save().await
    }

    /// Ends the session on the server; the cookie is taken back with the answer.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn end(&self) -> Result<(), session::Error> {
        self.0.flush().await
    }
}
