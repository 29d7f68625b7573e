//! One page that needs nothing else: no script, no other file.

use super::{
    Report,
    findings::{Group, groups, not_tested},
    text::{beside, shown},
};
use crate::{
    finding::{Summary, Verdict},
    verify::matrix::{Matrix, RESOURCES},
};
use askama::Template;

/// How many cells that differ alike are named.
const NAMED: usize = 40;

#[derive(Template)]
#[template(path = "verify/page.html")]
struct Page<'r> {
    summary: String,
    sentence: String,
    holds: bool,
    matrices: Vec<Part<'r>>,
}

/// A matrix, ready to print.
struct Part<'r> {
    matrix: &'r Matrix,
    columns: Vec<&'r str>,
    rows: Vec<(&'r str, Vec<(&'static str, String)>)>,
    beside: Vec<(&'static str, String)>,
    not_tested: Vec<(String, &'r str)>,
    groups: Vec<Group<'r>>,
}

impl Report {
    /// As one HTML page. Whatever a server said is escaped.
    #[must_use]
    pub fn html(&self) -> String {
        let page = Page {
            summary: self.summary.words(),
            sentence: self.sentence(),
            holds: self.holds(),
            matrices: self.matrices.iter().map(part).collect(),
        };
        page.render().unwrap_or_default() // plain values into a template that is compiled in
    }
}

fn part(matrix: &Matrix) -> Part<'_> {
    let places: Vec<usize> = (0..matrix.columns.len())
        .filter(|place| matrix.columns[*place].group == RESOURCES)
        .collect();
    let rows = matrix.rows.iter().enumerate().map(|(row, head)| {
        let cells = places.iter().map(|column| {
            let mut cells = matrix.cells.iter();
            let cell = cells.find(|cell| cell.row == row && cell.column == *column);
            cell.map_or(("none", String::new()), |cell| {
                (class(cell.finding.verdict), shown(cell))
            })
        });
        (head.title.as_str(), cells.collect())
    });
    Part {
        matrix,
        columns: places
            .iter()
            .map(|place| matrix.columns[*place].title.as_str())
            .collect(),
        rows: rows.collect(),
        beside: beside(matrix)
            .into_iter()
            .map(|(name, summary): (_, Summary)| (name, summary.words()))
            .collect(),
        not_tested: not_tested(matrix)
            .into_iter()
            .map(|(reason, who)| (who.join(", "), reason))
            .collect(),
        groups: groups(matrix),
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::NotTestable => "none",
        Verdict::Blemish => "blemish",
        Verdict::Failure => "failure",
        Verdict::Hole => "hole",
    }
}

impl Group<'_> {
    fn class(&self) -> &'static str {
        class(self.verdict)
    }

    fn named(&self) -> impl Iterator<Item = &&crate::finding::Finding> {
        self.findings.iter().take(NAMED)
    }

    fn more(&self) -> usize {
        self.findings.len().saturating_sub(NAMED)
    }

    fn evidence(&self) -> String {
        let first = self.findings.first();
        first
            .map(|finding| finding.evidence.join("\n"))
            .unwrap_or_default()
    }
}
