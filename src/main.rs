//! The program: command line, daemon, dashboard.

mod cli;
mod clock;
mod daemon;
mod door;
mod find;
mod folder;
mod intake;
mod logging;
mod lookout;
mod morning;
mod notice;
mod orders;
mod owner;
mod replay;
mod scenario;
mod socket;
mod standing;
mod web;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
