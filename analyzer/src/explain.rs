//! The evidence behind a signal. Every sentence in a mail or page is computed from this or quoted from it.

use crawler::post::Publisher;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::agreement::Difference;
use crate::effect::{Effect, Measured};
use crate::intent::IntentCounts;
use crate::signal::{Expected, SourceState};
use crate::statement::Answered;

/// Evidence for one concern at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
pub struct Explanation {
    /// Posts by source group in the counted span, most first, each with its own expected value.
    pub groups: Vec<GroupShare>,
    /// What people ask, most first: the clerk's labels, or questions grouped by wording.
    pub asks: Vec<AskCount>,
    /// Posts of the span that match no label.
    pub asks_other: u32,
    /// Share of posts that are questions, 0–1.
    pub question_share: f64,
    /// How many posts ask, complain, call for help.
    #[serde(default)]
    pub intents: IntentCounts,
    /// Words that rose most against their usual share.
    pub words: Vec<RisingWord>,
    /// Three to five representative posts, one per near-duplicate group.
    pub quotes: Vec<Quote>,
    /// Official texts that match the concern, and titles that report a reply, newest first.
    pub statements: Vec<Statement>,
    /// From when on statements were looked for; `None`: for a day.
    #[serde(default)]
    pub statements_since: Option<Timestamp>,
    /// What the statements do not say alike; no verdict on who is right.
    #[serde(default)]
    pub differences: Vec<Difference>,
    /// Whether an office has answered since the rise began; `None` in evidence kept by earlier versions.
    #[serde(default)]
    pub answered: Option<Answered>,
    /// What came after the answer, or why that cannot be said; `None` without an answer.
    #[serde(default)]
    pub effect: Option<Measured<Effect>>,
    /// The last 24 hours: 60-minute counts every ten minutes.
    pub curve: Vec<Point>,
    /// State of every source the program watches.
    pub sources: Vec<SourceState>,
    /// Other concerns that share most of their posts with this one, or this one with them; most shared first.
    #[serde(default)]
    pub overlaps: Vec<Overlap>,
    /// Publication time of the first post of the rise that is still stored; `None` without a rise.
    #[serde(default)]
    pub first_post: Option<Timestamp>,
    /// Every so manieth post of the span was read and stands for as many in what is asked, wanted and on the rise;
    /// `None` where all were read.
    #[serde(default)]
    pub sampled: Option<u32>,
}

/// Posts of the span that belong to another concern as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// Id of the other concern.
    pub concern: String,
    /// Share of this concern's posts, 0–1.
    pub of_this: f64,
    /// Share of the other's posts, 0–1.
    pub of_other: f64,
}

/// From that share on, the posts of two concerns are told of together.
pub const TOGETHER: f64 = 0.6;

/// Posts of one source group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupShare {
    /// Name of the group.
    pub group: String,
    /// Posts in the counted span.
    pub posts: u32,
    /// Expected posts in that span.
    pub expected: f64,
}

/// How many posts ask one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskCount {
    /// The question.
    pub label: String,
    /// Posts, copies included.
    pub posts: u32,
}

/// A word on the rise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RisingWord {
    /// The word.
    pub word: String,
    /// Posts of the span with it.
    pub posts: u32,
    /// Posts with it that its usual share would give.
    pub expected: f64,
}

/// A representative post, already shortened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Excerpt, masked and shortened.
    pub excerpt: String,
    /// Source group.
    pub group: String,
    /// Who speaks; only media, offices and platforms carry an address.
    pub publisher: Publisher,
    /// Posts of the near-duplicate group in the span, this one included.
    pub similar: u32,
    /// Publication time of the first of them.
    pub time: Timestamp,
    /// Link to the original, never for individuals.
    pub address: Option<String>,
}

/// Whose word a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    /// An office's own text.
    Official,
    /// A title of somebody else's that reports a reply (据报道). Less is claimed of what is not known.
    #[default]
    Report,
}

/// An official text that matches a concern, or a title that reports an official reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Whose word it is.
    #[serde(default)]
    pub kind: StatementKind,
    /// Publication time.
    pub time: Timestamp,
    /// Source name.
    pub source: String,
    /// Title, or the beginning of the text.
    pub title: String,
    /// Link to it.
    pub address: Option<String>,
}

/// One point of a chart: the posts of the 60 minutes before `at`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// End of the hour counted, UTC.
    pub at: Timestamp,
    /// Posts in that hour, copies included; `None` in a gap.
    pub posts: Option<u32>,
    /// Expected posts in that hour.
    pub expected: Expected,
}
