//! Keys that come and go: rotated before and during a sign-in, withheld, asked for too often.

use std::time::Duration;

use solar_system::clock::Clock;

use super::Scene;
use crate::misbehaving::bend::set;
use crate::misbehaving::{Edit, Keys, Reply, Script, forge};

#[tokio::test]
async fn sec_tok_11_keys_rotated_before_and_during_a_sign_in_are_fetched_at_once() {
    let scene = Scene::start().await;
    assert_eq!(scene.sign_in_anew().await.status, 200);
    assert_eq!(scene.key_fetches(), 1);
    scene.script(|script| script.keys = Keys::generate(2));
    assert_eq!(scene.sign_in_anew().await.status, 200, "before");
    assert_eq!(scene.key_fetches(), 2);

    let browser = scene.stack.browser();
    let home = browser.open(scene.stack.web("/")).await;
    let asked = browser.press(&home, "authenticate").await;
    let answered = browser.follow(&asked).await;
    scene.script(|script| script.keys = Keys::generate(3));
    let home = browser.follow_all(answered).await;
    assert_eq!(home.status, 200, "during: {}", home.page().words());
    assert_eq!(scene.key_fetches(), 3);
}

/// A key of the same name is another key.
#[tokio::test]
async fn sec_tok_11_keys_replaced_under_their_old_names_are_fetched_too() {
    let scene =
        Scene::with(|script| script.id_token_algorithm = jsonwebtoken::Algorithm::ES256).await;
    assert_eq!(scene.sign_in_anew().await.status, 200);
    scene.script(|script| script.keys = Keys::generate(1));
    let home = scene.sign_in_anew().await;
    assert_eq!(home.status, 200, "{}", home.page().words());
    assert_eq!(scene.key_fetches(), 2);
}

