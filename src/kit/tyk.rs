//! Tyk, an API definition in its OAS format: the token's scopes are mapped to policies, and each policy names the paths and
//! methods that it opens.

use super::{
    Bundle, Facts, Kit, Needs, Path, Proof, Refused, encode::Json, headers, readme::Top, render,
};
use crate::{jose::Algorithm, settings::PolicyChoice};
use askama::Template;

pub(super) const KIT: Kit = Kit {
    name: "tyk",
    title: "Tyk Gateway",
    policies: &[PolicyChoice::Jwt],
    // the first that compares issuer and audience
    oldest: "5.10",
    proof: Proof::Checked,
    make: bundle,
};

/// What every valid token may do.
const ANY_TOKEN: &str = "any-token";
/// Scopes that many tokens have and no rule asks for: by themselves they are a valid token's.
const COMMON: [&str; 4] = ["openid", "profile", "email", "offline_access"];

#[derive(Template)]
#[template(path = "kit/tyk/gateway-oas.json", escape = "none")]
struct Definition {
    header: Json,
    upstream: Json,
    rate: u32,
    jwks_uri: Json,
    signing_method: &'static str,
    issuer: Json,
    audience: Json,
    leeway: u32,
    scope_claim: &'static str,
    scopes: Vec<ScopeView>,
    removed: Vec<String>,
    paths: Vec<PathView>,
    operations: Vec<Operation>,
}

struct PathView {
    path: Json,
    operations: Vec<Operation>,
}

#[derive(Clone)]
struct Operation {
    id: String,
    /// In lower case, as `OpenAPI` has it.
    method: String,
    open: bool,
}

struct ScopeView {
    name: Json,
    policy: String,
}

#[derive(Template)]
#[template(path = "kit/tyk/policies.json", escape = "none")]
struct Policies {
    header: Json,
    rate: u32,
    all: Vec<PolicyView>,
}

struct PolicyView {
    id: String,
    urls: Vec<Url>,
}

/// Paths that a policy opens. A policy without any would open all of them.
#[derive(Clone)]
struct Url {
    pattern: Json,
    methods: String,
}

#[derive(Template)]
#[template(path = "kit/tyk/tyk.conf", escape = "none")]
struct Program {
    header: Vec<Json>,
    listen_ip: Json,
    port: u16,
}

