//! The public Wycheproof vectors, through our key reader and the step of the verifier that checks a
//! signature. What is signed there is no token, so that the compact form is left out.
//!
//! What Wycheproof calls *acceptable* (a signature without the NULL that RFC 8017, section 9.2 wants
//! beside the hash's name) is refused here: RFC 8017's own verification compares with the one right
//! encoding.

use super::*;
use ::wycheproof::{ecdsa, eddsa, rsa_pkcs1_verify as pkcs1, rsa_pss_verify as pss};
use std::ops::AddAssign;

/// What became of a set's vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    verified: usize,
    refused: usize,
    /// Of the refused ones, those that Wycheproof leaves open.
    acceptable: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.verified += other.verified;
        self.refused += other.refused;
        self.acceptable += other.acceptable;
    }
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    let pairs = text.as_bytes().chunks(2);
    let octet = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(octet).collect()
}

/// The group's key as its issuer would publish it: their own JWK, else one of the same numbers.
fn jwk(group: &Value, algorithm: Algorithm) -> Value {
    let theirs = ["publicKeyJwk", "keyJwk"]
        .iter()
        .find_map(|name| group.get(*name));
    let mut jwk = match theirs {
        Some(jwk) if jwk.is_object() => jwk.clone(),
        _ => of_numbers(&group["publicKey"], algorithm),
    };
    jwk["alg"] = json!(algorithm.as_str());
    jwk
}

fn of_numbers(key: &Value, algorithm: Algorithm) -> Value {
    let encoded = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
    if key["uncompressed"].is_string() {
        let curve = if algorithm == Algorithm::Es384 {
            "P-384"
        } else {
            "P-256"
        };
        let point = hex(&key["uncompressed"]);
        let (x, y) = point[1..].split_at(point.len() / 2);
        return json!({ "kty": "EC", "crv": curve, "x": encoded(x), "y": encoded(y) });
    }
    let (modulus, exponent) = (hex(&key["modulus"]), hex(&key["publicExponent"]));
    json!({ "kty": "RSA", "n": encoded(&modulus), "e": encoded(&exponent) })
}

/// Whether the one key of a key set says that this is its signature.
fn verifies(keys: &KeySet, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let key = keys.find(None, algorithm);
    key.is_ok_and(|key| key.verify_sig(message, signature).is_ok())
}

/// Runs a set. `is_ours` says of a vector's group, and of the vector, whether it must verify. None of
/// these sets has a key below 2048 bits: what becomes of those, `sec_tok_03` and `sec_tok_12` say.
fn run(
    name: &str,
    set: &str,
    algorithm: Algorithm,
    is_ours: impl Fn(&Value, &Value) -> bool,
) -> Counts {
    let set: Value = serde_json::from_str(set).unwrap();
    let mut counts = Counts::default();
    for group in set["testGroups"].as_array().unwrap() {
        let keys = key_set(&[jwk(group, algorithm)]);
        assert_eq!(keys.len(), 1, "{name}: {group}");
        for vector in group["tests"].as_array().unwrap() {
            let (message, signature) = (hex(&vector["msg"]), hex(&vector["sig"]));
            let verified = verifies(&keys, algorithm, &message, &signature);
            assert_eq!(verified, is_ours(group, vector), "{name}: {vector}");
            counts += Counts {
                verified: verified.into(),
                refused: (!verified).into(),
                acceptable: (vector["result"] == "acceptable").into(),
            };
        }
    }
    println!("{name}: {counts:?}");
    counts
}

fn is_valid(_: &Value, vector: &Value) -> bool {
    vector["result"] == "valid"
}

/// PS256 as RFC 7518, section 3.5 has it: SHA-256 twice, and a salt as long as the hash.
fn is_valid_ps256(group: &Value, vector: &Value) -> bool {
    let is_ps256 = group["sha"] == "SHA-256"
        && group["mgf"] == "MGF1"
        && group["mgfSha"] == "SHA-256"
        && group["sLen"] == 32;
    is_ps256 && is_valid(group, vector)
}

/// Wrong where another hash is right, and so a good signature of ours.
fn is_hashed_as_ours(_: &Value, vector: &Value) -> bool {
    let comment = vector["comment"].as_str().unwrap_or_default();
    comment.starts_with("The message is hashed with SHA-256 instead of")
}

