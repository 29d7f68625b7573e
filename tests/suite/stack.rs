//! The rooms on free ports, started the way `serve` starts them.

use std::collections::BTreeMap;

use solar_system::clock::Clock;
use solar_system::settings::{Command, Settings, Source};
use solar_system::stack::{self, Running};
use url::Url;

use crate::browser::{Browser, Seen};
use crate::controls::Control;
use crate::misbehaving::{Gateway, Provider};
use crate::peers::Registration;
use crate::people::Person;

pub const CLIENT_ID: &str = "solar-system-app";
pub const CLIENT_SECRET: &str = "the app's secret, for tests alone";
pub const SESSION_SECRET: &str = "thirty-two bytes or more, for tests alone";

/// A running house, or as much of it as the settings ask for. It ends with its value.
pub struct Stack {
    running: Running,
    settings: BTreeMap<String, String>,
    pub clock: Clock,
}

impl Stack {
    /// All four rooms.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// All four rooms, or what these settings leave of them.
    pub async fn with(over: &[(&str, &str)]) -> Self {
        Self::from(settings(over), Clock::system()).await
    }

    /// The web client alone, against a scripted provider, whose clock it shares, and a scripted gateway.
    pub async fn against(provider: &Provider, gateway: &Gateway) -> Self {
        let (issuer, proxy_uri) = (provider.issuer(), gateway.url());
        let over = [("ISSUER", issuer.as_str()), ("PROXY_URI", &proxy_uri)];
        Self::from(settings(&over), provider.clock()).await
    }

    /// What these settings leave of the house, by somebody's clock.
    pub async fn by(clock: Clock, over: &[(&str, &str)]) -> Self {
        Self::from(settings(over), clock).await
    }

    /// What `ISSUER` leaves of the house, registered at a real provider.
    pub async fn at(registration: &Registration, over: &[(&str, &str)]) -> Self {
        let mut settings = vec![
            ("ISSUER", registration.issuer.as_str()),
            ("AUTHN_CLIENT_ID", &registration.client_id),
            ("AUTHN_CLIENT_SECRET", &registration.client_secret),
        ];
        settings.extend(over);
        Self::with(&settings).await
    }

    async fn from(settings: BTreeMap<String, String>, clock: Clock) -> Self {
        let source = Source::of(settings.clone());
        let read = Settings::read(Command::Serve, &source);
        let read = read.unwrap_or_else(|wrong| panic!("{wrong}"));
        let running = stack::start(read, clock.clone()).await;
        let running = running.unwrap_or_else(|wrong| panic!("{wrong}"));
        Self {
            running,
            settings,
            clock,
        }
    }

    /// Ends and starts again on the same ports, with the same settings.
    pub async fn restarted(self) -> Self {
        let addresses = self.running.addresses.clone();
        let ports = [
            ("PORT", addresses.web),
            ("IDP_PORT", addresses.idp),
            ("GATEWAY_PORT", Some(addresses.gateway)),
            ("API_PORT", addresses.api),
        ];
        let mut settings = self.settings;
        for (name, url) in ports {
            if let Some(url) = url {
                let port = Url::parse(&url).unwrap().port().unwrap();
                settings.insert(name.to_owned(), port.to_string());
            }
        }
        self.running.stop().await;
        Self::from(settings, self.clock).await
    }

    /// Ends, and frees its ports.
    pub async fn stop(self) {
        self.running.stop().await;
    }

    /// The URL of a page of the web client.
    pub fn web(&self, path: &str) -> String {
        at(self.running.addresses.web.as_ref(), path)
    }

    /// The URL of something at the embedded provider.
    pub fn idp(&self, path: &str) -> String {
        at(self.running.addresses.idp.as_ref(), path)
    }

    /// The issuer of the embedded provider.
    pub fn issuer(&self) -> String {
        self.idp("/oauth2/default")
    }

    /// The URL of a resource at the embedded gateway.
    pub fn gateway(&self, path: &str) -> String {
        at(Some(&self.running.addresses.gateway), path)
    }

    /// The URL of a resource at the embedded API, behind the gateway's back.
    pub fn api(&self, path: &str) -> String {
        at(self.running.addresses.api.as_ref(), path)
    }

    /// The secret of a client that the embedded provider knows.
    pub fn secret_of(&self, client_id: &str) -> String {
        let mut clients = self.running.clients.iter();
        let (_, secret) = clients.find(|(id, _)| id == client_id).unwrap();
        secret.expose().to_owned()
    }

    /// A browser whose cookies expire by this house's clock.
    pub fn browser(&self) -> Browser {
        Browser::by(&self.clock)
    }

    /// Presses a level's button on the home page; where it leads.
    pub async fn authenticate(&self, browser: &Browser, level: &str) -> Seen {
        let home = browser.open(self.web("/")).await;
        let button = Control::named("authenticate").under(level);
        let seen = browser.go(&home, button).await;
        // Where the provider was not known when the home page was made, a page with a link stands between.
        match seen.page().find("sign in at the identity provider") {
            Some(link) => browser.follow_all(browser.submit(&seen, link).await).await,
            None => seen,
        }
    }

    /// Signs in at a level, as far as it leads.
    pub async fn sign_in(&self, browser: &Browser, level: &str, person: Person) -> Seen {
        let form = self.authenticate(browser, level).await;
        sign_in_at(browser, &form, person).await
    }

    /// Presses a show-me button of the home page.
    pub async fn show_me(&self, browser: &Browser, words: &str) -> Seen {
        let home = browser.open(self.web("/")).await;
        browser.go(&home, words).await
    }
}

/// The settings of a house on free ports, with these over them.
fn settings(over: &[(&str, &str)]) -> BTreeMap<String, String> {
    let defaults = [
        ("PORT", "0"),
        ("IDP_PORT", "0"),
        ("GATEWAY_PORT", "0"),
        ("API_PORT", "0"),
        ("AUTHN_CLIENT_ID", CLIENT_ID),
        ("AUTHN_CLIENT_SECRET", CLIENT_SECRET),
        ("SESSION_SECRET", SESSION_SECRET),
    ];
    let settings = defaults.iter().chain(over);
    let settings = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings.collect()
}

/// Presses log out and follows where it leads; says yes where the provider asks whether to sign out there too.
pub async fn log_out(browser: &Browser, page: &Seen) -> Seen {
    let seen = browser.go(page, "log out").await;
    for question in ["sign out", "sign me out", "logout"] {
        let is_elsewhere = seen.url.origin() != page.url.origin();
        if is_elsewhere && seen.page().find(question).is_some() {
            return browser.go(&seen, question).await;
        }
    }
    seen
}

/// Fills in a provider's sign-in page and follows where it leads.
pub async fn sign_in_at(browser: &Browser, page: &Seen, person: Person) -> Seen {
    sign_in_with(browser, page, person.login, person.password).await
}

/// The same with what is typed.
pub async fn sign_in_with(browser: &Browser, page: &Seen, login: &str, password: &str) -> Seen {
    let form = page.page().press("sign in");
    let form = form.with("username", login).with("password", password);
    browser.follow_all(browser.submit(page, form).await).await
}

fn at(url: Option<&String>, path: &str) -> String {
    url.expect("this room runs here").clone() + path
}
