//! A message as a page shows it. Redaction happens here, when it is recorded, by an allow-list.

use crate::oauth::Secret;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use bytes::Bytes;

/// What is kept of a body, in characters.
const BODY: usize = 4_000;
/// What is kept of a header's value, in characters.
const VALUE: usize = 1_000;

/// What stands where an access token stood.
const STAND_IN: &str = "[access token]";

/// Headers whose values are shown. Of all others only the name is.
const SHOWN: [&str; 14] = [
    "accept",
    "allow",
    "cache-control",
    "content-length",
    "content-type",
    "date",
    "host",
    "location",
    "retry-after",
    "server",
    "traceparent",
    "vary",
    "via",
    "www-authenticate",
];

/// A request and what came back for it.
#[derive(Clone, Debug)]
pub struct Hop {
    /// What was asked.
    pub asked: Message,
    /// What came back; `None` when nothing did.
    pub came_back: Option<Message>,
}

/// An HTTP message as text, without secrets.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Request line or status line.
    pub first_line: String,
    /// Names and values in order; a value that might be secret is a word in brackets.
    pub headers: Vec<(String, String)>,
    /// The body, cut.
    pub body: Option<String>,
}

impl Hop {
    /// How much it takes, roughly, in bytes.
    pub fn weight(&self) -> usize {
        self.asked.weight() + self.came_back.as_ref().map_or(0, Message::weight)
    }
}

impl Message {
    fn weight(&self) -> usize {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 48);
        self.first_line.len() + headers.sum::<usize>() + self.body.as_ref().map_or(0, String::len)
    }

    /// A request without a body.
    pub fn request(method: &str, url: &str, headers: &HeaderMap) -> Self {
        let first_line = format!("{method} {url}");
        Self {
            first_line,
            headers: shown(headers),
            body: None,
        }
    }

    /// The same with a body of which the caller knows that it holds no secret.
    #[must_use]
    pub fn with_body(self, body: impl Into<String>) -> Self {
        let body = cut(&body.into());
        Self { body, ..self }
    }

    /// A response, from which [`without_secret`] took what must not be shown.
    pub fn response(response: &Response<Bytes>) -> Self {
        let status = response.status();
        let reason = status.canonical_reason().unwrap_or_default();
        let first_line = format!("{} {reason}", status.as_u16())
            .trim_end()
            .to_owned();
        Self {
            first_line,
            headers: shown(response.headers()),
            body: cut(&String::from_utf8_lossy(response.body())),
        }
    }
}

/// A body as it is kept: nothing when it is empty, not longer than [`BODY`], and without control
/// characters but those that divide lines and columns.
fn cut(text: &str) -> Option<String> {
    let text = &text.replace(
        |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t'),
        "\u{fffd}",
    );
    match text.char_indices().nth(BODY) {
        Some((at, _)) => Some(format!("{} … (cut)", &text[..at])),
        None => (!text.is_empty()).then(|| text.to_owned()),
    }
}

/// Takes a secret out of a response, wherever it stands: a peer may echo what it was sent, as it is
/// or escaped for JSON.
pub fn without_secret(response: Response<Bytes>, secret: &Secret) -> Response<Bytes> {
    without(response, secret, STAND_IN)
}

/// The same with the words that stand there instead, such as `[client secret]`.
pub fn without(mut response: Response<Bytes>, secret: &Secret, words: &str) -> Response<Bytes> {
    if secret.is_empty() {
        return response;
    }
    let plain = secret.expose();
    let escaped = plain.replace('/', "\\/");
    let clean = |text: &str| text.replace(plain, words).replace(&escaped, words);
    for value in response.headers_mut().values_mut() {
        let cleaned = clean(&String::from_utf8_lossy(value.as_bytes()));
        if cleaned.as_bytes() != value.as_bytes() {
            let words = HeaderValue::from_static(STAND_IN);
            *value = HeaderValue::from_str(&cleaned).unwrap_or(words);
        }
    }
    let text = String::from_utf8_lossy(response.body());
    let cleaned = clean(&text);
    if cleaned != text {
        *response.body_mut() = cleaned.into(); // else untouched: what is no UTF-8 stays that
    }
    response
}

fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let value_of = |name: &header::HeaderName, value: &HeaderValue| {
        if name == header::AUTHORIZATION {
            let basic = value.as_bytes().starts_with(b"Basic ");
            return if basic {
                "Basic [client id and secret]".to_owned()
            } else {
                format!("Bearer {STAND_IN}")
            };
        }
        match value.to_str() {
            Ok(text) if SHOWN.contains(&name.as_str()) => text.chars().take(VALUE).collect(),
            _ => "[not shown]".to_owned(),
        }
    };
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), value_of(name, value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_list_is_shown() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer canary".parse().unwrap());
        headers.insert("set-cookie", "id=canary".parse().unwrap());
        headers.insert("x-debug", "canary".parse().unwrap());
        headers.insert(
            "www-authenticate",
            "Bearer error=\"canary2\"".parse().unwrap(),
        );
        let text = format!("{:?}", Message::request("GET", "http://x", &headers));
        assert!(!text.contains("canary\""), "{text}");
        assert!(
            text.contains("Bearer [access token]") && text.contains("canary2"),
            "{text}"
        );
    }

    #[test]
    fn a_peer_that_echoes_the_access_token_does_not_show_it() {
        for secret in ["canary", "can/ary"] {
            let mut response = Response::new(Bytes::from(format!(
                "you sent {secret}, {}",
                secret.replace('/', "\\/")
            )));
            let location = format!("/?t={secret}").parse().unwrap();
            response.headers_mut().insert("location", location);
            let message = Message::response(&without_secret(response, &Secret::new(secret)));
            let text = format!("{message:?}");
            assert!(!text.contains("ary"), "{text}");
            assert_eq!(
                message.body.unwrap(),
                "you sent [access token], [access token]"
            );
        }
    }

    #[test]
    fn what_cannot_be_seen_stands_in_no_body() {
        let message = Message::response(&Response::new("a\u{0}\u{1b}[31m\n\tb".into()));
        assert_eq!(message.body.unwrap(), "a\u{fffd}\u{fffd}[31m\n\tb");
    }

    #[test]
    fn long_bodies_are_cut_between_characters() {
        let message = Message::response(&Response::new("ä".repeat(BODY + 1).into()));
        assert!(message.body.unwrap().ends_with("ä … (cut)"));
    }
}