/// Unknown keys one after the other: a look-up at once, then one in ten seconds, failures included.
#[tokio::test]
async fn sec_tok_11_unknown_keys_are_looked_up_once_in_ten_seconds() {
    for (what, fault) in [
        ("not published", None),
        ("not to be had", Some(Reply::status(500))),
        (
            "none at all",
            Some(Reply::status(200).body("application/json", r#"{"keys":[]}"#)),
        ),
    ] {
        let scene = Scene::by(&Clock::standing(), &[], |_| {}).await;
        assert_eq!(scene.sign_in_anew().await.status, 200);
        scene.script(|script| {
            script.id_token_forge = forge(|draft| {
                let kid = solar_system::oauth::random_value();
                draft
                    .with_header(&serde_json::json!({ "kid": kid }))
                    .signed()
            });
            if let Some(reply) = fault {
                script.reply("/keys", reply);
            }
        });
        for _ in 0..5 {
            assert_eq!(scene.sign_in_anew().await.status, 502, "{what}");
        }
        assert_eq!(scene.key_fetches(), 2, "{what}: within ten seconds");
        scene.stack.clock.advance(Duration::from_secs(8));
        assert_eq!(scene.sign_in_anew().await.status, 502, "{what}");
        assert_eq!(scene.key_fetches(), 2, "{what}: eight seconds later");
        scene.stack.clock.advance(Duration::from_secs(3));
        for _ in 0..5 {
            assert_eq!(scene.sign_in_anew().await.status, 502, "{what}");
        }
        assert_eq!(scene.key_fetches(), 3, "{what}: eleven seconds later");

        scene.script(Script::behave);
        assert_eq!(
            scene.sign_in_anew().await.status,
            200,
            "{what}: known keys stay"
        );
    }
}

/// Twenty people at once after a rotation: one fetch.
#[tokio::test]
async fn sec_tok_11_many_sign_ins_with_a_new_key_cost_one_fetch() {
    let scene = Scene::start().await;
    assert_eq!(scene.sign_in_anew().await.status, 200);
    scene.script(|script| {
        script.keys = Keys::generate(2);
        script.reply(
            "/keys",
            Reply::json(&script.keys.published()).after(Duration::from_millis(300)),
        );
    });
    let all = futures_util::future::join_all((0..20).map(|_| scene.sign_in_anew())).await;
    assert!(all.iter().all(|home| home.status == 200));
    assert_eq!(scene.key_fetches(), 2);
}

/// What is no longer published opens nothing after five minutes; what is not to be had is used for a day.
#[tokio::test]
async fn sec_tok_11_withdrawn_keys_go_and_old_ones_last_through_a_days_outage() {
    let scene = Scene::start().await;
    assert_eq!(scene.sign_in_anew().await.status, 200);
    scene.script(|script| {
        script.published_keys = crate::misbehaving::edit(|set| {
            set["keys"].as_array_mut().unwrap().remove(0);
        });
    });
    scene.stack.clock.advance(Duration::from_secs(301));
    assert_eq!(scene.sign_in_anew().await.status, 502, "withdrawn");

    scene.script(|script| script.published_keys = Edit::default());
    scene.stack.clock.advance(Duration::from_secs(301));
    assert_eq!(scene.sign_in_anew().await.status, 200, "published again");
    scene.script(|script| script.reply("/keys", Reply::status(500)));
    scene.stack.clock.advance(Duration::from_secs(23 * 3600));
    assert_eq!(scene.sign_in_anew().await.status, 200, "an outage");
    scene.stack.clock.advance(Duration::from_secs(2 * 3600));
    let refused = scene.sign_in_anew().await;
    assert_eq!(refused.status, 502, "more than a day");
    assert!(refused.page().words().contains("reason keys_unavailable"));
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_tok_12_com_04_a_key_set_that_is_none_signs_nobody_in_and_is_not_remembered() {
    let elsewhere = crate::misbehaving::Server::start(0, |_| Reply::status(404));
    let text = |text: &str| Reply::status(200).body("application/json", text);
    for (what, reply) in [
        ("404", Reply::status(404)),
        ("HTML", Reply::html("<h1>Keys</h1>")),
        ("nothing", text("")),
        ("a list", text("[]")),
        ("no list of keys", text(r#"{"keys":{}}"#)),
        ("keys twice", text(r#"{"keys":[],"keys":[]}"#)),
        ("a redirect elsewhere", Reply::redirect(302, &elsewhere.url())),
        ("60 MB", Reply::status(200).huge(60_000_000)),
        ("cut short", Reply::status(200).cut(r#"{"keys":["#)),
        ("no HTTP", Reply::raw(b"* OK IMAP4rev1\r\n")),
    ] {
        let scene = Scene::with(|script| script.reply("/keys", reply)).await;
        let refused = scene.sign_in_anew().await;
        let words = refused.page().words();
        assert_eq!(refused.status, 502, "{what}: {words}");
        assert!(words.contains("reason keys_unavailable"), "{what}: {words}");
        assert_eq!(scene.calls(), ["/authorize", "/token"], "{what}");
        scene.script(Script::behave);
        assert_eq!(scene.sign_in_anew().await.status, 200, "{what}: at once again");
    }
    assert!(elsewhere.received().is_empty(), "a redirect was followed");
}

/// The keys of the issuer's metadata and no others, wherever a token points.
#[tokio::test]
async fn sec_tok_04_keys_come_from_the_issuers_jwks_uri_alone() {
    let scene = Scene::start().await;
    let stranger = Keys::generate(66);
    let published = Reply::json(&stranger.published());
    let elsewhere = crate::misbehaving::Server::start(0, move |_| published.clone());
    let (jku, x5u) = (
        format!("{}/keys", elsewhere.url()),
        format!("{}/x5u", elsewhere.url()),
    );
    scene.script(|script| {
        script.id_token_forge = forge(move |draft| {
            draft.by_stranger(|keys| {
                serde_json::json!({
                    "alg": "ES256", "kid": keys.key_id(jsonwebtoken::Algorithm::ES256),
                    "jwk": keys.public(jsonwebtoken::Algorithm::ES256), "jku": jku, "x5u": x5u,
                })
            })
        });
    });
    assert_eq!(scene.sign_in_anew().await.status, 502);
    assert!(
        elsewhere.received().is_empty(),
        "a token adds nobody to ask"
    );

    let jwks_uri = format!("{}/keys", elsewhere.url());
    scene.script(|script| {
        script.behave();
        script.metadata = set("jwks_uri", jwks_uri);
        script.keys = stranger;
    });
    let home = scene.sign_in_anew().await;
    assert_eq!(
        home.status,
        200,
        "the issuer's own word counts: {}",
        home.page().words()
    );
    assert_eq!(elsewhere.received().len(), 1);
}
