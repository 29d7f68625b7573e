//! One app between a provider and a gateway that do as they are told, and a third party that nobody may call.

use std::time::Duration;

use solar_system::clock::Clock;

use super::right::{Right, right_answers};
use crate::browser::{Browser, Seen};
use crate::misbehaving::{Gateway, Provider, Reply, Script, Server};
use crate::stack::Stack;

/// One fault, what the page says of it, and how far the sign-in came.
pub struct Case {
    name: String,
    bend: Box<dyn FnOnce(&mut Script)>,
    status: u16,
    /// The reason's code, as it stands on the page.
    reason: &'static str,
    /// The rule that a token broke, where it was a token's.
    check: Option<&'static str>,
    /// What the provider was asked, metadata and keys aside.
    calls: &'static [&'static str],
}

/// Of keys that are unknown, one look-up in ten seconds.
const UNTIL_KEYS_ARE_LOOKED_UP_AGAIN: Duration = Duration::from_secs(11);

/// The calls of a sign-in that ends with the provider's answer through the browser.
pub const BEFORE_THE_CODE: &[&str] = &["/authorize"];
/// Those of one that ends with the token answer: nothing in it was used.
pub const WITH_THE_CODE: &[&str] = &["/authorize", "/token"];
/// Those of one that ends with userinfo, and of one that works.
pub const ALL_CALLS: &[&str] = &["/authorize", "/token", "/userinfo"];

/// A sign-in that is refused with this status and reason, by the token answer at the latest.
pub fn case(
    name: impl Into<String>,
    bend: impl FnOnce(&mut Script) + 'static,
    status: u16,
    reason: &'static str,
) -> Case {
    Case {
        name: name.into(),
        bend: Box::new(bend),
        status,
        reason,
        check: None,
        calls: WITH_THE_CODE,
    }
}

impl Case {
    /// The page names this rule.
    pub fn check(self, check: &'static str) -> Self {
        let check = Some(check);
        Self { check, ..self }
    }

    /// The provider is asked this and nothing else.
    pub fn calls(self, calls: &'static [&'static str]) -> Self {
        Self { calls, ..self }
    }
}

/// A running app and its peers.
pub struct Scene {
    pub provider: Provider,
    pub gateway: Gateway,
    /// Whom tokens, redirects and metadata point to when they lie.
    pub elsewhere: Server,
    pub stack: Stack,
}

impl Scene {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With a provider that is bent before anybody asks it.
    pub async fn with(bend: impl FnOnce(&mut Script)) -> Self {
        Self::over(&[], bend).await
    }

    /// The same with more settings.
    pub async fn over(over: &[(&str, &str)], bend: impl FnOnce(&mut Script)) -> Self {
        Self::by(&Clock::system(), over, bend).await
    }

    /// The same by a clock of one's own.
    pub async fn by(clock: &Clock, over: &[(&str, &str)], bend: impl FnOnce(&mut Script)) -> Self {
        let (provider, gateway) = (Provider::start(clock), Gateway::start());
        bend(&mut provider.script());
        let (issuer, proxy_uri) = (provider.issuer(), gateway.url());
        let mut settings = vec![("ISSUER", issuer.as_str()), ("PROXY_URI", &proxy_uri)];
        settings.extend(over);
        let stack = Stack::by(provider.clock(), &settings).await;
        Self {
            provider,
            gateway,
            elsewhere: Server::start(0, |_| Reply::status(404)),
            stack,
        }
    }

    /// Changes what the provider does.
    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.provider.script());
    }

    /// Goes through a sign-in.
    pub async fn sign_in(&self, browser: &Browser) -> Seen {
        self.stack.authenticate(browser, "silver").await
    }

    /// The same in a browser of its own.
    pub async fn sign_in_anew(&self) -> Seen {
        self.sign_in(&self.stack.browser()).await
    }

    pub async fn is_signed_in(&self, browser: &Browser) -> bool {
        let home = browser.open(self.stack.web("/")).await;
        home.page().words().contains("Signed in as")
    }

    /// What the provider was asked, metadata and keys aside.
    pub fn calls(&self) -> Vec<String> {
        let received = self.provider.server.received().into_iter();
        let mut paths: Vec<_> = received.map(|request| request.path).collect();
        paths.retain(|path| path != "/keys" && !path.starts_with("/.well-known"));
        paths
    }

    /// How often the provider was asked for its keys.
    pub fn key_fetches(&self) -> usize {
        self.provider.server.received_at("/keys").len()
    }

    pub fn forget(&self) {
        self.provider.server.forget_received();
        self.gateway.server.forget_received();
    }

    /// Runs a table: each case is refused as it says, and after each the same app signs somebody in.
    pub async fn each_is_refused(&self, cases: Vec<Case>) {
        let right = right_answers();
        let mut complaints = Vec::new();
        for (number, case) in cases.into_iter().enumerate() {
            complaints.extend(self.refuses(case).await.err());
            let right = &right[number % right.len()];
            complaints.extend(self.takes(right).await.err());
        }
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    async fn refuses(&self, case: Case) -> Result<(), String> {
        let Case {
            name,
            bend,
            status,
            reason,
            check,
            calls,
        } = case;
        self.stack.clock.advance(UNTIL_KEYS_ARE_LOOKED_UP_AGAIN);
        self.script(bend);
        self.forget();
        let browser = self.stack.browser();
        let refused = self.sign_in(&browser).await;
        let asked = self.calls();
        self.script(Script::behave);

        let words = refused.page().words();
        let complain = |what: &str| Err(format!("{name}: {what}: {} {words}", refused.status));
        if refused.status != status || !words.contains(&format!("reason {reason}")) {
            return complain(&format!("not {status} {reason}"));
        }
        if check.is_some_and(|check| !words.contains(&format!("check {check}"))) {
            return complain(&format!("not by {check:?}"));
        }
        if asked != calls {
            return complain(&format!("the provider was asked {asked:?}"));
        }
        if !self.elsewhere.received().is_empty() || !self.gateway.server.received().is_empty() {
            return complain("somebody else was called");
        }
        if refused.text().contains(".eyJ") {
            return complain("a token is on the page");
        }
        if self.is_signed_in(&browser).await {
            return complain("somebody is signed in");
        }
        Ok(())
    }

    /// A sign-in by a right answer, in a browser of its own.
    pub async fn takes(&self, right: &Right) -> Result<(), String> {
        let Right { name, bend } = right;
        self.stack.clock.advance(UNTIL_KEYS_ARE_LOOKED_UP_AGAIN);
        self.script(bend);
        self.forget();
        let home = self.sign_in_anew().await;
        let asked = self.calls();
        self.script(Script::behave);

        let words = home.page().words();
        let complain = |what: &str| Err(format!("right: {name}: {what}: {} {words}", home.status));
        if home.status != 200 || !words.contains("Signed in as") {
            return complain("nobody is signed in");
        }
        if home.url.as_str() != self.stack.web("/") {
            return complain(&format!("it ends at {}", home.url));
        }
        if asked != ALL_CALLS {
            return complain(&format!("the provider was asked {asked:?}"));
        }
        let code_verifier = self.provider.server.received_at("/token")[0].field("code_verifier");
        if code_verifier.is_none_or(|verifier| verifier.len() != 43) {
            return complain("no PKCE");
        }
        if !self.elsewhere.received().is_empty() {
            return complain("somebody else was called");
        }
        Ok(())
    }
}
