//! The program: command line, daemon, dashboard.

#[allow(dead_code, unused_imports)] // Until the demo command reads it.
mod scenario;

fn main() {}
