//! What the provider answers to a refresh, and what becomes of the session.

use super::*;

fn refusal(status: u16, error: &str) -> Reply {
    let body = json!({"error": error, "error_description": format!("it was {FIRST} <b>")});
    Reply::status(status).body("application/json", body.to_string())
}

#[tokio::test]
async fn sec_web_18_a_fault_of_the_network_or_the_provider_ends_no_session() {
    let elsewhere = Server::start(0, |_| Reply::status(404));
    let faults = [
        ("500", Reply::status(500)),
        ("503, whatever it says", refusal(503, "invalid_grant")),
        ("busy", refusal(400, "temporarily_unavailable")),
        ("client", refusal(401, "invalid_client")),
        ("HTML", Reply::html("<h1>invalid_grant</h1>")),
        ("no HTTP", Reply::raw(b"nope")),
        ("cut", Reply::status(200).cut("{\"access_token\":")),
        ("elsewhere", Reply::redirect(302, &elsewhere.url())),
        (
            "MAC",
            Reply::json(&json!({"access_token": NEWER, "token_type": "mac"})),
        ),
        (
            "empty",
            Reply::json(&json!({"access_token": "", "token_type": "Bearer"})),
        ),
    ];
    for (what, fault) in faults {
        let scene = Scene::set().await;
        scene.answer_refresh(fault);
        scene.nearly_end();

        let flight = scene.show_me().await;

        assert_eq!(flight.status, 200, "{what}: the old token still lives");
        assert!(flight.page().words().contains("no new tokens"), "{what}");
        assert_no_canary(&flight);
        assert_eq!(scene.sent().len(), 1, "{what}");
        assert_ne!(scene.bearers(), [NEWER], "{what}");
        assert!(is_signed_in(&scene.home().await), "{what}");

        scene.answer_refresh(Reply::json(&tokens(Some(SECOND))));
        scene.pass(6);
        assert_eq!(scene.show_me().await.status, 200, "{what}");
        assert_eq!(scene.sent(), [FIRST, FIRST], "{what}: it recovers");
        assert_eq!(scene.bearers()[1], NEWER, "{what}");
    }
    assert!(elsewhere.received().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn sec_web_18_invalid_grant_ends_the_session_and_the_page_says_so() {
    for by_button in [true, false] {
        let scene = Scene::set().await;
        scene.answer_refresh(refusal(400, "invalid_grant"));

        let flight = if by_button {
            scene.press_refresh().await
        } else {
            scene.nearly_end();
            scene.show_me().await
        };

        assert_eq!(flight.status, 401, "{}", flight.page().words());
        let words = flight.page().words();
        for part in [
            "Your session here is over",
            "invalid_grant",
            "signed out",
            "authenticate",
        ] {
            assert!(words.contains(part), "{part} in {words}");
        }
        assert_no_canary(&flight);
        assert!(scene.bearers().is_empty(), "the gateway is not asked");
        assert!(!is_signed_in(&scene.home().await));
        let planets = scene.show_me().await;
        assert_eq!(planets.status, 401);
        assert!(scene.bearers().iter().all(String::is_empty), "no token");
        scene.provider.script().replies.clear();
        assert!(is_signed_in(
            &scene.stack.authenticate(&scene.browser, "silver").await
        ));
    }
}

/// What a change of the new ID token comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// The new tokens are taken.
    Taken,
    /// They are not, and the session goes on with those that it has.
    Kept,
    /// The session ends.
    Over,
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "most of it is one table")]
async fn sec_web_18_a_new_id_token_is_verified_and_keeps_issuer_subject_audience_and_nonce() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change, End); 12] = [
        ("nothing", |_| {}, End::Taken),
        (
            "no nonce",
            |claims| claims["nonce"] = Value::Null,
            End::Taken,
        ),
        (
            "issuer",
            |claims| claims["iss"] = "https://evil.example".into(),
            End::Kept,
        ),
        (
            "subject",
            |claims| claims["sub"] = "jodie.foster".into(),
            End::Over,
        ),
        ("no subject", |claims| claims["sub"] = "".into(), End::Kept),
        (
            "audience",
            |claims| claims["aud"] = "another".into(),
            End::Kept,
        ),
        (
            "more audience",
            |claims| claims["aud"] = json!([CLIENT_ID, "another"]),
            End::Kept,
        ),
        ("azp", |claims| claims["azp"] = CLIENT_ID.into(), End::Over),
        (
            "nonce",
            |claims| claims["nonce"] = "another".into(),
            End::Over,
        ),
        ("old", |claims| claims["iat"] = 1.into(), End::Kept),
        ("over", |claims| claims["exp"] = 1.into(), End::Kept),
        (
            "at_hash",
            |claims| claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA".into(),
            End::Kept,
        ),
    ];
    for (what, change, end) in changes {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        provider.script().token_answer = edit(|answer| {
            answer["refresh_token"] = FIRST.into();
            answer["expires_in"] = LIFE.into();
        });
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();
        let home = stack.authenticate(&browser, "silver").await;
        let nonce = provider.server.received_at("/authorize")[0].field("nonce");
        let now = stack.clock.now();
        let mut claims = json!({
            "iss": provider.issuer(), "sub": "carl.sagan", "aud": CLIENT_ID, "nonce": nonce,
            "iat": now, "exp": now + 600, "name": "Newer Name",
        });
        change(&mut claims);
        let claims = claims.as_object_mut().unwrap();
        claims.retain(|_, value| !value.is_null());
        let mut answer = tokens(Some(SECOND));
        {
            let mut script = provider.script();
            let algorithm = Algorithm::RS256;
            let header = json!({"alg": "RS256", "kid": script.keys.key_id(algorithm)});
            let claims = Value::Object(claims.clone());
            answer["id_token"] = script.keys.sign(algorithm, &header, &claims).into();
            script
                .replies
                .insert("/token".to_owned(), Reply::json(&answer));
        }

        let flight = browser.go(&home, "refresh the tokens").await;

        let status = match end {
            End::Taken => 200,
            End::Kept => 502,
            End::Over => 401,
        };
        let words = flight.page().words();
        assert_eq!(flight.status, status, "{what}: {words}");
        let home = browser.open(stack.web("/")).await;
        assert_eq!(is_signed_in(&home), end != End::Over, "{what}");
        let words = home.page().words();
        assert_eq!(words.contains("Newer Name"), end == End::Taken, "{what}");
        stack.show_me(&browser, "show me the planets!").await;
        let used = bearers(&gateway.server.received()).contains(&NEWER.to_owned());
        assert_eq!(used, end == End::Taken, "{what}");
        if end == End::Taken {
            continue;
        }
        // What came is nobody's, and what was sent is spent: to send it again would look like a theft.
        let revoked = await_revoked(&provider, &[SECOND, NEWER]).await;
        for token in [SECOND, NEWER] {
            assert!(revoked.iter().any(|one| one == token), "{what}: {token}");
        }
        stack.clock.advance(Duration::from_secs(LIFE - 20));
        stack.show_me(&browser, "show me the planets!").await;
        let asked = provider.server.received_at("/token").len();
        assert_eq!(asked, 2, "{what}: the sign-in and one refresh");
        if end == End::Kept {
            assert!(!revoked.iter().any(|one| one == FIRST), "{what}");
            let words = flight.page().words();
            assert!(words.contains("were given back"), "{what}: {words}");
            let home = browser.open(stack.web("/")).await;
            for page in [flight.page(), home.page()] {
                assert!(page.find("refresh the tokens").is_none(), "{what}");
                assert!(page.find("authenticate").is_some(), "{what}");
            }
            let words = home.page().words();
            assert!(words.contains("The refresh token is spent"), "{what}");
            assert!(!words.contains("gave no refresh token"), "{what}: {words}");
        }
    }
}

