//! Envoy: `jwt_authn` checks the token, two `rbac` filters its kind and its scopes.

use super::{
    Bundle, Facts, Kit, Proof, Refused,
    encode::Yaml,
    headers::IDENTITY,
    readme::Top,
    render,
    routes::{Needs, Path, Route, UNCLEAN},
};
use crate::{jose::AccessTokenTyp, settings::PolicyChoice};
use askama::Template;
use url::{Host, Url};

pub(super) const KIT: Kit = Kit {
    name: "envoy",
    title: "Envoy",
    policies: &[PolicyChoice::Jwt],
    oldest: "1.35",
    proof: Proof::Run,
    make: bundle,
};

#[derive(Template)]
#[template(path = "kit/envoy/envoy.yaml", escape = "none")]
struct Configuration {
    header: Vec<String>,
    listen_host: Yaml,
    listen_port: u16,
    issuer: Yaml,
    audience: Yaml,
    jwks_uri: Yaml,
    ca_file: Yaml,
    algorithms: Vec<Yaml>,
    at_jwt_only: bool,
    clients: Vec<Yaml>,
    leeway: u32,
    rate: u32,
    burst: u32,
    rate_all: u32,
    unclean: Yaml,
    identity_headers: Vec<Yaml>,
    paths: Vec<PathView>,
    replies: Vec<(Yaml, u16, Yaml, Option<Yaml>)>,
    clusters: Vec<Cluster>,
}

struct PathView {
    kind: &'static str,
    path: Yaml,
    upstream: Yaml,
    allow: Yaml,
    routes: Vec<RouteView>,
}

struct RouteView {
    name: Yaml,
    methods: Vec<&'static str>,
    protected: bool,
    scopes: Vec<Yaml>,
    needed: Option<Yaml>,
}

struct Cluster {
    name: &'static str,
    host: Yaml,
    port: u16,
    tls_name: Option<Yaml>,
    san_type: &'static str,
}

#[derive(Template)]
#[template(path = "kit/envoy/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let base = facts.upstream.value.path().trim_end_matches('/');
    let configuration = Configuration {
        header: facts.header(&KIT),
        listen_host: Yaml::new(&facts.listen.value.ip().to_string()),
        listen_port: facts.listen.value.port(),
        issuer: Yaml::new(&facts.issuer.value),
        audience: Yaml::new(&facts.audience.value),
        jwks_uri: Yaml::new(facts.jwks_uri.value.as_str()),
        ca_file: Yaml::new(facts.ca_file()),
        algorithms: facts
            .algorithms
            .iter()
            .map(|one| Yaml::new(one.as_str()))
            .collect(),
        at_jwt_only: facts.typ == AccessTokenTyp::AtJwt,
        clients: facts
            .clients
            .iter()
            .map(|client| Yaml::new(client))
            .collect(),
        leeway: Facts::LEEWAY,
        rate: Facts::RATE.0,
        burst: Facts::RATE.1,
        rate_all: Facts::RATE.0 * 100,
        unclean: Yaml::new(&format!(".*({UNCLEAN}).*")),
        identity_headers: IDENTITY
            .iter()
            .filter(|name| !name.starts_with("x-"))
            .map(|name| Yaml::new(name))
            .collect(),
        paths: facts
            .paths()
            .iter()
            .map(|path| path_view(path, base))
            .collect(),
        replies: replies(),
        clusters: vec![
            cluster("api", &facts.upstream.value)?,
            cluster("keys", &facts.jwks_uri.value)?,
        ],
    };
    let readme = Readme {
        top: Top::of(&KIT, facts),
        listen: facts.listen.value.to_string(),
    };
    Ok(Bundle::new()
        .with("envoy.yaml", render(&configuration)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

fn path_view(path: &Path, base: &str) -> PathView {
    PathView {
        kind: if path.below { "prefix" } else { "path" },
        path: Yaml::new(&path.path),
        upstream: Yaml::new(&format!("{base}{}", path.path)),
        allow: Yaml::new(&path.methods().join(", ")),
        routes: path.routes.iter().map(route_view).collect(),
    }
}

fn route_view(route: &Route) -> RouteView {
    let scopes = route.needs.scopes();
    RouteView {
        name: Yaml::new(&route.name),
        methods: route.methods.clone(),
        protected: route.needs != Needs::Nothing,
        scopes: scopes.iter().map(|scope| Yaml::new(scope)).collect(),
        needed: (!scopes.is_empty()).then(|| Yaml::new(&scopes.join(" "))),
    }
}

/// How refusals are answered, the first that fits: what happened (CEL), status, sentence, challenge.
/// As Envoy comes, a wrong audience is 403 and a missing scope has no challenge.
fn replies() -> Vec<(Yaml, u16, Yaml, Option<Yaml>)> {
    let invalid = r#"Bearer error="invalid_token""#;
    let missing = r#"Bearer error="insufficient_scope", scope="%METADATA(ROUTE:policy:scope)%""#;
    [
        (
            "jwt_authn_access_denied{Jwt_is_missing",
            401,
            "Access token was not provided",
            Some("Bearer"),
        ),
        (
            "jwt_authn_access_denied{Jwks_remote_fetch",
            503,
            "Tokens cannot be checked now",
            None,
        ),
        (
            "jwt_authn_access_denied",
            401,
            "The access token is not valid",
            Some(invalid),
        ),
        (
            "rbac_access_denied_matched_policy[not_an",
            401,
            "The access token is not valid",
            Some(invalid),
        ),
        (
            "rbac_access_denied",
            403,
            "The access token lacks a scope",
            Some(missing),
        ),
    ]
    .into_iter()
    .map(|(details, status, error, challenge)| {
        let fits = format!("response.code_details.startsWith('{details}')");
        (
            Yaml::new(&fits),
            status,
            Yaml::new(error),
            challenge.map(Yaml::new),
        )
    })
    .collect()
}

fn cluster(name: &'static str, url: &Url) -> Result<Cluster, Refused> {
    let wrong = || Refused(format!("{url} names no host"));
    let (host, san_type) = match url.host().ok_or_else(wrong)? {
        Host::Domain(name) => (name.to_owned(), "DNS"),
        Host::Ipv4(address) => (address.to_string(), "IP_ADDRESS"),
        Host::Ipv6(address) => (address.to_string(), "IP_ADDRESS"),
    };
    Ok(Cluster {
        name,
        port: url.port_or_known_default().ok_or_else(wrong)?,
        tls_name: (url.scheme() == "https").then(|| Yaml::new(&host)),
        host: Yaml::new(&host),
        san_type,
    })
}
