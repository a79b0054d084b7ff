//! What the person on duty reads on stderr: one line a change, never text of posts or addresses.

use std::io::IsTerminal;

use tracing_subscriber::filter::EnvFilter;

/// Starts logging. `verbose` and `quiet` count the `-v` and `-q` on the command line.
pub(crate) fn start(verbose: u8, quiet: u8) {
    let level = match (verbose, quiet) {
        (0, 0) => "warn,guanlan=info,crawler=info,analyzer=info,alerts=info",
        (0, 1) => "warn",
        (0, _) => "error",
        (1, _) => "info,guanlan=debug,crawler=debug,analyzer=debug,alerts=debug",
        (_, _) => "debug",
    };
    let format = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .with_target(false);
    // Colours are for people: in a log file they are rubbish. On a terminal NO_COLOR decides.
    let format = if std::io::stderr().is_terminal() { format } else { format.with_ansi(false) };
    let started = format.try_init();
    // Fails only when a test has started it before, which is as good.
    drop(started);
}
