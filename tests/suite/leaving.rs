//! Where a log out leads: to an end-session endpoint of another origin than the provider's other endpoints, and by a
//! link where the page that was left could not name it.

use std::time::Duration;

use solar_system::clock::Clock;

use crate::browser::Seen;
use crate::misbehaving::bend::set;
use crate::misbehaving::{Gateway, Provider, Reply, Server};
use crate::stack::Stack;

/// The sources that forms of this page may lead to.
fn form_action(page: &Seen) -> Vec<String> {
    let policy = page.header("content-security-policy");
    let mut directives = policy.split(';').map(str::trim);
    let sources = directives.find_map(|one| one.strip_prefix("form-action "));
    sources
        .unwrap()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// Where people sign out: not where they sign in.
struct Elsewhere {
    server: Server,
    endpoint: String,
}

impl Elsewhere {
    fn start() -> Self {
        let server = Server::start(0, |_| Reply::html("<h1>Signed out elsewhere</h1>"));
        let endpoint = format!("{}/end", server.url());
        Self { server, endpoint }
    }

    fn announced_by(&self, provider: &Provider) {
        provider.script().metadata = set("end_session_endpoint", self.endpoint.as_str());
    }
}

#[tokio::test]
async fn sec_web_22_27_forms_may_lead_to_an_end_session_endpoint_of_another_origin_and_log_out_does()
 {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let elsewhere = Elsewhere::start();
    elsewhere.announced_by(&provider);
    let stack = Stack::against(&provider, &gateway).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    assert!(home.page().words().contains("Signed in as"));
    assert_eq!(
        form_action(&home),
        [
            "'self'".to_owned(),
            provider.issuer(),
            elsewhere.server.url()
        ]
    );

    // the browser would panic on a way that the page's policy does not name
    let left = browser.go(&home, "log out").await;

    assert!(
        left.url.as_str().starts_with(&elsewhere.endpoint),
        "{}",
        left.url
    );
    assert_eq!(elsewhere.server.received_at("/end").len(), 1);
}

#[tokio::test]
async fn sec_web_22_27_where_the_page_could_not_name_that_origin_a_link_stands_between() {
    let (provider, gateway) = (Provider::start(&Clock::standing()), Gateway::start());
    let (issuer, proxy_uri) = (provider.issuer(), gateway.url());
    let peers = [("ISSUER", issuer.as_str()), ("PROXY_URI", &proxy_uri)];
    let settings = [peers[0], peers[1], ("SESSION_IDLE", "3h")];
    let stack = Stack::by(provider.clock(), &settings).await;
    let browser = stack.browser();
    let home = stack.authenticate(&browser, "silver").await;
    assert!(home.page().words().contains("Signed in as"));
    let elsewhere = Elsewhere::start();
    elsewhere.announced_by(&provider);
    // Metadata is read again when somebody signs in after an hour.
    stack.clock.advance(Duration::from_secs(3601));
    stack.authenticate(&stack.browser(), "silver").await;

    let left = browser.press(&home, "log out").await;

    assert_eq!(left.status, 200, "a redirect would be blocked");
    assert_eq!(left.page().heading(), "You are signed out here");
    let own = browser.open(stack.web("/")).await;
    assert!(!own.page().words().contains("Signed in as"));
    assert!(elsewhere.server.received().is_empty());
    let there = browser
        .press(&left, "sign out at the identity provider")
        .await;
    assert!(
        there.url.as_str().starts_with(&elsewhere.endpoint),
        "{}",
        there.url
    );
    let asked = &elsewhere.server.received_at("/end")[0];
    let back = stack.web("/signed-out");
    assert_eq!(asked.field("post_logout_redirect_uri"), Some(back));
}
