//! The browser's session: who is signed in, and nothing else.

use super::{live::Live, oidc::SignedIn, session_store::Store};
use std::sync::Arc;
use tower_sessions::{Session, session, session_store};

/// Stands in the record of a sign-in that is being finished: tower-sessions sends no cookie for an
/// empty one.
const BEGUN: &str = "begun";

/// The session of this request's browser, if it has one.
#[derive(Clone)]
pub(super) struct BrowserSession {
    cookie: Session,
    store: Store,
    live: Option<Arc<Live>>,
}

impl BrowserSession {
    /// Looks the session of the cookie up, once. An unknown, ended or altered cookie is a new visitor.
    pub(super) fn find(cookie: Session, store: &Store) -> Self {
        let live = cookie.id().and_then(|id| store.find(&id));
        Self {
            cookie,
            store: store.clone(),
            live,
        }
    }

    /// The session that was there when the request came.
    pub(super) fn live(&self) -> Option<&Arc<Live>> {
        self.live.as_ref()
    }

    /// Ends what was there and begins a session of a new id; nothing is copied (OWASP ASVS 7.2.4).
    ///
    /// # Errors
    /// When the store has no room for it.
    pub(super) async fn sign_in(&self, person: SignedIn) -> Result<Arc<Live>, session::Error> {
        self.cookie.clear().await;
        self.cookie.cycle_id().await?; // flush() alone would keep the id: the record remembers it
        self.cookie.insert(BEGUN, true).await?;
        self.cookie.save().await?;
        let id = self.cookie.id();
        id.and_then(|id| self.store.enter(id, person))
            .ok_or_else(|| {
                let gone = "the id that was reserved is gone".to_owned();
                session::Error::Store(session_store::Error::Backend(gone))
            })
    }

    /// Ends the session on the server; the cookie is taken back with the answer.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn end(&self) -> Result<(), session::Error> {
        if let Some(live) = &self.live {
            self.store.end(live);
        }
        self.cookie.flush().await
    }
}
