//! What the signed-out page says is still valid: seen while a person logged out, not assumed.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use solar_system::clock::Clock;

use crate::browser::Seen;
use crate::http::query;
use crate::misbehaving::{Gateway, Provider, Reply, edit};
use crate::people::CARL;
use crate::stack::{Stack, log_out};

/// The rows of the signed-out page.
fn row(page: &Seen, name: &str) -> String {
    let rows = page.page().all_words_at("dl.facts > div");
    let found = rows.iter().find(|row| row.starts_with(name));
    found
        .unwrap_or_else(|| panic!("{name} in {rows:?}"))
        .clone()
}

const SESSION: &str = "Session in this app";
const THERE: &str = "Session at the provider";
const BY_SIGNATURE: &str = "Access token, by its signature";
const BY_ASKING: &str = "Access token, by asking the provider";
const REFRESH: &str = "Refresh token";

#[tokio::test]
async fn sec_web_22_the_embedded_house_tells_what_a_log_out_saw() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = stack.sign_in(&browser, "silver", CARL).await;

    let signed_out = log_out(&browser, &home).await;

    assert_eq!(signed_out.status, 200);
    assert!(row(&signed_out, SESSION).contains("gone"));
    assert!(row(&signed_out, THERE).contains("signed out there"));
    let by_signature = row(&signed_out, BY_SIGNATURE);
    assert!(by_signature.contains("still valid until"), "{by_signature}");
    assert!(by_signature.contains("in 9 minutes") || by_signature.contains("in 10 minutes"));
    let by_asking = row(&signed_out, BY_ASKING);
    assert!(
        by_asking.contains("active before, and not active afterwards"),
        "{by_asking}"
    );
    let refresh = row(&signed_out, REFRESH);
    assert!(
        refresh.contains("revoked") && refresh.contains("not active"),
        "{refresh}"
    );

    let again = browser.open(&signed_out.url).await;
    assert_eq!(
        row(&again, BY_SIGNATURE),
        by_signature,
        "a reload shows the same"
    );
    let stranger = stack.browser().open(&signed_out.url).await;
    let words = stranger.page().words();
    assert!(
        !words.contains(BY_SIGNATURE),
        "to its own browser alone: {words}"
    );
    stack.clock.advance(Duration::from_secs(3700));
    let words = browser.open(&signed_out.url).await.page().words();
    assert!(!words.contains(BY_SIGNATURE), "for an hour: {words}");
}

/// A log out at a provider that a test changes after the sign-in.
async fn after(sign_in: impl FnOnce(&Provider), change: impl FnOnce(&Provider)) -> Seen {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    sign_in(&provider);
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    assert!(home.page().words().contains("Signed in as"));
    change(&provider);
    let left = browser.press(&home, "log out").await;
    let state = query(&left.location(), "state").unwrap();
    let home = browser.open(stack.web("/")).await;
    assert!(!home.page().words().contains("Signed in as"));
    browser
        .open(format!("{}?state={state}", stack.web("/signed-out")))
        .await
}

fn with_refresh_token(provider: &Provider) {
    provider.script().token_answer = edit(|answer| answer["refresh_token"] = "canary".into());
}

fn without(member: &'static str) -> impl Fn(&Provider) {
    move |provider| {
        let change = move |document: &mut Value| {
            document.as_object_mut().unwrap().remove(member);
        };
        provider.script().metadata = edit(change);
    }
}

fn reply(path: &'static str, reply: Reply) -> impl Fn(&Provider) {
    move |provider| {
        let mut script = provider.script();
        script.replies.insert(path.to_owned(), reply.clone());
    }
}

