//! The search page: what was understood, how much was found and when, and the posts themselves.

use alerts::chart::{Bar, Histogram, Layout};
use alerts::format;
use alerts::message::Language;
use analyzer::excerpt::{Excerpt, excerpt};
use askama::Template;
use crawler::post::{Publisher, Stored};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Chrome, encoded, set};
use crate::find::Found;

/// Everything the page is made from.
pub(crate) struct SearchData<'a> {
    /// Zone of times.
    pub(crate) zone: &'a TimeZone,
    /// How the query was understood (`Query::echo`); empty without one.
    pub(crate) understood: &'a str,
    /// What was left out of it, in words.
    pub(crate) left_out: &'a [String],
    /// The answer; `None` before anything was asked.
    pub(crate) found: Option<&'a Found>,
    /// `since` of the address: `24h`, `48h`, `7d`, `30d` or nothing.
    pub(crate) since: &'a str,
    /// `sort` of the address: `time`, `relevance` or `copies`.
    pub(crate) sort: &'a str,
    /// Hits skipped.
    pub(crate) offset: usize,
    /// Hits on a page.
    pub(crate) limit: usize,
}

struct Choice {
    label: &'static str,
    link: String,
    current: bool,
}

/// A piece of a text; marked pieces match the query.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marked: bool,
}

struct Post {
    title: Vec<Piece>,
    text: Vec<Piece>,
    group: String,
    time: String,
    similar: Option<String>,
    link: Option<String>,
}

struct Group {
    name: String,
    posts: String,
    link: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchHtml<'a> {
    chrome: &'a Chrome,
    data: &'a SearchData<'a>,
    title: String,
    total: Option<(String, String)>,
    charts: [String; 2],
    ranges: Vec<Choice>,
    sorts: Vec<Choice>,
    groups: Vec<Group>,
    has_posts: bool,
    found: Vec<Post>,
    previous: Option<String>,
    next: Option<String>,
    place: String,
}

/// Sets the search page; the query is the chrome's.
pub(crate) fn search_page(chrome: &Chrome, data: &SearchData<'_>) -> String {
    let results = data.found.map(|found| &found.results);
    let total = results.map_or(0, |results| results.total);
    let last = (data.offset + data.limit).min(total);
    let page = |offset: usize| address(chrome, data, &chrome.query, &format!("&offset={offset}"));
    set(SearchHtml {
        chrome,
        data,
        title: if chrome.query.is_empty() {
            chrome.labels.search.to_owned()
        } else {
            format!("{} · {}", format::one_line(&chrome.query, 60), chrome.labels.search)
        },
        total: results.map(|results| totals(results.total, results.groups, chrome.language)),
        charts: charts(chrome, data),
        ranges: ranges(chrome, data),
        sorts: sorts(chrome, data),
        groups: groups(chrome, data),
        has_posts: total > 0,
        found: posts(chrome, data),
        previous: (data.offset > 0).then(|| page(data.offset.saturating_sub(data.limit))),
        next: (last < total).then(|| page(data.offset + data.limit)),
        place: format!("{}–{} / {}", data.offset + 1, last, format::exact(total as u64)),
    })
}

fn totals(total: usize, groups: usize, language: Language) -> (String, String) {
    let (total, groups) = (format::exact(total as u64), format::exact(groups as u64));
    match language {
        Language::Chinese => (format!("{total} 帖"), format!("合并相似后 {groups} 组")),
        Language::English => (format!("{total} posts"), format!("{groups} groups of similar posts")),
    }
}

