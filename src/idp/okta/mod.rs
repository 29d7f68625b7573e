//! The management API in the shape of Okta's: what a bootstrap needs of it, and client registration.
//!
//! Whoever shows the API token may do everything here. Without a token in the configuration the API is off.

mod access;
mod app_groups;
mod apps;
mod call;
mod clients;
mod error;
mod groups;
mod guard;
mod input;
mod org_info;
mod origins;
mod page;
mod rate_limit;
mod reader;
mod routes;
mod schema;
mod search;
mod servers;
mod users;
mod view;

#[cfg(test)]
mod tests;

pub(super) use routes::router;

use self::rate_limit::RateLimit;
use super::Idp;
use crate::oauth::Secret;

/// What the management API is told at the provider's start.
#[derive(Clone, Debug)]
pub struct ManagementConfig {
    /// What a client may show to register itself (RFC 7591, section 3); `None`: registration is off.
    pub initial_access_token: Option<Secret>,
    /// Calls in a minute, before 429 is answered.
    pub calls_per_minute: u32,
}

impl Default for ManagementConfig {
    fn default() -> Self {
        Self {
            initial_access_token: None,
            calls_per_minute: 600,
        }
    }
}

/// The management API's own state.
pub(super) struct Management {
    pub(super) initial_access_token: Option<Secret>,
    limit: RateLimit,
}

impl Management {
    pub(super) fn new(config: ManagementConfig) -> Self {
        let token = config.initial_access_token;
        Self {
            initial_access_token: token.filter(|token| !token.is_empty()),
            limit: RateLimit::new(config.calls_per_minute),
        }
    }
}

/// Where clients register themselves, if they may.
pub(super) fn registration_endpoint(idp: &Idp) -> Option<String> {
    let is_on = idp.management.initial_access_token.is_some();
    is_on.then(|| format!("{}{}", idp.origin, clients::PATH))
}
