//! Kong Gateway, declarative: the Enterprise edition's `openid-connect` or the open one's `jwt` checks the token, and
//! functions of ours what they leave out.

use super::{
    Bundle, Facts, Kit, Needs, Path, Proof, Refused, Route,
    encode::{Lua, Markdown, Yaml, regex},
    readme::Top,
    render,
};
use crate::{jose::AccessTokenTyp, settings::PolicyChoice};
use askama::Template;

pub(super) const KIT: Kit = Kit {
    name: "kong",
    title: "Kong Gateway Enterprise",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    oldest: "3.9",
    proof: Proof::Checked,
    make: enterprise,
};

pub(super) const OPEN: Kit = Kit {
    name: "kong-open",
    title: "Kong Gateway, open edition,",
    policies: &[PolicyChoice::Jwt],
    oldest: "3.9",
    proof: Proof::Checked,
    make: open,
};

#[derive(Template)]
#[template(path = "kit/kong/kong.conf", escape = "none")]
struct Program {
    header: Vec<String>,
    listen: String,
    ca_file: &'static str,
    open: bool,
}

#[derive(Template)]
#[template(path = "kit/kong/kong.yaml", escape = "none")]
struct Rules {
    header: Vec<String>,
    open: bool,
    scheme: Yaml,
    host: Yaml,
    upstream_port: u16,
    base: Option<Yaml>,
    tls: bool,
    rate: u32,
    leeway: u32,
    issuer: Yaml,
    audience: Yaml,
    scope_claim: Yaml,
    introspection: Option<Asking>,
    routes: Vec<RouteView>,
    keys: Vec<Credential>,
    no_secret: Yaml,
}

struct Asking {
    endpoint: Yaml,
    client_id: Yaml,
}

/// A key of the issuer, as a credential of Kong's.
struct Credential {
    kid: Yaml,
    algorithm: &'static str,
    pem: Yaml,
}

struct RouteView {
    name: String,
    path: Yaml,
    priority: usize,
    methods: String,
    protected: bool,
    scopes_required: Option<Yaml>,
    /// The status with which it is answered, if it is not forwarded.
    refused: Option<u16>,
    sentence: &'static str,
    first: String,
    last: String,
}

#[derive(Template)]
#[template(path = "kit/kong/first.lua", escape = "none")]
struct First {
    path: Lua,
    length: usize,
    below: bool,
    protected: bool,
}

#[derive(Template)]
#[template(path = "kit/kong/last.lua", escape = "none")]
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
}

#[derive(Template)]
#[template(path = "kit/kong/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
    introspection: bool,
    open: bool,
    scope_claim: &'static str,
    scope_origin: Markdown,
}

fn enterprise(facts: &Facts) -> Result<Bundle, Refused> {
    bundle(&KIT, facts, false)
}

fn open(facts: &Facts) -> Result<Bundle, Refused> {
    bundle(&OPEN, facts, true)
}

fn bundle(kit: &Kit, facts: &Facts, open: bool) -> Result<Bundle, Refused> {
    let upstream = &facts.upstream.value;
    let wrong = || Refused(format!("{upstream} names no host"));
    let base = upstream.path().trim_end_matches('/');
    let program = Program {
        header: facts.header(kit),
        listen: facts.listen.value.to_string(),
        ca_file: facts.ca_file(),
        open,
    };
    let rules = Rules {
        header: facts.header(kit),
        open,
        scheme: Yaml::new(upstream.scheme()),
        host: Yaml::new(upstream.host_str().ok_or_else(wrong)?),
        upstream_port: upstream.port_or_known_default().ok_or_else(wrong)?,
        base: (!base.is_empty()).then(|| Yaml::new(base)),
        tls: upstream.scheme() == "https",
        rate: Facts::RATE.0 + Facts::RATE.1,
        leeway: Facts::LEEWAY,
        issuer: Yaml::new(&facts.issuer.value),
        audience: Yaml::new(&facts.audience.value),
        scope_claim: Yaml::new(facts.scope_claim.value),
        introspection: facts.introspection.as_ref().map(|one| Asking {
            endpoint: Yaml::new(one.endpoint.value.as_str()),
            client_id: Yaml::new(&one.client_id.value),
        }),
        routes: routes(facts)?,
        no_secret: Yaml::new(&format!("none-{}", facts.hash())),
        keys: if open {
            credentials(facts)?
        } else {
            Vec::new()
        },
    };
    let readme = Readme {
        top: Top::of(kit, facts),
        listen: facts.listen.value.to_string(),
        introspection: facts.introspection.is_some(),
        open,
        scope_claim: facts.scope_claim.value,
        scope_origin: Markdown::new(&facts.scope_claim.from),
    };
    Ok(Bundle::new()
        .with("kong.conf", render(&program)?)
        .with("kong.yaml", render(&rules)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

/// The issuer's keys by their ids, each for one algorithm: that is how the plugin finds them.
fn credentials(facts: &Facts) -> Result<Vec<Credential>, Refused> {
    let unknown = |why: &String| {
        Refused(format!(
            "Kong's open edition fetches no keys, and they are not known: {why}"
        ))
    };
    let mut credentials = Vec::new();
    for key in facts.keys.as_ref().map_err(unknown)? {
        let usable = key
            .algorithms
            .iter()
            .find(|one| facts.algorithms.contains(one));
        if let (Some(kid), Some(algorithm)) = (&key.kid, usable) {
            credentials.push(Credential {
                kid: Yaml::new(kid),
                algorithm: algorithm.as_str(),
                pem: Yaml::new(&key.pem),
            });
        }
    }
    if credentials.is_empty() {
        return Err(Refused(
            "Kong's open edition finds keys by their kid, and the issuer has none with one that fits".to_owned(),
        ));
    }
    Ok(credentials)
}

fn routes(facts: &Facts) -> Result<Vec<RouteView>, Refused> {
    let paths = facts.paths();
    let mut all = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        // a route with methods goes before one without, and the higher number before the lower
        let rest = if path.below { ".+" } else { "" };
        let expression = format!("~^{}{rest}$", regex(&path.path));
        let view = |name: String| RouteView {
            name,
            path: Yaml::new(&expression),
            priority: paths.len() - index,
            methods: String::new(),
            protected: false,
            scopes_required: None,
            refused: None,
            sentence: "",
            first: String::new(),
            last: String::new(),
        };
        for route in &path.routes {
            let scopes = route.needs.scopes();
            all.push(RouteView {
                methods: route.methods.join(", "),
                protected: route.needs != Needs::Nothing,
                scopes_required: (!scopes.is_empty()).then(|| Yaml::new(&scopes.join(" "))),
                first: indented(&first(path, route)?),
                last: indented(&last(facts, route)?),
                ..view(format!("{}-{index}", route.name))
            });
        }
        let (status, sentence) = if path.routes.is_empty() {
            (404, "There is nothing here")
        } else {
            (405, "The method is not allowed here")
        };
        all.push(RouteView {
            refused: Some(status),
            sentence,
            ..view(format!("refused-{index}"))
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
    })
}

/// The lines of a block scalar. Whatever comes from outside is in them as a [`Lua`] string, which is
/// one line of ASCII.
fn indented(function: &str) -> String {
    let lines = function.trim_end().lines();
    let lines: Vec<String> = lines.map(|line| format!("          {line}")).collect();
    lines.join("\n")
}
