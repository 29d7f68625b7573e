//! What is wrong with a blueprint, and on which line.

use std::{io, path::PathBuf};

/// The first thing that is wrong with a blueprint: a line and one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BlueprintError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there and what would be right.
    pub problem: String,
}

/// A blueprint that could not be loaded from a file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not there, is not text, or may not be read.
    #[error("the blueprint {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file was read and is wrong.
    #[error("the blueprint {}, {source}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line and what is wrong there.
        source: BlueprintError,
    },
}

/// A problem and where it stands in the text, as a byte offset.
pub(super) struct Problem {
    pub(super) at: usize,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(at: usize, text: impl Into<String>) -> Self {
        Self {
            at,
            text: text.into(),
        }
    }

    /// Turns the offset into a line of `document`.
    pub(super) fn in_document(self, document: &str) -> BlueprintError {
        let before = document.as_bytes().iter().take(self.at);
        BlueprintError {
            line: 1 + before.filter(|byte| **byte == b'\n').count(),
            problem: self.text,
        }
    }
}
