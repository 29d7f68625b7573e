//! New tokens for a session: before they end, after a 401, by a button; one at a time, rotated, verified.

mod answers;
mod audience;
mod calls;
mod ends;

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;
use tokio::task::JoinSet;

use crate::browser::{Browser, Seen};
use crate::misbehaving::{Gateway, Keys, Provider, Received, Reply, Server, edit};
use crate::people::CARL;
use crate::stack::{CLIENT_ID, Stack};

const FIRST: &str = "canary-refresh-token-one";
const SECOND: &str = "canary-refresh-token-two";
const NEWER: &str = "canary-access-token-two";
/// What the first access token lives, in seconds.
const LIFE: u64 = 600;

/// Somebody signed in at a provider that gave a refresh token.
struct Scene {
    provider: Provider,
    gateway: Gateway,
    stack: Stack,
    browser: Browser,
    home: Seen,
}

impl Scene {
    async fn set() -> Self {
        Self::with(|answer| {
            answer["refresh_token"] = FIRST.into();
            answer["expires_in"] = LIFE.into();
        })
        .await
    }

    async fn with(change: impl Fn(&mut Value) + Send + 'static) -> Self {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        provider.script().token_answer = edit(change);
        let stack = Stack::against(&provider, &gateway).await;
        let browser = stack.browser();
        let home = stack.authenticate(&browser, "silver").await;
        assert!(is_signed_in(&home), "{}", home.page().words());
        provider.server.forget_received();
        Self {
            provider,
            gateway,
            stack,
            browser,
            home,
        }
    }

    /// What the token endpoint answers from now on.
    fn answer_refresh(&self, reply: Reply) {
        let mut script = self.provider.script();
        script.replies.insert("/token".to_owned(), reply);
    }

    fn pass(&self, seconds: u64) {
        self.stack.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets the access token come so near to its end that it is used no more.
    fn nearly_end(&self) {
        self.pass(LIFE - 20);
    }

    async fn home(&self) -> Seen {
        self.browser.open(self.stack.web("/")).await
    }

    async fn show_me(&self) -> Seen {
        self.stack
            .show_me(&self.browser, "show me the planets!")
            .await
    }

    /// Presses the button, later than a refresh that just was would allow.
    async fn press_refresh(&self) -> Seen {
        self.pass(6);
        self.browser
            .go(&self.home().await, "refresh the tokens")
            .await
    }

    /// The refresh tokens that were sent to the token endpoint.
    fn sent(&self) -> Vec<String> {
        let asked = self.provider.server.received_at("/token");
        let sent = asked.iter().map(|request| {
            assert_eq!(
                request.field("grant_type").as_deref(),
                Some("refresh_token")
            );
            assert!(
                request
                    .header("authorization")
                    .unwrap()
                    .starts_with("Basic ")
            );
            request.field("refresh_token").unwrap()
        });
        sent.collect()
    }

    /// Asks for something, and tells when the provider is being asked for new tokens.
    async fn show_me_until_it_refreshes(self: &Arc<Self>) -> tokio::task::JoinHandle<Seen> {
        let scene = Arc::clone(self);
        let task = tokio::spawn(async move {
            let home = scene.home.clone();
            scene.browser.go(&home, "show me the planets!").await
        });
        while self.sent().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        task
    }

    /// The access tokens that were sent to the gateway.
    fn bearers(&self) -> Vec<String> {
        bearers(&self.gateway.server.received())
    }
}

fn bearers(received: &[Received]) -> Vec<String> {
    let headers = received
        .iter()
        .map(|request| request.header("authorization").unwrap_or_default());
    headers
        .map(|header| header.trim_start_matches("Bearer ").to_owned())
        .collect()
}

/// Waits until the provider was asked to revoke these.
async fn await_revoked(provider: &Provider, tokens: &[&str]) -> Vec<String> {
    let revoked = || -> Vec<String> {
        let revoked = provider.server.received_at("/revoke");
        revoked.iter().filter_map(|r| r.field("token")).collect()
    };
    for _ in 0..500 {
        let all = revoked();
        if tokens
            .iter()
            .all(|one| all.iter().any(|other| other == one))
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    revoked()
}

fn is_signed_in(seen: &Seen) -> bool {
    seen.page().words().contains("Signed in as")
}

fn tokens(refresh_token: Option<&str>) -> Value {
    let mut answer = json!({
        "access_token": NEWER, "token_type": "Bearer", "expires_in": LIFE,
    });
    if let Some(refresh_token) = refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    answer
}

fn assert_no_canary(seen: &Seen) {
    assert!(!seen.text().contains("canary"), "{}", seen.text());
    for value in seen.headers.values() {
        assert!(!value.to_str().unwrap_or_default().contains("canary"));
    }
}
