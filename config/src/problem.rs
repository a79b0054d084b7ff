//! What is wrong in a file, said in two languages. A value: whoever wants prints it.

pub use crawler::words::Words;
use serde::Serialize;

use crate::document::{Document, Place};

/// Whether a file with this problem can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file is not used until this is mended.
    Error,
    /// The file is used; somebody should look.
    Warning,
}

/// One problem: what, where, what was expected, how to mend it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// Whether the file can be used all the same.
    pub severity: Severity,
    /// Stable name of the kind of problem, for programs: `unknown-key`, `bad-duration` …
    pub code: &'static str,
    /// Where; `None` for a file that is not there.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: Words,
    /// What is expected at the marked place.
    pub label: Words,
    /// How to mend it.
    pub help: Option<Words>,
}

/// Everything found in the files, in order of place, and the texts it was found in.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// All problems at once.
    pub problems: Vec<Problem>,
    #[serde(skip)]
    pub(crate) documents: Vec<Document>,
}

/// A mistake in one value, before it is known where the value stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) code: &'static str,
    /// Boxed, since most values are right and a `Result` is as large as its larger half.
    pub(crate) said: Box<Said>,
}

/// What is said about a mistake.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) message: Words,
    pub(crate) label: Words,
    pub(crate) help: Option<Words>,
}

impl Report {
    /// Number of problems that keep the files from being used.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// Number of problems that somebody should look at.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    fn count(&self, severity: Severity) -> usize {
        self.problems.iter().filter(|problem| problem.severity == severity).count()
    }
}

impl Mistake {
    pub(crate) fn new(code: &'static str, message: Words, label: Words) -> Mistake {
        Mistake { code, said: Box::new(Said { message, label, help: None }) }
    }

    pub(crate) fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Mistake {
        self.said.help = Some(Words::new(zh, en));
        self
    }
}
