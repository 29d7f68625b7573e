//! The signature algorithms that this house knows (RFC 7518, section 3; RFC 8037).

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};

/// A signature algorithm with asymmetric keys. `none` and the HMAC family do not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519 (RFC 8037).
    EdDsa,
}

/// A name that is none of [`Algorithm`]'s.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of RS256, PS256, ES256, ES384 and EdDSA")]
pub struct UnknownAlgorithm(pub String);

impl Algorithm {
    /// All of them: what others may sign with. None of them is keyed with a secret.
    pub const ALL: [Self; 5] = [
        Self::Rs256,
        Self::Ps256,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The name as it stands in a header or in metadata.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Es384 => &digest::SHA384,
            Self::EdDsa => &digest::SHA512, // what Ed25519 hashes with
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// The exact name: `rs256` is not RS256.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == name)
            .ok_or_else(|| UnknownAlgorithm(name.to_owned()))
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The `at_hash` of an access token or `c_hash` of a code: the left half of its digest, in
/// base64url (`OpenID` Connect Core, section 3.1.3.6). `algorithm` is the ID token's.
#[must_use]
pub fn half_hash(algorithm: Algorithm, value: &str) -> String {
    let digest = digest::digest(algorithm.digest(), value.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..digest.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for name in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
            assert_eq!(name.parse::<Algorithm>().unwrap().as_str(), name);
        }
        for name in [
            "rs256", "RS256 ", "none", "None", "HS256", "ES512", "Ed25519", "",
        ] {
            assert!(name.parse::<Algorithm>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn the_half_hash_of_the_specification_s_example_holds() {
        // OpenID Connect Core, appendix A.3: access token and at_hash of the same answer
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(
            half_hash(Algorithm::Rs256, access_token),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(half_hash(Algorithm::Es384, "a").len(), 32);
        assert_eq!(half_hash(Algorithm::EdDsa, "a").len(), 43);
    }
}
