//! How often one browser may start a sign-in, come back from one, and ask for new tokens.
//!
//! It is counted by browser and not by address: an office sits behind one. Whoever keeps no cookies is a new
//! browser each time: what such a one starts takes no place of others in [`super::attempts`].

use super::problem::Problem;
use crate::{
    net::{Buckets, retry_after},
    reason,
};
use axum::http::StatusCode;
use std::num::NonZeroU32;

/// Counts sign-ins.
pub(super) struct Pace {
    started: Option<Buckets<String>>,
    came_back: Option<Buckets<String>>,
    refreshed: Option<Buckets<String>>,
}

impl Pace {
    /// So many a second of one browser, thirty times as many at once; `None`: as many as come.
    pub(super) fn new(rate: Option<NonZeroU32>) -> Self {
        Self {
            started: rate.map(Buckets::new),
            came_back: rate.map(Buckets::new),
            refreshed: rate.map(Buckets::new),
        }
    }

    /// Counts a sign-in that begins.
    pub(super) fn start(&self, browser: &str) -> Result<(), Problem> {
        counted(self.started.as_ref(), browser)
    }

    /// Counts an answer of the provider, whatever it says.
    pub(super) fn come_back(&self, browser: &str) -> Result<(), Problem> {
        counted(self.came_back.as_ref(), browser)
    }

    /// Counts a press of the button for new tokens.
    pub(super) fn refresh(&self, browser: &str) -> Result<(), Problem> {
        counted(self.refreshed.as_ref(), browser)
    }
}

fn counted(buckets: Option<&Buckets<String>>, browser: &str) -> Result<(), Problem> {
    let taken = buckets.map_or(Ok(()), |buckets| buckets.take(browser));
    taken.map_err(|wait| {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, &reason::TOO_MANY_SIGN_INS);
        problem.retry_after(retry_after(wait))
    })
}
