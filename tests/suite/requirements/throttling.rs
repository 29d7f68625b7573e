//! Who asks too often is told to wait, and nobody else (COM-21).

use std::time::Instant;

use crate::browser::Browser;
use crate::harm::begin;
use crate::http::client;
use crate::people::CARL;
use crate::stack::{Stack, sign_in_at};

/// Thirty at once, where one a second is the bound.
const AT_ONCE: usize = 30;

async fn throttled(browser: &Browser, stack: &Stack, path: &str) -> bool {
    let home = browser.open(stack.web("/")).await;
    for number in 0..AT_ONCE + 15 {
        let seen = if path == "/callback" {
            browser.get(stack.web("/callback?code=a&state=b")).await
        } else {
            browser.press(&home, "authenticate").await
        };
        if seen.status != 429 {
            continue;
        }
        assert!(number >= AT_ONCE, "the {number}th");
        let seconds: u64 = seen.header("retry-after").parse().unwrap();
        assert!((1..=2).contains(&seconds), "{seconds}");
        assert!(seen.header("content-type").starts_with("text/html"));
        assert!(seen.page().words().contains("too_many_sign_ins"));
        return true;
    }
    false
}

#[tokio::test]
async fn sec_com_21_one_browser_is_told_to_wait_at_login_and_callback_and_others_are_not() {
    let stack = Stack::with(&[("SIGN_IN_RATE", "1")]).await;
    for path in ["/authenticate", "/callback"] {
        assert!(throttled(&stack.browser(), &stack, path).await, "{path}");
    }
    let other = stack.browser();
    let form = stack.authenticate(&other, "silver").await;
    let home = sign_in_at(&other, &form, CARL).await;
    assert!(home.page().words().contains("Signed in as"));
}

#[tokio::test]
async fn sec_com_21_as_delivered_nobody_who_signs_in_often_is_told_to_wait() {
    let stack = Stack::start().await;
    assert!(!throttled(&stack.browser(), &stack, "/authenticate").await);
    assert!(!throttled(&stack.browser(), &stack, "/callback").await);
    let unbound = Stack::with(&[("SIGN_IN_RATE", "off")]).await;
    assert!(!throttled(&unbound.browser(), &unbound, "/callback").await);
}

/// An office or a school behind one address: every browser in it is somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn sec_com_21_as_delivered_three_thousand_browsers_of_one_address_all_start_to_sign_in() {
    let stack = Stack::start().await;
    let (home, post) = (stack.web("/"), stack.web("/authenticate/silver"));
    let client = client();
    for _ in 0..30 {
        let batch = (0..100).map(|_| begin(&client, &home, &post));
        for started in futures_util::future::join_all(batch).await {
            assert_eq!(started.status, 303, "{}", started.text());
        }
    }
    let home = stack.sign_in(&stack.browser(), "silver", CARL).await;
    assert!(home.page().words().contains("Signed in as"));
}

/// One account, one address, many browsers: the account is what is guessed at.
#[tokio::test(flavor = "multi_thread")]
async fn sec_com_21_fifty_passwords_tried_at_once_are_ten_and_then_wait() {
    let stack = Stack::start().await;
    let mut forms = Vec::new();
    for _ in 0..50 {
        let browser = stack.browser();
        let form = stack.authenticate(&browser, "silver").await;
        forms.push((browser, form));
    }
    let guess = async |(browser, form): &(Browser, crate::browser::Seen), password: String| {
        let action = form.page().press("sign in");
        let action = action
            .with("username", CARL.login)
            .with("password", &password);
        browser.submit(form, action).await
    };
    let start = Instant::now();
    let guesses = forms.iter().enumerate();
    let guesses = guesses.map(|(number, form)| guess(form, format!("guess {number}")));
    let answers = futures_util::future::join_all(guesses).await;

    let wrong = answers.iter().filter(|seen| seen.status == 200).count();
    let waits: Vec<_> = answers.iter().filter(|seen| seen.status == 429).collect();
    // ten, two that were under way by then, and one more each five seconds of a busy machine
    let may = 12 + start.elapsed().as_secs() / 5;
    assert!(wrong as u64 <= may, "{wrong} were tried");
    assert_eq!(wrong + waits.len(), 50);
    assert!(
        waits
            .iter()
            .all(|seen| !seen.header("retry-after").is_empty())
    );

    let other = stack.browser();
    let gold = stack.sign_in(&other, "gold", crate::people::JODIE).await;
    assert!(
        gold.page().words().contains("Signed in as"),
        "another account"
    );
    let late = guess(&forms[0], CARL.password.to_owned()).await;
    assert_eq!(late.status, 429, "not even the right one: it would tell");
}
