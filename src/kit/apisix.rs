//! Apache APISIX, standalone: `openid-connect` checks the token, and functions of ours what it leaves out.

use super::{
    Bundle, Facts, Kit, Needs, Path, Proof, Refused, Route,
    encode::{Lua, Yaml},
    readme::Top,
    render,
};
use crate::{jose::AccessTokenTyp, settings::PolicyChoice};
use askama::Template;

pub(super) const KIT: Kit = Kit {
    name: "apisix",
    title: "Apache APISIX",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    oldest: "3.9",
    proof: Proof::Documents,
    make: bundle,
};

#[derive(Template)]
#[template(path = "kit/apisix/config.yaml", escape = "none")]
struct Program {
    header: Vec<String>,
    listen_ip: Yaml,
    port: u16,
    ca_file: Yaml,
}

#[derive(Template)]
#[template(path = "kit/apisix/apisix.yaml", escape = "none")]
struct Rules {
    header: Vec<String>,
    scheme: Yaml,
    host: Yaml,
    host_header: Yaml,
    upstream_port: u16,
    tls: bool,
    rate: u32,
    discovery: Yaml,
    algorithm: Yaml,
    introspection: Option<Asking>,
    routes: Vec<RouteView>,
}

struct Asking {
    client_id: Yaml,
    endpoint: Yaml,
}

struct RouteView {
    id: String,
    uri: Yaml,
    priority: usize,
    methods: String,
    protected: bool,
    /// The status with which it is answered, if it is not forwarded.
    refused: Option<u16>,
    sentence: &'static str,
    first: String,
    last: String,
}

#[derive(Template)]
#[template(path = "kit/apisix/first.lua", escape = "none")]
struct First {
    path: Lua,
    length: usize,
    below: bool,
    protected: bool,
}

#[derive(Template)]
#[template(path = "kit/apisix/last.lua", escape = "none")]
struct Last {
    protected: bool,
    introspection: bool,
    issuer: Lua,
    audience: Lua,
    leeway: u32,
    algorithms: String,
    at_jwt_only: bool,
    clients: String,
    scopes: String,
    challenge: Lua,
    base: Option<Lua>,
}

#[derive(Template)]
#[template(path = "kit/apisix/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
    introspection: bool,
    own_roots: bool,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let upstream = &facts.upstream.value;
    let wrong = || Refused(format!("{upstream} names no host"));
    let host = upstream.host_str().ok_or_else(wrong)?;
    let with_port = upstream
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    // one algorithm, or the functions decide alone: it takes a name and no list
    let algorithm = facts.algorithms.first().map_or("RS256", |one| one.as_str());
    let program = Program {
        header: facts.header(&KIT),
        listen_ip: Yaml::new(&facts.listen.value.ip().to_string()),
        port: facts.listen.value.port(),
        ca_file: Yaml::new(&match facts.extra_roots {
            Some(_) => format!("conf/{}", Facts::CA),
            None => Facts::SYSTEM_CA.to_owned(),
        }),
    };
    let rules = Rules {
        header: facts.header(&KIT),
        scheme: Yaml::new(upstream.scheme()),
        host: Yaml::new(host),
        host_header: Yaml::new(&with_port),
        upstream_port: upstream.port_or_known_default().ok_or_else(wrong)?,
        tls: upstream.scheme() == "https",
        rate: Facts::RATE.0 * 10 + Facts::RATE.1,
        discovery: Yaml::new(&format!(
            "{}/.well-known/openid-configuration",
            facts.issuer.value.trim_end_matches('/')
        )),
        algorithm: Yaml::new(algorithm),
        introspection: facts.introspection.as_ref().map(|one| Asking {
            client_id: Yaml::new(&one.client_id.value),
            endpoint: Yaml::new(one.endpoint.value.as_str()),
        }),
        routes: routes(facts)?,
    };
    if facts.introspection.is_none() && facts.algorithms.len() > 1 {
        return Err(Refused(
            "APISIX takes tokens of one algorithm: --algorithm says which the issuer signs with"
                .to_owned(),
        ));
    }
    let readme = Readme {
        top: Top::of(&KIT, facts),
        listen: facts.listen.value.to_string(),
        introspection: facts.introspection.is_some(),
        own_roots: facts.extra_roots.is_some(),
    };
    Ok(Bundle::new()
        .with("config.yaml", render(&program)?)
        .with("apisix.yaml", render(&rules)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

fn routes(facts: &Facts) -> Result<Vec<RouteView>, Refused> {
    let paths = facts.paths();
    let mut all = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        if path.path.contains([':', '*']) {
            return Err(Refused(format!(
                "APISIX reads {:?} as a pattern and not as a path",
                path.path
            )));
        }
        let above = (paths.len() - index) * 2;
        let uri = if path.below {
            format!("{}*", path.path)
        } else {
            path.path.clone()
        };
        for route in &path.routes {
            all.push(RouteView {
                id: format!("{}-{index}", route.name),
                uri: Yaml::new(&uri),
                priority: above + 1,
                methods: route.methods.join(", "),
                protected: route.needs != Needs::Nothing,
                refused: None,
                sentence: "",
                first: indented(&first(path, route)?),
                last: indented(&last(facts, route)?),
            });
        }
        let there = !path.routes.is_empty();
        all.push(RouteView {
            id: format!("refused-{index}"),
            uri: Yaml::new(&uri),
            priority: above,
            methods: String::new(),
            protected: false,
            refused: Some(if there { 405 } else { 404 }),
            sentence: if there {
                "The method is not allowed here"
            } else {
                "There is nothing here"
            },
            first: String::new(),
            last: String::new(),
        });
    }
    Ok(all)
}

fn first(path: &Path, route: &Route) -> Result<String, Refused> {
    render(&First {
        path: Lua::new(&path.path),
        length: path.path.len(),
        below: path.below,
        protected: route.needs != Needs::Nothing,
    })
}

fn last(facts: &Facts, route: &Route) -> Result<String, Refused> {
    let list = |texts: &[String]| {
        let words: Vec<String> = texts
            .iter()
            .map(|text| Lua::new(text).to_string())
            .collect();
        words.join(", ")
    };
    let algorithms: Vec<String> = facts.algorithms.iter().map(ToString::to_string).collect();
    let base = facts.upstream.value.path().trim_end_matches('/');
    render(&Last {
        protected: route.needs != Needs::Nothing,
        introspection: facts.introspection.is_some(),
        issuer: Lua::new(&facts.issuer.value),
        audience: Lua::new(&facts.audience.value),
        leeway: Facts::LEEWAY,
        algorithms: list(&algorithms),
        at_jwt_only: facts.typ == AccessTokenTyp::AtJwt,
        clients: list(&facts.clients),
        scopes: list(route.needs.scopes()),
        challenge: Lua::new(&route.needs.scopes().join(" ")),
        base: (!base.is_empty()).then(|| Lua::new(base)),
    })
}

/// The lines of a block scalar. Whatever comes from outside is in them as a [`Lua`] string, which is
/// one line of ASCII.
fn indented(function: &str) -> String {
    let lines = function.trim_end().lines();
    let lines: Vec<String> = lines.map(|line| format!("        {line}")).collect();
    lines.join("\n")
}
