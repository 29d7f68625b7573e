//! Registers clients at an identity provider as a gateway's portal does when access is requested:
//! OAuth 2.0 Dynamic Client Registration (RFC 7591), changed and taken back by RFC 7592.

mod answer;
mod client;
mod compare;
mod endpoint;
mod kept;

#[cfg(test)]
mod tests;

pub use client::{Change, Client, Role};
pub use compare::differences;
pub use endpoint::{Credential, Endpoint, Known, RegisterError, Registered};
pub use kept::{Kept, KeptError};
