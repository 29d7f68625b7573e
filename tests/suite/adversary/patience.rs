//! Peers that never answer, or a byte at a time, or without end: each is given up, and the app goes on.

use std::time::{Duration, Instant};

use super::Scene;
use crate::misbehaving::{Reply, Script};

const METADATA: &str = "/.well-known/openid-configuration";

/// What is asked, and what becomes of a sign-in when it hangs.
const ENDPOINTS: [(&str, u16, &str); 4] = [
    (METADATA, 504, "reason provider_slow"),
    ("/keys", 502, "reason keys_unavailable"),
    ("/token", 504, "reason provider_slow"),
    ("/userinfo", 200, "Signed in as"),
];

fn hanging() -> [(&'static str, Reply); 3] {
    let drip = Reply::status(200).drip("{".repeat(1_000), Duration::from_millis(300));
    let late = Reply::status(200).body("application/json", "{}");
    [
        ("never", Reply::never()),
        ("a byte at a time", drip),
        ("after half a minute", late.after(Duration::from_secs(30))),
    ]
}

/// All at once, each at an app of its own.
#[tokio::test(flavor = "multi_thread")]
async fn sec_com_04_a_provider_that_hangs_is_given_up_and_the_app_goes_on() {
    let mut all = Vec::new();
    for (path, status, words) in ENDPOINTS {
        for (how, reply) in hanging() {
            all.push(async move {
                let what = format!("{path} answers {how}");
                let scene = Scene::with(|script| script.reply(path, reply)).await;
                let browser = scene.stack.browser();
                let start = Instant::now();
                let seen = scene.sign_in(&browser).await;
                let took = start.elapsed();
                let page = seen.page().words();
                assert_eq!(seen.status, status, "{what}: {page}");
                assert!(page.contains(words), "{what}: {page}");
                assert!(took < Duration::from_secs(16), "{what}: {took:?}");
                assert_eq!(scene.is_signed_in(&browser).await, status == 200, "{what}");

                scene.script(Script::behave);
                tokio::time::sleep(Duration::from_millis(2_100)).await; // a failure is believed for two seconds
                let seen = scene.sign_in(&browser).await;
                assert_eq!(
                    seen.status,
                    200,
                    "{what}, and again: {}",
                    seen.page().words()
                );
            });
        }
    }
    futures_util::future::join_all(all).await;
}

/// Slow is not wrong: an answer that arrives byte by byte within its time is taken.
#[tokio::test]
async fn an_answer_that_comes_byte_by_byte_in_time_is_taken() {
    let scene = Scene::start().await;
    scene.script(|script| {
        let keys = script.keys.published().to_string();
        let slow = Reply::status(200).header("Content-Type", "application/json");
        script.reply("/keys", slow.drip(keys, Duration::from_micros(200)));
    });
    let home = scene.sign_in_anew().await;
    assert_eq!(home.status, 200, "{}", home.page().words());
}

/// Reading stops where an answer is longer than any that is expected: what is taken of 60 MB is what buffers hold.
#[tokio::test]
async fn sec_com_04_an_answer_without_end_is_not_read_to_its_end() {
    for path in [METADATA, "/keys", "/token", "/userinfo", "/revoke"] {
        let huge = Reply::status(200).huge(60_000_000);
        let scene = Scene::with(|script| script.reply(path, huge)).await;
        let browser = scene.stack.browser();
        let home = scene.sign_in(&browser).await;
        if home.page().find("log out").is_some() && home.status == 200 {
            crate::stack::log_out(&browser, &home).await;
        }
        let taken = scene.provider.server.taken();
        assert!((1..20_000_000).contains(&taken), "{path}: {taken} bytes");
    }
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    scene.sign_in(&browser).await;
    scene
        .gateway
        .reply("/planets", Reply::status(200).huge(60_000_000));
    let flight = scene.stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(flight.status, 502);
    let taken = scene.gateway.server.taken();
    assert!((1..20_000_000).contains(&taken), "{taken} bytes");
}
