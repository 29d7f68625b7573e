//! Until when a request waits for what.

use crate::net::Limits;
use tokio::time::Instant;

/// Until when a request waits for what.
#[derive(Clone, Copy)]
pub(super) struct Time {
    /// For the first byte of the answer: the issuer has to be done by then, too.
    pub(super) first_byte: Instant,
    /// For the last.
    pub(super) ends: Instant,
}

impl Time {
    /// For a request that begins now.
    pub(super) fn of(limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            first_byte: now + limits.first_byte,
            ends: now + limits.total,
        }
    }
}
