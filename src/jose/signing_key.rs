//! Key pairs that sign, kept parsed (RFC 7515, section 5.1; RFC 7638).

mod import;

pub use import::KeyFileError;

use super::Algorithm;
use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;
use zeroize::Zeroizing;

/// A private key with its public half, for one algorithm.
pub struct SigningKey {
    pair: Pair,
    algorithm: Algorithm,
    /// The public members that RFC 7638 hashes, in the order of their names.
    public: Value,
    key_id: String,
}

enum Pair {
    Rsa(RsaKeyPair),
    Elliptic(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
}

/// A key could not be made, or a token not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The cryptographic library refused; it gives no reason.
    #[error("the cryptographic library refused")]
    Refused(#[from] aws_lc_rs::error::Unspecified),
    /// The claims cannot be written as JSON.
    #[error("the claims cannot be written as JSON")]
    Claims(#[from] serde_json::Error),
}

impl SigningKey {
    /// Makes a new key: RSA with 3072 bits, a curve's as its name says. RSA takes up to a second of
    /// computing: not for an async thread.
    ///
    /// # Errors
    /// When the library has no random bytes.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningError> {
        let pair = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa3072)?)
            }
            Algorithm::Es256 => Pair::Elliptic(EcdsaKeyPair::generate(
                &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            )?),
            Algorithm::Es384 => Pair::Elliptic(EcdsaKeyPair::generate(
                &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            )?),
            Algorithm::EdDsa => Pair::Edwards(Ed25519KeyPair::generate()?),
        };
        Ok(Self::of(pair, algorithm))
    }

    /// The key that [`SigningKey::to_pkcs8`] wrote down.
    ///
    /// # Errors
    /// When it is no private key for this algorithm.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, SigningError> {
        let refused = |_| SigningError::Refused(aws_lc_rs::error::Unspecified);
        let pair = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                Pair::Rsa(RsaKeyPair::from_pkcs8(der).map_err(refused)?)
            }
            Algorithm::Es256 => Pair::Elliptic(
                EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, der)
                    .map_err(refused)?,
            ),
            Algorithm::Es384 => Pair::Elliptic(
                EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, der)
                    .map_err(refused)?,
            ),
            Algorithm::EdDsa => Pair::Edwards(Ed25519KeyPair::from_pkcs8(der).map_err(refused)?),
        };
        Ok(Self::of(pair, algorithm))
    }

    /// The private key as PKCS#8, for a file that nobody else may read. Wiped on drop.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningError> {
        let der = match &self.pair {
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)?.as_ref().to_vec(),
            Pair::Elliptic(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
            Pair::Edwards(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        };
        Ok(Zeroizing::new(der))
    }

    fn of(pair: Pair, algorithm: Algorithm) -> Self {
        let public = pair.public_members(algorithm);
        Self {
            pair,
            algorithm,
            key_id: thumbprint(&public),
            public,
        }
    }

    /// The `kid`: the key's thumbprint (RFC 7638).
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// What the key signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same key under another `kid`.
    pub(super) fn called(self, key_id: &str) -> Self {
        Self {
            key_id: key_id.to_owned(),
            ..self
        }
    }

    /// How long the modulus is, in bits, where it is an RSA key.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        let Pair::Rsa(pair) = &self.pair else {
            return None;
        };
        let modulus = pair.public_key().modulus();
        let bytes = modulus.big_endian_without_leading_zero();
        let blank = bytes.first().map_or(0, |first| first.leading_zeros());
        Some(bytes.len() * 8 - usize::try_from(blank).unwrap_or_default())
    }

    /// Makes a signed token: compact JWS with `alg`, `kid` and `typ` in its header.
    ///
    /// # Errors
    /// When the claims can't be written or the library refuses.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SigningError> {
        let header = json!({ "alg": self.algorithm.as_str(), "kid": self.key_id, "typ": typ });
        self.sign_parts(header.to_string().as_bytes(), &serde_json::to_vec(claims)?)
    }

    /// Signs header and payload as they are, whatever they say: for tokens that must be refused.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn sign_parts(&self, header: &[u8], payload: &[u8]) -> Result<String, SigningError> {
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.pair.sign(self.algorithm, token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The public half as a JWK with `kid`, `alg` and `use`, for a key set.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let mut jwk = self.public.clone();
        jwk["kid"] = json!(self.key_id);
        jwk["alg"] = json!(self.algorithm.as_str());
        jwk["use"] = json!("sig");
        jwk
    }
}

impl Pair {
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        match self {
            Self::Rsa(pair) => {
                let encoding: &'static dyn signature::RsaEncoding = match algorithm {
                    Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::Elliptic(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Edwards(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }

    fn public_members(&self, algorithm: Algorithm) -> Value {
        match self {
            Self::Rsa(pair) => {
                let public = pair.public_key();
                json!({ "e": encoded(public.exponent().big_endian_without_leading_zero()), "kty": "RSA", "n": encoded(public.modulus().big_endian_without_leading_zero()), })
            }
            Self::Elliptic(pair) => {
                let point = &pair.public_key().as_ref()[1..]; // 4, then x and y of one length
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if algorithm == Algorithm::Es384 {
                    "P-384"
                } else {
                    "P-256"
                };
                json!({ "crv": curve, "kty": "EC", "x": encoded(x), "y": encoded(y) })
            }
            Self::Edwards(pair) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": encoded(pair.public_key().as_ref()) })
            }
        }
    }
}

/// Hashes the required members, which stand in the order of their names and are written without
/// blanks (RFC 7638, section 3).
pub(super) fn thumbprint(public: &Value) -> String {
    encoded(digest::digest(&digest::SHA256, public.to_string().as_bytes()).as_ref())
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({} {})", self.algorithm, self.key_id)
    }
}
