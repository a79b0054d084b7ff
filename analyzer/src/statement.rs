//! Official texts on a concern: what offices have already said, so that nobody is asked for an answer that exists.

use crawler::post::{Publisher, Stored};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::concern::{Concern, Scope};
use crate::effect::{Effect, Measured, Unmeasured};
use crate::explain::{Statement, StatementKind};
use crate::hash;
use crate::matcher::{Text, split_entry};
use crate::quote::{Shown, shorten};

/// Statements of each kind shown at most.
const MOST: usize = 5;

/// Whether an office has answered since the rise began, with what says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Answered {
    /// No official text was found in what was collected, and nobody recorded an answer.
    NotFound {
        /// From when on it was looked for; a day before the counts where nothing is said.
        #[serde(default)]
        since: Option<Timestamp>,
        /// Titles that report a reply, which is no official text.
        reports: u32,
        /// The newest official text from before the rise, which cannot be an answer to it.
        earlier: Option<Timestamp>,
    },
    /// Answered, and nothing says that the questions go on.
    Answered {
        /// The answer.
        answer: Answer,
        /// Why no more is said.
        asking: Asking,
    },
    /// Answered, and the questions go on.
    QuestionsGoOn {
        /// The answer.
        answer: Answer,
        /// Posts that ask, so many hours before it and after it.
        before: u32,
        /// After it.
        after: u32,
        /// The hours.
        hours: u8,
    },
}

/// An answer that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// When it was published.
    pub at: Timestamp,
    /// Who answered: the post held or department as recorded, or the name of the official source.
    pub by: String,
    /// How it is known.
    pub basis: Basis,
}

/// How an answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Somebody recorded it (登记回应).
    Recorded,
    /// An official source published a text that matches the concern.
    Published,
}

/// What is known of the questions after an answer that does not go on being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Asking {
    /// It cannot be said yet, or not at all.
    Unknown {
        /// Why.
        reason: Unmeasured,
    },
    /// Too few ask, before and after.
    Few {
        /// Posts that ask after it.
        after: u32,
    },
    /// Less than half as many ask.
    Fewer {
        /// Posts that ask before it.
        before: u32,
        /// After it.
        after: u32,
        /// Hours compared.
        hours: u8,
    },
}

/// Entries that mark a text as reporting an official reply, ready to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct Replies {
    entries: Vec<Vec<String>>,
    scope: Scope,
}

impl Replies {
    pub(crate) fn new(concern: &Concern) -> Replies {
        let entries =
            concern.replies.iter().map(|typed| split_entry(typed)).filter(|parts| !parts.is_empty());
        Replies { entries: entries.collect(), scope: concern.scope }
    }

    /// Whether a post that matches the concern is an office's own text, or reports one. An individual who repeats
    /// an office's words is neither.
    pub(crate) fn kind(&self, stored: &Stored, text: &Text) -> Option<StatementKind> {
        let in_text = |part: &String| {
            text.title.contains(part) || (self.scope == Scope::All && text.text.contains(part))
        };
        match stored.post.publisher {
            Publisher::Gov => Some(StatementKind::Official),
            Publisher::Individual => None,
            Publisher::Media | Publisher::Platform => {
                let reports = self.entries.iter().any(|parts| parts.iter().all(in_text));
                reports.then_some(StatementKind::Report)
            }
        }
    }
}

impl Statement {
    /// Names the statement in a list that may change between showing it and choosing it.
    pub fn key(&self) -> String {
        let text = format!("{}\n{}\n{}", self.time, self.source, self.title);
        format!("{:016x}", hash::mix(hash::SEED, hash::of_text(&text)))
    }
}

impl Answered {
    /// The answer, if one is known.
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Answered::NotFound { .. } => None,
            Answered::Answered { answer, .. } | Answered::QuestionsGoOn { answer, .. } => Some(answer),
        }
    }
}

/// The verdict on a known answer, from what came after it.
pub(crate) fn answered(answer: Answer, effect: &Measured<Effect>) -> Answered {
    let effect = match effect {
        Err(reason) => return Answered::Answered { answer, asking: Asking::Unknown { reason: *reason } },
        Ok(effect) => effect,
    };
    let ((before, after), hours) = (effect.questions, effect.hours);
    if effect.questions_go_on() {
        return Answered::QuestionsGoOn { answer, before, after, hours };
    }
    let asking =
        if effect.few_questions() { Asking::Few { after } } else { Asking::Fewer { before, after, hours } };
    Answered::Answered { answer, asking }
}

/// The newest statements of each kind first; the same text from one source once.
pub(crate) fn statements(
    posts: &[(&Stored, StatementKind)],
    source_name: impl Fn(&str) -> String,
    shown: Shown,
) -> Vec<Statement> {
    let mut newest: Vec<&(&Stored, StatementKind)> = posts.iter().collect();
    newest.sort_by_key(|(stored, _)| std::cmp::Reverse((stored.post.time, stored.post.id)));
    let mut found: Vec<Statement> = Vec::new();
    for (stored, kind) in newest {
        let post = &stored.post;
        let title = shorten(if post.title.is_empty() { &post.text } else { &post.title }, shown.excerpt);
        let source = source_name(&post.source);
        let is_known = found.iter().any(|other| other.title == title && other.source == source);
        let of_kind = found.iter().filter(|other| other.kind == *kind).count();
        if !is_known && of_kind < MOST {
            let address = shown.link(post);
            found.push(Statement { kind: *kind, time: post.time, source, title, address });
        }
    }
    found
}

#[cfg(test)]
mod tests;
