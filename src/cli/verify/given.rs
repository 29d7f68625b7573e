//! Tokens that are given by hand.

use crate::{
    blueprint::{Blueprint, ClientKind},
    cli::tool::ToolError,
    oauth::Secret,
    settings::Source,
};
use std::{collections::BTreeMap, io::Read as _};

/// The longest token that is read, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Tokens by level, or by the machine's client id.
pub(super) type Given = BTreeMap<String, Secret>;

/// Reads what is given as arguments, then what `<LEVEL>_TOKEN` holds.
pub(super) fn read(
    arguments: &[String],
    source: &Source,
    blueprint: &Blueprint,
) -> Result<Given, ToolError> {
    let mut given = Given::new();
    for level in &blueprint.levels {
        let prefix = level.name.to_ascii_uppercase().replace('-', "_");
        if let Some(token) = source.secret(&format!("{prefix}_TOKEN"))? {
            given.insert(level.name.clone(), token);
        }
    }
    let mut stdin = false;
    for argument in arguments {
        let wrong = |why: &str| {
            let name = argument.split('=').next().unwrap_or_default();
            ToolError::WrongUse(format!("--token {name}=…: {why}"))
        };
        let (name, value) = argument.split_once('=').ok_or_else(|| {
            ToolError::WrongUse("--token: it should look like LEVEL=@FILE".to_owned())
        })?;
        let machines = blueprint
            .clients
            .iter()
            .filter(|client| client.kind == ClientKind::Machine);
        let levels = blueprint.levels.iter().map(|level| &level.name);
        let known: Vec<&String> = levels.chain(machines.map(|client| &client.id)).collect();
        if !known.iter().any(|known| *known == name) {
            let known: Vec<&str> = known.iter().map(|known| known.as_str()).collect();
            return Err(wrong(&format!(
                "no such level; there are {}",
                known.join(", ")
            )));
        }
        let text = match value {
            "-" if stdin => return Err(wrong("standard input holds one token only")),
            "-" => {
                stdin = true;
                let mut text = String::new();
                let read = std::io::stdin().take(LONGEST).read_to_string(&mut text);
                read.map_err(|error| wrong(&format!("standard input: {error}")))?;
                text
            }
            value if value.starts_with('@') => std::fs::read_to_string(&value[1..])
                .map_err(|error| wrong(&format!("{} cannot be read: {error}", &value[1..])))?,
            value => {
                eprintln!(
                    "warning: --token {name}=…: everybody on this machine can see arguments; use {name}=@FILE, {name}=- or {}_TOKEN",
                    name.to_ascii_uppercase().replace('-', "_")
                );
                value.to_owned()
            }
        };
        let token = text.trim();
        if token.is_empty() || token.contains(char::is_whitespace) {
            return Err(wrong("that is no token"));
        }
        given.insert(name.to_owned(), Secret::new(token));
    }
    Ok(given)
}
