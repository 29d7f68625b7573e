//! The columns beside the resources: other spellings, unnamed paths, other methods, rewriting headers.

use super::{Cell, Judged};
use crate::verify::{
    access::Due,
    fault::Fault,
    seen::{Answerer, Seen},
};
use serde_json::Value;

/// Refused or understood, it is all the same, as long as nobody gets what they may not have.
pub(super) fn spelling(cell: &Cell<'_>, seen: &Seen) -> Judged {
    if !cell.may() && seen.is_let_in() && !got_what_they_may(cell, seen) {
        return Judged::hole(
            Fault::Spelling,
            "this spelling of the path leads past the rule",
        );
    }
    no_crash(seen)
}

/// What no rule names is not there.
pub(super) fn unnamed(seen: &Seen) -> Judged {
    if seen.is_let_in() {
        return Judged::hole(Fault::Unnamed, "a path that no rule names was let through");
    }
    match seen.status {
        Some(404) => Judged::pass(),
        Some(status @ 500..) => {
            Judged::blemish(Fault::NoAnswer, format!("{status} where 404 is due"))
        }
        Some(status) => Judged::blemish(Fault::Unnamed, format!("{status} where 404 is due")),
        None => Judged::blemish(Fault::NoAnswer, "no answer where 404 is due"),
    }
}

/// A method that no rule names: the gateway's own business, and never the API's.
pub(super) fn method(cell: &Cell<'_>, seen: &Seen) -> Judged {
    let method = cell.column.method.as_str();
    let is_let_in = match (method, &seen.arrivals) {
        // A gateway may well answer OPTIONS itself; whether it did shows only in what it says.
        ("OPTIONS", None) => seen.answerer == Answerer::Api,
        _ => seen.is_let_in(),
    };
    let same_as_get = matches!(method, "HEAD" | "get") && cell.may();
    if is_let_in && !same_as_get {
        if method == "TRACE" && seen.arrivals.is_none() {
            let reason = "TRACE is answered: it shows a request's headers, the token among them";
            return Judged::blemish(Fault::Method, reason);
        }
        let reason = format!("{method} was let through, and no rule names it");
        return Judged::hole(Fault::Method, reason);
    }
    if method == "HEAD" && cell.may() && matches!(seen.status, Some(401 | 403)) {
        let reason = "HEAD is refused to who may GET";
        return Judged::blemish(Fault::Method, reason);
    }
    no_crash(seen)
}

/// An open resource, asked with headers that name a protected one.
pub(super) fn rewrite(cell: &Cell<'_>, seen: &Seen) -> Judged {
    let hidden = cell
        .column
        .resource
        .map(|place| &cell.access.resources()[place]);
    let Some(hidden) = hidden.filter(|_| !cell.may()) else {
        return no_crash(seen);
    };
    let led_there = match &seen.arrivals {
        Some(arrivals) => arrivals.iter().any(|arrival| {
            let path = arrival.target.split('?').next().unwrap_or_default();
            path != cell.column.target
        }),
        None => is_answer(seen, &hidden.answer),
    };
    if led_there {
        let reason = format!("a header of the caller's led to {}", hidden.path);
        return Judged::hole(Fault::Rewrite, reason);
    }
    let names = seen.arrivals.iter().flatten();
    let names = names.flat_map(|arrival| {
        let forged = |name: &&str| {
            let value = arrival.headers.get(*name);
            value.is_some_and(|value| value.as_bytes() == hidden.path.as_bytes())
        };
        cell.column
            .headers
            .iter()
            .map(|(name, _)| *name)
            .filter(forged)
            .collect::<Vec<_>>()
    });
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return no_crash(seen);
    }
    let reason = format!(
        "headers that rewrite the path went on to the API: {}",
        names.join(", ")
    );
    Judged::blemish(Fault::Rewrite, reason)
}

/// Whether what was handed out is something that this caller may have anyway: a gateway that
/// normalises first may rightly find another resource at such a path.
fn got_what_they_may(cell: &Cell<'_>, seen: &Seen) -> bool {
    let may_see = |resource: &&crate::blueprint::Resource| {
        cell.access.due(resource, &cell.row.standing) == Due::LetIn
    };
    let resources = cell.access.resources();
    match &seen.arrivals {
        Some(arrivals) => arrivals.iter().all(|arrival| {
            let path = arrival.target.split('?').next().unwrap_or_default();
            let mut here = resources.iter().filter(|resource| resource.path == path);
            here.any(|resource| {
                let method = resource.method == "*" || resource.method == arrival.method;
                method && may_see(&resource)
            })
        }),
        None => resources
            .iter()
            .filter(may_see)
            .any(|resource| is_answer(seen, &resource.answer)),
    }
}

fn is_answer(seen: &Seen, answer: &[String]) -> bool {
    !answer.is_empty()
        && serde_json::from_slice::<Value>(&seen.body).is_ok_and(|body| body == Value::from(answer))
}

/// A server error is no decision. A connection that was closed is one.
fn no_crash(seen: &Seen) -> Judged {
    match seen.status {
        Some(501 | 505) => Judged::pass(),
        Some(status @ 500..) => Judged::blemish(
            Fault::NoAnswer,
            format!("{status}: the gateway failed at it"),
        ),
        _ => Judged::pass(),
    }
}
