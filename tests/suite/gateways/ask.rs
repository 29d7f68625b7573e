//! One request as a caller may write it: no library tidies path or headers on the way.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A request to be changed before it is sent.
#[derive(Clone, Debug)]
pub struct Ask {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Ask {
    /// `GET` of a request target, byte for byte.
    pub fn get(target: &str) -> Self {
        Self::by("GET", target)
    }

    pub fn by(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: Option<&str>) -> Self {
        match token {
            Some(token) => self.header("Authorization", &format!("Bearer {token}")),
            None => self,
        }
    }

    /// Sends it to a port of this machine. Status 0: the connection was closed without an answer, which is a refusal
    /// too.
    pub fn send(&self, port: u16) -> Reply {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n",
            self.method, self.target
        );
        for (name, value) in &self.headers {
            head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
        }
        if !self.headers.iter().any(|(name, _)| name == "Connection") {
            head += "Connection: close\r\n";
        }
        let _ = stream.write_all((head + "\r\n").as_bytes());
        let mut bytes = Vec::new();
        let mut chunk = [0; 8192];
        // Not to the end of the connection: some programs linger before they close.
        while !is_whole(&bytes, self.method == "HEAD") {
            match stream.read(&mut chunk) {
                Ok(length) if length > 0 => bytes.extend_from_slice(&chunk[..length]),
                _ => break,
            }
        }
        Reply::parse(&bytes)
    }
}

/// Whether the answer is there as far as its head says it goes.
fn is_whole(bytes: &[u8], head_only: bool) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_ascii_lowercase();
    let length = head
        .split("\r\ncontent-length:")
        .nth(1)
        .and_then(|rest| rest.lines().next()?.trim().parse().ok());
    let ended = head.contains("\r\ntransfer-encoding: chunked") && body.ends_with("0\r\n\r\n");
    head_only || ended || length.is_some_and(|length: usize| body.len() >= length)
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        Self {
            status: status.unwrap_or(0),
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    /// The JSON array of a body, chunked or not.
    pub fn json_text(&self) -> &str {
        let start = self.body.find('[').unwrap_or_default();
        let end = self.body.rfind(']').map_or(self.body.len(), |end| end + 1);
        &self.body[start..end]
    }

    /// The header's values, joined by `, `; empty if it isn't there.
    pub fn header(&self, name: &str) -> String {
        let values = self.headers.iter().filter(|(key, _)| key == name);
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        values.join(", ")
    }
}
