//! New tokens for a session: before they end, after a 401, by a button; one at a time, rotated, verified.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;
use tokio::task::JoinSet;

use crate::browser::{Browser, Seen};
use crate::misbehaving::{Gateway, Keys, Provider, Received, Reply, Server, edit};
use crate::people::CARL;
use crate::stack::{CLIENT_ID, Stack};

const FIRST: &str = "canary-refresh-token-one";
const SECOND: &str = "canary-refresh-token-two";
const NEWER: &str = "canary-access-token-two";
/// What the first access token lives, in seconds.
const LIFE: u64 = 600;

/// Somebody signed in at a provider that gave a refresh token.
struct Scene {
    provider: Provider,
    gateway: Gateway,
    stack: Stack,
    browser: Browser,
    home: Seen,
}

impl Scene {
    async fn set() -> Self {
        Self::with(|answer| {
            answer["refresh_token"] = FIRST.into();
            answer["expires_in"] = LIFE.into();
        })
        .await
    }

    async fn with(change: impl Fn(&mut Value) + Send + 'static) -> Self {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        provider.script().token_answer = edit(change);
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();
        let home = stack.authenticate(&browser, "silver").await;
        assert!(is_signed_in(&home), "{}", home.page().words());
        provider.server.forget_received();
        Self {
            provider,
            gateway,
            stack,
            browser,
            home,
        }
    }

    /// What the token endpoint answers from now on.
    fn answer_refresh(&self, reply: Reply) {
        let mut script = self.provider.script();
        script.replies.insert("/token".to_owned(), reply);
    }

    fn pass(&self, seconds: u64) {
        self.stack.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets the access token come so near to its end that it is used no more.
    fn nearly_end(&self) {
        self.pass(LIFE - 20);
    }

    async fn home(&self) -> Seen {
        self.browser.open(self.stack.web("/")).await
    }

    async fn show_me(&self) -> Seen {
        self.stack
            .show_me(&self.browser, "show me the planets!")
            .await
    }

    /// Presses the button, later than a refresh that just was would allow.
    async fn press_refresh(&self) -> Seen {
        self.pass(6);
        self.browser
            .go(&self.home().await, "refresh the tokens")
            .await
    }

    /// The refresh tokens that were sent to the token endpoint.
    fn sent(&self) -> Vec<String> {
        let asked = self.provider.server.received_at("/token");
        let sent = asked.iter().map(|request| {
            assert_eq!(
                request.field("grant_type").as_deref(),
                Some("refresh_token")
            );
            assert!(
                request
                    .header("authorization")
                    .unwrap()
                    .starts_with("Basic ")
            );
            request.field("refresh_token").unwrap()
        });
        sent.collect()
    }

    /// Asks for something, and tells when the provider is being asked for new tokens.
    async fn show_me_until_it_refreshes(self: &Arc<Self>) -> tokio::task::JoinHandle<Seen> {
        let scene = Arc::clone(self);
        let task = tokio::spawn(async move {
            let home = scene.home.clone();
            scene.browser.go(&home, "show me the planets!").await
        });
        while self.sent().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        task
    }

    /// The access tokens that were sent to the gateway.
    fn bearers(&self) -> Vec<String> {
        bearers(&self.gateway.server.received())
    }
}

fn bearers(received: &[Received]) -> Vec<String> {
    let headers = received
        .iter()
        .map(|request| request.header("authorization").unwrap_or_default());
    headers
        .map(|header| header.trim_start_matches("Bearer ").to_owned())
        .collect()
}

/// Waits until the provider was asked to revoke these.
async fn await_revoked(provider: &Provider, tokens: &[&str]) -> Vec<String> {
    let revoked = || -> Vec<String> {
        let revoked = provider.server.received_at("/revoke");
        revoked.iter().filter_map(|r| r.field("token")).collect()
    };
    for _ in 0..500 {
        let all = revoked();
        if tokens
            .iter()
            .all(|one| all.iter().any(|other| other == one))
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    revoked()
}

fn is_signed_in(seen: &Seen) -> bool {
    seen.page().words().contains("Signed in as")
}

fn tokens(refresh_token: Option<&str>) -> Value {
    let mut answer = json!({
        "access_token": NEWER, "token_type": "Bearer", "expires_in": LIFE,
    });
    if let Some(refresh_token) = refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    answer
}

fn assert_no_canary(seen: &Seen) {
    assert!(!seen.text().contains("canary"), "{}", seen.text());
    for value in seen.headers.values() {
        assert!(!value.to_str().unwrap_or_default().contains("canary"));
    }
}

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

fn refusal(status: u16, error: &str) -> Reply {
    let body = json!({"error": error, "error_description": format!("it was {FIRST} <b>")});
    Reply::status(status).body("application/json", body.to_string())
}

#[tokio::test]
async fn sec_web_18_a_fault_of_the_network_or_the_provider_ends_no_session() {
    let faults = [
        ("500", Reply::status(500)),
        ("503, whatever it says", refusal(503, "invalid_grant")),
        ("busy", refusal(400, "temporarily_unavailable")),
        ("client", refusal(401, "invalid_client")),
        ("HTML", Reply::html("<h1>invalid_grant</h1>")),
        ("no HTTP", Reply::raw(b"nope")),
        ("cut", Reply::status(200).cut("{\"access_token\":")),
        ("elsewhere", Reply::redirect(302, "http://127.0.0.1:9/")),
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
            assert!(home.page().find("refresh the tokens").is_none(), "{what}");
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
async fn sec_web_18_a_token_endpoint_that_moved_is_found_again() {
    let scene = Scene::set().await;
    scene.answer_refresh(Reply::status(404));
    let moved = format!("{}/tokens", scene.provider.issuer());
    scene.provider.script().metadata =
        edit(move |metadata| metadata["token_endpoint"] = moved.clone().into());
    let answer = Reply::json(&tokens(Some(SECOND)));
    scene.provider.script().reply("/tokens", answer);
    assert_eq!(scene.press_refresh().await.status, 502);
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
