//! The REST API with a Lambda authorizer.

use super::{authorizer, removed, upstream, value};
use crate::kit::{Facts, Needs, Refused, encode::Yaml, headers, render};
use askama::Template;

#[derive(Template)]
#[template(path = "kit/aws/rest-api.yaml", escape = "none")]
struct RestApi {
    header: Vec<String>,
    introspection: bool,
    authorizer: String,
    hash: String,
    parts: Vec<Part>,
    methods: Vec<Method>,
    removed: Vec<&'static str>,
    /// For what is open: where a token is needed the authorizer refuses every name with an underscore.
    underscored: Vec<String>,
    rate: u32,
    burst: u32,
}

/// One name of a path, and what it stands below.
struct Part {
    path: String,
    id: String,
    parent: Option<String>,
    name: Yaml,
}

struct Method {
    id: String,
    part: Option<String>,
    verb: &'static str,
    protected: bool,
    uri: Yaml,
}

pub(super) fn template(facts: &Facts) -> Result<String, Refused> {
    let (mut parts, mut methods) = (Vec::new(), Vec::new());
    for path in facts.paths() {
        if path.routes.is_empty() {
            continue; // a path that is not there is not written
        }
        let part = part_of(&mut parts, &path.path)?;
        for route in &path.routes {
            for method in &route.methods {
                methods.push(Method {
                    id: format!("Method{}", methods.len()),
                    part: part.clone(),
                    verb: method,
                    protected: route.needs != Needs::Nothing,
                    uri: upstream(facts, &path.path)?,
                });
            }
        }
    }
    render(&RestApi {
        header: facts.header(&super::KIT),
        introspection: facts.introspection.is_some(),
        authorizer: indented(&authorizer(facts)?),
        hash: facts.hash(),
        parts,
        methods,
        removed: removed(&["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"]),
        underscored: headers::ours_with_underscores(),
        rate: Facts::RATE.0,
        burst: Facts::RATE.1,
    })
}

/// The id of a path's last name, and a part for each that is not there yet; none for the root.
fn part_of(parts: &mut Vec<Part>, path: &str) -> Result<Option<String>, Refused> {
    let mut parent: Option<String> = None;
    let mut so_far = String::new();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        so_far = format!("{so_far}/{name}");
        let known = parts.iter().find(|part| part.path == so_far);
        let id = if let Some(part) = known {
            part.id.clone()
        } else {
            let id = format!("Path{}", parts.len());
            parts.push(Part {
                path: so_far.clone(),
                id: id.clone(),
                parent: parent.clone(),
                name: value(name)?,
            });
            id
        };
        parent = Some(id);
    }
    Ok(parent)
}

/// The lines of a block scalar. What comes from outside is in them as JSON strings of one line.
fn indented(code: &str) -> String {
    let lines: Vec<String> = code
        .trim_end()
        .lines()
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("          {line}")
            }
        })
        .collect();
    lines.join("\n")
}
