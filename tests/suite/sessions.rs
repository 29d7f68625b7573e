//! Sessions and their end: log out, expiry, somebody else's turn, the cookie itself.

use std::time::Duration;

use cookie::SameSite;
use solar_system::clock::Clock;
use url::Url;

use crate::browser::Browser;
use crate::misbehaving::{Gateway, Provider};
use crate::people::{CARL, JODIE};
use crate::stack::{Stack, log_out, sign_in_at};

fn session_value(browser: &Browser) -> Vec<(String, String)> {
    let cookies = browser.cookies("localhost").into_iter();
    cookies
        .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()))
        .collect()
}

#[tokio::test]
async fn log_out_ends_the_session_here_and_at_the_provider() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = stack.sign_in(&browser, "silver", CARL).await;

    let signed_out = log_out(&browser, &home).await;

    assert_eq!(signed_out.status, 200);
    let back = stack.web("/signed-out");
    assert!(
        signed_out.url.as_str().starts_with(&back),
        "{}",
        signed_out.url
    );
    assert!(
        signed_out
            .page()
            .words()
            .to_lowercase()
            .contains("signed out")
    );
    let home = browser.open(stack.web("/")).await;
    assert!(!home.page().words().contains(CARL.name));
    let planets = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(planets.status, 401);
    let form = stack.authenticate(&browser, "silver").await;
    assert!(
        form.page().find("sign in").is_some(),
        "the password is asked for again"
    );
    let asked = stack.ask_for("openid");
    let form = browser.open(&asked.url).await;
    assert!(
        form.page().find("sign in").is_some(),
        "without prompt=login too"
    );
}

#[tokio::test]
async fn log_out_revokes_the_tokens_before_it_leaves_for_the_provider() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    assert!(
        home.page().words().contains("Signed in as"),
        "{}",
        home.page().words()
    );

    let redirect = browser.press(&home, "log out").await;

    let asked = provider.server.received_at("/token");
    let revoked = provider.server.received_at("/revoke");
    assert_eq!(asked.len(), 1);
    assert!(!revoked.is_empty(), "the access token is revoked");
    assert!(
        revoked
            .iter()
            .all(|request| request.header("authorization").is_some())
    );
    let location = redirect.location();
    assert!(
        location
            .as_str()
            .starts_with(&format!("{}/logout", provider.issuer())),
        "{location}"
    );
    assert_eq!(
        crate::http::query(&location, "post_logout_redirect_uri").as_deref(),
        Some(stack.web("/signed-out").as_str())
    );
}

#[tokio::test]
async fn a_token_stands_in_the_log_outs_url_only_where_id_token_hint_says_so() {
    for (hint, stands) in [("false", false), ("true", true)] {
        let stack = Stack::with(&[("ID_TOKEN_HINT", hint)]).await;
        let browser = stack.browser();
        let home = stack.sign_in(&browser, "silver", CARL).await;

        let redirect = browser.press(&home, "log out").await;

        let location = redirect.location();
        let hinted = crate::http::query(&location, "id_token_hint");
        assert_eq!(hinted.is_some(), stands, "{location}");
        assert_eq!(location.as_str().contains(".eyJ"), stands, "{location}");
        let signed_out = browser.follow_all(redirect).await;
        let back = stack.web("/signed-out");
        assert!(
            signed_out.url.as_str().starts_with(&back),
            "{}",
            signed_out.url
        );
    }
}

#[tokio::test]
async fn a_session_that_was_logged_out_stays_dead_with_its_old_cookie() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = stack.sign_in(&browser, "silver", CARL).await;
    let stolen = session_value(&browser);
    log_out(&browser, &home).await;

    let thief = stack.browser();
    let url = Url::parse(&stack.web("/")).unwrap();
    for (name, value) in &stolen {
        thief.set_cookie(&url, &format!("{name}={value}; Path=/"));
    }

    let home = thief.open(stack.web("/")).await;
    assert_eq!(home.status, 200);
    assert!(!home.page().words().contains(CARL.name));
}

#[tokio::test]
async fn a_second_person_in_the_same_browser_never_sees_the_first_ones_data() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = stack.sign_in(&browser, "gold", JODIE).await;
    let flight = browser.go(&home, "show me some moons!").await;
    assert_eq!(flight.status, 200);
    let home = browser.open(stack.web("/")).await;
    log_out(&browser, &home).await;

    let between = browser.get(flight.url.as_str()).await;
    assert_eq!(between.status, 404, "a flight of a session that is over");
    let home = stack.sign_in(&browser, "silver", CARL).await;

    for seen in [home, browser.get(flight.url.as_str()).await] {
        let words = seen.page().words();
        assert!(!words.contains("Jodie"), "{words}");
        assert!(!words.to_lowercase().contains("ganymede"), "{words}");
    }
    let moons = stack.show_me(&browser, "show me some moons!").await;
    assert_eq!(moons.status, 403);
}