#[tokio::test]
async fn sec_web_22_the_signed_out_page_says_what_was_seen_and_nothing_else() {
    let nothing = |_: &Provider| {};
    let page = after(with_refresh_token, nothing).await;
    assert!(row(&page, BY_ASKING).contains("active before, and not active afterwards"));
    assert!(row(&page, BY_SIGNATURE).contains("still valid until"));
    assert!(!page.text().contains("canary"));

    let page = after(nothing, nothing).await;
    assert!(row(&page, REFRESH).contains("there was none"));

    let opaque = |provider: &Provider| provider.script().access_token_algorithm = None;
    let page = after(opaque, nothing).await;
    assert!(row(&page, BY_SIGNATURE).contains("opaque"));

    let page = after(without("revocation_endpoint"), nothing).await;
    let told = row(&page, BY_ASKING);
    assert!(
        told.contains("not revoked") && told.contains("still calls it active"),
        "{told}"
    );

    let page = after(without("introspection_endpoint"), nothing).await;
    let told = row(&page, BY_ASKING);
    assert!(
        told.contains("answered 200") && told.contains("not asked"),
        "{told}"
    );

    let page = after(without("end_session_endpoint"), nothing).await;
    assert!(row(&page, THERE).contains("may still be signed in"));

    for status in [401, 503] {
        let page = after(nothing, reply("/revoke", Reply::status(status))).await;
        let told = row(&page, BY_ASKING);
        assert!(
            told.contains(&format!("not revoked: the provider answered {status}")),
            "{told}"
        );
        assert!(told.contains("still calls it active"), "{told}");
        let page = after(nothing, reply("/introspect", Reply::status(status))).await;
        let told = row(&page, BY_ASKING);
        assert!(told.contains(&format!("answered {status}")), "{told}");
    }
    for odd in [
        Reply::html("<b>active</b>"),
        Reply::json(&json!({"active": "true"})),
        Reply::json(&json!({})),
        Reply::raw(b"x"),
    ] {
        let page = after(nothing, reply("/introspect", odd)).await;
        let told = row(&page, BY_ASKING);
        assert!(
            told.contains("without an answer that can be read"),
            "{told}"
        );
    }
    let inactive = Reply::json(&json!({"active": false}));
    let page = after(nothing, reply("/introspect", inactive)).await;
    let told = row(&page, BY_ASKING);
    assert!(told.contains("not active, before too"), "{told}");
}

#[tokio::test]
async fn sec_web_22_a_token_that_does_not_hold_by_its_signature_is_called_that() {
    let foreign = |provider: &Provider| {
        provider.script().access_token = edit(|claims| claims["aud"] = "another".into());
    };
    let page = after(foreign, |_| {}).await;
    assert!(row(&page, BY_SIGNATURE).contains("does not hold here"));

    let mixed = |provider: &Provider| {
        provider.script().access_token_algorithm = Some(Algorithm::RS256);
    };
    let page = after(mixed, |_| {}).await;
    assert!(row(&page, BY_SIGNATURE).contains("still valid until"));
}

#[tokio::test]
async fn sec_web_22_whoever_closes_the_window_while_logging_out_gives_the_tokens_back_too() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    with_refresh_token(&provider);
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    let slow = Reply::status(401).after(Duration::from_secs(1));
    reply("/introspect", slow)(&provider);
    let under_way = tokio::spawn(async move { browser.press(&home, "log out").await });
    while provider.server.received_at("/introspect").is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    under_way.abort();
    assert!(under_way.await.unwrap_err().is_cancelled());

    let revoked = || provider.server.received_at("/revoke");
    for _ in 0..500 {
        if revoked().len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let kinds = revoked()
        .into_iter()
        .map(|one| one.field("token_type_hint"));
    let mut kinds: Vec<_> = kinds.map(Option::unwrap).collect();
    kinds.sort();
    assert_eq!(kinds, ["access_token", "refresh_token"]);
}

/// Its key is none of those that ID tokens are signed with: some providers have others for it.
#[tokio::test]
async fn sec_tok_11_looking_at_an_access_token_looks_no_key_up() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    provider.script().access_token_header = edit(|header| header["kid"] = "another".into());
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    let left = browser.press(&home, "log out").await;
    let state = query(&left.location(), "state").unwrap();
    let page = format!("{}?state={state}", stack.web("/signed-out"));
    let page = browser.open(page).await;
    assert!(row(&page, BY_SIGNATURE).contains("does not hold here"));
    assert_eq!(provider.server.received_at("/keys").len(), 1);

    provider.script().keys = crate::misbehaving::Keys::generate(2);
    let home = stack.authenticate(&browser, "silver").await;
    let words = home.page().words();
    assert!(
        words.contains("Signed in as"),
        "new keys are found: {words}"
    );
}

#[tokio::test]
async fn sec_web_22_the_session_is_dead_before_the_provider_is_asked_for_anything() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let stack = Stack::against(&provider, &gateway).await;
    let browser = std::sync::Arc::new(stack.browser());
    let home = stack.authenticate(&browser, "silver").await;
    let here = reqwest::Url::parse(&stack.web("/")).unwrap();
    let stolen = browser.cookie_header(&here);
    let slow = Reply::status(200).after(Duration::from_secs(2));
    reply("/revoke", slow)(&provider);

    let under_way = {
        let browser = std::sync::Arc::clone(&browser);
        tokio::spawn(async move { browser.press(&home, "log out").await })
    };
    while provider.server.received_at("/revoke").is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let request = crate::http::client().get(here).header("cookie", stolen);
    let seen = crate::http::send(request).await;

    assert!(!under_way.is_finished(), "the provider still thinks");
    assert!(!seen.text().contains("Signed in as"));
    assert!(under_way.await.unwrap().is_redirect());
}
