//! The compact form of a JWS: three parts of base64url, read strictly (RFC 7515, section 7.1).

use super::{Rejection, strict_json};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// The longest access token that is looked at, in bytes.
pub const ACCESS_TOKEN_LIMIT: usize = 8 * 1024;
/// The longest ID token that is looked at, in bytes.
pub const ID_TOKEN_LIMIT: usize = 64 * 1024;
/// The longest logout token that is looked at, in bytes.
pub const LOGOUT_TOKEN_LIMIT: usize = 8 * 1024;

/// The parts of a compact JWS, decoded. Nothing about it is verified.
pub(super) struct Compact<'t> {
    pub(super) header: Map<String, Value>,
    /// What the signature covers.
    pub(super) signed: &'t [u8],
    pub(super) signature: Vec<u8>,
    payload: &'t str,
}

impl<'t> Compact<'t> {
    /// Takes a token apart, size first.
    pub(super) fn read(token: &'t str, limit: usize) -> Result<Self, Rejection> {
        if token.len() > limit {
            return Err(Rejection::TooLarge { limit });
        }
        let [header, payload, signature] = three_parts(token).ok_or(Rejection::Malformed(
            "a signed token has three parts with a dot between them",
        ))?;
        Ok(Self {
            header: object(header).ok_or(Rejection::Malformed(
                "its header is not base64url of one JSON object, each member named once",
            ))?,
            signed: &token.as_bytes()[..header.len() + 1 + payload.len()],
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| {
                Rejection::Malformed("its signature is not base64url without padding")
            })?,
            payload,
        })
    }

    /// The claims. To be asked for once the signature holds, so that no claim counts before.
    pub(super) fn claims(&self) -> Result<Map<String, Value>, Rejection> {
        object(self.payload).ok_or(Rejection::Malformed(
            "its claims are not base64url of one JSON object, each member named once",
        ))
    }
}

fn three_parts(token: &str) -> Option<[&str; 3]> {
    let mut parts = token.split('.');
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    strict_json::from_slice(&json).ok()
}

/// A token that was looked at, not believed: its signature was not checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// The members of the JOSE header.
    pub header: Map<String, Value>,
    /// The members of the claims set.
    pub claims: Map<String, Value>,
}

/// Looks into a token in order to show it. `None` when it isn't a JWT (opaque) or above 64 KiB.
///
/// Unlike the verifier it overlooks a member that stands there twice: showing decides nothing.
#[must_use]
pub fn inspect(token: &str) -> Option<Inspected> {
    if token.len() > ID_TOKEN_LIMIT {
        return None;
    }
    let [header, claims, _] = three_parts(token)?;
    let lenient = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some(Inspected {
        header: lenient(header)?,
        claims: lenient(claims)?,
    })
}
