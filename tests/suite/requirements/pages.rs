//! The headers of every answer of the web client, and what its pages hold.

use reqwest::Method;

use crate::browser::Browser;
use crate::http::{Answer, client, send, with_form};
use crate::people::CARL;
use crate::stack::{Stack, log_out};

/// An answer of every kind: pages, redirects, files and errors.
async fn answers(stack: &Stack) -> Vec<(String, Answer)> {
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let mut answers = vec![("home".to_owned(), home.answer.clone())];
    for asset in home.page().loads() {
        let file = send(client().get(asset.clone())).await;
        answers.push((asset.path().to_owned(), file));
    }
    let mut keep = |what: &str, answer: &Answer| answers.push((what.to_owned(), answer.clone()));
    let flight = browser.press(&home, "show me the planets!").await;
    keep("the redirect to a flight", &flight);
    keep("a flight", &browser.follow(&flight).await.answer);
    let away = browser.press(&home, "authenticate").await;
    keep("the redirect to the provider", &away);
    let form = browser.follow_all(away).await;
    let action = form.page().press("sign in");
    let action = action
        .with("username", CARL.login)
        .with("password", CARL.password);
    let mut seen = browser.submit(&form, action).await;
    while seen.is_redirect() {
        seen = browser.follow(&seen).await;
        if seen.url.as_str().starts_with(&stack.web("/callback")) {
            keep("the callback", &seen);
        }
    }
    keep("signed in", &seen);
    for path in [
        "/nowhere",
        "/callback",
        "/callback?code=a&state=b",
        "/flights/x",
        "/%ff",
        "/static/x.css",
    ] {
        keep(path, &send(client().get(stack.web(path))).await);
    }
    for (method, path) in [
        (Method::GET, "/log-out"),
        (Method::POST, "/"),
        (Method::DELETE, "/"),
        (Method::OPTIONS, "/"),
        (Method::HEAD, "/"),
        (Method::TRACE, "/"),
    ] {
        let what = format!("{method} {path}");
        keep(
            &what,
            &send(client().request(method, stack.web(path))).await,
        );
    }
    let long = format!("/{}", "a".repeat(9_000));
    keep("a long target", &send(client().get(stack.web(&long))).await);
    let foreign = client()
        .get(stack.web("/"))
        .header("host", "rebound.example");
    keep("a foreign host", &send(foreign).await);
    keep(
        "no form value",
        &send(with_form(client().post(stack.web("/log-out")), &[])).await,
    );
    keep("signed out", &log_out(&browser, &seen).await.answer);
    answers
}

#[tokio::test]
async fn sec_web_28_every_answer_has_its_headers_redirects_files_and_errors_too() {
    let stack = Stack::start().await;
    let mut files = 0;
    for (what, answer) in answers(&stack).await {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("strict-transport-security", ""), // of loopback's http it would lock out other ports
        ] {
            assert_eq!(answer.header(name), value, "{what}: {name}");
        }
        let is_file = what.starts_with("/static/") && answer.status == 200;
        files += usize::from(is_file);
        if is_file {
            assert!(
                answer
                    .url
                    .query()
                    .is_some_and(|query| query.starts_with("v=")),
                "{what}"
            );
            assert_eq!(answer.header("set-cookie"), "", "{what}");
        } else {
            assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        }
    }
    assert!(files >= 2, "{files}");
}

#[tokio::test]
async fn sec_web_28_on_https_every_answer_says_so_for_a_year() {
    let stack = Stack::with(&[
        ("REDIRECT_URI", "https://app.example/callback"),
        ("PORT", "0"),
    ])
    .await;
    drop(stack);
    let port = crate::peers::free_port();
    let port_text = port.to_string();
    let settings = [
        ("REDIRECT_URI", "https://app.example/callback"),
        ("PORT", port_text.as_str()),
    ];
    let _stack = Stack::with(&settings).await;
    let page = Browser::new()
        .open(format!("http://localhost:{port}/"))
        .await;
    let mut paths = vec![
        "/".to_owned(),
        "/nowhere".to_owned(),
        "/callback?code=a&state=b".to_owned(),
    ];
    paths.extend(page.page().loads().iter().map(|url| url.path().to_owned()));
    for path in paths {
        let request = client().get(format!("http://localhost:{port}{path}"));
        let answer = send(request.header("host", "app.example")).await;
        let said = answer.header("strict-transport-security");
        assert_eq!(said, "max-age=31536000; includeSubDomains", "{path}");
    }
}

