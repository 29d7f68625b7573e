//! The command line: a file a command, each taking resolved settings and returning an exit status.

mod banner;
mod bootstrap;
mod client_key;
mod completions;
mod doctor;
mod kit;
mod log;
mod register;
mod rooms;
mod settings;
mod token;
mod tool;
mod verify;

use crate::settings::{Command, help};
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
    command: Option<Named>,
}

#[derive(Subcommand)]
enum Named {
    /// Run all rooms that no setting replaces (the default)
    Serve,
    /// Run the embedded identity provider alone (for demos and tests only)
    Idp(rooms::IdpArguments),
    /// Run the embedded gateway alone
    Gateway,
    /// Run the embedded API alone
    Api,
    #[command(
        about = "Set an identity provider up for the scenario, show what would change, or take it back"
    )]
    Bootstrap(bootstrap::Arguments),
    #[command(
        about = "Print the settings that a gateway or the app needs, and say where each comes from"
    )]
    Settings(settings::Arguments),
    #[command(about = "Register a client at the identity provider (dynamic client registration)")]
    Register(register::Arguments),
    ClientKey(client_key::Arguments),
    #[command(
        about = "Get an access token as a machine does (client credentials), and show every step"
    )]
    Token(token::Arguments),
    Verify(verify::Arguments),
    Doctor(doctor::Arguments),
    /// Write a configuration that makes your own gateway enforce the blueprint's policy
    #[command(verbatim_doc_comment)]
    Kit(kit::Arguments),
    /// Print a completion script for a shell
    #[command(verbatim_doc_comment)]
    Completions(completions::Arguments),
}

/// Parses the command line, runs the command, and says how it went: 0 done, 1 failed, 2 wrong use.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = command()
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    match parsed {
        Ok(arguments) => run(arguments.command.unwrap_or(Named::Serve)),
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

fn command() -> clap::Command {
    Arguments::command().after_long_help(help())
}

fn run(command: Named) -> ExitCode {
    match command {
        Named::Serve => rooms::run(Command::Serve, rooms::IdpArguments::default()),
        Named::Idp(arguments) => rooms::run(Command::Idp, arguments),
        Named::Gateway => rooms::run(Command::Gateway, rooms::IdpArguments::default()),
        Named::Api => rooms::run(Command::Api, rooms::IdpArguments::default()),
        Named::Bootstrap(arguments) => bootstrap::run(arguments),
        Named::Settings(arguments) => settings::run(arguments),
        Named::Register(arguments) => register::run(arguments),
        Named::ClientKey(arguments) => client_key::run(&arguments),
        Named::Token(arguments) => token::run(arguments),
        Named::Verify(arguments) => verify::run(arguments),
        Named::Doctor(arguments) => doctor::run(arguments),
        Named::Kit(arguments) => kit::run(arguments),
        Named::Completions(arguments) => completions::run(&arguments),
    }
}
