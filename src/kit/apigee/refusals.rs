//! The policies that say no: each raises a fault, or says what a fault of Apigee's own means.

use super::super::{Facts, Refused, render};
use super::{flows::method_refusal, header};
use askama::Template;

#[derive(Template)]
#[template(path = "kit/apigee/refusal.xml", escape = "none")]
struct Refusal {
    header: Vec<String>,
    /// Whether it is a `RaiseFault`; else it changes the answer of one that is there.
    raises: bool,
    answer: Answer,
}

struct Answer {
    name: String,
    status: u16,
    headers: Vec<(&'static str, String)>,
    error: &'static str,
}

const INVALID: &str = "Bearer error=\"invalid_token\"";

pub(super) fn files(facts: &Facts) -> Result<Vec<(String, String)>, Refused> {
    let challenge = |text: &str| vec![("WWW-Authenticate", text.replace('"', "&quot;"))];
    let mut all = vec![
        (
            "RF-BadRequest",
            400,
            vec![],
            "The path or the Authorization header is not clean",
        ),
        ("RF-NotFound", 404, vec![], "There is nothing here"),
        (
            "RF-NoToken",
            401,
            challenge("Bearer"),
            "Access token was not provided",
        ),
        (
            "RF-InvalidToken",
            401,
            challenge(INVALID),
            "The access token is not valid",
        ),
        (
            "RF-Client",
            403,
            challenge("Bearer error=\"insufficient_scope\""),
            "The client is not let in here",
        ),
        // the scopes come from the script: a name there may have braces
        (
            "RF-Scope",
            403,
            challenge("{access.challenge}"),
            "The access token lacks a scope",
        ),
        (
            "RF-Unavailable",
            503,
            vec![],
            "Tokens cannot be checked now",
        ),
        (
            "RF-NoKey",
            503,
            vec![],
            "The gateway has no key for the API",
        ),
        (
            "AM-TooMany",
            429,
            vec![("Retry-After", "1".to_owned())],
            "Too many requests",
        ),
        (
            "AM-Unavailable",
            503,
            vec![],
            "The gateway cannot answer now",
        ),
    ];
    if facts.introspection.is_none() {
        all.push((
            "AM-InvalidToken",
            401,
            challenge(INVALID),
            "The access token is not valid",
        ));
    }
    let named = all
        .into_iter()
        .map(|(name, status, headers, error)| Answer {
            name: name.to_owned(),
            status,
            headers,
            error,
        });
    let methods = facts.paths().into_iter().enumerate();
    let methods = methods
        .filter(|(_, path)| !path.routes.is_empty())
        .map(|(index, path)| Answer {
            name: method_refusal(index),
            status: 405,
            headers: vec![("Allow", path.methods().join(", "))],
            error: "The method is not allowed here",
        });
    let mut files = Vec::new();
    for answer in named.chain(methods) {
        let name = format!("policies/{}.xml", answer.name);
        let refusal = Refusal {
            header: header(facts),
            raises: answer.name.starts_with("RF-"),
            answer,
        };
        files.push((name, render(&refusal)?));
    }
    Ok(files)
}
