//! Sessions and their end: log out, expiry, somebody else's turn.

use std::time::Duration;

use solar_system::clock::Clock;
use url::Url;

use crate::browser::Browser;
use crate::misbehaving::{Gateway, Provider, edit};
use crate::people::{CARL, JODIE};
use crate::stack::{Stack, log_out};

/// The cookies of a browser, by name.
pub fn session_value(browser: &Browser) -> Vec<(String, String)> {
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
async fn sec_web_22_log_out_ends_the_session_first_then_the_tokens_and_then_leaves_for_the_provider()
 {
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
    assert_eq!(
        redirect.header("clear-site-data"),
        "\"cache\", \"storage\"",
        "never cookies: on loopback all ports share them"
    );
    let expired: Vec<_> = redirect.headers.get_all("set-cookie").iter().collect();
    assert_eq!(expired.len(), 1, "{expired:?}");
    let expired = expired[0].to_str().unwrap();
    assert!(
        expired.starts_with("solar_session") && expired.contains("Max-Age=0"),
        "{expired}"
    );
    assert!(expired.contains("Path=/"), "{expired}");
    let location = redirect.location();
    let state = crate::http::query(&location, "state").unwrap();
    assert!(state.len() >= 43, "{state}");
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
async fn sec_ses_05_a_session_that_was_logged_out_stays_dead_with_its_old_cookie() {
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
async fn sec_ses_04_a_session_ends_after_session_max_age_and_not_before() {
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
async fn sec_ses_04_05_the_server_ends_a_session_even_if_the_browser_keeps_the_cookie() {
    let stack = Stack::with(&[("SESSION_MAX_AGE", "30m")]).await;
    let forgetful = Browser::new(); // by a clock that stands still
    stack.sign_in(&forgetful, "silver", CARL).await;

    stack.clock.advance(Duration::from_secs(31 * 60));

    let home = forgetful.open(stack.web("/")).await;
    assert!(!home.page().words().contains(CARL.name));
}

#[tokio::test]
async fn sec_ses_04_a_session_that_nobody_uses_ends_after_session_idle() {
    let stack = Stack::with(&[("SESSION_IDLE", "10m")]).await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;
    for _ in 0..3 {
        stack.clock.advance(Duration::from_secs(9 * 60));
        let home = browser.open(stack.web("/")).await;
        assert!(home.page().words().contains(CARL.name), "used in time");
    }
    stack.clock.advance(Duration::from_secs(10 * 60));
    let home = browser.open(stack.web("/")).await;
    assert!(!home.page().words().contains(CARL.name), "unused for ten");
}

/// All ports of localhost share their cookies, so that another one's page may make the browser ask.
#[tokio::test]
async fn sec_ses_04_what_is_refused_or_comes_from_elsewhere_keeps_no_session_alive() {
    let stack = Stack::with(&[("SESSION_IDLE", "10m")]).await;
    for (method, path, site, status, keeps) in [
        ("GET", "/", "none", 200, true),
        ("GET", "/", "same-origin", 200, true),
        ("GET", "/", "same-site", 200, false),
        ("GET", "/", "cross-site", 200, false),
        ("GET", "/nowhere", "same-origin", 404, false),
        ("POST", "/log-out", "same-origin", 403, false),
        ("POST", "/log-out", "same-site", 403, false),
    ] {
        let browser = stack.browser();
        let home = stack.sign_in(&browser, "silver", CARL).await;
        stack.clock.advance(Duration::from_secs(9 * 60));
        let request = crate::http::client().request(method.parse().unwrap(), stack.web(path));
        let request = request.header("cookie", browser.cookie_header(&home.url));
        let answer = crate::http::send(request.header("sec-fetch-site", site)).await;
        assert_eq!(answer.status, status, "{method} {path} {site}");
        stack.clock.advance(Duration::from_secs(2 * 60));
        let home = browser.open(stack.web("/")).await;
        let is_there = home.page().words().contains(CARL.name);
        assert_eq!(is_there, keeps, "{method} {path} {site}");
    }
}

#[tokio::test]
async fn sec_ses_04_unset_a_session_lasts_half_an_hour_unused_and_eight_hours_used() {
    let stack = Stack::start().await;
    let forgetful = Browser::new(); // by a clock that stands still
    let used = Browser::new();
    stack.sign_in(&forgetful, "silver", CARL).await;
    stack.sign_in(&used, "silver", CARL).await;
    for minute in (29..8 * 60).step_by(29) {
        stack.clock.advance(Duration::from_secs(29 * 60));
        let home = used.open(stack.web("/")).await;
        assert!(home.page().words().contains(CARL.name), "{minute}");
    }
    let home = forgetful.open(stack.web("/")).await;
    assert!(!home.page().words().contains(CARL.name));
    stack.clock.advance(Duration::from_secs(29 * 60));
    let home = used.open(stack.web("/")).await;
    assert!(!home.page().words().contains(CARL.name), "eight hours");
}

#[tokio::test]
async fn sec_ses_04_unset_a_session_that_nobody_uses_lasts_half_an_hour_and_no_longer() {
    let stack = Stack::start().await;
    for (minutes, lasts) in [(29, true), (31, false)] {
        let forgetful = Browser::new(); // by a clock that stands still
        stack.sign_in(&forgetful, "silver", CARL).await;
        stack.clock.advance(Duration::from_secs(minutes * 60));
        let home = forgetful.open(stack.web("/")).await;
        let words = home.page().words();
        assert_eq!(words.contains("Signed in as"), lasts, "{minutes}");
    }
}

#[tokio::test]
async fn sec_ses_06_another_person_ends_the_first_ones_session_and_their_tokens_are_revoked() {
    for (subject, is_other) in [("jodie.foster", true), ("carl.sagan", false)] {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        provider.script().access_token_algorithm = None;
        provider.script().token_answer =
            edit(|answer| answer["refresh_token"] = "the first one's".into());
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();
        stack.authenticate(&browser, "silver").await;
        let first = session_value(&browser);
        stack.show_me(&browser, "show me the planets!").await;
        let bearer = gateway.server.received()[0]
            .header("authorization")
            .unwrap();
        provider.script().token_answer = edit(|_| {});
        provider.script().subject = subject.to_owned();

        let home = stack.authenticate(&browser, "silver").await;

        assert!(home.page().words().contains(&format!("Name of {subject}")));
        let thief = stack.browser();
        let url = Url::parse(&stack.web("/")).unwrap();
        for (name, value) in &first {
            thief.set_cookie(&url, &format!("{name}={value}; Path=/"));
        }
        let seen = thief.open(stack.web("/")).await;
        assert!(!seen.page().words().contains("Signed in as"), "{subject}");
        let revoked = || -> Vec<_> {
            let revoked = provider.server.received_at("/revoke");
            revoked
                .iter()
                .filter_map(|one| one.field("token"))
                .collect()
        };
        for _ in 0..100 {
            if is_other && revoked().len() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut revoked = revoked();
        revoked.sort();
        if is_other {
            let token = bearer.trim_start_matches("Bearer ").to_owned();
            let mut expected = [token, "the first one's".to_owned()];
            expected.sort();
            assert_eq!(revoked, expected);
        } else {
            assert!(revoked.is_empty(), "the same person goes on: {revoked:?}");
        }
        stack.show_me(&browser, "show me the planets!").await;
        let after = gateway.server.received()[1]
            .header("authorization")
            .unwrap();
        assert_ne!(after, bearer, "{subject}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_ses_05_after_a_log_out_the_cookie_is_dead_for_requests_under_way_too() {
    let stack = std::sync::Arc::new(Stack::start().await);
    let browser = stack.browser();
    let home = stack.sign_in(&browser, "silver", CARL).await;
    let stolen = browser.cookie_header(&Url::parse(&stack.web("/")).unwrap());
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (stack, stolen) = (std::sync::Arc::clone(&stack), stolen.clone());
        let over = std::sync::Arc::clone(&over);
        crowd.spawn(async move {
            let client = crate::http::client();
            let mut late = 0;
            while late < 10 {
                let was_over = over.load(std::sync::atomic::Ordering::SeqCst);
                let request = client.get(stack.web("/")).header("cookie", &stolen);
                let seen = crate::http::send(request).await;
                assert_eq!(seen.status, 200);
                late += u32::from(was_over);
                if was_over {
                    assert!(!seen.text().contains(CARL.name), "seen after the log out");
                }
            }
            late
        });
    }
    tokio::time::sleep(Duration::from_millis(30)).await;
    browser.press(&home, "log out").await;
    over.store(true, std::sync::atomic::Ordering::SeqCst);
    let late: u32 = crowd.join_all().await.into_iter().sum();
    let request = crate::http::client().get(stack.web("/"));
    let seen = crate::http::send(request.header("cookie", &stolen)).await;
    assert!(!seen.text().contains(CARL.name));
    assert_eq!(late, 80, "all of them looked again");
}

#[tokio::test]
async fn sec_ses_04_the_home_page_says_what_ends_the_session_first() {
    for (over, unused) in [
        (("SESSION_IDLE", "20m"), true),
        (("SESSION_MAX_AGE", "20m"), false),
    ] {
        let stack = Stack::with(&[over]).await;
        let browser = stack.browser();
        let home = stack.sign_in(&browser, "silver", CARL).await;
        let words = home.page().words();
        assert!(words.contains("Your session here ends on"), "{words}");
        assert!(words.contains("whatever happens"), "{words}");
        assert_eq!(words.contains("if nobody uses it"), unused, "{words}");
    }
}
