//! A gateway that is down, slow, wrong or hostile: always a page with the right status and a way on.

use std::time::{Duration, Instant};

use solar_system::clock::Clock;

use crate::browser::{Browser, Seen};
use crate::misbehaving::{Gateway, Provider, Reply};
use crate::stack::Stack;

struct Scene {
    provider: Provider,
    gateway: Gateway,
    stack: Stack,
    browser: Browser,
}

/// A silver subscriber who is signed in, and a gateway that can be told anything.
async fn signed_in() -> Scene {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    assert!(
        home.page().words().contains("Signed in as"),
        "{}",
        home.page().words()
    );
    Scene {
        provider,
        gateway,
        stack,
        browser,
    }
}

impl Scene {
    async fn show_me(&self) -> Seen {
        self.stack
            .show_me(&self.browser, "show me the planets!")
            .await
    }

    /// A page for people: HTML, a heading, words, a way on; nothing that a peer could have smuggled in.
    fn assert_is_page(what: &str, seen: &Seen, status: u16) {
        assert_eq!(seen.status, status, "{what}: {}", seen.page().words());
        assert!(
            seen.header("content-type").starts_with("text/html"),
            "{what}"
        );
        let page = seen.page();
        assert!(!page.heading().is_empty(), "{what}");
        assert!(
            page.find("authenticate").is_some()
                || page.find("home").is_some()
                || page.find("again").is_some()
                || page.find("show me").is_some(),
            "{what}: no way on: {}",
            page.words()
        );
        assert!(
            page.attributes("script", "src").is_empty() && page.words_at("script").is_none(),
            "{what}"
        );
        assert!(
            seen.body.len() < 200_000,
            "{what}: {} bytes",
            seen.body.len()
        );
    }
}

#[tokio::test]
async fn a_gateway_that_answers_is_asked_once_with_the_access_token_alone() {
    let scene = signed_in().await;

    let flight = scene.show_me().await;

    Scene::assert_is_page("planets", &flight, 200);
    assert!(flight.page().words().contains("neptune"));
    let received = scene.gateway.server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(
        (received[0].method.as_str(), received[0].path.as_str()),
        ("GET", "/planets")
    );
    assert!(
        received[0]
            .header("authorization")
            .unwrap()
            .starts_with("Bearer ")
    );
    assert_eq!(received[0].header("cookie"), None);
    assert_eq!(received[0].query, "");
}

