//! The flows: one for each route by its exact path and methods, and closed ones for all the rest.

use super::super::{Facts, Needs, Path, Refused, encode::Xml, render};
use super::{header, outgoing};
use askama::Template;

#[derive(Template)]
#[template(path = "kit/apigee/bundle.xml", escape = "none")]
struct Proxy {
    header: Vec<String>,
    way: &'static str,
}

#[derive(Template)]
#[template(path = "kit/apigee/proxy.xml", escape = "none")]
struct Endpoint {
    header: Vec<String>,
    introspection: bool,
    flows: Vec<Flow>,
}

struct Flow {
    name: String,
    condition: Xml,
    protected: bool,
    /// The policy that answers, if it is not forwarded.
    refusal: Option<String>,
}

#[derive(Template)]
#[template(path = "kit/apigee/target.xml", escape = "none")]
struct Target {
    header: Vec<String>,
    upstream: Xml,
}

/// What answers other methods of a path.
pub(super) fn method_refusal(index: usize) -> String {
    format!("RF-Method-{index}")
}

pub(super) fn files(facts: &Facts) -> Result<Vec<(String, String)>, Refused> {
    let header = header(facts);
    let mut flows = Vec::new();
    for (index, path) in facts.paths().iter().enumerate() {
        flows.extend(of_path(index, path)?);
    }
    let proxy = Proxy {
        header: header.clone(),
        way: super::super::policy_name(facts.policy),
    };
    let endpoint = Endpoint {
        header: header.clone(),
        introspection: facts.introspection.is_some(),
        flows,
    };
    let target = Target {
        header,
        upstream: outgoing("the API", &facts.upstream.value)?,
    };
    Ok(vec![
        ("solar-system.xml".to_owned(), render(&proxy)?),
        ("proxies/default.xml".to_owned(), render(&endpoint)?),
        ("targets/api.xml".to_owned(), render(&target)?),
    ])
}

fn of_path(index: usize, path: &Path) -> Result<Vec<Flow>, Refused> {
    // "=" compares with regard to case, and reads no pattern
    let how = if path.below { "StartsWith" } else { "=" };
    let at = format!("proxy.pathsuffix {how} \"{}\"", path.path);
    let mut flows = Vec::new();
    for route in &path.routes {
        let methods: Vec<String> = route
            .methods
            .iter()
            .map(|method| format!("request.verb = \"{method}\""))
            .collect();
        flows.push(Flow {
            name: route.name.clone(),
            condition: Xml::new(&format!("({at}) and ({})", methods.join(" or ")))?,
            protected: route.needs != Needs::Nothing,
            refusal: None,
        });
    }
    let refusal = if path.routes.is_empty() {
        "RF-NotFound".to_owned()
    } else {
        method_refusal(index)
    };
    flows.push(Flow {
        name: format!("refused-{index}"),
        condition: Xml::new(&format!("({at})"))?,
        protected: false,
        refusal: Some(refusal),
    });
    Ok(flows)
}