#[tokio::test]
async fn sec_web_27_every_page_has_a_policy_that_lets_nothing_in() {
    let stack = Stack::start().await;
    let provider = stack.idp("");
    for (what, answer) in answers(&stack).await {
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let policy = answer.header("content-security-policy");
        let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
        for needed in [
            "default-src 'none'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "style-src 'self'",
            "img-src 'self'",
        ] {
            assert!(directives.contains(&needed), "{what}: {needed} in {policy}");
        }
        let is_ours = |directive: &&str| directive.starts_with("form-action ");
        let form_action = directives
            .iter()
            .find(|directive| is_ours(directive))
            .unwrap();
        for source in form_action.split(' ').skip(1) {
            assert!(
                source == "'self'" || source == provider,
                "{what}: {form_action}"
            );
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("script-src"),
            "{what}: {policy}"
        );
        assert_eq!(directives.len(), 7, "{what}: {policy}");
        let page = answer.text();
        for inline in ["<script", "<style", " style=\"", " on", "javascript:"] {
            let found = inline != " on" && page.contains(inline);
            assert!(!found, "{what}: {inline}");
        }
    }
}

#[tokio::test]
async fn sec_web_26_no_answer_lets_another_origin_read_it_and_preflights_are_refused() {
    let stack = Stack::start().await;
    let reads = |answer: &Answer| {
        let names = answer.headers.keys();
        let mut names = names.filter(|name| name.as_str().starts_with("access-control-"));
        names.next().is_some()
    };
    for (what, answer) in answers(&stack).await {
        assert!(!reads(&answer), "{what}");
    }
    for path in [
        "/",
        "/callback",
        "/show-me/planets",
        "/authenticate/silver",
        "/log-out",
        "/static/solar.css",
    ] {
        for origin in ["https://evil.example", "null", "http://localhost:1"] {
            let request = client().request(Method::OPTIONS, stack.web(path));
            let request = request
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization");
            let answer = send(request).await;
            assert!(answer.status >= 400, "{path}: {}", answer.status);
            assert!(!reads(&answer), "{path} by {origin}");
        }
    }
}

#[tokio::test]
async fn sec_web_29_pages_load_nothing_foreign_and_list_no_setting_and_no_environment() {
    let canary = "canary-0123456789-0123456789-0123456789";
    let stack = Stack::with(&[("SESSION_SECRET", canary), ("API_KEY", canary)]).await;
    let path = std::env::var("PATH").unwrap();
    for (what, answer) in answers(&stack).await {
        let text = answer.text();
        assert!(!text.contains(canary) && !text.contains(&path), "{what}");
        for name in ["SESSION_SECRET", "API_KEY", "CARGO", "RUST_LOG"] {
            assert!(!text.contains(name), "{what}: {name}");
        }
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        for load in answer.page().loads() {
            assert_eq!(load.origin(), answer.url.origin(), "{what} loads {load}");
        }
        for tag in [
            "<iframe",
            "<object",
            "<embed",
            "<base",
            "http-equiv",
            "ping=",
            "srcdoc",
        ] {
            assert!(!text.contains(tag), "{what}: {tag}");
        }
    }
}

/// There is no JSON endpoint; what is served as a file is what was compiled in.
#[tokio::test]
async fn sec_web_33_files_are_a_built_in_list_and_every_answer_says_its_type_and_charset() {
    let stack = Stack::start().await;
    for (what, answer) in answers(&stack).await {
        let kind = answer.header("content-type");
        let known = [
            "text/html; charset=utf-8",
            "text/css; charset=utf-8",
            "image/svg+xml; charset=utf-8",
        ];
        let is_empty = answer.body.is_empty();
        assert!(known.contains(&kind.as_str()) || is_empty, "{what}: {kind}");
    }
    for path in [
        "/static/",
        "/static/../Cargo.toml",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/solar.css/",
        "/static/solar.css%00.html",
        "/static/solar.css;x",
        "/static//solar.css",
        "/static/SOLAR.CSS",
        "/static/.env",
        "/Cargo.toml",
        "/.env",
    ] {
        let said = super::sockets::said(
            &stack.web(""),
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )
        .await;
        assert_eq!(super::sockets::status(&said), 404, "{path}: {said}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = send(client().request(method.clone(), stack.web("/static/solar.css"))).await;
        assert!(answer.status >= 400, "{method}: {}", answer.status);
    }
}
