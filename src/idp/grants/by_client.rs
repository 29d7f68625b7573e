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
        if !all.contains_key(client_id) {
            all.retain(|_, untils| untils.iter().any(|until| *until > now)); // clients come and go
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_as_22_com_21_clients_whose_revocations_have_all_ended_are_forgotten() {
        let by_client = ByClient::default();
        for number in 0..100 {
            by_client.count(&number.to_string(), 10, 0).unwrap();
        }
        by_client.count("1", 30, 5).unwrap();
        by_client.count("new", 30, 20).unwrap();
        let left = by_client.0.lock().unwrap();
        let mut left: Vec<_> = left.keys().map(String::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["1", "new"]);
    }
}
