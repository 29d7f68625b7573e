//! What a scripted server answers, down to the bytes.

use std::fmt::Write as _;
use std::io::{Read, Result, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
    delay: Duration,
}

#[derive(Clone, Debug)]
enum Body {
    Whole(Vec<u8>),
    /// One letter, so many times.
    Huge(usize),
    /// A byte at a time, with this pause after each.
    Drip(Vec<u8>, Duration),
    /// Less than `Content-Length` said, then the end.
    Cut(Vec<u8>),
    /// Not even a status line.
    Never,
    /// These bytes instead of HTTP.
    Raw(Vec<u8>),
}

impl Reply {
    pub fn json(body: &Value) -> Self {
        Self::status(200).body("application/json", body.to_string())
    }

    pub fn html(body: &str) -> Self {
        Self::status(200).body("text/html; charset=utf-8", body)
    }

    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Whole(Vec::new()),
            delay: Duration::ZERO,
        }
    }

    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("Location", location)
    }

    /// Takes the request and says nothing for ever.
    pub fn never() -> Self {
        Self::status(200).with(Body::Never)
    }

    /// Says something that is no HTTP.
    pub fn raw(bytes: &[u8]) -> Self {
        Self::status(200).with(Body::Raw(bytes.to_vec()))
    }

    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.header("Content-Type", content_type)
            .with(Body::Whole(body.into()))
    }

    /// A body of so many bytes.
    pub fn huge(self, length: usize) -> Self {
        self.with(Body::Huge(length))
    }

    pub fn drip(self, body: impl Into<Vec<u8>>, pause: Duration) -> Self {
        self.with(Body::Drip(body.into(), pause))
    }

    pub fn cut(self, body: impl Into<Vec<u8>>) -> Self {
        self.with(Body::Cut(body.into()))
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits before the first byte.
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    fn with(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// Writes the answer, and counts what of a huge one was taken; whether the connection may be used again.
    pub(super) fn write(&self, stream: &mut TcpStream, taken: &AtomicUsize) -> Result<bool> {
        sleep(self.delay);
        let length = match &self.body {
            Body::Whole(body) | Body::Drip(body, _) => body.len(),
            Body::Cut(body) => body.len() + 1,
            Body::Huge(length) => *length,
            Body::Never => {
                let _ = stream.read(&mut [0]); // until somebody hangs up
                return Ok(false);
            }
            Body::Raw(bytes) => {
                stream.write_all(bytes)?;
                return Ok(false);
            }
        };
        let mut head = format!(
            "HTTP/1.1 {} Scripted\r\nContent-Length: {length}\r\n",
            self.status
        );
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        stream.write_all((head + "\r\n").as_bytes())?;
        match &self.body {
            Body::Drip(body, pause) => {
                for byte in body {
                    stream.write_all(&[*byte])?;
                    sleep(*pause);
                }
            }
            Body::Huge(length) => {
                let chunk = vec![b'x'; 64 * 1024];
                let mut left = *length;
                while left > 0 {
                    let now = left.min(chunk.len());
                    stream.write_all(&chunk[..now])?;
                    left -= now;
                    taken.fetch_add(now, Ordering::Relaxed);
                }
            }
            Body::Whole(body) | Body::Cut(body) => stream.write_all(body)?,
            Body::Never | Body::Raw(_) => {}
        }
        Ok(!matches!(self.body, Body::Cut(_)))
    }
}
