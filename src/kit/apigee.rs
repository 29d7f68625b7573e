//! Apigee: a proxy bundle, as files and as the zip that it imports. `VerifyJWT` or introspection says whether
//! a token is valid, a script what it opens.

mod archive;
mod flows;
mod policies;
mod refusals;

use super::{
    Bundle, Facts, Kit, Proof, Refused,
    encode::{Json, Markdown, Xml},
    readme::Top,
    render,
    routes::UNCLEAN,
};
use crate::{
    jose::{AccessTokenTyp, Algorithm},
    settings::PolicyChoice,
};
use askama::Template;
use url::Url;

pub(super) const KIT: Kit = Kit {
    name: "apigee",
    title: "Apigee",
    policies: &[PolicyChoice::Jwt, PolicyChoice::Introspection],
    oldest: "X",
    proof: Proof::Checked,
    make: bundle,
};

#[derive(Template)]
#[template(path = "kit/apigee/first.js", escape = "none")]
struct First {
    header: Vec<String>,
    unclean: Json,
}

#[derive(Template)]
#[template(path = "kit/apigee/access.js", escape = "none")]
struct Access {
    header: Vec<String>,
    rules: Vec<(Json, String)>,
    clients: String,
    issuer: Json,
    audience: Json,
    leeway: u32,
    introspection: bool,
    algorithms: String,
    at_jwt_only: bool,
}

#[derive(Template)]
#[template(path = "kit/apigee/README.md", escape = "none")]
struct Readme {
    top: Top,
    introspection: bool,
    client: Markdown,
    own_roots: bool,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let algorithms = algorithms(facts)?;
    let mut files = flows::files(facts)?;
    files.extend(policies::files(facts, &algorithms)?);
    files.extend(refusals::files(facts)?);
    files.push((
        "resources/jsc/first.js".to_owned(),
        render(&First {
            header: facts.header(&KIT),
            unclean: Json::new(UNCLEAN),
        })?,
    ));
    files.push((
        "resources/jsc/access.js".to_owned(),
        render(&access(facts))?,
    ));
    files.sort();
    let readme = Readme {
        top: Top::of(&KIT, facts),
        introspection: facts.introspection.is_some(),
        client: Markdown::new(
            facts
                .introspection
                .as_ref()
                .map_or("", |one| &one.client_id.value),
        ),
        own_roots: facts.extra_roots.is_some(),
    };
    let mut bundle = Bundle::new();
    for (name, text) in &files {
        bundle = bundle.with(&format!("apiproxy/{name}"), text.as_str());
    }
    let zip = archive::of(bundle.files())?;
    Ok(bundle
        .with("apiproxy.zip", zip)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

/// The header for XML: a comment there holds no two dashes.
fn header(facts: &Facts) -> Vec<String> {
    let lines = facts.header(&KIT).into_iter();
    lines
        .map(|line| line.replace(" --policy ", ", policy "))
        .collect()
}

fn access(facts: &Facts) -> Access {
    let list = |texts: &[String]| {
        let words: Vec<String> = texts.iter().map(|one| Json::new(one).to_string()).collect();
        words.join(", ")
    };
    let paths = facts.paths();
    let rules = paths.iter().flat_map(|path| &path.routes);
    let names: Vec<String> = facts.algorithms.iter().map(ToString::to_string).collect();
    Access {
        header: facts.header(&KIT),
        rules: rules
            .map(|rule| (Json::new(&rule.name), list(rule.needs.scopes())))
            .collect(),
        clients: list(&facts.clients),
        issuer: Json::new(&facts.issuer.value),
        audience: Json::new(&facts.audience.value),
        leeway: Facts::LEEWAY,
        introspection: facts.introspection.is_some(),
        algorithms: list(&names),
        at_jwt_only: facts.typ == AccessTokenTyp::AtJwt,
    }
}

/// `VerifyJWT` takes several algorithms of one kind of key.
fn algorithms(facts: &Facts) -> Result<String, Refused> {
    let all = &facts.algorithms;
    let of_rsa = |one: &Algorithm| matches!(one, Algorithm::Rs256 | Algorithm::Ps256);
    let of_curves = |one: &Algorithm| matches!(one, Algorithm::Es256 | Algorithm::Es384);
    let names: Vec<&str> = all.iter().map(|one| one.as_str()).collect();
    let fits = all.iter().all(of_rsa) || (all.len() == 1 && all.iter().all(of_curves));
    if facts.introspection.is_none() && (all.is_empty() || !fits) {
        return Err(Refused(format!(
            "Apigee's VerifyJWT has no way to take {}: --algorithm says which the issuer signs with (RS256, PS256, ES256, ES384)",
            names.join(" and ")
        )));
    }
    Ok(names.join(","))
}

/// A URL that the gateway, which is in a cloud, calls: https, and nothing that it reads as a variable.
fn outgoing(what: &str, url: &Url) -> Result<Xml, Refused> {
    if url.scheme() != "https" {
        return Err(Refused(format!(
            "Apigee cannot reach {what} at {url}: give it an https address"
        )));
    }
    let text = url.as_str().trim_end_matches('/');
    if text.contains(['{', '}']) {
        return Err(Refused(format!(
            "Apigee reads braces as variables, and {what} is {text}"
        )));
    }
    Xml::new(text)
}
