//! Runs the examples a clerk wrote beside the words: texts that a concern must match, or must not.

use analyzer::concern::Concern;
use analyzer::matcher::{Matcher, Text};
use analyzer::normalize::normalize;

use crate::problem::{Mistake, Words};
use crate::section::Section;
use crate::value::text;

/// Reads `[concern.examples]` and notes every example that does not hold, and why. Without a concern
/// that could match, the examples are only read.
pub(crate) fn check(section: Section<'_, '_>, concern: Option<&Concern>) {
    let should_match = section.list("should_match", text).unwrap_or_default();
    let should_not_match = section.list("should_not_match", text).unwrap_or_default();
    let notes = section.notes();
    section.finish();
    let Some(concern) = concern else { return };
    let matcher = Matcher::new(concern);
    for example in should_match {
        // As a title, so that it is seen whatever the concern looks at.
        let title = Text::from_parts(&example.value, "");
        if !matcher.matches(&title) {
            notes.error(&example.at, not_matched(concern, &matcher, &title));
        }
    }
    for example in should_not_match {
        let title = Text::from_parts(&example.value, "");
        if let Some(word) = matcher.matched_words(&title).first() {
            notes.error(&example.at, matched_by(word));
        }
    }
}

fn not_matched(concern: &Concern, matcher: &Matcher, text: &Text) -> Mistake {
    let message = Words::new("这一句应该对上，但没有对上", "this example should match, but does not");
    if let Some(refusing) = matcher.refusing_words(text).first() {
        let label = Words::new(
            format!("被 not 里的“{refusing}”排除了"),
            format!("ruled out by \"{refusing}\" in not"),
        );
        return Mistake::new("example", message, label);
    }
    let label = Words::new("words 里没有一条对上", "no entry of words matches");
    let mistake = Mistake::new("example", message, label);
    match nearest_entry(concern, text) {
        Some((entry, missing)) => mistake.help(
            format!("最接近的是“{entry}”，句子里缺“{missing}”"),
            format!("nearest is \"{entry}\": the text lacks \"{missing}\""),
        ),
        None => mistake.help("给 words 加一条", "add an entry to words"),
    }
}

fn matched_by(word: &str) -> Mistake {
    let message = Words::new("这一句不应该对上，却对上了", "this example should not match, but does");
    let label = Words::new(format!("对上了“{word}”"), format!("matched by \"{word}\""));
    Mistake::new("example", message, label)
        .help("把这一条写得更细，或在 not 里排除", "make that entry narrower, or rule the text out in not")
}

/// The entry of which the text has the most parts, and the parts it lacks.
fn nearest_entry<'c>(concern: &'c Concern, text: &Text) -> Option<(&'c str, String)> {
    let mut nearest = None;
    let mut fewest_missing = usize::MAX;
    for entry in &concern.words {
        let normalized = normalize(entry);
        let (present, missing): (Vec<&str>, Vec<&str>) =
            normalized.split_whitespace().partition(|part| text.title.contains(part));
        if !present.is_empty() && missing.len() < fewest_missing {
            fewest_missing = missing.len();
            nearest = Some((entry.as_str(), missing.join(" ")));
        }
    }
    nearest
}
