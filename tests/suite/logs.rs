//! What the log holds, and what it never holds.

use crate::browser::Browser;
use crate::people::{CARL, JODIE};
use crate::program::Program;
use crate::stack::{log_out, sign_in_at};

const CANARIES: [(&str, &str); 6] = [
    ("AUTHN_CLIENT_SECRET", "canary-app-secret-5d1c"),
    ("MACHINE_CLIENT_SECRET", "canary-machine-secret-77ab"),
    ("INTROSPECT_CLIENT_SECRET", "canary-gateway-secret-01fe"),
    ("API_KEY", "canary-api-key-93c4"),
    (
        "SESSION_SECRET",
        "canary-session-secret-of-32-bytes-or-more",
    ),
    ("GOLD_PASSWORD", "canary-gold-password-2f"),
];

/// A whole visit; everything secret that the browser saw.
pub async fn visit(program: &Program) -> Vec<String> {
    let browser = Browser::new();
    let home = browser.open(program.web("/")).await;
    browser.go(&home, "show me the planets!").await;
    let home = browser.open(program.web("/")).await;
    let level = crate::controls::Control::named("authenticate").under("silver");
    let form = browser.go(&home, level).await;
    let wrong = form
        .page()
        .press("sign in")
        .with("username", CARL.login)
        .with("password", "canary-wrong-password-88");
    browser.follow_all(browser.submit(&form, wrong).await).await;
    let filled = form
        .page()
        .press("sign in")
        .with("username", CARL.login)
        .with("password", CARL.password);
    let mut secrets = vec![
        "canary-wrong-password-88".to_owned(),
        CARL.password.to_owned(),
    ];
    let mut seen = browser.submit(&form, filled).await;
    while seen.is_redirect() {
        let location = seen.location();
        for name in ["code", "state", "code_challenge", "nonce"] {
            secrets.extend(crate::http::query(&location, name));
        }
        seen = browser.follow(&seen).await;
    }
    assert!(
        seen.page().words().contains("Signed in as"),
        "{}",
        seen.page().words()
    );
    browser.go(&seen, "show me some moons!").await;
    let home = browser.open(program.web("/")).await;
    let cookies = browser.cookies("localhost");
    secrets.extend(
        cookies
            .iter()
            .map(|cookie| cookie.value().to_owned())
            .filter(|value| value.len() > 20),
    );
    let denied = browser
        .go(
            &home,
            crate::controls::Control::named("authenticate").under("gold"),
        )
        .await;
    sign_in_at(&browser, &denied, CARL).await;
    let home = browser.open(program.web("/")).await;
    log_out(&browser, &home).await;
    browser
        .open(program.web("/callback?code=canary-code-3a&state=canary-state-9b"))
        .await;
    secrets.extend(["canary-code-3a".to_owned(), "canary-state-9b".to_owned()]);
    secrets
}

#[tokio::test]
async fn no_log_level_shows_a_token_a_code_a_secret_or_a_cookie() {
    for format in ["json", "text"] {
        let mut settings = CANARIES.to_vec();
        settings.extend([
            ("RUST_LOG", "trace"),
            ("LOG_FORMAT", format),
            ("GOLD_USERNAME", JODIE.login),
        ]);
        settings.push(("INTROSPECT_CLIENT_ID", "solar-system-gateway"));
        let mut program = Program::start(&[], &settings);
        program.wait_for(program.ports.web);
        program.wait_for(program.ports.idp);
        program.wait_for(program.ports.gateway);

        let secrets = visit(&program).await;

        let errors = program.errors();
        let events = errors.lines().count();
        assert!(
            events > 10,
            "{format}: only {events} lines were logged: {errors}"
        );
        for secret in secrets
            .iter()
            .map(String::as_str)
            .chain(CANARIES.map(|(_, value)| value))
        {
            assert!(secret.len() > 5, "{secret:?} is no canary");
            let line = errors.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "{format}: {secret} in {line:?}");
        }
        assert!(!errors.contains(".eyJ"), "{format}: a token is logged");
        for (name, value) in CANARIES {
            let shown = program.output().contains(value);
            assert_eq!(
                shown,
                name == "GOLD_PASSWORD",
                "{format}: {name} on standard output"
            );
        }
        if format == "json" {
            for line in errors.lines() {
                let event: serde_json::Value =
                    serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
                assert!(event.is_object(), "{line}");
            }
        }
    }
}

#[tokio::test]
async fn log_tokens_shows_raw_tokens_on_the_console_with_a_warning_and_on_no_page() {
    let mut program = Program::start(&[], &[("LOG_TOKENS", "true")]);
    program.wait_for(program.ports.web);
    program.wait_for(program.ports.idp);
    let browser = Browser::new();
    let home = browser.open(program.web("/")).await;
    let level = crate::controls::Control::named("authenticate").under("silver");
    let form = browser.go(&home, level).await;

    let home = sign_in_at(&browser, &form, CARL).await;

    assert!(home.page().words().contains("Signed in as"));
    assert!(!home.text().contains(".eyJ"));
    let console = [program.output(), program.errors()].join("\n");
    assert!(console.contains(".eyJ"), "{console}");
    assert!(
        console
            .lines()
            .any(|line| line.contains("WARN") && line.contains("LOG_TOKENS")),
        "{console}"
    );
}
