//! Answers through the browser: forged, mixed up, of another browser, used before, too late.

use std::time::Duration;

use reqwest::Url;
use serde_json::json;

use super::scene::BEFORE_THE_CODE;
use super::{Case, Scene, case};
use crate::browser::Browser;
use crate::http::query;
use crate::misbehaving::bend::{append_pair, both, no_pair, one_more, pair, set, twice, without};
use crate::misbehaving::{Edit, Reply, Script, edit};

/// The redirect's parameters are changed; the code is not sent to anybody.
fn answer(name: &'static str, change: Edit, status: u16, reason: &'static str) -> Case {
    case(name, |script| script.redirect = change, status, reason).calls(BEFORE_THE_CODE)
}

/// An error instead of the code.
fn error(name: &'static str, change: Edit, status: u16, reason: &'static str) -> Case {
    let denied = edit(|pairs| pairs[0] = json!(["error", "access_denied"]));
    answer(name, both(denied, change), status, reason)
}

#[tokio::test]
#[rustfmt::skip]
async fn sec_web_01_04_05_14_com_12_a_forged_answer_signs_nobody_in() {
    let scene = Scene::start().await;
    scene.each_is_refused(vec![
        answer("no state", no_pair("state"), 400, "state_missing"),
        answer("an empty state", pair("state", ""), 400, "state_missing"),
        answer("a guessed state", pair("state", "guessed"), 400, "state_unknown"),
        answer("a state with something behind it", append_pair("state", "A"), 400, "state_unknown"),
        answer("the state twice", twice("state"), 400, "repeated_parameter"),
        answer("another state as well", one_more("state", "x"), 400, "repeated_parameter"),
        answer("the code twice", twice("code"), 400, "repeated_parameter"),
        answer("another code as well", one_more("code", "x"), 400, "repeated_parameter"),
        answer("the issuer twice", twice("iss"), 400, "repeated_parameter"),
        answer("an empty issuer as well", one_more("iss", ""), 400, "repeated_parameter"),
        answer("what nobody knows, twice", both(one_more("x", "1"), one_more("x", "2")), 400, "repeated_parameter"),
        answer("two errors", both(one_more("error", "a"), one_more("error", "b")), 400, "repeated_parameter"),

        answer("no code", no_pair("code"), 400, "contradiction"),
        answer("an empty code", pair("code", ""), 400, "contradiction"),
        answer("code and error", one_more("error", "access_denied"), 400, "contradiction"),
        answer("tokens instead of a code", both(no_pair("code"), both(one_more("access_token", "a"), one_more("id_token", "b"))), 400, "contradiction"),
        answer("a signed response instead of a code", both(no_pair("code"), one_more("response", "a.b.c")), 400, "contradiction"),

        answer("another issuer", pair("iss", "https://evil.example"), 400, "issuer_mismatch"),
        answer("the issuer with a slash", append_pair("iss", "/"), 400, "issuer_mismatch"),
        answer("the issuer in capitals", edit(|pairs| pairs[2][1] = pairs[2][1].as_str().unwrap().to_uppercase().into()), 400, "issuer_mismatch"),
        answer("no issuer, though announced", no_pair("iss"), 400, "issuer_mismatch"),
        answer("an empty issuer, though announced", pair("iss", ""), 400, "issuer_mismatch"),

        error("access_denied", Edit::default(), 403, "access_denied"),
        error("login_required", pair("error", "login_required"), 400, "provider_error"),
        error("temporarily_unavailable", pair("error", "temporarily_unavailable"), 503, "provider_error"),
        error("server_error", pair("error", "server_error"), 502, "provider_error"),
        error("an error that nobody knows", pair("error", "\u{1b}[31m\r\nx"), 400, "provider_error"),
        error("an error without state", no_pair("state"), 400, "state_missing"),
        error("an error with a guessed state", pair("state", "guessed"), 400, "state_unknown"),
        error("an error of another issuer", pair("iss", "https://evil.example"), 400, "issuer_mismatch"),
        error("an error of no issuer, though announced", no_pair("iss"), 400, "issuer_mismatch"),
        error("an empty error", pair("error", ""), 400, "contradiction"),
    ]).await;
}

