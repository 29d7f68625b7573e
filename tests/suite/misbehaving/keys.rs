//! Signing keys of the scripted provider, and tokens as wrong as a test wants them.

use std::sync::OnceLock;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk::Jwk};
use serde_json::{Value, json};

/// A key for each algorithm that OpenID providers sign with.
pub struct Keys {
    rsa: EncodingKey,
    ec: EncodingKey,
    ed: EncodingKey,
    /// Makes the key ids of one generation differ from those of another.
    generation: u32,
}

impl Keys {
    /// New elliptic keys; the RSA key is made once for the whole run, since it takes long.
    pub fn generate(generation: u32) -> Self {
        let random = SystemRandom::new();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let ed = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
        Self {
            rsa: EncodingKey::from_rsa_der(rsa_der()),
            ec: EncodingKey::from_ec_der(ec.as_ref()),
            ed: EncodingKey::from_ed_der(ed.as_ref()),
            generation,
        }
    }

    /// What was said when they were generated.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    pub fn key_id(&self, algorithm: Algorithm) -> String {
        format!("{algorithm:?}-{}", self.generation)
    }

    /// The public keys as a provider publishes them.
    pub fn published(&self) -> Value {
        let algorithms = [
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
        ];
        let keys = algorithms.map(|algorithm| self.public(algorithm));
        json!({ "keys": keys })
    }

    /// One public key.
    pub fn public(&self, algorithm: Algorithm) -> Value {
        let jwk = Jwk::from_encoding_key(self.key(algorithm), algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = self.key_id(algorithm).into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// The public RSA key in every spelling that a verifier could take for a shared secret.
    pub fn as_secrets(&self) -> Vec<(&'static str, Vec<u8>)> {
        let pair = rsa::KeyPair::from_der(rsa_der()).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let der = der.as_ref().to_vec();
        let lines = STANDARD.encode(&der).into_bytes();
        let lines: Vec<_> = lines.chunks(64).map(String::from_utf8_lossy).collect();
        let begin = "-----BEGIN PUBLIC KEY-----";
        let pem = format!("{begin}\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
        let jwk = self.public(Algorithm::RS256);
        let modulus = jwk["n"].as_str().unwrap();
        vec![
            ("PEM", pem.clone().into_bytes()),
            (
                "PEM without its last line break",
                pem.trim_end().as_bytes().to_vec(),
            ),
            ("DER", der),
            ("JWK", jwk.to_string().into_bytes()),
            ("modulus", URL_SAFE_NO_PAD.decode(modulus).unwrap()),
            ("modulus in base64url", modulus.as_bytes().to_vec()),
        ]
    }

    /// A signed JWT with exactly this header (its `alg` need not be true) and these claims.
    pub fn sign(&self, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let key = self.key(algorithm);
        let signature = crypto::sign(message.as_bytes(), key, algorithm).unwrap();
        format!("{message}.{signature}")
    }

    pub(super) fn key(&self, algorithm: Algorithm) -> &EncodingKey {
        match algorithm {
            Algorithm::ES256 => &self.ec,
            Algorithm::EdDSA => &self.ed,
            _ => &self.rsa,
        }
    }
}

/// A JWT without a signature.
pub fn unsecured(header: &Value, claims: &Value) -> String {
    message(header, claims) + "."
}

fn message(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// An RSA private key in the form of RFC 8017, which is what PKCS #8 wraps in 26 bytes at this size.
fn rsa_der() -> &'static [u8] {
    static DER: OnceLock<Vec<u8>> = OnceLock::new();
    DER.get_or_init(|| {
        let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
        let wrapped: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        wrapped.as_ref()[26..].to_vec()
    })
}
