//! A scriptable gateway: a reply for each path, and a record of what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::{Reply, Server};

/// A running gateway; `/planets` answers eight planets until told otherwise, other paths 404.
pub struct Gateway {
    pub server: Server,
    replies: Arc<Mutex<HashMap<String, Reply>>>,
}

impl Gateway {
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// The same on a port that is known before.
    pub fn start_at(port: u16) -> Self {
        let planets = json!([
            "mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune"
        ]);
        let replies = HashMap::from([("/planets".to_owned(), Reply::json(&planets))]);
        let replies = Arc::new(Mutex::new(replies));
        let answering = Arc::clone(&replies);
        let server = Server::start(port, move |request| {
            let replies = answering.lock().unwrap();
            let reply = replies.get(&request.path).cloned();
            reply.unwrap_or_else(|| Reply::status(404))
        });
        Self { server, replies }
    }

    /// From now on this path answers so.
    pub fn reply(&self, path: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    pub fn url(&self) -> String {
        self.server.url()
    }
}
