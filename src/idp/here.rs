//! The provider as one request sees it: one state of the org, and one of its authorization servers.

use super::{
    Idp,
    answer::problem,
    org::{AuthorizationServer, Client, Org, User},
    sessions::Session,
};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, request::Parts},
    response::Response,
};
use std::sync::Arc;

/// What a request of an authorization server is judged by, from its beginning to its end.
pub(super) struct Here {
    pub(super) idp: Arc<Idp>,
    pub(super) org: Arc<Org>,
    /// Its place in the org.
    server: usize,
    pub(super) issuer: String,
}

impl Here {
    /// The authorization server of this id, if it is there and active.
    pub(super) fn at(idp: &Arc<Idp>, server_id: &str) -> Option<Self> {
        let org = idp.org.read();
        let mut servers = org.servers.iter();
        let server = servers.position(|server| server.id == server_id)?;
        org.servers[server].status.is_active().then(|| Self {
            issuer: idp.issuer_of(server_id),
            idp: Arc::clone(idp),
            org,
            server,
        })
    }

    pub(super) fn server(&self) -> &AuthorizationServer {
        &self.org.servers[self.server] // its place in this very org
    }

    pub(super) fn now(&self) -> i64 {
        self.idp.clock.now()
    }

    /// A client that counts.
    pub(super) fn client(&self, id: &str) -> Option<&Client> {
        self.org.active_client(id)
    }

    /// A client that counts, and is still the one that had the id.
    pub(super) fn same_client(&self, id: &str, incarnation: &str) -> Option<&Client> {
        self.client(id)
            .filter(|client| client.incarnation == incarnation)
    }

    /// What everything is bound to that is issued to a client, for a person if there is one. It changes when
    /// another client takes the id, when the person is put out of work, and with the person's password.
    pub(super) fn binding(client: &Client, person: Option<&User>) -> String {
        let epoch = person.map_or(0, |person| person.epoch);
        format!("{}-{epoch}", client.incarnation)
    }

    /// The person of a session that has not ended with a change of the person.
    pub(super) fn person_of(&self, session: &Session) -> Option<&User> {
        self.user(&session.user_id)
            .filter(|user| user.epoch == session.epoch)
    }

    /// A person who counts.
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.org.user(id).filter(|user| user.is_active())
    }
}

/// By the `{server}` of the path, else the one whose issuer was configured.
impl FromRequestParts<Arc<Idp>> for Here {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Response> {
        let Ok(named) = RawPathParams::from_request_parts(parts, &()).await else {
            return Err(no_such_server(idp)); // not UTF-8
        };
        let mut named = named.iter();
        let server = named.find(|(name, _)| *name == "server");
        let server = server.map_or(idp.home.as_str(), |(_, value)| value);
        Self::at(idp, server).ok_or_else(|| no_such_server(idp))
    }
}

fn no_such_server(idp: &Idp) -> Response {
    problem(
        StatusCode::NOT_FOUND,
        &idp.issuer,
        "There is nothing here",
        &["There is no active authorization server of this name."],
    )
}
