//! Runs the checks in order, each within its time, and keeps what the later ones stand on.

use super::{
    ask::Answer,
    check::{CHECKS, Check, UnknownCheck},
    patient::Patient,
    saw::{Saw, Struck},
};
use crate::{
    blueprint::Level,
    calls::{Discovery, Granted},
    finding::{Finding, Verdict},
    oauth::Secret,
};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long checks may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One of them.
    pub check: Duration,
    /// All of them.
    pub total: Duration,
}

impl Limits {
    /// For a terminal, where a person waits.
    pub const TERMINAL: Self = Self {
        check: Duration::from_secs(25),
        total: Duration::from_secs(120),
    };
    /// For a page, whose request ends within half a minute.
    pub const PAGE: Self = Self {
        check: Duration::from_secs(12),
        total: Duration::from_secs(24),
    };
}

/// An examination under way.
pub(super) struct Exam {
    pub(super) patient: Arc<Patient>,
    /// What the issuer says of itself, whosever it is.
    pub(super) document: Option<Map<String, Value>>,
    /// The same as it came, and from where.
    pub(super) fetched: Option<(String, Bytes)>,
    /// The same, when it is this issuer's.
    pub(super) discovery: Option<Discovery>,
    /// The issuer's key set as it came.
    pub(super) keys: Option<Bytes>,
    /// How far the issuer's clock is ahead of ours, in seconds.
    pub(super) issuer_ahead: Option<i64>,
    /// The same of the gateway's.
    pub(super) gateway_ahead: Option<i64>,
    /// Tokens of sign-ins, by level.
    pub(super) held: Vec<(String, Granted)>,
    /// Whether the token endpoint tells a wrong secret from a wrong code; `None`: not yet known.
    pub(super) struck: Struck,
}

impl Exam {
    fn new(patient: Patient) -> Self {
        let mut struck = Struck::default();
        for secret in patient.secrets() {
            struck.add(&secret);
        }
        if let Some(secret) = patient.client_secret() {
            struck.add_client(&patient.client_id, secret);
        }
        if let Some(client) = &patient.introspector {
            struck.add_client(&client.client_id, &client.client_secret);
        }
        Self {
            patient: Arc::new(patient),
            document: None,
            fetched: None,
            discovery: None,
            keys: None,
            issuer_ahead: None,
            gateway_ahead: None,
            held: Vec::new(),
            struck,
        }
    }

    pub(super) fn level(&self, place: usize) -> Option<&Level> {
        self.patient.blueprint.levels.get(place)
    }

    /// Keeps tokens for the checks that need some, and out of every finding.
    pub(super) fn hold(&mut self, level: &str, granted: Granted) {
        let tokens = [Some(&granted.access_token), granted.id_token.as_ref()];
        for token in tokens
            .into_iter()
            .flatten()
            .chain(granted.refresh_token.as_ref())
        {
            self.struck.add(token);
        }
        self.held.push((level.to_owned(), granted));
    }

    /// A secret that is made up for a request.
    pub(super) fn made_up(&mut self) -> Secret {
        let secret = Secret::random();
        self.struck.add(&secret);
        secret
    }

    /// How far the clock of who answered is ahead of ours, in seconds.
    pub(super) fn ahead(&self, answer: &Answer) -> Option<i64> {
        let date = answer.header(axum::http::header::DATE)?;
        let date = httpdate::parse_http_date(&date).ok()?;
        let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
        let theirs = i64::try_from(since.as_secs()).ok()?;
        Some(theirs.saturating_sub(self.patient.clock.now()))
    }
}

/// Runs every check.
pub async fn examine(patient: Patient, limits: Limits) -> Vec<Finding> {
    run(patient, limits, |_| true).await
}

/// Runs these checks and those that they stand on. Of the latter only what did not pass is told.
///
/// # Errors
/// When a name is no check's.
pub async fn examine_only(
    patient: Patient,
    limits: Limits,
    wanted: &[String],
) -> Result<Vec<Finding>, UnknownCheck> {
    let planned: Vec<Planned> = plan(&patient).collect();
    let mut needed: Vec<String> = Vec::new();
    for id in wanted {
        let known = planned.iter().find(|one| one.id == *id);
        let known = known.ok_or_else(|| UnknownCheck(id.clone()))?;
        need(known, &planned, &mut needed);
    }
    let mut findings = run(patient, limits, |id| needed.iter().any(|one| one == id)).await;
    findings.retain(|finding| {
        let asked = wanted.contains(&finding.id);
        asked || !matches!(finding.verdict, Verdict::Pass | Verdict::NotTestable)
    });
    Ok(findings)
}

