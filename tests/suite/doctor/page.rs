//! The same checks as a page of the app.

use crate::browser::Browser;
use crate::http::{client, send};
use crate::stack::Stack;

#[tokio::test]
async fn the_page_runs_the_checks_once_at_a_time_and_for_its_browser_alone() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let page = browser.go(&home, "The doctor").await;
    assert_eq!(page.status, 200);
    assert!(page.page().words().contains("check by check"));

    let seen = browser.go(&page, "run the checks").await;
    assert_eq!(seen.status, 200);
    let words = seen.page().words();
    assert!(words.contains("Everything fits together"), "{words}");
    for check in ["level.gold", "client.others", "gateway.token"] {
        assert!(words.contains(check), "{check}: {words}");
    }
    let secret = stack.secret_of(crate::stack::CLIENT_ID);
    assert!(!seen.text().contains(&secret) && !seen.text().contains(".eyJ"));

    let again = browser.go(&page, "run the checks").await;
    assert_eq!(again.status, 429, "{}", again.page().words());
    let stranger = stack.browser();
    let other = stranger.get(&seen.url).await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn sec_csrf_nothing_runs_without_a_form_of_ours() {
    let stack = Stack::start().await;
    let browser = stack.browser();
    let home = browser.open(stack.web("/")).await;
    let url = reqwest::Url::parse(&stack.web("/doctor")).unwrap();
    let answer = browser.post_form(&home.url, &url, &[]).await;
    assert_eq!(answer.status, 403);
    let answer = browser
        .post_form(&home.url, &url, &[("csrf", "x.y.z")])
        .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn strangers_get_no_page_unless_that_is_set() {
    for (over, status) in [
        (&[("DOCTOR_PAGE", "false")][..], 404),
        (&[("DOCTOR_PAGE", "true")], 200),
        (&[("HOST", "127.0.0.1")], 200),
        (&[("HOST", "0.0.0.0")], 404),
        (&[("HOST", "0.0.0.0"), ("DOCTOR_PAGE", "true")], 200),
        (&[("REDIRECT_URI", "https://app.example/callback")], 404),
        (
            &[
                ("REDIRECT_URI", "https://app.example/callback"),
                ("DOCTOR_PAGE", "true"),
            ],
            200,
        ),
    ] {
        let port = crate::peers::free_port();
        let port_text = port.to_string();
        let mut settings = vec![("PORT", port_text.as_str())];
        settings.extend(over);
        let _stack = Stack::with(&settings).await;
        let at = |path: &str| format!("http://localhost:{port}{path}");
        let answer = send(client().get(at("/doctor"))).await;
        assert_eq!(answer.status, status, "{over:?}");
        let home = send(client().get(at("/"))).await;
        let linked = home.text().contains("href=\"/doctor\"");
        assert_eq!(linked, status == 200, "{over:?}");
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_leads_to_the_doctor() {
    let provider = crate::misbehaving::Provider::start(&solar_system::clock::Clock::system());
    let gateway = crate::misbehaving::Gateway::start();
    let stack = Stack::against(&provider, &gateway).await;
    provider.script().redirect = crate::misbehaving::edit(|pairs| {
        pairs[0] = serde_json::json!(["error", "server_error"]);
    });
    let browser = Browser::by(&stack.clock);
    let seen = stack.authenticate(&browser, "silver").await;
    let page = browser.go(&seen, "run the doctor").await;
    assert_eq!(page.status, 200);
    let seen = browser.go(&page, "run the checks").await;
    assert!(
        seen.page().words().contains("Mend "),
        "{}",
        seen.page().words()
    );
}
