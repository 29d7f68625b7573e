//! For build servers: a suite a matrix, a case a cell.

use super::{Report, Summary};
use crate::{
    finding::Verdict,
    verify::matrix::{CellReport, Matrix},
};
use askama::Template;

#[derive(Template)]
#[template(path = "verify/junit.xml")]
struct Document<'r> {
    suites: Vec<Suite<'r>>,
    strict: bool,
}

struct Suite<'r> {
    matrix: &'r Matrix,
    failures: usize,
    skipped: usize,
}

impl Report {
    /// As `JUnit`'s XML. Holes and failures fail; with `strict`, blemishes too.
    #[must_use]
    pub fn junit(&self, strict: bool) -> String {
        let suites = self.matrices.iter().map(|matrix| {
            let summary = Summary::of(matrix.cells.iter());
            let blemishes = if strict { summary.blemishes } else { 0 };
            Suite {
                matrix,
                failures: summary.holes + summary.failures + blemishes,
                skipped: summary.not_testable,
            }
        });
        let suites = suites.collect();
        let document = Document { suites, strict };
        document.render().unwrap_or_default() // plain values into a template that is compiled in
    }
}

impl Document<'_> {
    fn fails(&self, cell: &CellReport) -> bool {
        match cell.finding.verdict {
            Verdict::Hole | Verdict::Failure => true,
            Verdict::Blemish => self.strict,
            Verdict::Pass | Verdict::NotTestable => false,
        }
    }

    #[expect(clippy::unused_self, reason = "a template calls methods")]
    fn is_skipped(&self, cell: &CellReport) -> bool {
        cell.finding.verdict == Verdict::NotTestable
    }

    #[expect(clippy::unused_self, reason = "a template calls methods")]
    fn is_blemish(&self, cell: &CellReport) -> bool {
        cell.finding.verdict == Verdict::Blemish
    }
}
