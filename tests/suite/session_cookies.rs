//! The session's cookie: what it is, what it opens, and what else is no session.

use cookie::SameSite;
use solar_system::clock::Clock;
use url::Url;

use crate::misbehaving::{Gateway, Provider};
use crate::people::CARL;
use crate::sessions::session_value;
use crate::stack::{Stack, sign_in_at};

#[tokio::test]
async fn sec_ses_02_the_session_gets_a_new_id_at_sign_in_and_never_one_that_the_browser_brought() {
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
async fn sec_ses_01_cookies_are_http_only_host_only_lax_and_short() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    stack.sign_in(&browser, "silver", CARL).await;

    let mut cookies = browser.cookies("localhost"); // a browser sends them to all ports
    cookies.retain(|cookie| !cookie.name().starts_with("solar_idp"));

    assert_eq!(cookies.len(), 2, "the visitor's and the session's");
    for cookie in cookies {
        assert_eq!(cookie.http_only(), Some(true), "{cookie}");
        assert_eq!(cookie.domain(), None, "{cookie}");
        assert_eq!(cookie.same_site(), Some(SameSite::Lax), "{cookie}");
        assert_eq!(cookie.path(), Some("/"), "{cookie}");
        assert!(cookie.to_string().len() < 4096, "{cookie}");
    }
}

#[tokio::test]
async fn sec_ses_01_cookies_are_secure_and_host_bound_when_the_redirect_uri_is_https() {
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
        assert!(
            header.contains("HttpOnly") && header.contains("SameSite=Lax"),
            "{header}"
        );
        assert!(
            header.contains("Path=/") && !header.contains("Domain"),
            "{header}"
        );
        cookies += 1;
    }
    assert!(cookies > 0);
}

#[tokio::test]
async fn sec_ses_07_visits_without_a_sign_in_get_a_form_that_works_and_no_session() {
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

#[tokio::test]
async fn sec_ses_03_cookie_form_and_log_out_values_are_kinds_of_their_own() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    let cookies = session_value(&browser);
    let (session, visitor): (Vec<_>, Vec<_>) = cookies
        .iter()
        .partition(|(name, _)| name.contains("session"));
    let form = home.page().press("show me the planets!").fields[0]
        .1
        .clone();
    let parts: Vec<String> = form.split('.').map(str::to_owned).collect();
    assert_eq!(parts.len(), 3);
    let values = [&session[0].1, &visitor[0].1, &form]
        .into_iter()
        .chain(&parts)
        .cloned()
        .collect::<Vec<_>>();

    let url = Url::parse(&stack.web("/")).unwrap();
    for value in &values {
        for (name, own) in [session[0], visitor[0]] {
            if value == own {
                continue;
            }
            let stranger = stack.browser();
            stranger.set_cookie(&url, &format!("{name}={value}; Path=/"));
            let seen = stranger.open(stack.web("/")).await;
            assert_eq!(seen.status, 200);
            assert!(
                !seen.page().words().contains("Signed in as"),
                "{name}={value}"
            );
        }
        if *value != form {
            let mut forged = home.page().press("show me the planets!");
            forged.fields[0].1.clone_from(value);
            let refused = browser.submit(&home, forged).await;
            assert_eq!(refused.status, 403, "{value}");
        }
        let url = format!("{}?state={value}", stack.web("/signed-out"));
        let stranger = stack.browser();
        let words = stranger.open(&url).await.page().words();
        assert!(!words.contains("revoked"), "{value}");
        let callback = format!("{}?state={value}&code=x", stack.web("/callback"));
        let refused = browser.open(&callback).await;
        assert_eq!(refused.status, 400, "{value}");
    }
    for swapped in [
        [&parts[1], &parts[0], &parts[2]],
        [&parts[0], &parts[0], &parts[2]],
        [&parts[1], &parts[1], &parts[2]],
    ] {
        let mut forged = home.page().press("show me the planets!");
        forged.fields[0].1 = swapped.map(String::as_str).join(".");
        let refused = browser.submit(&home, forged).await;
        assert_eq!(refused.status, 403);
    }
    assert!(gateway.server.received().is_empty());
    assert!(
        browser
            .open(stack.web("/"))
            .await
            .page()
            .words()
            .contains("Signed in as")
    );
}
