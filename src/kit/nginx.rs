//! nginx: `auth_request` asks a script (njs), which has the rules and checks the token, by keys or by
//! introspection.

use super::{
    Bundle, Facts, Kit, Proof, Refused,
    encode::{Json, Nginx},
    readme::Top,
    render,
    routes::{Needs, Path, Route, UNCLEAN},
};
use crate::{jose::AccessTokenTyp, settings::PolicyChoice};
use askama::Template;
use url::Url;

pub(super) const KIT: Kit = Kit {
    name: "nginx",
    title: "nginx with njs",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    oldest: "1.22 with njs 0.7.9",
    proof: Proof::Run,
    make: bundle,
};

#[derive(Template)]
#[template(path = "kit/nginx/nginx.conf", escape = "none")]
struct Configuration {
    header: Vec<String>,
    listen: String,
    ca_file: Nginx,
    rate: u32,
    burst: u32,
    api: Peer,
    keys: Peer,
    introspection: Option<Peer>,
}

/// Somebody that nginx asks.
struct Peer {
    /// Host and port, for an `upstream`.
    address: Nginx,
    /// For the `Host` header.
    host: Nginx,
    /// What its certificate must name.
    name: Nginx,
    /// Where a request goes, path and query as they were.
    pass: String,
    /// Its URL with the upstream's name in place of the host.
    url: Nginx,
}

#[derive(Template)]
#[template(path = "kit/nginx/gate.js", escape = "none")]
struct Gate {
    header: Vec<String>,
    issuer: Json,
    audience: Json,
    algorithms: Vec<Json>,
    at_jwt_only: bool,
    clients: Vec<Json>,
    client_id: Json,
    leeway: u32,
    unclean: Json,
    paths: Vec<PathView>,
    introspection: bool,
}

struct PathView {
    path: Json,
    below: bool,
    routes: Vec<RouteView>,
}

struct RouteView {
    methods: Vec<&'static str>,
    protected: bool,
    scopes: Vec<Json>,
}

#[derive(Template)]
#[template(path = "kit/nginx/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
    introspection: bool,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let introspection = facts.introspection.as_ref();
    let configuration = Configuration {
        header: facts.header(&KIT),
        listen: facts.listen.value.to_string(),
        ca_file: Nginx::new(facts.ca_file())?,
        rate: Facts::RATE.0,
        burst: Facts::RATE.1,
        api: peer("api", &facts.upstream.value)?,
        keys: peer("keys", &facts.jwks_uri.value)?,
        introspection: introspection
            .map(|one| peer("introspection", &one.endpoint.value))
            .transpose()?,
    };
    let json = |texts: &[String]| texts.iter().map(|text| Json::new(text)).collect();
    let client_id = introspection.map_or("", |one| one.client_id.value.as_str());
    let gate = Gate {
        header: facts.header(&KIT),
        issuer: Json::new(&facts.issuer.value),
        audience: Json::new(&facts.audience.value),
        algorithms: facts
            .algorithms
            .iter()
            .map(|one| Json::new(one.as_str()))
            .collect(),
        at_jwt_only: facts.typ == AccessTokenTyp::AtJwt,
        clients: json(&facts.clients),
        client_id: Json::new(client_id),
        leeway: Facts::LEEWAY,
        unclean: Json::new(UNCLEAN),
        paths: facts.paths().iter().map(path_view).collect(),
        introspection: introspection.is_some(),
    };
    let readme = Readme {
        top: Top::of(&KIT, facts),
        listen: facts.listen.value.to_string(),
        introspection: introspection.is_some(),
    };
    Ok(Bundle::new()
        .with("nginx.conf", render(&configuration)?)
        .with("gate.js", render(&gate)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

fn path_view(path: &Path) -> PathView {
    PathView {
        path: Json::new(&path.path),
        below: path.below,
        routes: path.routes.iter().map(route_view).collect(),
    }
}

fn route_view(route: &Route) -> RouteView {
    let scopes = route.needs.scopes().iter();
    RouteView {
        methods: route.methods.clone(),
        protected: route.needs != Needs::Nothing,
        scopes: scopes.map(|scope| Json::new(scope)).collect(),
    }
}

fn peer(upstream: &str, url: &Url) -> Result<Peer, Refused> {
    let wrong = || Refused(format!("{url} names no host"));
    let host = url.host_str().ok_or_else(wrong)?;
    let port = url.port_or_known_default().ok_or_else(wrong)?;
    let with_port = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let query = url
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let base = url.path().trim_end_matches('/');
    Ok(Peer {
        address: Nginx::new(&format!("{host}:{port}"))?,
        host: Nginx::new(&with_port)?,
        name: Nginx::new(host.trim_matches(['[', ']']))?,
        pass: Nginx::new(&format!("{}://{upstream}{base}", url.scheme()))?.then("request_uri"),
        url: Nginx::new(&format!(
            "{}://{upstream}{}{query}",
            url.scheme(),
            url.path()
        ))?,
    })
}
