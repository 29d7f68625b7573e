//! The relying party's protocol: from a provider's metadata to a person who signed in.
//!
//! No axum and no session store here. A sign-in goes through four types, each made only by the
//! check before it: [`Attempt`] → [`AcceptedCode`] → [`Redeemed`] → [`SignedIn`].

mod attempt;
mod directory;
mod error;
mod keys;
mod metadata;
mod provider;
mod redeem;
mod response;
mod revoke;
mod signed_in;
mod token_answer;
mod user_info;

pub use attempt::{AcceptedCode, Asked, Attempt};
pub use directory::{Directory, Trouble};
pub use error::OidcError;
pub use provider::{Provider, Registration};
pub use redeem::Redeemed;
pub use response::{AuthorizationResponse, ResponseError};
pub use revoke::{Revoked, revoke};
pub use signed_in::SignedIn;
