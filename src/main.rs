//! The program: command line, daemon, dashboard.

mod cli;
mod folder;
mod intake;
mod logging;
mod lookout;
mod orders;
mod replay;
mod scenario;
mod socket;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
