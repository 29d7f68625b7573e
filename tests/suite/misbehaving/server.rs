//! A small HTTP server that records what it receives and answers what it is told, a thread for each connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::thread;

use super::Reply;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    pub path: String,
    /// Undecoded, without the question mark; empty if there is none.
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    /// The values of a header, joined by `, `; `None` if it isn't there.
    pub fn header(&self, name: &str) -> Option<String> {
        let matching = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        let values = self.headers.iter().filter(matching);
        let values: Vec<_> = values.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// A field of the form in the body, or else of the query.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut found = self.fields();
        found.retain(|(key, _)| key == name);
        found.into_iter().next().map(|(_, value)| value)
    }

    /// All fields of the form in the body, then those of the query.
    pub fn fields(&self) -> Vec<(String, String)> {
        [self.body.as_slice(), self.query.as_bytes()]
            .into_iter()
            .flat_map(|encoded| url::form_urlencoded::parse(encoded).into_owned())
            .collect()
    }
}

type Answer = dyn Fn(&Received) -> Reply + Send + Sync;

/// A running server on 127.0.0.1. It stops when it is dropped, connections and all.
pub struct Server {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Box<Answer>,
    received: Mutex<Vec<Received>>,
    streams: Mutex<Vec<TcpStream>>,
    stopped: AtomicBool,
    taken: AtomicUsize,
}

impl Server {
    /// Listens on this port; 0 takes a free one.
    pub fn start(port: u16, answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            received: Mutex::default(),
            streams: Mutex::default(),
            stopped: AtomicBool::new(false),
            taken: AtomicUsize::new(0),
        });
        let port = listener.local_addr().unwrap().port();
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Self { port, shared }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests so far, in order of arrival.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The requests so far to this path.
    pub fn received_at(&self, path: &str) -> Vec<Received> {
        let mut received = self.received();
        received.retain(|request| request.path == path);
        received
    }

    /// How many bytes of huge answers somebody took so far, buffers of the system included.
    pub fn taken(&self) -> usize {
        self.shared.taken.load(Ordering::Relaxed)
    }

    pub fn forget_received(&self) {
        self.shared.received.lock().unwrap().clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // wakes the accept loop
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let _ = stream.set_nodelay(true); // head and body are written one by one
        let mut streams = shared.streams.lock().unwrap();
        streams.push(stream.try_clone().unwrap());
        drop(streams);
        let shared = Arc::clone(shared);
        thread::spawn(move || converse(stream, &shared));
    }
}

/// Answers on one connection until somebody hangs up.
fn converse(mut stream: TcpStream, shared: &Shared) {
    while let Some(request) = read(&mut stream) {
        shared.received.lock().unwrap().push(request.clone());
        let reply = (shared.answer)(&request);
        if !matches!(reply.write(&mut stream, &shared.taken), Ok(true)) {
            break;
        }
    }
    let _ = stream.flush();
    let _ = stream.shutdown(Shutdown::Both);
}

fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut head = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(length) = head.parse(&bytes).ok()? {
            let (path, query) = split(head.path?);
            let headers = head.headers.iter();
            let mut received = Received {
                method: head.method?.to_owned(),
                path,
                query,
                headers: headers
                    .map(|header| {
                        let value = String::from_utf8_lossy(header.value);
                        (header.name.to_owned(), value.into_owned())
                    })
                    .collect(),
                body: bytes.split_off(length),
            };
            let expected = received.header("content-length");
            let expected = expected.map_or(0, |length| length.parse().unwrap());
            let mut rest = vec![0; expected - received.body.len()];
            stream.read_exact(&mut rest).ok()?;
            received.body.extend(rest);
            return Some(received);
        }
        let mut chunk = [0; 4096];
        let length = stream.read(&mut chunk).ok().filter(|length| *length > 0)?;
        bytes.extend_from_slice(&chunk[..length]);
    }
}

fn split(target: &str) -> (String, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path.to_owned(), query.to_owned())
}
