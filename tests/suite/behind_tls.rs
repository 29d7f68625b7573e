//! The app behind a proxy that ends TLS: browsers know it by another name, and its cookies are bound to that.

use cookie::Cookie;
use reqwest::{Client, Method};
use solar_system::clock::Clock;
use url::Position;

use crate::controls::Control;
use crate::http::{Answer, client, send, with_form};
use crate::misbehaving::{Gateway, Provider};
use crate::peers::free_port;
use crate::stack::Stack;

const HOST: &str = "app.example.com";
const REDIRECT_URI: &str = "https://app.example.com/callback";

/// A browser and the proxy in one: what was asked over TLS comes here over plain HTTP, under the public name.
struct Proxied {
    client: Client,
    port: u16,
    cookies: Vec<Cookie<'static>>,
}

impl Proxied {
    async fn ask(&mut self, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
        let url = format!("http://localhost:{}{path}", self.port);
        let mut request = self.client.request(method.clone(), url);
        request = request.header("host", HOST);
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
            .collect();
        if !pairs.is_empty() {
            request = request.header("cookie", pairs.join("; "));
        }
        if method == Method::POST {
            request = with_form(request, fields).header("origin", format!("https://{HOST}"));
        }
        let answer = send(request).await;
        for header in set_cookies(&answer) {
            let cookie = Cookie::parse(header).unwrap();
            self.cookies.retain(|kept| kept.name() != cookie.name());
            if cookie.max_age() != Some(cookie::time::Duration::ZERO) {
                self.cookies.push(cookie);
            }
        }
        answer
    }

    /// Presses a button of a page.
    async fn press(&mut self, page: &Answer, control: Control<'_>) -> Answer {
        let action = page.page().press(control);
        let fields = action.fields.iter();
        let fields: Vec<_> = fields
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let path = &action.url[Position::BeforePath..];
        self.ask(Method::POST, path, &fields).await
    }

    async fn home(&mut self) -> Answer {
        self.ask(Method::GET, "/", &[]).await
    }
}

fn set_cookies(answer: &Answer) -> Vec<String> {
    let headers = answer.headers.get_all("set-cookie").iter();
    headers
        .map(|header| header.to_str().unwrap().to_owned())
        .collect()
}

/// The one `Set-Cookie` of this name, which has to be bound to host, scheme and site.
fn bound(answer: &Answer, name: &str) -> String {
    let headers = set_cookies(answer);
    let start = format!("{name}=");
    let own: Vec<_> = headers
        .iter()
        .filter(|one| one.starts_with(&start))
        .collect();
    assert_eq!(own.len(), 1, "{name} in {headers:?}");
    let attributes: Vec<_> = own[0].split("; ").skip(1).collect();
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        let times = attributes.iter().filter(|one| **one == attribute).count();
        assert_eq!(times, 1, "{attribute} in {}", own[0]);
    }
    assert!(!own[0].contains("Domain"), "{}", own[0]);
    own[0].clone()
}

#[tokio::test]
async fn sec_ses_01_web_22_behind_https_cookies_come_and_go_bound_to_their_host() {
    let (provider, gateway) = (Provider::start(&Clock::system()), Gateway::start());
    let (issuer, proxy_uri) = (provider.issuer(), gateway.url());
    let port = free_port();
    let (text, redirect_uri) = (port.to_string(), ("REDIRECT_URI", REDIRECT_URI));
    let peers = [("ISSUER", issuer.as_str()), ("PROXY_URI", &proxy_uri)];
    let _stack = Stack::with(&[peers[0], peers[1], redirect_uri, ("PORT", &text)]).await;
    let mut browser = Proxied {
        client: client(),
        port,
        cookies: Vec::new(),
    };

    // What names the browser, and with it the sign-in that it is about to start.
    let home = browser.home().await;
    let visitor = bound(&home, "__Host-solar_visitor");
    assert_eq!(set_cookies(&home).len(), 1, "{visitor}");
    let silver = Control::named("authenticate").under("silver");
    let started = browser.press(&home, silver).await;
    assert_eq!(started.status, 303, "{}", started.text());
    let answered = send(client().get(started.location())).await.location();
    assert!(answered.as_str().starts_with(REDIRECT_URI), "{answered}");

    let path = &answered[Position::BeforePath..];
    let signed_in = browser.ask(Method::GET, path, &[]).await;
    assert_eq!(
        (signed_in.status, signed_in.header("location").as_str()),
        (303, "/"),
        "{}",
        signed_in.text()
    );
    bound(&signed_in, "__Host-solar_session");
    let home = browser.home().await;
    assert!(home.page().words().contains("Signed in as"));

    let left = browser.press(&home, Control::named("log out")).await;
    assert_eq!(left.status, 303, "{}", left.text());
    let removed = bound(&left, "__Host-solar_session");
    assert!(
        removed.starts_with("__Host-solar_session=;") && removed.contains("; Max-Age=0"),
        "{removed}"
    );
    let home = browser.home().await;
    assert!(!home.page().words().contains("Signed in as"));
    assert_eq!(browser.cookies.len(), 1, "the visitor's stays");
}
