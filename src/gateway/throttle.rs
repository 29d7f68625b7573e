//! How much callers may ask: each address, client and person has a bucket of its own.
//!
//! The gateway takes one issuer's tokens, so that a client's id and a subject name one client and one
//! person, and they are counted apart: a client called like a person shares nothing with them. An
//! address is throttled late, since an office sits behind one, and a web client asks for everybody.
//!
//! How many buckets there are is bounded, and who is forgotten begins with a full one: memory stays flat,
//! whoever asks.

use super::{holder::Holder, refuse::Refusal};
use crate::net::{Buckets, network_of, retry_after};
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

/// How many requests a second are answered; thirty times as many at once. `None`: as many as come.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Of one address; of IPv6, of one `/64`.
    pub address: Option<NonZeroU32>,
    /// With tokens that were issued to one client.
    pub client: Option<NonZeroU32>,
    /// With tokens of one person. A client that acts for itself is none.
    pub user: Option<NonZeroU32>,
}

impl Rates {
    /// No limits at all.
    pub const NONE: Self = Self {
        address: None,
        client: None,
        user: None,
    };
}

/// Counts what is asked.
pub(super) struct Throttle {
    addresses: Option<Buckets<IpAddr>>,
    clients: Option<Buckets<String>>,
    users: Option<Buckets<Vec<u8>>>,
}

impl Throttle {
    pub(super) fn new(rates: Rates) -> Self {
        Self {
            addresses: rates.address.map(Buckets::new),
            clients: rates.client.map(Buckets::new),
            users: rates.user.map(Buckets::new),
        }
    }

    /// Counts a request of this address, before anything else is done for it.
    pub(super) fn address(&self, address: Option<IpAddr>) -> Result<(), Refusal> {
        let (Some(buckets), Some(address)) = (&self.addresses, address) else {
            return Ok(());
        };
        let network = network_of(address);
        counted(buckets.take(&network), "rate_address")
    }

    /// Counts a request with a valid token, whatever becomes of it: the person's first, and the client's
    /// where the person may ask.
    pub(super) fn holder(&self, holder: &Holder) -> Result<(), Refusal> {
        let client = holder.client_id.as_deref();
        let subject = holder
            .subject
            .as_ref()
            .map(axum::http::HeaderValue::as_bytes);
        let person = subject.filter(|subject| client.map(str::as_bytes) != Some(*subject));
        if let (Some(buckets), Some(person)) = (&self.users, person) {
            counted(buckets.take(person), "rate_user")?;
        }
        // last: a person who asks too much must not empty the bucket of everybody with that client
        if let (Some(buckets), Some(client)) = (&self.clients, client) {
            counted(buckets.take(client), "rate_client")?;
        }
        Ok(())
    }
}

fn counted(taken: Result<(), Duration>, reason: &'static str) -> Result<(), Refusal> {
    taken.map_err(|wait| Refusal::TooMany {
        reason,
        seconds: retry_after(wait),
    })
}
