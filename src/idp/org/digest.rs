//! What is kept of a secret of 32 random bytes: its SHA-256. No slow hash is needed against guessing.

use aws_lc_rs::{constant_time, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The SHA-256 of a secret, in base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::idp) struct SecretDigest(String);

impl SecretDigest {
    pub(in crate::idp) fn of(secret: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, secret.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(digest))
    }

    /// Compares in constant time; an empty secret matches nothing.
    pub(in crate::idp) fn matches(&self, candidate: &str) -> bool {
        let other = Self::of(candidate);
        !candidate.is_empty()
            && constant_time::verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }
}
