//! The verifier's yeses and noes, by what is done to a token that would be taken.

mod access_token;
mod id_token;
mod json_corpus;
mod mutations;
mod signature;
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
pub(super) fn changed(mut claims: Value, changes: &Value) -> Value {
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

fn id(token: &str) -> Result<IdToken, Rejection> {
    Ok(verify_id_token(token, &keys(), &id_rules(), NOW)?.claims)
}

fn access(typ: AccessTokenTyp, token: &str) -> Result<AccessToken, Rejection> {
    Ok(verify_access_token(token, &keys(), &access_rules(typ), NOW)?.claims)
}

/// Taken where no reason is expected, else refused for that one. `what` says of which token.
fn assert_judged<T>(judged: &Result<T, Rejection>, expected: Option<&str>, what: &Value) {
    let refused = judged.as_ref().err();
    let reason = refused.map(Rejection::reason_code);
    assert_eq!(reason, expected, "{what}: {refused:?}");
}

fn three(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
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
