//! Stands before a management API, and lets a request through, answers it otherwise, or watches.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use super::{Received, Reply, Server};

/// What happens to a request: `None` lets it through.
type Fault = dyn Fn(usize, &Received) -> Option<Meddling> + Send + Sync;

/// How a relay meddles with a request.
pub enum Meddling {
    /// Answers by itself: the API behind never hears of it.
    Instead(Reply),
    /// The API does it, and its answer is lost: this one comes instead.
    After(Reply),
}

/// A running relay. It stops when it is dropped.
pub struct Relay {
    server: Server,
    fault: Arc<Mutex<Box<Fault>>>,
    count: Arc<AtomicUsize>,
}

impl Relay {
    /// Relays to a port of 127.0.0.1. URLs of `origin` in the answers become the relay's own.
    pub fn to(port: u16, origin: &str) -> Self {
        let fault: Arc<Mutex<Box<Fault>>> = Arc::new(Mutex::new(Box::new(|_, _| None)));
        let count = Arc::new(AtomicUsize::new(0));
        let own_port = crate::peers::free_port();
        let (asked, counted) = (Arc::clone(&fault), Arc::clone(&count));
        let (origin, own) = (origin.to_owned(), format!("http://127.0.0.1:{own_port}"));
        let server = Server::start(own_port, move |request| {
            let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
            let meddling = asked.lock().unwrap()(number, request);
            match meddling {
                Some(Meddling::Instead(reply)) => reply,
                Some(Meddling::After(reply)) => {
                    let _ = pass_on(port, request, &origin, &own);
                    reply
                }
                None => pass_on(port, request, &origin, &own).unwrap_or_else(|| Reply::raw(b"")),
            }
        });
        Self {
            server,
            fault,
            count,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// How it meddles from now on, by the number of the request since this call, from 1 on.
    pub fn meddle(
        &self,
        fault: impl Fn(usize, &Received) -> Option<Meddling> + Send + Sync + 'static,
    ) {
        *self.fault.lock().unwrap() = Box::new(fault);
        self.count.store(0, Ordering::SeqCst);
        self.server.forget_received();
    }

    /// The requests since the last call of [`Relay::meddle`].
    pub fn received(&self) -> Vec<Received> {
        self.server.received()
    }

    /// Those that change something.
    pub fn writes(&self) -> Vec<Received> {
        let mut received = self.received();
        received.retain(|request| request.method != "GET");
        received
    }
}

/// Asks the API behind, on a connection of its own. `None` when it does not answer.
fn pass_on(port: u16, request: &Received, origin: &str, own: &str) -> Option<Reply> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let query = match request.query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let mut head = format!("{} {}{query} HTTP/1.1\r\n", request.method, request.path);
    for (name, value) in &request.headers {
        let hop = ["host", "connection", "content-length"];
        if !hop.contains(&name.to_ascii_lowercase().as_str()) {
            head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
        }
    }
    let length = request.body.len();
    let last =
        format!("Host: localhost:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    head += last.as_str();
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&request.body).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    read(&bytes, origin, own)
}

fn read(bytes: &[u8], origin: &str, own: &str) -> Option<Reply> {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else {
        return None;
    };
    let ours = |text: &str| text.replace(origin, own);
    let body = ours(&String::from_utf8_lossy(&bytes[length..]));
    let mut reply = Reply::status(head.code?);
    let mut content_type = String::new();
    for header in head.headers.iter() {
        let value = String::from_utf8_lossy(header.value);
        match header.name.to_ascii_lowercase().as_str() {
            "content-type" => content_type = value.into_owned(),
            "content-length" | "connection" | "transfer-encoding" => {}
            name => reply = reply.header(name, &ours(&value)),
        }
    }
    if body.is_empty() {
        return Some(reply);
    }
    Some(reply.body(&content_type, body))
}
