//! How often one client may call: token and revocation endpoint together, and the introspection endpoint.
//!
//! Introspection has its own bound, and a far higher one: a gateway asks in its own name about whatever
//! strangers show it, and their junk must not spend what it needs for its callers' good tokens.
//!
//! A client is counted when it has been authenticated, so that nobody else can spend what is its own. Those
//! who are not are counted together, whatever names they go by: that bounds what they are answered. It turns
//! nobody away who has the right secret, or strangers could lock clients out; what stops guesses is that a
//! secret is 32 random bytes.

use super::answer::oauth_error;
use crate::{
    net::{Buckets, retry_after},
    oauth::ErrorCode,
};
use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};
use std::{num::NonZeroU32, time::Duration};

/// Calls a second of one client, thirty times as many at once,
const A_CLIENT: NonZeroU32 = NonZeroU32::new(1_000).expect("it is not 0");
/// and its questions a second about tokens: more than a gateway on this machine comes to.
const INTROSPECTIONS: NonZeroU32 = NonZeroU32::new(20_000).expect("it is not 0");
/// Calls a second that authenticate nobody.
const NOBODY: NonZeroU32 = NonZeroU32::new(100).expect("it is not 0");

/// Counts calls of clients.
pub(super) struct Pace {
    clients: Buckets<String>,
    introspections: Buckets<String>,
    nobody: Buckets<()>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            clients: Buckets::new(A_CLIENT),
            introspections: Buckets::new(INTROSPECTIONS),
            nobody: Buckets::new(NOBODY),
        }
    }

    /// Counts a client's call of the token or revocation endpoint; else the refusal.
    pub(super) fn client(&self, client_id: &str) -> Result<(), Box<Response>> {
        let taken = self.clients.take(client_id);
        taken.map_err(|wait| Box::new(too_many(client_id, wait)))
    }

    /// The same, of the introspection endpoint.
    pub(super) fn introspection(&self, client_id: &str) -> Result<(), Box<Response>> {
        let taken = self.introspections.take(client_id);
        taken.map_err(|wait| Box::new(too_many(client_id, wait)))
    }

    /// Counts a call that authenticated nobody; else another refusal.
    pub(super) fn nobody(&self) -> Result<(), Box<Response>> {
        let taken = self.nobody.take(&());
        taken.map_err(|wait| Box::new(too_many("-", wait)))
    }
}

/// RFC 6585, section 4, with a code of RFC 6749 that says the same.
fn too_many(client: &str, wait: Duration) -> Response {
    tracing::warn!(
        event = "client_throttled",
        client,
        "a client called too often"
    );
    let text = "Too many calls came of late. Ask again later.";
    let mut refusal = oauth_error(ErrorCode::TemporarilyUnavailable, text);
    *refusal.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let seconds = HeaderValue::from(retry_after(wait));
    refusal.headers_mut().insert(RETRY_AFTER, seconds);
    refusal
}
