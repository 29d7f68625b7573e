//! The gateway: whether it answers, asks for a token as RFC 6750 has it, and refuses junk.

use crate::{
    blueprint::{Resource, Takes},
    doctor::{ask::Answer, exam::Exam, saw::Saw},
    net::{FetchError, join_path, origin},
    oauth::{Scopes, Secret},
};
use axum::http::header::WWW_AUTHENTICATE;
use url::Url;

/// The first resource that is asked with GET and fits, and where it is asked.
fn find(exam: &Exam, fits: impl Fn(&Resource) -> bool) -> Option<(Resource, Url)> {
    let mut found = by_get(exam).filter(|resource| fits(resource));
    found.next().map(|resource| at(exam, resource))
}

/// The last one: a blueprint goes from what is open to what takes most.
fn find_last(exam: &Exam, fits: impl Fn(&Resource) -> bool) -> Option<(Resource, Url)> {
    let mut found = by_get(exam).rev().filter(|resource| fits(resource));
    found.next().map(|resource| at(exam, resource))
}

fn by_get(exam: &Exam) -> impl DoubleEndedIterator<Item = &Resource> {
    let resources = exam.patient.blueprint.resources.iter();
    resources.filter(|resource| matches!(resource.method.as_str(), "GET" | "*"))
}

fn at(exam: &Exam, resource: &Resource) -> (Resource, Url) {
    let path = resource.path.trim_end_matches('*');
    (resource.clone(), join_path(&exam.patient.gateway, path))
}

fn is_open(resource: &Resource) -> bool {
    matches!(resource.takes, Takes::Open)
}

async fn ask(exam: &mut Exam, url: &Url, token: Option<&Secret>) -> Result<Answer, FetchError> {
    let bearer = token.map(|token| Secret::new(format!("Bearer {}", token.expose())));
    let answer = exam.get(url, "application/json", bearer.as_ref()).await?;
    exam.gateway_ahead = exam.ahead(&answer).or(exam.gateway_ahead);
    Ok(answer)
}

pub(in crate::doctor) async fn reachable(exam: &mut Exam, _: usize) -> Saw {
    let open = find(exam, is_open);
    let open_to_all = open.is_some();
    let Some((resource, url)) = open.or_else(|| find(exam, |_| true)) else {
        return Saw::untestable("the blueprint has no resource that is asked with GET");
    };
    let answer = match ask(exam, &url, None).await {
        Ok(answer) => answer,
        Err(error) => {
            let fix = if exam.patient.embedded_gateway {
                "Start the rooms with: solar-system"
            } else {
                "Start the gateway, or correct PROXY_URI; between containers, localhost is each container itself."
            };
            return Saw::failure(
                error.to_string(),
                "The gateway cannot be reached from here.",
                fix,
            );
        }
    };
    let line = answer.line(&format!("GET {url}"));
    let got = format!("{} at {}", answer.status, url);
    let saw = match answer.status {
        502..=504 => Saw::failure(
            got,
            "The gateway answers, and does not reach the API behind it, or (503) the provider that it asks about tokens.",
            "Start the API, and correct the upstream in the gateway's configuration (API_URI for the embedded one).",
        ),
        500.. => Saw::failure(
            got,
            "The gateway, or the API behind it, broke.",
            "Look at the log of the gateway and of the API.",
        ),
        404 => Saw::failure(
            got,
            "The gateway does not know this path: its base path is another one, or no rule names the resource.",
            format!(
                "Correct PROXY_URI (resource paths are appended to it), or add {} to the gateway's configuration.",
                resource.path
            ),
        ),
        200..=299 => Saw::pass(format!("{} at {}", answer.status, origin(&url))),
        401 | 403 if open_to_all => Saw::failure(
            got,
            "The blueprint has this resource open to all, and the gateway wants a token.",
            format!(
                "Take the policy off {} in the gateway's configuration.",
                resource.path
            ),
        ),
        400..=499 => Saw::pass(format!("it answers {}", answer.status)),
        _ => Saw::failure(
            got,
            "The gateway sends callers elsewhere, which no program follows with its token.",
            "Correct PROXY_URI: https where it redirects to https, and the right host and path.",
        ),
    };
    saw.line(line)
}

pub(in crate::doctor) async fn challenge(exam: &mut Exam, _: usize) -> Saw {
    let Some((_, url)) = find(exam, |resource| !is_open(resource)) else {
        return Saw::untestable("the blueprint protects nothing that is asked with GET");
    };
    let answer = match ask(exam, &url, None).await {
        Ok(answer) => answer,
        Err(error) => return Saw::untestable(error.to_string()),
    };
    let line = answer.line(&format!("GET {url}"));
    judge(&answer, None).line(line)
}

