//! The verifier's yeses and noes, by what is done to a token that would be taken.

mod json_corpus;
mod mutations;
mod wycheproof;

use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::LazyLock};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "http://localhost:8081/oauth2/default";

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());
static RSA: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Rs256).unwrap());
const ALL: [Algorithm; 5] = [
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];

fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn keys() -> KeySet {
    key_set(&[KEY.public_jwk()])
}

fn id_rules() -> IdTokenRules<'static> {
    IdTokenRules {
        issuer: ISSUER,
        client_id: "app",
        other_audiences: &[],
        algorithms: &ALL,
        nonce: Some("n-1"),
        leeway: 60,
        max_age: 600,
    }
}

fn access_rules(typ: AccessTokenTyp) -> AccessTokenRules<'static> {
    AccessTokenRules {
        issuer: ISSUER,
        audience: "api://default",
        algorithms: &ALL,
        typ,
        leeway: 60,
    }
}

fn id_claims() -> Value {
    json!({ "iss": ISSUER, "sub": "00u1", "aud": "app", "iat": NOW, "exp": NOW + 300, "nonce": "n-1" })
}

fn access_claims() -> Value {
    json!({ "iss": ISSUER, "sub": "00u1", "aud": "api://default", "iat": NOW, "exp": NOW + 300,
            "client_id": "app", "scope": "openid", "scp": ["openid", "x"] })
}

