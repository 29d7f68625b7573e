//! Trusted origins: web pages that may call, or be returned to.

use super::Status;
use serde::{Deserialize, Serialize};

/// An origin. It is kept and told; this provider returns to registered URIs alone, and lets no foreign
/// page read its answers, so nothing here depends on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::idp) struct TrustedOrigin {
    /// `tos…`.
    pub(in crate::idp) id: String,
    pub(in crate::idp) name: String,
    pub(in crate::idp) origin: String,
    /// `CORS`, `REDIRECT`.
    pub(in crate::idp) kinds: Vec<String>,
    pub(in crate::idp) status: Status,
    pub(in crate::idp) created: i64,
    pub(in crate::idp) last_updated: i64,
}
