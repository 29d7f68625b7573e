//! Caddy: `forward_auth` asks the embedded gateway's decision endpoint, and Caddy forwards what it lets through.

use super::{
    Bundle, Facts, Kit, Path, Proof, Refused,
    encode::{Caddy, Markdown, regex},
    headers::IDENTITY,
    readme::Top,
    render,
};
use crate::settings::PolicyChoice;
use askama::Template;
use std::net::SocketAddr;
use url::Url;

pub(super) const KIT: Kit = Kit {
    name: "caddy",
    title: "Caddy",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    // before it, copy_headers left a caller's own where the answer had none
    oldest: "2.11.2",
    proof: Proof::Run,
    make: bundle,
};

/// The protected resource's metadata, for the whole API or with a resource's path behind it.
const METADATA: &str = "^/[.]well-known/oauth-protected-resource(/[^?]*)?([?].*)?$";

#[derive(Template)]
#[template(path = "kit/caddy/Caddyfile", escape = "none")]
struct Configuration {
    header: Vec<String>,
    listen_ip: Caddy,
    port: u16,
    ruled: Caddy,
    metadata: Caddy,
    /// Beside all of `X-…` and names with underscores.
    removed: Vec<&'static str>,
    decision: Peer,
    api: Peer,
    base: Option<Caddy>,
    ca_file: Option<Caddy>,
}

/// Somebody that Caddy asks.
struct Peer {
    /// Scheme, host and port.
    address: Caddy,
    /// For the `Host` header.
    host: Caddy,
    /// What its certificate must name.
    name: Caddy,
    path: Caddy,
    tls: bool,
}

#[derive(Template)]
#[template(path = "kit/caddy/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
    decision: Markdown,
    decision_origin: Markdown,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let unknown = |why: &String| Refused(format!("Caddy asks the gateway to decide: {why}"));
    let decision = facts.decision.as_ref().map_err(unknown)?;
    refuse_the_same_place(&decision.value, facts.listen.value)?;
    let upstream = &facts.upstream.value;
    let base = upstream.path().trim_end_matches('/');
    let configuration = Configuration {
        header: facts.header(&KIT),
        listen_ip: Caddy::new(&facts.listen.value.ip().to_string())?,
        port: facts.listen.value.port(),
        ruled: Caddy::new(&ruled(&facts.paths()))?,
        metadata: Caddy::new(METADATA)?,
        removed: IDENTITY
            .iter()
            .copied()
            .filter(|name| !name.starts_with("x-"))
            .collect(),
        decision: peer(&decision.value)?,
        api: peer(upstream)?,
        base: (!base.is_empty())
            .then(|| Caddy::new(base).map(|base| base.then("{http.request.uri}")))
            .transpose()?,
        ca_file: facts
            .extra_roots
            .as_ref()
            .map(|_| Caddy::new(Facts::CA))
            .transpose()?,
    };
    let readme = Readme {
        top: Top::of(&KIT, facts),
        listen: facts.listen.value.to_string(),
        decision: Markdown::new(decision.value.as_str()),
        decision_origin: Markdown::new(&decision.from),
    };
    Ok(Bundle::new()
        .with("Caddyfile", render(&configuration)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

/// One expression over path and query: everything that some rule may let through. Which it is, and
/// what it takes, the decision endpoint says.
fn ruled(paths: &[Path]) -> String {
    let alternatives: Vec<String> = paths
        .iter()
        .filter(|path| !path.routes.is_empty())
        .map(|path| {
            let rest = if path.below { "[^?]+" } else { "" };
            regex(&path.path) + rest
        })
        .collect();
    format!("^({})([?].*)?$", alternatives.join("|"))
}

/// Caddy would ask itself.
fn refuse_the_same_place(decision: &Url, listen: SocketAddr) -> Result<(), Refused> {
    let loopback = matches!(
        decision.host_str(),
        Some("localhost" | "127.0.0.1" | "[::1]")
    );
    let here = decision.host_str() == Some(listen.ip().to_string().as_str())
        || loopback && (listen.ip().is_loopback() || listen.ip().is_unspecified());
    if here && decision.port_or_known_default() == Some(listen.port()) {
        return Err(Refused(format!(
            "Caddy cannot listen at {listen}, where it asks the gateway: --listen says another address, or \
             --decision where the gateway is"
        )));
    }
    Ok(())
}

fn peer(url: &Url) -> Result<Peer, Refused> {
    let wrong = || Refused(format!("{url} names no host"));
    let host = url.host_str().ok_or_else(wrong)?;
    let port = url.port_or_known_default().ok_or_else(wrong)?;
    let with_port = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Ok(Peer {
        address: Caddy::new(&format!("{}://{host}:{port}", url.scheme()))?,
        host: Caddy::new(&with_port)?,
        name: Caddy::new(host.trim_matches(['[', ']']))?,
        path: Caddy::new(url.path())?,
        tls: url.scheme() == "https",
    })
}