/// `claims` with the members of `changes`; a null takes a member away.
fn changed(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let members = claims.as_object_mut().unwrap();
        match value {
            Value::Null => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    claims
}

fn header(changes: &Value) -> Value {
    let plain = json!({ "alg": "ES256", "kid": KEY.key_id(), "typ": "JWT" });
    changed(plain, changes)
}

fn signed(header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    KEY.sign_parts(header.as_bytes(), claims.as_bytes())
        .unwrap()
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

fn id(token: &str) -> Result<IdToken, Rejection> {
    Ok(verify_id_token(token, &keys(), &id_rules(), NOW)?.claims)
}

fn access(typ: AccessTokenTyp, token: &str) -> Result<AccessToken, Rejection> {
    Ok(verify_access_token(token, &keys(), &access_rules(typ), NOW)?.claims)
}

#[test]
fn tokens_of_every_algorithm_verify_with_their_published_key_alone() {
    let pairs: Vec<_> = ALL
        .iter()
        .map(|one| SigningKey::generate(*one).unwrap())
        .collect();
    for pair in &pairs {
        let token = pair.sign("JWT", &id_claims()).unwrap();
        let own = key_set(&[pair.public_jwk()]);
        let verified = verify_id_token(&token, &own, &id_rules(), NOW).unwrap();
        assert_eq!(
            (verified.algorithm, verified.claims.subject.as_str()),
            (pair.algorithm(), "00u1")
        );
        let together: Vec<_> = pairs.iter().map(SigningKey::public_jwk).collect();
        assert!(verify_id_token(&token, &key_set(&together), &id_rules(), NOW).is_ok());

        let others: Vec<_> = together
            .into_iter()
            .filter(|jwk| jwk["kid"] != pair.key_id())
            .collect();
        let refused = verify_id_token(&token, &key_set(&others), &id_rules(), NOW).unwrap_err();
        assert!(
            matches!(refused, Rejection::UnknownKey { .. }),
            "{refused:?}"
        );
        let one_less: Vec<_> = ALL
            .into_iter()
            .filter(|one| *one != pair.algorithm())
            .collect();
        let rules = IdTokenRules {
            algorithms: &one_less,
            ..id_rules()
        };
        let refused = verify_id_token(&token, &own, &rules, NOW).unwrap_err();
        assert!(
            matches!(refused, Rejection::AlgorithmNotAllowed(_)),
            "{refused:?}"
        );
    }
}

#[test]
fn a_kid_is_the_thumbprint_of_the_rfc() {
    // RFC 8037, appendix A.3
    let members =
        json!({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let thumbprint = signing_key::thumbprint(&members);
    assert_eq!(thumbprint, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");

    for pair in [
        &*KEY,
        &*RSA,
        &SigningKey::generate(Algorithm::EdDsa).unwrap(),
    ] {
        let required = changed(
            pair.public_jwk(),
            &json!({ "kid": null, "alg": null, "use": null }),
        );
        let sorted: BTreeMap<String, Value> = serde_json::from_value(required).unwrap();
        assert_eq!(signing_key::thumbprint(&json!(sorted)), pair.key_id());
    }
}

#[test]
fn sec_tok_01_the_form_comes_first() {
    let good = signed(&header(&json!({})), &id_claims());
    assert!(id(&good).is_ok());
    let [head, claims, signature] = three(&good);
    for bad in [
        String::new(),
        "...".to_owned(),
        format!("{head}.{claims}"),
        format!("{good}."),
        format!("{good}.a.b"),
        format!("{head}=.{claims}.{signature}"),
        format!("{head}.{claims}.{signature}="),
        format!(" {good}"),
        format!("{good}\n"),
        format!(
            "{head}.{claims}.{}",
            signature.replace(['-', '_'], "+") + "+"
        ),
        format!("{head}.{claims}.{}ü", &signature[1..]),
        format!("{head}..{signature}"),
        format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode("[]")),
        format!(
            "{}.{claims}.{signature}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","alg":"ES256"}"#)
        ),
    ] {
        let refused = id(&bad).unwrap_err();
        assert!(
            matches!(refused, Rejection::Malformed(_) | Rejection::SignatureWrong),
            "{bad}: {refused:?}"
        );
    }
    assert_eq!(
        id(&"a".repeat(ID_TOKEN_LIMIT + 1)).unwrap_err(),
        Rejection::TooLarge {
            limit: ID_TOKEN_LIMIT
        }
    );
    let long = changed(
        access_claims(),
        &json!({ "filler": "a".repeat(ACCESS_TOKEN_LIMIT) }),
    );
    let long = KEY.sign("at+jwt", &long).unwrap();
    assert!(matches!(
        access(AccessTokenTyp::AtJwt, &long),
        Err(Rejection::TooLarge { .. })
    ));
    let long = changed(id_claims(), &json!({ "filler": "a".repeat(40_000) }));
    assert!(id(&KEY.sign("JWT", &long).unwrap()).is_ok());
}

fn three(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn sec_tok_14_a_bent_signature_or_claim_is_refused() {
    let good = signed(&header(&json!({})), &id_claims());
    let [head, claims, signature] = three(&good);
    let other = URL_SAFE_NO_PAD.encode(changed(id_claims(), &json!({ "sub": "00u2" })).to_string());
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut flipped = bytes.clone();
    flipped[10] ^= 1;
    let mut bad = vec![
        format!("{head}.{other}.{signature}"),
        format!("{head}.{claims}."),
    ];
    for wrong in [
        &flipped,
        &vec![0; 64],
        &bytes[..63].to_vec(),
        &[bytes.clone(), vec![0]].concat(),
    ] {
        bad.push(format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode(wrong)));
    }
    for bad in bad {
        assert_eq!(id(&bad).unwrap_err(), Rejection::SignatureWrong, "{bad}");
    }
}

#[test]
fn sec_tok_02_none_and_hmac_are_refused_before_any_key_is_looked_for() {
    let no_keys = key_set(&[]);
    for name in [
        "none", "None", "NONE", "nOnE", "", "HS256", "es256", "ES256 ", "ES512", "Ed25519",
    ] {
        let token = signed(&header(&json!({ "alg": name })), &id_claims());
        let refused = verify_id_token(&token, &no_keys, &id_rules(), NOW).unwrap_err();
        assert_eq!(refused, Rejection::AlgorithmNotAllowed(name.to_owned()));
        let [head, claims, _] = three(&token);
        assert!(id(&format!("{head}.{claims}.")).is_err());
    }
    for header in [
        header(&json!({ "alg": null })),
        header(&json!({ "alg": 5 })),
        header(&json!({ "alg": ["ES256"] })),
    ] {
        assert!(matches!(
            id(&signed(&header, &id_claims())),
            Err(Rejection::Malformed(_))
        ));
    }
}

/// Whatever the claims say: a wrong signature is all that is found out about a token.
#[test]
fn sec_tok_14_no_claim_counts_before_the_signature() {
    for changes in [
        json!({}),
        json!({ "iss": "http://evil.test" }),
        json!({ "aud": null }),
        json!({ "exp": 0 }),
        json!({ "nonce": "n-2" }),
        json!({ "sub": 7 }),
        json!({ "events": {} }),
        json!({ "cnf": {} }),
    ] {
        for typ in ["JWT", "at+jwt", "logout+jwt"] {
            let header = header(&json!({ "typ": typ }));
            let [id_token, access_token] = [id_claims(), access_claims()].map(|claims| {
                let signed = signed(&header, &changed(claims, &changes));
                let [head, claims, signature] = three(&signed);
                let first = if signature.starts_with('A') { 'B' } else { 'A' };
                format!("{head}.{claims}.{first}{}", &signature[1..])
            });
            assert_eq!(
                id(&id_token).unwrap_err(),
                Rejection::SignatureWrong,
                "{changes}"
            );
            let refused = access(AccessTokenTyp::Any, &access_token).unwrap_err();
            assert_eq!(refused, Rejection::SignatureWrong, "{changes}");
        }
    }
    // Claims that are no JSON are not looked at either.
    let head = URL_SAFE_NO_PAD.encode(header(&json!({})).to_string());
    let [claims, signature] =
        ["{".to_owned(), "x".repeat(64)].map(|part| URL_SAFE_NO_PAD.encode(part));
    let nonsense = format!("{head}.{claims}.{signature}");
    assert_eq!(id(&nonsense).unwrap_err(), Rejection::SignatureWrong);
}

#[test]
fn sec_tok_02_hs256_keyed_with_the_public_key_is_refused() {
    let rsa_keys = key_set(&[RSA.public_jwk()]);
    let secret = RSA.public_jwk()["n"].as_str().unwrap().to_owned();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let head = URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "kid": RSA.key_id() }).to_string());
    let message = format!("{head}.{}", URL_SAFE_NO_PAD.encode(id_claims().to_string()));
    let signature = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()));
    let refused = verify_id_token(
        &format!("{message}.{signature}"),
        &rsa_keys,
        &id_rules(),
        NOW,
    );
    assert_eq!(
        refused.unwrap_err(),
        Rejection::AlgorithmNotAllowed("HS256".to_owned())
    );
}

