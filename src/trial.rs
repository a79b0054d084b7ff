//! What a word list does: which stored posts it matches and leaves out, and how often it would have alerted. The
//! same for the command and the page; changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use alerts::format;
use alerts::mail::{Mailbag, Mailer};
use analyzer::concern::Concern;
use analyzer::excerpt::excerpt;
use analyzer::matcher::{Matcher, Text};
use analyzer::normalize::normalize;
use analyzer::query::Node;
use analyzer::segment::Segmenter;
use config::quoted;
use crawler::post::{Post, Stored};
use jiff::Timestamp;
use serde::Serialize;

use crate::backtest::{self, Material, Raised};
use crate::lookout::LookoutError;
use crate::orders::Orders;
use crate::replay::Span;

/// Entries that a query may become.
const ENTRIES: usize = 60;
/// Characters of a post shown, and words that often stand beside the list's own.
const SHOWN: usize = 60;
const BESIDE: usize = 12;

/// What a word list does.
#[derive(Serialize)]
pub(crate) struct Findings {
    /// Posts looked at.
    pub(crate) posts: usize,
    /// Of these, posts that match.
    pub(crate) matched: usize,
    /// Posts by entry; one post may have several.
    pub(crate) entries: Vec<(String, usize)>,
    /// Matched posts, spread over the time: when, text, entries found.
    pub(crate) samples: Vec<(Timestamp, String, Vec<String>)>,
    /// Words beside the list's own, with matched posts and how many times their usual share that is.
    pub(crate) beside: Vec<(String, usize, f64)>,
    /// Posts that only `not` ruled out, with the entry that did.
    pub(crate) excluded: usize,
    /// Some of these.
    pub(crate) excluded_samples: Vec<(String, Vec<String>)>,
    /// Alerts that would have been raised.
    pub(crate) alerts: Vec<Raised>,
    /// Weeks looked at.
    pub(crate) weeks: f64,
}

/// What the list of a concern does with the posts of a span.
///
/// # Errors
/// What the replay answers.
pub(crate) fn findings(
    orders: &Orders,
    concern: &Concern,
    (material, span): (&Material, Span),
    samples: usize,
) -> Result<Findings, LookoutError> {
    let matcher = Matcher::new(concern);
    let without_not = Matcher::new(&Concern { not: Vec::new(), ..concern.clone() });
    let told = |stored: &&Stored| stored.revision == 0 && stored.post.time >= span.told_from;
    let (mut matched, mut excluded) = (Vec::new(), Vec::new());
    let mut entries: BTreeMap<String, usize> = concern.words.iter().map(|entry| (entry.clone(), 0)).collect();
    let mut posts = 0;
    for stored in material.posts.iter().filter(told) {
        posts += 1;
        let text = Text::of(&stored.post);
        let found = matcher.matched_words(&text);
        if !found.is_empty() {
            found.iter().for_each(|entry| *entries.entry(entry.clone()).or_default() += 1);
            matched.push((stored, found));
        } else if without_not.matches(&text) {
            excluded.push((stored, matcher.refusing_words(&text)));
        }
    }
    let mut entries: Vec<(String, usize)> = entries.into_iter().collect();
    entries.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let sample = |(stored, found): &(&Stored, Vec<String>)| {
        (stored.post.time, shown(&stored.post, found), found.clone())
    };
    let excluded_sample =
        |(stored, refusing): &(&Stored, Vec<String>)| (shown(&stored.post, refusing), refusing.clone());
    let own: Vec<&Stored> = matched.iter().map(|(stored, _)| *stored).collect();
    Ok(Findings {
        posts,
        matched: matched.len(),
        entries,
        samples: spread(&matched, samples).map(sample).collect(),
        beside: beside(&own, &material.posts, concern),
        excluded: excluded.len(),
        excluded_samples: spread(&excluded, samples.div_ceil(2)).map(excluded_sample).collect(),
        alerts: alerts(orders, concern, material, span)?,
        weeks: span.to.duration_since(span.told_from).as_secs_f64() / (7.0 * 86_400.0),
    })
}

/// So many of these, evenly over them.
fn spread<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let step = all.len().div_ceil(most.max(1)).max(1);
    all.iter().step_by(step).take(most)
}

/// The part of a post where the entries stand.
fn shown(post: &Post, entries: &[String]) -> String {
    let whole = match (post.title.is_empty(), post.text.is_empty()) {
        (_, true) => post.title.clone(),
        (true, false) => post.text.clone(),
        (false, false) => format!("{}。{}", post.title, post.text),
    };
    excerpt(&whole, &parts(entries), SHOWN).text
}

/// The parts of entries, normalised.
fn parts(entries: &[String]) -> Vec<String> {
    let parts =
        |entry: &String| -> Vec<String> { normalize(entry).split_whitespace().map(str::to_owned).collect() };
    entries.iter().flat_map(parts).collect()
}

