//! What stands behind a level, as pages of alerts and of concerns show it: questions, sources, words, posts, offices.

use alerts::format;
use alerts::message::{Cited, Language, Offices, Site, asks, quotes, wanted};
use analyzer::concern::Concern;
use analyzer::excerpt::excerpt;
use analyzer::explain::{Explanation, GroupShare, RisingWord};
use analyzer::matcher::split_entry;
use jiff::Timestamp;

use super::search::{Piece, pieces};
use super::{Chrome, encoded};

/// The evidence of one concern, in words.
pub(super) struct Evidence {
    pub(super) asks: Vec<Asked>,
    pub(super) intents: String,
    pub(super) groups: Vec<Group>,
    pub(super) words: Vec<Word>,
    pub(super) quotes: Vec<Quoted>,
    pub(super) offices: Offices,
    /// The search that finds every post of the concern.
    pub(super) all_posts: String,
}

/// A question with the posts that ask it.
pub(super) struct Asked {
    pub(super) label: String,
    pub(super) posts: String,
    pub(super) width: u32,
    /// The search that finds them, where the clerk's words say what to look for.
    pub(super) link: Option<String>,
}

/// A source group beside what is expected of it.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) posts: String,
    pub(super) expected: String,
    /// Whole per cent of the longest bar.
    pub(super) width: u32,
    /// Where the expected value lies, per cent.
    pub(super) mark: u32,
}

/// A word on the rise.
pub(super) struct Word {
    pub(super) word: String,
    pub(super) posts: String,
    pub(super) ratio: String,
    pub(super) link: String,
}

/// A representative post with the concern's words marked.
pub(super) struct Quoted {
    pub(super) text: Vec<Piece>,
    pub(super) origin: String,
    pub(super) link: Option<String>,
}

impl Evidence {
    /// `at` is the moment the counts are of: times of posts are told from there.
    pub(super) fn of(
        chrome: &Chrome,
        site: &Site,
        (concern, explanation): (&Concern, &Explanation),
        at: Timestamp,
    ) -> Evidence {
        let language = chrome.language;
        let words: Vec<String> = concern.words.iter().flat_map(|entry| split_entry(entry)).collect();
        let quoted = quotes(explanation, (&site.zone, at), language);
        let own = format!("关切:\"{}\"", concern.id.replace('"', " "));
        Evidence {
            asks: asked(chrome, concern, explanation, &own),
            intents: wanted(explanation, language),
            groups: groups(&explanation.groups),
            words: rising(chrome, &explanation.words),
            quotes: quoted.into_iter().map(|quote| marked(quote, &words)).collect(),
            offices: Offices::of(explanation, &site.zone, chrome.now, language),
            all_posts: chrome.to(&format!("/search?q={}&since=24h", encoded(&own))),
        }
    }
}

fn marked(quote: Cited, words: &[String]) -> Quoted {
    let text = pieces(&excerpt(&quote.text, words, usize::MAX));
    Quoted { text, origin: quote.origin, link: quote.link }
}

fn asked(chrome: &Chrome, concern: &Concern, explanation: &Explanation, own: &str) -> Vec<Asked> {
    let link = |label: &str| {
        let rule = concern.asks.iter().find(|rule| format::one_line(&rule.label, 60) == label)?;
        let any: Vec<String> =
            rule.words.iter().map(|entry| format!("({})", split_entry(entry).join(" "))).collect();
        let query = format!("{own} ({})", any.join("|"));
        Some(chrome.to(&format!("/search?q={}&since=24h", encoded(&query))))
    };
    let all = asks(explanation, chrome.language).into_iter();
    all.map(|ask| Asked { link: link(&ask.label), label: ask.label, posts: ask.posts, width: ask.width })
        .collect()
}

fn groups(groups: &[GroupShare]) -> Vec<Group> {
    let longest = groups.iter().map(|group| f64::from(group.posts).max(group.expected)).fold(1.0, f64::max);
    let percent = |count: f64| (count / longest * 100.0).clamp(0.0, 100.0).round() as u32;
    // The mark stays inside the bar.
    let place = |count: f64| percent(count).min(97);
    let view = |group: &GroupShare| Group {
        name: format::one_line(&group.group, 40),
        posts: format::exact(group.posts.into()),
        expected: format::expected(group.expected),
        width: percent(f64::from(group.posts)),
        mark: place(group.expected),
    };
    groups.iter().take(6).map(view).collect()
}

fn rising(chrome: &Chrome, words: &[RisingWord]) -> Vec<Word> {
    let view = |word: &RisingWord| {
        let ratio = f64::from(word.posts) / word.expected;
        let ratio = match chrome.language {
            // Fewer than half a post expected: there is nothing to be a multiple of.
            _ if word.expected < 0.5 => chrome.labels.new_word.to_owned(),
            Language::Chinese => format!("{} 倍", format::ratio(ratio)),
            Language::English => format!("× {}", format::ratio(ratio)),
        };
        let text = format::one_line(&word.word, 20);
        let link = chrome.to(&format!("/search?q={}", encoded(&format!("\"{text}\""))));
        Word { word: text, posts: format::exact(word.posts.into()), ratio, link }
    };
    words.iter().take(8).map(view).collect()
}