fn need(one: &Planned, planned: &[Planned], needed: &mut Vec<String>) {
    if needed.contains(&one.id) {
        return;
    }
    needed.push(one.id.clone());
    // a token comes from the levels' sign-ins, and what is done with one is told by `token`
    let from_levels = one.check.id == "token" || one.check.id == "introspection";
    for other in planned {
        let stands_on = one.check.needs.contains(&other.check.id);
        if stands_on || from_levels && other.level.is_some() {
            need(other, planned, needed);
        }
    }
}

struct Planned {
    id: String,
    check: &'static Check,
    level: Option<usize>,
}

fn plan(patient: &Patient) -> impl Iterator<Item = Planned> {
    let levels: Vec<String> = patient
        .blueprint
        .levels
        .iter()
        .map(|level| level.name.clone())
        .collect();
    CHECKS.iter().flat_map(move |check| {
        let Some(before) = check.id.strip_suffix("<LEVEL>") else {
            let id = check.id.to_owned();
            return vec![Planned {
                id,
                check,
                level: None,
            }];
        };
        let levels = levels.iter().enumerate();
        let one = levels.map(|(place, level)| Planned {
            id: format!("{before}{level}"),
            check,
            level: Some(place),
        });
        one.collect()
    })
}

async fn run(patient: Patient, limits: Limits, wanted: impl Fn(&str) -> bool) -> Vec<Finding> {
    let planned: Vec<Planned> = plan(&patient).filter(|one| wanted(&one.id)).collect();
    let end = Instant::now() + limits.total;
    let mut exam = Exam::new(patient);
    let mut findings: Vec<Finding> = Vec::new();
    for one in planned {
        let saw = match in_the_way(&exam, &one, &findings) {
            Some(why) => Saw::untestable(why),
            None => in_time(&mut exam, &one, limits.check, end).await,
        };
        let title = match one.level.and_then(|place| exam.level(place)) {
            Some(level) => format!("{}: {}", one.check.title, level.name),
            None => one.check.title.to_owned(),
        };
        tracing::debug!(event = "doctor", check = one.id, verdict = ?saw.verdict(), "checked");
        findings.push(saw.finding(&one.id, &title, one.check.expected, &exam.struck));
    }
    findings
}

/// Why a check has no ground to stand on.
fn in_the_way(exam: &Exam, one: &Planned, findings: &[Finding]) -> Option<String> {
    let problems = exam.patient.settings.problems.iter();
    let mut wrong = problems.filter(|problem| one.check.variables.contains(&&*problem.name));
    if let Some(problem) = wrong.next() {
        return Some(format!("skipped: {} is to be mended first", problem.name));
    }
    let lacking = findings.iter().find(|finding| {
        let stands_on = one.check.stands_on(&finding.id, &exam.patient);
        stands_on && !matches!(finding.verdict, Verdict::Pass | Verdict::Blemish)
    })?;
    Some(match lacking.verdict {
        Verdict::NotTestable => format!(
            "skipped: it stands on {}, which is not testable here",
            lacking.id
        ),
        _ => format!("skipped: {} is to be mended first", lacking.id),
    })
}

async fn in_time(exam: &mut Exam, one: &Planned, each: Duration, end: Instant) -> Saw {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Saw::untestable("skipped: the time for all checks was up");
    }
    let running = (one.check.run)(exam, one.level.unwrap_or_default());
    let saw = tokio::time::timeout(each.min(left), running).await;
    saw.unwrap_or_else(|_| {
        if left < each {
            return Saw::untestable("cut short: the time for all checks was up");
        }
        Saw::failure(
            "no end",
            "The check did not end in time: somebody on the way answers slowly.",
            "Look at the network between this machine and the other, then run doctor --only with this check's name.",
        )
    })
}
