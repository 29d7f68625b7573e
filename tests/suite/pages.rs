//! What holds for every page: headers, errors in HTML, nothing from elsewhere.

use reqwest::{Method, Url};

use crate::http::{client, send};
use crate::misbehaving::{Gateway, Provider};
use crate::page::style_urls;
use crate::people::CARL;
use crate::stack::{Stack, log_out};

/// Every kind of page there is, signed in as silver.
async fn all_pages(stack: &Stack) -> Vec<(&'static str, crate::browser::Seen)> {
    let browser = stack.browser();
    let mut pages = vec![("signed out home", browser.open(stack.web("/")).await)];
    pages.push((
        "flight without sign-in",
        stack.show_me(&browser, "show me the planets!").await,
    ));
    let form = stack.authenticate(&browser, "silver").await;
    pages.push(("sign-in", form.clone()));
    pages.push((
        "home",
        crate::stack::sign_in_at(&browser, &form, CARL).await,
    ));
    pages.push((
        "drawn",
        stack.show_me(&browser, "show me the planets!").await,
    ));
    pages.push((
        "list",
        stack.show_me(&browser, "show me the visitors!").await,
    ));
    pages.push((
        "refused",
        stack.show_me(&browser, "show me some moons!").await,
    ));
    pages.push(("denied", stack.sign_in(&browser, "gold", CARL).await));
    pages.push((
        "bad callback",
        browser.open(stack.web("/callback?code=x&state=y")).await,
    ));
    pages.push(("no page", browser.open(stack.web("/nowhere")).await));
    let home = browser.open(stack.web("/")).await;
    pages.push(("signed out", log_out(&browser, &home).await));
    pages
}

#[tokio::test]
async fn sec_web_27_28_every_page_forbids_framing_sniffing_scripts_and_keeping() {
    let stack = Stack::start().await;
    for (what, seen) in all_pages(&stack).await {
        let policy = seen.header("content-security-policy");
        for directive in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action",
        ] {
            assert!(
                policy.contains(directive),
                "{what}: {directive} in {policy}"
            );
        }
        assert!(!policy.contains("unsafe"), "{what}: {policy}");
        assert!(!policy.contains('*'), "{what}: {policy}");
        assert_eq!(seen.header("x-content-type-options"), "nosniff", "{what}");
        assert!(!seen.header("referrer-policy").is_empty(), "{what}");
        assert!(seen.header("cache-control").contains("no-store"), "{what}");
        assert!(
            seen.page().words_at("script").is_none(),
            "{what} has a script"
        );
        assert!(
            seen.page()
                .attributes("[onclick], [onload], [onsubmit]", "class")
                .is_empty(),
            "{what}"
        );
    }
}

#[tokio::test]
async fn sec_web_29_no_page_loads_anything_from_elsewhere() {
    let stack = Stack::start().await;
    for (what, seen) in all_pages(&stack).await {
        for asset in seen.page().loads() {
            assert_eq!(asset.origin(), seen.url.origin(), "{what} loads {asset}");
            let answer = send(client().get(asset.clone())).await;
            assert_eq!(answer.status, 200, "{what}: {asset}");
            assert_eq!(
                answer.header("x-content-type-options"),
                "nosniff",
                "{asset}"
            );
            if answer.header("content-type").starts_with("text/css") {
                let styles = answer.text();
                assert!(!styles.contains("@import"), "{asset}");
                let foreign: Vec<_> = style_urls(&styles)
                    .into_iter()
                    .filter(|url| !url.starts_with("data:"))
                    .collect();
                assert!(foreign.is_empty(), "{asset}: {foreign:?}");
            }
        }
        assert!(!seen.page().loads().is_empty(), "{what} has no stylesheet");
    }
}

#[tokio::test]
async fn every_page_is_titled_headed_and_in_a_language() {
    let stack = Stack::start().await;
    for (what, seen) in all_pages(&stack).await {
        let page = seen.page();
        assert!(!page.heading().is_empty(), "{what}");
        assert!(
            page.words_at("title")
                .is_some_and(|title| !title.is_empty()),
            "{what}"
        );
        assert_eq!(page.attributes("html", "lang"), ["en"], "{what}");
        assert_eq!(
            page.attributes("meta[name=viewport]", "content").len(),
            1,
            "{what}"
        );
    }
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_html_with_their_status() {
    let stack = Stack::start().await;
    for (method, path, status) in [
        (Method::GET, "/nowhere", 404),
        (Method::GET, "/flights/unknown", 404),
        (Method::GET, "/show-me/planets", 405),
        (Method::GET, "/log-out", 405),
        (Method::GET, "/authenticate/silver", 405),
        (Method::POST, "/", 405),
        (Method::DELETE, "/", 405),
        (Method::PUT, "/nowhere", 404),
    ] {
        let request = client()
            .request(method.clone(), stack.web(path))
            .header("accept", "text/html");
        let answer = send(request).await;

        assert_eq!(answer.status, status, "{method} {path}");
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{method} {path}"
        );
        assert!(!answer.page().heading().is_empty(), "{method} {path}");
        assert!(
            !answer.header("content-security-policy").is_empty(),
            "{method} {path}"
        );
        if status == 405 {
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let stack = Stack::start().await;
    let answer = send(client().head(stack.web("/"))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn unknown_levels_and_resources_are_404() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let fields = home.page().press("log out").fields;
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for path in [
        "/authenticate/platinum",
        "/show-me/dwarfs",
        "/show-me/..%2Fmoons",
        "/show-me/%00",
    ] {
        let url = Url::parse(&stack.web(path)).unwrap();
        let answer = browser.post_form(&home.url, &url, &fields).await;
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(!answer.page().heading().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn the_callback_is_served_wherever_the_redirect_uri_points() {
    for path in ["/", "/callback", "/oauth2/cb", "/a%20b"] {
        let provider = Provider::start(&solar_system::clock::Clock::system());
        let gateway = Gateway::start();
        let port = crate::peers::free_port();
        let redirect_uri = format!("http://localhost:{port}{path}");
        let stack = Stack::with(&[
            ("ISSUER", &provider.issuer()),
            ("PROXY_URI", &gateway.url()),
            ("REDIRECT_URI", &redirect_uri),
            ("PORT", &port.to_string()),
        ])
        .await;

        let home = stack.authenticate(&stack.browser(), "silver").await;

        assert_eq!(home.status, 200, "{path}");
        assert!(home.page().words().contains("Signed in as"), "{path}");
        assert_eq!((home.url.path(), home.url.query()), ("/", None), "{path}");
        let sent = &provider.server.received_at("/token")[0];
        assert_eq!(
            sent.field("redirect_uri"),
            Some(redirect_uri),
            "byte for byte"
        );
    }
}