#[tokio::test]
async fn a_session_ends_after_session_max_age_and_not_before() {
    let stack = Stack::with(&[("SESSION_MAX_AGE", "30m")]).await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;

    stack.clock.advance(Duration::from_secs(25 * 60));
    let home = browser.open(stack.web("/")).await;
    assert!(home.page().words().contains(CARL.name), "25 minutes");

    stack.clock.advance(Duration::from_secs(6 * 60));
    let flight = browser.go(&home, "show me the planets!").await;
    assert!((400..500).contains(&flight.status), "{}", flight.status);
    assert!(!flight.page().heading().is_empty());
    let home = browser.open(stack.web("/")).await;
    assert!(!home.page().words().contains(CARL.name), "31 minutes");
    stack.sign_in(&browser, "silver", CARL).await;
    let home = browser.open(stack.web("/")).await;
    assert!(
        home.page().words().contains(CARL.name),
        "one can sign in again"
    );
}

#[tokio::test]
async fn the_server_ends_a_session_even_if_the_browser_keeps_the_cookie() {
    let stack = Stack::with(&[("SESSION_MAX_AGE", "30m")]).await;
    let forgetful = Browser::new(); // by a clock that stands still
    stack.sign_in(&forgetful, "silver", CARL).await;

    stack.clock.advance(Duration::from_secs(31 * 60));

    let home = forgetful.open(stack.web("/")).await;
    assert!(!home.page().words().contains(CARL.name));
}

#[tokio::test]
async fn the_session_gets_a_new_id_at_sign_in_and_never_one_that_the_browser_brought() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    stack.authenticate(&browser, "silver").await;
    let before = session_value(&browser);
    stack.authenticate(&browser, "silver").await;
    let after = session_value(&browser);
    let same = after.iter().filter(|cookie| before.contains(cookie));
    assert_eq!(after.len(), 2, "the visitor's and the session's: {after:?}");
    assert_eq!(same.count(), 1, "only the visitor's stays: {after:?}");

    let fixed = stack.browser();
    let url = Url::parse(&stack.web("/")).unwrap();
    for (name, value) in &after {
        fixed.set_cookie(
            &url,
            &format!("{name}={}x; Path=/", &value[..value.len() - 1]),
        );
    }
    let home = fixed.open(stack.web("/")).await;
    assert_eq!(home.status, 200, "an altered cookie means a new visitor");
    assert!(!home.page().words().contains("Signed in as"));
    stack.authenticate(&fixed, "silver").await;
    let home = fixed.open(stack.web("/")).await;
    assert!(home.page().words().contains("Signed in as"));
}

#[tokio::test]
async fn rubbish_in_the_cookies_means_a_new_visitor() {
    let stack = Stack::start().await;
    let names: Vec<_> = {
        let browser = stack.browser();
        stack.sign_in(&browser, "silver", CARL).await;
        session_value(&browser)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    for rubbish in [
        "x",
        "",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "%00",
        "%FF%FE",
        "\"",
        "a=b",
    ] {
        let browser = stack.browser();
        for name in &names {
            let header = format!("{name}={rubbish}; Path=/");
            browser.set_cookie(&Url::parse(&stack.web("/")).unwrap(), &header);
        }
        let home = browser.open(stack.web("/")).await;
        assert_eq!(home.status, 200, "{rubbish}");
        stack.sign_in(&browser, "silver", CARL).await;
        let home = browser.open(stack.web("/")).await;
        assert!(home.page().words().contains(CARL.name), "{rubbish}");
    }
}

#[tokio::test]
async fn cookies_are_http_only_host_only_and_lax() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;

    let cookies = browser.cookies("localhost");

    assert!(!cookies.is_empty());
    for cookie in cookies {
        assert_eq!(cookie.http_only(), Some(true), "{cookie}");
        assert_eq!(cookie.domain(), None, "{cookie}");
        assert_ne!(cookie.same_site(), Some(SameSite::None), "{cookie}");
        assert_ne!(cookie.same_site(), None, "{cookie}");
    }
}

#[tokio::test]
async fn cookies_are_secure_when_the_redirect_uri_is_https() {
    let port = crate::peers::free_port().to_string();
    let redirect_uri = ("REDIRECT_URI", "https://app.example.com/callback");
    let _stack = Stack::with(&[redirect_uri, ("PORT", &port)]).await;
    let home = format!("http://localhost:{port}/");

    let answer = crate::http::send(crate::http::client().get(home)).await;

    assert_eq!(answer.status, 200);
    let mut cookies = 0;
    for header in answer.headers.get_all("set-cookie") {
        let header = header.to_str().unwrap();
        assert!(header.contains("Secure"), "{header}");
        assert!(header.starts_with("__Host-"), "{header}");
        cookies += 1;
    }
    assert!(cookies > 0);
}

#[tokio::test]
async fn anonymous_visits_get_a_form_that_works_and_no_session() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    browser.open(stack.web("/")).await;
    let names: Vec<_> = session_value(&browser)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names.len(), 1, "the visitor's cookie alone: {names:?}");

    let form = stack.authenticate(&browser, "silver").await;
    let home = sign_in_at(&browser, &form, CARL).await;
    assert!(home.page().words().contains(CARL.name));
}