/// Words of the matched posts that are none of the list's, by how far they exceed their share in all posts.
fn beside(matched: &[&Stored], all: &[Stored], concern: &Concern) -> Vec<(String, usize, f64)> {
    let segmenter = Segmenter::new(&[]);
    let parts = parts(&concern.words);
    let count = |posts: &mut dyn Iterator<Item = &Stored>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for stored in posts {
            let text = normalize(&format!("{} {}", stored.post.title, stored.post.text));
            let words: BTreeSet<&str> = segmenter.words(&text).into_iter().collect();
            words.into_iter().for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
        }
        counts
    };
    let own = count(&mut matched.iter().copied());
    // A sample of all posts is enough to know a word's usual share.
    let others: Vec<&Stored> = spread(all, 5_000).collect();
    let usual = count(&mut others.iter().copied());
    let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
    let is_new = |word: &str| parts.iter().all(|part| !part.contains(word) && !word.contains(part.as_str()));
    let mut beside: Vec<(String, usize, f64)> = own
        .into_iter()
        .filter(|(word, count)| *count >= 2 && is_new(word))
        .map(|(word, count)| {
            let known = usual.get(&word).copied().unwrap_or(0);
            let times = share(count, matched.len()) / share(known + 1, others.len() + 1);
            (word, count, times)
        })
        .filter(|(_, _, times)| *times > 1.0)
        .collect();
    let weight = |(_, count, times): &(String, usize, f64)| *count as f64 * times.ln();
    beside.sort_by(|one, other| weight(other).total_cmp(&weight(one)).then_with(|| one.0.cmp(&other.0)));
    beside.truncate(BESIDE);
    beside
}

fn alerts(
    orders: &Orders,
    concern: &Concern,
    material: &Material,
    span: Span,
) -> Result<Vec<Raised>, LookoutError> {
    let orders = Orders { concerns: vec![concern.clone()], ..orders.clone() };
    let mailer = Mailer::Memory(Mailbag::default());
    Ok(backtest::run(material, orders, span, &mailer)?.raised)
}

/// A query as entries of a word list, those that must match and those that must not: each way to answer it is an
/// entry. Filters have no place there.
pub(crate) fn entries(node: &Node) -> (Vec<String>, Vec<String>) {
    let mut not = Vec::new();
    let mut words: Vec<String> = ways(node, &mut not).into_iter().map(|parts| parts.join(" ")).collect();
    words.retain(|entry| !entry.is_empty());
    not.retain(|entry: &String| !entry.is_empty());
    words.truncate(ENTRIES);
    (words, not)
}

/// The ways to answer a part of a query, each a list of words.
fn ways(node: &Node, not: &mut Vec<String>) -> Vec<Vec<String>> {
    match node {
        Node::Word(word) => vec![vec![word.typed.clone()]],
        Node::Filter(_) => vec![Vec::new()],
        Node::Not(node) => {
            not.extend(ways(node, &mut Vec::new()).into_iter().map(|parts| parts.join(" ")));
            vec![Vec::new()]
        }
        Node::Any(nodes) => nodes.iter().flat_map(|node| ways(node, not)).take(ENTRIES).collect(),
        Node::All(nodes) => {
            let mut all: Vec<Vec<String>> = vec![Vec::new()];
            for node in nodes {
                let each = ways(node, not);
                let join = |before: &Vec<String>| {
                    each.iter().map(|after| before.iter().chain(after).cloned().collect()).collect::<Vec<_>>()
                };
                all = all.iter().flat_map(join).take(ENTRIES).collect();
            }
            all
        }
    }
}

/// The concern as it stands in `concerns.toml`.
pub(crate) fn snippet(concern: &Concern) -> String {
    // A mark that turns the reading direction has no place in a file that people read.
    let quoted = |text: &str| quoted(&format::one_line(text, 200));
    let list = |name: &str, entries: &[String]| {
        let lines: String = entries.iter().map(|entry| format!("  {},\n", quoted(entry))).collect();
        if entries.is_empty() { String::new() } else { format!("{name} = [\n{lines}]\n") }
    };
    let department = concern.department.as_ref().map(|name| format!("department = {}\n", quoted(name)));
    format!(
        "[[concern]]\nname = {}\n{}{}{}",
        quoted(&concern.name),
        department.unwrap_or_default(),
        list("words", &concern.words),
        list("not", &concern.not),
    )
}

#[cfg(test)]
mod tests {
    use analyzer::query::Query;

    use super::*;

    fn list(typed: &str) -> (Vec<String>, Vec<String>) {
        entries(&Query::parse(typed).unwrap().root)
    }

    #[test]
    fn a_query_becomes_the_entries_that_match_the_same() {
        let texts = |entries: &[&str]| entries.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        assert_eq!(list("数据 公布|通报 -天气"), (texts(&["数据 公布", "数据 通报"]), texts(&["天气"])));
        assert_eq!(list("(停水|断水) (小区|学校)").0.len(), 4);
        assert_eq!(list("停水 信源:微博 时间:7天").0, texts(&["停水"]));
        assert_eq!(list("信源:微博"), (Vec::new(), Vec::new()));
        assert_eq!(list("停水 -信源:微博 -天气"), (texts(&["停水"]), texts(&["天气"])));
        // Many alternatives become many entries, and no more than a list can hold.
        let many = "(a1|a2|a3|a4|a5|a6|a7|a8|a9) (b1|b2|b3|b4|b5|b6|b7|b8|b9) (c1|c2|c3)";
        assert_eq!(list(many).0.len(), ENTRIES);
    }

    #[test]
    fn the_snippet_is_read_as_the_concern_it_was_made_of() {
        let mut concern = backtest::concern_named("供\"水", &config::Levels::default());
        concern.words = vec!["停水 小区".to_owned(), "自来水".to_owned()];
        concern.not = vec!["菜谱".to_owned()];
        let file = config::File { name: config::CONCERNS.to_owned(), bytes: snippet(&concern).into_bytes() };
        let loaded = config::read(None, Some(&file), &BTreeMap::new());
        assert_eq!(loaded.report.errors(), 0, "{:?}", loaded.report.problems);
        let read = loaded.config.concerns.first().unwrap();
        assert_eq!((&read.name, &read.words, &read.not), (&concern.name, &concern.words, &concern.not));
    }
}
