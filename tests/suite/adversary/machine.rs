//! The machine's own token: what the token endpoint answers it is held to the same rules, and never shown.

use serde_json::{Value, json};
use solar_system::reason::{self, Reason};

use super::Scene;
use crate::misbehaving::{Reply, Script};

const CANARY: &str = "an-access-token-canary";

async fn scene() -> Scene {
    let machine = [
        ("MACHINE_CLIENT_ID", "my-machine"),
        ("MACHINE_CLIENT_SECRET", "a secret of the machine's own"),
    ];
    let scene = Scene::over(&machine, |_| {}).await;
    scene
        .gateway
        .reply("/comets", Reply::json(&json!(["halley"])));
    scene
}

fn answer(change: impl Fn(&mut Value)) -> Reply {
    let mut answer = json!({ "access_token": CANARY, "token_type": "Bearer", "expires_in": 0 });
    change(&mut answer);
    Reply::json(&answer)
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_web_12_com_04_a_token_endpoint_that_answers_a_machine_anything_else_lets_it_ask_nobody() {
    let scene = scene().await;
    let elsewhere = scene.elsewhere.url();
    let said = |status, body: &str| Reply::status(status).body("application/json", body);
    let faults: Vec<(&str, Reply, &Reason)> = vec![
        ("invalid_client", said(401, r#"{"error":"invalid_client"}"#), &reason::MACHINE_UNKNOWN),
        ("invalid_scope", said(400, r#"{"error":"invalid_scope"}"#), &reason::MACHINE_SCOPE),
        ("unauthorized_client", said(400, r#"{"error":"unauthorized_client"}"#), &reason::MACHINE_GRANT),
        ("an error that nobody knows", said(400, r#"{"error":"x"}"#), &reason::MACHINE_REFUSED),
        ("an error in a 200", answer(|members| members["error"] = "x".into()), &reason::MACHINE_REFUSED),
        ("HTML", Reply::html("<h1>Log in</h1>"), &reason::MACHINE_ANSWER),
        ("an error inside", Reply::status(500).body("text/html", "<script>x</script>"), &reason::MACHINE_ANSWER),
        ("nothing", said(200, ""), &reason::MACHINE_ANSWER),
        ("a list", said(200, "[]"), &reason::MACHINE_ANSWER),
        ("a member twice", said(200, r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#), &reason::MACHINE_ANSWER),
        ("no access token", answer(|members| drop(members.as_object_mut().unwrap().remove("access_token"))), &reason::MACHINE_ANSWER),
        ("an empty access token", answer(|members| members["access_token"] = "".into()), &reason::MACHINE_ANSWER),
        ("an access token that is a number", answer(|members| members["access_token"] = 1.into()), &reason::MACHINE_ANSWER),
        ("no token type", answer(|members| drop(members.as_object_mut().unwrap().remove("token_type"))), &reason::MACHINE_ANSWER),
        ("a DPoP token", answer(|members| members["token_type"] = "DPoP".into()), &reason::MACHINE_ANSWER),
        ("a redirect elsewhere", Reply::redirect(307, &elsewhere), &reason::MACHINE_ANSWER),
        ("cut short", Reply::status(200).cut(r#"{"access_token":"a""#), &reason::MACHINE_UNREACHABLE),
        ("60 MB", Reply::status(200).huge(60_000_000), &reason::MACHINE_UNREACHABLE),
        ("no HTTP", Reply::raw(b"* OK\r\n"), &reason::MACHINE_UNREACHABLE),
    ];
    let mut complaints = Vec::new();
    for (what, reply, reason) in faults {
        scene.script(|script| script.reply("/token", reply));
        scene.forget();
        let flight = scene.stack.show_me(&scene.stack.browser(), "ask as my-machine").await;
        let heading = flight.page().heading();
        if flight.status < 400 || !heading.contains(reason.heading) {
            complaints.push(format!("{what}: {} {heading}", flight.status));
        }
        if !scene.gateway.server.received().is_empty() || !scene.elsewhere.received().is_empty() {
            complaints.push(format!("{what}: somebody was asked"));
        }
        if flight.text().contains(CANARY) || flight.text().contains("<script>") {
            complaints.push(format!("{what}: told too much"));
        }

        scene.script(|script| script.reply("/token", answer(|_| {})));
        let flight = scene.stack.show_me(&scene.stack.browser(), "ask as my-machine").await;
        if flight.status != 200 || flight.text().contains(CANARY) {
            complaints.push(format!("{what}, and then a right one: {} {}", flight.status, flight.page().words()));
        }
        let asked = scene.gateway.server.received_at("/comets");
        if asked.len() != 1 || asked[0].header("authorization") != Some(format!("Bearer {CANARY}")) {
            complaints.push(format!("{what}, and then a right one: the gateway was asked {} times", asked.len()));
        }
        scene.script(Script::behave);
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
