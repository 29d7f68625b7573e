//! Requests as bytes, for what no HTTP library would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends these bytes to a URL's host and hears what is said until the connection ends or pauses.
pub async fn said(url: &str, bytes: &[u8]) -> String {
    let url = reqwest::Url::parse(url).unwrap();
    let port = url.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let _ = stream.write_all(bytes).await; // a server may end the connection before all is sent
    let mut heard = Vec::new();
    let hearing = async {
        while stream.read_buf(&mut heard).await.is_ok_and(|read| read > 0) {
            if heard.windows(4).any(|end| end == b"\r\n\r\n") {
                return;
            }
        }
    };
    timeout(PATIENCE, hearing)
        .await
        .expect("an answer, or the end");
    String::from_utf8_lossy(&heard).into_owned()
}

/// The status of an answer; 0 where the connection ended without one.
pub fn status(said: &str) -> u16 {
    let status = said.split(' ').nth(1);
    status.and_then(|status| status.parse().ok()).unwrap_or(0)
}
