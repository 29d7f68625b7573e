//! Where an input is found: a file that is named, a file of that name where users keep them, or what
//! is compiled in.

use super::{InputError, LIMIT};
use crate::{
    blueprint::Blueprint,
    bootstrap::{keycloak, okta},
};
use serde_json::Value;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// Folders of input files: where readers of the tutorial have them, then ours.
const FOLDERS: [&str; 2] = ["okta_bootstrap/input", "bootstrap/input"];
/// Names of what is compiled in for Okta, for people.
const OKTA_WAYS: [&str; 3] = ["mulesoft", "mulesoft_policy", "standard"];
/// The one way of Keycloak, and its output: another provider's `standard` lies in the same folder.
const KEYCLOAK_WAY: &str = "keycloak";

/// Whose management API is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// `--target okta`.
    Okta,
    /// `--target keycloak`.
    Keycloak,
}

impl TargetKind {
    /// What the target, and the classes of its objects, are called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Keycloak => "keycloak",
        }
    }
}

/// Where inputs are looked for.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    /// The current folder.
    pub root: PathBuf,
    /// What compiled-in inputs are made of.
    pub blueprint: &'a Blueprint,
}

/// An input that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its name: that of its output too.
    pub name: String,
    /// Whose it is, where that is known without reading it.
    pub target: Option<TargetKind>,
    /// Where it was found, for people.
    pub shown: String,
    /// The input.
    pub text: String,
}

/// Whether this can name an input or an output: letters, digits, `-` and `_`. Never a path.
#[must_use]
pub fn is_a_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !name.is_empty() && name.len() <= 100 && name.chars().all(plain)
}

/// Finds an input by its way: what holds a slash or ends in `.json` is the path of a file, all else a
/// name. Without a way, the target's own is meant.
///
/// # Errors
/// When there is none, it cannot be read, or its name can name no output.
pub fn find(
    way: Option<&str>,
    target: Option<TargetKind>,
    places: &Places<'_>,
) -> Result<Found, InputError> {
    let Some(way) = way.or((target == Some(TargetKind::Keycloak)).then_some(KEYCLOAK_WAY)) else {
        return Err(wrong("bootstrap", format!("which way? {}", known(places))));
    };
    let name = name_of(way, target)?;
    if is_a_path(way) {
        let text = read(&places.root.join(way)).map_err(|problem| wrong(way, problem))?;
        return Ok(Found {
            name,
            target,
            shown: way.to_owned(),
            text,
        });
    }
    for folder in FOLDERS {
        let shown = format!("{folder}/{way}.json");
        let path = places.root.join(&shown);
        if path.exists() {
            let text = read(&path).map_err(|problem| wrong(&shown, problem))?;
            return Ok(Found {
                name,
                target,
                shown,
                text,
            });
        }
    }
    let Some((kind, value)) = compiled_in(way, target, places.blueprint) else {
        let problem = format!("there is no such way; {}", known(places));
        return Err(wrong(way, problem));
    };
    Ok(Found {
        shown: format!("{name}.json (compiled in, made from the blueprint)"),
        name,
        target: Some(kind),
        text: pretty(&value),
    })
}

/// The compiled-in input of a way, for people to change.
#[must_use]
pub fn generated(way: &str, target: Option<TargetKind>, blueprint: &Blueprint) -> Option<String> {
    compiled_in(way, target, blueprint).map(|(_, value)| pretty(&value))
}

fn compiled_in(
    way: &str,
    target: Option<TargetKind>,
    blueprint: &Blueprint,
) -> Option<(TargetKind, Value)> {
    if target == Some(TargetKind::Keycloak) || target.is_none() && way == KEYCLOAK_WAY {
        let own = if way == KEYCLOAK_WAY { "standard" } else { way };
        return Some((TargetKind::Keycloak, keycloak::input(own, blueprint)?));
    }
    Some((TargetKind::Okta, okta::input(way, blueprint)?))
}

/// The name of a way's output. Keycloak's `standard` has a name of its own, since that of another
/// provider lies in the same folder.
///
/// # Errors
/// When it can be none.
pub fn name_of(way: &str, target: Option<TargetKind>) -> Result<String, InputError> {
    let name = if is_a_path(way) {
        let stem = Path::new(way).file_stem().and_then(|stem| stem.to_str());
        stem.unwrap_or_default()
    } else {
        way
    };
    if !is_a_name(name) {
        let problem = "a way is letters, digits, - and _, or the path of a .json file of such a name: it names the output too";
        return Err(wrong(way, problem.to_owned()));
    }
    let is_other = target == Some(TargetKind::Keycloak) && name == "standard" && !is_a_path(way);
    Ok(if is_other { KEYCLOAK_WAY } else { name }.to_owned())
}

fn is_a_path(way: &str) -> bool {
    way.contains(['/', '\\']) || way.to_ascii_lowercase().ends_with(".json")
}

fn wrong(path: &str, problem: String) -> InputError {
    InputError::Whole {
        path: path.to_owned(),
        problem,
    }
}

fn read(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("it cannot be read ({error})");
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err("it is no file".to_owned());
    }
    let file = File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    let most = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    Ok(text)
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// The ways there are, for people.
fn known(places: &Places<'_>) -> String {
    let mut ways: Vec<String> = OKTA_WAYS.map(str::to_owned).to_vec();
    ways.push(KEYCLOAK_WAY.to_owned());
    for folder in FOLDERS {
        let entries = std::fs::read_dir(places.root.join(folder));
        for entry in entries.into_iter().flatten().flatten() {
            let path = PathBuf::from(entry.file_name());
            let name = path.file_stem().and_then(|stem| stem.to_str());
            let is_json = path.extension().is_some_and(|end| end == "json");
            if let Some(name) = name.filter(|name| is_json && is_a_name(name))
                && !ways.iter().any(|way| way == name)
            {
                ways.push(name.to_owned());
            }
        }
    }
    format!("known are {}, or the path of a .json file", ways.join(", "))
}
