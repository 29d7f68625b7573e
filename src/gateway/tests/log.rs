//! What the log says of a refusal, and what it never says.

use super::*;
use std::{
    io::Write,
    sync::{Mutex, OnceLock},
};
use tracing::{Dispatch, subscriber::DefaultGuard};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// The lines of one event since the last time.
    fn take(&self, event: &str) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap();
        for canary in ["canary", KEY, "s&cret", "s%26cret", ".eyJ"] {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
        let lines = text.lines().filter(|line| line.contains(event));
        lines.map(str::to_owned).collect()
    }
}

/// Hears all that is logged on this thread.
fn listen() -> (Lines, DefaultGuard) {
    // with a single subscriber, whether a line is of interest would be asked of the thread that comes
    // by it first, which may be another test's, and kept
    static SECOND: OnceLock<Dispatch> = OnceLock::new();
    SECOND.get_or_init(|| Dispatch::new(tracing_subscriber::registry()));
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(lines.clone())
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .finish();
    (lines, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn sec_gw_19_a_refusal_is_one_line_without_token_and_query() {
    let (lines, _guard) = listen();
    for by in [By::Keys, By::Introspection] {
        let world = World::new(by).await;
        let silver = world.token(SILVER);
        let expired = world.token_with(GOLD, "exp", json!(1));
        for (path, token, reason, rule) in [
            ("/moons?canary=1", None, "token_missing", "moons"),
            (
                "/moons?canary=1",
                Some(silver.as_str()),
                "scope_missing",
                "moons",
            ),
            ("/moons?canary=1", Some(&expired), "token_expired", "moons"),
            ("/moons?canary=1", Some("canary"), "token_", "moons"),
            (
                "/moons?access_token=canary",
                Some(&silver),
                "second_place",
                "moons",
            ),
            ("/canary?canary", Some(&silver), "path_unknown", "-"),
            ("/..%2fcanary", Some(&silver), "path_unclean", "-"),
        ] {
            world.get(path, token).await;
            let refused = lines.take("gateway_refused");
            assert_eq!(refused.len(), 1, "{reason}: {refused:?}");
            let line = &refused[0];
            let says = |part: &str| line.contains(part);
            assert!(
                says(reason) && says("method=\"GET\"") && says(&format!("rule=\"{rule}\"")),
                "{line}"
            );
        }
        world.issuer.faults().introspection = Some((401, "canary".into()));
        let passed = world.get("/visitors?canary=1", None).await;
        assert_eq!(passed.status, 200);
        assert!(lines.take("gateway_refused").is_empty());
    }
}

/// A decision is logged as the request that it is about, and as little of it.
#[tokio::test]
async fn gw_19_a_refused_decision_is_one_line_without_token_and_query() {
    let (lines, _guard) = listen();
    let world = World::new(By::Introspection).await;
    let silver = world.token(SILVER);
    for (method, uri, token, reason, rule) in [
        (
            "GET",
            "/moons?canary=1",
            "canary",
            "token_inactive",
            "moons",
        ),
        ("HEAD", "/moons?canary=1", &silver, "scope_missing", "moons"),
        ("canary", "/moons", &silver, "method_not_allowed", "-"),
        ("GET", "/canary", &silver, "path_unknown", "-"),
        (
            "GET",
            "/moons?access_token=canary",
            &silver,
            "second_place",
            "moons",
        ),
        ("GET", "canary", &silver, "path_unclean", "-"),
    ] {
        let call = Request::get("/decision")
            .header("x-forwarded-method", method)
            .header("x-forwarded-uri", uri)
            .header("authorization", format!("Bearer {token}"));
        world.send(call.body(Body::empty()).unwrap()).await;
        let refused = lines.take("gateway_refused");
        assert_eq!(refused.len(), 1, "{reason}: {refused:?}");
        let known = if method == "canary" { "other" } else { method };
        for part in [
            format!("reason=\"{reason}\""),
            format!("rule=\"{rule}\""),
            format!("method=\"{known}\""),
        ] {
            assert!(refused[0].contains(&part), "{part}: {}", refused[0]);
        }
    }
}

/// Whose token it was is for the log; who only claims to be somebody is not in it.
#[tokio::test]
async fn a_refusal_of_somebody_known_names_subject_and_client() {
    let (lines, _guard) = listen();
    let world = World::new(By::Keys).await;
    let silver = world.token(SILVER);
    let strange = world.token_with(GOLD, "client_id", json!("other\u{202e}"));
    let expired = world.token_with(GOLD, "exp", json!(1));
    for (token, reason, subject, client) in [
        (Some(&silver), "scope_missing", "carl", "solar-system-app"),
        (Some(&strange), "client_not_recognised", "carl", "other"),
        (Some(&expired), "token_expired", "-", "-"),
        (None, "token_missing", "-", "-"),
    ] {
        world.get("/moons", token.map(String::as_str)).await;
        let refused = lines.take("gateway_refused");
        assert_eq!(refused.len(), 1, "{reason}: {refused:?}");
        for part in [
            format!("reason=\"{reason}\""),
            format!("subject=\"{subject}\""),
            format!("client=\"{client}"),
        ] {
            assert!(refused[0].contains(&part), "{part}: {}", refused[0]);
        }
        assert!(refused[0].is_ascii(), "{}", refused[0]);
    }
}

/// The answers that no refusal of ours stands behind.
#[tokio::test]
async fn what_the_api_refuses_or_breaks_off_is_one_line_too() {
    let (lines, _guard) = listen();
    for (upstream, reason, status) in [
        (
            &b"HTTP/1.1 401 No\r\ncontent-length: 6\r\n\r\ncanary"[..],
            "upstream_refused",
            401,
        ),
        (
            b"HTTP/1.1 403 No\r\ncontent-length: 6\r\n\r\ncanary",
            "upstream_refused",
            403,
        ),
        (
            b"HTTP/1.1 403 No\r\nx-refused: key\r\ncontent-length: 6\r\n\r\ncanary",
            "upstream_refused_key",
            502,
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "answer_broken_off",
            200,
        ),
    ] {
        let world = upstream::before(upstream).await;
        assert_eq!(world.get("/visitors?canary", None).await.status, status);
        let said = lines.take("gateway_");
        assert_eq!(said.len(), 1, "{reason}: {said:?}");
        assert!(
            said[0].contains(&format!("reason=\"{reason}\"")),
            "{}",
            said[0]
        );
        let names_rule = said[0].contains("rule=\"visitors\"");
        assert!(names_rule || reason == "answer_broken_off", "{}", said[0]);
        assert!(reason != "upstream_refused_key" || said[0].contains("API_KEY"));
    }
}

#[tokio::test]
async fn our_own_wrong_credentials_are_an_error_in_the_log_and_not_the_callers() {
    let (lines, _guard) = listen();
    let world = World::new(By::Introspection).await;
    world.issuer.faults().introspection = Some((401, String::new()));
    let answer = world.get("/moons", Some("opaque")).await;
    assert_eq!(answer.status, 503);
    assert!(!answer.body.contains("credentials") && !answer.body.contains("INTROSPECT"));
    let said = lines.take("introspection_credentials");
    assert!(
        said.iter()
            .any(|line| line.contains("ERROR") && line.contains("INTROSPECT_CLIENT_SECRET")),
        "{said:?}"
    );
}