/// An ID token of the next keys, which are not to be had at first.
#[tokio::test]
async fn sec_web_18_08_tokens_that_came_before_their_key_are_taken_once_it_is_there_and_given_back_else()
 {
    let run = async |comes: bool| {
        let scene = Scene::set().await;
        let mut answer = tokens(Some(SECOND));
        {
            let mut script = scene.provider.script();
            script.keys = Keys::generate(2);
            let now = scene.stack.clock.now();
            let claims = json!({
                "iss": scene.provider.issuer(), "sub": "carl.sagan", "aud": CLIENT_ID, "iat": now, "exp": now + 600,
            });
            let header = json!({"alg": "RS256", "kid": script.keys.key_id(Algorithm::RS256)});
            answer["id_token"] = script.keys.sign(Algorithm::RS256, &header, &claims).into();
            script.reply("/token", Reply::json(&answer));
            script.reply("/keys", Reply::status(500));
        }
        let pressed = scene.press_refresh().await;
        assert_eq!(pressed.status, 502, "{}", pressed.page().words());
        assert!(is_signed_in(&scene.home().await));
        if comes {
            scene.provider.script().replies.remove("/keys");
        }
        tokio::time::sleep(Duration::from_secs(7)).await;
        scene.show_me().await;
        let bearers = scene.bearers();
        assert_eq!(bearers.contains(&NEWER.to_owned()), comes);
        if !comes {
            await_revoked(&scene.provider, &[SECOND, NEWER]).await;
        }
        let revoked = await_revoked(&scene.provider, &[]).await;
        assert_eq!(revoked.contains(&SECOND.to_owned()), !comes, "{revoked:?}");
        scene.nearly_end();
        scene.show_me().await;
        let expected: &[&str] = if comes { &[FIRST, SECOND] } else { &[FIRST] };
        assert_eq!(scene.sent(), expected);
    };
    tokio::join!(run(true), run(false));
}

#[tokio::test]
async fn sec_web_18_a_token_endpoint_that_moved_is_found_again() {
    let scene = Scene::set().await;
    scene.answer_refresh(Reply::status(404));
    let moved = format!("{}/tokens", scene.provider.issuer());
    scene.provider.script().metadata =
        edit(move |metadata| metadata["token_endpoint"] = moved.clone().into());
    let answer = Reply::json(&tokens(Some(SECOND)));
    scene.provider.script().reply("/tokens", answer);
    let failed = scene.press_refresh().await;
    assert_eq!(failed.status, 502);
    assert!(failed.page().find("refresh the tokens").is_some());
    let found = scene.press_refresh().await;
    assert_eq!(found.status, 200, "{}", found.page().words());
    assert_eq!(scene.provider.server.received_at("/tokens").len(), 1);
}

#[tokio::test]
async fn sec_web_18_a_smaller_scope_counts_and_an_absent_one_changes_nothing() {
    let scene = Scene::set().await;
    scene.answer_refresh(Reply::json(&tokens(None)));
    scene.press_refresh().await;
    let words = scene.home().await.page().words();
    assert!(!words.contains("less than was asked"), "{words}");

    let mut smaller = tokens(None);
    smaller["scope"] = "openid".into();
    scene.answer_refresh(Reply::json(&smaller));
    scene.press_refresh().await;

    let words = scene.home().await.page().words();
    assert!(words.contains("less than was asked"), "{words}");
}
