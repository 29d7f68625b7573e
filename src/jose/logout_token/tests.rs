//! The kinds of tokens exclude each other, and the logout token's own rules.

use crate::jose::{tests::changed, *};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "http://localhost:8081/oauth2/default";
const APP: &str = "app";
const API: &str = "api://default";
const ALGORITHMS: [Algorithm; 1] = [Algorithm::Es256];

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());

fn keys() -> KeySet {
    let published = json!({ "keys": [KEY.public_jwk()] }).to_string();
    KeySet::parse(published.as_bytes()).unwrap()
}

fn rules() -> LogoutTokenRules<'static> {
    LogoutTokenRules {
        issuer: ISSUER,
        client_id: APP,
        other_audiences: &[],
        algorithms: &ALGORITHMS,
        leeway: 60,
        max_age: 600,
    }
}

fn logout_claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "00u1", "aud": APP, "iat": NOW, "exp": NOW + 120, "jti": "one of a kind",
        "sid": "a session", "events": { LOGOUT_EVENT: {} },
    })
}

fn logout_at(claims: &Value, now: i64) -> Result<LogoutToken, Rejection> {
    let token = KEY.sign("logout+jwt", claims).unwrap();
    Ok(verify_logout_token(&token, &keys(), &rules(), now)?.claims)
}

fn logout(claims: &Value) -> Result<LogoutToken, Rejection> {
    logout_at(claims, NOW)
}

#[test]
fn sec_web_23_a_logout_token_names_who_or_which_session_has_ended() {
    let both = logout(&logout_claims()).unwrap();
    assert_eq!(
        (both.subject.as_deref(), both.session_id.as_deref()),
        (Some("00u1"), Some("a session"))
    );
    assert_eq!(
        (both.token_id.as_str(), both.expires_at),
        ("one of a kind", NOW + 120)
    );
    for (left_out, subject, session) in [
        ("sub", None, Some("a session")),
        ("sid", Some("00u1"), None),
    ] {
        let one = logout(&changed(logout_claims(), &json!({ left_out: null }))).unwrap();
        assert_eq!(
            (one.subject.as_deref(), one.session_id.as_deref()),
            (subject, session)
        );
    }
    for more in [
        json!({ "aud": [APP] }),
        json!({ "azp": APP }),
        json!({ "typ": "Logout" }), // Keycloak's
        json!({ "events": { LOGOUT_EVENT: { "a": 1 }, "https://another.example/event": {} } }),
        json!({ "iat": NOW + 60 }),
        json!({ "iat": NOW - 600 }),
        json!({ "exp": NOW - 59 }),
    ] {
        assert!(logout(&changed(logout_claims(), &more)).is_ok(), "{more}");
    }
    for spelling in ["logout+jwt", "LOGOUT+JWT", "application/logout+jwt"] {
        let token = KEY.sign(spelling, &logout_claims()).unwrap();
        assert!(
            verify_logout_token(&token, &keys(), &rules(), NOW).is_ok(),
            "{spelling}"
        );
    }
}

#[test]
fn sec_web_23_a_logout_token_with_one_claim_bent_is_refused() {
    for (changes, code) in [
        (json!({ "iss": null }), "token_claim"),
        (json!({ "iss": format!("{ISSUER}/") }), "token_issuer"),
        (json!({ "iss": [ISSUER] }), "token_claim"),
        (json!({ "aud": null }), "token_audience"),
        (json!({ "aud": "another" }), "token_audience"),
        (json!({ "aud": [APP, "another"] }), "token_audience"),
        (json!({ "aud": 1 }), "token_claim"),
        (json!({ "azp": "another" }), "token_authorized_party"),
        (json!({ "iat": null }), "token_claim"),
        (json!({ "iat": "1800000000" }), "token_claim"),
        (json!({ "iat": NOW + 61 }), "token_not_yet_valid"),
        (json!({ "iat": NOW - 601 }), "token_too_old"),
        (json!({ "iat": -1 }), "token_too_old"),
        (json!({ "exp": null }), "token_claim"),
        (json!({ "exp": "soon" }), "token_claim"),
        (json!({ "exp": NOW - 60 }), "token_expired"),
        (json!({ "nbf": NOW + 61 }), "token_not_yet_valid"),
        (json!({ "jti": null }), "token_claim"),
        (json!({ "jti": "" }), "token_claim"),
        (json!({ "jti": 7 }), "token_claim"),
        (json!({ "sub": null, "sid": null }), "token_subject"),
        (json!({ "sub": "" }), "token_claim"),
        (json!({ "sid": "" }), "token_claim"),
        (json!({ "sid": 7 }), "token_claim"),
        (json!({ "nonce": "n-1" }), "token_type"),
        (json!({ "nonce": null, "typ": "ID" }), "token_type"),
        (json!({ "events": null }), "token_claim"),
        (json!({ "events": LOGOUT_EVENT }), "token_claim"),
        (json!({ "events": [LOGOUT_EVENT] }), "token_claim"),
        (json!({ "events": {} }), "token_claim"),
        (json!({ "events": { LOGOUT_EVENT: true } }), "token_claim"),
        (json!({ "events": { LOGOUT_EVENT: "" } }), "token_claim"),
        (
            json!({ "events": { "https://another.example/event": {} } }),
            "token_claim",
        ),
    ] {
        let refused = logout(&changed(logout_claims(), &changes)).unwrap_err();
        assert_eq!(refused.reason_code(), code, "{changes} {refused}");
    }
    // A nonce counts whatever it is.
    let mut claims = logout_claims();
    claims["nonce"] = Value::Null;
    assert_eq!(logout(&claims).unwrap_err().reason_code(), "token_type");
    assert!(
        logout_at(&logout_claims(), NOW + 180).is_err(),
        "its time is over"
    );
}

