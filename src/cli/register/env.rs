//! Names of a registration in `.env`.

use super::{ToolError, failed};
use crate::{
    register::{Kept, Registered, Role},
    settings::{EnvFile, EnvFileError, Source},
};
use std::path::Path;

/// What stands above added lines.
const HEADING: &str = "Added by solar-system register";

/// Names and values: the id, and the file that holds the secret.
pub(super) fn settings(role: Role, kept: &Kept, registered: &Registered) -> Vec<(String, String)> {
    let prefix = role.prefix();
    let mut settings = vec![(format!("{prefix}_ID"), registered.client_id.clone())];
    if kept.secret.exists() {
        let path = kept.secret.display().to_string();
        settings.push((format!("{prefix}_SECRET_FILE"), path));
    }
    settings
}

/// Merges them into a file. A secret that stood there itself is emptied: one of the two is set.
pub(super) fn merge(path: &Path, settings: &[(String, String)]) -> Result<(), ToolError> {
    change(path, |file| {
        for (name, value) in settings {
            if let Some(secret) = name.strip_suffix("_FILE") {
                empty(file, secret)?;
            }
            file.set(name, value, HEADING)?;
        }
        Ok(())
    })
}

/// Empties what names a client that is gone.
pub(super) fn forget(path: &Path, role: Role, client_id: &str) -> Result<(), ToolError> {
    let prefix = role.prefix();
    change(path, |file| {
        if file.value(&format!("{prefix}_ID")).as_deref() == Some(client_id) {
            empty(file, &format!("{prefix}_ID"))?;
            empty(file, &format!("{prefix}_SECRET_FILE"))?;
        }
        Ok(())
    })
}

fn empty(file: &mut EnvFile, name: &str) -> Result<(), EnvFileError> {
    let older = crate::settings::variable(name).map_or(&[][..], |variable| variable.older);
    for name in std::iter::once(&name).chain(older) {
        if file.value(name).is_some_and(|value| !value.is_empty()) {
            file.set(name, "", HEADING)?;
        }
    }
    Ok(())
}

fn change(
    path: &Path,
    act: impl FnOnce(&mut EnvFile) -> Result<(), EnvFileError>,
) -> Result<(), ToolError> {
    let mut file = EnvFile::open(path).map_err(|error| failed(&error))?;
    act(&mut file).map_err(|error| failed(&error))?;
    if file.is_changed() {
        file.save().map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// The environment wins over `.env`, and a secret is set in one place alone.
pub(super) fn warn_of_others(source: &Source, settings: &[(String, String)]) {
    for (name, _) in settings {
        let name = name.strip_suffix("_FILE").unwrap_or(name);
        if let Some(origin) = source.origin(name)
            && origin.environment
        {
            eprintln!(
                "warning: the environment has {}, which wins over .env",
                origin.name
            );
        }
    }
}
