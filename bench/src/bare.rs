//! The least that a proxy does: hyper in, hyper out, pooled connections, nothing checked.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::{
    Request, Response, Uri, body::Incoming, header, server::conn::http1, service::service_fn,
};
use hyper_util::{
    client::legacy::{self, Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use std::error::Error;
use tokio::net::TcpListener;

type Out = Client<HttpConnector, Empty<Bytes>>;

pub async fn serve(port: u16, upstream: &str) -> Result<(), Box<dyn Error>> {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    let client: Out = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_max_idle_per_host(256)
        .build(tcp);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (client, upstream) = (client.clone(), upstream.to_owned());
        tokio::spawn(async move {
            let service = service_fn(|request| pass(&client, &upstream, request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            let _ = connection.await;
        });
    }
}

async fn pass(
    client: &Out,
    upstream: &str,
    request: Request<Incoming>,
) -> Result<Response<Incoming>, legacy::Error> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let mut out = Request::new(Empty::new());
    *out.uri_mut() = format!("{upstream}{path}")
        .parse()
        .unwrap_or_else(|_| Uri::default());
    *out.headers_mut() = request.headers().clone();
    out.headers_mut().remove(header::HOST);
    out.headers_mut().remove(header::CONNECTION);
    client.request(out).await
}
