//! The program: command line, daemon, dashboard.

mod acting;
mod answering;
mod backtest;
mod benchmark;
mod calibration;
mod channels;
mod cli;
mod clock;
mod daemon;
mod door;
mod drill;
mod duty;
mod emerging;
mod find;
mod folder;
mod intake;
mod logging;
mod lookout;
mod morning;
mod notice;
mod orders;
mod owner;
mod reload;
mod replay;
mod scenario;
mod socket;
mod standing;
mod topic_mail;
mod trial;
mod ways;
mod web;

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

/// The system's own keeps for each thread what a large page once took: after an hour of hostile sites half
/// a gigabyte. This one gives it back within seconds.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    cli::main()
}
