//! Holds what came back against what is due: as expected, a blemish, a failure, or a hole.

mod challenge;
mod refusal;
mod sideways;

use super::{
    access::{Access, Due, Standing},
    column::{Column, FORGED_NAME, Kind},
    fault::Fault,
    row::Row,
    seen::Seen,
};
use crate::finding::Verdict;

/// One cell: a caller at a column.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) access: &'a Access,
    pub(super) row: &'a Row,
    pub(super) column: &'a Column,
}

/// What became of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<String>,
    pub(super) fault: Option<Fault>,
}

impl Judged {
    fn pass() -> Self {
        Self {
            verdict: Verdict::Pass,
            reason: None,
            fault: None,
        }
    }

    fn of(verdict: Verdict, fault: Fault, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: Some(reason.into()),
            fault: Some(fault),
        }
    }

    fn hole(fault: Fault, reason: impl Into<String>) -> Self {
        Self::of(Verdict::Hole, fault, reason)
    }

    fn blemish(fault: Fault, reason: impl Into<String>) -> Self {
        Self::of(Verdict::Blemish, fault, reason)
    }
}

impl Cell<'_> {
    /// What is due at the column's resource, asked as the blueprint has it.
    pub(super) fn due(&self) -> Option<Due> {
        let resource = &self.access.resources()[self.column.resource?];
        Some(self.access.due(resource, &self.row.standing))
    }

    /// Whether this caller may see the column's resource.
    fn may(&self) -> bool {
        self.due() == Some(Due::LetIn)
    }

    /// What is expected, in words.
    pub(super) fn expected(&self) -> String {
        let due = self.due().unwrap_or(Due::LetIn);
        match self.column.kind {
            Kind::Resource => due.words(),
            Kind::Identity => format!("{}; or 400 for the forgery", due.words()),
            Kind::Unnamed => "404".to_owned(),
            Kind::Spelling if self.may() => "let in or refused".to_owned(),
            Kind::Spelling => "not let in".to_owned(),
            Kind::Method if self.column.method == "HEAD" && self.may() => "2xx, or 405".to_owned(),
            Kind::Method => "405, or another refusal".to_owned(),
            Kind::Rewrite => "the open resource, or a refusal".to_owned(),
        }
    }

    pub(super) fn judge(&self, seen: &Seen) -> Judged {
        if seen.status == Some(429) {
            let reason = "the gateway limits the rate: ask more slowly with --rate";
            return Judged {
                verdict: Verdict::NotTestable,
                reason: Some(reason.to_owned()),
                fault: None,
            };
        }
        if let Some(problem) = handed_on(seen) {
            return problem;
        }
        match self.column.kind {
            // who forges may well be refused for that alone
            Kind::Identity if seen.status == Some(400) && !seen.is_let_in() => Judged::pass(),
            Kind::Resource | Kind::Identity => match self.due() {
                Some(Due::Either) if matches!(seen.status, Some(400 | 401)) => Judged::pass(),
                Some(Due::LetIn | Due::Either) | None => self.let_in(seen),
                Some(due) => self.refused(&due, seen),
            },
            Kind::Spelling => sideways::spelling(self, seen),
            Kind::Unnamed => sideways::unnamed(seen),
            Kind::Method => sideways::method(self, seen),
            Kind::Rewrite => sideways::rewrite(self, seen),
        }
    }

    /// Somebody who may.
    fn let_in(&self, seen: &Seen) -> Judged {
        if seen.is_success() && seen.is_let_in() {
            if self.token_handed_on(seen) {
                let reason = "the caller's own token reached the API";
                return Judged::blemish(Fault::TokenForwarded, reason);
            }
            return Judged::pass();
        }
        if seen.is_success() {
            let reason = "2xx, but the request did not reach the API";
            return Judged::of(Verdict::Failure, Fault::NoAnswer, reason);
        }
        let fault = match (seen.status, &self.row.standing) {
            (None | Some(500..), _) => Fault::NoAnswer,
            (Some(_), Standing::Holder { .. }) if self.row.courtesy => self.row.fault,
            (Some(_), Standing::Holder { .. }) => Fault::LockedOut,
            (Some(_), _) => Fault::Closed,
        };
        let reason = format!("who may be let in was not: {}", seen.words());
        if self.row.courtesy || self.shows_junk_at_an_open_door() {
            return Judged::blemish(fault, reason);
        }
        Judged::of(Verdict::Failure, fault, reason)
    }

    /// A bad token where none is needed: some gateways refuse it all the same, and harm nobody.
    fn shows_junk_at_an_open_door(&self) -> bool {
        matches!(self.row.standing, Standing::Invalid)
    }

    fn token_handed_on(&self, seen: &Seen) -> bool {
        let Ok(shows) = &self.row.shows else {
            return false;
        };
        let arrivals = seen.arrivals.iter().flatten();
        let mut values = arrivals.flat_map(|arrival| arrival.headers.values());
        values.any(|value| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let holds = |secret: &crate::oauth::Secret| value.contains(secret.expose());
            shows.secrets.iter().any(holds)
        })
    }

    /// Somebody who may not.
    fn refused(&self, due: &Due, seen: &Seen) -> Judged {
        if seen.is_let_in() {
            let fault = match due {
                Due::ScopeRefused(_) => self.row.fault.of_a_missing_scope(),
                _ => self.row.fault,
            };
            return Judged::hole(fault, "somebody was let in who must not be");
        }
        refusal::judge(due, seen)
    }
}

/// Whether something that a caller forged reached the API under a name that tells it who asks.
fn handed_on(seen: &Seen) -> Option<Judged> {
    let arrivals = seen.arrivals.iter().flatten();
    let headers = arrivals.flat_map(|arrival| arrival.headers.iter());
    let forged = headers
        .filter(|(_, value)| String::from_utf8_lossy(value.as_bytes()).contains(FORGED_NAME));
    let mut names: Vec<String> = forged.map(|(name, _)| name.to_string()).collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let told = names.join(", ");
    if names
        .iter()
        .any(|name| name.replace('_', "-").starts_with("x-auth-"))
    {
        let reason = format!("the API was told who asks by the caller: {told}");
        return Some(Judged::hole(Fault::Identity, reason));
    }
    let reason = format!("headers that say who asks went from the caller to the API: {told}");
    Some(Judged::blemish(Fault::Identity, reason))
}

#[cfg(test)]
mod tests;
