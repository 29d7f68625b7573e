//! What is logged, in which shape, and by which number it is found again.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use solar_system::clock::Clock;

use crate::browser::{Browser, Seen};
use crate::controls::Control;
use crate::http::{client, send, with_form};
use crate::misbehaving::bend::without;
use crate::misbehaving::{Gateway, Keys, Provider, Reply, edit};
use crate::program::{Program, UNSET};
use crate::stack::{CLIENT_ID, CLIENT_SECRET, SESSION_SECRET};

/// What is said by no request.
const OF_THE_PROGRAM: [&str; 4] = ["listening", "settings", "ending", "revocation_lag"];

/// Each line tells of an event, and one that a request led to bears its number.
fn is_whole(line: &Value) {
    let event = line["event"].as_str();
    let event = event.unwrap_or_else(|| panic!("no event: {line}"));
    let number = line["request"].as_str().map_or(0, str::len);
    let due = if OF_THE_PROGRAM.contains(&event) {
        0
    } else {
        32
    };
    assert_eq!(number, due, "{line}");
    assert!(
        line["timestamp"].is_string() && line["level"].is_string(),
        "{line}"
    );
}

/// The lines of a program that logs JSON, all of them objects.
fn lines(program: &Program) -> Vec<Value> {
    let errors = program.errors();
    let lines = errors.lines();
    let read = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    lines.map(read).collect()
}

fn started(level: &str) -> Program {
    let settings = [("LOG_FORMAT", "json"), ("RUST_LOG", level)];
    let mut program = Program::start(&[], &settings);
    let ports = program.ports.clone();
    for port in [ports.web, ports.idp, ports.gateway, ports.api] {
        program.wait_for(port);
    }
    program
}

fn at(port: u16, path: &str) -> String {
    format!("http://localhost:{port}{path}")
}

#[tokio::test]
async fn unset_log_format_means_an_object_of_json_a_line_where_there_is_no_terminal() {
    let mut program = Program::start(&[], &[("LOG_FORMAT", UNSET)]);
    program.wait_for(program.ports.web);
    let browser = Browser::new();
    let home = browser.open(program.web("/")).await;
    browser.go(&home, "show me the planets!").await;

    let lines = lines(&program);

    assert!(lines.len() > 3, "{lines:#?}");
    for line in &lines {
        assert!(line["level"].is_string(), "{line}");
    }
    assert!(lines.iter().any(|line| line["event"] == "show_me"));
}

/// RFC 8414 lets a provider leave `code_challenge_methods_supported` out, and many do.
#[tokio::test]
async fn sec_web_02_a_provider_that_announces_no_pkce_is_told_of_once_and_gets_it_all_the_same() {
    for announced in [true, false] {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        if !announced {
            provider.script().metadata = without("code_challenge_methods_supported");
        }
        let (issuer, proxy_uri) = (provider.issuer(), gateway.url());
        let settings = [
            ("LOG_FORMAT", "json"),
            ("ISSUER", &issuer),
            ("PROXY_URI", &proxy_uri),
            ("AUTHN_CLIENT_ID", "app"),
            ("AUTHN_CLIENT_SECRET", "a secret of the app's"),
            ("SESSION_SECRET", SESSION_SECRET),
        ];
        let mut program = Program::start(&[], &settings);
        program.wait_for(program.ports.web);
        for _ in 0..2 {
            let browser = Browser::new();
            let home = browser.open(program.web("/")).await;
            let home = browser.go(&home, "authenticate").await;
            let words = home.page().words();
            assert!(words.contains("Signed in as"), "{announced}: {words}");
        }
        for asked in provider.server.received_at("/authorize") {
            let method = asked.field("code_challenge_method");
            assert_eq!(method.as_deref(), Some("S256"), "{announced}");
        }
        let lines = lines(&program);
        let told = lines
            .iter()
            .filter(|line| line["event"] == "pkce_not_announced");
        assert_eq!(told.count(), usize::from(!announced), "{lines:#?}");
    }
}

