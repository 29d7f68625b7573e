//! No raw token reaches the browser: not in a page, a header, a cookie or a URL, whatever is pressed.

use std::sync::{Arc, Mutex};

use serde_json::json;
use solar_system::clock::Clock;

use crate::browser::{Browser, Seen};
use crate::misbehaving::{Gateway, Provider, Reply, edit};
use crate::stack::Stack;

/// Looks at everything that a browser gets to see.
struct Watch {
    browser: Browser,
    origin: String,
    /// What must not be seen.
    canaries: Arc<Mutex<Vec<String>>>,
    seen: Mutex<Vec<String>>,
}

impl Watch {
    /// Presses a control of a page and looks at every hop of ours on the way.
    async fn press(&self, page: &Seen, control: &str) -> Seen {
        let seen = self.browser.press(page, control).await;
        self.follow(seen).await
    }

    async fn open(&self, url: &str) -> Seen {
        let seen = self.browser.get(url).await;
        self.follow(seen).await
    }

    async fn follow(&self, mut seen: Seen) -> Seen {
        loop {
            self.look(&seen);
            if !seen.is_redirect() {
                return seen;
            }
            seen = self.browser.follow(&seen).await;
        }
    }

    fn look(&self, seen: &Seen) {
        if !seen.url.as_str().starts_with(&self.origin) {
            return; // the provider's own
        }
        let mut all = vec![seen.url.to_string(), seen.text()];
        for (name, value) in &seen.headers {
            all.push(format!(
                "{name}: {}",
                String::from_utf8_lossy(value.as_bytes())
            ));
        }
        let cookies = self.browser.cookies("localhost");
        all.extend(cookies.iter().map(ToString::to_string));
        for canary in self.canaries.lock().unwrap().iter() {
            for text in &all {
                assert!(!text.contains(canary), "{canary} at {}: {text}", seen.url);
            }
        }
        self.seen.lock().unwrap().push(seen.url.path().to_owned());
    }
}

#[tokio::test]
async fn sec_web_15_no_raw_token_ever_reaches_the_browser() {
    for opaque in [true, false] {
        crawl(opaque).await;
    }
}

#[expect(clippy::too_many_lines, reason = "one page after the other")]
async fn crawl(opaque: bool) {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let canaries = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&canaries);
    provider.script().token_answer = edit(move |answer| {
        if opaque {
            answer["access_token"] = "canary-access-token".into();
        }
        answer["refresh_token"] = "canary-refresh-token".into();
        answer["extra"] = "canary-extra".into();
        for member in ["access_token", "refresh_token", "id_token", "extra"] {
            let token = answer[member].as_str().unwrap();
            let mut noted = noted.lock().unwrap();
            noted.push(token.to_owned());
            // A decoded claim may be shown; signature and encoded claims may not.
            noted.extend(token.split('.').skip(1).map(str::to_owned));
        }
    });
    // A gateway that tells its caller everything it was sent.
    let echo = json!({"error": "canary-access-token", "said": "Bearer canary-access-token"});
    let reply = Reply::status(418)
        .header("X-Echo", "Bearer canary-access-token")
        .header("Location", "/?access_token=canary-access-token")
        .body("application/json", echo.to_string());
    gateway.reply("/moons", reply);
    gateway.reply("/visitors", Reply::status(401));
    let stack = Stack::against(&provider, &gateway).await;
    let watch = Watch {
        browser: stack.browser(),
        origin: stack.web("/"),
        canaries,
        seen: Mutex::default(),
    };
    let home = watch.open(&stack.web("/")).await;
    let mut home = watch.press(&home, "authenticate").await;
    if home
        .page()
        .find("sign in at the identity provider")
        .is_some()
    {
        home = watch.press(&home, "sign in at the identity provider").await;
    }
    let words = home.page().words();
    assert!(words.contains("Signed in as"), "{words}");
    assert!(watch.canaries.lock().unwrap().len() >= 4);
    let callback = {
        let asked = provider.server.received_at("/token");
        let code = asked[0].field("code").unwrap();
        watch
            .canaries
            .lock()
            .unwrap()
            .push(asked[0].field("code_verifier").unwrap());
        format!("{}?code={code}&state=x", stack.web("/callback"))
    };
    let newer = json!({
        "access_token": "canary-newer", "token_type": "Bearer", "refresh_token": "canary-rotated",
    });
    answer_refresh(&provider, Reply::json(&newer));
    let canaries = ["canary-newer", "canary-rotated"].map(str::to_owned);
    watch.canaries.lock().unwrap().extend(canaries);
    for control in [
        "show me the planets!",
        "show me some moons!",
        "show me the visitors!",
        "show me some comets!",
    ] {
        watch.press(&home, control).await;
    }
    let echoing = r#"{"error":"invalid_scope","error_description":"canary-rotated"}"#;
    for reply in [
        Reply::json(&newer),
        Reply::status(500),
        Reply::status(400).body("application/json", echoing),
    ] {
        answer_refresh(&provider, reply);
        stack.clock.advance(std::time::Duration::from_secs(6));
        watch.press(&home, "refresh the tokens").await;
    }
    for path in [
        "/",
        "/doctor",
        "/nowhere",
        "/flights/x",
        "/signed-out",
        "/refresh",
    ] {
        watch.open(&stack.web(path)).await;
    }
    provider.script().replies.remove("/token");
    let doctor = watch.open(&stack.web("/doctor")).await;
    let examined = watch.press(&doctor, "run the checks").await;
    assert!(
        examined.url.path().starts_with("/flights/"),
        "{}",
        examined.url
    );
    let words = examined.page().words();
    assert!(words.contains("run the checks again"), "{words}");
    let refused = watch.open(&callback).await;
    assert_eq!(refused.status, 400);
    let home = watch.open(&stack.web("/")).await;
    assert!(home.page().words().contains("Signed in as"));
    let left = watch.browser.press(&home, "log out").await;
    watch.look(&left);
    assert!(left.is_redirect());
    let state = crate::http::query(&left.location(), "state").unwrap();
    watch
        .open(&format!("{}?state={state}", stack.web("/signed-out")))
        .await;
    watch.open(&stack.web("/")).await;
    let seen = watch.seen.lock().unwrap();
    for path in [
        "/",
        "/callback",
        "/doctor",
        "/signed-out",
        "/log-out",
        "/refresh",
    ] {
        assert!(seen.iter().any(|one| one == path), "{path} in {seen:?}");
    }
    let flights = seen.iter().filter(|path| path.starts_with("/flights/"));
    assert!(flights.count() >= 9, "{seen:?}");
}

/// What the token endpoint answers from now on.
fn answer_refresh(provider: &Provider, reply: Reply) {
    let mut script = provider.script();
    script.replies.insert("/token".to_owned(), reply);
}
