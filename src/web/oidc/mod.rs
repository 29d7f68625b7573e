//! The relying party's protocol: from a provider's metadata to a person who signed in.
//!
//! No axum and no session store here. A sign-in goes through four types, each made only by the
//! check before it: [`Attempt`] → [`AcceptedCode`] → [`Redeemed`] → [`SignedIn`]. A [`refresh`] makes
//! another of the last.

mod attempt;
mod directory;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzed;
mod keys;
mod logout_token;
mod metadata;
mod provider;
mod redeem;
mod refresh;
mod response;
mod revoke;
mod signed_in;
mod tape;
mod token_answer;
mod token_call;
mod user_info;
mod validity;

pub use attempt::{AcceptedCode, Asked, Attempt};
pub use directory::{Directory, Trouble};
pub use error::OidcError;
pub use logout_token::{LogoutTokenError, believed_until};
pub use provider::{KeyUsed, Provider, Registration};
pub use redeem::Redeemed;
pub use refresh::{RefreshError, Refreshed, refresh};
pub use response::{AuthorizationResponse, ResponseError};
pub use revoke::{Revocation, Revoked, revoke};
pub use signed_in::SignedIn;
pub use validity::{BySignature, Introspected};
