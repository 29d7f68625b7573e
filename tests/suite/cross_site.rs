//! What other sites' pages try: nothing that changes anything may come of it.

use reqwest::Url;

use crate::browser::{Browser, Seen};
use crate::http::{client, send, with_form};
use crate::misbehaving::{Gateway, Provider, edit};
use crate::people::CARL;
use crate::stack::Stack;

async fn signed_in() -> (Provider, Gateway, Stack, Browser, Seen) {
    let provider = Provider::start(&solar_system::clock::Clock::system());
    let gateway = Gateway::start();
    provider.script().token_answer = edit(|answer| answer["refresh_token"] = "r".into());
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    assert!(home.page().words().contains("Signed in as"));
    (provider, gateway, stack, browser, home)
}

fn fields(home: &Seen, control: &str) -> (Url, Vec<(String, String)>) {
    let action = home.page().press(control);
    (action.url, action.fields)
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    let pairs = fields.iter();
    pairs
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[tokio::test]
async fn sec_web_25_a_foreign_page_can_change_nothing_here() {
    let (provider, gateway, stack, browser, home) = signed_in().await;
    let evil = Url::parse("http://127.0.0.1:9/evil.html").unwrap();
    let neighbour = Url::parse("http://localhost:9/evil.html").unwrap();
    let asked_before = (
        provider.server.received().len(),
        gateway.server.received().len(),
    );
    for control in [
        "log out",
        "show me the planets!",
        "authenticate",
        "refresh the tokens",
    ] {
        let (url, with_value) = fields(&home, control);
        for (what, page) in [("another site", &evil), ("another port", &neighbour)] {
            for (how, fields) in [
                ("without the value", vec![]),
                ("with the value", borrowed(&with_value)),
            ] {
                let refused = browser.post_form(page, &url, &fields).await;
                assert_eq!(refused.status, 403, "{what} {how}: {control}");
                assert!(
                    !refused.page().heading().is_empty(),
                    "{what} {how}: {control}"
                );

                let mut get = url.clone();
                get.query_pairs_mut().extend_pairs(&fields);
                let refused = browser.get_from(page, &get).await;
                assert_eq!(refused.status, 405, "GET {what} {how}: {control}");
            }
        }
    }
    let asked_after = (
        provider.server.received().len(),
        gateway.server.received().len(),
    );
    assert_eq!(asked_before, asked_after, "nobody was called");
    let now = browser.open(stack.web("/")).await;
    assert!(
        now.page().words().contains("Signed in as"),
        "nobody was logged out"
    );
    let flight = browser.go(&home, "show me the planets!").await;
    assert_eq!(
        flight.status, 200,
        "the buttons of a page that is open still work"
    );
}

#[tokio::test]
async fn sec_web_25_a_form_needs_its_own_value_even_from_a_page_of_ours() {
    let (_provider, gateway, stack, browser, home) = signed_in().await;
    let stranger = stack.browser();
    let strangers_page = stranger.open(stack.web("/")).await;
    let (url, own) = fields(&home, "show me the planets!");
    let (_, strangers) = fields(&strangers_page, "show me the planets!");
    let here = home.url.clone();
    let altered: Vec<_> = own
        .iter()
        .map(|(name, value)| (name.clone(), value.replace('.', "A.")))
        .collect();
    for (what, fields) in [
        ("none", vec![]),
        ("a stranger's", borrowed(&strangers)),
        ("an altered one", borrowed(&altered)),
        ("an empty one", vec![("csrf", "")]),
    ] {
        let refused = browser.post_form(&here, &url, &fields).await;
        assert_eq!(refused.status, 403, "{what}: {}", refused.page().words());
    }
    assert!(gateway.server.received().is_empty());

    let shown = browser.post_form(&here, &url, &borrowed(&own)).await;
    assert_eq!(shown.status, 303);
    assert_eq!(gateway.server.received().len(), 1);
}

#[tokio::test]
async fn sec_web_25_origin_and_sec_fetch_site_are_looked_at_where_they_are_there() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let (url, own) = fields(&home, "show me the visitors!");
    let ours = home.url.origin().ascii_serialization();
    for (origin, site, passes) in [
        (None, None, true),
        (Some(ours.as_str()), Some("same-origin"), true),
        (Some("null"), Some("same-origin"), true),
        (Some("null"), None, true),
        (Some(ours.as_str()), Some("same-site"), false),
        (Some(ours.as_str()), Some("cross-site"), false),
        (Some("null"), Some("none"), false),
        (Some("https://evil.example"), None, false),
        (Some("http://localhost:1"), None, false),
        (Some(""), None, false),
    ] {
        let mut request = client()
            .post(url.clone())
            .header("cookie", browser.cookie_header(&url));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let answer = send(with_form(request, &borrowed(&own))).await;

        let expected = if passes { 303 } else { 403 };
        assert_eq!(
            answer.status, expected,
            "Origin {origin:?}, Sec-Fetch-Site {site:?}"
        );
    }
}

