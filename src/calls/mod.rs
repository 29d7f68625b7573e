//! Calls that rooms and tools have in common, as an OAuth client makes them, and how it says who it is
//! there: an issuer's metadata, a token for a machine, what introspection says of it, a resource at the gateway, a person's sign-in.
//!
//! What can be looked at afterwards is a [`crate::flight::Hop`]: no token and no secret is in it.

mod client_credentials;
mod credential;
mod discovery;
mod introspection;
mod resource;
mod sign_in;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use resource::fuzzed;

pub use client_credentials::{
    Machine, Minted, TokenCall, TokenRefusal, ask_for_token, shown_token_answer,
};
pub use credential::{Assertions, Credential, Proof, authenticated_form, shown_form};
pub use discovery::{ClientAuthentication, Discovery, DiscoveryError};
pub use introspection::{IntrospectionError, Introspector, introspect};
pub use resource::{Caller, Outcome, ask_resource};
pub use sign_in::{App, Granted, SignInError, revoke, sign_in, words_of_page};
