//! The program: command line, daemon, dashboard.

fn main() {}
