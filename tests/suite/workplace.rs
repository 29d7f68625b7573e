//! A folder in which a user works: `.env`, outputs, and commands run one after the other.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Ended, Program, empty_folder};

/// How long a command may take.
const LONG: Duration = Duration::from_secs(180);

/// The folder, and the environment that its commands get. Gone with its value.
pub struct Workplace {
    pub folder: PathBuf,
    settings: Vec<(String, String)>,
}

impl Workplace {
    pub fn new() -> Self {
        let mut work = Self {
            folder: empty_folder(),
            settings: Vec::new(),
        };
        // One for all commands: the redirect URI follows it.
        work.set("PORT", &crate::peers::free_port().to_string());
        work
    }

    /// Another folder with the same environment.
    pub fn copy(&self) -> Self {
        Self {
            folder: empty_folder(),
            settings: self.settings.clone(),
        }
    }

    /// The environment of its commands.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.settings.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets a variable of the environment, over an earlier value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Takes a variable out of the environment.
    pub fn unset(&mut self, name: &str) {
        self.settings.retain(|(known, _)| known != name);
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str]) -> Program {
        let settings: Vec<_> = self.settings().collect();
        Program::start_at(&self.folder, arguments, &settings)
    }

    /// Runs a command to its end, however it ends.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end_within(LONG)
    }

    /// Runs a command that must do what it is for.
    pub fn done(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.errors);
        ended
    }

    /// A JSON file of the folder.
    pub fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).unwrap()
    }

    /// A text file of the folder.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
