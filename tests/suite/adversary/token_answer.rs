//! Token answers that are none, or not of the kind that was asked for.

use serde_json::{Value, json};

use super::scene::{ALL_CALLS, WITH_THE_CODE};
use super::{Case, Scene, case};
use crate::misbehaving::bend::{set, without};
use crate::misbehaving::{Edit, Reply, Script, edit};

const UNUSABLE: &str = "token_answer";
const OUT_OF_REACH: &str = "token_unreachable";

/// The token endpoint answers so.
fn reply(name: &'static str, reply: Reply, status: u16, reason: &'static str) -> Case {
    case(name, |script| script.reply("/token", reply), status, reason)
}

/// The token answer is changed before it is sent.
fn changed(name: &'static str, change: Edit, reason: &'static str) -> Case {
    case(name, |script| script.token_answer = change, 502, reason)
}

fn json_of(status: u16, body: &str) -> Reply {
    Reply::status(status).body("application/json", body)
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_web_08_com_04_a_token_endpoint_that_answers_anything_else_signs_nobody_in() {
    let scene = Scene::start().await;
    let elsewhere = scene.elsewhere.url();
    let said = |error: &str| json!({ "error": error, "error_description": "<b>no</b>" }).to_string();
    scene.each_is_refused(vec![
        reply("invalid_client", json_of(401, &said("invalid_client")), 502, "client_refused"),
        reply("invalid_grant", json_of(400, &said("invalid_grant")), 400, "code_refused"),
        reply("invalid_scope", json_of(400, &said("invalid_scope")), 502, "token_refused"),
        reply("an error that nobody knows", json_of(400, &said("x")), 502, "token_refused"),
        reply("an error in a 200", json_of(200, &said("invalid_grant")), 400, "code_refused"),
        reply("an error that is no text", json_of(400, r#"{"error":{"a":1}}"#), 502, UNUSABLE),
        reply("HTML in a 200", Reply::html("<h1>Log in</h1>"), 502, UNUSABLE),
        reply("HTML in a 500", Reply::status(500).body("text/html", "<h1>Oops</h1>"), 502, UNUSABLE),
        reply("no content", Reply::status(204), 502, UNUSABLE),
        reply("nothing in a 200", json_of(200, ""), 502, UNUSABLE),
        reply("a list", json_of(200, "[]"), 502, UNUSABLE),
        reply("text", json_of(200, r#""access_token""#), 502, UNUSABLE),
        reply("a form", Reply::status(200).body("application/x-www-form-urlencoded", "access_token=a&token_type=Bearer"), 502, UNUSABLE),
        reply("members twice", json_of(200, r#"{"access_token":"a","access_token":"b","token_type":"Bearer","id_token":"x"}"#), 502, UNUSABLE),
        reply("members twice, deep inside", json_of(200, r#"{"access_token":"a","token_type":"Bearer","x":{"y":1,"y":2}}"#), 502, UNUSABLE),
        reply("no UTF-8", Reply::status(200).body("application/json", b"{\"access_token\":\"\xff\"}"), 502, UNUSABLE),
        reply("nested without end", json_of(200, &"[".repeat(100_000)), 502, UNUSABLE),
        reply("a redirect elsewhere", Reply::redirect(302, &elsewhere), 502, UNUSABLE),
        reply("a redirect that keeps the method", Reply::redirect(307, &elsewhere), 502, UNUSABLE),
        reply("a redirect for ever", Reply::redirect(308, &elsewhere), 502, UNUSABLE),
        reply("compressed, though nobody asked", Reply::status(200).header("Content-Encoding", "gzip").body("application/json", b"\x1f\x8b\x08\0\0"), 502, UNUSABLE),
        reply("a header of a megabyte", json_of(200, "{}").header("X", &"x".repeat(1_000_000)), 502, OUT_OF_REACH),
        reply("a thousand headers", (0..1_000).fold(json_of(200, "{}"), |reply, n| reply.header(&format!("X-{n}"), "x")), 502, OUT_OF_REACH),
        reply("cut short", Reply::status(200).cut(r#"{"access_token":"#), 502, OUT_OF_REACH),
        reply("no HTTP", Reply::raw(b"SSH-2.0-OpenSSH_9.2\r\n"), 502, OUT_OF_REACH),
        reply("hung up", Reply::raw(b""), 502, OUT_OF_REACH),
        reply("60 MB", Reply::status(200).huge(60_000_000), 502, OUT_OF_REACH),
        reply("60 MB in a 400", Reply::status(400).huge(60_000_000), 502, OUT_OF_REACH),
    ]).await;
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_web_12_a_token_answer_of_another_kind_or_without_its_members_signs_nobody_in() {
    let scene = Scene::start().await;
    scene.each_is_refused(vec![
        changed("no access token", without("access_token"), UNUSABLE),
        changed("an access token that is null", set("access_token", Value::Null), UNUSABLE),
        changed("an access token that is a number", set("access_token", 1), UNUSABLE),
        changed("no token type", without("token_type"), UNUSABLE),
        changed("a token type that is null", set("token_type", Value::Null), UNUSABLE),
        changed("an empty token type", set("token_type", ""), UNUSABLE),
        changed("a token type in a list", set("token_type", json!(["Bearer"])), UNUSABLE),
        changed("MAC", set("token_type", "mac"), UNUSABLE),
        changed("DPoP", set("token_type", "DPoP"), UNUSABLE),
        changed("a type with something behind it", set("token_type", "Bearer x"), UNUSABLE),
        changed("a scope that is a number", set("scope", 1), UNUSABLE),
        changed("no ID token", without("id_token"), UNUSABLE),
        changed("an ID token that is null", set("id_token", Value::Null), UNUSABLE),
        changed("an ID token that is an object", set("id_token", json!({})), UNUSABLE),
        changed("an error beside the tokens", set("error", "invalid_request"), "token_refused"),
        changed("an empty ID token", set("id_token", ""), "id_token_refused").check("token_malformed"),
        changed("an ID token that is rubbish", set("id_token", "rubbish"), "id_token_refused").check("token_malformed"),
        changed("an ID token of 100 kB", set("id_token", "a.".repeat(50_000)), "id_token_refused").check("token_too_large"),
        changed("an encrypted ID token", set("id_token", "eyJhbGciOiJSU0EtT0FFUCJ9.AAAA.AAAA.AAAA.AAAA"), "id_token_refused").check("token_malformed"),
        changed("the access token as ID token", edit(|answer| answer["id_token"] = answer["access_token"].clone()), "id_token_refused").check("token_type"),
    ]).await;
}

/// What came along is the access token that the ID token vouches for.
#[tokio::test]
async fn sec_web_08_another_access_token_than_the_id_tokens_signs_nobody_in() {
    let scene = Scene::start().await;
    let swapped = |name: &'static str, change: Edit| {
        let bend = |script: &mut Script| {
            script.at_hash = true;
            script.token_answer = change;
        };
        case(name, bend, 502, "at_hash_mismatch")
    };
    let hashed = |name: &'static str, at_hash: &'static str| {
        let bend = move |script: &mut Script| script.id_token = set("at_hash", at_hash);
        case(name, bend, 502, "at_hash_mismatch")
    };
    let mine = edit(|answer| answer["access_token"] = "the attacker's own".into());
    let more = edit(|answer| {
        answer["access_token"] = format!("{}A", answer["access_token"].as_str().unwrap()).into();
    });
    scene
        .each_is_refused(vec![
            swapped("another access token", mine),
            swapped("an access token with something behind it", more),
            hashed("at_hash of another", "AAAAAAAAAAAAAAAAAAAAAA"),
            hashed("at_hash of nothing", ""),
        ])
        .await;
}

/// Userinfo is about whom the ID token is about.
#[tokio::test]
async fn sec_web_09_userinfo_about_somebody_else_signs_nobody_in() {
    let scene = Scene::start().await;
    let about = |sub: &'static str| {
        let bend = move |script: &mut Script| script.userinfo = set("sub", sub);
        case(format!("about {sub:?}"), bend, 502, "userinfo_subject").calls(ALL_CALLS)
    };
    scene
        .each_is_refused(vec![about("jodie.foster"), about("Carl.Sagan"), about("")])
        .await;
    assert_ne!(ALL_CALLS, WITH_THE_CODE);
}
