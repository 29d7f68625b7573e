//! Tokens and keys. A fuzzer finds no signature: the claims, or the header, that it makes up are signed
//! here, and what the verifier then takes is read once more, without it.

use crate::jose::{
    AccessTokenRules, AccessTokenTyp, Algorithm, IdTokenRules, KeySet, LOGOUT_EVENT,
    LogoutTokenRules, SigningKey, inspect, strict_json, verify_access_token, verify_id_token,
    verify_logout_token,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://idp.example";
const AUDIENCE: &str = "api";
const CLIENT: &str = "app";
const NONCE: &str = "n";
const LEEWAY: i64 = 60;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).expect("the system has random bytes"));
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let keys = json!({ "keys": [KEY.public_jwk()] });
    KeySet::parse(keys.to_string().as_bytes()).expect("our own key is a good one")
});

/// What a fuzzer's bytes are: the first says which part of a token the others are.
enum Part<'d> {
    Token(&'d str),
    Claims(String),
    Header(String),
}

/// The token that the bytes make, with its other parts from a good one.
fn part<'d>(data: &'d [u8], typ: &str, claims: &Value) -> Option<Part<'d>> {
    let (first, rest) = data.split_first()?;
    let sign = |header: &[u8], payload: &[u8]| KEY.sign_parts(header, payload).ok();
    let header = json!({ "alg": "ES256", "kid": KEY.key_id(), "typ": typ });
    match first {
        b'c' => Some(Part::Claims(sign(header.to_string().as_bytes(), rest)?)),
        b'h' => {
            // the fuzzer cannot know the key's name
            let known = String::from_utf8_lossy(rest).replace("KID", KEY.key_id());
            Some(Part::Header(sign(
                known.as_bytes(),
                claims.to_string().as_bytes(),
            )?))
        }
        _ => std::str::from_utf8(data).ok().map(Part::Token),
    }
}

/// What must hold of a header that was taken, and the claims of the token.
fn taken(token: &str) -> Map<String, Value> {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    assert!(token.bytes().all(plain), "{token}");
    let seen = inspect(token).expect("what was verified can be looked at");
    assert_eq!(seen.header["alg"], "ES256");
    for name in ["crit", "b64", "zip", "enc"] {
        assert!(
            !seen.header.contains_key(name),
            "{name} in {:?}",
            seen.header
        );
    }
    seen.claims
}

fn names(value: Option<&Value>, name: &str) -> bool {
    match value {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(all)) => {
            all.iter().all(Value::is_string) && all.iter().any(|one| one == name)
        }
        _ => false,
    }
}

/// What every kind has in common.
fn fits(claims: &Map<String, Value>, audience: &str) {
    assert_eq!(claims["iss"], ISSUER);
    assert!(names(claims.get("aud"), audience), "{claims:?}");
    let seconds = |name: &str| {
        claims
            .get(name)
            .map(|time| time.as_f64().expect("a time is a number"))
    };
    #[expect(clippy::cast_precision_loss, reason = "a second more or less at 2^53")]
    let (now, leeway) = (NOW as f64, LEEWAY as f64);
    assert!(
        seconds("exp").is_some_and(|end| end > now - leeway - 1.0),
        "{claims:?}"
    );
    assert!(
        seconds("nbf").is_none_or(|begin| begin < now + leeway + 1.0),
        "{claims:?}"
    );
    assert!(
        seconds("iat").is_none_or(|issued| issued < now + leeway + 1.0),
        "{claims:?}"
    );
}

fn has_subject(claims: &Map<String, Value>) -> bool {
    claims["sub"].as_str().is_some_and(|sub| !sub.is_empty())
}

fn id_claims() -> Value {
    json!({ "iss": ISSUER, "sub": "u", "aud": CLIENT, "iat": NOW, "exp": NOW + 300, "nonce": NONCE })
}

pub(super) fn id_token(data: &[u8]) {
    let rules = IdTokenRules {
        issuer: ISSUER,
        client_id: CLIENT,
        other_audiences: &[],
        algorithms: &[Algorithm::Es256],
        nonce: Some(NONCE),
        leeway: LEEWAY,
        max_age: 600,
    };
    let token = match part(data, "JWT", &id_claims()) {
        Some(Part::Token(token)) => {
            assert!(
                verify_id_token(token, &KEYS, &rules, NOW).is_err(),
                "nobody signed {token}"
            );
            let _ = inspect(token);
            return;
        }
        Some(Part::Claims(token) | Part::Header(token)) => token,
        None => return,
    };
    let Ok(verified) = verify_id_token(&token, &KEYS, &rules, NOW) else {
        return;
    };
    let claims = taken(&token);
    fits(&claims, CLIENT);
    assert!(has_subject(&claims));
    assert_eq!(claims["nonce"], NONCE);
    assert!(claims.get("azp").is_none_or(|party| party == CLIENT));
    assert!(!claims.contains_key("events"));
    assert_eq!(verified.claims.audience, [CLIENT]);
    assert_eq!(verified.claims.all, claims);
    assert!(claims["iat"].is_number());
}

