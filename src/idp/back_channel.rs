//! Tells clients that a session has ended, by logout tokens posted to them (OpenID Connect Back-Channel
//! Logout, sections 2.3 to 2.5).

use super::{
    Idp,
    here::Here,
    keys::KeyError,
    org::Client,
    sessions::{Audience, Session},
};
use crate::{jose::LOGOUT_EVENT, net, oauth::random_value};
use axum::http::{Request, header};
use futures_util::StreamExt;
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::JoinHandle};

/// A logout token lives so long (seconds).
const LIFE: i64 = 120;
/// How many clients of one person are told at once,
const AT_ONCE: usize = 8;
/// and of all.
const IN_ALL: usize = 64;
/// How long one client may take. What it answers but its status is not looked at.
const PATIENCE: Duration = Duration::from_secs(5);
const ANSWER: usize = 16 * 1024;
/// How long a person waits for the clients at the most; they are told all the same.
const WAIT: Duration = Duration::from_secs(2);

/// What it takes to tell clients something.
pub(super) struct Notices {
    http: net::Client,
    places: Semaphore,
}

/// A session's end, for one client.
struct Notice {
    to: Audience,
    user_id: String,
    sid: String,
}

/// Why a client was not told.
#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Request(#[from] axum::http::Error),
    #[error(transparent)]
    Fetch(#[from] net::FetchError),
    #[error("it answered {0}")]
    Status(u16),
    #[error("it did not answer within {} seconds", PATIENCE.as_secs())]
    TimedOut,
}

impl Notices {
    pub(super) fn new(http: net::Client) -> Self {
        Self {
            http,
            places: Semaphore::new(IN_ALL),
        }
    }
}

impl Idp {
    /// Tells each client that got a code in these sessions, which have ended with this. Returns when all were
    /// told, or after two seconds, and then goes on: a client that hangs keeps nobody here.
    pub(super) async fn tell_clients(self: &Arc<Self>, ended: impl IntoIterator<Item = Session>) {
        if let Some(telling) = self.telling(ended) {
            let _ = tokio::time::timeout(WAIT, telling).await;
        }
    }

    /// The same, while nobody waits for it. The sessions have ended when this returns.
    pub(super) fn tell_clients_later(self: &Arc<Self>, ended: impl IntoIterator<Item = Session>) {
        drop(self.telling(ended));
    }

    /// Ends the sessions that a person has lost, who was put out of work or got another password, and tells
    /// their clients.
    pub(super) fn end_sessions_of(self: &Arc<Self>, user_id: &str) {
        let org = self.org.read();
        let user = org.user(user_id).filter(|user| user.is_active());
        let lost = self.sessions.end_of(user_id, user.map(|user| user.epoch));
        if lost.is_empty() {
            return;
        }
        let sids: Vec<&str> = lost.iter().map(|session| session.sid.as_str()).collect();
        self.grants.end_with_sessions(&sids);
        tracing::info!(event = "sessions_ended", user = %user_id, count = lost.len(), "a person's sessions ended with a change of the person");
        self.tell_clients_later(lost);
    }

    /// Ends sessions. The task that tells their clients, if there are any.
    fn telling(
        self: &Arc<Self>,
        ended: impl IntoIterator<Item = Session>,
    ) -> Option<JoinHandle<()>> {
        let notices: Vec<Notice> = ended.into_iter().flat_map(|one| notices_of(&one)).collect();
        if notices.is_empty() {
            return None;
        }
        let idp = Arc::clone(self);
        Some(tokio::spawn(net::numbered(async move {
            let all = futures_util::stream::iter(notices);
            let tell = |notice: Notice| {
                let idp = Arc::clone(&idp);
                async move { idp.tell(&notice).await }
            };
            all.for_each_concurrent(AT_ONCE, tell).await;
        })))
    }

    async fn tell(self: &Arc<Self>, notice: &Notice) {
        let Some(here) = Here::at(self, &notice.to.server_id) else {
            return;
        };
        let client = here.same_client(&notice.to.client_id, &notice.to.incarnation);
        let Some((client, uri)) = client.and_then(address) else {
            return;
        };
        match here.post_logout_token(client, uri, notice).await {
            Ok(()) => {
                tracing::info!(event = "client_told", client = %client.id, user = %notice.user_id, "a client was told that a session has ended");
            }
            Err(error) => {
                tracing::warn!(event = "client_untold", client = %client.id, user = %notice.user_id, %error, "a client could not be told that a session has ended");
            }
        }
    }
}

fn notices_of(session: &Session) -> Vec<Notice> {
    let clients: BTreeSet<Audience> = session.use_made.end();
    let notice = |to| Notice {
        to,
        user_id: session.user_id.clone(),
        sid: session.sid.clone(),
    };
    clients.into_iter().map(notice).collect()
}

/// A client with the address that it registered, if it did.
fn address(client: &Client) -> Option<(&Client, &str)> {
    Some((client, client.backchannel_logout_uri.as_deref()?))
}

impl Here {
    async fn post_logout_token(
        &self,
        client: &Client,
        uri: &str,
        notice: &Notice,
    ) -> Result<(), Untold> {
        // Waiting for a place is nobody's fault: the client's own time begins when it is asked.
        let notices = &self.idp.notices;
        let _place = notices.places.acquire().await; // never closed
        let token = self.mint_logout_token(client, notice).await?;
        let form = format!("logout_token={token}"); // a token's letters mean themselves in a form
        let request = Request::post(uri)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_bytes())?;
        let asking = tokio::time::timeout(PATIENCE, notices.http.send(request, ANSWER));
        let answer = asking.await.map_err(|_| Untold::TimedOut)??;
        match answer.status().as_u16() {
            200 | 204 => Ok(()),
            status => Err(Untold::Status(status)),
        }
    }

    /// For one client, signed like its ID tokens. It names person and session both (section 2.4).
    async fn mint_logout_token(
        &self,
        client: &Client,
        notice: &Notice,
    ) -> Result<String, KeyError> {
        let now = self.now();
        let claims = json!({
            "iss": self.issuer,
            "sub": notice.user_id,
            "aud": client.id,
            "iat": now,
            "exp": now + LIFE,
            "jti": random_value(),
            "sid": notice.sid,
            "events": { LOGOUT_EVENT: {} },
        });
        let key = self.key(client.id_token_signed_response_alg).await?;
        Ok(key.signing.sign("logout+jwt", &claims)?)
    }
}
