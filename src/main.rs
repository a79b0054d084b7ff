//! The program: command line, daemon, dashboard.

mod cli;
mod scenario;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
