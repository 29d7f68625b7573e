//! An issuer that publishes its key, and an API that answers about a kilobyte.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::{convert::Infallible, io, sync::Arc};
use tokio::net::TcpListener;

/// Starts the issuer: its identifier.
pub async fn issuer(jwks: String) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let metadata = json!({
        "issuer": url, "jwks_uri": format!("{url}/keys"),
        "authorization_endpoint": format!("{url}/authorize"), "token_endpoint": format!("{url}/token"),
    });
    let (metadata, keys) = (Bytes::from(metadata.to_string()), Bytes::from(jwks));
    tokio::spawn(serve(listener, move |path| {
        if path == "/keys" {
            keys.clone()
        } else {
            metadata.clone()
        }
    }));
    Ok(url)
}

/// Starts the API: its URL.
pub async fn api() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let planets: Vec<_> = (0..8)
        .map(|n| json!({"number": n, "about": "a planet, ".repeat(10)}))
        .collect();
    let body = Bytes::from(json!(planets).to_string());
    tokio::spawn(serve(listener, move |_| body.clone()));
    Ok(url)
}

async fn serve(listener: TcpListener, answer: impl Fn(&str) -> Bytes + Send + Sync + 'static) {
    let answer = Arc::new(answer);
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let answer = Arc::clone(&answer);
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let mut response = Response::new(Full::new(answer(request.uri().path())));
                let json = hyper::header::HeaderValue::from_static("application/json");
                response
                    .headers_mut()
                    .insert(hyper::header::CONTENT_TYPE, json);
                async { Ok::<_, Infallible>(response) }
            });
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
