//! When the app refreshes, and what it then asks the gateway: before the end, after a 401, by the button.

use super::*;

#[tokio::test]
async fn sec_web_18_tokens_that_are_about_to_end_are_refreshed_before_the_gateway_is_asked() {
    let scene = Scene::set().await;
    scene.answer_refresh(Reply::json(&tokens(Some(SECOND))));
    scene.pass(LIFE - 40);
    assert_eq!(scene.show_me().await.status, 200);
    assert!(scene.sent().is_empty(), "it lives long enough");

    scene.pass(20);
    let flight = scene.show_me().await;

    assert_eq!(flight.status, 200, "{}", flight.page().words());
    assert_eq!(scene.sent(), [FIRST]);
    let bearers = scene.bearers();
    assert_eq!(bearers.len(), 2, "one call to the gateway a click");
    assert_eq!(bearers[1], NEWER, "with the new token");
    let words = flight.page().words();
    for part in [
        "New tokens were asked for",
        "grant_type=refresh_token&refresh_token=[refresh token]",
        "Basic [client id and secret]",
        "about to end",
        "neptune",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert_no_canary(&flight);

    assert_eq!(scene.show_me().await.status, 200);
    assert_eq!(scene.sent().len(), 1, "the new one is used from now on");
    assert_eq!(scene.bearers()[2], NEWER);
}

#[tokio::test]
async fn sec_web_18_a_new_refresh_token_replaces_the_old_one_and_where_none_comes_the_old_one_stays()
 {
    let scene = Scene::set().await;
    scene.answer_refresh(Reply::json(&tokens(Some(SECOND))));
    let flight = scene.press_refresh().await;
    assert_eq!(flight.status, 200, "{}", flight.page().words());
    let words = flight.page().words();
    assert!(words.contains("There are new tokens"), "{words}");
    assert!(words.contains("was replaced"), "{words}");
    assert_no_canary(&flight);

    scene.answer_refresh(Reply::json(&tokens(None)));
    let words = scene.press_refresh().await.page().words();
    assert!(words.contains("stays the same"), "{words}");
    scene.press_refresh().await;

    assert_eq!(scene.sent(), [FIRST, SECOND, SECOND]);
    scene.show_me().await;
    assert_eq!(scene.bearers(), [NEWER]);
}

#[tokio::test]
async fn sec_web_18_parallel_requests_of_a_session_refresh_once_and_all_use_what_came() {
    let scene = Arc::new(Scene::set().await);
    let slow = Reply::json(&tokens(Some(SECOND))).after(Duration::from_millis(700));
    scene.answer_refresh(slow);
    scene.nearly_end();
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let scene = Arc::clone(&scene);
        crowd.spawn(async move {
            scene
                .browser
                .go(&scene.home, "show me the planets!")
                .await
                .status
        });
    }
    let statuses = crowd.join_all().await;

    assert_eq!(statuses, [200; 20]);
    assert_eq!(scene.sent(), [FIRST], "one asked, and the others waited");
    assert_eq!(scene.bearers(), vec![NEWER; 20]);
}

#[tokio::test]
async fn sec_web_18_30_a_401_is_refreshed_once_asked_once_more_and_both_calls_are_shown() {
    let provider = Provider::start(&Clock::system());
    provider.script().token_answer = edit(|answer| answer["refresh_token"] = FIRST.into());
    let gateway = Server::start(0, |request| {
        if request.header("authorization").as_deref() == Some(&format!("Bearer {NEWER}")) {
            return Reply::json(&json!(["neptune"]));
        }
        Reply::status(401).header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
    });
    let (issuer, proxy) = (provider.issuer(), gateway.url());
    let stack = Stack::with(&[("ISSUER", &issuer), ("PROXY_URI", &proxy)]).await;
    let browser = stack.browser();
    stack.authenticate(&browser, "silver").await;
    let answer = Reply::json(&tokens(Some(SECOND)));
    provider
        .script()
        .replies
        .insert("/token".to_owned(), answer);
    provider.server.forget_received();

    let flight = stack.show_me(&browser, "show me the planets!").await;

    assert_eq!(flight.status, 200, "{}", flight.page().words());
    let words = flight.page().words();
    for part in ["And refused", "401 Unauthorized", "New tokens", "neptune"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert_no_canary(&flight);
    assert_eq!(provider.server.received_at("/token").len(), 1);
    let sent = bearers(&gateway.received());
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1], NEWER);
}