/// One press of a button, as each room tells of it.
#[tokio::test]
async fn sec_com_07_09_a_press_of_a_button_has_one_number_in_every_room_and_on_its_page() {
    let program = started("debug");
    let browser = Browser::new();
    let home = browser.open(program.web("/")).await;
    for (button, room, event) in [
        ("show me the planets!", "gateway", "gateway_refused"),
        ("show me the visitors!", "api", "api_asked"),
    ] {
        let pressed = browser.press(&home, button).await;
        let number = pressed.header("x-request-id");
        assert_eq!(number.len(), 32, "{number}");
        let page = browser.follow(&pressed).await;
        assert!(page.page().words().contains(&number), "the page names it");

        let lines = lines(&program);
        let mine = lines.iter().find(|line| line["request"] == number.as_str());
        assert_eq!(mine.unwrap()["event"], "show_me");
        let mut told = lines.iter().filter(|line| line["event"] == event);
        let told = told.find(|line| line["trace"] == number.as_str());
        let told = told.unwrap_or_else(|| panic!("{room}: {lines:#?}"));
        assert_ne!(told["request"], number.as_str(), "{room} has its own");
    }
}

#[tokio::test]
async fn sec_com_07_what_a_caller_calls_a_request_is_data_and_only_where_it_is_a_trace() {
    let program = started("info");
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let whole = format!("00-{trace}-00f067aa0ba902b7-01");
    for (sent, is_taken) in [
        (whole.as_str(), true),
        ("00-canary-canary-01", false),
        ("canary\", \"event\":\"signed_in", false),
    ] {
        let request = client().get(at(program.ports.gateway, "/moons"));
        let request = request.header("traceparent", sent);
        let answer = send(request.header("x-request-id", "canary")).await;
        assert_eq!(answer.status, 401);
        let number = answer.header("x-request-id");
        let lines = lines(&program);
        let mut mine = lines
            .iter()
            .filter(|line| line["request"] == number.as_str());
        let line = mine.next().unwrap();
        assert_eq!(line["trace"] == trace, is_taken, "{line}");
        assert!(mine.next().is_none(), "one line");
    }
    assert!(!program.errors().contains("canary"));
}

/// An answer that refuses says by which number it is found in the log, in every room.
#[tokio::test]
async fn sec_com_09_every_room_names_what_it_refuses_and_tells_nothing_of_itself() {
    let program = started("info");
    let ports = program.ports.clone();
    let mut numbers = BTreeSet::new();
    for (url, status) in [
        (at(ports.web, "/nowhere"), 404),
        (at(ports.web, "/callback?code=a&state=b"), 400),
        (at(ports.idp, "/nowhere"), 404),
        (
            at(ports.idp, "/oauth2/default/v1/authorize?client_id=x"),
            400,
        ),
        (at(ports.idp, "/oauth2/default/v1/userinfo"), 401),
        (at(ports.gateway, "/moons"), 401),
        (at(ports.gateway, "/nowhere"), 404),
        (at(ports.api, "/moons"), 403),
    ] {
        let answer = send(client().get(&url).header("accept", "text/html")).await;
        assert_eq!(answer.status, status, "{url}");
        let number = answer.header("x-request-id");
        assert_eq!(number.len(), 32, "{url}");
        assert!(numbers.insert(number.clone()), "{url}");
        let is_page = answer.header("content-type").starts_with("text/html");
        assert!(!is_page || answer.text().contains(&number), "{url}");
        assert_eq!(answer.header("server"), "", "{url}");
        for word in [
            "panicked",
            "src/",
            ".rs",
            "/target/",
            env!("CARGO_PKG_VERSION"),
        ] {
            assert!(!answer.text().contains(word), "{url}: {word}");
        }
    }
}

