//! Reading the file, and saying what is wrong with it.

use super::{Document, FORMAT, VERSION};
use crate::idp::org::Org;
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::HashSet,
    fs::{self, Metadata},
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The longest file that is read.
const LONGEST: u64 = 256 * 1024 * 1024;

/// Only the first of these is believed before the others are read.
#[derive(Deserialize)]
struct Marker {
    format: Option<Value>,
    version: Option<Value>,
}

/// The file's bytes and where it really is, links followed; `None` when there is none.
pub(super) fn bytes(path: &Path) -> Result<Option<(PathBuf, Vec<u8>)>, String> {
    let unreadable = |error: std::io::Error| format!("it cannot be read ({error})");
    let path = match fs::canonicalize(path) {
        Ok(path) => path,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let metadata = fs::metadata(&path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err("it is a folder; the name of a file is needed".to_owned());
    }
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if metadata.len() > LONGEST {
        return Err("it is far too long for a state of the identity provider".to_owned());
    }
    if others_may_read(&metadata) {
        let text = "others may read it, and it holds signing keys; chmod 600 makes it right";
        return Err(text.to_owned());
    }
    let bytes = fs::read(&path).map_err(unreadable)?;
    Ok(Some((path, bytes)))
}

/// The org that the bytes are of. Errors tell a place and never a value.
pub(super) fn org(bytes: &[u8]) -> Result<Org, String> {
    let marker = serde_json::from_slice::<Marker>(bytes).map_err(|error| {
        if error.is_data() {
            return foreign();
        }
        let (line, column) = (error.line(), error.column());
        format!("it is torn or foreign: no JSON from line {line}, column {column} on; it is left as it is")
    })?;
    if marker.format.as_ref().and_then(Value::as_str) != Some(FORMAT) {
        return Err(foreign());
    }
    let version = marker.version.as_ref().and_then(Value::as_u64);
    if version != Some(VERSION) {
        let version =
            version.map_or_else(|| "no version".to_owned(), |one| format!("version {one}"));
        return Err(format!(
            "it has {version}, and this program reads version {VERSION}"
        ));
    }
    let document = serde_json::from_slice::<Document>(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("line {line}, column {column} does not fit a state of version {VERSION}")
    })?;
    holds_together(&document.org)?;
    Ok(document.org)
}

fn foreign() -> String {
    format!(
        "it is not a state of this identity provider (\"format\" is not {FORMAT:?}); it is left as it is"
    )
}

/// What the program relies on.
fn holds_together(org: &Org) -> Result<(), String> {
    let everyone = org.groups.iter().filter(|group| group.is_everyone());
    if everyone.count() != 1 {
        return Err("it has no group \"Everyone\", or several".to_owned());
    }
    if let Some(kind) = org.overfull() {
        return Err(format!("it has too many {kind}"));
    }
    for (kind, ids) in org.ids() {
        let mut seen = HashSet::new();
        if !ids.iter().all(|id| seen.insert(*id)) {
            return Err(format!("two of its {kind} have one id"));
        }
    }
    let mut keys = org.servers.iter().flat_map(|server| &server.keys);
    if keys.any(|key| key.parsed().is_err()) {
        return Err("one of its signing keys is damaged".to_owned());
    }
    Ok(())
}

#[cfg(unix)]
fn others_may_read(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn others_may_read(_: &Metadata) -> bool {
    false
}
