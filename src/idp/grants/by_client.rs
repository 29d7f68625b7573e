//! How much each client has taken back: what must not be forgotten is bounded, and one client must not
//! fill it for all.

use crate::idp::{org::MOST_REVOKED, store::Full};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// What one client may have taken back at a time: a tenth of all.
const MOST: usize = MOST_REVOKED / 10;

/// By client: until when each of its revocations must be remembered.
#[derive(Default)]
pub(super) struct ByClient(Mutex<HashMap<String, Vec<i64>>>);

impl ByClient {
    /// Counts one more.
    ///
    /// # Errors
    /// When this client has as many as it may have.
    pub(super) fn count(&self, client_id: &str, until: i64, now: i64) -> Result<(), Full> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry(client_id.to_owned()).or_default();
        if own.len() >= MOST {
            own.retain(|until| *until > now);
        }
        if own.len() >= MOST {
            return Err(Full);
        }
        own.push(until);
        Ok(())
    }
}
