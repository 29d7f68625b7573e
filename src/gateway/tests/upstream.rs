//! A fake API that keeps what it was asked, and the ways in which an upstream can fail.

use super::*;
use axum::{extract::State, response::IntoResponse};
use std::{
    sync::Mutex,
    time::{Duration, Instant},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub(in super::super) struct FakeApi {
    served: Served,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl FakeApi {
    pub(super) async fn start() -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().fallback(keep).with_state(Arc::clone(&asked));
        Self {
            served: Served::start(router).await,
            asked,
        }
    }

    pub(super) fn url(&self) -> Url {
        self.served.url.parse().unwrap()
    }

    /// All that was asked so far, which is forgotten then.
    pub(super) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// The one thing that was asked.
    pub(super) fn only(&self) -> Asked {
        let asked = self.take();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }
}

async fn keep(
    State(kept): State<Arc<Mutex<Vec<Asked>>>>,
    request: Request<Body>,
) -> axum::response::Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 1 << 20).await else {
        return StatusCode::BAD_REQUEST.into_response(); // broken off: it never was a request
    };
    kept.lock().unwrap().push(Asked {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let headers = [
        ("set-cookie", "api=1"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("cache-control", "max-age=60"),
        ("x-kept", "1"),
    ];
    (headers, axum::Json(json!(["answer"]))).into_response()
}

/// An upstream that answers every connection with these bytes, then hangs.
async fn answering(answer: &'static [u8]) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut peer, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let _ = peer.read_buf(&mut Vec::with_capacity(4096)).await;
                let _ = peer.write_all(answer).await;
                std::future::pending::<()>().await;
            });
        }
    });
    url.parse().unwrap()
}

/// A gateway before such an upstream.
pub(super) async fn before(answer: &'static [u8]) -> World {
    let upstream = answering(answer).await;
    World::with(By::Keys, |config| {
        config.upstream = upstream;
        config.limits.answer_bytes = 1 << 20;
    })
    .await
}

#[tokio::test]
async fn sec_gw_11_a_closed_upstream_is_502_in_json() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let world = World::with(By::Keys, |config| config.upstream = url.parse().unwrap()).await;
    let answer = world.get("/visitors", None).await;
    assert_eq!(answer.status, 502);
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(
        error.contains("cannot be reached") && !error.contains("127.0.0.1"),
        "{error}"
    );
}

#[tokio::test]
async fn rubbish_from_the_upstream_is_502() {
    let world = before(b"rubbish\r\n\r\n").await;
    assert_eq!(world.get("/visitors", None).await.status, 502);
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_502() {
    let world = before(b"HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n").await;
    assert_eq!(world.get("/visitors", None).await.status, 502);
}

#[tokio::test]
async fn an_answer_that_grows_too_long_is_broken_off() {
    let body = "a".repeat((1 << 20) + 1);
    let router = Router::new().fallback(move || async move {
        Body::from_stream(futures_util::stream::iter(vec![Ok::<_, std::io::Error>(
            body,
        )]))
    });
    let served = Served::start(router).await;
    let world = World::with(By::Keys, |config| {
        config.upstream = served.url.parse().unwrap();
        config.limits.answer_bytes = 1 << 20;
    })
    .await;
    let response = world
        .gateway
        .clone()
        .oneshot(get("/visitors", None))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(to_bytes(response.into_body(), 4 << 20).await.is_err());
}

#[tokio::test]
async fn sec_gw_11_redirects_are_passed_on_and_never_followed() {
    let world = before(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(world.get("/visitors", None).await.status, 302);
}

/// A caller who waits ten seconds hears whose fault it is.
const IN_TIME: Duration = Duration::from_secs(9);

#[tokio::test]
async fn a_silent_upstream_is_504_before_a_caller_gives_up() {
    let world = before(b"").await;
    let start = Instant::now();
    let answer = world.get("/visitors", None).await;
    assert_eq!(answer.status, 504);
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(
        error.contains("API") && error.contains("did not answer"),
        "{error}"
    );
    assert!(start.elapsed() < IN_TIME);
}

#[tokio::test]
async fn a_body_that_stops_halfway_ends_before_a_caller_gives_up() {
    let world = before(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc").await;
    let start = Instant::now();
    let response = world
        .gateway
        .clone()
        .oneshot(get("/visitors", None))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(to_bytes(response.into_body(), 100).await.is_err());
    assert!(start.elapsed() < IN_TIME);
}

#[tokio::test]
async fn caller_issuer_and_upstream_share_one_deadline() {
    let silent = answering(b"").await;
    let world = World::with(By::Introspection, |config| config.upstream = silent).await;
    world.issuer.faults().slow = Duration::from_secs(4);
    let token = world.token(GOLD);
    let body = Body::from_stream(futures_util::stream::once(async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok::<_, std::io::Error>("late")
    }));
    let request = Request::get("/moons").header("authorization", format!("Bearer {token}"));
    let start = Instant::now();
    let answer = world.send(request.body(body).unwrap()).await;
    assert_eq!(answer.status, 504, "{answer:?}");
    assert!(start.elapsed() < IN_TIME, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_silent_issuer_is_503_before_a_caller_gives_up() {
    for by in [By::Introspection, By::Keys] {
        let world = World::new(by).await;
        let token = world.token(GOLD);
        world.issuer.faults().slow = Duration::from_secs(60);
        let start = Instant::now();
        let answer = world.get("/moons", Some(&token)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
        assert!(start.elapsed() < IN_TIME, "{by:?} {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_caller_who_never_finishes_a_body_is_refused_before_long() {
    let world = World::new(By::Keys).await;
    let body = Body::from_stream(futures_util::stream::pending::<Result<&str, std::io::Error>>());
    let start = Instant::now();
    let answer = world
        .send(Request::get("/visitors").body(body).unwrap())
        .await;
    assert_eq!(answer.status, 408);
    assert!(start.elapsed() < IN_TIME);
    assert!(world.api.take().is_empty());
}

#[tokio::test]
async fn a_refused_key_is_the_gateways_fault_and_not_a_missing_scope() {
    let world = before(
        b"HTTP/1.1 403 Forbidden\r\nx-refused: key\r\nwww-authenticate: Bearer error=\"insufficient_scope\"\r\ncontent-length: 3\r\n\r\nwhy",
    )
    .await;
    let answer = world.get("/visitors", None).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body, r#"{"error":"The API refused the gateway"}"#);
    assert_eq!(answer.header("cache-control"), "no-store");
    for absent in ["www-authenticate", "x-refused"] {
        assert!(!answer.headers.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn any_other_refusal_of_an_api_is_its_own_and_is_passed_on() {
    for (upstream, status) in [
        (
            &b"HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nwhy"[..],
            403,
        ),
        (
            b"HTTP/1.1 403 Forbidden\r\nx-refused: other\r\ncontent-length: 3\r\n\r\nwhy",
            403,
        ),
        (
            b"HTTP/1.1 401 Unauthorized\r\nx-refused: key\r\ncontent-length: 3\r\n\r\nwhy",
            401,
        ),
        (
            b"HTTP/1.1 200 OK\r\nx-refused: key\r\ncontent-length: 3\r\n\r\nwhy",
            200,
        ),
    ] {
        let world = before(upstream).await;
        let answer = world.get("/visitors", None).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, "why"));
    }
}
