//! Sign-ins that do not go straight: two tabs, the back button, reloads, slow people. Forged answers stand in
//! [`crate::adversary`].

use std::time::Duration;

use url::Url;

use crate::browser::Browser;
use crate::people::{CARL, JODIE};
use crate::stack::{Stack, sign_in_at};

/// Signs in and stops at the redirect back to the app: the callback's URL, not opened yet.
async fn callback_of(stack: &Stack, browser: &Browser) -> Url {
    let form = stack.authenticate(browser, "silver").await;
    let filled = form.page().press("sign in");
    let filled = filled
        .with("username", CARL.login)
        .with("password", CARL.password);
    let mut seen = browser.submit(&form, filled).await;
    while seen.location().path() != "/callback" {
        seen = browser.follow(&seen).await;
    }
    seen.location()
}

async fn is_signed_in(stack: &Stack, browser: &Browser) -> bool {
    let home = browser.open(stack.web("/")).await;
    home.page().words().contains("Signed in as Carl Sagan")
}

#[tokio::test]
async fn two_tabs_may_sign_in_at_once() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let first = stack.authenticate(&browser, "silver").await;
    let second = stack.authenticate(&browser, "silver").await;

    let second = sign_in_at(&browser, &second, CARL).await;
    let first = sign_in_at(&browser, &first, CARL).await;

    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.url.path(), "/");
    assert!(is_signed_in(&stack, &browser).await);
}

#[tokio::test]
async fn the_callback_reloaded_or_reached_by_the_back_button_harms_nothing() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let callback = callback_of(&stack, &browser).await;
    let home = browser.open(&callback).await;
    assert_eq!((home.status, home.url.path()), (200, "/"));

    let again = browser.open(&callback).await;

    assert!(again.status < 500, "{}", again.status);
    assert!(!again.page().heading().is_empty());
    assert!(is_signed_in(&stack, &browser).await, "the session goes on");
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 200, "and its tokens still work");
}

#[tokio::test]
async fn the_sign_in_page_reached_by_the_back_button_works_again() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let form = stack.authenticate(&browser, "silver").await;
    sign_in_at(&browser, &form, CARL).await;

    let again = sign_in_at(&browser, &form, CARL).await;

    assert!(again.status < 500, "{}", again.status);
    assert!(is_signed_in(&stack, &browser).await);
}

#[tokio::test]
async fn sec_web_03_whoever_takes_eleven_minutes_is_told_and_can_start_anew() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let form = stack.authenticate(&browser, "silver").await;
    stack.clock.advance(Duration::from_secs(11 * 60));

    let late = sign_in_at(&browser, &form, CARL).await;

    assert!((400..500).contains(&late.status), "{}", late.status);
    assert!(!late.page().heading().is_empty());
    assert!(!is_signed_in(&stack, &browser).await);
    let home = stack.sign_in(&browser, "silver", CARL).await;
    assert_eq!(home.status, 200);
    assert!(is_signed_in(&stack, &browser).await);
}

#[tokio::test]
async fn nine_minutes_are_not_too_many() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let form = stack.authenticate(&browser, "silver").await;
    stack.clock.advance(Duration::from_secs(9 * 60));

    sign_in_at(&browser, &form, CARL).await;

    assert!(is_signed_in(&stack, &browser).await);
}

#[tokio::test]
async fn a_restart_in_between_is_a_page_and_signing_in_works_again() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let callback = callback_of(&stack, &browser).await;
    let stack = stack.restarted().await;

    let lost = browser.open(&callback).await;

    assert!((400..500).contains(&lost.status), "{}", lost.status);
    assert!(lost.page().find("authenticate").is_some() || lost.page().find("home").is_some());
    stack.sign_in(&browser, "silver", CARL).await;
    assert!(is_signed_in(&stack, &browser).await);
}

#[tokio::test]
async fn a_restart_ends_a_session_and_a_form_from_before_it_does_nothing_worse_than_say_so() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = stack.sign_in(&browser, "silver", CARL).await;
    let stack = stack.restarted().await;

    let flight = browser.go(&home, "show me the planets!").await;

    assert!((400..500).contains(&flight.status), "{}", flight.status);
    assert!(!flight.page().heading().is_empty());
    assert!(!is_signed_in(&stack, &browser).await);
    stack.sign_in(&browser, "silver", CARL).await;
    assert!(is_signed_in(&stack, &browser).await);
}

#[tokio::test]
async fn a_hundred_and_twenty_abandoned_sign_ins_do_not_grow_the_cookies() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let button = crate::controls::Control::named("authenticate").under("silver");
    for _ in 0..120 {
        let redirect = browser.press(&home, button).await;
        assert_eq!(redirect.status, 303);
    }

    let cookies = browser.cookie_header(&Url::parse(&stack.web("/")).unwrap());

    assert!(cookies.len() < 4_096, "{} bytes", cookies.len());
    stack.sign_in(&browser, "silver", CARL).await;
    assert!(is_signed_in(&stack, &browser).await);
}

#[tokio::test]
async fn an_attempt_started_by_one_person_is_finished_as_whoever_signs_in() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;

    let home = stack.sign_in(&browser, "gold", JODIE).await;

    let words = home.page().words();
    assert!(words.contains("Signed in as Jodie Foster"), "{words}");
    assert!(!words.contains("Carl Sagan"), "{words}");
}
