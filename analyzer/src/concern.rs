//! A concern: what a clerk wrote about one matter people worry about, ready to match posts.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::level::{Level, Needs};

/// Where the words of a concern are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Title and text.
    #[default]
    All,
    /// Titles only: long texts on hot lists bring noise.
    Title,
}

/// One labelled question people ask within a concern (`[concern.asks]`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskRule {
    /// The question in the clerk's words, shown to people.
    pub label: String,
    /// A post asks it if any entry matches.
    pub words: Vec<String>,
}

/// One concern as configured. `words` and `not` are entries as typed: an entry matches if all its
/// space-separated parts occur as exact substrings of the normalised text, in any order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Concern {
    /// Stable identity: `id` in the file, else the name.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// English name, if the clerk gave one.
    pub name_en: Option<String>,
    /// Department that owns it (责任单位); a group in `[people]`.
    pub department: Option<String>,
    /// Entries of which any one must match.
    pub words: Vec<String>,
    /// Entries of which none may match.
    pub not: Vec<String>,
    /// Where the words are looked for.
    pub scope: Scope,
    /// Labelled questions.
    pub asks: Vec<AskRule>,
    /// Entries like those of `words` that mark a text as reporting an official reply, for sources that
    /// have no `publisher = "gov"`, such as a hot list: `国家卫健委 回应`. Only texts that match the
    /// concern itself are looked at.
    #[serde(default)]
    pub replies: Vec<String>,
    /// Talking points (口径要点) shown in the mail.
    pub advice: Option<String>,
    /// Deadline for a response, if stricter than the level's.
    pub reply_within: Option<SignedDuration>,
    /// Highest level this concern may reach.
    pub max_level: Option<Level>,
    /// What each level needs, overrides already applied.
    pub needs: Needs,
    /// Voices that blue needs: 5; a concern heard only on hot lists may set 3.
    pub min_voices: u32,
}

impl Concern {
    /// A concern of that name, which is its id, without words yet; blue needs five voices.
    pub fn named(name: &str) -> Concern {
        Concern { id: name.to_owned(), name: name.to_owned(), min_voices: 5, ..Concern::of_words(Vec::new()) }
    }

    /// A concern of these words and nothing else, without a name, heard from one voice on.
    pub fn of_words(words: Vec<String>) -> Concern {
        Concern {
            id: String::new(),
            name: String::new(),
            name_en: None,
            department: None,
            words,
            not: Vec::new(),
            scope: Scope::All,
            asks: Vec::new(),
            replies: Vec::new(),
            advice: None,
            reply_within: None,
            max_level: None,
            needs: Needs::default(),
            min_voices: 1,
        }
    }
}