/// The page with another query, range or order.
fn address(chrome: &Chrome, data: &SearchData<'_>, query: &str, more: &str) -> String {
    let mut path = format!("/search?q={}", encoded(query));
    for (name, value) in [("since", data.since), ("sort", data.sort)] {
        if !value.is_empty() && !more.contains(&format!("&{name}=")) {
            path.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    chrome.to(&format!("{path}{more}"))
}

fn ranges(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let labels = match chrome.language {
        Language::Chinese => ["不限", "近 24 小时", "近 48 小时", "近 7 天", "近 30 天"],
        Language::English => ["any", "24 hours", "48 hours", "7 days", "30 days"],
    };
    let choice = |(label, since): (&'static str, &str)| Choice {
        label,
        link: address(chrome, data, &chrome.query, &format!("&since={since}")),
        current: data.since == since,
    };
    labels.into_iter().zip(["", "24h", "48h", "7d", "30d"]).map(choice).collect()
}

fn sorts(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let labels = match chrome.language {
        Language::Chinese => ["最新", "最相关", "相似最多"],
        Language::English => ["newest", "most relevant", "most copies"],
    };
    let choice = |(label, sort): (&'static str, &str)| Choice {
        label,
        link: address(chrome, data, &chrome.query, &format!("&sort={sort}")),
        current: data.sort == sort || data.sort.is_empty() && sort == "time",
    };
    labels.into_iter().zip(["time", "relevance", "copies"]).map(choice).collect()
}

/// Counts by source group, each a link that narrows the query down.
fn groups(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Group> {
    let by_group = data.found.map(|found| found.results.by_group.as_slice()).unwrap_or_default();
    let view = |(name, posts): &(String, u32)| {
        let name = format::one_line(name, 40);
        let query = format!("{} 信源:\"{}\"", chrome.query, name.replace('"', " "));
        Group { link: address(chrome, data, query.trim(), ""), name, posts: format::exact((*posts).into()) }
    };
    by_group.iter().take(12).map(view).collect()
}

fn charts(chrome: &Chrome, data: &SearchData<'_>) -> [String; 2] {
    let Some(results) = data.found.map(|found| &found.results).filter(|results| results.histogram.len() > 1)
    else {
        return [String::new(), String::new()];
    };
    let bar = |bar: &analyzer::index::Bar| {
        let end = bar.start.checked_add(SignedDuration::from_secs(results.step_seconds)).unwrap_or(bar.start);
        let moment = |at: Timestamp| data.zone.to_datetime(at).strftime("%Y-%m-%dt%H:%M").to_string();
        let query = format!("{} 时间:{}..{}", chrome.query, moment(bar.start), moment(end));
        Bar {
            start: bar.start,
            end,
            posts: bar.posts.into(),
            finished: end <= chrome.now,
            link: (bar.posts > 0).then(|| address(chrome, data, query.trim(), "&since=")),
        }
    };
    let bars: Vec<Bar> = results.histogram.iter().map(bar).collect();
    let histogram = Histogram { bars: &bars, zone: data.zone, language: chrome.language };
    [histogram.svg(Layout::Wide), histogram.svg(Layout::Narrow)]
}

fn posts(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Post> {
    let Some(found) = data.found else { return Vec::new() };
    let view = |(hit, stored): &(analyzer::index::Hit, Stored)| {
        let post = &stored.post;
        let may_link = post.publisher != Publisher::Individual;
        let similar = (hit.similar > 1).then(|| match chrome.language {
            Language::Chinese => format!("相似 {} 帖", format::exact(hit.similar.into())),
            Language::English => format!("{} similar posts", format::exact(hit.similar.into())),
        });
        Post {
            title: shown(&post.title, &found.words, found.excerpt),
            text: shown(&post.text, &found.words, found.excerpt),
            group: format::one_line(&post.group, 40),
            time: format::moment(post.time, chrome.now, data.zone, chrome.language),
            similar,
            link: format::link(post.address.as_deref().filter(|_| may_link)),
        }
    };
    found.posts.iter().map(view).collect()
}

/// A collected text on one line, cut around what was searched for.
pub(super) fn shown(text: &str, words: &[String], most: usize) -> Vec<Piece> {
    pieces(&excerpt(&format::one_line(text, 20_000), words, most))
}

fn pieces(excerpt: &Excerpt) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut done = 0;
    let mut add = |range: std::ops::Range<usize>, marked: bool| {
        let text = excerpt.text.get(range).unwrap_or_default();
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), marked });
        }
    };
    for mark in &excerpt.marks {
        add(done..mark.start, false);
        add(mark.clone(), true);
        done = mark.end;
    }
    add(done..excerpt.text.len(), false);
    pieces
}
