//! An issuer's published keys (RFC 7517, section 5).

use super::{Algorithm, Rejection, key::Key, rejection::shortened, strict_json};
use aws_lc_rs::signature::ParsedPublicKey;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// How many keys an issuer may publish.
const MOST_KEYS: usize = 32;

/// The keys of one issuer that may verify signatures, parsed once.
pub struct KeySet(Vec<Key>);

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// Why a key set is not taken as a whole. A single key that can't be used is only left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not strict JSON of the form `{"keys": […]}`.
    #[error("The key set cannot be read: {0}.")]
    Malformed(#[from] strict_json::StrictJsonError),
    /// More keys than an issuer has use for.
    #[error("The key set holds {0} keys; at most {MOST_KEYS} are looked at.")]
    TooMany(usize),
}

impl KeySet {
    /// Reads a key set. Keys of unknown types, for encryption, below 2048 bits, off their curve,
    /// with a private part, or otherwise unusable are left out: the set may end up empty.
    ///
    /// # Errors
    /// See [`KeySetError`].
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        let Published { keys } = strict_json::object_from_slice(json)?;
        if keys.len() > MOST_KEYS {
            return Err(KeySetError::TooMany(keys.len()));
        }
        let usable = keys.iter().filter_map(|key| Key::read(key.as_object()?));
        Ok(Self(usable.collect()))
    }

    /// Whether no key can be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys can be used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The one key that a header means: by `kid`, or without one the only key that fits.
    pub(super) fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<&ParsedPublicKey, Rejection> {
        let named = || {
            self.0
                .iter()
                .filter(|key| kid.is_none() || key.kid.as_deref() == kid)
        };
        let mut fitting = named().filter_map(|key| key.fitting(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) if kid.is_none() || named().next().is_none() => Err(Rejection::UnknownKey {
                kid: kid.map(shortened),
            }),
            _ => Err(Rejection::KeyDoesNotFit),
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids = self.0.iter().map(|key| &key.kid);
        formatter.debug_list().entries(kids).finish()
    }
}
