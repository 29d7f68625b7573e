//! How many findings there are of each kind.

use super::{Finding, Verdict};
use serde::Serialize;

/// How many findings are how.
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

impl Summary {
    /// Counts.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            *match finding.verdict {
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
