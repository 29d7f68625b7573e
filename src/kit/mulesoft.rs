//! `MuleSoft` Anypoint: RAML for both of the tutorial's ways, and the policies for API Manager.

mod claims;
mod policies;
mod raml;

use super::{Bundle, Facts, Kit, Proof, Refused, encode::Markdown, readme::Top, render};
use crate::settings::PolicyChoice;
use askama::Template;

pub(super) const KIT: Kit = Kit {
    name: "mulesoft",
    title: "MuleSoft Anypoint (Mule 4)",
    policies: &[PolicyChoice::Introspection, PolicyChoice::Jwt],
    oldest: "4.4",
    proof: Proof::Checked,
    make: bundle,
};

/// The word of the tutorial for a policy, as the RAML files and security schemes are called.
fn way(policy: PolicyChoice) -> &'static str {
    match policy {
        PolicyChoice::Introspection => "openid-connect",
        PolicyChoice::Jwt => "jwt-validation",
    }
}

#[derive(Template)]
#[template(path = "kit/mulesoft/apply.sh", escape = "none")]
struct Apply {
    header: Vec<String>,
}

#[derive(Template)]
#[template(path = "kit/mulesoft/README.md", escape = "none")]
struct Readme {
    top: Top,
    way: &'static str,
    introspection: bool,
    own_roots: bool,
    endpoints: Vec<(&'static str, Markdown)>,
    resources: Vec<(String, String)>,
}

fn bundle(facts: &Facts) -> Result<Bundle, Refused> {
    let raml = raml::Raml::of(facts)?;
    let policies = policies::file(facts)?;
    let readme = Readme {
        top: Top::of(&KIT, facts),
        way: way(facts.policy),
        introspection: facts.policy == PolicyChoice::Introspection,
        own_roots: facts.extra_roots.is_some(),
        endpoints: endpoints(facts),
        resources: raml.secured(),
    };
    let header = facts.header(&KIT);
    Ok(Bundle::new()
        .with("openid-connect.raml", render(&raml.openid_connect())?)
        .with("jwt-validation.raml", render(&raml.jwt_validation())?)
        .with("security.raml", render(&raml.security())?)
        .with("policies.json", policies)
        .with("apply.sh", render(&Apply { header })?)
        .with("README.md", render(&readme)?)
        .with_roots(facts))
}

/// What Anypoint's form for a client provider asks for.
fn endpoints(facts: &Facts) -> Vec<(&'static str, Markdown)> {
    let unknown = "the issuer's documents say it";
    let registration = facts.sign_in.registration.as_ref();
    let mut all = vec![("Issuer", facts.issuer.value.clone())];
    all.push((
        "Client Registration URL",
        registration.map_or_else(|| unknown.to_owned(), |url| url.value.to_string()),
    ));
    if let Some(url) = &facts.sign_in.authorization {
        all.push(("Authorize URL", url.value.to_string()));
    }
    if let Some(url) = &facts.sign_in.token {
        all.push(("Token URL", url.value.to_string()));
    }
    if let Some(introspection) = &facts.introspection {
        let endpoint = introspection.endpoint.value.to_string();
        all.push(("Token Introspection URL", endpoint));
        all.push((
            "Token Introspection Client ID",
            introspection.client_id.value.clone(),
        ));
    }
    all.into_iter()
        .map(|(field, value)| (field, Markdown::new(&value)))
        .collect()
}
