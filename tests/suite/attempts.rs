//! Sign-ins that do not go straight: two tabs, the back button, reloads, slow people, forged answers.

use std::time::Duration;

use solar_system::clock::Clock;
use url::Url;

use crate::browser::Browser;
use crate::http::query;
use crate::misbehaving::{Gateway, Provider, Reply};
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
async fn whoever_takes_eleven_minutes_is_told_and_can_start_anew() {
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
async fn an_answer_is_taken_within_ten_minutes_whatever_the_provider_thinks() {
    for (minutes, status) in [(9, 200), (11, 400)] {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();
        let home = browser.open(stack.web("/")).await;
        let asked = browser.press(&home, "authenticate").await;
        let answered = browser.follow(&asked).await;
        stack.clock.advance(Duration::from_secs(minutes * 60));

        let seen = browser.follow_all(answered).await;

        assert_eq!(seen.status, status, "{minutes}: {}", seen.page().words());
        let redeemed = provider.server.received_at("/token").len();
        assert_eq!(redeemed == 1, status == 200, "{minutes}");
    }
}

#[tokio::test]
async fn an_answer_is_taken_once_whatever_becomes_of_it() {
    for (what, token_endpoint) in [("it works", None), ("it fails", Some(Reply::status(500)))] {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        let stack = Stack::against(&provider, &gateway).await;
        let replies = token_endpoint.map(|reply| ("/token".to_owned(), reply));
        provider.script().replies.extend(replies);
        let browser = stack.browser();
        let home = browser.open(stack.web("/")).await;
        let asked = browser.press(&home, "authenticate").await;
        let callback = browser.follow(&asked).await.location();

        for _ in 0..3 {
            browser.open(&callback).await;
        }

        let redeemed = provider.server.received_at("/token").len();
        assert_eq!(redeemed, 1, "{what}: the code is sent once");
    }
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
async fn an_answer_is_taken_only_in_the_browser_that_asked() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let callback = callback_of(&stack, &browser).await;

    let stranger = stack.browser();
    let refused = stranger.open(&callback).await;
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    assert!(!is_signed_in(&stack, &stranger).await);

    browser.open(&callback).await;
    assert!(
        is_signed_in(&stack, &browser).await,
        "the right browser still can"
    );
}

/// A change to a right answer.
type Forgery = fn(&Url) -> Url;

fn with(url: &Url, change: impl Fn(&str, &str) -> Vec<(String, String)>) -> Url {
    let pairs: Vec<_> = url
        .query_pairs()
        .flat_map(|(name, value)| change(&name, &value))
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}

fn keep(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn replaced(url: &Url, wanted: &str, new: Option<&str>) -> Url {
    with(url, |name, value| match new {
        _ if name != wanted => vec![keep(name, value)],
        Some(new) => vec![keep(name, new)],
        None => vec![],
    })
}

fn added(url: &Url, name: &str, value: &str) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair(name, value);
    url
}

#[tokio::test]
async fn a_forged_answer_signs_nobody_in_and_ends_no_session() {
    let forgeries: [(&str, Forgery); 11] = [
        ("no state", |url| replaced(url, "state", None)),
        ("empty state", |url| replaced(url, "state", Some(""))),
        ("unknown state", |url| {
            replaced(url, "state", Some("guessed"))
        }),
        ("state twice", |url| {
            added(url, "state", &query(url, "state").unwrap())
        }),
        ("code twice", |url| added(url, "code", "another")),
        ("no code", |url| replaced(url, "code", None)),
        ("code and error", |url| added(url, "error", "access_denied")),
        ("another code", |url| replaced(url, "code", Some("guessed"))),
        ("another issuer", |url| {
            replaced(url, "iss", Some("https://evil.example"))
        }),
        ("no issuer", |url| replaced(url, "iss", None)),
        ("issuer twice", |url| {
            added(url, "iss", &query(url, "iss").unwrap())
        }),
    ];
    let stack = Stack::start().await;
    let signed_in = stack.browser();
    stack.sign_in(&signed_in, "silver", CARL).await;
    for (what, forge) in forgeries {
        let browser = stack.browser();
        let callback = callback_of(&stack, &browser).await;

        let refused = browser.open(forge(&callback)).await;

        assert!(refused.status >= 400, "{what}: {}", refused.status);
        assert_ne!(refused.status, 500, "{what}");
        assert!(
            refused.header("content-type").starts_with("text/html"),
            "{what}"
        );
        assert!(!refused.page().heading().is_empty(), "{what}");
        assert!(!is_signed_in(&stack, &browser).await, "{what}");

        signed_in.open(forge(&callback)).await;
        assert!(
            is_signed_in(&stack, &signed_in).await,
            "{what} ended a session"
        );
    }
    let browser = stack.browser();
    let callback = callback_of(&stack, &browser).await;
    browser.open(&callback).await;
    assert!(
        is_signed_in(&stack, &browser).await,
        "the unforged answer works"
    );
}

#[tokio::test]
async fn the_text_of_an_error_answer_is_shown_only_with_the_right_state() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let asked = stack.authenticate(&browser, "silver").await;
    let asked = asked.url.query_pairs().into_owned().collect::<Vec<_>>();
    let state = asked
        .iter()
        .find(|(name, _)| name == "state")
        .map(|(_, value)| value.as_str());
    let text = "call 555 <b>now</b>";
    let mut answer = Url::parse(&stack.web("/callback")).unwrap();
    answer
        .query_pairs_mut()
        .append_pair("error", "temporarily_unavailable")
        .append_pair("error_description", text)
        .append_pair("iss", &stack.issuer());

    let forged = browser.open(added(&answer, "state", "guessed")).await;
    assert!(!forged.text().contains("555"), "{}", forged.text());

    if let Some(state) = state {
        let genuine = browser.open(added(&answer, "state", state)).await;
        let words = genuine.page().words();
        assert!(words.contains("temporarily_unavailable"), "{words}");
        assert!(!genuine.text().contains("<b>now"), "text is not markup");
    }
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
async fn each_authorization_request_asks_for_exactly_the_level_with_pkce_state_and_nonce() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let mut seen = Vec::new();
    for (level, scope) in [
        ("bronze", "openid"),
        ("silver", "openid http://myapp.com/scp/silver"),
        (
            "gold",
            "openid http://myapp.com/scp/silver http://myapp.com/scp/gold",
        ),
        ("silver", "openid http://myapp.com/scp/silver"),
    ] {
        let button = crate::controls::Control::named("authenticate").under(level);
        let redirect = browser.press(&home, button).await;

        assert_eq!(redirect.status, 303);
        assert!(redirect.header("cache-control").contains("no-store"));
        let url = redirect.location();
        let field = |name: &str| query(&url, name).unwrap_or_else(|| panic!("no {name} in {url}"));
        assert_eq!(field("scope"), scope);
        assert_eq!(field("response_type"), "code");
        assert_eq!(field("code_challenge_method"), "S256");
        assert_eq!(field("redirect_uri"), stack.web("/callback"));
        assert_eq!(field("prompt"), "login");
        for name in ["state", "nonce", "code_challenge"] {
            assert!(field(name).len() >= 43, "{name} of 256 bits");
            assert!(!seen.contains(&field(name)), "{name} is new each time");
            seen.push(field(name));
        }
    }
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