/// `iss` is looked at even where it is not announced.
#[tokio::test]
async fn sec_web_05_an_issuer_that_was_not_announced_is_compared_all_the_same() {
    const ANNOUNCED: &str = "authorization_response_iss_parameter_supported";
    let scene = Scene::with(|script| script.metadata = without(ANNOUNCED)).await;
    let quiet = |change: Edit| {
        move |script: &mut Script| {
            script.metadata = without(ANNOUNCED);
            script.redirect = change;
        }
    };
    for (what, change, status) in [
        ("none", no_pair("iss"), 200),
        ("the right one", Edit::default(), 200),
        ("another", pair("iss", "https://evil.example"), 400),
    ] {
        scene.script(quiet(change));
        let seen = scene.sign_in_anew().await;
        assert_eq!(seen.status, status, "{what}: {}", seen.page().words());
    }
}

/// What a callback that never happened would be: asked for, answered, not opened.
async fn answered(scene: &Scene, browser: &Browser) -> Url {
    let home = browser.open(scene.stack.web("/")).await;
    let asked = browser.press(&home, "authenticate").await;
    browser.follow(&asked).await.location()
}

async fn assert_refused(scene: &Scene, what: &str, browser: &Browser, url: &Url, reason: &str) {
    let seen = browser.open(url).await;
    let words = seen.page().words();
    assert_eq!(seen.status, 400, "{what}: {words}");
    assert!(
        words.contains(&format!("reason {reason}")),
        "{what}: {words}"
    );
    assert!(!scene.is_signed_in(browser).await, "{what}");
}

#[tokio::test]
async fn sec_web_03_04_a_callback_of_another_browser_is_refused() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let callback = answered(&scene, &browser).await;
    let stranger = scene.stack.browser();
    stranger.open(scene.stack.web("/")).await; // has cookies of its own
    for (what, other) in [
        ("a browser without cookies", scene.stack.browser()),
        ("a browser with cookies of its own", stranger),
    ] {
        assert_refused(&scene, what, &other, &callback, "state_unknown").await;
    }
    let victim = scene.stack.browser();
    scene.sign_in(&victim).await;
    let before = scene.calls().len();
    let forced = victim.open(&callback).await;
    assert_eq!(forced.status, 400);
    assert!(scene.is_signed_in(&victim).await, "no session is ended");
    assert_eq!(scene.calls().len(), before, "the code is sent nowhere");

    let seen = browser.open(&callback).await;
    assert_eq!(seen.status, 200, "the right browser still may");
    assert!(scene.is_signed_in(&browser).await);
}

#[tokio::test]
async fn sec_web_03_an_attempt_is_gone_after_its_first_answer_whatever_it_was() {
    let scene = Scene::start().await;
    for (what, first, is_spent) in [
        ("the answer itself", "", true),
        ("an error", "error=access_denied", true),
        ("code and error", "code=a&error=b", true),
        ("neither", "x=1", true),
        ("another issuer", "code=a&iss=https://evil.example", true),
        ("a parameter twice", "code=a&code=b", true),
        (
            "its state twice: whose it is nobody can say",
            "code=a&state=b",
            false,
        ),
    ] {
        let browser = scene.stack.browser();
        let callback = answered(&scene, &browser).await;
        let mut forged = callback.clone();
        if !first.is_empty() {
            let state = query(&callback, "state").unwrap();
            let issuer = scene.provider.issuer();
            let iss = if first.contains("iss=") {
                String::new()
            } else {
                format!("&iss={issuer}")
            };
            forged.set_query(Some(&format!("{first}&state={state}{iss}")));
        }
        browser.open(&forged).await;
        scene.forget();

        let seen = browser.open(&callback).await;

        let redeemed = scene.provider.server.received_at("/token").len();
        assert_eq!(
            redeemed,
            usize::from(!is_spent),
            "{what}: {}",
            seen.page().words()
        );
    }
}

/// A second answer that comes while the first one's code is being redeemed finds nothing.
#[tokio::test]
async fn sec_web_03_an_attempt_is_gone_before_its_code_is_sent() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let callback = answered(&scene, &browser).await;
    let late = Reply::status(500).after(Duration::from_millis(500));
    scene.script(|script| script.reply("/token", late));

    let both = futures_util::future::join_all((0..5).map(|_| browser.get(&callback))).await;

    let refused = both
        .iter()
        .filter(|seen| seen.page().words().contains("reason state_unknown"));
    assert_eq!(refused.count(), 4, "one of five is taken");
    assert_eq!(scene.calls(), ["/authorize", "/token"]);
}

