//! What all tools share: settings, log, runtime, and how a failure is said.

use super::{FAILED, WRONG_USE, log};
use crate::settings::{SettingError, Source, blueprint};
use std::{future::Future, io::Write, process::ExitCode};

/// Why a tool stops.
#[derive(Debug, thiserror::Error)]
pub(super) enum ToolError {
    /// A setting or an argument is wrong: exit code 2.
    #[error("{0}")]
    WrongUse(String),
    /// It was tried, and failed: exit code 1.
    #[error("{0}")]
    Failed(String),
}

impl From<SettingError> for ToolError {
    fn from(error: SettingError) -> Self {
        Self::WrongUse(error.to_string())
    }
}

/// Writes data to standard output. A reader that has had enough, as `head` has, is no failure.
pub(super) fn print(text: &str) -> Result<(), ToolError> {
    let mut out = std::io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(ToolError::Failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Runs a tool with the settings of this process.
pub(super) fn run<F>(work: impl FnOnce(Source) -> F) -> ExitCode
where
    F: Future<Output = Result<(), ToolError>>,
{
    run_at("info", work)
}

/// The same with another level of the log where `RUST_LOG` is not set: a tool that runs rooms of its
/// own would be drowned out by them.
pub(super) fn run_at<F>(level: &str, work: impl FnOnce(Source) -> F) -> ExitCode
where
    F: Future<Output = Result<(), ToolError>>,
{
    let outcome = started(level, work);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("solar-system: {error}");
            ExitCode::from(match error {
                ToolError::WrongUse(_) => WRONG_USE,
                ToolError::Failed(_) => FAILED,
            })
        }
    }
}

fn started<F>(level: &str, work: impl FnOnce(Source) -> F) -> Result<(), ToolError>
where
    F: Future<Output = Result<(), ToolError>>,
{
    let source = Source::of_process()?;
    log::start_at(level, &source)?;
    let blueprint = blueprint(&source).unwrap_or_default(); // what is wrong with it, its reader says
    for warning in source.open_secret_files(&blueprint) {
        eprintln!("warning: {warning}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| ToolError::Failed(error.to_string()))?;
    let outcome = runtime.block_on(work(source));
    runtime.shutdown_background();
    outcome
}