#[tokio::test]
async fn each_refusal_of_the_gateway_is_a_page_with_its_status_and_number() {
    let scene = signed_in().await;
    let json = |status, body: &str| Reply::status(status).body("application/json", body);
    let challenge = r#"Bearer error="insufficient_scope", scope="http://myapp.com/scp/gold""#;
    for (what, reply, status, words) in [
        (
            "401",
            json(401, r#"{"error":"no"}"#)
                .header("WWW-Authenticate", "Bearer error=\"invalid_token\""),
            401,
            "401",
        ),
        (
            "403",
            json(403, "{}").header("WWW-Authenticate", challenge),
            403,
            "http://myapp.com/scp/gold",
        ),
        ("403 without a word", Reply::status(403), 403, "403"),
        ("404", json(404, r#"{"error":"nothing here"}"#), 502, "404"),
        ("405", Reply::status(405), 502, "405"),
        (
            "429",
            Reply::status(429).header("Retry-After", "17"),
            429,
            "17",
        ),
        (
            "500",
            Reply::status(500).body("text/plain", "stack trace at line 12"),
            502,
            "500",
        ),
        (
            "503",
            Reply::status(503).header("Retry-After", "30"),
            503,
            "503",
        ),
        ("418", Reply::status(418), 502, "418"),
        (
            "a redirect",
            Reply::redirect(302, "http://127.0.0.1:9/elsewhere"),
            502,
            "302",
        ),
        ("no content", Reply::status(204), 502, "204"),
    ] {
        scene.gateway.reply("/planets", reply);
        scene.gateway.server.forget_received();

        let flight = scene.show_me().await;

        Scene::assert_is_page(what, &flight, status);
        assert!(
            flight.page().words().contains(words),
            "{what}: {}",
            flight.page().words()
        );
        let calls = scene.gateway.server.received().len();
        assert!((1..=3).contains(&calls), "{what}: {calls} calls");
    }
    let fresh = signed_in().await;
    assert_eq!(fresh.show_me().await.status, 200);
}

/// Every status that a gateway may answer, with a list behind it that looks like a success.
#[tokio::test]
async fn an_answer_of_any_status_is_a_page_and_only_a_success_shows_its_list() {
    let scene = signed_in().await;
    for status in (200..=208)
        .chain([226])
        .chain(300..=308)
        .chain(400..=418)
        .chain([421, 422, 425, 426, 428, 429, 431, 451, 499])
        .chain(500..=511)
        .chain([520, 599])
    {
        let list = Reply::status(status).body("application/json", r#"["vulcan"]"#);
        scene.gateway.reply("/planets", list);
        scene.gateway.server.forget_received();

        let flight = scene.show_me().await;

        let expected = match status {
            204 => 502, // nothing may come along
            200..=299 => 200,
            401 | 403 | 429 | 503 | 504 => status,
            _ => 502,
        };
        Scene::assert_is_page(&status.to_string(), &flight, expected);
        let answer = flight.page().words_at(".answer").unwrap_or_default();
        assert_eq!(
            answer.contains("vulcan"),
            expected == 200,
            "{status}: {answer}"
        );
        let calls = scene.gateway.server.received().len();
        assert!((1..=3).contains(&calls), "{status}: {calls} calls");
    }
}

/// JSON of every shape: a list of names is a list, what else an API may say is shown as it is, the rest is told.
#[tokio::test]
async fn an_answer_of_any_shape_is_a_list_or_json_or_rubbish() {
    let scene = signed_in().await;
    let many = serde_json::json!(
        (0..5_000)
            .map(|n| format!("planet {n}"))
            .collect::<Vec<_>>()
    );
    let long = serde_json::json!(["x".repeat(100_000)]);
    for (what, body, status) in [
        ("an empty list", "[]", 200),
        ("objects with names", r#"[{"name":"earth","moons":1}]"#, 200),
        ("numbers", "[1,2,3]", 200),
        ("names and other things", r#"["earth",null,7]"#, 200),
        ("an object", r#"{"planets":["earth"]}"#, 200),
        ("an error in a 200", r#"{"error":"no"}"#, 200),
        (
            "names with controls",
            r#"["earth\u0000\u001b[31m\r\n"]"#,
            200,
        ),
        ("names from right to left", r#"["\u202Ehtrae"]"#, 200),
        ("five thousand names", &many.to_string(), 200),
        ("a name of 100 kB", &long.to_string(), 200),
        ("text", r#""earth""#, 502),
        ("a number", "8", 502),
        ("null", "null", 502),
        ("true", "true", 502),
        ("two values", r#"["earth"]["mars"]"#, 502),
        ("a comma too much", r#"["earth",]"#, 502),
        ("single quotes", "['earth']", 502),
        ("a byte order mark", "\u{feff}[\"earth\"]", 502),
        ("a form", "planets=earth", 502),
    ] {
        let reply = Reply::status(200).body("application/json", body);
        scene.gateway.reply("/planets", reply);

        let flight = scene.show_me().await;

        Scene::assert_is_page(what, &flight, status);
        assert!(
            !flight.text().contains(['\u{0}', '\u{1b}']),
            "{what}: controls on the page"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_told_and_never_trusted() {
    let scene = signed_in().await;
    let json = |body: &[u8]| Reply::status(200).body("application/json", body);
    let deep = "[".repeat(100_000);
    for (what, reply) in [
        (
            "html",
            Reply::html("<h1>Log in to our portal</h1><script>steal()</script>"),
        ),
        ("not JSON", json(b"planets: all of them")),
        ("cut JSON", json(br#"["mercury", "ven"#)),
        ("empty", json(b"")),
        ("not UTF-8", json(b"[\"\xff\xfe\"]")),
        ("deep JSON", json(deep.as_bytes())),
        ("cut off", Reply::status(200).cut("[\"mercury\"")),
        ("no HTTP", Reply::raw(b"SSH-2.0-OpenSSH_9.2\r\n")),
        (
            "50 MB",
            Reply::status(200)
                .header("Content-Type", "application/json")
                .huge(50_000_000),
        ),
    ] {
        scene.gateway.reply("/planets", reply);

        let flight = scene.show_me().await;

        Scene::assert_is_page(what, &flight, 502);
        assert!(!flight.text().contains("<script>steal"), "{what}");
    }
    scene.gateway.reply("/planets", json(br#"["mercury"]"#));
    let flight = scene.show_me().await;
    assert_eq!(flight.status, 200, "the gateway came to its senses");
}

#[tokio::test]
async fn markup_in_an_answer_is_text() {
    let scene = signed_in().await;
    let hostile = r#"["<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "earth"]"#;
    scene.gateway.reply(
        "/planets",
        Reply::status(200).body("application/json", hostile),
    );

    let flight = scene.show_me().await;

    assert_eq!(flight.status, 200);
    let page = flight.page();
    assert!(
        page.words().contains("<script>alert(1)</script>"),
        "{}",
        page.words()
    );
    assert!(page.words_at("script").is_none());
    assert!(page.attributes("img", "src").is_empty());
}

#[tokio::test]
async fn a_gateway_that_hangs_is_given_up_within_ten_seconds() {
    let scene = signed_in().await;
    let drip = Reply::status(200).drip("[".repeat(1_000), Duration::from_millis(300));
    scene.gateway.reply("/planets", Reply::never());
    scene.gateway.reply("/moons", drip);
    let slow = |words: &'static str| {
        let scene = &scene;
        async move {
            let start = Instant::now();
            let flight = scene.stack.show_me(&scene.browser, words).await;
            (flight, start.elapsed())
        }
    };

    let (hanging, dripping) =
        tokio::join!(slow("show me the planets!"), slow("show me some moons!"));

    for (what, (flight, took)) in [("hanging", hanging), ("dripping", dripping)] {
        Scene::assert_is_page(what, &flight, 504);
        assert!(took < Duration::from_secs(12), "{what}: {took:?}");
    }
}

#[tokio::test]
async fn a_gateway_that_is_down_is_told_at_once_and_recovers() {
    let Scene {
        provider,
        gateway,
        stack,
        browser,
    } = signed_in().await;
    let port = gateway.server.port();
    drop(gateway);
    let start = Instant::now();

    let flight = stack.show_me(&browser, "show me the planets!").await;

    assert_eq!(flight.status, 502);
    assert!(!flight.page().heading().is_empty());
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );

    let _gateway = Gateway::start_at(port);
    let flight = stack.show_me(&browser, "show me the planets!").await;
    assert_eq!(flight.status, 200, "it is back");
    drop(provider);
}

#[tokio::test]
async fn a_gateway_that_lets_strangers_in_is_called_what_it_is() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let stack = Stack::against(&provider, &gateway).await;

    let flight = stack
        .show_me(&stack.browser(), "show me the planets!")
        .await;

    assert_ne!(flight.status, 200, "an unprotected resource is no success");
    assert!(
        !flight.page().words().contains("neptune"),
        "{}",
        flight.page().words()
    );
    let received = gateway.server.received();
    assert!(
        received
            .iter()
            .all(|request| request.header("authorization").is_none())
    );
}

#[tokio::test]
async fn an_echoed_access_token_reaches_no_page() {
    let scene = signed_in().await;
    scene.show_me().await;
    let sent = scene.gateway.server.received()[0]
        .header("authorization")
        .unwrap();
    let token = sent.trim_start_matches("Bearer ").to_owned();
    let echo = Reply::status(403).header("WWW-Authenticate", &format!("Bearer error=\"{token}\""));
    scene.gateway.reply(
        "/planets",
        echo.body("application/json", format!("[\"{token}\"]")),
    );

    let flight = scene.show_me().await;

    assert!(!flight.text().contains(&token));
}

#[tokio::test]
async fn a_base_path_of_the_gateway_is_kept_and_no_slash_is_doubled() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    gateway.reply(
        "/base/v1/planets",
        Reply::status(200).body("application/json", r#"["earth"]"#),
    );
    for base in ["/base/v1", "/base/v1/"] {
        gateway.server.forget_received();
        let uri = gateway.url() + base;
        let stack = Stack::with(&[
            ("ISSUER", &provider.issuer()),
            ("PROXY_URI", &uri),
            ("GATEWAY", "MuleSoft"),
        ])
        .await;
        let browser = stack.browser();
        let home = stack.authenticate(&browser, "silver").await;
        assert!(home.page().words().contains("MuleSoft"));

        let flight = browser.go(&home, "show me the planets!").await;

        assert_eq!(flight.status, 200, "{base}");
        assert_eq!(gateway.server.received()[0].path, "/base/v1/planets");
    }
}
