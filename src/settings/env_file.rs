//! Writes into a `.env` file what [`super::Source`] reads back exactly, and leaves everything else in
//! it as it is: comments, other people's lines, order, quotes, line ends.

mod encode;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzed;
mod scan;

pub use encode::{Unwritable, env_line};

use super::{dotenv, private_file::replace_private, table::variable};
use encode::{Quotes, encode};
use scan::{Assignment, assignments, blank_comment};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A `.env` file, read to be changed.
#[derive(Debug)]
pub struct EnvFile {
    path: PathBuf,
    text: String,
    /// Whether a heading stands above what was appended.
    headed: bool,
    /// Whether it is not as it was read.
    changed: bool,
}

/// What setting a value did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was so already.
    Same,
    /// A line of this name has the value now.
    Replaced(String),
    /// A commented-out line without a value was filled in.
    Filled,
    /// A line was added at the end.
    Appended,
}

/// Why the file is not changed. No value is in it.
#[derive(Debug, thiserror::Error)]
pub enum EnvFileError {
    /// It cannot be read.
    #[error("{path}: it cannot be read ({error})")]
    Unreadable {
        /// Where it is.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// It holds what the program would not read either.
    #[error("{path}: {problem}")]
    Broken {
        /// Where it is.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A value that cannot stand in such a file.
    #[error("{0}")]
    Unwritable(#[from] Unwritable),
    /// It cannot be written; it is as it was.
    #[error("{path}: it cannot be written ({error})")]
    NotWritten {
        /// Where it is.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

impl EnvFile {
    /// Reads the file; one that is not there is empty.
    ///
    /// # Errors
    /// When it cannot be read, or holds what the program would refuse at its start.
    pub fn open(path: &Path) -> Result<Self, EnvFileError> {
        let shown = || path.display().to_string();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let path = shown();
                return Err(EnvFileError::Unreadable { path, error });
            }
        };
        let file = Self {
            path: path.to_owned(),
            text,
            headed: false,
            changed: false,
        };
        file.pairs()?;
        Ok(file)
    }

    /// The value of a name, as the file has it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        let pairs = self.pairs().ok()?;
        let found = pairs.into_iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value)
    }

    /// Sets a variable: in its own line, or an older name's, else in a commented-out line without a
    /// value, else at the end, under `heading`.
    ///
    /// # Errors
    /// When the value cannot be written so that it is read back the same.
    pub fn set(&mut self, name: &str, value: &str, heading: &str) -> Result<Change, EnvFileError> {
        let before = self.pairs()?;
        let older = variable(name).map_or(&[][..], |variable| variable.older);
        let mut names = std::iter::once(name).chain(older.iter().copied());
        let assigned = assignments(&self.text);
        let place = names.find_map(|name| assigned.iter().find(|place| place.name == name));
        let (text, change) = match place {
            Some(place) => {
                let found = before.iter().find(|(found, _)| *found == place.name);
                if found.is_some_and(|(_, found)| found == value) {
                    return Ok(Change::Same);
                }
                let change = Change::Replaced(place.name.clone());
                (self.replaced(place, value)?, change)
            }
            None => self.added(name, value, heading)?,
        };
        let changed = match &change {
            Change::Replaced(name) => name.clone(),
            _ => name.to_owned(),
        };
        let headed = self.headed || change == Change::Appended;
        let after = Self {
            path: self.path.clone(),
            text,
            headed,
            changed: true,
        };
        // Nobody has to believe in the scanner: the reader itself says whether all is as it should be.
        let mut wanted = before;
        match wanted.iter_mut().find(|(name, _)| *name == changed) {
            Some((_, old)) => value.clone_into(old),
            None => wanted.push((changed, value.to_owned())),
        }
        let mut read = after.pairs()?;
        wanted.sort();
        read.sort();
        if read != wanted {
            return Err(Unwritable::of(name).into());
        }
        *self = after;
        Ok(change)
    }

    /// Writes the file, mode 0600, in one step.
    ///
    /// # Errors
    /// When it cannot be written; it is then as it was.
    pub fn save(&self) -> Result<(), EnvFileError> {
        replace_private(&self.path, &self.text).map_err(|error| {
            let path = self.path.display().to_string();
            EnvFileError::NotWritten { path, error }
        })
    }

    /// Whether it is not as it was read.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// The text as it stands.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn pairs(&self) -> Result<Vec<(String, String)>, EnvFileError> {
        dotenv::parse(&self.text).map_err(|problem| {
            let path = self.path.display().to_string();
            EnvFileError::Broken { path, problem }
        })
    }

    fn replaced(&self, place: &Assignment, value: &str) -> Result<String, EnvFileError> {
        let old = &self.text[place.value.clone()];
        let written = encode(&place.name, value, Quotes::of(old))?;
        let rest = &self.text[place.value.end..];
        let blank = if rest.starts_with('#') { " " } else { "" };
        let head = &self.text[..place.value.start];
        Ok(format!("{head}{written}{blank}{rest}"))
    }

    fn added(
        &self,
        name: &str,
        value: &str,
        heading: &str,
    ) -> Result<(String, Change), EnvFileError> {
        let line = format!("{name}={}", encode(name, value, Quotes::Plain)?);
        if let Some(place) = blank_comment(&self.text, name) {
            let (head, rest) = (&self.text[..place.start], &self.text[place.end..]);
            return Ok((format!("{head}{line}{rest}"), Change::Filled));
        }
        let end = if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let mut text = self.text.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(end);
        }
        if !self.headed {
            if !text.is_empty() {
                text.push_str(end);
            }
            text.push_str("# ");
            text.push_str(heading);
            text.push_str(end);
        }
        text.push_str(&line);
        text.push_str(end);
        Ok((text, Change::Appended))
    }
}

#[cfg(test)]
mod tests;
