//! A server on loopback that answers each request as a function says, byte for byte.

use super::{Okta, TOKEN};
use crate::{bootstrap::okta::api::patience::Patience, clock::Clock, net::Client, oauth::Secret};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What came in.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query.
    pub(super) path: String,
    pub(super) head: String,
    pub(super) body: Value,
}

/// What goes out, byte for byte; nothing at all closes the connection.
pub(super) struct Reply(Vec<u8>);

impl Reply {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(
            status,
            &[("content-type", "application/json")],
            &body.to_string(),
        )
    }

    pub(super) fn status(status: u16) -> Self {
        Self::new(status, &[], "")
    }

    pub(super) fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head = format!(
            "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head = format!("{head}{name}: {value}\r\n");
        }
        Self(format!("{head}\r\n{body}").into_bytes())
    }

    pub(super) fn nothing() -> Self {
        Self(Vec::new())
    }
}

/// A scripted tenant, and the adapter that asks it without waiting.
pub(super) struct Tenant {
    pub(super) okta: Okta,
    pub(super) clock: Clock,
    pub(super) origin: String,
    received: Arc<Mutex<Vec<Request>>>,
    waited: Arc<Mutex<Vec<u64>>>,
}

impl Tenant {
    /// `answer` is told how many requests there were before.
    pub(super) async fn start(
        answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::<Mutex<Vec<Request>>>::default();
        let log = Arc::clone(&received);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            loop {
                let (mut peer, _) = listener.accept().await.unwrap();
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let Some(request) = read(&mut peer).await else {
                        return;
                    };
                    let before = {
                        let mut log = log.lock().unwrap();
                        log.push(request.clone());
                        log.len() - 1
                    };
                    let Reply(bytes) = answer(before, &request);
                    let _ = peer.write_all(&bytes).await;
                    let _ = peer.shutdown().await;
                });
            }
        });
        let waited = Arc::<Mutex<Vec<u64>>>::default();
        let pauses = Arc::clone(&waited);
        let patience = Patience::with(Arc::new(move |time: Duration| {
            pauses.lock().unwrap().push(time.as_secs());
            Box::pin(async {})
        }));
        let clock = Clock::standing();
        let okta = Okta::new(
            Client::new(&[]).unwrap(),
            clock.clone(),
            origin.clone(),
            Secret::new(TOKEN),
            patience,
        );
        Self {
            okta,
            clock,
            origin,
            received,
            waited,
        }
    }

    pub(super) fn received(&self) -> Vec<Request> {
        self.received.lock().unwrap().clone()
    }

    /// Method and path of each request.
    pub(super) fn calls(&self) -> Vec<String> {
        let received = self.received();
        received
            .iter()
            .map(|one| format!("{} {}", one.method, one.path))
            .collect()
    }

    /// The pauses, in seconds.
    pub(super) fn waited(&self) -> Vec<u64> {
        self.waited.lock().unwrap().clone()
    }
}

async fn read(peer: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if peer.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    while bytes.len() < end + length {
        if peer.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let mut words = head.split(' ');
    Some(Request {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        body: serde_json::from_slice(&bytes[end..]).unwrap_or_default(),
        head,
    })
}
