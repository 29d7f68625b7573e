//! `completions`: a script that completes our commands in a shell.

use clap_complete::Shell;
use std::process::ExitCode;

/// What the command is told.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The shell: bash, elvish, fish, powershell or zsh.
    ///
    /// Example: solar-system completions bash > /etc/bash_completion.d/solar-system
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let mut command = super::command();
    let mut script = Vec::new(); // the generator panics where its writer fails
    clap_complete::generate(arguments.shell, &mut command, "solar-system", &mut script);
    match super::tool::print(&String::from_utf8_lossy(&script)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("solar-system: {error}");
            ExitCode::from(super::FAILED)
        }
    }
}
