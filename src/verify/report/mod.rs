//! What came of it all, as a table, JSON, `JUnit`'s XML or a page.

mod findings;
mod html;
mod text;

use super::matrix::{CellReport, Matrix};
use crate::finding::{Suite, Summary, junit};
use serde::Serialize;

/// One matrix or more.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How many cells went how.
    pub summary: Summary,
    /// What was verified.
    pub matrices: Vec<Matrix>,
}

impl Report {
    /// Counts.
    #[must_use]
    pub fn of(matrices: Vec<Matrix>) -> Self {
        let cells = matrices.iter().flat_map(|matrix| &matrix.cells);
        let summary = Summary::of(cells.map(|cell| &cell.finding));
        Self { summary, matrices }
    }

    /// As JSON, for programs.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() // plain members: it cannot fail
    }

    /// As `JUnit`'s XML: a suite a matrix, a case a cell. Holes and failures fail; with `strict`, blemishes too.
    #[must_use]
    pub fn junit(&self, strict: bool) -> String {
        let suites = self.matrices.iter().map(|matrix| {
            let group = |cell: &CellReport| matrix.columns[cell.column].group;
            let cases = matrix.cells.iter().map(|cell| (group(cell), &cell.finding));
            Suite {
                title: &matrix.title,
                cases: cases.collect(),
            }
        });
        junit("verify", suites.collect(), strict)
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
