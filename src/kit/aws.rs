//! Amazon API Gateway, as `CloudFormation` templates: a REST API with a Lambda authorizer of ours, and, where AWS's
//! own JWT authorizer can express the policy, an HTTP API with that.

use super::{
    Bundle, Facts, Kit, Needs, Proof, Refused,
    encode::{Template as InTemplate, Yaml},
    headers::{self, IDENTITY},
    readme::Top,
    render,
};
use crate::{jose::AccessTokenTyp, settings::PolicyChoice};
use askama::Template;

mod http_api;
mod rest_api;

pub(super) const KIT: Kit = Kit {
    name: "aws",
    title: "Amazon API Gateway",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    oldest: "2026-01, Node.js 22",
    proof: Proof::Checked,
    make: bundle,
};

#[derive(Template)]
#[template(path = "kit/aws/README.md", escape = "none")]
struct Readme {
    top: Top,
    introspection: bool,
    no_http_api: Option<String>,
    rate: u32,
    burst: u32,
}

#[derive(Template)]
#[template(path = "kit/aws/authorizer.js", escape = "none")]
struct Authorizer {
    header: Vec<String>,
    issuer: InTemplate,
    audience: InTemplate,
    clients: Vec<InTemplate>,
    leeway: u32,
    jwks_uri: InTemplate,
    algorithms: Vec<InTemplate>,
    at_jwt_only: bool,
    introspection: Option<Asking>,
    rules: Vec<Rule>,
}

struct Asking {
    endpoint: InTemplate,
    client_id: InTemplate,
}

struct Rule {
    route: InTemplate,
    scopes: Vec<InTemplate>,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    refuse_what_aws_cannot_reach(facts)?;
    for path in facts.paths() {
        refuse_what_it_cannot_route(&path)?;
    }
    let http_api = http_api::template(facts);
    let readme = Readme {
        top: Top::of(&KIT, facts),
        introspection: facts.introspection.is_some(),
        no_http_api: http_api.as_ref().err().map(ToString::to_string),
        rate: Facts::RATE.0,
        burst: Facts::RATE.1,
    };
    let mut bundle = Bundle::new().with("rest-api.yaml", rest_api::template(facts)?);
    if let Ok(template) = http_api {
        bundle = bundle.with("http-api.yaml", template);
    }
    Ok(bundle.with("README.md", render(&readme)?))
}

/// The function's code. Its strings hold no braces, which `CloudFormation` could take for a dynamic
/// reference.
fn authorizer(facts: &Facts) -> Result<String, Refused> {
    let text = |text: &String| InTemplate::new(text);
    let mut rules = Vec::new();
    for path in facts.paths() {
        for route in path
            .routes
            .iter()
            .filter(|route| route.needs != Needs::Nothing)
        {
            for method in &route.methods {
                rules.push(Rule {
                    route: InTemplate::new(&format!("{method} {}", path.path)),
                    scopes: route.needs.scopes().iter().map(text).collect(),
                });
            }
        }
    }
    render(&Authorizer {
        header: facts.header(&KIT),
        issuer: InTemplate::new(&facts.issuer.value),
        audience: InTemplate::new(&facts.audience.value),
        clients: facts.clients.iter().map(text).collect(),
        leeway: Facts::LEEWAY,
        jwks_uri: InTemplate::new(facts.jwks_uri.value.as_str()),
        algorithms: facts
            .algorithms
            .iter()
            .map(|one| InTemplate::new(one.as_str()))
            .collect(),
        at_jwt_only: facts.typ == AccessTokenTyp::AtJwt,
        introspection: facts.introspection.as_ref().map(|one| Asking {
            endpoint: InTemplate::new(one.endpoint.value.as_str()),
            client_id: InTemplate::new(&one.client_id.value),
        }),
        rules,
    })
}

/// A value of a template. `CloudFormation` looks for dynamic references in every string.
fn value(text: &str) -> Result<Yaml, Refused> {
    if text.contains("{{resolve:") {
        return Err(Refused(format!(
            "CloudFormation cannot hold {text:?}: it would look the reference up"
        )));
    }
    Ok(Yaml::new(text))
}

/// Where the API's path lies behind the gateway.
fn upstream(facts: &Facts, path: &str) -> Result<Yaml, Refused> {
    let url = &facts.upstream.value;
    let base = url.path().trim_end_matches('/');
    value(&format!(
        "{}{base}{path}",
        url.origin().ascii_serialization()
    ))
}

/// What callers may not say, beside the three names that the gateway says itself.
fn removed(reserved: &[&str]) -> Vec<&'static str> {
    let names = IDENTITY.iter().copied();
    names
        .filter(|name| !headers::is_ours(name) && !reserved.contains(name))
        .collect()
}

fn refuse_what_aws_cannot_reach(facts: &Facts) -> Result<(), Refused> {
    let mut urls = vec![("the API", &facts.upstream.value)];
    match &facts.introspection {
        Some(introspection) => urls.push(("introspection", &introspection.endpoint.value)),
        None => urls.push(("the issuer's keys", &facts.jwks_uri.value)),
    }
    for (what, url) in urls {
        if url.scheme() != "https" {
            return Err(Refused(format!(
                "AWS cannot reach {what} at {url}: it takes a public https address"
            )));
        }
    }
    Ok(())
}

/// Its path parts are made of few characters, and a part in braces takes what no rule means.
fn refuse_what_it_cannot_route(path: &super::Path) -> Result<(), Refused> {
    if path.below {
        return Err(Refused(format!(
            "API Gateway tidies what stands below {} before anybody can look at it; name each path",
            path.path
        )));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if !path.routes.is_empty() && !path.path.split('/').all(|part| part.chars().all(plain)) {
        return Err(Refused(format!(
            "API Gateway takes letters, digits and -_.: in a path, and not {:?}",
            path.path
        )));
    }
    Ok(())
}
