//! ID tokens that nobody may be signed in by.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::forgeries::{Forgery, forgeries};
use super::{Case, Scene, case};
use crate::misbehaving::bend::{after_issue, append, both, listed, set, without};
use crate::misbehaving::{Edit, Keys, edit, forge};
use crate::stack::CLIENT_SECRET;

const REFUSED: &str = "id_token_refused";

/// An ID token whose claims are changed before it is signed.
fn claims(name: &'static str, change: Edit, check: &'static str) -> Case {
    case(name, |script| script.id_token = change, 502, REFUSED).check(check)
}

/// A claim of this value, or none where it is null.
fn claim(name: &'static str, value: Value, check: &'static str) -> Case {
    let what = format!("{name} {value}");
    let change = if value.is_null() {
        without(name)
    } else {
        set(name, value)
    };
    case(what, |script| script.id_token = change, 502, REFUSED).check(check)
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_web_08_tok_07_08_10_an_id_token_with_a_wrong_claim_signs_nobody_in() {
    let scene = Scene::start().await;
    scene.each_is_refused(vec![
        claim("iss", json!("https://evil.example"), "token_issuer"),
        claims("iss with a slash", append("iss", "/"), "token_issuer"),
        claims("iss without its port", set("iss", "http://127.0.0.1"), "token_issuer"),
        claims("iss as a list", edit(|claims| claims["iss"] = json!([claims["iss"]])), "token_claim"),
        claim("iss", json!(""), "token_issuer"),
        claim("iss", json!(7), "token_claim"),
        claim("iss", Value::Null, "token_claim"),

        claim("aud", json!("somebody else"), "token_audience"),
        claim("aud", json!("api://default"), "token_audience"),
        claims("aud with something behind it", append("aud", "x"), "token_audience"),
        claims("aud with a stranger", listed("aud", &["somebody else"]), "token_audience"),
        claims("aud with a stranger who is azp", both(listed("aud", &["somebody else"]), set("azp", "somebody else")), "token_audience"),
        claims("aud as an object", edit(|claims| claims["aud"] = json!({ "0": claims["aud"] })), "token_claim"),
        claims("aud with a number", edit(|claims| claims["aud"] = json!([claims["aud"], 1])), "token_claim"),
        claims("aud as a list in a list", edit(|claims| claims["aud"] = json!([[claims["aud"]]])), "token_claim"),
        claim("aud", json!([]), "token_audience"),
        claim("aud", json!(""), "token_audience"),
        claim("aud", Value::Null, "token_audience"),
        claim("azp", json!("somebody else"), "token_authorized_party"),
        claim("azp", json!(""), "token_authorized_party"),
        claim("azp", json!(["app"]), "token_claim"),

        claim("nonce", json!("another"), "token_nonce"),
        claims("nonce with something behind it", append("nonce", "A"), "token_nonce"),
        claim("nonce", json!(""), "token_nonce"),
        claim("nonce", json!(0), "token_claim"),
        claim("nonce", Value::Null, "token_nonce"),

        claim("sub", json!(""), "token_subject"),
        claim("sub", json!(7), "token_claim"),
        claim("sub", json!(["carl.sagan"]), "token_claim"),
        claim("sub", Value::Null, "token_subject"),

        claim("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} }), "token_type"),
        claim("typ", json!("Bearer"), "token_type"),
        claim("typ", json!("Refresh"), "token_type"),
        claim("typ", json!("Logout"), "token_type"),
        claim("auth_time", json!("now"), "token_claim"),
        claim("sid", json!(1), "token_claim"),
        claim("at_hash", json!(1), "token_claim"),
    ]).await;
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_tok_09_10_an_id_token_of_another_time_signs_nobody_in() {
    let scene = Scene::start().await;
    scene.each_is_refused(vec![
        claims("ended before the minute of leeway", after_issue("exp", -61), "token_expired"),
        claims("ended as it was issued, an hour ago", both(after_issue("iat", -3600), after_issue("exp", 0)), "token_expired"),
        claim("exp", json!(0), "token_expired"),
        claim("exp", json!(-1), "token_expired"),
        claim("exp", json!(-1e300), "token_expired"),
        claim("exp", json!("2999-01-01"), "token_claim"),
        claims("exp as text", edit(|claims| claims["exp"] = claims["exp"].to_string().into()), "token_claim"),
        claim("exp", json!(true), "token_claim"),
        claim("exp", json!([1]), "token_claim"),
        claim("exp", Value::Null, "token_claim"),
        claims("valid in two minutes", after_issue("nbf", 120), "token_not_yet_valid"),
        claim("nbf", json!(1e300), "token_not_yet_valid"),
        claim("nbf", json!("0"), "token_claim"),
        claims("issued in two minutes", after_issue("iat", 120), "token_not_yet_valid"),
        claims("issued eleven minutes ago", after_issue("iat", -660), "token_too_old"),
        claims("issued yesterday", after_issue("iat", -86_400), "token_too_old"),
        claim("iat", json!(-1), "token_too_old"),
        claim("iat", json!(1e300), "token_not_yet_valid"),
        claim("iat", json!("0"), "token_claim"),
        claim("iat", Value::Null, "token_claim"),
    ]).await;
}

#[tokio::test]
async fn sec_web_08_tok_01_02_03_04_05_12_a_forged_id_token_signs_nobody_in() {
    let scene = Scene::start().await;
    let elsewhere = scene.elsewhere.url();
    let forged = |forgery: Forgery| {
        let Forgery { name, forge, check } = forgery;
        case(name, |script| script.id_token_forge = forge, 502, REFUSED).check(check)
    };
    let cases = forgeries(CLIENT_SECRET, &elsewhere).into_iter();
    scene.each_is_refused(cases.map(forged).collect()).await;
}

/// No claim counts before the signature: whatever else is wrong, a bent signature is what the page tells.
#[tokio::test]
async fn sec_tok_14_a_bent_signature_is_found_before_any_claim_is_looked_at() {
    let scene = Scene::start().await;
    let bent = |name: &'static str, change: Edit| {
        let bend = move |script: &mut crate::misbehaving::Script| {
            script.id_token = change;
            script.id_token_forge =
                forge(|draft| draft.with_bent_signature(|bytes| bytes[0] ^= 0x80));
        };
        case(name, bend, 502, REFUSED).check("token_signature")
    };
    scene
        .each_is_refused(vec![
            bent("all is well", Edit::default()),
            bent("another issuer", set("iss", "https://evil.example")),
            bent("another audience", set("aud", "somebody else")),
            bent("expired", set("exp", 0)),
            bent("another nonce", set("nonce", "x")),
            bent("a claim of a wrong type", set("sub", 1)),
        ])
        .await;
}

/// Which keys there are decides as well: no longer published, too many, doubled, private, weak.
#[tokio::test]
#[rustfmt::skip]
async fn sec_tok_03_12_keys_that_fit_in_no_way_or_in_two_sign_nobody_in() {
    let scene = Scene::start().await;
    let keys = |name: &'static str, reason, check: Option<&'static str>, change: fn(&mut Vec<Value>)| {
        let generation = scene.provider.script().keys.generation();
        let bend = move |script: &mut crate::misbehaving::Script| {
            script.keys = Keys::generate(script.keys.generation().max(generation) + 1);
            script.published_keys = edit(move |set| change(set["keys"].as_array_mut().unwrap()));
        };
        let case = case(name, bend, 502, reason);
        match check {
            Some(check) => case.check(check),
            None => case,
        }
    };
    let id_token = |name, check, change| keys(name, REFUSED, Some(check), change);
    let none = |name, change| keys(name, "keys_unavailable", None, change);
    scene.each_is_refused(vec![
        none("no keys", Vec::clear),
        none("33 keys", |keys| keys.resize(33, json!({ "kty": "oct" }))),
        none("private parts in all of them", |keys| keys.iter_mut().for_each(|key| key["d"] = "AQAB".into())),
        none("all for encryption", |keys| keys.iter_mut().for_each(|key| key["use"] = "enc".into())),
        none("all for signing alone", |keys| keys.iter_mut().for_each(|key| key["key_ops"] = json!(["sign"]))),
        id_token("not its own", "token_key_unknown", |keys| drop(keys.remove(0))),
        id_token("its own under another name", "token_key_unknown", |keys| keys[0]["kid"] = "x".into()),
        id_token("its own for another algorithm", "token_key_unfit", |keys| keys[0]["alg"] = "PS256".into()),
        id_token("its own with an exponent of one", "token_key_unknown", |keys| keys[0]["e"] = "AQ".into()),
        id_token("its own with a short modulus", "token_key_unknown", |keys| keys[0]["n"] = "AQAB".into()),
        id_token("two of its name", "token_key_unfit", |keys| keys.push(keys[0].clone())),
    ]).await;
}

/// Without `kid` exactly one key must fit.
#[tokio::test]
async fn sec_tok_12_without_kid_two_fitting_keys_are_one_too_many() {
    let scene = Scene::start().await;
    let bend = |script: &mut crate::misbehaving::Script| {
        script.id_token_forge = forge(|draft| draft.without_header("kid").signed());
        script.published_keys = edit(|set| {
            let keys = set["keys"].as_array_mut().unwrap();
            let mut other = keys[0].clone();
            other["kid"] = "another".into();
            keys.push(other);
        });
        script.keys = Keys::generate(9); // so that they are fetched
    };
    scene
        .each_is_refused(vec![
            case("two", bend, 502, REFUSED).check("token_key_unfit"),
        ])
        .await;
}

/// What an issuer does not announce it does not sign with; RS256 alone needs no announcement.
#[tokio::test]
async fn sec_tok_02_an_algorithm_that_is_not_announced_signs_nobody_in() {
    let rs256_alone = |script: &mut crate::misbehaving::Script| {
        script.metadata = set("id_token_signing_alg_values_supported", json!(["RS256"]));
    };
    for algorithm in [Algorithm::ES256, Algorithm::PS256, Algorithm::EdDSA] {
        let scene = Scene::with(rs256_alone).await;
        scene.script(|script| script.id_token_algorithm = algorithm);
        let refused = scene.sign_in_anew().await;
        let words = refused.page().words();
        assert!(
            words.contains("check token_algorithm"),
            "{algorithm:?}: {words}"
        );
        scene.script(|script| script.id_token_algorithm = Algorithm::RS256);
        let home = scene.sign_in_anew().await;
        assert_eq!(home.status, 200, "{}", home.page().words());
    }
}
