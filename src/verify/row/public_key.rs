//! The issuer's public key in the forms that a careless verifier takes for a secret of HMAC.

use crate::{
    calls::Discovery,
    jose::{SigningKey, strict_json},
    net::Client,
};
use aws_lc_rs::{encoding::AsDer, rsa::PublicKeyComponents};
use axum::http::Request;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value};

/// A published key.
#[derive(Clone, Debug)]
pub(in crate::verify) struct PublicKey {
    /// `kid`.
    pub(super) key_id: Option<String>,
    /// As it is published.
    pub(super) jwk: Value,
    /// As openssl writes it, if its kind is known here.
    pub(super) pem: Option<String>,
}

/// What stands in front of the bytes of a point or an Ed25519 key (RFC 5480, RFC 8410).
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
const P384: &str = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE";
const ED25519: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

impl PublicKey {
    pub(in crate::verify) fn of(key: &SigningKey) -> Self {
        Self::read(key.public_jwk())
    }

    pub(in crate::verify) fn is_rsa(&self) -> bool {
        self.jwk.get("kty").is_some_and(|kind| kind == "RSA")
    }

    fn read(jwk: Value) -> Self {
        let key_id = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
        let pem = spki(&jwk).map(|der| pem(&der));
        Self { key_id, jwk, pem }
    }
}

/// The first signing key that an issuer publishes.
pub(in crate::verify) async fn published(
    http: &Client,
    discovery: &Discovery,
) -> Result<PublicKey, String> {
    let url = discovery
        .endpoint("jwks_uri")
        .map_err(|error| error.to_string())?;
    let request = Request::get(url.as_str()).body(Vec::new());
    let request = request.map_err(|error| error.to_string())?;
    let answer = http
        .send(request, 128 * 1024)
        .await
        .map_err(|error| error.to_string())?;
    let set: Map<String, Value> =
        strict_json::from_slice(answer.body()).map_err(|_| format!("{url} answered no key set"))?;
    let keys = set.get("keys").and_then(Value::as_array);
    let signs = |key: &&Value| {
        let is = |name: &str, value: &str| key.get(name).is_some_and(|found| found == value);
        !is("use", "enc") && !is("kty", "oct")
    };
    let key = keys.into_iter().flatten().find(signs);
    let key = key.ok_or_else(|| format!("{url} lists no key that signs"))?;
    Ok(PublicKey::read(key.clone()))
}

/// `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7).
fn spki(jwk: &Value) -> Option<Vec<u8>> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
    match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            let der = PublicKeyComponents { n, e }.as_der().ok()?;
            Some(der.as_ref().to_vec())
        }
        ("EC", Some(curve)) => {
            let prefix = match curve {
                "P-256" => P256,
                "P-384" => P384,
                _ => return None,
            };
            let prefix = STANDARD.decode(prefix).ok()?;
            Some([prefix, bytes("x")?, bytes("y")?].concat())
        }
        ("OKP", Some("Ed25519")) => Some([ED25519.to_vec(), bytes("x")?].concat()),
        _ => None,
    }
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Algorithm;
    use rustls::pki_types::{SubjectPublicKeyInfoDer, pem::PemObject};

    #[test]
    fn public_keys_are_written_as_openssl_does() {
        for (algorithm, length) in [
            (Algorithm::Es256, 91),
            (Algorithm::Es384, 120),
            (Algorithm::EdDsa, 44),
            (Algorithm::Rs256, 422),
        ] {
            let key = SigningKey::generate(algorithm).unwrap();
            let public = PublicKey::of(&key);
            let pem = public.pem.unwrap();
            let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).unwrap();
            assert_eq!(der.as_ref().len(), length, "{algorithm:?}");
            assert_eq!(public.key_id.unwrap(), key.key_id());
        }
    }
}
