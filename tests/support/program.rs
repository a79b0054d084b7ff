//! The program under test, as a process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

use super::PATIENCE;

/// Runs a command to its end, in Chinese, away from any configuration of the machine.
pub(crate) fn guanlan(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

/// The command, not yet started.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guanlan"));
    command.args(arguments);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GUANLAN_")) {
        command.env_remove(name);
    }
    command.env_remove("NO_COLOR").current_dir(std::env::temp_dir());
    command
}

/// The exit code.
pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

/// What it said about itself.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What it answered.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A command that goes on running, such as `guanlan run`.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
    /// Everything it has said so far.
    pub said: Vec<String>,
}

impl Program {
    /// Starts a command in the background.
    pub(crate) fn start(arguments: &[&str]) -> Program {
        let mut child = command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = child.stderr.take().expect("stderr is piped");
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Program { child, lines, said: Vec::new() }
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says something that contains `text`, and returns that line.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => panic!("it never said {text:?}; it said:\n{}", self.said.join("\n")),
            }
        }
    }

    /// What it has said until now.
    pub(crate) fn heard(&mut self) -> &[String] {
        self.said.extend(self.lines.try_iter());
        &self.said
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it ended");
    }

    /// Asks it to stop and waits; returns its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        let status = self.child.wait().expect("it ended");
        self.said.extend(self.lines.iter());
        assert!(!self.said.iter().any(|line| line.contains('\x1b')), "colours in a log that is no terminal");
        status.code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A failed test must not leave it running; it may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
