//! One public key of a key set, parsed for the algorithms that it may be used with
//! (RFC 7517, section 4; RFC 7518, section 6; RFC 8037, section 2).

use super::Algorithm;
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

/// Members that only a private or symmetric key has. Who publishes them has lost the key.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Bits of an RSA modulus.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// An exponent has at most this many bits; a longer one only makes verifying slow.
const RSA_EXPONENT_BITS: usize = 33;

/// A key that may verify signatures.
pub(super) struct Key {
    pub(super) kid: Option<String>,
    /// Parsed once for each algorithm. More than one only for an RSA key that names no `alg`.
    parsed: Vec<(Algorithm, ParsedPublicKey)>,
}

impl Key {
    /// Reads a JWK. `None` when it is not for signatures, of an unknown type, weak or broken.
    pub(super) fn read(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let kid = match jwk.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return None,
        };
        if !is_for_verifying(jwk) || PRIVATE_MEMBERS.iter().any(|name| jwk.contains_key(*name)) {
            return None;
        }
        let parsed = match (text("kty")?, text("crv")) {
            ("RSA", _) => rsa(&bytes(jwk, "n")?, &bytes(jwk, "e")?)?,
            ("EC", Some("P-256")) => elliptic(jwk, Algorithm::Es256, 32)?,
            ("EC", Some("P-384")) => elliptic(jwk, Algorithm::Es384, 48)?,
            ("OKP", Some("Ed25519")) => {
                let key = ParsedPublicKey::new(&signature::ED25519, bytes(jwk, "x")?).ok()?;
                vec![(Algorithm::EdDsa, key)]
            }
            _ => return None,
        };
        let parsed = only_the_algorithm_of(jwk, parsed)?;
        Some(Self { kid, parsed })
    }

    /// The parsed key, if it may be used with this algorithm.
    pub(super) fn fitting(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        let (_, key) = self.parsed.iter().find(|(fits, _)| *fits == algorithm)?;
        Some(key)
    }
}

/// `use` and `key_ops`, where they are there, must allow verifying (RFC 7517, sections 4.2, 4.3).
fn is_for_verifying(jwk: &Map<String, Value>) -> bool {
    let allowed_use = jwk.get("use").is_none_or(|value| value == "sig");
    let allowed_operation = jwk.get("key_ops").is_none_or(|value| {
        value
            .as_array()
            .is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    });
    allowed_use && allowed_operation
}

/// A key that names its `alg` is used with nothing else.
fn only_the_algorithm_of(
    jwk: &Map<String, Value>,
    mut parsed: Vec<(Algorithm, ParsedPublicKey)>,
) -> Option<Vec<(Algorithm, ParsedPublicKey)>> {
    if let Some(named) = jwk.get("alg") {
        let named: Algorithm = named.as_str()?.parse().ok()?;
        parsed.retain(|(algorithm, _)| *algorithm == named);
    }
    (!parsed.is_empty()).then_some(parsed)
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Vec<(Algorithm, ParsedPublicKey)>> {
    // Leading zero octets are not allowed (RFC 7518, section 2), but some issuers write one.
    let (n, e) = (
        without_leading_zeros(modulus),
        without_leading_zeros(exponent),
    );
    let odd = |number: &[u8]| number.last().is_some_and(|octet| octet % 2 == 1);
    let sane = RSA_BITS.contains(&bits(n))
        && (2..=RSA_EXPONENT_BITS).contains(&bits(e)) // 1 would make every message its own signature
        && odd(n)
        && odd(e);
    if !sane {
        return None;
    }
    // RFC 8725, section 3.1 wants one algorithm for a key. Some issuers publish RSA keys without `alg`
    // (RFC 7517, section 4.4 leaves it optional), and which of the two such a key is for, only its
    // issuer knows. Taking both opens nothing: each needs the private key, neither padding verifies the
    // other's signatures, and the caller's list of algorithms still decides.
    let components = RsaPublicKeyComponents { n, e };
    let parse = |parameters| components.to_parsed_public_key(parameters).ok();
    Some(vec![
        (
            Algorithm::Rs256,
            parse(&signature::RSA_PKCS1_2048_8192_SHA256)?,
        ),
        (
            Algorithm::Ps256,
            parse(&signature::RSA_PSS_2048_8192_SHA256)?,
        ),
    ])
}

/// An uncompressed point; parsing refuses one that is not on the curve.
fn elliptic(
    jwk: &Map<String, Value>,
    algorithm: Algorithm,
    coordinate: usize,
) -> Option<Vec<(Algorithm, ParsedPublicKey)>> {
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    if x.len() != coordinate || y.len() != coordinate {
        return None;
    }
    let verification = match algorithm {
        Algorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
        _ => &signature::ECDSA_P256_SHA256_FIXED,
    };
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    Some(vec![(
        algorithm,
        ParsedPublicKey::new(verification, point).ok()?,
    )])
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok()
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    &number[zeros..]
}

/// The length of a number without leading zeros, in bits.
fn bits(number: &[u8]) -> usize {
    number
        .first()
        .map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
