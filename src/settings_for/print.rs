//! The sheet for people, for `.env`, and for scripts.

use super::{
    key::{Need, Purpose},
    sheet::{Found, Row, Sheet},
};
use crate::{
    flight::printable,
    settings::{Unwritable, env_line},
};
use comfy_table::{Table, presets};
use serde_json::{Map, Value};
use std::fmt::Write;

/// How much of a value a table shows, in characters.
const VALUE: usize = 120;

/// A table for people. Secrets are masked: it says where they lie.
#[must_use]
pub fn as_table(sheet: &Sheet) -> String {
    let mut text = format!(
        "Settings for {}\n{}\n",
        sheet.gateway.name, sheet.gateway.note
    );
    let parts = [
        (Purpose::Gateway, "What the gateway is told"),
        (Purpose::App, "What the app is told (.env)"),
    ];
    for (purpose, heading) in parts {
        let rows = sheet.rows.iter().filter(|row| row.key.purpose == purpose);
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(["name", "value", "where it comes from"]);
        for row in rows {
            table.add_row([row.key.name.to_string(), shown(row), place(row)]);
        }
        if !table.is_empty() {
            let _ = write!(text, "\n{heading}\n{table}\n");
        }
    }
    text
}

fn shown(row: &Row) -> String {
    match &row.value {
        Some(_) if row.key.is_secret() => "(a secret)".to_owned(),
        Some(value) => printable(value.expose(), VALUE),
        None => "-".to_owned(),
    }
}

fn place(row: &Row) -> String {
    match (&row.found, row.key.need) {
        (Found::Nowhere, Need::Required) => "MISSING".to_owned(),
        (Found::Nowhere, Need::Optional) => "not set (it goes without)".to_owned(),
        (found, _) => printable(&found.words(), VALUE),
    }
}

/// Lines for a `.env` file, or for a shell. Holds secrets: that is what it is for.
///
/// # Errors
/// When a value cannot be written so that it is read back the same.
pub fn as_env(sheet: &Sheet) -> Result<String, Unwritable> {
    let mut text = format!("# Settings for {}\n", sheet.gateway.name);
    for (name, value) in values(sheet) {
        text.push_str(&env_line(name, value)?);
        text.push('\n');
    }
    Ok(text)
}

/// One JSON object, `{NAME: value}`, as the tutorial's tool wrote it. Holds secrets.
#[must_use]
pub fn as_json(sheet: &Sheet) -> String {
    let members: Map<String, Value> = values(sheet)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    format!("{:#}\n", Value::Object(members))
}

/// Names and values, each once: gateway and app may need the same.
fn values(sheet: &Sheet) -> Vec<(&str, &str)> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for row in &sheet.rows {
        let name = row.key.name.as_ref();
        if let Some(value) = &row.value
            && !pairs.iter().any(|(known, _)| *known == name)
        {
            pairs.push((name, value.expose()));
        }
    }
    pairs
}