#[tokio::test]
async fn sec_web_26_no_page_grants_cross_origin_reading() {
    let stack = Stack::start().await;
    for path in ["/", "/callback", "/flights/x", "/nowhere"] {
        let request = client()
            .get(stack.web(path))
            .header("origin", "https://evil.example");
        let answer = send(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        let preflight = client()
            .request(reqwest::Method::OPTIONS, stack.web(path))
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST");
        let answer = send(preflight).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        assert!(answer.status >= 400, "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn the_other_loopback_name_is_a_page_that_names_the_right_one() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let other = stack.web("/").replace("localhost", "127.0.0.1");

    let page = browser.open(&other).await;

    let words = page.page().words();
    assert!(words.contains(&stack.web("")), "{words}");
    let instead = browser.press(&page, "authenticate").await;
    let home = browser.go(&instead, "go to").await;
    assert_eq!(home.url.as_str(), stack.web("/"));
    let form = stack.authenticate(&browser, "silver").await;
    let home = crate::stack::sign_in_at(&browser, &form, CARL).await;
    assert!(home.page().words().contains(CARL.name));
}

#[tokio::test]
async fn every_other_loopback_name_is_told_which_one_is_right() {
    let four = Stack::with(&[("HOST", "127.0.0.1")]).await;
    let port = Url::parse(&four.web("/")).unwrap().port().unwrap();
    assert_eq!(four.web("/"), format!("http://127.0.0.1:{port}/"));
    let other = format!("http://localhost:{port}");
    let words = four.browser().open(&other).await.page().words();
    let told = format!("You opened {other}. Please use http://127.0.0.1:{port} instead.");
    assert!(words.contains(&told), "{words}");

    let stack = Stack::start().await;
    let port = Url::parse(&stack.web("/")).unwrap().port().unwrap();
    let host = format!("[::1]:{port}");
    let answer = send(client().get(stack.web("/")).header("host", &host)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let words = answer.page().words();
    let told = format!("You opened http://{host}. Please use http://localhost:{port} instead.");
    assert!(words.contains(&told), "{words}");
}

#[tokio::test]
async fn sec_com_16_a_foreign_host_name_is_misdirected_in_every_room() {
    let stack = Stack::start().await;
    for url in [
        stack.web("/"),
        format!("{}/.well-known/openid-configuration", stack.issuer()),
        stack.gateway("/visitors"),
        stack.api("/visitors"),
    ] {
        let request = client().get(&url).header("host", "rebound.example");
        let answer = send(request).await;
        assert_eq!(answer.status, 421, "{url}");
    }
}

const CONTROLS: [&str; 3] = ["log out", "show me the planets!", "authenticate"];

#[tokio::test]
async fn sec_web_25_while_somebody_is_signed_in_only_pages_of_their_session_count() {
    let provider = Provider::start(&solar_system::clock::Clock::system());
    let gateway = Gateway::start();
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let before = browser.open(stack.web("/")).await;
    let first = stack.authenticate(&browser, "silver").await;
    let second = stack.authenticate(&browser, "silver").await;
    let calls = || {
        (
            provider.server.received().len(),
            gateway.server.received().len(),
        )
    };
    let called = calls();
    for (what, page) in [
        ("of the visitor before", &before),
        ("of the session before", &first),
    ] {
        for control in CONTROLS {
            let refused = browser.press(page, control).await;
            assert_eq!(refused.status, 403, "{what}: {control}");
            let words = refused.page().words();
            assert!(words.contains("out of date"), "{what}, {control}: {words}");
            assert!(
                refused.page().find(control).is_some(),
                "it is offered again"
            );
        }
    }
    assert_eq!(calls(), called, "nobody was called");
    let home = browser.open(stack.web("/")).await;
    assert!(home.page().words().contains("Signed in as"));

    let refused = browser.press(&first, "show me the planets!").await;
    let flight = browser.go(&refused, "show me the planets!").await;
    assert_eq!(flight.status, 200, "the button offered again works");
    assert_eq!(
        browser.press(&second, "show me the planets!").await.status,
        303
    );

    let refused = browser.press(&first, "log out").await;
    browser.press(&refused, "log out").await;
    let home = browser.open(stack.web("/")).await;
    assert!(!home.page().words().contains("Signed in as"));
    let flight = browser.go(&second, "show me the planets!").await;
    assert_eq!(
        flight.status, 401,
        "nobody is signed in, and the page says what to do"
    );
    let stranger = stack.browser();
    stranger.open(stack.web("/")).await;
    let refused = stranger.press(&second, "show me the planets!").await;
    assert_eq!(refused.status, 403, "another browser's");
}

#[tokio::test]
async fn sec_web_25_get_and_head_change_nothing() {
    let (provider, gateway, stack, browser, home) = signed_in().await;
    let called = (
        provider.server.received().len(),
        gateway.server.received().len(),
    );
    let cookies = browser.cookie_header(&home.url);
    let (_, with_value) = fields(&home, "log out");
    for path in [
        "/log-out",
        "/refresh",
        "/show-me/planets",
        "/machine/comets",
        "/authenticate/silver",
    ] {
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            for query in [String::new(), format!("?csrf={}", with_value[0].1)] {
                let url = format!("{}{query}", stack.web(path));
                let request = client().request(method.clone(), &url);
                let answer = send(request.header("cookie", &cookies)).await;
                assert_eq!(answer.status, 405, "{method} {path}");
            }
        }
    }
    let head = client().head(stack.web("/")).header("cookie", &cookies);
    assert_eq!(send(head).await.status, 200);
    assert_eq!(
        called,
        (
            provider.server.received().len(),
            gateway.server.received().len()
        )
    );
    let now = browser.open(stack.web("/")).await;
    assert!(now.page().words().contains("Signed in as"));
}