#[tokio::test]
async fn sec_web_03_04_an_answer_after_ten_minutes_is_too_late() {
    for (minutes, status) in [(9, 200), (11, 400)] {
        let scene = Scene::start().await;
        let browser = scene.stack.browser();
        let callback = answered(&scene, &browser).await;
        scene.stack.clock.advance(Duration::from_secs(minutes * 60));

        let seen = browser.open(&callback).await;

        assert_eq!(seen.status, status, "{minutes}: {}", seen.page().words());
        let redeemed = scene.provider.server.received_at("/token").len();
        assert_eq!(redeemed == 1, status == 200, "{minutes}");
    }
}

/// A code that was stolen from one sign-in and brought into another one's answer: the verifier stops it, and where a
/// provider does not look at that, the nonce.
#[tokio::test]
async fn sec_web_02_03_08_a_code_of_another_sign_in_signs_nobody_in() {
    let scene = Scene::start().await;
    for (checks_pkce, status, told) in [
        (true, 400, "reason code_refused"),
        (false, 502, "check token_nonce"),
    ] {
        scene.script(|script| script.checks_pkce = checks_pkce);
        let (victim, thief) = (scene.stack.browser(), scene.stack.browser());
        let stolen = query(&answered(&scene, &victim).await, "code").unwrap();
        let mut callback = answered(&scene, &thief).await;
        let own = query(&callback, "code").unwrap();
        let injected = callback.query().unwrap().replace(&own, &stolen);
        callback.set_query(Some(&injected));

        let seen = thief.open(&callback).await;

        let words = seen.page().words();
        assert_eq!(seen.status, status, "{words}");
        assert!(words.contains(told), "{words}");
        assert!(!scene.is_signed_in(&thief).await);
    }
}

/// The code flow's answer comes in the query of a GET, and in no other way.
#[tokio::test]
async fn sec_web_01_an_answer_by_post_or_in_a_fragment_is_none() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let callback = answered(&scene, &browser).await;
    let provider = Url::parse(&scene.provider.issuer()).unwrap();
    let pairs: Vec<_> = callback.query_pairs().into_owned().collect();
    let fields: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut bare = callback.clone();
    bare.set_query(None);

    let posted = browser.post_form(&provider, &bare, &fields).await;
    assert_eq!(posted.status, 405);
    assert_refused(
        &scene,
        "what a fragment leaves",
        &browser,
        &bare,
        "state_missing",
    )
    .await;
    let head = crate::http::client().head(callback.clone());
    let head = head.header("cookie", browser.cookie_header(&callback));
    crate::http::send(head).await;
    assert_eq!(scene.calls(), BEFORE_THE_CODE);

    assert_eq!(
        browser.open(&callback).await.status,
        200,
        "it was for nothing"
    );
}

/// Issuer, endpoints and redirect URI are those with which the sign-in began.
#[tokio::test]
async fn sec_web_06_a_code_goes_to_the_endpoint_that_was_known_when_it_was_asked_for() {
    let scene = Scene::start().await;
    let browser = scene.stack.browser();
    let callback = answered(&scene, &browser).await;
    let asked = scene.provider.server.received_at("/authorize").remove(0);
    let moved = format!("{}/moved", scene.elsewhere.url());
    scene.script(|script| script.metadata = set("token_endpoint", moved));
    scene.script(|script| script.reply("/token", Reply::status(500)));
    scene.sign_in_anew().await; // fails, so that metadata is read again
    scene.script(|script| drop(script.replies.remove("/token")));
    let other = scene.sign_in_anew().await;
    assert_eq!(other.status, 502);
    assert_eq!(
        scene.elsewhere.received().len(),
        1,
        "others follow the provider"
    );
    scene.forget();

    let seen = browser.open(&callback).await;

    assert_eq!(seen.status, 200, "{}", seen.page().words());
    assert_eq!(scene.elsewhere.received().len(), 1, "not this one");
    let redeemed = scene.provider.server.received_at("/token").remove(0);
    assert_eq!(redeemed.field("redirect_uri"), asked.field("redirect_uri"));
    assert_eq!(
        redeemed.field("redirect_uri"),
        Some(scene.stack.web("/callback"))
    );
    assert_eq!(redeemed.field("code"), query(&callback, "code"));
}

