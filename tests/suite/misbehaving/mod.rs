//! A provider and a gateway of our own that misbehave on purpose, each part as a test scripts it.
//!
//! They listen on 127.0.0.1, so that they are another site to an app on localhost. Left alone, they do everything
//! right: each refusal that a test sees has a yes beside it.

pub mod bend;
mod claims;
mod forge;
mod gateway;
mod keys;
mod provider;
mod relay;
mod reply;
mod server;

pub use self::forge::{Draft, Forge, forge};
pub use self::gateway::Gateway;
pub use self::keys::{Keys, unsecured};
pub use self::provider::{Edit, Provider, Script, edit};
pub use self::relay::{Meddling, Relay};
pub use self::reply::Reply;
pub use self::server::{Received, Server};
