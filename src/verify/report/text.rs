//! For a terminal: the table of callers and resources, what was asked beside it, and what differs.

use super::{
    Report,
    findings::{groups, not_tested},
};
use crate::{
    finding::{Summary, Verdict},
    verify::matrix::{CellReport, Matrix, RESOURCES},
};
use comfy_table::{ContentArrangement, Table, presets};
use std::fmt::Write as _;

/// How many cells that differ alike are named.
const NAMED: usize = 6;

impl Report {
    /// The whole report as text, `width` characters wide where that is known.
    #[must_use]
    pub fn text(&self, width: Option<u16>) -> String {
        let mut text = String::new();
        for matrix in &self.matrices {
            tell(matrix, width, &mut text);
        }
        let _ = writeln!(text, "{}", self.sentence());
        text
    }
}

fn tell(matrix: &Matrix, width: Option<u16>, text: &mut String) {
    let _ = writeln!(text, "{}", matrix.title);
    let _ = writeln!(
        text,
        "  gateway {} ({}), tokens of {}",
        matrix.gateway, matrix.gateway_name, matrix.issuer
    );
    for note in &matrix.notes {
        let _ = writeln!(text, "  {note}");
    }
    let _ = writeln!(text, "\n{}\n", resources(matrix, width));
    for (group, summary) in beside(matrix) {
        let _ = writeln!(text, "  {group}: {}", summary.words());
    }
    let reasons = not_tested(matrix);
    if !reasons.is_empty() {
        let _ = writeln!(text, "\n  Not testable here, and not counted as passed:");
    }
    for (reason, who) in reasons {
        let _ = writeln!(text, "  - {}: {reason}", who.join(", "));
    }
    text.push('\n');
    for group in groups(matrix) {
        let verdict = group.verdict.words().to_uppercase();
        let _ = writeln!(text, "  {verdict}: {}", group.reason);
        for finding in group.findings.iter().take(NAMED) {
            let _ = writeln!(text, "    {} [{}]", finding.title, finding.id);
            let _ = writeln!(
                text,
                "      expected {}; got {}",
                finding.expected, finding.got
            );
        }
        if let Some(more) = group
            .findings
            .len()
            .checked_sub(NAMED)
            .filter(|more| *more > 0)
        {
            let _ = writeln!(text, "    and {more} more");
        }
        for line in group
            .findings
            .first()
            .into_iter()
            .flat_map(|finding| &finding.evidence)
        {
            let _ = writeln!(text, "      {line}");
        }
        if let Some(fix) = group.fix {
            let _ = writeln!(text, "    mend it: {fix}");
        }
        text.push('\n');
    }
}

/// Callers and resources.
fn resources(matrix: &Matrix, width: Option<u16>) -> Table {
    let columns = matrix.columns.iter().enumerate();
    let columns: Vec<(usize, &str)> = columns
        .filter(|(_, head)| head.group == RESOURCES)
        .map(|(place, head)| (place, head.title.as_str()))
        .collect();
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
    }
    let titles = columns.iter().map(|(_, title)| *title);
    table.set_header(std::iter::once("who asks").chain(titles));
    for (place, row) in matrix.rows.iter().enumerate() {
        let cell = |column: usize| {
            let mut cells = matrix.cells.iter();
            let cell = cells.find(|cell| cell.row == place && cell.column == column);
            cell.map(shown).unwrap_or_default()
        };
        let cells = columns.iter().map(|(column, _)| cell(*column));
        table.add_row(std::iter::once(row.title.clone()).chain(cells));
    }
    table
}

/// A cell of the table: the status, and what is wrong with it.
pub(super) fn shown(cell: &CellReport) -> String {
    let status = cell
        .status
        .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    match cell.finding.verdict {
        Verdict::Pass => status,
        Verdict::NotTestable => "-".to_owned(),
        Verdict::Blemish => format!("{status} blemish ({})", cell.due),
        Verdict::Failure => format!("{status} FAILURE ({})", cell.due),
        Verdict::Hole => format!("{status} HOLE ({})", cell.due),
    }
}

/// The groups of columns beside the resources, and how they went.
pub(super) fn beside(matrix: &Matrix) -> Vec<(&'static str, Summary)> {
    let mut names: Vec<&'static str> = Vec::new();
    for head in &matrix.columns {
        if head.group != RESOURCES && !names.contains(&head.group) {
            names.push(head.group);
        }
    }
    let of = |name: &str| {
        let cells = matrix.cells.iter();
        let cells = cells.filter(|cell| matrix.columns[cell.column].group == name);
        Summary::of(cells.map(|cell| &cell.finding))
    };
    names.into_iter().map(|name| (name, of(name))).collect()
}
