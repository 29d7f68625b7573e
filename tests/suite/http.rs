//! One HTTP exchange as a test sees it: no redirect followed, the whole answer kept.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{
    Client, RequestBuilder, Url,
    header::{CONTENT_TYPE, HeaderMap, LOCATION},
    redirect::Policy,
};
use serde_json::Value;

use crate::page::Page;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// The URL that was asked.
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|problem| panic!("{problem} in {}: {}", self.url, self.text()))
    }

    /// The body as an HTML page that was served from [`Answer::url`].
    pub fn page(&self) -> Page {
        Page::new(self.url.clone(), self.text())
    }

    /// The header's value; empty if it isn't there, joined by `, ` if it is there twice.
    pub fn header(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
        values.join(", ")
    }

    /// Where a redirect leads, resolved against the URL that was asked.
    pub fn location(&self) -> Url {
        let location = self
            .headers
            .get(LOCATION)
            .unwrap_or_else(|| panic!("{} answered {} without Location", self.url, self.status));
        self.url.join(location.to_str().unwrap()).unwrap()
    }

    pub fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status) && self.headers.contains_key(LOCATION)
    }
}

/// A client that keeps no cookies, follows nothing and gives up after 30 seconds. It speaks plain HTTP: reading the
/// system's roots would take most of a test's time.
///
/// Each test makes its own: pooled connections belong to the runtime that opened them.
pub fn client() -> Client {
    let builder = Client::builder().redirect(Policy::none()).no_proxy();
    let builder = builder.tls_certs_only([]);
    let builder = builder.pool_idle_timeout(Duration::from_secs(5)); // shorter than any server's
    builder.timeout(Duration::from_secs(30)).build().unwrap()
}

/// Sends and reads to the end; panics when there is no answer at all.
pub async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.unwrap()
}

/// Sends and reads to the end.
pub async fn try_send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    Ok(Answer {
        status: response.status().as_u16(),
        url: response.url().clone(),
        headers: response.headers().clone(),
        body: response.bytes().await?.to_vec(),
    })
}

/// Adds a body of `application/x-www-form-urlencoded`.
pub fn with_form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)
}

/// Adds a body of `application/json`.
pub fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string())
}

/// The value of `Authorization` for `client_secret_basic`, form-encoded first (RFC 6749, section 2.3.1).
pub fn basic(client_id: &str, client_secret: &str) -> String {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(client_id), encode(client_secret));
    format!("Basic {}", STANDARD.encode(pair))
}

/// The value of a query parameter, decoded; `None` if it isn't there.
pub fn query(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}
