//! The binary: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    solar_system::cli::main()
}
