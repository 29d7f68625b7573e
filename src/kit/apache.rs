//! Apache: `mod_oauth2` or `mod_auth_openidc` checks the token, and a script (`mod_lua`) everything that they leave
//! out: audience, issuer, kind, and scopes by whole names.

use super::{
    Bundle, Facts, Kit, Needs, Path, Proof, Refused, Route,
    encode::{Apache, Lua},
    readme::Top,
    render,
};
use crate::{jose::AccessTokenTyp, settings::PolicyChoice};
use askama::Template;
use std::fmt::Write as _;

pub(super) const KIT: Kit = Kit {
    name: "apache",
    title: "Apache with mod_oauth2",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    oldest: "2.4.56 with mod_oauth2 3.3",
    proof: Proof::Run,
    make: with_oauth2,
};

pub(super) const OPENIDC: Kit = Kit {
    name: "apache-openidc",
    title: "Apache with mod_auth_openidc",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    oldest: "2.4.56 with mod_auth_openidc 2.4.12",
    proof: Proof::Run,
    make: with_openidc,
};

#[derive(Template)]
#[template(path = "kit/apache/apache.conf", escape = "none")]
struct Configuration {
    header: Vec<String>,
    openidc: bool,
    listen: String,
    rate: u32,
    tls: bool,
    own_roots: bool,
    ca_file: Apache,
    module: &'static str,
    module_file: &'static str,
    jwks_uri: Apache,
    introspection: Option<Asking>,
}

struct Asking {
    endpoint: Apache,
    client_id: Apache,
    client_id_encoded: String,
}

#[derive(Template)]
#[template(path = "kit/apache/gate.lua", escape = "none")]
struct Gate {
    header: Vec<String>,
    openidc: bool,
    upstream: Lua,
    host: Lua,
    issuer: Lua,
    audience: Lua,
    algorithms: Vec<Lua>,
    at_jwt_only: bool,
    introspection: bool,
    clients: Vec<Lua>,
    leeway: u32,
    paths: Vec<PathView>,
}

struct PathView {
    path: Lua,
    below: bool,
    routes: Vec<RouteView>,
}

struct RouteView {
    methods: Vec<&'static str>,
    protected: bool,
    scopes: Vec<Lua>,
}

#[derive(Template)]
#[template(path = "kit/apache/start.sh", escape = "none")]
struct Start {
    header: Vec<String>,
    introspection: bool,
    openidc: bool,
}

#[derive(Template)]
#[template(path = "kit/apache/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
    introspection: bool,
    openidc: bool,
    own_roots: bool,
    module_name: &'static str,
}

fn with_oauth2(facts: &Facts) -> Result<Bundle, Refused> {
    bundle(&KIT, facts, false)
}

fn with_openidc(facts: &Facts) -> Result<Bundle, Refused> {
    let asked = facts
        .introspection
        .as_ref()
        .map_or(&facts.jwks_uri, |one| &one.endpoint);
    if asked.value.scheme() != "https" {
        return Err(Refused(format!(
            "mod_auth_openidc takes https addresses of the issuer alone, and {} is not one; \
             solar-system kit apache writes one for mod_oauth2",
            asked.value
        )));
    }
    if facts.audience.value.contains('"') {
        return Err(Refused(format!(
            "mod_auth_openidc hands lists on with quotes between the entries, and the audience {:?} holds one",
            facts.audience.value
        )));
    }
    bundle(&OPENIDC, facts, true)
}

fn bundle(kit: &Kit, facts: &Facts, openidc: bool) -> Result<Bundle, Refused> {
    let introspection = facts.introspection.is_some();
    let readme = Readme {
        top: Top::of(kit, facts),
        listen: facts.listen.value.to_string(),
        introspection,
        openidc,
        own_roots: facts.extra_roots.is_some(),
        module_name: if openidc {
            "mod_auth_openidc"
        } else {
            "mod_oauth2"
        },
    };
    let start = Start {
        header: facts.header(kit),
        introspection,
        openidc,
    };
    Ok(Bundle::new()
        .with("apache.conf", render(&configuration(kit, facts, openidc)?)?)
        .with("gate.lua", render(&gate(kit, facts, openidc)?)?)
        .with("start.sh", render(&start)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

fn configuration(kit: &Kit, facts: &Facts, openidc: bool) -> Result<Configuration, Refused> {
    let introspection = facts.introspection.as_ref().map(|one| {
        Ok(Asking {
            endpoint: Apache::new(one.endpoint.value.as_str())?,
            client_id: Apache::new(&one.client_id.value)?,
            client_id_encoded: encoded(&one.client_id.value),
        })
    });
    Ok(Configuration {
        header: facts.header(kit),
        openidc,
        listen: facts.listen.value.to_string(),
        rate: Facts::RATE.0 * 10 + Facts::RATE.1,
        tls: facts.upstream.value.scheme() == "https",
        own_roots: facts.extra_roots.is_some(),
        ca_file: Apache::new(facts.ca_file())?,
        module: if openidc {
            "auth_openidc_module"
        } else {
            "oauth2_module"
        },
        module_file: if openidc {
            "mod_auth_openidc.so"
        } else {
            "mod_oauth2.so"
        },
        jwks_uri: Apache::new(facts.jwks_uri.value.as_str())?,
        introspection: introspection.transpose()?,
    })
}

fn gate(kit: &Kit, facts: &Facts, openidc: bool) -> Result<Gate, Refused> {
    let upstream = &facts.upstream.value;
    let wrong = || Refused(format!("{upstream} names no host"));
    let host = upstream.host_str().ok_or_else(wrong)?;
    let host = upstream
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let base = upstream.path().trim_end_matches('/');
    let words = |texts: &[String]| texts.iter().map(|text| Lua::new(text)).collect();
    Ok(Gate {
        header: facts.header(kit),
        openidc,
        upstream: Lua::new(&format!("{}://{host}{base}", upstream.scheme())),
        host: Lua::new(&host),
        issuer: Lua::new(&facts.issuer.value),
        audience: Lua::new(&facts.audience.value),
        algorithms: facts
            .algorithms
            .iter()
            .map(|one| Lua::new(one.as_str()))
            .collect(),
        at_jwt_only: facts.typ == AccessTokenTyp::AtJwt,
        introspection: facts.introspection.is_some(),
        clients: words(&facts.clients),
        leeway: Facts::LEEWAY,
        paths: facts.paths().iter().map(path_view).collect(),
    })
}

fn path_view(path: &Path) -> PathView {
    PathView {
        path: Lua::new(&path.path),
        below: path.below,
        routes: path.routes.iter().map(route_view).collect(),
    }
}

fn route_view(route: &Route) -> RouteView {
    let scopes = route.needs.scopes().iter();
    RouteView {
        methods: route.methods.clone(),
        protected: route.needs != Needs::Nothing,
        scopes: scopes.map(|scope| Lua::new(scope)).collect(),
    }
}

/// Every byte as `%XX`: the module reads its options as a query.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "%{byte:02X}");
        all
    })
}
