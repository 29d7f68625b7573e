//! A client's own key, with which it says who it is: `private_key_jwt` (RFC 7523, sections 2.2 and 3;
//! `OpenID` Connect Core, section 9).

use super::{Algorithm, KeyFileError, SigningError, SigningKey};
use crate::oauth::{Secret, random_value};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// How long an assertion lives, in seconds: it is sent at once, and once.
const LIFE: i64 = 60;
/// What an assertion says in `typ`, so that it passes for no other kind of token
/// (draft-ietf-oauth-rfc7523bis, section 4).
const TYP: &str = "client-authentication+jwt";
/// The shortest RSA key of ours, in bits.
const RSA_BITS: usize = 3072;

/// A private key that authenticates a client. Its public half is registered at the provider.
#[derive(Debug)]
pub struct ClientKey(SigningKey);

/// A file that holds no key for authenticating.
#[derive(Debug, thiserror::Error)]
pub enum ClientKeyError {
    /// No private key at all, or one of an unknown kind.
    #[error("{0}")]
    File(#[from] KeyFileError),
    /// An RSA key that is too short.
    #[error("it is an RSA key of {0} bits, and 3072 or more are needed")]
    Short(usize),
    /// A curve that is not used for keys of ours.
    #[error("it is a P-384 key, and P-256, Ed25519 or RSA is needed")]
    Curve,
    /// The key's parts do not fit together.
    #[error("it signs nothing: its parts do not fit together")]
    Unusable,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

impl ClientKey {
    /// Makes a new key for ES256.
    ///
    /// # Errors
    /// When the library has no random bytes.
    pub fn generate() -> Result<Self, SigningError> {
        SigningKey::generate(Algorithm::Es256).map(Self)
    }

    /// Another key under this one's name, which no provider may take for it. RSA takes up to a second of
    /// computing: not for an async thread.
    ///
    /// # Errors
    /// When the library has no random bytes.
    pub fn impostor(&self) -> Result<Self, SigningError> {
        let other = SigningKey::generate(self.algorithm())?;
        Ok(Self(other.called(self.key_id())))
    }

    /// Reads a private key: PEM, or a JWK. ES256, `EdDSA`, or RSA of 3072 bits or more: with RS256, or
    /// PS256 where a JWK's `alg` says so.
    ///
    /// # Errors
    /// What it is instead.
    pub fn from_file(text: &str) -> Result<Self, ClientKeyError> {
        let key = SigningKey::from_file(text)?;
        if key.algorithm() == Algorithm::Es384 {
            return Err(ClientKeyError::Curve);
        }
        if let Some(bits) = key.rsa_bits().filter(|bits| *bits < RSA_BITS) {
            return Err(ClientKeyError::Short(bits));
        }
        key.sign_parts(b"{}", b"{}")
            .map_err(|_| ClientKeyError::Unusable)?;
        Ok(Self(key))
    }

    /// The private key as PEM (PKCS#8), for a file that nobody else may read. Wiped on drop.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, SigningError> {
        let der = self.0.to_pkcs8()?;
        let encoded = Zeroizing::new(STANDARD.encode(&*der));
        // room for all of it: a string that grows leaves a copy behind
        let mut pem = Zeroizing::new(String::with_capacity(encoded.len() * 2 + 64));
        pem.push_str("-----BEGIN PRIVATE KEY-----\n");
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Ok(pem)
    }

    /// An assertion for one call: to this issuer alone, with an id of its own, for a minute
    /// (RFC 7523, section 3; FAPI 2.0, section 5.3.3.1).
    ///
    /// The issuer stands there as a string, and no endpoint beside it: what one provider is sent is of no use
    /// at another, not even where both have one token endpoint.
    #[must_use]
    pub fn assertion(&self, client_id: &str, issuer: &str, now: i64) -> Secret {
        let claims = Claims {
            iss: client_id,
            sub: client_id,
            aud: issuer,
            iat: now,
            exp: now.saturating_add(LIFE),
            jti: random_value(),
        };
        let signed = self.0.sign(TYP, &claims);
        Secret::new(
            signed.expect("the key signed when it was read or made, and the claims are texts"),
        )
    }

    /// The public half as a JWK Set, which providers take at a registration (RFC 7591, `jwks`).
    #[must_use]
    pub fn public_set(&self) -> Value {
        json!({ "keys": [self.0.public_jwk()] })
    }

    /// What it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    /// Its `kid`: a JWK's own, else its thumbprint (RFC 7638).
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.0.key_id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_file_as_it_was() {
        let made = ClientKey::generate().unwrap();
        let pem = made.to_pem().unwrap();
        assert!(pem.lines().all(|line| line.len() <= 64), "{}", pem.len());
        let read = ClientKey::from_file(&pem).unwrap();
        assert_eq!(read.public_set(), made.public_set());
        assert_eq!(read.algorithm(), Algorithm::Es256);
        assert_eq!(made.public_set()["keys"][0].get("d"), None);
        let printed = format!("{made:?}");
        assert!(
            printed.contains(made.key_id()) && printed.len() < 100,
            "{printed}"
        );
    }

    #[test]
    fn sec_com_14_a_short_rsa_key_or_another_curve_is_no_key_of_ours() {
        let pem = |bits| {
            let pair = aws_lc_rs::rsa::KeyPair::generate(bits).unwrap();
            let key =
                aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair);
            let body = STANDARD.encode(key.unwrap().as_ref());
            format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
        };
        let short = ClientKey::from_file(&pem(aws_lc_rs::rsa::KeySize::Rsa2048)).unwrap_err();
        assert!(matches!(short, ClientKeyError::Short(2048)), "{short}");
        let long = ClientKey::from_file(&pem(aws_lc_rs::rsa::KeySize::Rsa3072)).unwrap();
        assert_eq!(long.algorithm(), Algorithm::Rs256);
        let other = SigningKey::generate(Algorithm::Es384).unwrap();
        let other = ClientKey(other).to_pem().unwrap();
        let other = ClientKey::from_file(&other).unwrap_err();
        assert!(matches!(other, ClientKeyError::Curve), "{other}");
    }
}
