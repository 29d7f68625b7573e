//! `/doctor`: the checks of the whole setup, on a page. Who runs them is not known here: they come through
//! [`Examiner`](crate::finding::Examiner).

use super::{
    app::App,
    machine::Flight,
    page::{CheckRow, DoctorPage, ExaminedView, NextStep, VerdictKind},
    posted::Posted,
    problem::{Page, Problem, see_other},
    visit::Visit,
};
use crate::{
    clock::Clock,
    finding::{Finding, Summary, Verdict},
    reason,
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::collections::VecDeque;
use tokio::sync::{Mutex, MutexGuard};

/// Where the page is.
pub(super) const PATH: &str = "/doctor";
/// How long nobody runs the checks again after a run, in seconds: they sign people in at somebody's provider.
const PAUSE: i64 = 10;
/// How many runs there are within an hour: a provider locks whom it sees fail too often.
const HOURLY: usize = 20;
const HOUR: i64 = 3600;

/// One run at a time, a pause after each, and not too many.
#[derive(Default)]
pub(super) struct Desk(Mutex<Runs>);

#[derive(Default)]
struct Runs {
    ended: Option<i64>,
    begun: VecDeque<i64>,
}

/// A run under way. It ends with its value, also when the browser hangs up.
struct Run<'d> {
    runs: MutexGuard<'d, Runs>,
    clock: &'d Clock,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.runs.ended = Some(self.clock.now());
    }
}

impl Desk {
    /// A run, if one may begin now.
    fn begin<'d>(&'d self, clock: &'d Clock) -> Option<Run<'d>> {
        let mut runs = self.0.try_lock().ok()?;
        let now = clock.now();
        if runs
            .ended
            .is_some_and(|ended| now.saturating_sub(ended) < PAUSE)
        {
            return None;
        }
        runs.begun.retain(|begun| now.saturating_sub(*begun) < HOUR);
        if runs.begun.len() >= HOURLY {
            return None;
        }
        runs.begun.push_back(now);
        Some(Run { runs, clock })
    }
}

/// Says what the checks do.
pub(super) async fn get(State(app): State<App>, visit: Visit) -> Result<Response, Problem> {
    if app.config.doctor.is_none() {
        return Err(Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE));
    }
    let page = DoctorPage {
        chrome: visit.chrome(),
        examined: None,
        next: next("run the checks", "Run them all; it takes a few seconds."),
    };
    Ok(Page(StatusCode::OK, page).into_response())
}

/// Runs the checks, and keeps what they saw for this browser.
pub(super) async fn post(State(app): State<App>, posted: Posted) -> Result<Response, Problem> {
    let Some(doctor) = &app.config.doctor else {
        return Err(Problem::new(StatusCode::NOT_FOUND, &reason::NO_SUCH_PAGE));
    };
    let busy = || Problem::new(StatusCode::TOO_MANY_REQUESTS, &reason::DOCTOR_BUSY);
    let run = app.desk.begin(&app.config.clock).ok_or_else(busy)?;
    let findings = doctor.examine().await;
    drop(run);
    let summary = Summary::of(&findings);
    tracing::info!(
        event = "doctor",
        failures = summary.failures + summary.holes,
        blemishes = summary.blemishes,
        "ran the checks of the setup"
    );
    let flight = Flight::Examination(findings);
    let id = app.flights.keep(posted.visit.owner(), flight);
    Ok(see_other(&format!("/flights/{id}")))
}

/// What a run came to.
pub(super) fn tell(visit: &Visit, findings: &[Finding]) -> DoctorPage {
    let summary = Summary::of(findings);
    let bad = |finding: &&Finding| matches!(finding.verdict, Verdict::Failure | Verdict::Hole);
    let first = findings.iter().find(bad);
    let (kind, sentence) = match first {
        Some(finding) => (
            VerdictKind::Failed,
            format!("Mend {} first: {}.", finding.id, summary.words()),
        ),
        None if summary.not_testable > 0 => (
            VerdictKind::Pass,
            format!("What could be tested fits together: {}.", summary.words()),
        ),
        None => (
            VerdictKind::Pass,
            format!("Everything fits together: {}.", summary.words()),
        ),
    };
    DoctorPage {
        chrome: visit.chrome(),
        examined: Some(ExaminedView {
            kind,
            sentence,
            rows: findings.iter().map(row).collect(),
        }),
        next: next("run the checks again", "After a change."),
    }
}

fn row(finding: &Finding) -> CheckRow {
    let (word, class) = match finding.verdict {
        Verdict::Pass => ("As expected", "pass"),
        Verdict::NotTestable => ("Not testable here", "note"),
        Verdict::Blemish => ("Blemish", "failed"),
        Verdict::Failure => ("Failure", "refused"),
        Verdict::Hole => ("Hole", "refused"),
    };
    CheckRow {
        id: finding.id.clone(),
        title: finding.title.clone(),
        word,
        class,
        got: match finding.verdict {
            Verdict::NotTestable => String::new(),
            _ => finding.got.clone(),
        },
        expected: finding.expected.clone(),
        reason: finding.reason.clone(),
        fix: finding.fix.clone(),
        evidence: finding.evidence.clone(),
    }
}

fn next(button: &str, text: &str) -> Vec<NextStep> {
    vec![
        NextStep::post(text, PATH, button, None),
        NextStep::link("All levels and resources.", "/", "go to the home page"),
    ]
}

/// Leads to the page from one that tells of trouble, where there is one.
pub(super) fn step(app: &App) -> Option<NextStep> {
    let text = "Look at the whole setup, check by check.";
    let there = app.config.doctor.is_some();
    there.then(|| NextStep::link(text, PATH, "run the doctor"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_pause_counts_from_the_end_of_a_run_however_it_ended() {
        let (desk, clock) = (Desk::default(), Clock::standing());
        let run = desk.begin(&clock);
        assert!(run.is_some());
        clock.advance(Duration::from_secs(24));
        assert!(desk.begin(&clock).is_none(), "one at a time");
        drop(run); // as when the browser hangs up
        assert!(desk.begin(&clock).is_none(), "a run has just ended");
        clock.advance(Duration::from_secs(9));
        assert!(desk.begin(&clock).is_none());
        clock.advance(Duration::from_secs(1));
        assert!(desk.begin(&clock).is_some());
    }

    #[test]
    fn there_are_twenty_runs_an_hour_so_that_nobody_is_locked_out_by_a_stranger() {
        let (desk, clock) = (Desk::default(), Clock::standing());
        for _ in 0..HOURLY {
            assert!(desk.begin(&clock).is_some());
            clock.advance(Duration::from_secs(10));
        }
        assert!(desk.begin(&clock).is_none());
        clock.advance(Duration::from_secs(3600 - 200));
        assert!(desk.begin(&clock).is_some(), "the first is an hour old");
        clock.advance(Duration::from_secs(10));
        assert!(desk.begin(&clock).is_some());
    }
}