#[test]
fn sec_tok_03_a_key_is_used_only_for_what_it_is_for() {
    let claims = id_claims().to_string();
    let rs = json!({ "alg": "RS256", "kid": RSA.key_id() }).to_string();
    let ps = json!({ "alg": "PS256", "kid": RSA.key_id() }).to_string();
    let token = RSA.sign_parts(rs.as_bytes(), claims.as_bytes()).unwrap();
    let check = |jwk: Value| {
        let verified = verify_id_token(&token, &key_set(&[jwk]), &id_rules(), NOW);
        verified
            .map(|_| ())
            .map_err(|refused| refused.reason_code())
    };
    let jwk = |changes| changed(RSA.public_jwk(), &changes);
    assert_eq!(check(jwk(json!({ "alg": null, "use": null }))), Ok(()));
    assert_eq!(check(jwk(json!({ "key_ops": ["verify"] }))), Ok(()));
    for useless in [
        json!({ "use": "enc" }),
        json!({ "use": 1 }),
        json!({ "key_ops": ["encrypt"] }),
        json!({ "key_ops": "verify" }),
        json!({ "alg": "RSA-OAEP" }),
        json!({ "alg": "RS512" }),
        json!({ "kty": "EC" }),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kty": null }),
        json!({ "kid": 7 }),
        json!({ "d": "AQAB" }),
        json!({ "p": "AQAB" }),
        json!({ "e": "AQ" }),
        json!({ "e": "Ag" }),
        json!({ "e": "" }),
        json!({ "e": "AQAAAAAAAAAB" }),
        json!({ "n": "AQAB" }),
        json!({ "n": null }),
    ] {
        assert_eq!(
            check(jwk(useless.clone())),
            Err("token_key_unknown"),
            "{useless}"
        );
    }
    assert_eq!(
        check(jwk(json!({ "alg": "PS256" }))),
        Err("token_key_unfit")
    );
    // The header may not choose another padding than the key is published for.
    let crossed = RSA.sign_parts(ps.as_bytes(), claims.as_bytes()).unwrap();
    let refused = verify_id_token(&crossed, &key_set(&[RSA.public_jwk()]), &id_rules(), NOW);
    assert_eq!(refused.unwrap_err(), Rejection::KeyDoesNotFit);
}

