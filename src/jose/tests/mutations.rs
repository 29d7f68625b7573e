//! Good ID, access and logout tokens, bent in every way that fooled somebody: none verifies but
//! the original.

mod bent;
mod form;
mod signed_by_others;

use super::*;
use std::collections::BTreeSet;

/// A kind of token: a good one, what reads it, and the key that made it.
struct Kind {
    name: &'static str,
    good: String,
    key: &'static SigningKey,
    header: Value,
    claims: Value,
    verifies: fn(&str) -> bool,
}

static PUBLISHED: LazyLock<KeySet> =
    LazyLock::new(|| key_set(&[KEY.public_jwk(), RSA.public_jwk()]));

fn is_id_token(token: &str) -> bool {
    verify_id_token(token, &PUBLISHED, &id_rules(), NOW).is_ok()
}

fn logout_claims() -> Value {
    json!({ "iss": ISSUER, "sub": "00u1", "aud": "app", "iat": NOW, "exp": NOW + 100, "jti": "j-1",
            "events": { LOGOUT_EVENT: {} } })
}

fn is_logout_token(token: &str) -> bool {
    let rules = LogoutTokenRules {
        issuer: ISSUER,
        client_id: "app",
        other_audiences: &[],
        algorithms: &ALL,
        leeway: 60,
        max_age: 600,
    };
    verify_logout_token(token, &PUBLISHED, &rules, NOW).is_ok()
}

fn is_access_token(token: &str) -> bool {
    verify_access_token(token, &PUBLISHED, &access_rules(AccessTokenTyp::AtJwt), NOW).is_ok()
}

/// Where the header need not tell the kind, there is one rule less in the way.
fn is_access_token_of_any_typ(token: &str) -> bool {
    verify_access_token(token, &PUBLISHED, &access_rules(AccessTokenTyp::Any), NOW).is_ok()
}

fn kind(
    name: &'static str,
    key: &'static SigningKey,
    typ: &str,
    claims: Value,
    verifies: fn(&str) -> bool,
) -> Kind {
    let header = json!({ "alg": key.algorithm().as_str(), "kid": key.key_id(), "typ": typ });
    let (head, payload) = (header.to_string(), claims.to_string());
    Kind {
        name,
        good: key.sign_parts(head.as_bytes(), payload.as_bytes()).unwrap(),
        key,
        header,
        claims,
        verifies,
    }
}

#[test]
fn sec_tok_01_02_03_04_05_14_no_mutation_of_a_token_verifies() {
    let kinds = [
        kind(
            "logout token, ES256",
            &KEY,
            "logout+jwt",
            logout_claims(),
            is_logout_token,
        ),
        kind("ID token, ES256", &KEY, "JWT", id_claims(), is_id_token),
        kind("ID token, RS256", &RSA, "JWT", id_claims(), is_id_token),
        kind(
            "access token, ES256",
            &KEY,
            "at+jwt",
            access_claims(),
            is_access_token,
        ),
        kind(
            "access token of any typ, ES256",
            &KEY,
            "JWT",
            access_claims(),
            is_access_token_of_any_typ,
        ),
    ];
    let mut all = 0;
    for kind in &kinds {
        assert!((kind.verifies)(&kind.good), "{}", kind.name);
        let mut mutations = BTreeSet::new();
        let families: [(&str, Vec<String>); 7] = [
            ("bits", bent::bits(&kind.good)),
            ("signatures", bent::signatures(&kind.good)),
            (
                "parts",
                form::parts(&kind.good, &kinds.each_ref().map(|kind| kind.good.as_str())),
            ),
            ("base64", form::base64(&kind.good)),
            ("blanks", form::blanks(&kind.good)),
            ("headers", signed_by_others::headers(kind)),
            ("claims", signed_by_others::claims(kind)),
        ];
        for (family, tokens) in families {
            for token in tokens.into_iter().filter(|token| *token != kind.good) {
                assert!(
                    !(kind.verifies)(&token),
                    "{}, {family}: {token:?}",
                    kind.name
                );
                mutations.insert(token);
            }
        }
        println!(
            "{}: {} mutations, none verifies",
            kind.name,
            mutations.len()
        );
        all += mutations.len();
    }
    assert!(all >= 2_000, "{all}");
}

/// An ECDSA signature has a twin, `s` replaced by `n - s`, that is as good by FIPS 186 and RFC 7518,
/// section 3.4. It says nothing else than the original, so that nothing is won by it: what a token is
/// remembered by is its whole text, and what it opens are its claims.
#[test]
fn the_twin_of_an_ecdsa_signature_says_the_same() {
    let token = signed(&header(&json!({})), &id_claims());
    let twin = bent::with_twin_signature(&token);
    assert_ne!(token, twin);
    assert_eq!(id(&twin).unwrap().all, id(&token).unwrap().all);
}
