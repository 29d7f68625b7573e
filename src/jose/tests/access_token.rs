//! An access token's claims, one by one, and how it is told from other kinds.

use super::*;

#[test]
fn sec_tok_06_an_access_token_says_its_kind_in_the_header() {
    let kinds = [
        (json!({ "typ": "at+jwt" }), true, true),
        (json!({ "typ": "application/at+jwt" }), true, true),
        (json!({ "typ": "AT+JWT" }), true, true),
        (json!({ "typ": "JWT" }), false, true),
        (json!({ "typ": null }), false, true),
        (json!({ "typ": "logout+jwt" }), false, false),
        (json!({ "typ": "dpop+jwt" }), false, false),
        (json!({ "typ": "" }), false, false),
        (json!({ "typ": 1 }), false, false),
    ];
    for (typ, strict, any) in kinds {
        let token = signed(&header(&typ), &access_claims());
        assert_eq!(
            access(AccessTokenTyp::AtJwt, &token).is_ok(),
            strict,
            "{typ}"
        );
        assert_eq!(access(AccessTokenTyp::Any, &token).is_ok(), any, "{typ}");
    }
    let access_token = KEY.sign(
        "at+jwt",
        &changed(access_claims(), &json!({ "aud": "app", "nonce": "n-1" })),
    );
    assert!(matches!(
        id(&access_token.unwrap()),
        Err(Rejection::WrongType(_))
    ));
    let logout = KEY.sign("logout+jwt", &id_claims()).unwrap();
    assert!(matches!(id(&logout), Err(Rejection::WrongType(_))));
}

#[test]
fn sec_tok_13_where_the_header_says_nothing_the_claims_must_be_an_access_token_s() {
    let bare = json!({ "client_id": null, "scope": null, "scp": null });
    assert!(changed(access_claims(), &bare).get("scp").is_none());
    let cases: Vec<(Value, Value, Option<&str>)> = vec![
        (bare.clone(), json!({}), Some("token_type")),
        (bare.clone(), json!({ "client_id": "app" }), None),
        (bare.clone(), json!({ "cid": "app" }), None),
        (bare.clone(), json!({ "scp": "x" }), None),
        (bare, json!({ "azp": "app" }), Some("token_type")),
        (json!({}), json!({ "nonce": "n" }), Some("token_type")),
        (json!({}), json!({ "at_hash": "n" }), Some("token_type")),
        (json!({}), json!({ "c_hash": "n" }), Some("token_type")),
        (json!({}), json!({ "events": {} }), Some("token_type")),
        (json!({}), json!({ "typ": "ID" }), Some("token_type")),
        (json!({}), json!({ "typ": "Refresh" }), Some("token_type")),
        (json!({}), json!({ "typ": "Logout" }), Some("token_type")),
        (json!({}), json!({ "typ": "Bearer" }), None),
    ];
    for (first, then, expected) in cases {
        let claims = changed(changed(access_claims(), &first), &then);
        let token = signed(&header(&json!({})), &claims);
        assert_judged(&access(AccessTokenTyp::Any, &token), expected, &claims);
    }
}

#[test]
fn sec_tok_07_08_18_access_tokens_are_judged_claim_by_claim() {
    let cases: Vec<(Value, Option<&str>)> = vec![
        (json!({}), None),
        (
            json!({ "iss": "http://localhost:8081/oauth2/other" }),
            Some("token_issuer"),
        ),
        (json!({ "aud": "api://defaults" }), Some("token_audience")),
        (json!({ "aud": null }), Some("token_audience")),
        (json!({ "aud": ["api://default", "api://other"] }), None),
        (json!({ "exp": null }), Some("token_claim")),
        (json!({ "exp": NOW - 60 }), Some("token_expired")),
        (json!({ "nbf": NOW + 61 }), Some("token_not_yet_valid")),
        (json!({ "iat": NOW + 61 }), Some("token_not_yet_valid")),
        (json!({ "iat": null }), None),
        (json!({ "iat": NOW - 100_000 }), None),
        (json!({ "sub": "" }), Some("token_subject")),
        (json!({ "cnf": { "jkt": "x" } }), Some("token_key_bound")),
        (json!({ "cnf": "" }), Some("token_key_bound")),
        (json!({ "client_id": 1 }), Some("token_claim")),
        (json!({ "scope": 1 }), Some("token_claim")),
        (json!({ "scp": [1] }), Some("token_claim")),
        (json!({ "scp": ["a\"b"] }), Some("token_claim")),
    ];
    for (changes, expected) in cases {
        let token = KEY
            .sign("at+jwt", &changed(access_claims(), &changes))
            .unwrap();
        assert_judged(&access(AccessTokenTyp::AtJwt, &token), expected, &changes);
    }
}

#[test]
fn scopes_and_client_are_read_in_every_spelling() {
    let cases = [
        (json!({}), "openid x", Some("app")),
        (json!({ "scp": null }), "openid", Some("app")),
        (json!({ "scope": null, "scp": "a b" }), "a b", Some("app")),
        (
            json!({ "scope": ["a", "b"], "scp": ["b", "c"] }),
            "a b c",
            Some("app"),
        ),
        (
            json!({ "scope": null, "scp": null, "client_id": null, "cid": "c" }),
            "",
            Some("c"),
        ),
        (
            json!({ "client_id": null, "azp": "z" }),
            "openid x",
            Some("z"),
        ),
        (json!({ "client_id": null }), "openid x", None),
    ];
    for (changes, scopes, client_id) in cases {
        let token = KEY
            .sign("at+jwt", &changed(access_claims(), &changes))
            .unwrap();
        let checked = access(AccessTokenTyp::AtJwt, &token).unwrap();
        assert_eq!(checked.scopes.to_string(), scopes, "{changes}");
        assert_eq!(checked.client_id.as_deref(), client_id, "{changes}");
    }
}

#[test]
fn sec_tok_07_gw_05_rules_that_name_no_issuer_take_no_token() {
    let rules = AccessTokenRules {
        issuer: "",
        ..access_rules(AccessTokenTyp::Any)
    };
    for issuer in [json!(""), Value::Null, json!(ISSUER)] {
        let claims = changed(access_claims(), &json!({ "iss": issuer }));
        let token = signed(&header(&json!({})), &claims);
        let refused = verify_access_token(&token, &keys(), &rules, NOW);
        assert!(refused.is_err(), "{issuer}");
    }
}
