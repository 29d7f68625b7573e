//! What a request may be, in every room.

use super::sockets::{said, status};
use crate::http::{client, send, with_form};
use crate::stack::Stack;

fn rooms(stack: &Stack) -> [(&'static str, String); 4] {
    [
        ("web", stack.web("")),
        ("idp", stack.idp("")),
        ("gateway", stack.gateway("")),
        ("api", stack.api("")),
    ]
}

#[tokio::test]
async fn sec_com_11_target_headers_and_their_number_are_bounded_in_every_room() {
    let stack = Stack::start().await;
    for (room, url) in rooms(&stack) {
        let heads = |extra: String| {
            format!("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{extra}\r\n")
        };
        let many = |count: usize| {
            let lines: Vec<_> = (0..count).map(|n| format!("x-{n}: a\r\n")).collect();
            lines.concat()
        };
        let fine = status(&said(&url, heads(many(98)).as_bytes()).await);
        assert!(fine != 431 && fine != 0, "{room}: {fine}");
        let crowded = status(&said(&url, heads(many(99)).as_bytes()).await);
        assert_eq!(crowded, 431, "{room}");
        let long = |kilobytes: usize| format!("x-long: {}\r\n", "a".repeat(kilobytes * 1024));
        let fine = status(&said(&url, heads(long(15)).as_bytes()).await);
        assert!(fine != 431 && fine != 0, "{room}: {fine}");
        for kilobytes in [17, 40, 64] {
            let long = status(&said(&url, heads(long(kilobytes)).as_bytes()).await);
            assert_eq!(long, 431, "{room}: {kilobytes}");
        }
        let target = format!(
            "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "a".repeat(64 * 1024)
        );
        let target = status(&said(&url, target.as_bytes()).await);
        assert!(matches!(target, 414 | 431 | 0), "{room}: {target}");
    }
    let long = format!("/?{}", "a".repeat(8 * 1024));
    for (room, url) in rooms(&stack) {
        let target = format!("{url}{long}");
        assert_eq!(send(client().get(target)).await.status, 414, "{room}");
    }
}

#[tokio::test]
async fn sec_com_11_bodies_are_bounded_where_they_are_read() {
    let stack = Stack::start().await;
    let long = "a".repeat(65 * 1024);
    for (url, refused) in [
        (stack.web("/log-out"), 400),
        (stack.web("/authenticate/silver"), 400),
        (stack.idp("/oauth2/default/v1/token"), 413),
        (stack.idp("/oauth2/default/v1/introspect"), 413),
        (stack.idp("/signin/x"), 413),
        (stack.idp("/oauth2/default/v1/authorize"), 413),
    ] {
        let answer = send(with_form(client().post(&url), &[("a", &long)])).await;
        assert_eq!(answer.status, refused, "{url}");
    }
    for (bytes, status) in [(1024, 200), (1024 * 1024 + 1, 413)] {
        let request = client().get(stack.gateway("/visitors"));
        let answer = send(request.body("a".repeat(bytes))).await;
        assert_eq!(answer.status, status, "{bytes} bytes at the gateway");
    }
}

/// Nothing is told about the process: there is no such page, on any listener.
#[tokio::test]
async fn sec_com_20_there_is_no_page_of_health_or_metrics_and_nothing_to_turn_on() {
    let stack = Stack::start().await;
    for path in [
        "/health",
        "/healthz",
        "/livez",
        "/readyz",
        "/metrics",
        "/status",
        "/info",
        "/env",
        "/debug",
        "/debug/pprof",
        "/actuator",
        "/actuator/env",
        "/server-status",
        "/.env",
        "/.git/config",
        "/version",
    ] {
        for (room, url) in rooms(&stack) {
            let answer = send(client().get(format!("{url}{path}"))).await;
            assert!(
                (400..500).contains(&answer.status),
                "{room}{path}: {}",
                answer.status
            );
        }
    }
}

/// No word about who asks opens or closes anything (CVE-2026-34457).
#[tokio::test]
async fn sec_com_20_no_header_and_no_agent_changes_a_decision() {
    let stack = Stack::start().await;
    let cases = [
        (stack.gateway("/moons"), 401),
        (stack.gateway("/visitors"), 200),
        (stack.api("/moons"), 403),
        (stack.idp("/oauth2/default/v1/userinfo"), 401),
        (stack.idp("/api/v1/groups"), 404),
        (stack.web("/nowhere"), 404),
    ];
    for (name, value) in [
        ("user-agent", "kube-probe/1.30"),
        ("user-agent", "GoogleHC/1.0"),
        ("user-agent", "Prometheus/2.0"),
        ("user-agent", ""),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=127.0.0.1;proto=https"),
        ("x-original-url", "/visitors"),
        ("x-rewrite-url", "/visitors"),
        ("x-http-method-override", "OPTIONS"),
        ("x-auth-subject", "carl.sagan"),
        ("x-debug", "1"),
        ("x-decision", "refused"),
    ] {
        for (url, status) in &cases {
            let plain = send(client().get(url)).await;
            let answer = send(client().get(url).header(name, value)).await;
            assert_eq!(plain.status, answer.status, "{url}: {name}: {value}");
            let is_off = url.contains("/api/v1/") && (400..500).contains(&answer.status);
            assert!(
                is_off || answer.status == *status,
                "{url}: {}",
                answer.status
            );
        }
    }
}

/// Whoever asks by another name gets the names that are configured (CVE-2026-34083).
#[tokio::test]
async fn sec_com_18_host_and_forwarding_headers_build_nothing() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let form = home.page().press("authenticate");
    let fields: Vec<_> = form
        .fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let forged = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-prefix", "/evil"),
        ("x-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
    ];
    let with_forged = |mut request: reqwest::RequestBuilder| {
        for (name, value) in forged {
            request = request.header(name, value);
        }
        request
    };
    let post = client().post(form.url.clone());
    let post = post.header("cookie", browser.cookie_header(&home.url));
    let answer = send(with_form(with_forged(post), &fields)).await;
    assert_eq!(answer.status, 303);
    let leads = answer.location();
    assert!(leads.as_str().starts_with(&stack.issuer()), "{leads}");
    let back = crate::http::query(&leads, "redirect_uri").unwrap();
    assert_eq!(back, stack.web("/callback"));
    for url in [
        stack.web("/"),
        stack.idp("/"),
        stack.idp("/oauth2/default/.well-known/openid-configuration"),
        stack.gateway("/.well-known/oauth-protected-resource"),
        stack.gateway("/moons"),
    ] {
        let answer = send(with_forged(client().get(&url))).await;
        let told = format!("{}{:?}", answer.text(), answer.headers);
        assert!(!told.contains("evil"), "{url}: {told}");
    }
}

/// Plain http is answered or refused where it is asked, and never sent on to https: a token would have gone
/// over the wire by then.
#[tokio::test]
async fn sec_com_23_api_and_token_endpoints_never_redirect_to_https() {
    let stack = Stack::start().await;
    for (url, status) in [
        (stack.gateway("/moons"), 401),
        (stack.gateway("/nowhere"), 404),
        (stack.api("/moons"), 403),
    ] {
        let answer = send(client().get(&url).header("x-forwarded-proto", "http")).await;
        assert_eq!(answer.status, status, "{url}");
        assert_eq!(answer.header("location"), "");
    }
    for path in ["token", "introspect", "revoke"] {
        let url = stack.idp(&format!("/oauth2/default/v1/{path}"));
        let request = client().post(&url).header("x-forwarded-proto", "http");
        let answer = send(with_form(request, &[("token", "x")])).await;
        assert_eq!(answer.status, 401, "{url}");
    }
}
