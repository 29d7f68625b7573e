//! Fills the matrix: every caller at every column.

use super::CellReport;
use crate::{
    finding::{Finding, Verdict},
    verify::{
        access::Access,
        ask::{Asker, Exchange},
        column::{Column, Kind},
        judge::Cell,
        row::{Row, Shows},
    },
};

/// What is asked, and how much of it.
pub(in crate::verify) struct Plan<'a> {
    pub(in crate::verify) access: &'a Access,
    pub(in crate::verify) rows: &'a [Row],
    pub(in crate::verify) columns: &'a [Column],
    /// What the gateway is called, in lower case.
    pub(in crate::verify) gateway_name: &'a str,
    /// Whether forgeries may be sent.
    pub(in crate::verify) forgeries: bool,
    /// How many requests at most.
    pub(in crate::verify) requests: usize,
    /// Told how many there were, after each cell.
    pub(in crate::verify) progress: fn(usize),
}

/// Asks for every cell, one after the other: what reaches the API can then be told apart.
pub(in crate::verify) async fn fill(plan: &Plan<'_>, asker: &mut Asker<'_>) -> Vec<CellReport> {
    let mut cells = Vec::new();
    let mut requests = 0;
    for (column_place, column) in plan.columns.iter().enumerate() {
        for (row_place, row) in plan.rows.iter().enumerate() {
            if column.kind != Kind::Resource && !row.everywhere
                || column.kind == Kind::Rewrite && row_place > 0
            {
                continue;
            }
            let cell = Cell {
                access: plan.access,
                row,
                column,
            };
            let shows = if asker.is_gone() {
                Err("the gateway stopped answering".to_owned())
            } else {
                plan.shows(&cell, requests)
            };
            let (answered, finding) = match shows {
                Err(why) => (None, not_testable(&cell, why)),
                Ok(shows) => {
                    requests += 1;
                    let exchange = asker.ask(column, shows).await;
                    let finding = plan.finding(&cell, &exchange);
                    (Some(exchange.seen), finding)
                }
            };
            (plan.progress)(requests);
            cells.push(CellReport {
                row: row_place,
                column: column_place,
                due: cell.due().map_or("404", |due| due.status()),
                status: answered.as_ref().and_then(|seen| seen.status),
                answered_by: answered
                    .map(|seen| seen.answerer.words())
                    .unwrap_or_default(),
                finding,
            });
        }
    }
    cells
}

impl Plan<'_> {
    /// What is sent, or why nothing is.
    fn shows<'r>(&self, cell: &Cell<'r>, asked: usize) -> Result<&'r Shows, String> {
        let shows = cell.row.shows.as_ref().map_err(Clone::clone)?;
        if !self.forgeries && (cell.row.forged || cell.column.kind.is_forged()) {
            return Err("forgeries go to another machine only with --forged".to_owned());
        }
        if asked >= self.requests {
            return Err(format!("more than {} requests: raise --max", self.requests));
        }
        Ok(shows)
    }

    fn finding(&self, cell: &Cell<'_>, exchange: &Exchange) -> Finding {
        let judged = cell.judge(&exchange.seen);
        Finding {
            id: id(cell),
            title: title(cell),
            expected: cell.expected(),
            got: exchange.seen.words(),
            verdict: judged.verdict,
            reason: judged.reason,
            fix: judged.fault.map(|fault| fault.fix(self.gateway_name)),
            evidence: exchange.evidence.clone(),
        }
    }
}

fn id(cell: &Cell<'_>) -> String {
    format!("{}@{}", cell.row.id, cell.column.id)
}

fn title(cell: &Cell<'_>) -> String {
    format!("{} by {}", cell.column.title, cell.row.title)
}

fn not_testable(cell: &Cell<'_>, why: String) -> Finding {
    Finding {
        id: id(cell),
        title: title(cell),
        expected: cell.expected(),
        got: "not asked".to_owned(),
        verdict: Verdict::NotTestable,
        reason: Some(why),
        fix: None,
        evidence: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        blueprint::Blueprint,
        verify::{access::Standing, column, fault::Fault},
    };

    fn row(forged: bool) -> Row {
        Row {
            id: "row".to_owned(),
            title: "a row".to_owned(),
            shows: Ok(Shows::default()),
            standing: Standing::Nobody,
            fault: Fault::Open,
            everywhere: true,
            courtesy: false,
            forged,
        }
    }

    #[test]
    fn forgeries_go_to_another_machine_only_when_that_is_said() {
        let access = Access::of(&Blueprint::default());
        let columns = column::all(&access);
        let plan = |forgeries| Plan {
            access: &access,
            rows: &[],
            columns: &[],
            gateway_name: "yours",
            forgeries,
            requests: 2,
            progress: |_| {},
        };
        let (real, forged) = (row(false), row(true));
        let asked = |forgeries: bool, row: &Row, kind: Kind| {
            let column = columns.iter().find(|column| column.kind == kind);
            let cell = Cell {
                access: &access,
                row,
                column: column.unwrap(),
            };
            plan(forgeries).shows(&cell, 0).is_ok()
        };
        for kind in [Kind::Resource, Kind::Spelling, Kind::Method, Kind::Unnamed] {
            assert!(
                asked(false, &real, kind) && asked(true, &real, kind),
                "{kind:?}"
            );
            assert!(
                !asked(false, &forged, kind) && asked(true, &forged, kind),
                "{kind:?}"
            );
        }
        for kind in [Kind::Identity, Kind::Rewrite] {
            assert!(
                !asked(false, &real, kind) && asked(true, &real, kind),
                "{kind:?}"
            );
        }
    }
}
