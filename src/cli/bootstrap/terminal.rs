//! The terminal that the command was started at, if it was.

use crate::bootstrap::Console;
use inquire::{InquireError, Password};
use std::io::{self, BufRead, IsTerminal, Write};

/// Standard error for what is said, standard input for answers.
pub(super) struct Terminal {
    can_ask: bool,
}

impl Terminal {
    /// Asks only where somebody sees the question and can answer it.
    pub(super) fn of_process() -> Self {
        Self {
            can_ask: io::stdin().is_terminal() && io::stderr().is_terminal(),
        }
    }
}

impl Console for Terminal {
    fn say(&mut self, line: &str) {
        eprintln!("{line}");
    }

    fn can_ask(&self) -> bool {
        self.can_ask
    }

    fn ask(&mut self, prompt: &str) -> io::Result<Option<String>> {
        let mut errors = io::stderr();
        write!(errors, "{prompt}")?;
        errors.flush()?;
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok((read > 0).then_some(line))
    }

    fn ask_hidden(&mut self, prompt: &str) -> io::Result<Option<String>> {
        match Password::new(prompt).without_confirmation().prompt() {
            Ok(typed) => Ok(Some(typed)),
            Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => Ok(None),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }
}