#[tokio::test]
async fn sec_web_13_21_the_callback_leads_to_a_fixed_page_without_code_and_state() {
    let scene = Scene::start().await;
    for extra in [
        "",
        "&return_to=//evil.example",
        "&redirect_uri=https://evil.example",
        "&next=%2F%2Fevil.example",
    ] {
        let browser = scene.stack.browser();
        let mut callback = answered(&scene, &browser).await;
        let query = format!("{}{extra}", callback.query().unwrap());
        callback.set_query(Some(&query));

        let seen = browser.get(&callback).await;

        assert_eq!(seen.status, 303, "{extra}: {}", seen.page().words());
        assert_eq!(seen.header("location"), "/", "{extra}");
        assert!(seen.header("cache-control").contains("no-store"));
        assert_eq!(seen.header("referrer-policy"), "no-referrer");
        assert!(seen.body.is_empty());
    }
    let refused = scene
        .stack
        .browser()
        .get(scene.stack.web("/callback?code=c&state=s"))
        .await;
    assert!(refused.header("cache-control").contains("no-store"));
    assert_eq!(refused.header("referrer-policy"), "no-referrer");
    assert!(!refused.text().contains("code=c"));
}

#[tokio::test]
async fn sec_web_14_an_issuers_error_is_told_in_our_words_and_its_own_are_cut_and_plain_text() {
    let scene = Scene::start().await;
    let text = format!("<b>come back</b> later\r\n\u{1b}[31m{}", "x".repeat(5_000));
    let describe = |pairs: &mut serde_json::Value| {
        pairs[0] = json!(["error", "temporarily_unavailable"]);
    };
    let told = |text: String| {
        edit(move |pairs| {
            describe(pairs);
            pairs
                .as_array_mut()
                .unwrap()
                .push(json!(["error_description", text]));
            pairs
                .as_array_mut()
                .unwrap()
                .push(json!(["error_uri", "https://evil.example/help"]));
        })
    };
    scene.script(|script| script.redirect = told(text.clone()));
    let refused = scene.sign_in_anew().await;
    let words = refused.page().words();
    assert_eq!(refused.status, 503);
    assert!(words.contains("error temporarily_unavailable"), "{words}");
    assert!(words.contains("<b>come back</b> later"), "as text: {words}");
    assert!(!refused.text().contains("<b>come back") && !refused.text().contains('\u{1b}'));
    assert!(!words.contains(&"x".repeat(401)) && !refused.text().contains("evil.example"));

    for (what, change) in [
        ("without state", no_pair("state")),
        ("with another state", pair("state", "guessed")),
        ("of another issuer", pair("iss", "https://evil.test")),
        ("of no issuer", no_pair("iss")),
    ] {
        scene.script(|script| script.redirect = both(told("call 555".to_owned()), change));
        let refused = scene.sign_in_anew().await;
        assert_eq!(refused.status, 400, "{what}");
        assert!(
            !refused.text().contains("555"),
            "{what}: {}",
            refused.page().words()
        );
    }
}

/// An authorization endpoint that answers anything but a redirect with our answer in it.
#[tokio::test]
async fn sec_web_04_an_authorization_endpoint_that_sends_nothing_back_signs_nobody_in() {
    let scene = Scene::start().await;
    let app = |path: &str| Reply::redirect(302, &scene.stack.web(path));
    for (what, reply) in [
        ("an error", Reply::status(500)),
        ("a page", Reply::html("<h1>Maintenance</h1>")),
        ("the app's home page", app("/")),
        ("a bare callback", app("/callback")),
        (
            "an answer of its own making",
            app("/callback?code=x&state=y"),
        ),
        (
            "an error of its own making",
            app("/callback?error=access_denied&state=y"),
        ),
    ] {
        scene.script(|script| script.reply("/authorize", reply));
        scene.forget();
        let browser = scene.stack.browser();
        let seen = scene.sign_in(&browser).await;
        assert!(!seen.page().words().contains("Signed in as"), "{what}");
        assert!(!scene.is_signed_in(&browser).await, "{what}");
        assert_eq!(scene.calls(), BEFORE_THE_CODE, "{what}");
        scene.script(Script::behave);
        assert_eq!(scene.sign_in(&browser).await.status, 200, "{what}");
    }
}