/// The text of the log, where somebody says what would look like another line.
#[tokio::test]
async fn sec_com_07_no_request_writes_a_line_of_its_own() {
    for format in ["json", "text"] {
        let mut program = Program::start(&[], &[("LOG_FORMAT", format), ("RUST_LOG", "trace")]);
        let ports = program.ports.clone();
        for port in [ports.web, ports.idp, ports.gateway, ports.api] {
            program.wait_for(port);
        }
        let forged = "%0d%0a%1b%5b31m%7b%22event%22:%22forged%22%7d%e2%80%ae%c2%85";
        for url in [
            at(ports.web, &format!("/{forged}")),
            at(ports.web, &format!("/flights/{forged}")),
            at(
                ports.web,
                &format!("/callback?error={forged}&state={forged}"),
            ),
            at(
                ports.idp,
                &format!("/oauth2/default/v1/authorize?client_id={forged}&{forged}=1&{forged}=2"),
            ),
            at(
                ports.idp,
                &format!("/oauth2/default/v1/logout?id_token_hint={forged}"),
            ),
            at(ports.idp, &format!("/signin/{forged}")),
            at(ports.gateway, &format!("/{forged}?{forged}")),
            at(ports.api, &format!("/{forged}")),
        ] {
            send(client().get(&url).header("user-agent", "\u{85}forged")).await;
        }
        let basic = crate::http::basic("x\r\n\u{1b}forged", "\u{202e}");
        let token = client().post(at(ports.idp, "/oauth2/default/v1/token"));
        let token = with_form(
            token.header("authorization", basic),
            &[("grant_type", "\r\nforged")],
        );
        assert_eq!(send(token).await.status, 401);
        let log = program.errors();
        let plain = |c: char| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}');
        for line in log.lines() {
            assert!(line.chars().all(plain), "{line:?}");
            let begins = if format == "json" {
                "{\"timestamp\":\"20"
            } else {
                "20"
            };
            assert!(line.starts_with(begins), "{line:?}");
            assert!(!line.contains("\"event\":\"forged\""), "{line}");
        }
        assert!(log.lines().count() > 8, "{log}");
    }
}

/// ASVS 16.3.1 to 16.3.4: who signs in and out, what is refused, what changes.
#[tokio::test]
async fn sec_com_08_what_has_to_be_logged_is_logged_with_outcome_and_reason() {
    let program = started("debug");
    let ports = program.ports.clone();
    crate::logs::visit(&program).await;
    let home = Browser::new().open(program.web("/")).await;
    let foreign = client().post(program.web("/log-out"));
    send(foreign.header("sec-fetch-site", "cross-site")).await;
    send(client().post(program.web("/log-out"))).await;
    assert_eq!(home.status, 200);
    for (port, path, host) in [
        (ports.api, "/moons", "localhost"),
        (ports.gateway, "/moons", "localhost"),
        (ports.gateway, "/moons", "rebound.example"),
        (ports.idp, "/oauth2/default/v1/userinfo", "localhost"),
        (ports.idp, "/signin/nowhere", "localhost"),
        (
            ports.idp,
            "/oauth2/default/v1/authorize?client_id=x",
            "localhost",
        ),
        (ports.idp, "/api/v1/groups", "localhost"),
    ] {
        send(client().get(at(port, path)).header("host", host)).await;
    }
    let secret = crate::http::basic("telescope", "canary-machine-secret-77ab");
    for (path, fields) in [
        ("token", &[("grant_type", "client_credentials")][..]),
        ("token", &[("client_id", "x"), ("client_secret", "y")]),
        ("introspect", &[("token", "x")]),
    ] {
        let request = client().post(at(ports.idp, &format!("/oauth2/default/v1/{path}")));
        let request = request.header("authorization", &secret);
        send(with_form(request, fields)).await;
    }
    let lines = lines(&program);
    let logged: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| line["event"].as_str())
        .collect();
    for event in [
        "listening",
        "provider_found",
        "keys_fetched",
        "sign_in_started",
        "code_issued",
        "tokens_issued",
        "signed_in",
        "sign_in_refused",
        "authorization_denied",
        "authorization_refused",
        "signed_out",
        "grant_revoked", // by the refresh token; an access token that comes after it is nothing any more
        "show_me",
        "refused",
        "cross_site_refused",
        "form_refused",
        "gateway_refused",
        "api_refused",
        "host_refused",
        "user_info_refused",
        "client_refused",
        "sign_in_lost",
    ] {
        assert!(logged.contains(event), "{event} is not among {logged:?}");
    }
    for line in &lines {
        is_whole(line);
        let event = line["event"].as_str();
        let is_refusal = event.is_some_and(|event| event.ends_with("_refused"));
        let is_explained = !line["reason"].is_null() || !line["error"].is_null();
        assert!(!is_refusal || is_explained, "no reason: {line}");
    }
}