pub(super) fn access_token(data: &[u8]) {
    let good = json!({ "iss": ISSUER, "sub": "u", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 300, "client_id": CLIENT, "scope": "a b" });
    for (typ, kind) in [
        ("at+jwt", AccessTokenTyp::AtJwt),
        ("JWT", AccessTokenTyp::Any),
    ] {
        let rules = AccessTokenRules {
            issuer: ISSUER,
            audience: AUDIENCE,
            algorithms: &[Algorithm::Es256],
            typ: kind,
            leeway: LEEWAY,
        };
        let token = match part(data, typ, &good) {
            Some(Part::Token(token)) => {
                let read = verify_access_token(token, &KEYS, &rules, NOW);
                assert!(read.is_err(), "nobody signed {token}");
                continue;
            }
            Some(Part::Claims(token) | Part::Header(token)) => token,
            None => return,
        };
        let Ok(verified) = verify_access_token(&token, &KEYS, &rules, NOW) else {
            continue;
        };
        let claims = taken(&token);
        fits(&claims, AUDIENCE);
        assert!(has_subject(&claims));
        assert!(!claims.contains_key("cnf"));
        for scope in verified.claims.scopes.iter() {
            let granted = ["scope", "scp"]
                .iter()
                .any(|name| holds_word(claims.get(*name), scope));
            assert!(granted, "{scope:?} is not in {claims:?}");
        }
        // an ID token's claims never pass where the header does not tell the kind
        if verified.header.get("typ").is_none_or(|typ| typ == "JWT") {
            assert!(!claims.contains_key("nonce") && !claims.contains_key("events"));
        }
    }
}

fn holds_word(value: Option<&Value>, word: &str) -> bool {
    match value {
        Some(Value::String(text)) => text.split(' ').any(|one| one == word),
        Some(Value::Array(all)) => all.iter().any(|text| holds_word(Some(text), word)),
        _ => false,
    }
}

/// A key set that is taken is strict JSON, bounded, and verifies nothing that nobody signed.
pub(super) fn key_set(data: &[u8]) {
    let Ok(keys) = KeySet::parse(data) else {
        return;
    };
    let document: Value = strict_json::from_slice(data).expect("only strict JSON is taken");
    let published = document["keys"].as_array().expect("a key set has keys");
    assert!(published.len() <= 32 && keys.len() <= published.len());
    let private = |key: &Value| {
        ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
            .iter()
            .any(|name| key.get(name).is_some())
    };
    let fit = published
        .iter()
        .filter(|key| key.is_object() && !private(key));
    assert!(keys.len() <= fit.count());
    let token = KEY.sign("JWT", &id_claims());
    let rules = IdTokenRules {
        issuer: ISSUER,
        client_id: CLIENT,
        other_audiences: &[],
        algorithms: &[
            Algorithm::Rs256,
            Algorithm::Ps256,
            Algorithm::Es256,
            Algorithm::Es384,
            Algorithm::EdDsa,
        ],
        nonce: Some(NONCE),
        leeway: LEEWAY,
        max_age: 600,
    };
    assert!(token.is_ok_and(|token| verify_id_token(&token, &keys, &rules, NOW).is_err()));
    let _ = format!("{keys:?}");
}

pub(super) fn logout_token(data: &[u8]) {
    let rules = LogoutTokenRules {
        issuer: ISSUER,
        client_id: CLIENT,
        other_audiences: &[],
        algorithms: &[Algorithm::Es256],
        leeway: LEEWAY,
        max_age: 600,
    };
    let good = json!({ "iss": ISSUER, "sub": "u", "aud": CLIENT, "iat": NOW, "exp": NOW + 100, "jti": "j",
        "events": { LOGOUT_EVENT: {} } });
    let token = match part(data, "logout+jwt", &good) {
        Some(Part::Token(token)) => {
            let read = verify_logout_token(token, &KEYS, &rules, NOW);
            assert!(read.is_err(), "nobody signed {token}");
            return;
        }
        Some(Part::Claims(token) | Part::Header(token)) => token,
        None => return,
    };
    let Ok(verified) = verify_logout_token(&token, &KEYS, &rules, NOW) else {
        return;
    };
    let claims = taken(&token);
    fits(&claims, CLIENT);
    let filled = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    assert!(
        filled("jti") && (filled("sub") || filled("sid")),
        "{claims:?}"
    );
    assert!(claims["events"][LOGOUT_EVENT].is_object() && !claims.contains_key("nonce"));
    assert_eq!(verified.claims.all, claims);
}
