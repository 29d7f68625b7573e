//! The adapter against a scripted Keycloak, and the input that is compiled in.

mod asking;
mod input;
mod server;
mod talking;
