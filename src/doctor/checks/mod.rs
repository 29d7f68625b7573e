//! What each check does. None changes anything at the provider or the gateway but signing people in.

pub(super) mod authorize;
pub(super) mod client;
pub(super) mod clock;
pub(super) mod discovery;
pub(super) mod gateway;
pub(super) mod introspection;
pub(super) mod keys;
pub(super) mod levels;
pub(super) mod logout;
pub(super) mod names;
pub(super) mod proxy;
pub(super) mod settings;
pub(super) mod tls;
pub(super) mod token;
