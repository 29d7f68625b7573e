//! Merges a sheet into `.env`.

use super::sheet::{Found, Row, Sheet};
use crate::settings::{Change, EnvFile, EnvFileError, variable};
use std::path::Path;

/// What stands above added lines.
const HEADING: &str = "Added by solar-system settings";

/// What was done, a line each. No value is in it.
pub type Written = Vec<String>;

/// Writes what the program itself reads into the file, and leaves everything else in it alone.
///
/// Defaults are left out, since they hold anyway; a secret that the environment has stays there.
///
/// # Errors
/// When the file cannot be read or written, or cannot hold a value; it is then as it was.
pub fn write_env(sheet: &Sheet, path: &Path) -> Result<Written, EnvFileError> {
    let mut file = EnvFile::open(path)?;
    let mut told = Vec::new();
    // An app that is told an audience asks for it by name; what a foreign gateway expects is its own.
    let kept_out = |row: &&Row| row.key.name == "AUDIENCE" && sheet.gateway.foreign;
    let rows = sheet.rows.iter().filter(|row| row.key.is_ours());
    for row in rows.filter(|row| !kept_out(row)) {
        write_row(row, &mut file, &mut told)?;
    }
    if file.is_changed() {
        file.save()?;
    }
    Ok(told)
}

fn write_row(row: &Row, file: &mut EnvFile, told: &mut Written) -> Result<(), EnvFileError> {
    let Some(value) = &row.value else {
        return Ok(());
    };
    let name = row.key.name.as_ref();
    let file_name = format!("{name}_FILE");
    let (name, value) = match &row.found {
        Found::Default | Found::Nowhere | Found::SecretFile { set: true, .. } => return Ok(()),
        Found::Environment(_) if row.key.is_secret() => {
            told.push(format!("{name}: left in the environment, where it is"));
            return Ok(());
        }
        Found::SecretFile { path, set: false } => {
            forget(file, name)?; // one of the two is set, never both
            (file_name.as_str(), path.as_str())
        }
        _ => {
            if row.key.is_secret() {
                forget(file, &file_name)?;
            }
            (name, value.expose())
        }
    };
    match file.set(name, value, HEADING)? {
        Change::Same => {}
        Change::Replaced(as_named) => told.push(format!("{as_named}: replaced in its line")),
        Change::Filled => told.push(format!("{name}: filled in")),
        Change::Appended => told.push(format!("{name}: added")),
    }
    Ok(())
}

/// Empties a secret's name, or that of its file, and the older names that are read in its place.
fn forget(file: &mut EnvFile, name: &str) -> Result<(), EnvFileError> {
    let (plain, end) = match name.strip_suffix("_FILE") {
        Some(plain) => (plain, "_FILE"),
        None => (name, ""),
    };
    let older = variable(plain).map_or(&[][..], |variable| variable.older);
    for plain in std::iter::once(&plain).chain(older) {
        let name = format!("{plain}{end}");
        if file.value(&name).is_some_and(|value| !value.is_empty()) {
            file.set(&name, "", HEADING)?;
        }
    }
    Ok(())
}
