//! `HAProxy`: `jwt_verify` checks the signature, and rules of ours everything else. It fetches no key set,
//! so the keys are in the kit.

use super::{
    Bundle, Facts, Kit, Needs, Path, PemKey, Proof, Refused,
    encode::{Haproxy, HaproxyFormat},
    readme::Top,
    render,
    routes::UNCLEAN,
};
use crate::{jose::AccessTokenTyp, settings::PolicyChoice};
use askama::Template;

pub(super) const KIT: Kit = Kit {
    name: "haproxy",
    title: "HAProxy",
    policies: &[PolicyChoice::Jwt],
    oldest: "2.6",
    proof: Proof::Run,
    make: bundle,
};

#[derive(Template)]
#[template(path = "kit/haproxy/haproxy.cfg", escape = "none")]
struct Configuration {
    header: Vec<String>,
    listen: String,
    issuer: Haproxy,
    audience: Haproxy,
    at_jwt_only: bool,
    clients: Vec<Haproxy>,
    leeway: u32,
    rate: u32,
    unclean: Haproxy,
    paths: Vec<PathView>,
    protected: Vec<String>,
    needed: Vec<Needed>,
    keys: Vec<KeyView>,
    host: HaproxyFormat,
    base: Option<String>,
    address: Haproxy,
    tls_name: Option<Haproxy>,
    ca_file: Haproxy,
}

struct PathView {
    id: String,
    how: &'static str,
    path: Haproxy,
    below: bool,
    length: usize,
    allow: HaproxyFormat,
    routes: Vec<RouteView>,
}

struct RouteView {
    name: String,
    methods: Vec<&'static str>,
}

/// A scope that a rule needs.
struct Needed {
    rule: String,
    /// Between two blanks.
    padded: Haproxy,
    challenge: HaproxyFormat,
}

struct KeyView {
    file: String,
    kid: Option<Haproxy>,
    algorithms: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "kit/haproxy/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let keys = usable_keys(facts)?;
    let paths = facts.paths();
    let upstream = &facts.upstream.value;
    let wrong = || Refused(format!("{upstream} names no host"));
    let host = upstream.host_str().ok_or_else(wrong)?;
    let port = upstream.port_or_known_default().ok_or_else(wrong)?;
    let with_port = upstream
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let tls = upstream.scheme() == "https";
    let words = |texts: &[String]| -> Result<Vec<Haproxy>, Refused> {
        texts.iter().map(|text| Haproxy::new(text)).collect()
    };
    let routes = || paths.iter().flat_map(|path| &path.routes);
    let configuration = Configuration {
        header: facts.header(&KIT),
        listen: facts.listen.value.to_string(),
        issuer: Haproxy::new(&facts.issuer.value)?,
        audience: Haproxy::new(&facts.audience.value)?,
        at_jwt_only: facts.typ == AccessTokenTyp::AtJwt,
        clients: words(&facts.clients)?,
        leeway: Facts::LEEWAY,
        rate: Facts::RATE.0 * 10 + Facts::RATE.1,
        unclean: Haproxy::new(UNCLEAN)?,
        protected: routes()
            .filter(|route| route.needs != Needs::Nothing)
            .map(|route| route.name.clone())
            .collect(),
        needed: needed(&paths)?,
        paths: paths
            .iter()
            .enumerate()
            .map(path_view)
            .collect::<Result<_, _>>()?,
        keys: keys
            .iter()
            .enumerate()
            .map(key_view)
            .collect::<Result<_, _>>()?,
        host: HaproxyFormat::new(&with_port)?,
        base: base(upstream.path().trim_end_matches('/'))?,
        address: Haproxy::new(&format!("{host}:{port}"))?,
        tls_name: tls
            .then(|| Haproxy::new(host.trim_matches(['[', ']'])))
            .transpose()?,
        ca_file: Haproxy::new(facts.ca_file())?,
    };
    let readme = Readme {
        top: Top::of(&KIT, facts),
        listen: facts.listen.value.to_string(),
    };
    let mut bundle = Bundle::new().with("haproxy.cfg", render(&configuration)?);
    for (index, key) in keys.iter().enumerate() {
        bundle = bundle.with(&key_file(index), key.pem.clone());
    }
    Ok(bundle.with("README.md", render(&readme)?).with_roots(facts))
}

/// The keys that verify something we allow.
fn usable_keys(facts: &Facts) -> Result<Vec<PemKey>, Refused> {
    let keys = facts.keys.as_ref().map_err(|why| {
        Refused(format!(
            "HAProxy cannot fetch the issuer's keys, and they cannot be put into the kit now: {why}"
        ))
    })?;
    let usable: Vec<PemKey> = keys
        .iter()
        .map(|key| {
            let mut key = key.clone();
            key.algorithms.retain(|one| facts.algorithms.contains(one));
            key
        })
        .filter(|key| !key.algorithms.is_empty())
        .collect();
    if usable.is_empty() {
        return Err(Refused(format!(
            "{} publishes no key for an algorithm that is allowed",
            facts.jwks_uri.value
        )));
    }
    Ok(usable)
}

fn key_file(index: usize) -> String {
    format!("keys/{index}.pem")
}

fn key_view((index, key): (usize, &PemKey)) -> Result<KeyView, Refused> {
    Ok(KeyView {
        file: key_file(index),
        kid: key.kid.as_deref().map(Haproxy::new).transpose()?,
        algorithms: key.algorithms.iter().map(|one| one.as_str()).collect(),
    })
}

fn path_view((index, path): (usize, &Path)) -> Result<PathView, Refused> {
    let routes = path.routes.iter().map(|route| RouteView {
        name: route.name.clone(),
        methods: route.methods.clone(),
    });
    Ok(PathView {
        id: format!("path{index}"),
        how: if path.below { "beg" } else { "str" },
        path: Haproxy::new(&path.path)?,
        below: path.below,
        length: path.path.len(),
        allow: HaproxyFormat::new(&path.methods().join(", "))?,
        routes: routes.collect(),
    })
}

fn needed(paths: &[Path]) -> Result<Vec<Needed>, Refused> {
    let mut all = Vec::new();
    for route in paths.iter().flat_map(|path| &path.routes) {
        let scopes = route.needs.scopes();
        let challenge = format!(
            "Bearer error=\"insufficient_scope\", scope=\"{}\"",
            scopes.join(" ")
        );
        for scope in scopes {
            all.push(Needed {
                rule: route.name.clone(),
                padded: Haproxy::new(&format!(" {scope} "))?,
                challenge: HaproxyFormat::new(&challenge)?,
            });
        }
    }
    Ok(all)
}

/// The path that goes on: the API's base path, and the one that was judged.
fn base(base: &str) -> Result<Option<String>, Refused> {
    if base.is_empty() {
        return Ok(None);
    }
    let quoted = HaproxyFormat::new(base)?.to_string();
    Ok(Some(format!("{}%[path]\"", &quoted[..quoted.len() - 1])))
}
