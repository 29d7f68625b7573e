//! The machine's panel of the home page.

use reqwest::Url;

use crate::misbehaving::{Gateway, Provider};
use crate::people::CARL;
use crate::stack::Stack;

const ASK: &str = "ask as telescope";

#[tokio::test]
async fn the_machine_asks_with_a_token_of_its_own_and_both_calls_are_shown() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let flight = stack.show_me(&browser, ASK).await;
    assert_eq!(flight.status, 200, "{}", flight.page().words());
    assert!(flight.url.path().starts_with("/flights/"));
    let words = flight.page().words();
    for part in [
        "four comets",
        "1P/Halley",
        "grant_type=client_credentials&scope=read",
        "Basic [client id and secret]",
        "[access token]",
        "The machine's access token",
        "telescope",
        "Bearer [access token]",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    let reload = browser.open(flight.url.as_str()).await;
    assert_eq!(reload.status, 200, "a reload asks nothing again");
}

#[tokio::test]
async fn the_embedded_provider_knows_the_machine_by_the_id_that_is_set() {
    let stack = Stack::with(&[("MACHINE_CLIENT_ID", "hubble")]).await;
    let flight = stack.show_me(&stack.browser(), "ask as hubble").await;
    assert_eq!(flight.status, 200, "{}", flight.page().words());
}

#[tokio::test]
async fn web_17_the_machines_token_never_mixes_with_a_persons() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;
    assert_eq!(stack.show_me(&browser, ASK).await.status, 200);
    // The person still is who they were, and has no scope of the machine's.
    let home = browser.open(stack.web("/")).await;
    assert!(
        home.page()
            .words()
            .contains(&format!("Signed in as {}", CARL.name))
    );
    assert_eq!(
        stack.show_me(&browser, "show me the planets!").await.status,
        200
    );
    assert_eq!(
        stack.show_me(&browser, "show me some comets!").await.status,
        403
    );
    // And who is nobody stays nobody.
    let stranger = stack.browser();
    assert_eq!(stack.show_me(&stranger, ASK).await.status, 200);
    assert_eq!(
        stack
            .show_me(&stranger, "show me some comets!")
            .await
            .status,
        401
    );
    assert!(
        stranger
            .open(stack.web("/"))
            .await
            .page()
            .words()
            .contains("Nobody is signed in")
    );
}

#[tokio::test]
async fn web_15_and_web_16_no_raw_token_is_shown_and_only_the_machines_resources_are_asked() {
    let provider = Provider::start(&solar_system::clock::Clock::system());
    let gateway = Gateway::start();
    let secret = "a-canary-of-a-machine";
    let stack = Stack::with(&[
        ("ISSUER", &provider.issuer()),
        ("PROXY_URI", &gateway.url()),
        ("MACHINE_CLIENT_ID", "my-machine"),
        ("MACHINE_CLIENT_SECRET", secret),
    ])
    .await;
    let browser = stack.browser();
    let flight = stack.show_me(&browser, "ask as my-machine").await;
    assert!(!flight.text().contains(secret));
    for received in gateway.server.received() {
        if let Some(token) = received.header("authorization") {
            let token = token.trim_start_matches("Bearer ");
            assert!(!flight.text().contains(token), "the token is on the page");
        }
    }
    let asked = gateway.server.received().len();
    let home = browser.open(stack.web("/")).await;
    let fields = home.page().press("log out").fields;
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for name in ["planets", "visitors", "nowhere", "..%2Fcomets", "comets%00"] {
        let url = Url::parse(&stack.web(&format!("/machine/{name}"))).unwrap();
        let answer = browser.post_form(&home.url, &url, &fields).await;
        assert!(
            matches!(answer.status, 400 | 404),
            "{name}: {}",
            answer.status
        );
    }
    assert_eq!(gateway.server.received().len(), asked);
}

#[tokio::test]
async fn web_25_a_press_takes_a_form_of_this_app_and_a_post() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let url = Url::parse(&stack.web("/machine/comets")).unwrap();
    assert_eq!(browser.post_form(&home.url, &url, &[]).await.status, 403);
    assert_eq!(
        browser
            .post_form(&home.url, &url, &[("csrf", "x")])
            .await
            .status,
        403
    );
    assert_eq!(browser.get_from(&home.url, &url).await.status, 405);
    let fields = home.page().press("log out").fields;
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let elsewhere = Url::parse("http://evil.example/").unwrap();
    assert_eq!(
        browser.post_form(&elsewhere, &url, &fields).await.status,
        403
    );
    let stranger = stack.browser();
    stranger.open(stack.web("/")).await;
    assert_eq!(
        stranger.post_form(&home.url, &url, &fields).await.status,
        403
    );
}

#[tokio::test]
async fn a_machine_that_the_provider_refuses_is_told_what_to_change() {
    let stack = Stack::start().await;
    let refused = Stack::with(&[
        ("ISSUER", &stack.issuer()),
        ("MACHINE_CLIENT_SECRET", "a-wrong-canary"),
    ])
    .await;
    let browser = refused.browser();
    let flight = refused.show_me(&browser, ASK).await;
    assert_eq!(flight.status, 502);
    let words = flight.page().words();
    for part in [
        "does not know this machine",
        "invalid_client",
        "MACHINE_CLIENT_SECRET",
        "the gateway was not asked",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert!(!flight.text().contains("canary"));
    assert!(flight.page().find(ASK).is_some(), "it can be tried again");
}

#[tokio::test]
async fn without_credentials_the_panel_says_which_settings_are_needed() {
    let provider = Provider::start(&solar_system::clock::Clock::system());
    let gateway = Gateway::start();
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let words = home.page().words();
    assert!(
        words.contains("MACHINE_CLIENT_ID and MACHINE_CLIENT_SECRET"),
        "{words}"
    );
    assert!(
        words.contains("grant_type=client_credentials&scope=read"),
        "{words}"
    );
    assert!(home.page().find(ASK).is_none());
    let fields = home.page().press("log out").fields;
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let url = Url::parse(&stack.web("/machine/comets")).unwrap();
    assert_eq!(
        browser.post_form(&home.url, &url, &fields).await.status,
        404
    );
}

#[tokio::test]
async fn web_25_the_machines_token_is_got_once_and_used_again() {
    let stack = Stack::start().await;
    let first = stack.show_me(&stack.browser(), ASK).await;
    assert!(!first.page().words().contains("for an earlier request"));
    let second = stack.show_me(&stack.browser(), ASK).await;
    assert_eq!(second.status, 200);
    let words = second.page().words();
    assert!(words.contains("for an earlier request"), "{words}");
}

#[tokio::test]
async fn com_21_a_machine_whose_page_others_open_is_asked_with_leave_alone() {
    let public = ("REDIRECT_URI", "https://app.example/callback");
    for (settings, there) in [
        (vec![("MACHINE_ON_HOME_PAGE", "false")], false),
        (vec![public, ("MACHINE_CLIENT_SECRET", "a-canary")], false),
        (vec![public, ("MACHINE_ON_HOME_PAGE", "true")], true),
    ] {
        let port = crate::peers::free_port().to_string();
        let mut settings = settings.clone();
        settings.push(("PORT", &port));
        let _stack = Stack::with(&settings).await;
        let home = format!("http://localhost:{port}/");
        let answer = crate::http::send(crate::http::client().get(home)).await;
        assert_eq!(answer.text().contains("/machine/"), there, "{settings:?}");
    }
}
