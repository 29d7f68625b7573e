//! The binary: parse, run, exit code.

use std::process::ExitCode;

/// A request makes some dozens of small allocations: this one serves them in about half the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    solar_system::cli::main()
}
