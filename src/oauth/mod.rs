//! The protocol's words: scopes, error codes, challenges, client authentication, PKCE and secrets.
//! No I/O.

mod challenge;
mod client_auth;
mod error_code;
pub mod pkce;
mod scope;
mod secret;

pub use challenge::Challenge;
pub use client_auth::{basic_credentials, okta_scheme, parse_basic_credentials};
pub use error_code::ErrorCode;
pub use scope::{ScopeError, Scopes};
pub use secret::{Secret, constant_time_eq, random_value};
