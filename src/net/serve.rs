//! One accept loop for all rooms: bounded connections, time-outs, and a graceful end.

use super::{Handle, Listeners, Peer, connection, request::Numbered};
use axum::Router;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep},
};

/// How many connections a room holds at once; more wait in the system's queue.
const CONNECTIONS: usize = 1024;
/// How long no request must be in flight before what is left (idle, half-sent) is dropped.
const QUIET: Duration = Duration::from_millis(200);

/// A room that is ready to be served: its name, its sockets, its routes.
pub struct Room<H = Router> {
    /// For logs.
    pub name: &'static str,
    /// Bound sockets.
    pub listeners: Listeners,
    /// What it answers.
    pub router: H,
}

/// A room that is being served.
pub struct RunningRoom {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
    in_flight: Arc<AtomicUsize>,
}

impl<H: Handle> Room<H> {
    /// Starts the accept loops. Requests are answered from now on.
    ///
    /// A handler that panics costs its own request a plain 500, and nothing else.
    #[must_use]
    pub fn start(self) -> RunningRoom {
        self.start_for(CONNECTIONS)
    }

    /// The same for so many connections at once.
    fn start_for(self, connections: usize) -> RunningRoom {
        let (stop, stopped) = watch::channel(false);
        let in_flight = Arc::new(AtomicUsize::new(0));
        let places = Arc::new(Semaphore::new(connections));
        let mut loops = JoinSet::new();
        for socket in self.listeners.sockets {
            let door = Door {
                name: self.name,
                handler: Numbered {
                    room: self.name,
                    handler: self.router.clone(),
                },
                places: Arc::clone(&places),
                in_flight: Arc::clone(&in_flight),
                stopped: stopped.clone(),
            };
            loops.spawn(door.accept(socket));
        }
        RunningRoom {
            stop,
            loops,
            in_flight,
        }
    }
}

impl RunningRoom {
    /// Stops accepting, lets requests in flight finish until `deadline`, and drops the rest.
    pub async fn stop(mut self, deadline: Instant) {
        let _ = self.stop.send(true);
        let mut quiet_since = Instant::now();
        loop {
            if self.in_flight.load(Ordering::Acquire) > 0 {
                quiet_since = Instant::now();
            }
            let now = Instant::now();
            if now >= deadline || now >= quiet_since + QUIET {
                self.loops.abort_all();
                return;
            }
            tokio::select! {
                ended = self.loops.join_next() => if ended.is_none() { return },
                () = sleep(Duration::from_millis(20)) => {}
            }
        }
    }
}

/// What an accept loop needs.
struct Door<H> {
    name: &'static str,
    handler: H,
    places: Arc<Semaphore>,
    in_flight: Arc<AtomicUsize>,
    stopped: watch::Receiver<bool>,
}

impl<H: Handle> Door<H> {
    async fn accept(mut self, socket: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            let place = tokio::select! {
                place = Arc::clone(&self.places).acquire_owned() => place,
                _ = self.stopped.wait_for(|stopped| *stopped) => break,
            };
            let Ok(place) = place else { break };
            let accepted = tokio::select! {
                accepted = socket.accept() => accepted,
                _ = self.stopped.wait_for(|stopped| *stopped) => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let connection = connection::Connection {
                        handler: self.handler.clone(),
                        peer: Peer(peer.ip()),
                        in_flight: Arc::clone(&self.in_flight),
                        stopped: self.stopped.clone(),
                    };
                    connections.spawn(async move {
                        connection.serve(stream).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    // Out of file descriptors, most likely: what is open ends soon.
                    tracing::warn!(event = "accept_failed", room = self.name, %error, "cannot accept a connection");
                    sleep(Duration::from_millis(50)).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
        drop(socket);
        while connections.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    /// What a room says to a request for this path.
    async fn said(port: u16, path: &str) -> String {
        let mut caller = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let get = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        caller.write_all(get.as_bytes()).await.unwrap();
        let mut answer = String::new();
        caller.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Who waits is in the system's queue, and comes in when somebody leaves.
    #[tokio::test]
    async fn sec_com_11_no_more_connections_are_held_than_there_are_places() {
        let listeners = Listeners::bind("127.0.0.1", 0).await.unwrap();
        let port = listeners.port();
        let room = Room {
            name: "room",
            listeners,
            router: Router::new().route("/", get(|| async { "fine" })),
        };
        let running = room.start_for(2);
        let idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let other = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        sleep(Duration::from_millis(100)).await; // both are in
        let mut third = tokio::spawn(async move { said(port, "/").await });
        let waits = tokio::time::timeout(Duration::from_millis(500), &mut third).await;
        assert!(waits.is_err(), "{waits:?}");
        drop(idle);
        let answer = third.await.unwrap();
        assert!(answer.ends_with("fine"), "{answer}");
        drop(other);
        running.stop(Instant::now()).await;
    }

    /// Every room is started here, whatever it answers with.
    #[tokio::test]
    async fn sec_com_10_a_panic_is_a_500_that_tells_nothing_and_the_room_goes_on() {
        async fn fails() -> &'static str {
            panic!("canary: a secret")
        }
        let router = Router::new()
            .route("/fails", get(fails))
            .route("/", get(|| async { "fine" }));
        let listeners = Listeners::bind("127.0.0.1", 0).await.unwrap();
        let port = listeners.port();
        let name = "room";
        let room = Room {
            name,
            listeners,
            router,
        };
        let running = room.start();
        for _ in 0..3 {
            let answer = said(port, "/fails").await;
            assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
            assert!(answer.contains("\r\nx-request-id: "), "{answer}");
            assert!(!answer.contains("canary"), "{answer}");
            let answer = said(port, "/").await;
            assert!(answer.ends_with("fine"), "{answer}");
        }
        assert_eq!(running.in_flight.load(Ordering::SeqCst), 0);
    }
}
