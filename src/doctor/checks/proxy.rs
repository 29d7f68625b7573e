//! Proxies of the environment: whether our client takes one, and whether others would take it to loopback.

use crate::doctor::{exam::Exam, saw::Saw};
use std::time::Duration;
use tokio::net::TcpStream;
use url::Url;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(in crate::doctor) async fn proxy(exam: &mut Exam, _: usize) -> Saw {
    let patient = &exam.patient;
    if !patient.proxies.are_set() {
        return Saw::pass("none is set");
    }
    if !patient.proxies.is_understood() {
        return Saw::failure(
            "HTTPS_PROXY or ALL_PROXY is no URL",
            "It is passed over, and other machines are asked directly.",
            "Set it to http://HOST:PORT, or unset it.",
        );
    }
    let issuer = Url::parse(&patient.issuer).ok();
    let peers = [
        ("the issuer", issuer),
        ("the gateway", Some(patient.gateway.clone())),
    ];
    let mut lines = Vec::new();
    let mut way: Option<Url> = None;
    for (who, url) in peers {
        let Some(url) = url else { continue };
        match patient.proxies.on_the_way_to(&url) {
            None => lines.push(format!("{who} is asked directly")),
            Some(proxy) => {
                lines.push(format!("{who} is asked through {}", place(&proxy)));
                way = Some(proxy);
            }
        }
    }
    if let Some(proxy) = way {
        let host = proxy
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']']);
        let port = proxy.port_or_known_default().unwrap_or(80);
        let connected = tokio::time::timeout(PATIENCE, TcpStream::connect((host, port))).await;
        let wrong = match connected {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("no answer".to_owned()),
        };
        if let Some(wrong) = wrong {
            return Saw::failure(
                format!("the proxy {} cannot be reached: {wrong}", place(&proxy)),
                "What goes through it does not arrive.",
                "Correct HTTPS_PROXY, or name the hosts that need no proxy in NO_PROXY.",
            )
            .lines(lines);
        }
    }
    let ours = Url::parse("http://localhost").ok();
    if ours.is_some_and(|ours| !patient.proxies.spares(&ours)) {
        return Saw::blemish(
            "a proxy is set, and NO_PROXY does not name localhost",
            "This program asks loopback directly all the same; curl and many a gateway would send their requests to 127.0.0.1 to the proxy.",
            "Set NO_PROXY=localhost,127.0.0.1,::1",
        )
        .lines(lines);
    }
    Saw::pass("a proxy is set, and loopback is spared").lines(lines)
}

/// Host and port: a proxy's URL may hold a password.
fn place(proxy: &Url) -> String {
    let port = proxy.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", proxy.host_str().unwrap_or_default())
}
