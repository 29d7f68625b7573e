//! Callers: some connections, kept alive, one request at a time on each. Every answer is looked at.

use crate::process::Running;
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

const CALLERS: usize = 16;

pub struct Load {
    requests: Arc<Vec<String>>,
    status: u16,
}

impl Load {
    pub fn new(tokens: &[String], status: u16) -> Self {
        let request = |token: &String| {
            let bearer = format!("Authorization: Bearer {token}\r\n");
            let bearer = if token.is_empty() { "" } else { &bearer };
            format!("GET /planets HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\n")
        };
        Self {
            requests: Arc::new(tokens.iter().map(request).collect()),
            status,
        }
    }

    /// Asks so many times: CPU time of the process for one request, in microseconds.
    pub async fn run(&self, who: &Running, count: usize) -> Result<f64, Box<dyn Error>> {
        let before = who.cpu()?;
        let next = Arc::new(AtomicUsize::new(0));
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (next, requests, status) =
                (Arc::clone(&next), Arc::clone(&self.requests), self.status);
            let port = who.port;
            callers.spawn(async move {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
                stream.set_nodelay(true)?;
                let mut answer = Vec::with_capacity(8192);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok::<_, std::io::Error>(());
                    }
                    stream
                        .write_all(requests[number % requests.len()].as_bytes())
                        .await?;
                    read(&mut stream, &mut answer, status).await?;
                }
            });
        }
        while let Some(ended) = callers.join_next().await {
            ended??;
        }
        Ok((who.cpu()? - before) / count as f64)
    }
}

/// Reads one answer, which has a length.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>, status: u16) -> std::io::Result<()> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let length = head
            .split_once("content-length: ")
            .and_then(|(_, rest)| rest.lines().next()?.parse::<usize>().ok());
        if !head.starts_with(&format!("http/1.1 {status}")) {
            return Err(std::io::Error::other(format!("answered with {head}")));
        }
        if length.is_some_and(|length| answer.len() >= end + 4 + length) {
            return Ok(());
        }
    }
}
