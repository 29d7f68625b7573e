//! Name resolution: where a host name leads, and whether somebody listens at each address.

use crate::{
    doctor::{exam::Exam, saw::Saw},
    net::is_loopback,
};
use std::{net::SocketAddr, time::Duration};
use tokio::net::{TcpStream, lookup_host};
use url::Url;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many addresses are tried.
const ADDRESSES: usize = 4;

pub(in crate::doctor) async fn issuer(exam: &mut Exam, _: usize) -> Saw {
    let issuer = exam.patient.issuer.clone();
    of(exam, &issuer, "ISSUER").await
}

pub(in crate::doctor) async fn gateway(exam: &mut Exam, _: usize) -> Saw {
    let gateway = exam.patient.gateway.to_string();
    of(exam, &gateway, "PROXY_URI").await
}

pub(in crate::doctor) async fn app(exam: &mut Exam, _: usize) -> Saw {
    let redirect_uri = exam.patient.redirect_uri.clone();
    of(exam, &redirect_uri, "REDIRECT_URI").await
}

async fn of(exam: &Exam, text: &str, variable: &str) -> Saw {
    let Ok(url) = Url::parse(text) else {
        let fix = format!("Set {variable} to an absolute URL.");
        return Saw::failure(text, "It is no URL.", fix);
    };
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']).to_owned();
    if exam.patient.proxies.on_the_way_to(&url).is_some() {
        return Saw::pass(format!("{host} is left to the proxy to find"));
    }
    let port = url.port_or_known_default().unwrap_or_default();
    let found = lookup_host((host.as_str(), port)).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            return Saw::failure(
                format!("{host} leads nowhere: {error}"),
                "Nobody knows this name here: it is misspelt, or this machine asks another name server than the one that knows it.",
                format!(
                    "Look at the host of {variable}; in a container, use the name by which that network knows it."
                ),
            );
        }
    };
    let mut lines = Vec::new();
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for address in addresses.iter().take(ADDRESSES) {
        let answered = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await;
        let (word, list) = match answered {
            Ok(Ok(_)) => ("somebody listens".to_owned(), &mut open),
            Ok(Err(error)) => (error.to_string(), &mut closed),
            Err(_) => ("no answer".to_owned(), &mut closed),
        };
        lines.push(format!("{address}: {word}"));
        list.push(address.ip().to_string());
    }
    let all: Vec<String> = addresses
        .iter()
        .map(|address| address.ip().to_string())
        .collect();
    let leads = format!("{host} leads to {}", all.join(" and "));
    match (open.first(), closed.first()) {
        (Some(_), Some(first)) if is_loopback(&url) => Saw::blemish(
            format!("{leads}, and nobody listens at {first}"),
            "Programs that try that address alone, or first and long, do not reach it.",
            format!("Let the server listen on 127.0.0.1 and ::1, or write the address that it listens on into {variable}."),
        ),
        (None, _) => Saw::pass(format!("{leads}; nobody listens there right now")),
        _ => Saw::pass(leads),
    }
    .lines(lines)
}
