//! The input language: a JSON object of entries in order, each a text, an object to be made, or an
//! earlier output to be read.

mod entry;
mod error;
mod find;
mod lines;
mod template;
#[cfg(test)]
mod tests;

pub use entry::{Entry, EntryKind, ObjectEntry};
pub use error::InputError;
pub use find::{Found, Places, TargetKind, find, generated, is_a_name, name_of};
pub(super) use template::{Piece, Reference, pieces};

use crate::jose::strict_json;
use entry::read_entry;
use lines::Lines;
use serde_json::{Map, Value};

/// Longest input, in bytes.
pub const LIMIT: usize = 1024 * 1024;
/// Most entries of an input.
const ENTRIES: usize = 1000;

/// An input whose entries are well formed. Whether its placeholders lead anywhere is looked at when
/// they are filled in.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it was found, for people.
    pub shown: String,
    /// In their order: what refers to an object comes after it.
    pub entries: Vec<Entry>,
    lines: Lines,
}

impl Input {
    /// Reads an input.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and the entry's name.
    pub fn parse(shown: &str, text: &str) -> Result<Self, InputError> {
        let whole = |problem: String| InputError::Whole {
            path: shown.to_owned(),
            problem,
        };
        if text.len() > LIMIT {
            return Err(whole(format!("it is longer than {LIMIT} bytes")));
        }
        let members: Map<String, Value> = strict_json::from_slice(text.as_bytes())
            .map_err(|error| whole(format!("it is not valid JSON of the tool's form: {error}")))?;
        if members.is_empty() || members.len() > ENTRIES {
            return Err(whole(format!("an input has 1 to {ENTRIES} entries")));
        }
        let mut input = Self {
            shown: shown.to_owned(),
            entries: Vec::with_capacity(members.len()),
            lines: Lines::of(text),
        };
        for (name, value) in &members {
            let entry = read_entry(name, value)
                .map_err(|(member, problem)| input.at(name, member.as_deref(), problem))?;
            input.entries.push(entry);
        }
        Ok(input)
    }

    /// The entry of this name.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Whose objects they are, by the class of the first one: `okta:client` is Okta's.
    #[must_use]
    pub fn target(&self) -> TargetKind {
        let first = self.objects().next();
        match first {
            Some((_, object)) if object.class.starts_with("keycloak:") => TargetKind::Keycloak,
            _ => TargetKind::Okta,
        }
    }

    /// The objects, with their entries.
    pub fn objects(&self) -> impl Iterator<Item = (&Entry, &ObjectEntry)> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            EntryKind::Object(object) => Some((entry, object)),
            _ => None,
        })
    }

    /// Something is wrong with an entry.
    #[must_use]
    pub fn wrong(&self, name: &str, problem: impl Into<String>) -> InputError {
        self.at(name, None, problem.into())
    }

    fn at(&self, name: &str, member: Option<&str>, problem: String) -> InputError {
        InputError::Entry {
            path: self.shown.clone(),
            line: self.lines.find(name, member),
            name: name.to_owned(),
            problem,
        }
    }
}
