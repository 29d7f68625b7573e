//! What stands on the page after answers that are right, and odd.

use serde_json::{Value, json};

use super::Scene;
use crate::misbehaving::bend::set;
use crate::misbehaving::{Reply, edit};
use crate::people::{GOLD_SCOPE, SILVER_SCOPE};

#[tokio::test]
async fn all_claims_stand_on_the_page_whatever_their_type() {
    let scene = Scene::start().await;
    scene.provider.script().id_token = edit(|claims| {
        claims["nested"] = json!({ "inner": ["deep", { "deeper": 17.5 }] });
        claims["nothing"] = Value::Null;
        claims["<script>alert(1)</script>"] = "<img src=x onerror=alert(2)>".into();
    });

    let home = scene.sign_in_anew().await;

    let page = home.page();
    let words = page.words();
    for part in [
        "nested",
        "inner",
        "deeper",
        "17.5",
        "nothing",
        "null",
        "<script>alert(1)</script>",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert!(page.words_at("script").is_none() && page.attributes("img", "src").is_empty());
}

#[tokio::test]
async fn an_opaque_access_token_is_called_that() {
    let scene = Scene::start().await;
    scene.provider.script().access_token_algorithm = None;

    let home = scene.sign_in_anew().await;

    let words = home.page().words().to_lowercase();
    assert!(words.contains("opaque"), "{words}");
}

#[tokio::test]
async fn sec_web_12_who_gets_less_than_was_asked_is_told_so_and_why_a_resource_is_refused() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let home = scene.stack.authenticate(&browser, "gold").await;
    let all = "less than was asked";
    assert!(!home.page().words().contains(all), "all was granted");

    scene.provider.script().token_answer = set("scope", "openid");
    let home = scene.stack.authenticate(&browser, "gold").await;
    let notice = home.page().words_at(".notice").unwrap();
    assert!(
        notice.contains(all) && notice.contains(GOLD_SCOPE),
        "{notice}"
    );
    assert!(home.page().words().contains("Signed in as"));

    let missing = "the provider let you in and left it out";
    let refuse = Reply::status(403);
    scene.gateway.reply("/moons", refuse);
    let flight = scene.stack.show_me(&browser, "show me some moons!").await;
    let words = flight.page().words();
    assert!(flight.status == 403 && words.contains(missing), "{words}");

    // Who did not ask is told to ask.
    scene.provider.script().token_answer = edit(|_| {});
    scene.stack.authenticate(&browser, "silver").await;
    let flight = scene.stack.show_me(&browser, "show me some moons!").await;
    let words = flight.page().words();
    assert!(flight.status == 403 && !words.contains(missing), "{words}");

    // A token answer that leaves openid out withholds nothing.
    scene.provider.script().token_answer = set("scope", SILVER_SCOPE);
    let home = scene.stack.authenticate(&browser, "silver").await;
    assert!(!home.page().words().contains(all));
}

/// A name may not turn the text around it, nor bring what cannot be seen, wherever it stands.
#[tokio::test]
async fn what_cannot_be_seen_stands_on_no_page() {
    let scene = Scene::start().await;
    let odd = "Carl\u{202e}nagaS\u{0}\u{1b}[31m\u{2066}";
    scene.provider.script().id_token = set("name", odd);
    scene.provider.script().userinfo = set("nickname", odd);
    scene.provider.script().access_token = set("na\u{202e}me", odd);
    let home = scene.sign_in_anew().await;
    assert!(home.page().words().contains("Signed in as Carl nagaS"));
    for unseen in ['\u{202e}', '\u{0}', '\u{1b}', '\u{2066}'] {
        assert!(!home.text().contains(unseen), "{unseen:?}");
    }
}
