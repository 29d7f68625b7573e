//! What came of it all, as a table, JSON, `JUnit`'s XML or a page.

mod findings;
mod html;
mod junit;
mod text;

use super::matrix::{CellReport, Matrix};
use crate::finding::Verdict;
use serde::Serialize;

/// One matrix or more.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How many cells went how.
    pub summary: Summary,
    /// What was verified.
    pub matrices: Vec<Matrix>,
}

/// How many cells went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Somebody was let in who must not be.
    pub holes: usize,
    /// Somebody was refused who may be let in.
    pub failures: usize,
    /// Safe, but not as it should be.
    pub blemishes: usize,
    /// As expected.
    pub passed: usize,
    /// Not counted as passed.
    pub not_testable: usize,
}

impl Report {
    /// Counts.
    #[must_use]
    pub fn of(matrices: Vec<Matrix>) -> Self {
        let cells = matrices.iter().flat_map(|matrix| &matrix.cells);
        let summary = Summary::of(cells);
        Self { summary, matrices }
    }

    /// As JSON, for programs.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() // plain members: it cannot fail
    }

    /// Whether nobody got what they must not get, and everybody what they may; and whether there was
    /// somebody to let in at all.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.summary.holds() && self.matrices.iter().all(|matrix| matrix.has_tokens)
    }

    /// The verdict in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let words = self.summary.words();
        if !self.summary.holds() {
            return format!("The gateway does not hold: {words}.");
        }
        if !self.holds() {
            return format!(
                "No real token was at hand, so that nobody could be let in, and nothing is proven: {words}."
            );
        }
        format!("The gateway holds: {words}.")
    }

    /// The cells of all matrices.
    pub fn cells(&self) -> impl Iterator<Item = &CellReport> {
        self.matrices.iter().flat_map(|matrix| &matrix.cells)
    }
}

impl Summary {
    fn of<'c>(cells: impl Iterator<Item = &'c CellReport>) -> Self {
        let mut summary = Self::default();
        for cell in cells {
            *match cell.finding.verdict {
                Verdict::Hole => &mut summary.holes,
                Verdict::Failure => &mut summary.failures,
                Verdict::Blemish => &mut summary.blemishes,
                Verdict::Pass => &mut summary.passed,
                Verdict::NotTestable => &mut summary.not_testable,
            } += 1;
        }
        summary
    }

    /// Whether nobody got what they must not get, and everybody what they may.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.holes == 0 && self.failures == 0 && self.passed > 0
    }

    /// In a line.
    #[must_use]
    pub fn words(&self) -> String {
        let some = |count: usize, one: &str, more: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {more}"),
        };
        format!(
            "{}, {}, {}, {} as expected, {} not testable here",
            some(self.holes, "hole", "holes"),
            some(self.failures, "failure", "failures"),
            some(self.blemishes, "blemish", "blemishes"),
            self.passed,
            self.not_testable
        )
    }
}
