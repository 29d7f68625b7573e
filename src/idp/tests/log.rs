//! What a refusal leaves in the log, and what it must not.

use super::*;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
pub(super) struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// What was written since the last time.
    pub(super) fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }

    /// Keeps the lines of this thread, for as long as the guard lives.
    pub(super) fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        let lines = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(lines.clone())
            .with_ansi(false)
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        (lines, guard)
    }
}

#[tokio::test]
async fn sec_com_08_every_refusal_leaves_one_line_that_names_no_secret() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let page = browser.sign_in_page(&Asked::new(SILVER)).await;
    let plain = provider.tokens(CARL, "http://myapp.com/scp/silver").await;
    let plain = format!("Bearer {}", plain["access_token"].as_str().unwrap());
    let (lines, _guard) = Lines::listen();
    let assert_one_line = |event: &str| {
        let written = lines.take();
        let wanted = format!("event=\"{event}\"");
        assert_eq!(written.matches(&wanted).count(), 1, "{event}: {written}");
        assert_eq!(written.lines().count(), 1, "{written}");
        assert!(!written.contains("hunter2") && !written.contains(".eyJ"));
        written
    };

    for (headers, status) in [
        (vec![], 401),
        (vec!["Bearer hunter2"], 401),
        (vec!["Bearer hunter2", "Bearer hunter2"], 400),
        (vec![plain.as_str()], 403),
    ] {
        assert_eq!(provider.user_info(&headers).await.status, status);
        assert_one_line("user_info_refused");
    }
    assert_eq!(Browser::of(&provider).get(&page).await.status, 403);
    assert_one_line("sign_in_lost");
    assert_eq!(browser.get("/signin/hunter2").await.status, 410);
    assert_one_line("sign_in_lost");

    let form = browser.get(&page).await;
    let csrf = form.field("csrf").unwrap().to_owned();
    let typed = [
        ("csrf", csrf.as_str()),
        ("username", CARL.0),
        ("password", "hunter2"),
    ];
    let foreign = [("origin", "https://evil.example")];
    let sent = browser.send(Method::POST, &page, &typed, &foreign).await;
    assert_eq!(sent.status, 403);
    assert!(assert_one_line("csrf_refused").contains("reason=\"csrf\""));

    let id = crate::blueprint::user_id("carl.sagan");
    browser.type_in(&page, (CARL.0, "hunter2")).await;
    assert!(assert_one_line("sign_in_refused").contains(&format!("user={id}")));
    // A password that was typed into the wrong field must not be kept.
    browser.type_in(&page, ("hunter2", "")).await;
    assert!(assert_one_line("sign_in_refused").contains("user=unknown"));
}

#[tokio::test]
async fn sec_com_08_a_stranger_writes_no_line_of_his_own() {
    let provider = Provider::start();
    let browser = Browser::of(&provider);
    let (lines, _guard) = Lines::listen();
    let forged = "x\r\n2026-01-01 INFO event=\"signed_in\" \u{1b}[31m\u{85}\u{202e}ä";
    let name = form(&[(forged, "1"), (forged, "2")]);
    browser.get(&format!("{BASE}/v1/authorize?{name}")).await;
    browser.get(&format!("{BASE}/v1/logout?{name}")).await;
    let good = Asked::new(SILVER);
    browser
        .authorize(&good.and(forged, "1").and(forged, "2"))
        .await;
    let fields = [
        ("grant_type", "client_credentials"),
        (forged, "1"),
        (forged, "2"),
    ];
    provider.call("telescope", "/v1/token", &fields).await;
    provider.call_with(&["Basic x"], "/v1/token", &fields).await;
    let written = lines.take();
    assert_eq!(written.lines().count(), 5, "{written}");
    let odd = |letter: &char| !matches!(letter, '\n' | ' '..='~');
    assert_eq!(written.chars().find(odd), None, "{written}");
    assert!(!written.contains("event=\"signed_in\""), "{written}");
}
