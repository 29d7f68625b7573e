//! Values that must not be guessed, compared by time, or printed.

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret, access token, code or verifier: hidden in `Debug`, wiped on drop.
///
/// It has no `Display` and no `Serialize`; who needs the value says [`Secret::expose`].
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value over.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// A new secret of 32 bytes from the operating system's generator, in base64url (43 characters).
    #[must_use]
    pub fn random() -> Self {
        Self::new(random_value())
    }

    /// The value itself. Never for a log, a page or a URL.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `candidate` is this secret, in constant time. An empty secret matches nothing.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        constant_time_eq(&self.0, candidate)
    }

    /// Whether there is no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// Compares in constant time; an empty value matches nothing, another empty value included.
#[must_use]
pub fn constant_time_eq(expected: &str, candidate: &str) -> bool {
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(candidate.as_bytes()))
}

/// 32 bytes from the operating system's generator, in base64url without padding: 43 characters.
///
/// For states, nonces, codes, and ids that must not be guessed; a version 4 UUID is too short.
#[must_use]
pub fn random_value() -> String {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_com_06_debug_hides_the_value() {
        assert_eq!(format!("{:?}", Secret::new("canary")), "[secret]");
    }

    #[test]
    fn sec_com_02_an_empty_value_matches_nothing_and_a_part_neither() {
        assert!(!Secret::new("").matches(""));
        assert!(!Secret::new("a").matches(""));
        assert!(!Secret::new("a").matches("ab"));
        assert!(!Secret::new("ab").matches("a"));
        assert!(!Secret::new("a").matches("b"));
        assert!(!constant_time_eq("", "") && constant_time_eq("a", "a"));
        assert!(Secret::new("a").matches("a"));
    }

    #[test]
    fn sec_com_01_random_values_hold_32_bytes_and_differ() {
        let decoded = URL_SAFE_NO_PAD.decode(random_value()).unwrap();
        assert_eq!(decoded.len(), 32);
        let values: std::collections::HashSet<_> = (0..1_000).map(|_| random_value()).collect();
        assert_eq!(values.len(), 1_000);
        // a constant byte would show: each of the 32 takes many values
        for place in 0..32 {
            let seen: std::collections::HashSet<u8> = values
                .iter()
                .map(|value| URL_SAFE_NO_PAD.decode(value).unwrap()[place])
                .collect();
            assert!(seen.len() > 100, "byte {place} takes {} values", seen.len());
        }
    }
}
