//! Refreshes beside log outs, closed windows and ends: nothing is kept that nobody may have.

use super::*;

#[tokio::test]
async fn sec_web_18_a_refresh_goes_on_when_nobody_waits_for_it() {
    let gone = async {
        let scene = Arc::new(Scene::set().await);
        let slow = Reply::json(&tokens(Some(SECOND))).after(Duration::from_secs(1));
        scene.answer_refresh(slow);
        scene.nearly_end();
        let under_way = scene.show_me_until_it_refreshes().await;
        under_way.abort(); // the tab is closed
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert!(scene.bearers().is_empty(), "nobody was left to ask for");
        scene
    };
    let impatient = async {
        let scene = Arc::new(Scene::set().await);
        let slow = Reply::json(&tokens(Some(SECOND))).after(Duration::from_secs(8));
        scene.answer_refresh(slow);
        scene.pass(LIFE - 25);
        let flight = scene.show_me().await;
        let words = flight.page().words();
        assert_eq!(flight.status, 200, "{words}");
        assert!(words.contains("within six seconds"), "{words}");
        assert!(!scene.bearers().contains(&NEWER.to_owned()));
        tokio::time::sleep(Duration::from_secs(3)).await;
        scene
    };
    let (gone, impatient) = tokio::join!(gone, impatient);
    for scene in [gone, impatient] {
        assert_eq!(scene.show_me().await.status, 200);
        assert_eq!(scene.bearers().last().unwrap(), NEWER);
        assert_eq!(scene.sent(), [FIRST], "what came was kept");
    }
}

#[tokio::test]
async fn sec_ses_05_a_show_me_that_waits_for_new_tokens_asks_nobody_once_its_session_was_logged_out()
 {
    let run = async |reply: Reply| {
        let scene = Arc::new(Scene::set().await);
        scene.answer_refresh(reply);
        scene.nearly_end();
        let under_way = scene.show_me_until_it_refreshes().await;
        scene.browser.press(&scene.home, "log out").await;
        let flight = under_way.await.unwrap();
        assert_eq!(flight.status, 401, "{}", flight.page().words());
        assert!(scene.bearers().is_empty(), "the ended session's token");
    };
    let failed = Reply::status(500).after(Duration::from_secs(1));
    tokio::join!(run(failed), run(Reply::never()));
}

#[tokio::test]
async fn sec_web_18_ses_05_what_a_refresh_brings_after_a_log_out_is_not_kept_but_revoked() {
    let scene = Arc::new(Scene::set().await);
    let slow = Reply::json(&tokens(Some(SECOND))).after(Duration::from_secs(1));
    scene.answer_refresh(slow);
    scene.nearly_end();
    let under_way = {
        let scene = Arc::clone(&scene);
        tokio::spawn(async move {
            let home = scene.home.clone();
            scene.browser.go(&home, "show me the planets!").await
        })
    };
    while scene.sent().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let home = scene.home.clone();
    scene.browser.press(&home, "log out").await;

    let flight = under_way.await.unwrap();

    assert_eq!(flight.status, 401, "{}", flight.page().words());
    assert!(scene.bearers().is_empty(), "nobody was asked with them");
    let revoked = || -> Vec<_> {
        let revoked = scene.provider.server.received_at("/revoke");
        revoked.iter().filter_map(|r| r.field("token")).collect()
    };
    for _ in 0..300 {
        if revoked().len() >= 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for token in [FIRST, SECOND, NEWER] {
        assert!(revoked().iter().any(|one| one == token), "{token}");
    }
    assert!(!is_signed_in(&scene.home().await));
}

#[tokio::test]
async fn sec_ses_04_a_session_ends_with_its_refresh_token_unless_that_is_renewed() {
    for name in ["refresh_expires_in", "refresh_token_expires_in"] {
        let scene = Scene::with(move |answer| {
            answer["refresh_token"] = FIRST.into();
            answer[name] = 900.into();
        })
        .await;
        scene.pass(890);
        let home = scene.home().await;
        assert!(is_signed_in(&home), "{name}");
        let words = home.page().words();
        assert!(words.contains("The refresh token ends on"), "{words}");
        let mut newer = tokens(Some(SECOND));
        newer[name] = 900.into();
        scene.answer_refresh(Reply::json(&newer));
        scene.press_refresh().await;
        scene.pass(890);
        assert!(is_signed_in(&scene.home().await), "{name}: renewed");
        scene.pass(11);
        assert!(!is_signed_in(&scene.home().await), "{name}");
    }
}

#[tokio::test]
async fn sec_ses_09_lives_beyond_all_bounds_neither_wrap_nor_panic() {
    for odd in [
        json!(1e300),
        json!(-1),
        json!(1_u64 << 63),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("9".repeat(400)),
        json!(0),
    ] {
        let life = odd.clone();
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        let exp = odd.clone();
        provider.script().access_token = edit(move |claims| claims["exp"] = exp.clone());
        provider.script().token_answer = edit(move |answer| {
            answer["expires_in"] = life.clone();
            answer["refresh_expires_in"] = life.clone();
            answer["refresh_token"] = FIRST.into();
        });
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();
        let home = stack.authenticate(&browser, "silver").await;
        assert_eq!(home.status, 200, "{odd}");
        assert!(is_signed_in(&home), "{odd}: {}", home.page().words());
        provider.script().replies.insert(
            "/token".to_owned(),
            Reply::json(&json!({"access_token": NEWER, "token_type": "Bearer", "expires_in": odd})),
        );
        let flight = stack.show_me(&browser, "show me the planets!").await;
        assert_eq!(flight.status, 200, "{odd}: {}", flight.page().words());
        assert!(gateway.server.received().len() <= 2, "{odd}");
        assert!(is_signed_in(&browser.open(stack.web("/")).await), "{odd}");
    }
    for odd in [json!(1e300), json!(-1), json!(1_u64 << 63), json!("soon")] {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        let exp = odd.clone();
        provider.script().id_token = edit(move |claims| claims["exp"] = exp.clone());
        let stack = Stack::against(&provider, &gateway).await;
        let seen = stack.authenticate(&stack.browser(), "silver").await;
        let far = odd.as_f64().is_some_and(|exp| exp > 0.0);
        assert_eq!(seen.status, if far { 200 } else { 502 }, "{odd}");
        assert_eq!(is_signed_in(&seen), far, "{odd}");
    }
}
