//! Proof Key for Code Exchange, S256 only (RFC 7636).

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The challenge of a verifier: base64url of its SHA-256 (RFC 7636, section 4.2).
#[must_use]
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// Whether this can be a verifier: 43 to 128 unreserved characters (RFC 7636, section 4.1).
#[must_use]
pub fn is_verifier(candidate: &str) -> bool {
    (43..=128).contains(&candidate.len())
        && candidate
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

/// Whether this can be an S256 challenge: 43 characters of base64url.
#[must_use]
pub fn is_s256_challenge(candidate: &str) -> bool {
    candidate.len() == 43
        && URL_SAFE_NO_PAD
            .decode(candidate)
            .is_ok_and(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_holds() {
        let challenge = s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_s256_challenge(&challenge));
    }

    #[test]
    fn verifiers_have_a_length_and_an_alphabet() {
        assert!(is_verifier(&"a".repeat(43)) && is_verifier(&"~".repeat(128)));
        assert!(!is_verifier(&"a".repeat(42)) && !is_verifier(&"a".repeat(129)));
        assert!(!is_verifier(&"+".repeat(43)));
    }
}
