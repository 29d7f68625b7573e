//! An ID token's claims, one by one.

use super::*;

/// Changes to a good ID token's claims, and the code of the rejection (`None`: it is taken).
#[test]
fn sec_tok_07_08_10_id_tokens_are_judged_claim_by_claim() {
    let cases: Vec<(Value, Option<&str>)> = vec![
        (json!({}), None),
        (json!({ "iss": null }), Some("token_claim")),
        (json!({ "iss": [ISSUER] }), Some("token_claim")),
        (json!({ "iss": format!("{ISSUER}/") }), Some("token_issuer")),
        (
            json!({ "iss": ISSUER.to_uppercase() }),
            Some("token_issuer"),
        ),
        (json!({ "aud": null }), Some("token_audience")),
        (json!({ "aud": [] }), Some("token_audience")),
        (json!({ "aud": "" }), Some("token_audience")),
        (json!({ "aud": "application" }), Some("token_audience")),
        (json!({ "aud": ["app"] }), None),
        (
            json!({ "aud": ["app", "stranger"] }),
            Some("token_audience"),
        ),
        (json!({ "aud": ["app", 1] }), Some("token_claim")),
        (json!({ "aud": { "app": true } }), Some("token_claim")),
        (json!({ "azp": "app" }), None),
        (json!({ "azp": "other" }), Some("token_authorized_party")),
        (json!({ "azp": 1 }), Some("token_claim")),
        (json!({ "nonce": null }), Some("token_nonce")),
        (json!({ "nonce": "" }), Some("token_nonce")),
        (json!({ "nonce": "n-2" }), Some("token_nonce")),
        (json!({ "nonce": 1 }), Some("token_claim")),
        (json!({ "sub": null }), Some("token_subject")),
        (json!({ "sub": "" }), Some("token_subject")),
        (json!({ "sub": 7 }), Some("token_claim")),
        (json!({ "events": {} }), Some("token_type")),
        (json!({ "typ": "ID" }), None),
        (json!({ "typ": "Bearer" }), Some("token_type")),
        (json!({ "typ": "Refresh" }), Some("token_type")),
        (json!({ "typ": "Logout" }), Some("token_type")),
        (json!({ "at_hash": 1 }), Some("token_claim")),
        (json!({ "sid": 1 }), Some("token_claim")),
        (json!({ "auth_time": "now" }), Some("token_claim")),
        (
            json!({ "email_verified": "true", "address": "x", "updated_at": "2024" }),
            None,
        ),
    ];
    for (changes, expected) in cases {
        let token = signed(&header(&json!({})), &changed(id_claims(), &changes));
        assert_judged(&id(&token), expected, &changes);
    }
}

#[test]
fn sec_tok_09_10_times_are_numbers_with_a_minute_of_leeway() {
    let cases: Vec<(Value, Option<&str>)> = vec![
        (json!({ "exp": null }), Some("token_claim")),
        (json!({ "exp": "1900000000" }), Some("token_claim")),
        (json!({ "exp": true }), Some("token_claim")),
        (json!({ "exp": NOW - 59 }), None),
        (json!({ "exp": NOW - 60 }), Some("token_expired")),
        (json!({ "exp": 1_800_000_100.75 }), None),
        (json!({ "exp": 1e300 }), None),
        (json!({ "exp": u64::MAX }), None),
        (json!({ "exp": 9.3e18 }), None),
        (json!({ "exp": -1 }), Some("token_expired")),
        (json!({ "exp": -1e300 }), Some("token_expired")),
        (json!({ "exp": i64::MIN }), Some("token_expired")),
        (json!({ "exp": 0 }), Some("token_expired")),
        (json!({ "nbf": NOW + 60 }), None),
        (json!({ "nbf": NOW + 61 }), Some("token_not_yet_valid")),
        (json!({ "nbf": 1e300 }), Some("token_not_yet_valid")),
        (json!({ "nbf": -1e300 }), None),
        (json!({ "nbf": "0" }), Some("token_claim")),
        (json!({ "iat": null }), Some("token_claim")),
        (json!({ "iat": "0" }), Some("token_claim")),
        (json!({ "iat": NOW + 60 }), None),
        (json!({ "iat": NOW + 61 }), Some("token_not_yet_valid")),
        (json!({ "iat": 1e300 }), Some("token_not_yet_valid")),
        (json!({ "iat": NOW - 600 }), None),
        (json!({ "iat": NOW - 601 }), Some("token_too_old")),
        (json!({ "iat": -1 }), Some("token_too_old")),
        (json!({ "iat": i64::MIN }), Some("token_too_old")),
        (json!({ "iat": 1_799_999_900.5 }), None),
        (json!({ "auth_time": 1e300 }), None),
    ];
    for (changes, expected) in cases {
        let token = signed(&header(&json!({})), &changed(id_claims(), &changes));
        assert_judged(&id(&token), expected, &changes);
    }
}

#[test]
fn sec_tok_08_trusted_further_audiences_and_no_nonce_are_a_matter_of_the_rules() {
    let claims = changed(
        id_claims(),
        &json!({ "aud": ["app", "friend"], "azp": "app", "nonce": null }),
    );
    let token = signed(&header(&json!({})), &claims);
    let friends = ["friend".to_owned()];
    let rules = IdTokenRules {
        other_audiences: &friends,
        nonce: None,
        ..id_rules()
    };
    let verified = verify_id_token(&token, &keys(), &rules, NOW).unwrap();
    assert_eq!(verified.claims.audience, ["app", "friend"]);
    assert_eq!(verified.claims.all["azp"], "app");
}

#[test]
fn sec_com_12_claims_named_twice_are_refused_though_signed() {
    let head = header(&json!({})).to_string();
    for claims in [
        id_claims()
            .to_string()
            .replacen('{', r#"{"sub":"00u2","#, 1),
        id_claims()
            .to_string()
            .replacen('{', r#"{"x":{"a":1,"a":2},"#, 1),
        id_claims().to_string() + "{}",
    ] {
        let token = KEY.sign_parts(head.as_bytes(), claims.as_bytes()).unwrap();
        assert!(
            matches!(id(&token), Err(Rejection::Malformed(_))),
            "{claims}"
        );
    }
}
