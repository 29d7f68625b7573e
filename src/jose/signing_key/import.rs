//! Private keys that were made elsewhere: PEM (PKCS#8, PKCS#1, SEC 1) or a JWK (RFC 7517, RFC 7518).

use super::{Pair, SigningKey};
use crate::jose::{Algorithm, strict_json};
use aws_lc_rs::{
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Map, Value};

/// A file that holds no private key that can be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Neither PEM nor JSON with a private key in it.
    #[error("it is neither a PEM private key nor a JWK with a private part")]
    NoKey,
    /// A key of a kind that signs nothing here.
    #[error("its kind is not used here: RSA, P-256, P-384 and Ed25519 are")]
    Kind,
}

type Curve = (&'static EcdsaSigningAlgorithm, Algorithm);

const CURVES: [Curve; 2] = [
    (
        &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Algorithm::Es256,
    ),
    (
        &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        Algorithm::Es384,
    ),
];

impl SigningKey {
    /// Reads a private key: PEM, or a JWK. An RSA key signs with RS256, unless a JWK's `alg` says
    /// PS256. A JWK's `kid` becomes the key's; else it is the thumbprint.
    ///
    /// # Errors
    /// When there is no such key in it.
    pub fn from_file(text: &str) -> Result<Self, KeyFileError> {
        if text.trim_start().starts_with('{') {
            let jwk: Map<String, Value> =
                strict_json::from_slice(text.as_bytes()).map_err(|_| KeyFileError::NoKey)?;
            return of_jwk(&jwk).ok_or(KeyFileError::Kind);
        }
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes());
        of_der(&key.map_err(|_| KeyFileError::NoKey)?).ok_or(KeyFileError::Kind)
    }
}

fn of_der(key: &PrivateKeyDer<'_>) -> Option<SigningKey> {
    let der = key.secret_der();
    let rsa = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der));
    if let Ok(pair) = rsa {
        return Some(SigningKey::of(Pair::Rsa(pair), Algorithm::Rs256));
    }
    for (curve, algorithm) in CURVES {
        let pair = EcdsaKeyPair::from_pkcs8(curve, der)
            .or_else(|_| EcdsaKeyPair::from_private_key_der(curve, der));
        if let Ok(pair) = pair {
            return Some(SigningKey::of(Pair::Elliptic(pair), algorithm));
        }
    }
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
    Some(SigningKey::of(Pair::Edwards(pair), Algorithm::EdDsa))
}

fn of_jwk(jwk: &Map<String, Value>) -> Option<SigningKey> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
    let mut key = match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let components = KeyPairComponents {
                public_key: PublicKeyComponents {
                    n: bytes("n")?,
                    e: bytes("e")?,
                },
                d: bytes("d")?,
                p: bytes("p")?,
                q: bytes("q")?,
                dP: bytes("dp")?,
                dQ: bytes("dq")?,
                qInv: bytes("qi")?,
            };
            let pair = RsaKeyPair::from_components(&components).ok()?;
            let algorithm = match text("alg") {
                Some("PS256") => Algorithm::Ps256,
                _ => Algorithm::Rs256,
            };
            SigningKey::of(Pair::Rsa(pair), algorithm)
        }
        ("EC", Some(curve @ ("P-256" | "P-384"))) => {
            let (signing, algorithm) = CURVES[usize::from(curve == "P-384")];
            let point = [vec![4], bytes("x")?, bytes("y")?].concat();
            let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, &bytes("d")?, &point);
            SigningKey::of(Pair::Elliptic(pair.ok()?), algorithm)
        }
        ("OKP", Some("Ed25519")) => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&bytes("d")?, &bytes("x")?);
            SigningKey::of(Pair::Edwards(pair.ok()?), Algorithm::EdDsa)
        }
        _ => return None,
    };
    if let Some(key_id) = text("kid") {
        key_id.clone_into(&mut key.key_id);
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----
";

    #[test]
    fn pem_and_jwk_of_one_key_are_one_key() {
        let of_pem = SigningKey::from_file(P256).unwrap();
        assert_eq!(of_pem.algorithm(), Algorithm::Es256);
        let public = of_pem.public_jwk();
        let text = |name: &str| public[name].as_str().unwrap().to_owned();
        // d of RFC 7518's neighbourhood: the 32 bytes after the SEC 1 header of the PEM above
        let der = rustls::pki_types::PrivatePkcs8KeyDer::from_pem_slice(P256.as_bytes()).unwrap();
        let d = URL_SAFE_NO_PAD.encode(&der.secret_pkcs8_der()[36..68]);
        let jwk = serde_json::json!({ "kty": "EC", "crv": "P-256", "x": text("x"), "y": text("y"), "d": d, "kid": "mine" });
        let of_jwk = SigningKey::from_file(&jwk.to_string()).unwrap();
        assert_eq!(of_jwk.key_id(), "mine");
        assert_eq!(of_jwk.public_jwk()["x"], public["x"]);
    }

    #[test]
    fn what_holds_no_private_key_is_refused() {
        for text in [
            "",
            "{}",
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}",
            "{\"kty\":\"oct\",\"k\":\"AA\"}",
            "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
        ] {
            assert!(SigningKey::from_file(text).is_err(), "{text}");
        }
    }
}
