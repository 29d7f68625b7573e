//! Headers and claims that somebody else wrote: under the old signature, under an attacker's key, under
//! no signature, and under secrets that are no secrets.

use super::super::*;
use super::Kind;
use aws_lc_rs::hmac;
use std::sync::LazyLock;

static ATTACKER: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());

/// Changes of the header; those of `algorithms` besides.
#[rustfmt::skip] // tables
fn header_changes(kind: &Kind) -> Vec<Value> {
    let jwk = ATTACKER.public_jwk();
    let mut with_our_kid = jwk.clone();
    with_our_kid["kid"] = json!(kind.key.key_id());
    let mut changes = vec![
        json!({ "jwk": jwk }), json!({ "jwk": with_our_kid }), json!({ "jwk": jwk, "kid": null }),
        json!({ "jwk": jwk, "kid": jwk["kid"] }), json!({ "jku": "https://evil.example/keys" }),
        json!({ "jku": "https://evil.example/keys", "kid": jwk["kid"] }), json!({ "x5u": "https://evil.example/c" }),
        json!({ "x5c": ["MIIB"] }), json!({ "x5t": "AA" }), json!({ "x5t#S256": "AA" }),
        json!({ "crit": [] }), json!({ "crit": ["exp"] }), json!({ "crit": ["b64"], "b64": false }), json!({ "crit": "b64" }),
        json!({ "b64": false }), json!({ "b64": true }), json!({ "zip": "DEF" }), json!({ "enc": "A256GCM" }),
        json!({ "typ": null }), json!({ "typ": "" }), json!({ "typ": 1 }), json!({ "typ": ["JWT"] }), json!({ "typ": "logout+jwt" }),
        json!({ "typ": "at+jwt " }), json!({ "cty": "JWT" }), json!({ "url": "https://evil.example" }), json!({ "nonce": "x" }),
    ];
    let kids = [
        json!(""), json!("x"), json!(1), json!([kind.key.key_id()]), json!({}), json!("../../../dev/null"),
        json!("/dev/null"), json!("x' OR '1'='1"), json!("https://evil.example/keys"), json!("\0"),
        json!(format!("{} ", kind.key.key_id())), json!(kind.key.key_id().to_lowercase()),
        json!(ATTACKER.key_id()), json!("0"), json!("k".repeat(3000)),
    ];
    changes.extend(kids.map(|kid| json!({ "kid": kid })));
    changes
}

/// Every spelling of `none`, and the names of other algorithms, right and wrong.
#[rustfmt::skip] // tables
fn algorithms() -> Vec<Value> {
    let mut names: Vec<Value> = (0..16_u8)
        .map(|bits| {
            let letter = |(at, letter): (usize, char)| match bits >> at & 1 { 1 => letter.to_ascii_uppercase(), _ => letter };
            json!("none".chars().enumerate().map(letter).collect::<String>())
        })
        .collect();
    names.extend([
        "", " none", "none ", "n\u{43e}ne", "none\0", "nonE\n", "HS256", "HS384", "HS512", "hs256", "HMACSHA256", "RS256",
        "RS384", "RS512", "rs256", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "es256", "ES256 ", "Es256",
        "EdDSA", "Ed25519", "EDDSA", "Ed448", "dir", "A128KW", "RSA1_5", "RSA-OAEP", "ECDH-ES", "PBES2-HS256+A128KW", "null", "*",
    ].map(Value::from));
    names.extend([json!(1), json!(true), json!(["ES256"]), json!({ "alg": "ES256" }), json!([])]);
    names
}

/// What an attacker, who knows all public keys, might take for a secret of HMAC.
#[rustfmt::skip] // tables
fn known_secrets(kind: &Kind) -> Vec<Vec<u8>> {
    let jwk = kind.key.public_jwk();
    let mut secrets = vec![
        Vec::new(), b"\0".to_vec(), b"secret".to_vec(), jwk.to_string().into_bytes(), kind.key.key_id().as_bytes().to_vec(),
        json!({ "keys": [jwk] }).to_string().into_bytes(), ISSUER.as_bytes().to_vec(), b"app".to_vec(), b"api://default".to_vec(),
    ];
    for member in ["n", "e", "x", "y"] {
        if let Some(text) = jwk[member].as_str() {
            secrets.push(text.as_bytes().to_vec());
            secrets.extend(URL_SAFE_NO_PAD.decode(text));
        }
    }
    if let (Some(x), Some(y)) = (jwk["x"].as_str(), jwk["y"].as_str()) {
        let decoded = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
        secrets.push([vec![4], decoded(x), decoded(y)].concat());
    }
    secrets
}

