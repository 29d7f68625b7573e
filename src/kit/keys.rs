//! The issuer's public keys as PEM, for gateways that cannot read a key set (RFC 7517; RFC 5280,
//! section 4.1; RFC 5480).

use crate::jose::{Algorithm, KeySet, strict_json};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use std::fmt::Write as _;

/// The object identifier of RSA keys, with its NULL parameter.
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// Elliptic keys on P-256.
const P256: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07,
];
/// Elliptic keys on P-384.
const P384: &[u8] = &[
    0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
    0x00, 0x22,
];

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemKey {
    /// Its `kid`, if it has one.
    pub kid: Option<String>,
    /// What it may verify, of what a kit lets pass.
    pub algorithms: Vec<Algorithm>,
    /// `-----BEGIN PUBLIC KEY-----` …
    pub pem: String,
}

/// Reads a key set. What cannot verify signatures, or is none of RSA, P-256 and P-384, is left out.
///
/// # Errors
/// When it is no key set, or holds no key that can be used.
pub(super) fn pem_keys(json: &[u8]) -> Result<Vec<PemKey>, String> {
    KeySet::parse(json).map_err(|error| error.to_string())?;
    let document: Value = strict_json::from_slice(json).map_err(|error| error.to_string())?;
    let keys = document["keys"].as_array().cloned().unwrap_or_default();
    // one by one through the strict reader: what the house itself would not verify with is no key here
    let usable = |key: &Value| {
        let alone = serde_json::json!({ "keys": [key] }).to_string();
        KeySet::parse(alone.as_bytes()).is_ok_and(|set| !set.is_empty())
    };
    let keys: Vec<PemKey> = keys
        .iter()
        .filter(|key| usable(key))
        .filter_map(pem_key)
        .collect();
    if keys.is_empty() {
        return Err("it holds no RSA or elliptic key that can verify signatures".to_owned());
    }
    Ok(keys)
}

fn pem_key(jwk: &Value) -> Option<PemKey> {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok();
    let point = || Some([&[4], bytes("x")?.as_slice(), bytes("y")?.as_slice()].concat());
    let (algorithm, key, mut algorithms) = match (jwk["kty"].as_str()?, jwk["crv"].as_str()) {
        ("RSA", _) => {
            let pair = [integer(&bytes("n")?), integer(&bytes("e")?)].concat();
            (
                RSA,
                tagged(0x30, &pair),
                vec![Algorithm::Rs256, Algorithm::Ps256],
            )
        }
        ("EC", Some("P-256")) => (P256, point()?, vec![Algorithm::Es256]),
        ("EC", Some("P-384")) => (P384, point()?, vec![Algorithm::Es384]),
        _ => return None,
    };
    if let Some(named) = jwk["alg"].as_str() {
        algorithms.retain(|algorithm| algorithm.as_str() == named);
    }
    let bits = tagged(0x03, &[&[0], key.as_slice()].concat());
    Some(PemKey {
        kid: jwk["kid"].as_str().map(ToOwned::to_owned),
        algorithms,
        pem: pem(&tagged(0x30, &[algorithm, &bits].concat())),
    })
}

/// A positive integer: no needless zero in front, and one where the first bit would mean a sign.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    let number = &number[zeros..];
    let sign = number.first().is_some_and(|first| first & 0x80 != 0);
    tagged(0x02, &[&vec![0; usize::from(sign)], number].concat())
}

fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    let length = contents.len();
    if length < 0x80 {
        der.push(u8::try_from(length).expect("below 128"));
    } else {
        let octets: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|octet| *octet == 0)
            .collect();
        der.push(0x80 | u8::try_from(octets.len()).expect("at most eight"));
        der.extend(octets);
    }
    der.extend(contents);
    der
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        let _ = writeln!(pem, "{}", String::from_utf8_lossy(line));
    }
    pem + "-----END PUBLIC KEY-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::SigningKey;

    #[test]
    fn a_key_set_becomes_pem_that_others_read() {
        let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
        let curve = SigningKey::generate(Algorithm::Es256).unwrap();
        let encryption =
            serde_json::json!({ "kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB" });
        let set = serde_json::json!({ "keys": [rsa.public_jwk(), curve.public_jwk(), encryption] });
        let keys = pem_keys(set.to_string().as_bytes()).unwrap();
        assert_eq!(keys.len(), 2);
        jsonwebtoken::DecodingKey::from_rsa_pem(keys[0].pem.as_bytes()).unwrap();
        let decoding = jsonwebtoken::DecodingKey::from_ec_pem(keys[1].pem.as_bytes()).unwrap();
        assert_eq!(keys[1].algorithms, [Algorithm::Es256]);

        let claims = serde_json::json!({ "sub": "x" });
        let token = curve.sign("JWT", &claims).unwrap();
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        let read = jsonwebtoken::decode::<Value>(&token, &decoding, &rules).unwrap();
        assert_eq!(read.claims, claims);
    }

    #[test]
    fn a_set_without_a_usable_key_is_said_to_be_one() {
        for set in [
            "{\"keys\":[]}",
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}",
            "[]",
            "x",
        ] {
            assert!(pem_keys(set.as_bytes()).is_err(), "{set}");
        }
    }
}
