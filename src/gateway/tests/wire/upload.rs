//! A caller's body on its way to the API.

use super::{sockets::*, *};
use std::sync::Mutex;
use tokio::{net::TcpStream, sync::mpsc};

const POST: &str = "POST /visitors HTTP/1.1\r\nhost: localhost\r\n";

/// An upstream that tells what it heard on each connection, once that ended.
fn telling(
    heard: mpsc::UnboundedSender<String>,
) -> impl Fn(TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send {
    move |mut peer| {
        let heard = heard.clone();
        Box::pin(async move {
            let _ = heard.send(rest(&mut peer).await);
        })
    }
}

#[tokio::test]
async fn a_slow_upload_reaches_the_api_piece_by_piece() {
    let (heard, mut pieces) = mpsc::unbounded_channel();
    let script = move |mut peer: TcpStream| {
        let heard = heard.clone();
        async move {
            let mut said = String::new();
            for piece in ["abc", "def"] {
                hear(&mut peer, &mut said, piece).await;
                heard.send(said.clone()).unwrap();
            }
            peer.write_all(OK).await.unwrap();
        }
    };
    let (_world, gateway) = before(script, |_| {}).await;
    for (framing, first, second) in [
        ("content-length: 6", "abc", "def"),
        (
            "transfer-encoding: chunked",
            "3\r\nabc\r\n",
            "3\r\ndef\r\n0\r\n\r\n",
        ),
    ] {
        let mut caller = gateway
            .say(&format!("{POST}{framing}\r\n\r\n{first}"))
            .await;
        let half = pieces.recv().await.unwrap();
        assert!(half.contains("abc") && !half.contains("def"), "{half}");
        assert!(half.to_ascii_lowercase().contains(framing), "{half}");
        caller.write_all(second.as_bytes()).await.unwrap();
        hear(&mut caller, &mut String::new(), "200 OK").await;
        pieces.recv().await.unwrap();
    }
}

/// What nobody reads stays with the caller: 64 MiB do not gather in the gateway, nor in the kernel's
/// buffers.
#[tokio::test]
async fn an_upload_is_taken_no_faster_than_the_api_reads_it() {
    const LENGTH: usize = 64 << 20;
    let reads = Arc::new(tokio::sync::Notify::new());
    let may_read = Arc::clone(&reads);
    let script = move |mut peer: TcpStream| {
        let may_read = Arc::clone(&may_read);
        async move {
            may_read.notified().await;
            let (mut bytes, mut total) = (vec![0; 1 << 20], 0);
            while total < LENGTH {
                total += peer.read(&mut bytes).await.unwrap();
            }
            peer.write_all(OK).await.unwrap();
        }
    };
    let (_world, gateway) = before(script, |limits| limits.request_bytes = 1 << 30).await;
    let mut caller = gateway
        .say(&format!("{POST}content-length: {LENGTH}\r\n\r\n"))
        .await;
    let (piece, mut sent) = (vec![b'a'; 1 << 16], 0);
    while let Ok(taken) = timeout(Duration::from_millis(300), caller.write(&piece)).await {
        sent += taken.unwrap();
        assert!(
            sent < LENGTH / 2,
            "{sent} bytes were taken and nobody read them"
        );
    }
    reads.notify_one();
    while sent < LENGTH {
        let most = piece.len().min(LENGTH - sent);
        sent += caller.write(&piece[..most]).await.unwrap();
    }
    hear(&mut caller, &mut String::new(), "200 OK").await;
}

#[tokio::test]
async fn an_api_that_answers_before_the_upload_ends_is_heard_at_once() {
    let script = |mut peer: TcpStream| async move {
        hear(&mut peer, &mut String::new(), "abc").await;
        peer.write_all(b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\nno")
            .await
            .unwrap();
        rest(&mut peer).await;
    };
    let (_world, gateway) = before(script, |_| {}).await;
    let mut caller = gateway
        .say(&format!("{POST}content-length: 9999\r\n\r\nabc"))
        .await;
    let mut said = String::new();
    hear(&mut caller, &mut said, "\r\n\r\nno").await;
    assert!(said.starts_with("HTTP/1.1 409"), "{said}");
}

#[tokio::test]
async fn a_cut_upload_never_looks_whole_to_the_api_and_is_not_sent_again() {
    for (framing, sent, whole) in [
        ("content-length: 6", "abc", "abcdef"),
        ("transfer-encoding: chunked", "3\r\nabc\r\n", "0\r\n\r\n"),
        ("transfer-encoding: chunked", "6\r\nabc", "0\r\n\r\n"),
    ] {
        let (heard, mut requests) = mpsc::unbounded_channel();
        let (_world, gateway) = before(telling(heard), |_| {}).await;
        let caller = gateway.say(&format!("{POST}{framing}\r\n\r\n{sent}")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(caller);
        let request = timeout(Duration::from_secs(5), requests.recv()).await;
        let request = request.unwrap().unwrap();
        assert!(request.starts_with("POST /visitors"), "{request}");
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(!body.contains(whole), "{request}");
        let more = timeout(Duration::from_millis(200), requests.recv()).await;
        assert!(more.is_err(), "{more:?}");
    }
}

#[tokio::test]
async fn an_upload_that_is_too_long_is_413_and_never_looks_whole() {
    let (heard, mut requests) = mpsc::unbounded_channel();
    let (_world, gateway) = before(telling(heard), |limits| limits.request_bytes = 5).await;
    let announced = format!("{POST}content-length: 6\r\n\r\nabcdef");
    let mut caller = gateway.say(&announced).await;
    hear(&mut caller, &mut String::new(), "HTTP/1.1 413").await;
    assert!(requests.try_recv().is_err());

    let grown =
        format!("{POST}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
    let mut caller = gateway.say(&grown).await;
    hear(&mut caller, &mut String::new(), "HTTP/1.1 413").await;
    let request = requests.recv().await.unwrap();
    assert!(
        !request.contains("def") && !request.contains("0\r\n\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn trailers_stay_behind_in_both_directions() {
    let heard = Arc::new(Mutex::new(String::new()));
    let keeps = Arc::clone(&heard);
    let script = move |mut peer: TcpStream| {
        let keeps = Arc::clone(&keeps);
        async move {
            let mut said = String::new();
            hear(&mut peer, &mut said, "0\r\n\r\n").await;
            *keeps.lock().unwrap() = said;
            let answer = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-late\r\n\r\n\
                          2\r\nok\r\n0\r\nx-late: forged\r\n\r\n";
            peer.write_all(answer.as_bytes()).await.unwrap();
        }
    };
    let (_world, gateway) = before(script, |_| {}).await;
    let framing = "transfer-encoding: chunked\r\ntrailer: x-auth-subject\r\nte: trailers";
    let body = "3\r\nabc\r\n0\r\nx-auth-subject: forged\r\n\r\n";
    let mut caller = gateway.say(&format!("{POST}{framing}\r\n\r\n{body}")).await;
    let mut said = String::new();
    hear(&mut caller, &mut said, "0\r\n\r\n").await;
    for text in [&said, &*heard.lock().unwrap()] {
        assert!(
            !text.contains("forged") && !text.contains("trailer"),
            "{text}"
        );
    }
}

/// The API took the request and said nothing: it may have done what was asked.
#[tokio::test]
async fn a_post_is_never_sent_twice_not_even_on_a_connection_that_was_used_before() {
    let posts = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&posts);
    let script = move |mut peer: TcpStream| {
        let keeps = Arc::clone(&keeps);
        async move {
            for number in 0..2 {
                let mut said = String::new();
                hear(&mut peer, &mut said, "abc").await;
                keeps.lock().unwrap().push(said);
                if number == 0 {
                    peer.write_all(OK).await.unwrap();
                }
            }
        }
    };
    let (_world, gateway) = before(script, |_| {}).await;
    let post = format!("{POST}content-length: 3\r\n\r\nabc");
    let mut caller = gateway.say(&post).await;
    hear(&mut caller, &mut String::new(), "\r\n\r\nok").await;
    caller.write_all(post.as_bytes()).await.unwrap();
    hear(&mut caller, &mut String::new(), "HTTP/1.1 502").await;
    assert_eq!(posts.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn sec_gw_03_a_form_is_read_whole_before_anything_of_it_goes_on() {
    let (heard, mut requests) = mpsc::unbounded_channel();
    let (_world, gateway) = before(telling(heard), |_| {}).await;
    let form = "content-type: application/x-www-form-urlencoded";
    let start = format!("{POST}{form}\r\ntransfer-encoding: chunked\r\n\r\n3\r\na=b\r\n");
    let mut caller = gateway.say(&start).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(requests.try_recv().is_err());
    caller
        .write_all(b"f\r\n&access_token=c\r\n0\r\n\r\n")
        .await
        .unwrap();
    hear(&mut caller, &mut String::new(), "HTTP/1.1 400").await;
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn com_11_so_many_forms_are_read_at_once_and_the_next_is_told_to_come_again() {
    let world = World::with(By::Keys, |config| {
        let mut blueprint = Blueprint::default();
        blueprint.resources[0].method = "*".into();
        config.policy = Policy::of(&blueprint);
    })
    .await;
    let form = |body| {
        let request = Request::post("/visitors");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        world.gateway.clone().oneshot(request.body(body).unwrap())
    };
    let mut half = tokio::task::JoinSet::new();
    for _ in 0..256 {
        let never = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        half.spawn(form(Body::from_stream(never)));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let next = Answer::of(form("a=b".into()).await.unwrap()).await;
    assert_eq!((next.status, next.header("retry-after")), (503, "5"));
    assert_eq!(world.get("/visitors", None).await.status, 200);
    half.shutdown().await;
    let next = form("a=b".into()).await.unwrap();
    assert_eq!(next.status(), 200);
}

#[tokio::test]
async fn sec_gw_03_a_form_in_a_coding_that_hides_a_token_is_refused() {
    let script = |mut peer: TcpStream| async move {
        hear(&mut peer, &mut String::new(), "a=b").await;
        peer.write_all(OK).await.unwrap();
    };
    let (_world, gateway) = before(script, |_| {}).await;
    for (coding, status) in [
        ("gzip", 415),
        ("identity, gzip", 415),
        ("identity\r\ncontent-encoding: br", 415),
        ("Identity", 200),
    ] {
        let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 3";
        let mut caller = gateway
            .say(&format!(
                "{POST}{form}\r\ncontent-encoding: {coding}\r\n\r\na=b"
            ))
            .await;
        let said = format!("HTTP/1.1 {status}");
        hear(&mut caller, &mut String::new(), &said).await;
    }
}
