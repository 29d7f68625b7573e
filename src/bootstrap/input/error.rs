//! What is wrong with an input: file, line and name.

use crate::flight::printable;
use std::fmt;

/// An input that cannot be used. Its `Display` is one line, whatever the file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputError {
    /// The input as a whole.
    Whole {
        /// Where it was found.
        path: String,
        /// Half a sentence.
        problem: String,
    },
    /// One of its entries.
    Entry {
        /// Where it was found.
        path: String,
        /// Counted from 1, where it is known.
        line: Option<usize>,
        /// The entry's name.
        name: String,
        /// Half a sentence.
        problem: String,
    },
}

impl std::error::Error for InputError {}

impl fmt::Display for InputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Whole { path, problem } => format!("{path}: {problem}"),
            Self::Entry {
                path,
                line,
                name,
                problem,
            } => {
                let line = line.map(|line| format!(":{line}")).unwrap_or_default();
                let name = printable(name, 100);
                format!("{path}{line}: {name}: {problem}")
            }
        };
        formatter.write_str(&printable(&text, 600))
    }
}
