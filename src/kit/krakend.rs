//! `KrakenD`, the open edition: `auth/validator` checks the token and one claim of scopes, `validation/cel` what it
//! leaves out.

use super::{
    Bundle, Facts, Kit, Needs, Path, Proof, Refused, Route,
    encode::{Json, Template as InTemplate},
    readme::Top,
    render,
};
use crate::{jose::Algorithm, settings::PolicyChoice};
use askama::Template;

pub(super) const KIT: Kit = Kit {
    name: "krakend",
    title: "KrakenD",
    policies: &[PolicyChoice::Jwt],
    oldest: "2.13",
    proof: Proof::Run,
    make: bundle,
};

/// What must hold of the claims of every token. A claim that is not there makes an expression fail,
/// and that rejects the token.
const CHECKS: [&str; 4] = [
    // without it a token would live for ever
    "has(JWT.exp)",
    "has(JWT.sub) && JWT.sub != ''",
    "!has(JWT.cnf) && !has(JWT.nonce) && !has(JWT.at_hash) && !has(JWT.c_hash) && !has(JWT.events)",
    "(has(JWT.client_id) || has(JWT.cid) || has(JWT.scp) || has(JWT.scope)) \
     && (!has(JWT.typ) || !(JWT.typ in ['ID', 'Refresh', 'Offline', 'Logout']))",
];

#[derive(Template)]
#[template(path = "kit/krakend/krakend.tmpl", escape = "none")]
struct Configuration {
    header: Vec<Json>,
    listen_ip: Json,
    port: u16,
    ca_file: Option<Json>,
    /// A cookie that nobody has: without one named, a token in the cookie `access_token` is taken, which
    /// browsers send along from everywhere.
    no_cookie: Json,
    leeway: u32,
    rate: u32,
    burst: u32,
    host: InTemplate,
    endpoints: Vec<Endpoint>,
}

struct Endpoint {
    path: InTemplate,
    upstream: InTemplate,
    method: &'static str,
    validator: Option<Validator>,
}

struct Validator {
    algorithm: Json,
    jwks_uri: InTemplate,
    plain: bool,
    issuer: InTemplate,
    audience: InTemplate,
    scopes_key: Json,
    scopes: Vec<InTemplate>,
    checks: Vec<InTemplate>,
}

#[derive(Template)]
#[template(path = "kit/krakend/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
    scope_claim: &'static str,
    scope_origin: String,
    algorithm: &'static str,
    lura: &'static str,
    jose: &'static str,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let algorithm = algorithm(facts)?;
    let upstream = &facts.upstream.value;
    let base = upstream.path().trim_end_matches('/');
    let mut endpoints = Vec::new();
    for path in facts.paths() {
        refuse_what_it_cannot_route(&path)?;
        for route in &path.routes {
            // HEAD is no method of its endpoints
            for method in route.methods.iter().filter(|method| **method != "HEAD") {
                endpoints.push(Endpoint {
                    path: InTemplate::new(&path.path),
                    upstream: InTemplate::new(&format!("{base}{}", path.path)),
                    method,
                    validator: (route.needs != Needs::Nothing)
                        .then(|| validator(facts, algorithm, route)),
                });
            }
        }
    }
    let configuration = Configuration {
        header: facts
            .header(&KIT)
            .iter()
            .map(|line| Json::new(line))
            .collect(),
        listen_ip: Json::new(&facts.listen.value.ip().to_string()),
        port: facts.listen.value.port(),
        ca_file: facts.extra_roots.as_ref().map(|_| Json::new(Facts::CA)),
        no_cookie: Json::new(&format!("none-{}", facts.hash())),
        leeway: Facts::LEEWAY,
        rate: Facts::RATE.0,
        burst: Facts::RATE.1,
        host: InTemplate::new(&upstream.origin().ascii_serialization()),
        endpoints,
    };
    let readme = Readme {
        top: Top::of(&KIT, facts),
        listen: facts.listen.value.to_string(),
        scope_claim: facts.scope_claim.value,
        scope_origin: facts.scope_claim.from.clone(),
        algorithm: algorithm.as_str(),
        lura: "2.11",
        jose: "2.12",
    };
    Ok(Bundle::new()
        .with("krakend.tmpl", render(&configuration)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

fn validator(facts: &Facts, algorithm: Algorithm, route: &Route) -> Validator {
    let scopes = route.needs.scopes().iter();
    let mut checks: Vec<InTemplate> = CHECKS.iter().map(|check| InTemplate::new(check)).collect();
    if !facts.clients.is_empty() {
        checks.push(InTemplate::new(&recognised(&facts.clients)));
    }
    Validator {
        algorithm: Json::new(algorithm.as_str()),
        jwks_uri: InTemplate::new(facts.jwks_uri.value.as_str()),
        plain: facts.jwks_uri.value.scheme() == "http",
        issuer: InTemplate::new(&facts.issuer.value),
        audience: InTemplate::new(&facts.audience.value),
        scopes_key: Json::new(facts.scope_claim.value),
        scopes: scopes.map(|scope| InTemplate::new(scope)).collect(),
        checks,
    }
}

/// An expression: the client that a token was issued to is one of these.
fn recognised(clients: &[String]) -> String {
    let known: Vec<String> = clients
        .iter()
        .map(|client| Json::new(client).to_string())
        .collect();
    format!(
        "(has(JWT.client_id) ? JWT.client_id : has(JWT.cid) ? JWT.cid : has(JWT.azp) ? JWT.azp : '') in [{}]",
        known.join(", ")
    )
}

/// A validator takes one algorithm.
fn algorithm(facts: &Facts) -> Result<Algorithm, Refused> {
    if let [only] = facts.algorithms.as_slice() {
        return Ok(*only);
    }
    let published = facts.keys.as_ref().map_or(&[][..], Vec::as_slice);
    let mut usable: Vec<Algorithm> = published
        .iter()
        .flat_map(|key| key.algorithms.iter().copied())
        .filter(|one| facts.algorithms.contains(one))
        .collect();
    usable.dedup();
    match usable.as_slice() {
        [only] => Ok(*only),
        _ => Err(Refused(
            "KrakenD takes tokens of one algorithm, and the issuer's keys do not tell which: --algorithm says it"
                .to_owned(),
        )),
    }
}

/// Its router reads colons, asterisks and braces, and only its Enterprise edition has wildcards.
fn refuse_what_it_cannot_route(path: &Path) -> Result<(), Refused> {
    if path.below {
        return Err(Refused(format!(
            "KrakenD's open edition has no endpoint for everything below {}; name each path",
            path.path
        )));
    }
    if path.path.contains([':', '*', '{', '}']) {
        return Err(Refused(format!(
            "KrakenD's router reads {:?} as a pattern and not as a path",
            path.path
        )));
    }
    Ok(())
}
