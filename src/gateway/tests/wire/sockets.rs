//! Both ends of the gateway as bare sockets.

use super::*;
use crate::net::{Listeners, Room, RunningRoom};
use tokio::net::TcpStream;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that listens.
pub(super) struct Open {
    pub(super) port: u16,
    _running: RunningRoom,
}

pub(super) async fn listen(world: &World) -> Open {
    let listeners = Listeners::bind("127.0.0.1", 0).await.unwrap();
    let port = listeners.port();
    let room = Room {
        name: "gateway",
        listeners,
        router: world.entrance.clone(),
    };
    Open {
        port,
        _running: room.start(),
    }
}

impl Open {
    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// A caller who has said this.
    pub(super) async fn say(&self, text: &str) -> TcpStream {
        let mut caller = self.connect().await;
        caller.write_all(text.as_bytes()).await.unwrap();
        caller
    }
}

/// An upstream that does this with each connection.
pub(super) async fn upstream<F>(script: impl Fn(TcpStream) -> F + Send + 'static) -> Url
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((peer, _)) = listener.accept().await {
            tokio::spawn(script(peer));
        }
    });
    url.parse().unwrap()
}

/// A gateway before such an upstream, with one open resource that takes every method.
pub(super) async fn before<F>(
    script: impl Fn(TcpStream) -> F + Send + 'static,
    change: impl FnOnce(&mut net::Limits),
) -> (World, Open)
where
    F: Future<Output = ()> + Send + 'static,
{
    let url = upstream(script).await;
    let world = World::with(By::Keys, |config| {
        let mut blueprint = Blueprint::default();
        blueprint.resources[0].method = "*".into();
        config.policy = Policy::of(&blueprint);
        config.upstream = url;
        change(&mut config.limits);
    })
    .await;
    let open = listen(&world).await;
    (world, open)
}

/// Reads until this was said.
pub(super) async fn hear(stream: &mut TcpStream, said: &mut String, end: &str) {
    let hearing = async {
        while !said.contains(end) {
            let mut bytes = [0; 4096];
            let length = stream.read(&mut bytes).await.unwrap_or_default();
            assert!(length > 0, "{end:?} was not said, but {said:?}");
            said.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
    };
    timeout(PATIENCE, hearing).await.expect(end);
}

/// Reads until the connection ends, in whatever way.
pub(super) async fn rest(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let reading = async { while stream.read_buf(&mut said).await.is_ok_and(|read| read > 0) {} };
    timeout(PATIENCE, reading)
        .await
        .expect("the connection ends");
    String::from_utf8_lossy(&said).into_owned()
}

pub(super) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
