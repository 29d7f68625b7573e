//! The HTTP API with AWS's own JWT authorizer, where that can express the policy.

use super::{removed, upstream, value};
use crate::{
    jose::Algorithm,
    kit::{Facts, Needs, Refused, encode::Yaml, headers, render},
};
use askama::Template;

/// What its parameter mapping may not touch.
const RESERVED: [&str; 5] = [
    "forwarded",
    "proxy-authorization",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
];

#[derive(Template)]
#[template(path = "kit/aws/http-api.yaml", escape = "none")]
struct HttpApi {
    header: Vec<String>,
    issuer: Yaml,
    audience: Yaml,
    scope_claim: Yaml,
    routes: Vec<Route>,
    removed: Vec<&'static str>,
    underscored: Vec<String>,
    rate: u32,
    burst: u32,
}

struct Route {
    id: String,
    key: Yaml,
    method: &'static str,
    protected: bool,
    scope: Option<Yaml>,
    uri: Yaml,
}

/// # Errors
/// Why the authorizer cannot express the policy.
pub(super) fn template(facts: &Facts) -> Result<String, Refused> {
    refuse(facts)?;
    let mut routes = Vec::new();
    for path in facts.paths() {
        for route in &path.routes {
            let scope = match route.needs.scopes() {
                [] => None,
                [scope] => Some(value(scope)?),
                [..] => {
                    return Err(Refused(format!(
                        "it lets in whoever has one of the scopes of {}, where all of them are needed",
                        route.name
                    )));
                }
            };
            for method in &route.methods {
                routes.push(Route {
                    id: format!("Route{}", routes.len()),
                    key: value(&format!("{method} {}", path.path))?,
                    method,
                    protected: route.needs != Needs::Nothing,
                    scope: scope.clone(),
                    uri: upstream(facts, &path.path)?,
                });
            }
        }
    }
    render(&HttpApi {
        header: facts.header(&super::KIT),
        issuer: value(&facts.issuer.value)?,
        audience: value(&facts.audience.value)?,
        scope_claim: Yaml::new(&format!(
            "$context.authorizer.claims.{}",
            facts.scope_claim.value
        )),
        routes,
        removed: removed(&RESERVED),
        underscored: headers::ours_with_underscores(),
        rate: Facts::RATE.0,
        burst: Facts::RATE.1,
    })
}

fn refuse(facts: &Facts) -> Result<(), Refused> {
    let refused = |why: &str| Err(Refused(why.to_owned()));
    if facts.introspection.is_some() {
        return refused("it does not ask the issuer about tokens");
    }
    if !facts.issuer.value.starts_with("https://") {
        return refused("it looks for keys at https issuers alone");
    }
    let signed: Vec<&str> = facts.algorithms.iter().map(|one| one.as_str()).collect();
    if !facts.algorithms.contains(&Algorithm::Rs256) {
        return Err(Refused(format!(
            "it verifies RSA signatures alone, and tokens are signed with {}",
            signed.join(" or ")
        )));
    }
    if !facts.clients.is_empty() {
        return refused("it takes the tokens of every client, and the blueprint names some");
    }
    if !facts.with_holes {
        return refused(
            "it looks at neither typ nor cnf, so that it lets in whoever bears a key-bound token or an ID token that \
             names the API; --with-holes writes one where your issuer makes neither",
        );
    }
    Ok(())
}