#[test]
fn sec_tok_12_points_off_their_curve_and_short_coordinates_are_left_out() {
    let jwk = KEY.public_jwk();
    assert_eq!(key_set(std::slice::from_ref(&jwk)).len(), 1);
    let zeros = URL_SAFE_NO_PAD.encode([0_u8; 32]);
    for changes in [
        json!({ "x": zeros }),
        json!({ "x": jwk["y"], "y": jwk["x"] }),
        json!({ "y": URL_SAFE_NO_PAD.encode([1_u8; 31]) }),
        json!({ "crv": "P-384" }),
        json!({ "crv": "secp256k1" }),
        json!({ "kty": "OKP", "crv": "X25519" }),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" }),
    ] {
        assert!(
            key_set(&[changed(jwk.clone(), &changes)]).is_empty(),
            "{changes}"
        );
    }
}

#[test]
fn sec_tok_04_keys_in_the_header_are_not_looked_at() {
    let own = SigningKey::generate(Algorithm::Es256).unwrap();
    let header = json!({ "alg": "ES256", "jwk": own.public_jwk(), "jku": "http://evil.test/keys",
                         "x5u": "http://evil.test/x", "x5c": ["AAAA"], "kid": KEY.key_id() });
    let forged = own.sign_parts(
        header.to_string().as_bytes(),
        id_claims().to_string().as_bytes(),
    );
    assert_eq!(id(&forged.unwrap()).unwrap_err(), Rejection::SignatureWrong);
    assert!(id(&signed(&header, &id_claims())).is_ok());
}

#[test]
fn sec_tok_05_extensions_are_refused() {
    for extension in [
        json!({ "crit": ["exp"], "exp": 1 }),
        json!({ "crit": [] }),
        json!({ "crit": "b64" }),
    ] {
        let token = signed(&header(&extension), &id_claims());
        assert_eq!(id(&token).unwrap_err(), Rejection::CriticalHeader);
    }
    for extension in [
        json!({ "b64": false }),
        json!({ "zip": "DEF" }),
        json!({ "enc": "A128GCM" }),
    ] {
        let token = signed(&header(&extension), &id_claims());
        assert!(
            matches!(id(&token), Err(Rejection::Malformed(_))),
            "{extension}"
        );
    }
}

