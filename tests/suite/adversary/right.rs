//! The right answers, in all their variety: whoever refuses one of these is wrong.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::Scene;
use crate::misbehaving::bend::{after_issue, both, listed, one_more, set, without};
use crate::misbehaving::{Edit, Keys, Reply, Script, edit, forge};
use crate::people::GOLD_SCOPE;

/// An answer that has to be taken.
pub struct Right {
    pub name: &'static str,
    pub bend: Box<dyn Fn(&mut Script)>,
}

fn right(name: &'static str, bend: impl Fn(&mut Script) + 'static) -> Right {
    let bend = Box::new(bend);
    Right { name, bend }
}

fn claims(name: &'static str, change: fn() -> Edit) -> Right {
    right(name, move |script| script.id_token = change())
}

fn header(name: &'static str, members: fn() -> Value) -> Right {
    right(name, move |script| {
        script.id_token_forge = forge(move |draft| draft.with_header(&members()).signed());
    })
}

fn answer(name: &'static str, change: fn() -> Edit) -> Right {
    right(name, move |script| script.token_answer = change())
}

fn keys(name: &'static str, change: fn(&mut Vec<Value>)) -> Right {
    right(name, move |script| {
        script.published_keys = edit(move |set| change(set["keys"].as_array_mut().unwrap()));
    })
}

/// All of them.
#[rustfmt::skip]
pub fn right_answers() -> Vec<Right> {
    vec![
        right("as everybody does it", |_| {}),

        right("signed with PS256", |script| script.id_token_algorithm = Algorithm::PS256),
        right("signed with ES256", |script| script.id_token_algorithm = Algorithm::ES256),
        right("signed with EdDSA", |script| script.id_token_algorithm = Algorithm::EdDSA),
        right("no kid, and one key that fits", |script| {
            script.id_token_forge = forge(|draft| draft.without_header("kid").signed());
        }),
        header("typ JWT", || json!({ "typ": "JWT" })),
        header("typ in small letters", || json!({ "typ": "jwt" })),
        header("members of the header that nobody knows", || json!({ "cty": "x", "x": [1, { "y": null }] })),
        header("keys in the header that nobody looks at", || json!({
            "jwk": { "kty": "oct", "k": "AAAA" }, "jku": "http://127.0.0.1:9/keys",
            "x5u": "http://127.0.0.1:9/x5u", "x5c": ["AAAA"], "x5t": "AAAA",
        })),

        claims("aud as a list", || listed("aud", &[])),
        claims("aud with the API beside the app", || listed("aud", &["api://default"])),
        claims("aud with the API, and azp", || both(listed("aud", &["api://default"]), edit(|claims| {
            claims["azp"] = claims["aud"][0].clone();
        }))),
        claims("azp of the app", || edit(|claims| claims["azp"] = claims["aud"].clone())),
        claims("ended within the minute of leeway", || after_issue("exp", -30)),
        claims("not valid yet within the minute of leeway", || after_issue("nbf", 30)),
        claims("ended at the end of the minute of leeway", || after_issue("exp", -55)),
        claims("not valid yet at the end of the minute of leeway", || after_issue("nbf", 55)),
        claims("issued nine minutes ago", || edit(|claims| {
            claims["iat"] = (claims["iat"].as_i64().unwrap() - 540).into();
        })),
        claims("times with fractions", || edit(|claims| {
            claims["exp"] = json!(claims["exp"].as_f64().unwrap() + 0.5);
            claims["iat"] = json!(claims["iat"].as_f64().unwrap() + 0.25);
        })),
        claims("an end beyond all numbers", || set("exp", 1e300)),
        claims("auth_time 0", || set("auth_time", 0)),
        claims("300 groups", || edit(|claims| {
            claims["groups"] = (0..300).map(|number| format!("Group {number} of a large company")).collect();
        })),
        claims("an ID token of fifty kilobytes", || set("filler", "x".repeat(37_000))),
        claims("standard claims of odd types", || edit(|claims| {
            claims["email_verified"] = "true".into();
            claims["updated_at"] = "2026-01-01T00:00:00Z".into();
            claims["address"] = "Saturn".into();
            claims["phone_number"] = json!([1, 2]);
            claims["name"] = json!({ "family": "Sagan" });
            claims["amr"] = "pwd".into();
            claims["acr"] = 1.into();
        })),
        claims("claims of any shape", || edit(|claims| {
            claims["nested"] = json!({ "a": [1, { "b": null }], "": [], "ü": -1e-9 });
        })),
        claims("no name at all", || without("name")),
        right("at_hash of the access token", |script| script.at_hash = true),
        right("at_hash by SHA-512", |script| {
            script.at_hash = true;
            script.id_token_algorithm = Algorithm::EdDSA;
        }),

        answer("bearer in small letters", || set("token_type", "bearer")),
        answer("BEARER in capitals", || set("token_type", "BEARER")),
        answer("no scope: what was asked is meant", || without("scope")),
        answer("an empty scope", || set("scope", "")),
        answer("scope as a list", || set("scope", json!(["openid", GOLD_SCOPE]))),
        answer("scp beside scope", || set("scp", json!(["openid"]))),
        answer("no expires_in", || without("expires_in")),
        answer("expires_in as text", || set("expires_in", "3600")),
        answer("expires_in with a fraction", || set("expires_in", 3600.5)),
        answer("expires_in beyond all numbers", || set("expires_in", 1e300)),
        answer("expires_in below zero", || set("expires_in", -1)),
        answer("a refresh token", || set("refresh_token", "opaque and long")),
        answer("a refresh token that is null", || set("refresh_token", Value::Null)),
        answer("members that nobody knows", || edit(|answer| {
            answer["session_state"] = "x".into();
            answer["not-before-policy"] = 0.into();
            answer["x"] = json!({ "y": [[]] });
        })),
        right("an opaque access token", |script| script.access_token_algorithm = None),
        right("an access token of seven kilobytes", |script| script.access_token = set("filler", "x".repeat(5_000))),

        right("parameters of the redirect that nobody knows", |script| {
            script.redirect = both(one_more("session_state", "x y"), one_more("return_to", "https://evil.example/"));
        }),
        keys("a key of an unknown kind", |keys| {
            keys.insert(0, json!({ "kty": "QUANTUM", "kid": "q", "alg": "Q512" }));
        }),
        keys("a key for encryption", |keys| {
            let mut other = keys[0].clone();
            other["use"] = "enc".into();
            keys.insert(0, other);
        }),
        keys("rubbish among the keys", |keys| keys.extend([json!(1), json!(null), json!({}), json!("key")])),
        keys("32 keys", |keys| {
            while keys.len() < 32 {
                keys.push(json!({ "kty": "oct" }));
            }
        }),
        keys("keys with certificates", |keys| keys[0]["x5c"] = json!(["AAAA"])),
        right("new keys", |script| script.keys = Keys::generate(script.keys.generation() + 1)),
        right("userinfo that fails", |script| script.reply("/userinfo", Reply::status(500))),
        right("userinfo with much to say", |script| {
            script.userinfo = edit(|claims| claims["groups"] = json!(vec!["a group"; 300]));
        }),
    ]
}

#[tokio::test]
async fn every_right_answer_signs_in_at_the_same_app() {
    let scene = Scene::start().await;
    let mut complaints = Vec::new();
    for right in right_answers() {
        complaints.extend(scene.takes(&right).await.err());
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
