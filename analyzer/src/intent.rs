//! What a post wants: to know, to complain, to be helped. Plain rules from a data file, nothing learnt.
//!
//! Works on the original, masked text; says only what is wanted, never who wants it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::quote::sentences;

static SHIPPED: LazyLock<Intents> = LazyLock::new(|| Intents::read(include_str!("../data/intents.txt")));

/// Rules of all kinds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intents {
    question: Rules,
    complaint: Rules,
    help: Rules,
}

/// What one text wants; several things at once, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// It asks something.
    pub question: bool,
    /// It complains.
    pub complaint: bool,
    /// It asks for help.
    pub help: bool,
}

/// How many posts want what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentCounts {
    /// All posts looked at.
    pub posts: u32,
    /// Posts that ask: many of them are a gap in what has been published.
    pub questions: u32,
    /// Posts that complain.
    pub complaints: u32,
    /// Posts that ask for help.
    pub help: u32,
}

/// What an installation adds to the shipped rules and takes out of them: rules as they stand in the data file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnRules {
    /// Signs of a question.
    pub question: Vec<String>,
    /// Phrases that are none, or shipped rules that are not wanted.
    pub not_question: Vec<String>,
    /// Signs of a complaint.
    pub complaint: Vec<String>,
    /// Phrases that are none.
    pub not_complaint: Vec<String>,
    /// Signs of a call for help.
    pub help: Vec<String>,
    /// Phrases that are none.
    pub not_help: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Rules {
    /// Each a list of parts that must all be in one sentence.
    signs: Vec<Vec<Part>>,
    /// Taken out before the signs are looked for.
    phrases: Vec<String>,
}

/// A rule's part for questions of yes or no.
const YES_OR_NO: &str = "A不A";

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Anywhere(String),
    AtTheEnd(String),
    /// `A不A`: the same sign before and after 不.
    YesOrNo,
}

impl Intents {
    /// The rules that come with the program.
    pub fn shipped() -> &'static Intents {
        &SHIPPED
    }

    /// Reads a file of rules; what stands before the first kind, and kinds that are none, count nothing.
    pub fn read(file: &str) -> Intents {
        let mut intents = Intents::default();
        let mut kind = "";
        for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                kind = name;
                continue;
            }
            let rules = match kind {
                "question" => &mut intents.question,
                "complaint" => &mut intents.complaint,
                "help" => &mut intents.help,
                _ => continue,
            };
            match line.strip_prefix('!') {
                Some(phrase) => rules.except(phrase),
                None => rules.add(line),
            }
        }
        intents
    }

    /// These rules with an installation's own.
    pub fn with(mut self, own: &OwnRules) -> Intents {
        let OwnRules { question, not_question, complaint, not_complaint, help, not_help } = own;
        let kinds = [
            (&mut self.question, question, not_question),
            (&mut self.complaint, complaint, not_complaint),
            (&mut self.help, help, not_help),
        ];
        for (rules, more, less) in kinds {
            more.iter().for_each(|rule| rules.add(rule));
            less.iter().for_each(|phrase| rules.except(phrase));
        }
        self
    }

    /// What a text wants.
    pub fn of(&self, text: &str) -> Wanted {
        let mut wanted = Wanted::default();
        for sentence in sentences(text) {
            wanted.question |= self.question.match_sentence(sentence);
            wanted.complaint |= self.complaint.match_sentence(sentence);
            wanted.help |= self.help.match_sentence(sentence);
        }
        wanted
    }

    /// The first sentence of a text that asks something.
    pub fn question<'a>(&self, text: &'a str) -> Option<&'a str> {
        sentences(text).find(|sentence| self.question.match_sentence(sentence))
    }
}

impl IntentCounts {
    /// Counts one post.
    pub fn add(&mut self, wanted: Wanted) {
        self.posts += 1;
        self.questions += u32::from(wanted.question);
        self.complaints += u32::from(wanted.complaint);
        self.help += u32::from(wanted.help);
    }

    /// Share of the posts, 0–1.
    pub fn share(&self, posts: u32) -> f64 {
        if self.posts == 0 { 0.0 } else { f64::from(posts) / f64::from(self.posts) }
    }
}

impl Rules {
    fn add(&mut self, rule: &str) {
        let part = |part: &str| match part.strip_suffix('$') {
            _ if part == YES_OR_NO => Part::YesOrNo,
            Some(end) => Part::AtTheEnd(end.to_owned()),
            None => Part::Anywhere(part.to_owned()),
        };
        let parts: Vec<Part> = rule.split_whitespace().map(part).collect();
        if !parts.is_empty() {
            self.signs.push(parts);
        }
    }

    fn except(&mut self, phrase: &str) {
        let phrase = phrase.trim();
        if !phrase.is_empty() {
            self.phrases.push(phrase.to_owned());
        }
    }

    fn match_sentence(&self, sentence: &str) -> bool {
        let mut rest = sentence.to_owned();
        for phrase in &self.phrases {
            if rest.contains(phrase.as_str()) {
                // A comma keeps what stood around it apart.
                rest = rest.replace(phrase.as_str(), "，");
            }
        }
        // Endings are looked for under the marks and sighs after them.
        let ending =
            rest.trim_end_matches(|sign: char| !sign.is_alphanumeric() || "啊呀哦噢哈".contains(sign));
        let holds = |part: &Part| match part {
            Part::Anywhere(part) => rest.contains(part.as_str()),
            Part::AtTheEnd(part) => ending.ends_with(part.as_str()),
            Part::YesOrNo => asks_yes_or_no(&rest),
        };
        self.signs.iter().any(|parts| parts.iter().all(holds))
    }
}

/// Whether some sign stands before and after 不: 去不去, 麻烦不麻烦.
fn asks_yes_or_no(sentence: &str) -> bool {
    let parts = sentence.match_indices('不').filter_map(|(at, not)| {
        let (before, after) = (sentence.get(..at)?, sentence.get(at + not.len()..)?);
        Some((before, after))
    });
    let mut parts = parts.filter(|(before, after)| {
        let last: Vec<char> = before.chars().rev().take(2).collect();
        let next: Vec<char> = after.chars().take(2).collect();
        let is_word = |sign: Option<&char>| sign.is_some_and(|sign| sign.is_alphabetic());
        let one = is_word(last.first()) && last.first() == next.first();
        let two = last.len() == 2 && is_word(last.first()) && last.iter().rev().eq(next.iter());
        one || two
    });
    parts.next().is_some()
}

#[cfg(test)]
mod tests;