/// The browser is a new one each time.
async fn signed_in(program: &Program) -> (Browser, Seen) {
    let browser = Browser::new();
    let home = browser.open(program.web("/")).await;
    let level = Control::named("authenticate").under("silver");
    let home = browser.go(&home, level).await;
    assert!(home.page().words().contains("Signed in as"));
    (browser, home)
}

/// What else is to be found in the log: new tokens or none, other keys, and who is told to wait. A server whose TLS
/// does not hold: `sec_com_08_a_certificate_that_does_not_hold_is_in_the_log`.
#[tokio::test]
async fn sec_com_08_refreshes_other_keys_and_throttled_browsers_are_logged_with_outcome_and_reason()
{
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    provider.script().token_answer =
        edit(|answer| answer["refresh_token"] = "a refresh token".into());
    let (issuer, proxy_uri) = (provider.issuer(), gateway.url());
    let settings = [
        ("ISSUER", issuer.as_str()),
        ("PROXY_URI", &proxy_uri),
        ("AUTHN_CLIENT_ID", CLIENT_ID),
        ("AUTHN_CLIENT_SECRET", CLIENT_SECRET),
        ("SESSION_SECRET", SESSION_SECRET),
        ("SIGN_IN_RATE", "1"),
        ("LOG_FORMAT", "json"),
    ];
    let mut program = Program::start(&[], &settings);
    program.wait_for(program.ports.web);
    let newer = json!({"access_token": "newer", "token_type": "Bearer", "expires_in": 600});
    let over = r#"{"error":"invalid_grant"}"#;
    for (event, reply, why) in [
        ("tokens_refreshed", Reply::json(&newer), ""),
        ("refresh_failed", Reply::status(500), "500"),
        (
            "session_over",
            Reply::status(400).body("application/json", over),
            "invalid_grant",
        ),
    ] {
        let (browser, home) = signed_in(&program).await;
        provider.script().reply("/token", reply);
        browser.go(&home, "refresh the tokens").await;
        provider.script().replies.remove("/token");
        let lines = lines(&program);
        let line = lines.iter().find(|line| line["event"] == event);
        let line = line.unwrap_or_else(|| panic!("{event} is not among {lines:#?}"));
        let told = line["error"].as_str().unwrap_or_default();
        assert!(told.contains(why), "{line}");
    }

    let fetches = |lines: &[Value]| {
        let fetched = lines.iter().filter(|line| line["event"] == "keys_fetched");
        fetched.count()
    };
    let before = fetches(&lines(&program));
    provider.script().keys = Keys::generate(2);
    signed_in(&program).await;
    assert!(fetches(&lines(&program)) > before, "the keys are others");

    let browser = Browser::new();
    browser.open(program.web("/")).await;
    for _ in 0..40 {
        browser.get(program.web("/callback?code=a&state=b")).await;
    }
    let lines = lines(&program);
    let mut told = lines.iter().filter(|line| line["event"] == "refused");
    let throttled = told.any(|line| line["status"] == 429 && line["reason"] == "too_many_sign_ins");
    assert!(throttled, "{lines:#?}");
    lines.iter().for_each(is_whole);
}
