//! For build servers: findings as `JUnit`'s XML.

use super::{Finding, Summary, Verdict};
use askama::Template;

/// Findings that belong together.
pub struct Suite<'f> {
    /// Its title.
    pub title: &'f str,
    /// Each with the name of its group.
    pub cases: Vec<(&'f str, &'f Finding)>,
}

#[derive(Template)]
#[template(path = "finding/junit.xml")]
struct Document<'f> {
    tool: &'f str,
    suites: Vec<Counted<'f>>,
    strict: bool,
}

struct Counted<'f> {
    suite: Suite<'f>,
    failures: usize,
    skipped: usize,
}

/// The XML. Holes and failures fail; with `strict`, blemishes too.
#[must_use]
pub fn junit(tool: &str, suites: Vec<Suite<'_>>, strict: bool) -> String {
    let suites = suites.into_iter().map(|suite| {
        let summary = Summary::of(suite.cases.iter().map(|(_, finding)| *finding));
        let blemishes = if strict { summary.blemishes } else { 0 };
        Counted {
            suite,
            failures: summary.holes + summary.failures + blemishes,
            skipped: summary.not_testable,
        }
    });
    let suites = suites.collect();
    let document = Document {
        tool,
        suites,
        strict,
    };
    document.render().unwrap_or_default() // plain values into a template that is compiled in
}

impl Document<'_> {
    fn fails(&self, finding: &Finding) -> bool {
        match finding.verdict {
            Verdict::Hole | Verdict::Failure => true,
            Verdict::Blemish => self.strict,
            Verdict::Pass | Verdict::NotTestable => false,
        }
    }

    #[expect(clippy::unused_self, reason = "a template calls methods")]
    fn is_skipped(&self, finding: &Finding) -> bool {
        finding.verdict == Verdict::NotTestable
    }

    #[expect(clippy::unused_self, reason = "a template calls methods")]
    fn is_blemish(&self, finding: &Finding) -> bool {
        finding.verdict == Verdict::Blemish
    }
}
