//! Chromium, driven by WebDriver: what a person sees, and pictures of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use super::{Process, free_port};
use crate::http::{client, send, try_send, with_json};
use crate::page::Page;

/// How long a page may be on its way.
const PATIENCE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);

/// How a person looks at the product.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// In pixels of CSS: 1280 is a desk, 390 a phone.
    pub width: u32,
    pub scripts: bool,
    pub dark: bool,
}

impl Look {
    pub const DESK: Self = Self {
        width: 1280,
        scripts: true,
        dark: false,
    };
    pub const PHONE: Self = Self {
        width: 390,
        scripts: false,
        dark: true,
    };
    /// Each width with scripts and without.
    pub const ALL: [Self; 4] = [
        Self::DESK,
        Self::PHONE,
        Self {
            scripts: false,
            ..Self::DESK
        },
        Self {
            scripts: true,
            ..Self::PHONE
        },
    ];
}

/// A window of a browser with a profile of its own.
pub struct Chromium {
    driver: WebDriver,
    look: Look,
    _place: SemaphorePermit<'static>,
}

struct Driver {
    url: String,
    _process: Process,
}

static DRIVER: OnceCell<Driver> = OnceCell::const_new();
/// More windows at once than this make each other slow.
static PLACES: Semaphore = Semaphore::const_new(2);

