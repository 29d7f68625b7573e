//! A scripted browser: it keeps cookies, sends what browsers send, and follows nothing by itself, so that each hop can
//! be looked at.

mod jar;
mod provenance;

use std::sync::{Mutex, MutexGuard};

use cookie::Cookie;
use reqwest::{Client, Method, RequestBuilder, Url, header};
use solar_system::clock::Clock;

use self::jar::{Context, Jar};
use self::provenance::Provenance;
use crate::controls::{Action, Control};
use crate::http::{Answer, client, send, with_form};
use crate::page::Page;

/// One person's browser. Clones of requests may run at once, as in two tabs.
pub struct Browser {
    client: Client,
    clock: Clock,
    jar: Mutex<Jar>,
}

/// An answer, and how the browser came to ask for it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub answer: Answer,
    provenance: Provenance,
}

impl std::ops::Deref for Seen {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.answer
    }
}

impl Browser {
    /// A browser without cookies, by the system's clock.
    pub fn new() -> Self {
        Self::by(&Clock::system())
    }

    /// A browser whose cookies expire by this clock.
    pub fn by(clock: &Clock) -> Self {
        Self {
            client: client(),
            clock: clock.clone(),
            jar: Mutex::default(),
        }
    }

    /// Types an address.
    pub async fn get(&self, url: impl AsRef<str>) -> Seen {
        let url = Url::parse(url.as_ref()).unwrap();
        self.send(Method::GET, &url, &[], Provenance::typed()).await
    }

    /// Sends a form that stands on a page of `from`, whatever that page looks like.
    pub async fn post_form(&self, from: &Url, url: &Url, fields: &[(&str, &str)]) -> Seen {
        self.send(Method::POST, url, fields, Provenance::of_page(from))
            .await
    }

    /// Follows a link that stands on a page of `from`.
    pub async fn get_from(&self, from: &Url, url: &Url) -> Seen {
        self.send(Method::GET, url, &[], Provenance::of_page(from))
            .await
    }

    /// Presses a link or button of the page seen.
    pub async fn press<'a>(&self, seen: &Seen, control: impl Into<Control<'a>>) -> Seen {
        self.submit(seen, seen.page().press(control)).await
    }

    /// Does what a control of the page seen asks for, perhaps with fields filled in.
    pub async fn submit(&self, seen: &Seen, action: Action) -> Seen {
        let fields: Vec<_> = action
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut url = action.url.clone();
        let mut provenance = Provenance::of_page(&seen.url).with_policies_of(&seen.answer);
        if action.is_form {
            provenance.obeys_form_action(&seen.answer);
        }
        if action.method == "POST" {
            return self.send(Method::POST, &url, &fields, provenance).await;
        }
        if action.is_form {
            url.query_pairs_mut().clear().extend_pairs(fields);
        }
        self.send(Method::GET, &url, &[], provenance).await
    }

    /// Follows a redirect, one hop.
    pub async fn follow(&self, seen: &Seen) -> Seen {
        assert!(seen.is_redirect(), "{} is no redirect", seen.status);
        assert!(
            matches!(seen.status, 301..=303),
            "a redirect by {} would send the form again",
            seen.status
        );
        let url = seen.location();
        self.send(Method::GET, &url, &[], seen.provenance.clone())
            .await
    }

    /// Follows redirects until something else comes, 20 hops at most.
    pub async fn follow_all(&self, mut seen: Seen) -> Seen {
        for _ in 0..20 {
            if !seen.is_redirect() {
                return seen;
            }
            seen = self.follow(&seen).await;
        }
        panic!("redirects without end, the last one to {}", seen.location());
    }

    /// Types an address and follows where it leads.
    pub async fn open(&self, url: impl AsRef<str>) -> Seen {
        self.follow_all(self.get(url).await).await
    }

    /// Presses a control and follows where it leads.
    pub async fn go<'a>(&self, seen: &Seen, control: impl Into<Control<'a>>) -> Seen {
        self.follow_all(self.press(seen, control).await).await
    }

    /// The cookies kept for a host.
    pub fn cookies(&self, host: &str) -> Vec<Cookie<'static>> {
        self.jar().of_host(host, self.clock.now())
    }

    /// The `Cookie` header that a typed address would bring along.
    pub fn cookie_header(&self, url: &Url) -> String {
        let context = Context {
            cross_site: false,
            safe_method: true,
        };
        self.jar().header(url, context, self.clock.now())
    }

    /// Puts a cookie there by hand, as an attacker or an older visit would.
    pub fn set_cookie(&self, url: &Url, header: &str) {
        self.jar().set(url, header, self.clock.now());
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        fields: &[(&str, &str)],
        mut provenance: Provenance,
    ) -> Seen {
        provenance.arrives_at(url);
        let context = Context {
            cross_site: provenance.is_cross_site(),
            safe_method: method == Method::GET,
        };
        let cookies = self.jar().header(url, context, self.clock.now());
        let mut request = self.client.request(method.clone(), url.clone());
        request = like_a_browser(request, &provenance);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if method == Method::POST {
            request = with_form(request, fields).header(header::ORIGIN, provenance.origin());
        }
        let answer = send(request).await;
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let value = value.to_str().unwrap();
            self.jar().set(url, value, self.clock.now());
        }
        Seen { answer, provenance }
    }

    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap()
    }
}

impl Seen {
    /// The page, for reading.
    pub fn page(&self) -> Page {
        self.answer.page()
    }
}

fn like_a_browser(request: RequestBuilder, provenance: &Provenance) -> RequestBuilder {
    request
        .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
        .header(header::ACCEPT_LANGUAGE, "en")
        .header(header::USER_AGENT, "Mozilla/5.0 (a scripted browser)")
        .header("sec-fetch-site", provenance.sec_fetch_site())
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document")
        .header("sec-fetch-user", "?1")
}
