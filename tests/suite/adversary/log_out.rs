//! A log out whose provider fails: the session here is over all the same.

use std::time::Duration;

use super::Scene;
use crate::misbehaving::{Reply, Script, Server};
use crate::stack::log_out;

#[tokio::test(flavor = "multi_thread")]
#[rustfmt::skip]
async fn sec_web_22_com_04_a_revocation_that_fails_keeps_nobody_signed_in() {
    let elsewhere = Server::start(0, |_| Reply::status(404));
    let drip = Reply::status(200).drip("x".repeat(1_000), Duration::from_millis(300));
    let all = [
        ("400", Reply::status(400).body("application/json", r#"{"error":"unsupported_token_type"}"#)),
        ("401", Reply::status(401)),
        ("500", Reply::status(500).body("text/html", "<script>canary</script>")),
        ("HTML", Reply::html("canary")),
        ("a redirect elsewhere", Reply::redirect(307, &elsewhere.url())),
        ("60 MB", Reply::status(200).huge(60_000_000)),
        ("cut short", Reply::status(200).cut("x")),
        ("no HTTP", Reply::raw(b"canary")),
        ("never", Reply::never()),
        ("a byte at a time", drip),
    ].map(|(what, reply)| async move {
        let scene = Scene::start().await;
        let browser = scene.stack.browser();
        let home = scene.sign_in(&browser).await;
        scene.script(|script| script.reply("/revoke", reply));

        let left = log_out(&browser, &home).await;

        assert_eq!(left.status, 200, "{what}: {}", left.page().words());
        assert_eq!(left.url.path(), "/logout", "{what}: it goes on at the provider");
        assert!(!scene.is_signed_in(&browser).await, "{what}");
        let planets = scene.stack.show_me(&browser, "show me the planets!").await;
        assert_eq!(planets.status, 401, "{what}");
        assert!(scene.gateway.server.received().iter().all(|request| request.header("authorization").is_none()));
        scene.script(Script::behave);
        assert_eq!(scene.sign_in(&browser).await.status, 200, "{what}");
    });
    futures_util::future::join_all(all).await;
    assert!(elsewhere.received().is_empty(), "a redirect was followed");
}
