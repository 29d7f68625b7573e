//! Introspection that fails, lies or drips: never a yes.

use std::time::Duration;

use serde_json::{Value, json};

use super::gateway::{Case, Guarded, refused};
use crate::misbehaving::bend::{renamed, set, without};
use crate::misbehaving::{Edit, Reply, Script, edit};
use crate::people::SILVER_SCOPE;

fn answered(what: &str, change: fn() -> Edit) -> Case {
    let bend = move |script: &mut Script| script.introspection = change();
    refused(what, bend, vec!["token_inactive"])
}

fn of_a_kind(what: &str, kind: &'static str) -> Case {
    let bend = move |script: &mut Script| script.introspection = set("token_type", kind);
    refused(what, bend, vec!["token_type"])
}

fn reply(what: &str, reply: Reply, status: u16) -> Case {
    let bend = move |script: &mut Script| script.reply("/introspect", reply.clone());
    Case {
        status,
        ..refused(what, bend, Vec::new())
    }
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_tok_17_only_an_answer_that_says_active_by_the_boolean_opens_anything() {
    let guarded = Guarded::by("introspection").await;
    let elsewhere = crate::misbehaving::Server::start(0, |_| Reply::json(&json!({ "active": true })));
    let json_of = |status, body: &str| Reply::status(status).body("application/json", body);
    guarded.each_is_refused(vec![
        answered("active false", || set("active", false)),
        answered("active as text", || set("active", "true")),
        answered("active 1", || set("active", 1)),
        answered("active in a list", || set("active", json!([true]))),
        answered("active as an object", || set("active", json!({ "active": true }))),
        answered("active null", || set("active", Value::Null)),
        answered("no active", || without("active")),
        answered("Active in capitals", || renamed("active", "Active")),
        answered("nothing at all", || edit(|answer| *answer = json!({}))),
        of_a_kind("a DPoP token", "DPoP"),
        of_a_kind("a refresh token", "refresh_token"),

        Case {
            rules: vec!["introspection_refused"],
            ..reply("the token is of a kind that it does not know", json_of(400, r#"{"error":"unsupported_token_type"}"#), 401)
        },
        reply("our credentials are wrong", json_of(401, r#"{"error":"invalid_client","x":"canary"}"#), 503),
        reply("we may not", json_of(403, "{}"), 503),
        reply("not found", Reply::status(404), 503),
        reply("too many", Reply::status(429), 503),
        reply("an error inside", Reply::status(500).body("text/html", "canary"), 503),
        reply("out of service", Reply::status(503), 503),
        reply("no content", Reply::status(204), 503),
        reply("a redirect", Reply::redirect(307, &elsewhere.url()), 503),
        reply("HTML", Reply::html(r#"<h1>{"active":true}</h1>"#), 503),
        reply("nothing", json_of(200, ""), 503),
        reply("true", json_of(200, "true"), 503),
        reply("a list", json_of(200, r#"[{"active":true}]"#), 503),
        reply("active twice", json_of(200, r#"{"active":false,"active":true}"#), 503),
        reply("a signed answer", Reply::status(200).body("application/token-introspection+jwt", "a.b.c"), 503),
        reply("cut short", Reply::status(200).cut(r#"{"active":true,"#), 503),
        reply("60 MB", Reply::status(200).huge(60_000_000), 503),
        reply("no HTTP", Reply::raw(b"{\"active\":true}"), 503),
        reply("hung up", Reply::raw(b""), 503),
    ]).await;
    assert!(elsewhere.received().is_empty(), "a redirect was followed");

    let asked = guarded.provider.server.received_at("/introspect");
    let expected = crate::http::basic("the-gateway", "a secret of the gateway's own");
    for request in asked {
        assert_eq!(request.method, "POST");
        assert_eq!(request.query, "", "no token in a URL");
        assert_eq!(request.header("authorization"), Some(expected.clone()), "authenticated");
        assert!(request.field("token").is_some());
    }
}

/// An issuer that does not answer in time is no yes, and holds nobody for longer than is set.
#[tokio::test]
async fn sec_tok_17_an_issuer_that_hangs_is_503() {
    let guarded = Guarded::over(&[
        ("GATEWAY_POLICY", "introspection"),
        ("GATEWAY_FIRST_BYTE_TIME", "1s"),
    ])
    .await;
    let yes = r#"{"active":true}"#;
    let drip = Reply::status(200).drip(yes, Duration::from_millis(500));
    let late = Reply::status(200).body("application/json", yes);
    guarded
        .each_is_refused(vec![
            reply("never", Reply::never(), 503),
            reply("a byte at a time", drip, 503),
            reply("late", late.after(Duration::from_secs(3)), 503),
        ])
        .await;
}

/// What the issuer says is kept for half a minute, for this token alone.
#[tokio::test]
async fn sec_tok_16_17_a_verdict_counts_for_half_a_minute_and_for_one_token() {
    let guarded = Guarded::by("introspection").await;
    let (token, other) = (guarded.token(SILVER_SCOPE), guarded.token(SILVER_SCOPE));
    assert_eq!(guarded.ask("/planets", &token).await.status, 200);
    let no = Reply::json(&json!({ "active": false }));
    guarded.provider.script().reply("/introspect", no);
    assert_eq!(
        guarded.ask("/planets", &other).await.status,
        401,
        "another token"
    );
    let longer = format!("{token}A");
    assert_eq!(
        guarded.ask("/planets", &longer).await.status,
        401,
        "a byte more"
    );
    assert_eq!(guarded.ask("/planets", &token).await.status, 200, "kept");
    guarded.stack.clock.advance(Duration::from_secs(31));
    assert_eq!(
        guarded.ask("/planets", &token).await.status,
        401,
        "half a minute later"
    );
}
