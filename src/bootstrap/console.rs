//! Whom the tool talks to: a person at a terminal, or a log.

use crate::flight::printable;
use std::io;

/// Lines for people, and questions where there is somebody to answer.
pub trait Console {
    /// Says a line.
    fn say(&mut self, line: &str);

    /// Whether there is somebody to ask.
    fn can_ask(&self) -> bool;

    /// Asks, and reads a line; `None` at the end of the input.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    fn ask(&mut self, prompt: &str) -> io::Result<Option<String>>;

    /// The same for a secret: what is typed is not shown.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    fn ask_hidden(&mut self, prompt: &str) -> io::Result<Option<String>>;
}

/// A text of an input or of a provider on one line, as a terminal may have it.
pub(super) fn plain(text: &str) -> String {
    printable(text, 300)
}