#[test]
fn sec_web_23_a_logout_token_of_another_key_algorithm_or_size_is_refused() {
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let eddsa = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let both = json!({ "keys": [KEY.public_jwk(), eddsa.public_jwk()] }).to_string();
    let both = KeySet::parse(both.as_bytes()).unwrap();
    let judge = |token: &str| verify_logout_token(token, &both, &rules(), NOW).map(|_| ());
    let good = KEY.sign("logout+jwt", &logout_claims()).unwrap();
    assert_eq!(judge(&good), Ok(()));
    for key in [&other, &eddsa] {
        assert!(
            judge(&key.sign("logout+jwt", &logout_claims()).unwrap()).is_err(),
            "{key:?}"
        );
    }
    let claims = logout_claims().to_string();
    for algorithm in ["none", "None", "HS256", "RS256", ""] {
        let header = json!({ "alg": algorithm, "kid": KEY.key_id(), "typ": "logout+jwt" });
        let token = KEY.sign_parts(header.to_string().as_bytes(), claims.as_bytes());
        let refused = judge(&token.unwrap()).unwrap_err();
        assert_eq!(refused.reason_code(), "token_algorithm", "{algorithm}");
    }
    let unsigned = good.rsplit_once('.').unwrap().0.to_owned() + ".";
    assert_eq!(judge(&unsigned).unwrap_err(), Rejection::SignatureWrong);
    let long = changed(
        logout_claims(),
        &json!({ "more": "x".repeat(LOGOUT_TOKEN_LIMIT) }),
    );
    let long = judge(&KEY.sign("logout+jwt", &long).unwrap()).unwrap_err();
    assert_eq!(long.reason_code(), "token_too_large");
}

/// A token of each kind as it looks when its own issuer makes it for its own receiver: name, header, claims.
/// Those that a client makes are signed with the very key that is trusted here, which no client has.
fn one_of_each_kind() -> Vec<(&'static str, Value, Value)> {
    let times = |mut claims: Value| {
        claims["iat"] = json!(NOW);
        claims["exp"] = json!(NOW + 60);
        claims["jti"] = json!("one of a kind");
        claims
    };
    let access = times(json!({
        "iss": ISSUER, "sub": "00u1", "aud": API, "client_id": APP, "scope": "openid", "sid": "a session",
    }));
    let okta = times(json!({
        "iss": ISSUER, "sub": "a name", "aud": API, "cid": APP, "uid": "00u1", "scp": ["openid"], "ver": 1,
    }));
    let keycloak = times(json!({
        "iss": ISSUER, "sub": "00u1", "aud": [API, APP], "azp": APP, "typ": "Bearer", "scope": "openid", "sid": "a session",
    }));
    let id = times(json!({
        "iss": ISSUER, "sub": "00u1", "aud": APP, "azp": APP, "nonce": "n-1", "auth_time": NOW, "at_hash": "x", "sid": "a session",
    }));
    let keycloak_id = changed(id.clone(), &json!({ "typ": "ID" }));
    let refreshed_id = changed(id.clone(), &json!({ "nonce": null, "at_hash": null }));
    let refresh = times(json!({
        "iss": ISSUER, "sub": "00u1", "aud": ISSUER, "azp": APP, "typ": "Refresh", "scope": "openid", "sid": "a session",
    }));
    let assertion = times(json!({ "iss": APP, "sub": APP, "aud": ISSUER }));
    let request_object = times(json!({
        "iss": APP, "aud": ISSUER, "client_id": APP, "response_type": "code", "scope": "openid", "nonce": "n-1",
        "redirect_uri": "http://localhost:8080/callback", "state": "s",
    }));
    let proof =
        json!({ "jti": "one of a kind", "htm": "GET", "htu": "http://localhost/", "iat": NOW });
    let typ = |typ: &str| json!({ "typ": typ });
    vec![
        ("access", typ("at+jwt"), access),
        ("access without typ", json!({}), okta),
        ("access of Keycloak", typ("JWT"), keycloak),
        ("id", typ("JWT"), id.clone()),
        ("id without typ", json!({}), id),
        ("id of Keycloak", typ("JWT"), keycloak_id),
        ("id after a refresh", typ("JWT"), refreshed_id),
        ("refresh of Keycloak", typ("JWT"), refresh),
        ("logout", typ("logout+jwt"), logout_claims()),
        ("logout without typ", json!({}), logout_claims()),
        (
            "client assertion",
            typ("client-authentication+jwt"),
            assertion.clone(),
        ),
        ("client assertion without typ", typ("JWT"), assertion),
        (
            "request object",
            typ("oauth-authz-req+jwt"),
            request_object.clone(),
        ),
        ("request object without typ", typ("JWT"), request_object),
        ("proof", typ("dpop+jwt"), proof.clone()),
        ("proof without typ", json!({}), proof),
    ]
}