impl Chromium {
    /// Opens a window; everything that chromedriver started ends with the test process.
    pub async fn open(look: Look) -> Self {
        let place = PLACES.acquire().await.unwrap();
        let server = DRIVER.get_or_init(Driver::start).await;
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox", // CI runs as root
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
        ] {
            wanted.add_arg(argument).unwrap();
        }
        if !look.scripts {
            let preferences = json!({ "profile.managed_default_content_settings.javascript": 2 });
            wanted
                .add_experimental_option("prefs", preferences)
                .unwrap();
        }
        let everything = LoggingPrefsLogLevel::All;
        wanted.set_browser_log_level(everything).unwrap();
        let driver = WebDriver::new(&server.url, wanted).await.unwrap();
        let chromium = Self {
            driver,
            look,
            _place: place,
        };
        let phone = look.width < 600;
        let metrics =
            json!({ "width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": phone });
        chromium
            .devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let scheme = if look.dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        chromium
            .devtools("Emulation.setEmulatedMedia", features)
            .await;
        chromium
    }

    /// Types an address.
    pub async fn get(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    /// Presses a link or button by its words, without regard to case, and waits for the next page.
    pub async fn press(&self, words: &str) {
        self.press_at(&control(words)).await;
    }

    /// The same where the nearest heading around the control contains this word.
    pub async fn press_under(&self, heading: &str, words: &str) {
        let headings = "self::h1 or self::h2 or self::h3 or self::h4 or self::legend";
        let nearest = format!(
            "ancestor::*[descendant::*[{headings}]][1]/descendant::*[{headings}][1][{}]",
            contains(heading)
        );
        self.press_at(&format!("{}[{nearest}]", control(words)))
            .await;
    }

    async fn press_at(&self, xpath: &str) {
        self.find(By::XPath(xpath)).await.click().await.unwrap();
    }

    /// Waits for an element: a page may still be on its way.
    async fn find(&self, what: By) -> WebElement {
        let start = Instant::now();
        loop {
            match self.driver.find(what.clone()).await {
                Ok(element) => return element,
                Err(_) if start.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                Err(problem) => panic!(
                    "{problem}: no {what:?} on {}: {}",
                    self.url().await,
                    self.words().await
                ),
            }
        }
    }

    /// Types into a field, by its `name`.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(By::Name(name)).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// What a field holds, by its `name`.
    pub async fn field(&self, name: &str) -> String {
        let field = self.find(By::Name(name)).await;
        field.prop("value").await.unwrap().unwrap_or_default()
    }

    pub async fn back(&self) {
        self.driver.back().await.unwrap();
    }

    pub async fn reload(&self) {
        self.driver.refresh().await.unwrap();
    }

    /// The address in the bar.
    pub async fn url(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// The page as it stands now.
    pub async fn page(&self) -> Page {
        let url = self.driver.current_url().await.unwrap();
        Page::new(url, self.driver.source().await.unwrap())
    }

    /// What a person can read now, unfolded or not.
    pub async fn words(&self) -> String {
        self.page().await.words()
    }

    /// Waits until the address begins so.
    pub async fn arrive_at(&self, prefix: &str) {
        let start = Instant::now();
        while !self.url().await.starts_with(prefix) {
            assert!(
                start.elapsed() < PATIENCE,
                "{} is not {prefix}",
                self.url().await
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until these words stand on the page, without regard to case; panics with what stands there instead.
    pub async fn see(&self, words: &str) {
        let start = Instant::now();
        while !self
            .words()
            .await
            .to_lowercase()
            .contains(&words.to_lowercase())
        {
            assert!(
                start.elapsed() < PATIENCE,
                "{words:?} is not on {}: {}",
                self.url().await,
                self.words().await
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// How much wider than the window the page is, in pixels: what a person has to scroll sideways for.
    pub async fn overflow(&self) -> f64 {
        let layout = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let width = |part: &str, name: &str| layout[part][name].as_f64().unwrap();
        width("cssContentSize", "width") - width("cssLayoutViewport", "clientWidth")
    }

    /// What the browser blocked since the last time, because of a page's policy.
    pub async fn blocked(&self) -> Vec<String> {
        let driver = DRIVER.get().expect("a window is open");
        let url = format!("{}/session/{}/se/log", driver.url, self.driver.session_id());
        let request = with_json(client().post(url), &json!({ "type": "browser" }));
        let messages = send(request).await.json()["value"].clone();
        let messages = messages.as_array().unwrap().iter();
        messages
            .map(|message| message["message"].as_str().unwrap().to_owned())
            .filter(|message| message.contains("Content Security Policy"))
            .collect()
    }

    /// Keeps a picture of the whole page outside the project: in `$SCREENSHOTS`, or in `solar-system-screenshots`
    /// beside other temporary files.
    pub async fn picture(&self, name: &str) {
        let wanted = json!({ "captureBeyondViewport": true });
        let picture = self.devtools("Page.captureScreenshot", wanted).await;
        let picture = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let folder = std::env::var_os("SCREENSHOTS").map_or_else(
            || std::env::temp_dir().join("solar-system-screenshots"),
            PathBuf::from,
        );
        std::fs::create_dir_all(&folder).unwrap();
        let scripts = if self.look.scripts { "" } else { "-no-script" };
        let dark = if self.look.dark { "-dark" } else { "" };
        let file = format!("{name}-{}{dark}{scripts}.png", self.look.width);
        std::fs::write(folder.join(file), picture).unwrap();
    }

    async fn devtools(&self, command: &str, parameters: serde_json::Value) -> serde_json::Value {
        let answer = self.driver.cdp().send_raw(command, parameters).await;
        answer.unwrap_or_else(|problem| panic!("{command}: {problem}"))
    }
}

impl Drop for Chromium {
    /// Closes the window. Not by thirtyfour, whose connection stands still while its test's runtime is in here.
    fn drop(&mut self) {
        let session = format!("/session/{}", self.driver.session_id());
        let _ = self.driver.clone().leak();
        let Some(driver) = DRIVER.get() else { return };
        let host = driver.url.trim_start_matches("http://");
        let request =
            format!("DELETE {session} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        if let Ok(mut stream) = TcpStream::connect(host) {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0]);
        }
    }
}

impl Driver {
    async fn start() -> Self {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        let process = Process::start(&command, false);
        let url = format!("http://127.0.0.1:{port}");
        let status = format!("{url}/status");
        let http = client();
        process
            .wait_until(Duration::from_secs(30), async || {
                try_send(http.get(&status)).await.is_ok()
            })
            .await;
        Self {
            url,
            _process: process,
        }
    }
}

/// An `XPath` of links and buttons with these words.
fn control(words: &str) -> String {
    let (text, value) = (contains(words), says("@value", words));
    format!("//*[(self::a or self::button) and {text} or self::input[@type='submit'] and {value}]")
}

/// An `XPath` condition: the element's words contain these, without regard to case.
fn contains(words: &str) -> String {
    says(".", words)
}

fn says(what: &str, words: &str) -> String {
    let words = words.to_lowercase();
    let letters = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'";
    format!("contains(translate(normalize-space({what}), {letters}), \"{words}\")")
}
