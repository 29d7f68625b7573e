//! The matrix of one gateway: what was asked, by whom, and what it came to.

mod fill;

pub(super) use fill::{Plan, fill};

use super::{
    access::Access,
    column::{self, Column},
    row::{self, Row},
};
use crate::finding::Finding;
use serde::Serialize;

/// What one gateway did.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    /// What was verified, in a line.
    pub title: String,
    /// The gateway's base URL.
    pub gateway: String,
    /// What it is called (`GATEWAY`).
    pub gateway_name: String,
    /// Whose tokens it takes.
    pub issuer: String,
    /// What is worth knowing before the table.
    pub notes: Vec<String>,
    /// Whether somebody was to be let in: without a real token only refusals are seen.
    pub has_tokens: bool,
    /// The callers.
    pub rows: Vec<Head>,
    /// The columns.
    pub columns: Vec<Head>,
    /// Every cell that was asked or would have been.
    pub cells: Vec<CellReport>,
}

/// The head of a row or a column.
#[derive(Clone, Debug, Serialize)]
pub struct Head {
    /// The same in every run.
    pub id: String,
    /// For people.
    pub title: String,
    /// What it belongs to.
    pub group: &'static str,
}

/// One cell.
#[derive(Clone, Debug, Serialize)]
pub struct CellReport {
    /// The place of its row.
    pub row: usize,
    /// The place of its column.
    pub column: usize,
    /// The status that is due, for the table.
    pub due: &'static str,
    /// The status that came.
    pub status: Option<u16>,
    /// Who answered.
    pub answered_by: String,
    /// What it comes to.
    pub finding: Finding,
}

/// The group of columns that are the resources themselves.
pub(super) const RESOURCES: &str = "resources";

pub(super) fn row_heads(rows: &[Row]) -> Vec<Head> {
    let head = |row: &Row| Head {
        id: row.id.clone(),
        title: row.title.clone(),
        group: if row.everywhere {
            "everywhere"
        } else {
            RESOURCES
        },
    };
    rows.iter().map(head).collect()
}

pub(super) fn column_heads(columns: &[Column]) -> Vec<Head> {
    let head = |column: &Column| Head {
        id: column.id.clone(),
        title: column.title.clone(),
        group: column.kind.words(),
    };
    columns.iter().map(head).collect()
}

/// All columns, and all rows of a cast.
pub(super) fn heads_of(access: &Access, cast: &row::Cast<'_>) -> (Vec<Row>, Vec<Column>) {
    (row::all(cast), column::all(access))
}