/// Which verifiers take a token.
fn taken_by(token: &str) -> Vec<&'static str> {
    let keys = keys();
    let access = |typ| {
        let rules = AccessTokenRules {
            issuer: ISSUER,
            audience: API,
            algorithms: &ALGORITHMS,
            typ,
            leeway: 60,
        };
        verify_access_token(token, &keys, &rules, NOW).is_ok()
    };
    let id = |nonce| {
        let rules = IdTokenRules {
            issuer: ISSUER,
            client_id: APP,
            other_audiences: &[API.to_owned()],
            algorithms: &ALGORITHMS,
            nonce,
            leeway: 60,
            max_age: 600,
        };
        verify_id_token(token, &keys, &rules, NOW).is_ok()
    };
    let verdicts = [
        ("at+jwt", access(AccessTokenTyp::AtJwt)),
        ("any access", access(AccessTokenTyp::Any)),
        ("id", id(Some("n-1"))),
        ("refreshed id", id(None)),
        (
            "logout",
            verify_logout_token(token, &keys, &rules(), NOW).is_ok(),
        ),
    ];
    let yeses = verdicts.into_iter().filter(|(_, taken)| *taken);
    yeses.map(|(name, _)| name).collect()
}

fn signed(header: &Value, claims: &Value) -> String {
    let mut whole = header.as_object().cloned().unwrap_or_default();
    whole.insert("alg".to_owned(), json!("ES256"));
    whole.insert("kid".to_owned(), json!(KEY.key_id()));
    let whole = Value::Object(whole).to_string();
    KEY.sign_parts(whole.as_bytes(), claims.to_string().as_bytes())
        .unwrap()
}

#[test]
fn sec_tok_13_each_kind_of_token_passes_its_own_verifier_and_no_other() {
    let of_access = ["at+jwt", "any access"];
    for (kind, header, claims) in one_of_each_kind() {
        let expected: &[&str] = match kind {
            "access" => &of_access,
            "access without typ" | "access of Keycloak" => &["any access"],
            "id" | "id without typ" | "id of Keycloak" => &["id", "refreshed id"],
            "id after a refresh" => &["refreshed id"],
            "logout" => &["logout"],
            _ => &[],
        };
        assert_eq!(taken_by(&signed(&header, &claims)), expected, "{kind}");
    }
}

#[test]
fn sec_tok_13_a_kind_does_not_pass_for_another_by_its_header() {
    let typs = [
        "at+jwt",
        "logout+jwt",
        "dpop+jwt",
        "oauth-authz-req+jwt",
        "secevent+jwt",
        "client-authentication+jwt",
        "at+jwt ",
    ];
    let own = |kind: &str, typ: &str| match kind {
        kind if kind.starts_with("access") => typ == "at+jwt",
        kind if kind.starts_with("logout") => typ == "logout+jwt",
        _ => false,
    };
    for (kind, _, claims) in one_of_each_kind() {
        // Whoever makes an ID token under the name of an access token means one: only `aud` and the like tell.
        for typ in typs.iter().filter(|typ| !own(kind, typ)) {
            let taken = taken_by(&signed(&json!({ "typ": typ }), &claims));
            assert!(taken.is_empty(), "{kind} as {typ}: {taken:?}");
        }
    }
}

#[test]
fn sec_tok_13_a_token_that_says_two_things_at_once_is_neither() {
    let access = json!({
        "iss": ISSUER, "sub": "00u1", "aud": [APP, API], "iat": NOW, "exp": NOW + 60, "jti": "j", "client_id": APP,
        "scope": "openid", "sid": "a session", "events": { LOGOUT_EVENT: {} },
    });
    let with_nonce = changed(access.clone(), &json!({ "nonce": "n-1" }));
    for (typ, claims) in [
        ("JWT", &access),
        ("JWT", &with_nonce),
        ("logout+jwt", &with_nonce),
        ("logout+jwt", &access), // for the API too, which is nobody's session
    ] {
        let taken = taken_by(&signed(&json!({ "typ": typ }), claims));
        assert!(taken.is_empty(), "{typ} {claims}: {taken:?}");
    }
    let all: Map<String, Value> = logout(&logout_claims()).unwrap().all;
    assert_eq!(Value::Object(all), logout_claims());
}
