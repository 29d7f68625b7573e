//! What is measured runs in a process of its own, whose CPU time the system counts.

use crate::tokens::AUDIENCE;
use std::{error::Error, process::Stdio, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::sleep,
};

/// What a tick of /proc is, in microseconds: a hundred a second, on every Linux that is built today.
const TICK: f64 = 10_000.0;

pub struct Running {
    pub port: u16,
    child: Child,
}

impl Running {
    pub async fn bare(api: &str) -> Result<Self, Box<dyn Error>> {
        let port = free_port().await?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare", &port.to_string(), api]);
        Self::start(command, port).await
    }

    pub async fn gateway(program: &str, issuer: &str, api: &str) -> Result<Self, Box<dyn Error>> {
        let port = free_port().await?;
        let mut command = Command::new(program);
        let port_text = port.to_string();
        command.arg("gateway").envs([
            ("ISSUER", issuer),
            ("AUDIENCE", AUDIENCE),
            ("API_URI", api),
            ("API_KEY", "key-of-the-bench-0123456789"),
            ("GATEWAY_POLICY", "jwt"),
            ("GATEWAY_HOST", "127.0.0.1"),
            ("GATEWAY_PORT", &port_text),
            ("GATEWAY_RATE_PER_ADDRESS", "off"),
            ("GATEWAY_RATE_PER_CLIENT", "off"),
            ("GATEWAY_RATE_PER_USER", "off"),
            ("RUST_LOG", "warn"),
        ]);
        Self::start(command, port).await
    }

    async fn start(mut command: Command, port: u16) -> Result<Self, Box<dyn Error>> {
        let mut child = command.stdout(Stdio::null()).kill_on_drop(true).spawn()?;
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Self { port, child });
            }
            if let Some(status) = child.try_wait()? {
                return Err(format!("it did not start: {status}").into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Err("it does not listen".into())
    }

    /// User and system time so far, in microseconds.
    pub fn cpu(&self) -> Result<f64, Box<dyn Error>> {
        let pid = self.child.id().ok_or("it ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let (_, behind) = stat.rsplit_once(')').ok_or("an odd /proc")?;
        let ticks = behind.split_whitespace().skip(11).take(2);
        let ticks: f64 = ticks
            .map(|text| text.parse::<f64>().unwrap_or_default())
            .sum();
        Ok(ticks * TICK)
    }
}

async fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}