pub(in crate::doctor) async fn junk(exam: &mut Exam, _: usize) -> Saw {
    let Some((_, url)) = find(exam, |resource| !is_open(resource)) else {
        return Saw::untestable("the blueprint protects nothing that is asked with GET");
    };
    let junk = exam.made_up();
    let answer = match ask(exam, &url, Some(&junk)).await {
        Ok(answer) => answer,
        Err(error) => return Saw::untestable(error.to_string()),
    };
    let line = answer.line(&format!("GET {url} with Authorization: Bearer [junk]"));
    judge(&answer, Some("invalid_token")).line(line)
}

/// What is due is 401 and a challenge, with this error where a token was shown.
fn judge(answer: &Answer, error: Option<&str>) -> Saw {
    let challenge = answer.header(WWW_AUTHENTICATE);
    let shown = challenge
        .as_deref()
        .map_or_else(|| "no WWW-Authenticate".to_owned(), str::to_owned);
    let got = format!("{}, {shown}", answer.status);
    match answer.status {
        200..=299 => Saw::hole(
            format!("{}: let in", answer.status),
            if error.is_some() {
                "The gateway takes any text for a token."
            } else {
                "The gateway lets in who shows no token."
            },
            "Apply the policy to this resource: solar-system kit GATEWAY writes it, and solar-system verify proves it.",
        ),
        401 => {
            let scheme = challenge
                .as_deref()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let bearer = scheme.starts_with("bearer") || scheme.contains(", bearer");
            let named = error.is_none_or(|error| scheme.contains(error));
            if bearer && named {
                return Saw::pass(got);
            }
            Saw::blemish(
                got,
                if bearer {
                    "RFC 6750, section 3.1 wants error=\"invalid_token\", so that a client knows to get another."
                } else {
                    "RFC 6750, section 3 wants WWW-Authenticate: Bearer, so that a client knows what is missing."
                },
                "Let the gateway send the challenge; solar-system kit GATEWAY writes a configuration that does.",
            )
        }
        500.. => Saw::failure(
            got,
            "The gateway cannot tell: it does not reach the provider for keys or introspection, or its client is refused there.",
            "Look at the gateway's log, and at the provider's settings in its configuration.",
        ),
        _ => Saw::failure(
            got,
            "401 is due where a token is missing or no good (RFC 6750, section 3.1).",
            "Correct the policy of this resource; solar-system verify shows every such answer.",
        ),
    }
}

/// A token of each level that is held, at a resource that it opens.
pub(in crate::doctor) async fn token(exam: &mut Exam, _: usize) -> Saw {
    let held: Vec<(String, Secret, Scopes)> = exam
        .held
        .iter()
        .map(|(level, granted)| {
            (
                level.clone(),
                granted.access_token.clone(),
                granted.scopes.clone(),
            )
        })
        .collect();
    let mut lines = Vec::new();
    let mut opened = 0;
    for (level, token, scopes) in held {
        let opens = |resource: &Resource| match &resource.takes {
            Takes::Open => false,
            Takes::AnyToken => true,
            Takes::Scopes(needed) => scopes.contains_all(needed),
        };
        // what takes a scope says more than what takes any token
        let needs_scope =
            |resource: &Resource| matches!(resource.takes, Takes::Scopes(_)) && opens(resource);
        let Some((_, url)) = find_last(exam, needs_scope).or_else(|| find(exam, opens)) else {
            continue;
        };
        let answer = match ask(exam, &url, Some(&token)).await {
            Ok(answer) => answer,
            Err(error) => return Saw::untestable(error.to_string()).lines(lines),
        };
        lines.push(answer.line(&format!("GET {url} with the token of {level}")));
        if !answer.is_success() {
            let challenge = answer.header(WWW_AUTHENTICATE).unwrap_or_default();
            let (why, fix) = match answer.status {
                401 => (
                    "The gateway refuses a token that the provider just issued: it has another issuer, other keys, another audience, or asks with a client that may not ask.",
                    "Compare issuer, keys and audience in the gateway's configuration with: solar-system settings-for GATEWAY",
                ),
                403 => (
                    "The gateway takes the token, and finds no right in it: it reads scopes from another claim, or compares them otherwise.",
                    "Compare the scope rule in the gateway's configuration with the claims that the check token shows.",
                ),
                _ => (
                    "The gateway, the API behind it, or the way between them does not work.",
                    "Look at the log of the gateway and of the API.",
                ),
            };
            return Saw::failure(
                format!("{} with the token of {level}, {challenge}", answer.status),
                why,
                fix,
            )
            .lines(lines);
        }
        opened += 1;
    }
    match opened {
        0 => Saw::untestable("no token is held that opens anything"),
        1 => Saw::pass("the API's answer, with the token of one level").lines(lines),
        more => Saw::pass(format!(
            "the API's answer, with the tokens of {more} levels"
        ))
        .lines(lines),
    }
}