fn encoded(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// One header under every signature that an attacker can make.
fn under_all(kind: &Kind, header: &Value, claims: &Value, bent: &mut Vec<String>) {
    let message = encoded(header, claims);
    let [_, _, old] = three(&kind.good);
    bent.push(format!("{message}.{old}"));
    bent.push(format!("{message}."));
    bent.push(format!("{message}.AA"));
    let text = (header.to_string(), claims.to_string());
    bent.push(
        ATTACKER
            .sign_parts(text.0.as_bytes(), text.1.as_bytes())
            .unwrap(),
    );
}

/// Headers that were exchanged.
#[rustfmt::skip] // tables
pub(super) fn headers(kind: &Kind) -> Vec<String> {
    let mut bent = Vec::new();
    for change in header_changes(kind) {
        under_all(kind, &changed(kind.header.clone(), &change), &kind.claims, &mut bent);
    }
    for name in algorithms() {
        let header = changed(kind.header.clone(), &json!({ "alg": name }));
        under_all(kind, &header, &kind.claims, &mut bent);
        // the right key signs, and the header calls it something else
        if name.as_str() != Some(kind.key.algorithm().as_str()) {
            let (head, payload) = (header.to_string(), kind.claims.to_string());
            bent.push(kind.key.sign_parts(head.as_bytes(), payload.as_bytes()).unwrap());
        }
        for secret in known_secrets(kind) {
            let message = encoded(&header, &kind.claims);
            let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
            let tag = hmac::sign(&key, message.as_bytes());
            bent.push(format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)));
        }
    }
    // members that stand twice, signed by the right key
    let head = kind.header.to_string();
    for twice in [r#"{"alg":"none","#, r#"{"kid":"x","#, r#"{"\u0061lg":"ES256","#, r#"{"typ":"JWT","x":{"a":1,"a":1},"#] {
        let head = head.replacen('{', twice, 1);
        bent.push(kind.key.sign_parts(head.as_bytes(), kind.claims.to_string().as_bytes()).unwrap());
    }
    for head in ["", "null", "[]", "\"\"", "{}", "1", "{", "{}{}"] {
        bent.push(kind.key.sign_parts(head.as_bytes(), kind.claims.to_string().as_bytes()).unwrap());
    }
    bent
}

/// Claims that were exchanged.
#[rustfmt::skip] // tables
pub(super) fn claims(kind: &Kind) -> Vec<String> {
    let mut bent = Vec::new();
    let odd = [json!(null), json!(""), json!("x"), json!(0), json!(-1), json!(true), json!([]), json!({}), json!(1e300), json!("*"), json!(["*"])];
    let names = ["iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "scope", "scp", "client_id", "jti", "sid", "events", "cnf", "typ", "groups"];
    for name in names {
        for value in &odd {
            let claims = changed(kind.claims.clone(), &json!({ name: value }));
            if claims != kind.claims {
                under_all(kind, &kind.header, &claims, &mut bent);
            }
        }
    }
    for (name, value) in [
        ("sub", json!("00u2")), ("sub", json!("admin")), ("scope", json!("openid admin")), ("exp", json!(NOW + 900_000)),
        ("iss", json!("https://evil.example")), ("iss", json!(format!("{ISSUER}/"))), ("aud", json!(["app", "api://default"])),
        ("nonce", json!("n-2")), ("client_id", json!("other")),
    ] {
        under_all(kind, &kind.header, &changed(kind.claims.clone(), &json!({ name: value })), &mut bent);
    }
    // claims that stand twice or are none, signed by the right key
    let payload = kind.claims.to_string();
    let head = kind.header.to_string();
    for twice in [r#"{"sub":"x","#, r#"{"\u0073ub":"x","#, r#"{"exp":1,"#, r#"{"x":[{"a":1,"a":2}],"#] {
        let payload = payload.replacen('{', twice, 1);
        bent.push(kind.key.sign_parts(head.as_bytes(), payload.as_bytes()).unwrap());
    }
    for payload in ["", "null", "[]", "\"x\"", "1", "{}", "{", &format!("[{payload}]"), &format!("{payload}{payload}"), &format!("\u{feff}{payload}"), &payload.replace('"', "'")] {
        bent.push(kind.key.sign_parts(head.as_bytes(), payload.as_bytes()).unwrap());
    }
    bent
}