#[test]
fn sec_tok_12_the_kid_chooses_and_without_one_exactly_one_key_must_fit() {
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let bare = signed(&header(&json!({ "kid": null })), &id_claims());
    let check = |token: &str, jwks: &[Value]| {
        let verified = verify_id_token(token, &key_set(jwks), &id_rules(), NOW);
        verified
            .map(|_| ())
            .map_err(|refused| refused.reason_code())
    };
    let (mine, others) = (KEY.public_jwk(), other.public_jwk());
    assert_eq!(check(&bare, std::slice::from_ref(&mine)), Ok(()));
    assert_eq!(check(&bare, &[RSA.public_jwk(), mine.clone()]), Ok(()));
    assert_eq!(
        check(&bare, &[others.clone(), mine.clone()]),
        Err("token_key_unfit")
    );
    assert_eq!(check(&bare, &[]), Err("token_key_unknown"));

    let named = signed(&header(&json!({})), &id_claims());
    assert_eq!(check(&named, &[others.clone(), mine.clone()]), Ok(()));
    assert_eq!(
        check(&named, std::slice::from_ref(&others)),
        Err("token_key_unknown")
    );
    let same_kid = changed(others, &json!({ "kid": KEY.key_id() }));
    assert_eq!(
        check(&named, &[same_kid, mine.clone()]),
        Err("token_key_unfit")
    );
    let wrong = signed(&header(&json!({ "kid": other.key_id() })), &id_claims());
    assert_eq!(
        check(&wrong, &[other.public_jwk(), mine]),
        Err("token_signature")
    );

    let many: Vec<_> = (0..33).map(|_| json!({ "kty": "oct" })).collect();
    let json = json!({ "keys": many }).to_string();
    assert_eq!(
        KeySet::parse(json.as_bytes()).unwrap_err(),
        KeySetError::TooMany(33)
    );
    for json in [
        "[[]]",
        r#"[[{"kty":"OKP"}]]"#,
        r#"{"keys":null}"#,
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert!(KeySet::parse(json.as_bytes()).is_err(), "{json}");
    }
    assert!(key_set(&[json!(1), json!({})]).is_empty());
}

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
        let refused = id(&token).err();
        assert_eq!(
            refused.as_ref().map(Rejection::reason_code),
            expected,
            "{changes}: {refused:?}"
        );
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
        let refused = id(&token).err();
        assert_eq!(
            refused.as_ref().map(Rejection::reason_code),
            expected,
            "{changes}: {refused:?}"
        );
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
        let refused = access(AccessTokenTyp::Any, &token).err();
        assert_eq!(
            refused.as_ref().map(Rejection::reason_code),
            expected,
            "{claims}"
        );
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
        let refused = access(AccessTokenTyp::AtJwt, &token).err();
        assert_eq!(
            refused.as_ref().map(Rejection::reason_code),
            expected,
            "{changes}: {refused:?}"
        );
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
fn sec_tok_14_inspecting_shows_and_believes_nothing() {
    let token = signed(&header(&json!({ "alg": "none" })), &id_claims());
    let [head, claims, _] = three(&token);
    let seen = inspect(&format!("{head}.{claims}.")).unwrap();
    assert_eq!(
        (&seen.header["alg"], &seen.claims["sub"]),
        (&json!("none"), &json!("00u1"))
    );
    for opaque in [
        "",
        "abc",
        "a.b.c",
        "a.b",
        &format!("{token}.x.y"),
        &"a".repeat(100_000),
    ] {
        assert_eq!(inspect(opaque), None, "{opaque}");
    }
}

#[test]
fn a_rejection_is_a_short_sentence_without_line_breaks() {
    let odd = header(&json!({ "kid": format!("\n\u{1b}[31m{}", "k".repeat(5000)) }));
    let refused = id(&signed(&odd, &id_claims())).unwrap_err().to_string();
    assert!(
        refused.len() < 500 && !refused.contains(['\n', '\u{1b}']),
        "{refused}"
    );
}

#[test]
fn unused_members_do_not_disturb() {
    let mut all = Map::new();
    all.insert(
        "nested".to_owned(),
        json!({ "odd": [null, 1.5, "<script>"] }),
    );
    let token = signed(
        &header(&json!({ "cty": "x", "extra": 1 })),
        &changed(id_claims(), &json!(all)),
    );
    assert_eq!(id(&token).unwrap().all["nested"]["odd"][2], "<script>");
}
