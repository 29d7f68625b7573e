//! JSON Web Tokens: strict JSON, compact JWS, key sets, and one verifier for ID, access and logout
//! tokens (RFC 7515, 7517, 7519, 8725, 9068; `OpenID` Connect Core, section 3.1.3.7, and Back-Channel
//! Logout, section 2.6).
//!
//! Signatures are checked and made with aws-lc-rs, on keys that are parsed once. What a claim says
//! counts only in a [`Verified`], and only the verifier makes one.

mod access_token;
mod algorithm;
mod claims;
mod client_key;
mod compact;
mod id_token;
mod key;
mod key_set;
mod logout_token;
mod rejection;
mod signing_key;
pub mod strict_json;
mod verified;

#[cfg(test)]
mod tests;

pub use access_token::{AccessToken, AccessTokenRules, AccessTokenTyp, verify_access_token};
pub use algorithm::{Algorithm, UnknownAlgorithm, half_hash};
pub use client_key::{ClientKey, ClientKeyError};
pub use compact::{ACCESS_TOKEN_LIMIT, ID_TOKEN_LIMIT, Inspected, LOGOUT_TOKEN_LIMIT, inspect};
pub use id_token::{IdToken, IdTokenRules, verify_id_token};
pub use key_set::{KeySet, KeySetError};
pub use logout_token::{
    LOGOUT_EVENT, LogoutToken, LogoutTokenRules, may_be_logout_token, verify_logout_token,
};
pub use rejection::Rejection;
pub use signing_key::{KeyFileError, SigningError, SigningKey};
pub use verified::Verified;