#[tokio::test]
async fn sec_web_30_a_gateway_that_keeps_refusing_is_asked_twice_and_other_refusals_refresh_nothing()
 {
    for (status, refreshes, calls) in [(401, 1, 2), (403, 0, 1), (429, 0, 1), (500, 0, 1)] {
        let scene = Scene::set().await;
        scene.answer_refresh(Reply::json(&tokens(Some(SECOND))));
        let challenge = r#"Bearer error="invalid_token", scope="http://myapp.com/scp/silver""#;
        let reply = Reply::status(status).header("WWW-Authenticate", challenge);
        scene.gateway.reply("/planets", reply);

        let flight = scene.show_me().await;

        let shown = if status == 500 { 502 } else { status };
        assert_eq!(flight.status, shown, "{}", flight.page().words());
        assert_eq!(scene.sent().len(), refreshes, "{status}");
        assert_eq!(scene.bearers().len(), calls, "{status}");
        assert!(is_signed_in(&scene.home().await), "{status}");
        if status == 403 {
            let words = flight.page().words();
            assert!(words.contains("http://myapp.com/scp/silver"), "{words}");
        }
    }
}

#[tokio::test]
async fn sec_web_30_without_a_refresh_token_a_401_is_asked_once() {
    let scene = Scene::with(|_| {}).await;
    scene.gateway.reply("/planets", Reply::status(401));
    let flight = scene.show_me().await;
    assert_eq!(flight.status, 401);
    assert_eq!(scene.bearers().len(), 1);
    assert!(scene.sent().is_empty());
}

#[tokio::test]
async fn sec_web_18_30_a_401_and_a_refresh_in_vain_are_both_shown_and_the_session_goes_on() {
    let scene = Scene::set().await;
    scene.answer_refresh(Reply::status(500));
    scene.gateway.reply("/planets", Reply::status(401));

    let flight = scene.show_me().await;

    assert_eq!(flight.status, 401);
    let words = flight.page().words();
    assert!(words.contains("tried to get new tokens"), "{words}");
    assert!(words.contains("500 Internal Server Error"), "{words}");
    assert_eq!(scene.bearers().len(), 1);
    assert!(is_signed_in(&scene.home().await));
    scene.show_me().await;
    assert_eq!(scene.sent().len(), 1, "not asked again for some seconds");
}

#[tokio::test]
async fn sec_com_21_new_tokens_are_not_asked_for_again_a_moment_after_some_came() {
    let scene = Scene::set().await;
    scene.answer_refresh(Reply::json(&tokens(Some(SECOND))));
    assert_eq!(scene.press_refresh().await.status, 200);
    for _ in 0..5 {
        let seen = scene.browser.go(&scene.home, "refresh the tokens").await;
        assert_eq!(seen.url.path(), "/");
    }
    scene.gateway.reply("/planets", Reply::status(401));
    for _ in 0..5 {
        assert_eq!(scene.show_me().await.status, 401);
    }
    assert_eq!(scene.sent(), [FIRST]);
    assert_eq!(scene.press_refresh().await.status, 200);
    assert_eq!(scene.sent(), [FIRST, SECOND]);
}

#[tokio::test]
async fn without_a_refresh_token_there_is_no_button_and_the_page_says_why() {
    let scene = Scene::with(|_| {}).await;
    assert!(scene.home.page().find("refresh the tokens").is_none());
    let words = scene.home.page().words();
    assert!(words.contains("offline_access"), "{words}");

    let mut forged = scene.home.page().press("show me the planets!");
    forged.url.set_path("/refresh");
    let refused = scene.browser.submit(&scene.home, forged).await;
    assert_eq!(refused.status, 401, "{}", refused.page().words());
    assert!(scene.sent().is_empty());
    assert!(is_signed_in(&scene.home().await));
}

#[tokio::test]
async fn the_embedded_house_refreshes_too() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = stack.sign_in(&browser, "silver", CARL).await;
    assert!(home.page().words().contains("The access token ends on"));

    let flight = browser.go(&home, "refresh the tokens").await;

    assert_eq!(flight.status, 200, "{}", flight.page().words());
    assert!(flight.page().words().contains("There are new tokens"));
    assert!(
        !flight.text().contains(".eyJ"),
        "a raw token is on the page"
    );
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 200);
    stack.clock.advance(Duration::from_secs(590));
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 200, "{}", planets.page().words());
    assert!(planets.page().words().contains("New tokens were asked for"));
}
