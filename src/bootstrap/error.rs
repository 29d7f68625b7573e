//! Why a bootstrap stops.

use super::{input::InputError, output::OutputError, target::TargetError};
use crate::{flight::printable, settings::SettingError};
use std::io;

/// Why a bootstrap stops. Its `Display` may have several lines, holds no secret, and is safe to print.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The input cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A setting is wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// An output cannot be read or written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The command cannot be done as it was given.
    #[error("{0}")]
    WrongUse(String),
    /// The terminal broke.
    #[error("the terminal cannot be read ({0})")]
    Terminal(#[from] io::Error),
    /// The provider did not answer as hoped, before anything was changed.
    #[error("{}\nnothing was changed", words(.0))]
    Target(#[from] TargetError),
    /// A person said no.
    #[error("you quit; nothing was changed")]
    Quit,
    /// Objects of these names are there and not ours.
    #[error("{}", conflicts(.0))]
    Foreign(Vec<String>),
    /// Some of it is done, and some is not.
    #[error("{0}")]
    Stopped(String),
}

impl BootstrapError {
    /// Whether the command or a setting is to blame, and nothing was tried: exit code 2.
    #[must_use]
    pub fn is_wrong_use(&self) -> bool {
        matches!(self, Self::Input(_) | Self::Setting(_) | Self::WrongUse(_))
    }
}

/// What went wrong, on one line: a provider's words may be in it.
pub(super) fn words(error: &dyn std::fmt::Display) -> String {
    printable(&error.to_string(), 1000)
}

fn conflicts(names: &[String]) -> String {
    format!(
        "there already, and not ours: {}\nwhat others made is never changed: rename it there or in the input, or delete it yourself; nothing was changed",
        names.join(", ")
    )
}
