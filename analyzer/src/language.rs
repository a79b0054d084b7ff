//! The two languages our own words come in. Collected text is never translated.

use crawler::words::Words;
use serde::{Deserialize, Serialize};

/// Language of our own words on pages, in mails and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// zh-CN
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    /// en
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// What another part says, in this language.
    pub fn say(self, words: &Words) -> &str {
        match self {
            Language::Chinese => &words.zh,
            Language::English => &words.en,
        }
    }
}
