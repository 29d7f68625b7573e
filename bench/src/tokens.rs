//! Access tokens of an issuer of our own.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use std::{
    error::Error,
    time::{SystemTime, UNIX_EPOCH},
};

/// What opens the resource that is asked for.
pub const SCOPE: &str = "openid http://myapp.com/scp/silver";
pub const AUDIENCE: &str = "api://default";

pub struct Mint(RsaKeyPair);

impl Mint {
    pub fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self(RsaKeyPair::generate(KeySize::Rsa2048)?))
    }

    pub fn jwks(&self) -> String {
        let key = self.0.public_key();
        let modulus = URL_SAFE_NO_PAD.encode(key.modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(key.exponent().big_endian_without_leading_zero());
        json!({"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": modulus, "e": exponent}]})
            .to_string()
    }

    pub fn tokens(
        &self,
        issuer: &str,
        scope: &str,
        count: usize,
    ) -> Result<Vec<String>, Box<dyn Error>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        (0..count).map(|number| {
            let claims = json!({
                "iss": issuer, "aud": AUDIENCE, "sub": "somebody", "client_id": "bench", "scope": scope,
                "iat": now, "exp": now + 7200, "jti": format!("{scope}-{count}-{number}"),
            });
            self.sign(&claims.to_string())
        }).collect()
    }

    fn sign(&self, claims: &str) -> Result<String, Box<dyn Error>> {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"at+jwt","kid":"1"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            signed.as_bytes(),
            &mut signature,
        )?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
