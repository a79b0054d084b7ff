//! Asks for a password: on a terminal without showing it, and twice; else the first line of what comes in.

use std::fs::File;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::super::exit::Failure;
use super::super::settings::Context;

/// More is no password.
const LONGEST: u64 = 4096;

/// The password: from a file (`-` is standard input), a terminal, or standard input.
pub(super) fn password(context: &Context, file: Option<&Path>) -> Result<String, Failure> {
    match file {
        Some(path) if path != Path::new("-") => {
            let named = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
            first_line(File::open(path).map_err(named)?).map_err(named)
        }
        None if std::io::stdin().is_terminal() => typed(context),
        _ => first_line(std::io::stdin().lock()).map_err(Failure::outside),
    }
}

/// A line break at its end is no part of a password; blanks are.
fn first_line(source: impl Read) -> std::io::Result<String> {
    let mut line = String::new();
    std::io::BufReader::new(source.take(LONGEST)).read_line(&mut line)?;
    let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn typed(context: &Context) -> Result<String, Failure> {
    let first = hidden(context.say("密码：", "Password: "))?;
    let second = hidden(context.say("再输一遍：", "Once more: "))?;
    if first != second {
        let differ = context.say("两次输入的不一样，没有改", "the two are not the same: nothing was changed");
        return Err(Failure::Usage(differ.to_owned()));
    }
    Ok(first)
}

/// One line from the terminal, unseen.
fn hidden(question: &str) -> Result<String, Failure> {
    let stdin = std::io::stdin();
    eprint!("{question}");
    std::io::stderr().flush().map_err(Failure::outside)?;
    let before = tcgetattr(&stdin).map_err(Failure::outside)?;
    let mut unseen = before.clone();
    unseen.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &unseen).map_err(Failure::outside)?;
    let _again = Seen(before);
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(Failure::outside)?;
    eprintln!();
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Shows again what is typed, whatever happens.
struct Seen(Termios);

impl Drop for Seen {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyway.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_is_no_part_of_a_password_and_blanks_are() {
        let read = |text: &str| first_line(text.as_bytes()).unwrap();
        assert_eq!(read("\u{feff} ab cd \r\nmore\n"), " ab cd ");
        assert_eq!(read("没有换行"), "没有换行");
        assert_eq!(read(""), "");
    }
}
