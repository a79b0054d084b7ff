//! A topic as people see it, whichever detector found it.

use analyzer::topics::{Topic, TopicId, boards};
use config::Proposal;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Entries of a proposed word list.
const PROPOSED: usize = 6;

/// One topic as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TopicState {
    /// Its number, for `guanlan topic promote`.
    pub(crate) id: String,
    /// What it is called; its words where no post may be quoted.
    pub(crate) title: String,
    /// Its words.
    pub(crate) words: Vec<String>,
    /// Posts so far, copies included.
    pub(crate) posts: u32,
    /// Independent texts among them.
    pub(crate) voices: usize,
    /// Source groups among them.
    pub(crate) sources: usize,
    /// When it was found.
    pub(crate) found: Timestamp,
    /// When it last stood out.
    pub(crate) heard: Timestamp,
    /// −log₁₀ of the chance of so many posts, were twice the usual usual.
    pub(crate) score: f64,
    /// Its class, in Chinese and English, if it has one.
    pub(crate) class: Option<(String, String)>,
    /// Whether it is listed only: its class is muted, or it was found on hot lists and is no public affair.
    pub(crate) muted: bool,
    /// The concern that most of its posts belong to.
    pub(crate) concern: Option<String>,
    /// Whether it was mailed.
    pub(crate) mailed: bool,
    /// A word list that would find it.
    pub(crate) proposal: Vec<String>,
    /// Its newest titles, of a topic of hot lists: those of a platform may be quoted.
    #[serde(default)]
    pub(crate) titles: Vec<String>,
}

/// The topics of the last day, and what is muted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// The most unusual first, muted ones among them.
    pub(crate) topics: Vec<TopicState>,
    /// Names of the muted classes.
    pub(crate) muted: Vec<String>,
    /// Whether the stream is too young for topics.
    pub(crate) learning: bool,
}

impl TopicState {
    /// The concern it would be.
    pub(crate) fn as_concern(&self) -> Proposal {
        let name: String = self.words.iter().take(2).map(String::as_str).collect();
        let name = if name.is_empty() { self.id.clone() } else { name };
        Proposal {
            id: format!("topic-{}", self.id.to_lowercase()),
            name: format!("{name}（{}）", self.id),
            words: self.proposal.iter().take(PROPOSED).cloned().collect(),
            remark: format!("新话题 {}：{}", self.id, self.title),
        }
    }
}

/// What a detector says of a topic: the same of a stream of posts and of hot lists.
pub(super) struct Account {
    pub(super) id: TopicId,
    pub(super) words: Vec<String>,
    pub(super) proposal: Vec<String>,
    /// Numbers of its posts, the first ones or all.
    pub(super) numbers: Vec<u64>,
    /// Number of the post that says most of it.
    pub(super) title: u64,
    pub(super) posts: u32,
    pub(super) voices: usize,
    pub(super) sources: usize,
    pub(super) found: Timestamp,
    pub(super) heard: Timestamp,
    pub(super) score: f64,
    /// Of hot lists: whether it is a public affair.
    pub(super) listed: Option<bool>,
}

impl From<&Topic> for Account {
    fn from(topic: &Topic) -> Account {
        Account {
            id: topic.id.clone(),
            words: topic.words.clone(),
            proposal: topic.proposal.clone(),
            numbers: topic.posts.clone(),
            title: topic.title,
            posts: topic.count,
            voices: topic.voices,
            sources: topic.sources,
            found: topic.found_at(),
            heard: topic.heard_at(),
            score: topic.score,
            listed: None,
        }
    }
}

impl From<&boards::Topic> for Account {
    fn from(topic: &boards::Topic) -> Account {
        let titles = topic.titles.len();
        Account {
            id: topic.id.clone(),
            words: topic.lead.clone(),
            proposal: vec![topic.lead.join(" ")],
            numbers: topic.titles.iter().copied().collect(),
            title: topic.title,
            posts: u32::try_from(titles).unwrap_or(u32::MAX),
            // A title listed again is no title of its own, so each is another text.
            voices: titles,
            sources: topic.sources.len(),
            found: topic.found,
            heard: topic.heard,
            score: topic.score,
            listed: Some(topic.is_public),
        }
    }
}
