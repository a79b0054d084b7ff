//! How a command ends: the exit codes people and scripts rely on, and errors that say what to do next.

use std::process::ExitCode;

use alerts::account::AccountError;
use alerts::message::Language;
use crawler::words::Words;

use crate::socket::Turn;

/// A command that did its work. `No` is an answer too: no hit, something to mend, no alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Exit 0: done, the answer is yes.
    Yes,
    /// Exit 1: done, the answer is no.
    No,
}

/// A command that could not do its work, by whose turn it is now.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Exit 2: wrong usage or configuration; the user mends what was typed.
    Usage(String),
    /// Exit 3: the outside failed: mail server, source, port.
    Outside(String),
    /// Exit 4: our data failed: disk full, folder in use, store damaged.
    Data(String),
    /// Exit 2 where the user mends it, else 4: the program that holds the folder said no.
    Refused(Words, Turn),
}

impl Done {
    /// The process exit code.
    pub(crate) fn code(self) -> ExitCode {
        match self {
            Done::Yes => ExitCode::SUCCESS,
            Done::No => ExitCode::from(1),
        }
    }
}

impl Failure {
    /// The process exit code.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Usage(_) => 2,
            Failure::Outside(_) => 3,
            Failure::Refused(_, Turn::Users) => 2,
            Failure::Data(_) | Failure::Refused(_, Turn::Ours) => 4,
        })
    }

    /// Our data failed, told with everything that led to it.
    pub(crate) fn data(error: impl Into<anyhow::Error>) -> Failure {
        Failure::Data(format!("{:#}", error.into()))
    }

    /// What happened, in a language.
    pub(crate) fn say(&self, language: Language) -> &str {
        match self {
            Failure::Usage(text) | Failure::Outside(text) | Failure::Data(text) => text,
            Failure::Refused(words, _) => language.say(words),
        }
    }

    /// The outside failed, told with everything that led to it.
    pub(crate) fn outside(error: impl Into<anyhow::Error>) -> Failure {
        Failure::Outside(format!("{:#}", error.into()))
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Failure {
        Failure::Refused(error.words(), Turn::after(&error))
    }
}