#[derive(Template)]
#[template(path = "kit/tyk/README.md", escape = "none")]
struct Readme {
    top: Top,
    listen: String,
    own_roots: bool,
    signing_method: &'static str,
    scope_claim: &'static str,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    refuse_unless_its_holes_are_known(facts)?;
    let signing_method = signing_method(facts)?;
    if !facts.clients.is_empty() {
        return Err(Refused(
            "Tyk takes the tokens of every client, and the blueprint names some".to_owned(),
        ));
    }
    let paths = facts.paths();
    for path in &paths {
        refuse_what_it_cannot_route(path)?;
    }
    let there: Vec<&Path> = paths
        .iter()
        .filter(|path| !path.routes.is_empty())
        .collect();
    let header = Json::new(&facts.header(&KIT).join("\n"));
    let (scopes, policies) = policies(&there)?;
    let views: Vec<PathView> = there.iter().copied().map(path_view).collect();
    let definition = Definition {
        header: header.clone(),
        upstream: Json::new(facts.upstream.value.as_str().trim_end_matches('/')),
        rate: Facts::RATE.0,
        jwks_uri: Json::new(facts.jwks_uri.value.as_str()),
        signing_method,
        issuer: Json::new(&facts.issuer.value),
        audience: Json::new(&facts.audience.value),
        leeway: Facts::LEEWAY,
        scope_claim: facts.scope_claim.value,
        scopes,
        removed: headers::spelled(),
        operations: views
            .iter()
            .flat_map(|view| view.operations.clone())
            .collect(),
        paths: views,
    };
    let policies = Policies {
        header,
        rate: Facts::RATE.0,
        all: policies,
    };
    let program = Program {
        header: facts
            .header(&KIT)
            .iter()
            .map(|line| Json::new(line))
            .collect(),
        listen_ip: Json::new(&facts.listen.value.ip().to_string()),
        port: facts.listen.value.port(),
    };
    let readme = Readme {
        top: Top::of(&KIT, facts),
        listen: facts.listen.value.to_string(),
        own_roots: facts.extra_roots.is_some(),
        signing_method,
        scope_claim: facts.scope_claim.value,
    };
    Ok(Bundle::new()
        .with("gateway-oas.json", render(&definition)?)
        .with("policies.json", render(&policies)?)
        .with("tyk.conf", render(&program)?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

/// A policy for any token, and one for each scope with all that the scope opens beside that. Each is
/// whole by itself, since a token's policies replace the one that it would have without scopes.
fn policies(paths: &[&Path]) -> Result<(Vec<ScopeView>, Vec<PolicyView>), Refused> {
    let any = urls(paths, |needs| *needs == Needs::Token);
    let mut scopes: Vec<String> = Vec::new();
    for route in paths.iter().flat_map(|path| &path.routes) {
        match route.needs.scopes() {
            [] => {}
            [scope] if scopes.contains(scope) => {}
            [scope] => scopes.push(scope.clone()),
            [..] => {
                return Err(Refused(format!(
                    "Tyk gives what any one of a token's scopes gives, and {} takes several together",
                    route.name
                )));
            }
        }
    }
    let mut mapping = Vec::new();
    let mut policies = vec![PolicyView {
        id: ANY_TOKEN.to_owned(),
        urls: if any.is_empty() {
            vec![nothing()]
        } else {
            any.clone()
        },
    }];
    for (index, scope) in scopes.iter().enumerate() {
        let id = format!("scope-{index}");
        let own = urls(paths, |needs| needs.scopes() == [scope.as_str()]);
        policies.push(PolicyView {
            id: id.clone(),
            urls: [any.clone(), own].concat(),
        });
        mapping.push(ScopeView {
            name: Json::new(scope),
            policy: id,
        });
    }
    for common in COMMON
        .iter()
        .filter(|common| !scopes.iter().any(|scope| scope == *common))
    {
        mapping.push(ScopeView {
            name: Json::new(common),
            policy: ANY_TOKEN.to_owned(),
        });
    }
    Ok((mapping, policies))
}

/// Every path with the methods whose needs are these.
fn urls(paths: &[&Path], wanted: impl Fn(&Needs) -> bool) -> Vec<Url> {
    let mut urls = Vec::new();
    for path in paths {
        let fitting = path.routes.iter().filter(|route| wanted(&route.needs));
        let methods: Vec<String> = fitting
            .flat_map(|route| &route.methods)
            .map(|method| format!("\"{method}\""))
            .collect();
        if !methods.is_empty() {
            urls.push(Url {
                // of letters, digits and a few signs that mean nothing in a pattern
                pattern: Json::new(&format!("^{}$", path.path)),
                methods: methods.join(", "),
            });
        }
    }
    urls
}

/// No path has this pattern, and no list would be every path.
fn nothing() -> Url {
    Url {
        pattern: Json::new("^$"),
        methods: "\"GET\"".to_owned(),
    }
}

fn path_view(path: &Path) -> PathView {
    let mut operations = Vec::new();
    for route in &path.routes {
        for method in &route.methods {
            let method = method.to_ascii_lowercase();
            operations.push(Operation {
                id: format!("{}-{method}", route.name),
                method,
                open: route.needs == Needs::Nothing,
            });
        }
    }
    PathView {
        path: Json::new(&path.path),
        operations,
    }
}

/// What no member of its definition can say. That the claim with the scopes must be there keeps ID tokens out,
/// which have none at most issuers.
fn refuse_unless_its_holes_are_known(facts: &Facts) -> Result<(), Refused> {
    if facts.with_holes {
        return Ok(());
    }
    Err(Refused(
        "Tyk looks at neither cnf nor the kind of a token: it lets in whoever bears a key-bound token, and whoever has \
         an ID token that names the API and has a scope claim. If your issuer makes neither, --with-holes writes it; \
         else let solar-system gateway decide"
            .to_owned(),
    ))
}

/// Tyk takes one kind of key, and every algorithm for it.
fn signing_method(facts: &Facts) -> Result<&'static str, Refused> {
    let kind = |algorithm: &Algorithm| match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => Some("rsa"),
        Algorithm::Es256 | Algorithm::Es384 => Some("ecdsa"),
        Algorithm::EdDsa => None,
    };
    let published = facts.keys.as_ref().map_or(&[][..], Vec::as_slice);
    let named = facts.algorithms.len() == 1;
    let mut kinds: Vec<&str> = if named || published.is_empty() {
        facts.algorithms.iter().filter_map(kind).collect()
    } else {
        let algorithms = published.iter().flat_map(|key| &key.algorithms);
        let taken = algorithms.filter(|one| facts.algorithms.contains(one));
        taken.filter_map(kind).collect()
    };
    kinds.dedup();
    match kinds.as_slice() {
        [only] => Ok(only),
        _ => Err(Refused(
            "Tyk takes keys of one kind, RSA or elliptic, and the issuer's do not tell which: --algorithm says it"
                .to_owned(),
        )),
    }
}

/// Its paths are patterns.
fn refuse_what_it_cannot_route(path: &Path) -> Result<(), Refused> {
    if path.below {
        return Err(Refused(format!(
            "Tyk matches what stands below {} after it decoded it; name each path",
            path.path
        )));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_~/".contains(c);
    if !path.routes.is_empty() && !path.path.chars().all(plain) {
        return Err(Refused(format!(
            "Tyk reads {:?} as a pattern and not as a path",
            path.path
        )));
    }
    Ok(())
}
