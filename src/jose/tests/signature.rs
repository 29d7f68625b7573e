//! Form, algorithm, key and signature, whatever kind of token it is.

use super::*;

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
fn sec_tok_12_keys_that_are_private_or_of_a_weak_size_are_left_out() {
    let curve = SigningKey::generate(Algorithm::EdDsa).unwrap().public_jwk();
    for jwk in [RSA.public_jwk(), KEY.public_jwk(), curve] {
        assert_eq!(key_set(std::slice::from_ref(&jwk)).len(), 1);
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            for value in [json!("AQAB"), json!([]), json!(false)] {
                let mut private = jwk.clone();
                private[member] = value;
                assert!(key_set(&[private.clone()]).is_empty(), "{private}");
            }
        }
    }
    // A modulus is only an odd number here: whether it is a product of primes, nobody can see.
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= bytes.len() * 8 - bits;
        json!({ "n": URL_SAFE_NO_PAD.encode(bytes) })
    };
    for (bits, taken) in [
        (1024, 0),
        (2047, 0),
        (2048, 1),
        (4096, 1),
        (8192, 1),
        (8193, 0),
    ] {
        let jwk = changed(RSA.public_jwk(), &modulus(bits));
        assert_eq!(key_set(&[jwk]).len(), taken, "{bits} bits");
    }
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
