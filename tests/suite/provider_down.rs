//! A provider that is not there yet: the app starts, says so, and recovers by itself.

use std::time::{Duration, Instant};

use solar_system::clock::Clock;

use crate::http::{client, send};
use crate::misbehaving::{Gateway, Provider, Reply};
use crate::peers::free_port;
use crate::stack::Stack;

async fn stack_at(issuer: &str, gateway: &Gateway) -> Stack {
    Stack::with(&[("ISSUER", issuer), ("PROXY_URI", &gateway.url())]).await
}

#[tokio::test]
async fn an_unreachable_issuer_is_told_and_the_app_recovers_when_it_is_back() {
    let gateway = Gateway::start();
    let port = free_port();
    let issuer = format!("http://127.0.0.1:{port}");
    let stack = stack_at(&issuer, &gateway).await;
    let browser = stack.browser();

    let start = Instant::now();
    let home = browser.open(stack.web("/")).await;
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(home.status, 200);
    let words = home.page().words();
    assert!(words.contains("cannot be reached"), "{words}");
    assert!(words.contains(&issuer), "{words}");
    let refused = browser.go(&home, "authenticate").await;
    assert!(refused.status >= 500, "{}", refused.status);
    assert!(
        refused.page().heading().contains("identity provider"),
        "{}",
        refused.page().heading()
    );

    let _provider = Provider::start_at(port, &Clock::system());
    let back = Instant::now();
    loop {
        let home = browser.open(stack.web("/")).await;
        if !home.page().words().contains("cannot be reached") {
            break;
        }
        assert!(
            back.elapsed() < Duration::from_secs(15),
            "it does not recover"
        );
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let home = stack.authenticate(&browser, "silver").await;
    let words = home.page().words();
    assert!(words.contains("Signed in as"), "{words}");
}

#[tokio::test]
async fn an_issuer_that_hangs_holds_the_home_page_for_two_seconds_at_most() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let metadata = "/.well-known/openid-configuration".to_owned();
    provider.script().replies.insert(metadata, Reply::never());
    let stack = stack_at(&provider.issuer(), &gateway).await;
    let browser = stack.browser();
    let start = Instant::now();

    let home = browser.open(stack.web("/")).await;

    assert_eq!(home.status, 200);
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
    let start = Instant::now();
    let refused = browser.go(&home, "authenticate").await;
    assert!(refused.status >= 500, "{}", refused.status);
    assert!(
        start.elapsed() < Duration::from_secs(13),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_home_page_waits_for_metadata_that_take_a_second_and_complains_of_nothing() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let path = "/.well-known/openid-configuration";
    let document = send(client().get(format!("{}{path}", provider.issuer()))).await;
    let slow = Reply::json(&document.json()).after(Duration::from_secs(1));
    provider.script().reply(path, slow);
    let stack = stack_at(&provider.issuer(), &gateway).await;
    let browser = stack.browser();

    let home = browser.open(stack.web("/")).await;

    let words = home.page().words();
    assert!(!words.contains("cannot be reached"), "{words}");
    let left = browser.press(&home, "authenticate").await;
    assert_eq!(left.status, 303, "its forms may lead to the provider");
}

#[tokio::test]
async fn a_page_made_before_the_provider_was_known_leads_there_by_a_link() {
    let gateway = Gateway::start();
    let port = free_port();
    let stack = stack_at(&format!("http://127.0.0.1:{port}"), &gateway).await;
    let browser = stack.browser();
    let old_page = browser.open(stack.web("/")).await;
    let provider = Provider::start_at(port, &Clock::system());
    stack.clock.advance(Duration::from_secs(60));
    let start = Instant::now();
    while browser
        .open(stack.web("/"))
        .await
        .page()
        .words()
        .contains("cannot be reached")
    {
        assert!(start.elapsed() < Duration::from_secs(15));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    let between = browser.press(&old_page, "authenticate").await;

    assert_eq!(
        between.status, 200,
        "a redirect would be blocked by that page's form-action"
    );
    let page = between.page();
    let links = page.attributes("main a", "href");
    assert!(
        links
            .iter()
            .any(|link| link.starts_with(&format!("{}/authorize", provider.issuer()))),
        "{links:?}"
    );
}

#[tokio::test]
async fn an_issuer_with_a_path_or_a_slash_at_its_end_is_asked_without_a_double_slash() {
    for suffix in ["/tenant", "/tenant/", "/"] {
        let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
        let base = provider.issuer();
        let issuer = format!("{base}{suffix}");
        let document = {
            let issuer = issuer.clone();
            serde_json::json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{base}/authorize?keep=this"),
                "token_endpoint": format!("{base}/token?keep=this"),
                "jwks_uri": format!("{base}/keys"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            })
        };
        let path = format!(
            "{}/.well-known/openid-configuration",
            suffix.trim_end_matches('/')
        );
        {
            let mut script = provider.script();
            script.replies.insert(path, Reply::json(&document));
            let claimed = issuer.clone();
            script.id_token =
                crate::misbehaving::edit(move |claims| claims["iss"] = claimed.as_str().into());
            let claimed = issuer.clone();
            script.redirect = crate::misbehaving::edit(move |redirect| {
                redirect[2] = serde_json::json!(["iss", claimed]);
            });
        }
        let stack = stack_at(&issuer, &gateway).await;

        let home = stack.authenticate(&stack.browser(), "silver").await;

        let words = home.page().words();
        assert!(words.contains("Signed in as"), "{issuer}: {words}");
        let authorize = &provider.server.received_at("/authorize")[0];
        assert_eq!(authorize.field("keep").as_deref(), Some("this"), "{issuer}");
        let token = &provider.server.received_at("/token")[0];
        assert_eq!(token.query, "keep=this", "{issuer}");
    }
}
