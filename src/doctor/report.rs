//! What came of it, as a table for people, JSON or `JUnit`'s XML.

use crate::finding::{Finding, Suite, Summary, Verdict, junit};
use serde::Serialize;
use std::fmt::Write as _;

/// All findings, in the order of the checks.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was examined.
    pub title: String,
    /// How many went how.
    pub summary: Summary,
    /// One a check.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Counts.
    #[must_use]
    pub fn of(title: impl Into<String>, findings: Vec<Finding>) -> Self {
        Self {
            title: title.into(),
            summary: Summary::of(&findings),
            findings,
        }
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.summary.holes == 0 && self.summary.failures == 0
    }

    /// The outcome in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let words = self.summary.words();
        let first = self
            .findings
            .iter()
            .find(|finding| matches!(finding.verdict, Verdict::Failure | Verdict::Hole));
        match first {
            Some(finding) => format!("Mend {} first: {words}.", finding.id),
            None if self.summary.not_testable > 0 => {
                format!("What could be tested fits together: {words}.")
            }
            None => format!("Everything fits together: {words}."),
        }
    }

    /// As JSON, for programs.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() // plain members: it cannot fail
    }

    /// As `JUnit`'s XML: a case a check. Holes and failures fail; with `strict`, blemishes too.
    #[must_use]
    pub fn junit(&self, strict: bool) -> String {
        let group = |finding: &Finding| match finding.id.split_once('.') {
            Some((group, _)) => group.len(),
            None => finding.id.len(),
        };
        let cases = self
            .findings
            .iter()
            .map(|finding| (&finding.id[..group(finding)], finding));
        let suite = Suite {
            title: &self.title,
            cases: cases.collect(),
        };
        junit("doctor", vec![suite], strict)
    }

    /// For a terminal: a line a check; for what did not pass, why and what to do. `verbose`: what was
    /// sent and came back, too.
    #[must_use]
    pub fn text(&self, verbose: bool) -> String {
        let mut text = format!("{}\n\n", self.title);
        let wide = self.findings.iter().map(|finding| finding.id.len()).max();
        let wide = wide.unwrap_or_default();
        for finding in &self.findings {
            tell(finding, wide, verbose, &mut text);
        }
        let _ = write!(text, "\n{}\n", self.sentence());
        text
    }
}

fn tell(finding: &Finding, wide: usize, verbose: bool, text: &mut String) {
    let mark = match finding.verdict {
        Verdict::Pass => "ok     ",
        Verdict::NotTestable => "-      ",
        Verdict::Blemish => "blemish",
        Verdict::Failure => "FAILURE",
        Verdict::Hole => "HOLE   ",
    };
    let got = match finding.verdict {
        Verdict::NotTestable => "not testable here",
        _ => &finding.got,
    };
    let _ = writeln!(text, "{mark}  {:<wide$}  {got}", finding.id);
    let indent = " ".repeat(wide + 11);
    if !matches!(finding.verdict, Verdict::Pass | Verdict::NotTestable) {
        let _ = writeln!(text, "{indent}due: {}", finding.expected);
    }
    if let Some(reason) = &finding.reason {
        let _ = writeln!(text, "{indent}why: {reason}");
    }
    if let Some(fix) = &finding.fix {
        let _ = writeln!(text, "{indent}fix: {fix}");
    }
    let bad = matches!(finding.verdict, Verdict::Failure | Verdict::Hole);
    if verbose || bad {
        for line in &finding.evidence {
            let _ = writeln!(text, "{indent}     {line}");
        }
    }
}
