//! The command line: a file a command, each taking resolved settings and returning an exit status.

mod banner;
mod log;
mod rooms;

use crate::settings::{self, Command};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// Something failed.
const FAILED: u8 = 1;
/// The command or a setting was wrong.
const WRONG_USE: u8 = 2;

/// Secure an API with OAuth, and see every step of it: web client, identity provider, gateway and
/// API in one program.
///
/// Without a command, and without any settings, it runs all four on this machine:
///
///   $ solar-system
///   … open the address that it prints
///
/// Settings put your own identity provider or gateway in the place of an embedded one.
#[derive(Parser)]
#[command(name = "solar-system", version, verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Room>,
}

#[derive(Subcommand, Clone, Copy)]
enum Room {
    /// Run all rooms that no setting replaces (the default)
    Serve,
    /// Run the embedded identity provider alone (for demos and tests only)
    Idp,
    /// Run the embedded gateway alone
    Gateway,
    /// Run the embedded API alone
    Api,
}

impl From<Room> for Command {
    fn from(room: Room) -> Self {
        match room {
            Room::Serve => Self::Serve,
            Room::Idp => Self::Idp,
            Room::Gateway => Self::Gateway,
            Room::Api => Self::Api,
        }
    }
}

/// Parses the command line, runs the command, and says how it went: 0 done, 1 failed, 2 wrong use.
#[must_use]
pub fn main() -> ExitCode {
    let command = Arguments::command().after_long_help(settings::help());
    let parsed = command
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    match parsed {
        Ok(arguments) => rooms::run(arguments.command.unwrap_or(Room::Serve).into()),
        Err(error) => {
            let _ = error.print();
            if error.use_stderr() {
                ExitCode::from(WRONG_USE)
            } else {
                ExitCode::SUCCESS
            }
        }
    }
}