/// The same for a salt.
fn is_salted_as_ours(group: &Value, vector: &Value) -> bool {
    let hashes = (&group["sha"], &group["mgfSha"]) == (&json!("SHA-256"), &json!("SHA-256"));
    hashes && vector["comment"] == "s_len changed to 32"
}

#[test]
fn sec_tok_15_the_wycheproof_vectors_of_our_algorithms_verify_or_are_refused() {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Rs256};
    let mut counts = Counts::default();
    counts += run(
        "ES256",
        ecdsa::TestName::EcdsaSecp256r1Sha256P1363.json_data(),
        Es256,
        is_valid,
    );
    counts += run(
        "ES384",
        ecdsa::TestName::EcdsaSecp384r1Sha384P1363.json_data(),
        Es384,
        is_valid,
    );
    counts += run(
        "EdDSA",
        eddsa::TestName::Ed25519.json_data(),
        EdDsa,
        is_valid,
    );
    for (name, set) in [
        ("RS256, 2048", pkcs1::TestName::Rsa2048Sha256),
        ("RS256, 3072", pkcs1::TestName::Rsa3072Sha256),
        ("RS256, 4096", pkcs1::TestName::Rsa4096Sha256),
        ("RS256, 8192", pkcs1::TestName::Rsa8192Sha256),
    ] {
        counts += run(name, set.json_data(), Rs256, is_valid);
    }
    for (name, set) in [
        ("PS256, 2048", pss::TestName::RsaPss2048Sha256Mgf1SaltLen32),
        ("PS256, 3072", pss::TestName::RsaPss3072Sha256Mgf1SaltLen32),
        ("PS256, 4096", pss::TestName::RsaPss4096Sha256Mgf1SaltLen32),
        ("PS256, miscellaneous", pss::TestName::RsaPssmisc),
    ] {
        counts += run(name, set.json_data(), Ps256, is_valid_ps256);
    }
    println!("all: {counts:?}");
    assert!(
        counts.verified >= 600 && counts.refused >= 1_181 - 600,
        "{counts:?}"
    );
}

/// The noes: good signatures over another hash, with another salt or in another form. The sets hold noes
/// of their own, of which a few are yeses here: those alone verify.
#[test]
fn sec_tok_15_good_signatures_of_other_algorithms_are_refused() {
    use Algorithm::{Es256, Es384, Ps256, Rs256};
    let none = |_: &Value, _: &Value| false;
    let mut counts = Counts::default();
    for (name, set) in [
        ("RS256 given RS384", pkcs1::TestName::Rsa2048Sha384),
        ("RS256 given RS512", pkcs1::TestName::Rsa2048Sha512),
        ("RS256 given SHA-224", pkcs1::TestName::Rsa2048Sha224),
        ("RS256 given SHA3-256", pkcs1::TestName::Rsa2048Sha3_256),
    ] {
        counts += run(name, set.json_data(), Rs256, is_hashed_as_ours);
    }
    for (name, set) in [
        (
            "PS256 given no salt",
            pss::TestName::RsaPss2048Sha256Mgf1SaltLen0,
        ),
        (
            "PS256 given SHA-1 in its mask",
            pss::TestName::RsaPss2048Sha256Mgf1Sha1_20,
        ),
        (
            "PS256 given PS384",
            pss::TestName::RsaPss2048Sha384Mgf1SaltLen48,
        ),
        (
            "PS256 given PS512",
            pss::TestName::RsaPss4096Sha512Mgf1SaltLen64,
        ),
    ] {
        counts += run(name, set.json_data(), Ps256, is_salted_as_ours);
    }
    for (name, set, algorithm) in [
        (
            "ES256 given SHA-512",
            ecdsa::TestName::EcdsaSecp256r1Sha512P1363,
            Es256,
        ),
        (
            "ES256 given DER",
            ecdsa::TestName::EcdsaSecp256r1Sha256,
            Es256,
        ),
        (
            "ES384 given DER",
            ecdsa::TestName::EcdsaSecp384r1Sha384,
            Es384,
        ),
        (
            "ES384 given SHA-512",
            ecdsa::TestName::EcdsaSecp384r1Sha512P1363,
            Es384,
        ),
    ] {
        counts += run(name, set.json_data(), algorithm, none);
    }
    println!("all: {counts:?}");
    assert!(
        counts.verified <= 5 && counts.refused >= 1_000,
        "{counts:?}"
    );
}
