//! The search page: what was understood, how much was found and when, and the posts themselves.

mod address;
mod chips;

use alerts::chart::{Bar, Histogram, Layout};
use alerts::format;
use alerts::message::Language;
use analyzer::concern::Concern;
use analyzer::excerpt::{Excerpt, excerpt};
use askama::Template;
use crawler::post::Stored;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(crate) use self::address::Wanted;
pub(crate) use self::chips::{Chip, Mistake, chips, mistake};
use super::{Chrome, encoded, set};
use crate::find::Found;
use crate::find::row::Row;

/// Everything the page is made from.
pub(crate) struct SearchData<'a> {
    /// Zone of times.
    pub(crate) zone: &'a TimeZone,
    /// What was asked for.
    pub(crate) wanted: &'a Wanted,
    /// How the query was understood; empty without one.
    pub(crate) understood: &'a [Chip],
    /// What was left out of it.
    pub(crate) mistakes: &'a [Mistake],
    /// The answer; `None` before anything was asked.
    pub(crate) found: Option<&'a Found>,
    /// The posts of this page, in the order of the answer.
    pub(crate) rows: &'a [Row],
    /// The concerns, each with the posts found that belong to it; `None` where that was not counted.
    pub(crate) concerns: &'a [(&'a Concern, Option<u32>)],
    /// Searches kept, by name: the query part of their addresses.
    pub(crate) saved: &'a [(String, String)],
    /// Posts in the index: nothing is found where there is nothing.
    pub(crate) indexed: u64,
    /// Hits on a page.
    pub(crate) limit: usize,
}

struct Choice {
    label: String,
    link: String,
    current: bool,
    count: Option<String>,
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
    moment: String,
    similar: Option<String>,
    concerns: Vec<(String, String)>,
    link: Option<String>,
}

struct Saved {
    name: String,
    link: String,
}

struct Stretch {
    start: String,
    posts: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchHtml<'a> {
    chrome: &'a Chrome,
    data: &'a SearchData<'a>,
    title: String,
    total: Option<(String, String)>,
    charts: [String; 2],
    stretches: Vec<Stretch>,
    ranges: Vec<Choice>,
    groups: Vec<Choice>,
    concerns: Vec<Choice>,
    shown_as: Vec<Choice>,
    sorts: Vec<Choice>,
    found: Vec<Post>,
    nothing: Vec<(String, &'static str)>,
    previous: Option<String>,
    next: Option<String>,
    place: String,
    exports: [String; 2],
    as_concern: String,
    saved: Vec<Saved>,
}

/// Sets the search page; the query is the chrome's.
pub(crate) fn search_page(chrome: &Chrome, data: &SearchData<'_>) -> String {
    let wanted = data.wanted;
    let results = data.found.map(|found| &found.results);
    // A page holds groups where copies are folded.
    let listed = results.map_or(0, |results| if wanted.folds() { results.groups } else { results.total });
    let last = wanted.offset.saturating_add(data.limit).min(listed);
    let page = |offset: usize| Wanted { offset, ..wanted.clone() }.link(chrome);
    let export = |kind: &str| format!("/search.{kind}?{}", wanted.query_part());
    set(SearchHtml {
        chrome,
        data,
        title: match wanted.q.is_empty() {
            true => chrome.labels.search.to_owned(),
            false => format!("{} · {}", format::one_line(&wanted.q, 60), chrome.labels.search),
        },
        total: results.map(|results| totals(results.total, results.groups, chrome.language)),
        charts: charts(chrome, data),
        stretches: stretches(chrome, data),
        ranges: ranges(chrome, data),
        groups: groups(chrome, data),
        concerns: concerns(chrome, data),
        shown_as: shown_as(chrome, data),
        sorts: sorts(chrome, data),
        found: posts(chrome, data),
        nothing: nothing(chrome, data),
        previous: (wanted.offset > 0).then(|| page(wanted.offset.saturating_sub(data.limit))),
        next: (last < listed).then_some(page(last)),
        place: format!(
            "{}–{} / {}",
            wanted.offset.saturating_add(1).min(last),
            last,
            format::exact(listed as u64)
        ),
        exports: [export("csv"), export("json")],
        as_concern: chrome.to(&format!("/concerns/new?q={}", encoded(&wanted.q))),
        saved: data
            .saved
            .iter()
            .map(|(name, query)| Saved {
                name: format::one_line(name, 40),
                link: chrome.to(&format!("/search?{query}")),
            })
            .collect(),
    })
}

fn totals(total: usize, groups: usize, language: Language) -> (String, String) {
    let (total, groups) = (format::exact(total as u64), format::exact(groups as u64));
    match language {
        Language::Chinese => (format!("{total} 帖"), format!("合并相似后 {groups} 组")),
        Language::English => (format!("{total} posts"), format!("{groups} groups of similar posts")),
    }
}

fn ranges(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let labels = match chrome.language {
        Language::Chinese => ["不限", "近 24 小时", "近 48 小时", "近 7 天", "近 30 天"],
        Language::English => ["any", "24 hours", "48 hours", "7 days", "30 days"],
    };
    let is_own = !data.wanted.from.is_empty() || !data.wanted.to.is_empty();
    let choice = |(label, since): (&'static str, &str)| Choice {
        label: label.to_owned(),
        link: data
            .wanted
            .with(|wanted| {
                wanted.since = since.to_owned();
                wanted.from.clear();
                wanted.to.clear();
            })
            .link(chrome),
        current: !is_own && data.wanted.since == since,
        count: None,
    };
    labels.into_iter().zip(["", "24h", "48h", "7d", "30d"]).map(choice).collect()
}

fn sorts(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let labels = match chrome.language {
        Language::Chinese => ["最新", "最相关", "相似最多"],
        Language::English => ["newest", "most relevant", "most copies"],
    };
    let choice = |(label, sort): (&'static str, &str)| Choice {
        label: label.to_owned(),
        link: data.wanted.with(|wanted| wanted.sort = sort.to_owned()).link(chrome),
        current: data.wanted.sort == sort || data.wanted.sort.is_empty() && sort == "time",
        count: None,
    };
    labels.into_iter().zip(["time", "relevance", "copies"]).map(choice).collect()
}

fn shown_as(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let wanted = data.wanted;
    let (folds, official) = (wanted.folds(), wanted.is_official());
    let value = |on: bool, name: &str| if on { name.to_owned() } else { String::new() };
    vec![
        Choice {
            label: chrome.say("合并相似帖文", "Similar posts merged").to_owned(),
            link: wanted.with(|wanted| wanted.fold = value(folds, "no")).link(chrome),
            current: folds,
            count: None,
        },
        Choice {
            label: chrome.say("只看政务和媒体", "Offices and media only").to_owned(),
            link: wanted.with(|wanted| wanted.who = value(!official, "official")).link(chrome),
            current: official,
            count: None,
        },
    ]
}

/// Counts by source group, each a link that narrows the query down or, if it does already, takes that back.
fn groups(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let by_group = data.found.map(|found| found.results.by_group.as_slice()).unwrap_or_default();
    let view = |(name, posts): &(String, u32)| {
        let name = format::one_line(name, 40);
        let (link, current) = data.wanted.toggled(&format!("信源:\"{}\"", name.replace('"', " ")));
        Choice { label: name, link: link.link(chrome), current, count: Some(format::exact((*posts).into())) }
    };
    by_group.iter().take(12).map(view).collect()
}

/// The concerns with posts among those found, most first.
fn concerns(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let mut counted: Vec<(&Concern, Option<u32>)> =
        data.concerns.iter().copied().filter(|(_, posts)| *posts != Some(0)).collect();
    counted.sort_by_key(|(_, posts)| std::cmp::Reverse(*posts));
    let view = |(concern, posts): (&Concern, Option<u32>)| {
        let (link, current) = data.wanted.toggled(&format!("关切:\"{}\"", concern.id.replace('"', " ")));
        Choice {
            label: format::one_line(&concern.name, 40),
            link: link.link(chrome),
            current,
            count: posts.map(|posts| format::exact(posts.into())),
        }
    };
    counted.into_iter().take(12).map(view).collect()
}

fn bars(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Bar> {
    let Some(results) = data.found.map(|found| &found.results) else { return Vec::new() };
    let moment = |at: Timestamp| data.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
    let bar = |bar: &analyzer::index::Bar| {
        let end = bar.start.checked_add(SignedDuration::from_secs(results.step_seconds)).unwrap_or(bar.start);
        let narrowed = data.wanted.with(|wanted| {
            wanted.since.clear();
            (wanted.from, wanted.to) = (moment(bar.start), moment(end));
        });
        Bar {
            start: bar.start,
            end,
            posts: bar.posts.into(),
            finished: end <= chrome.now,
            link: (bar.posts > 0).then(|| narrowed.link(chrome)),
        }
    };
    results.histogram.iter().map(bar).collect()
}

fn charts(chrome: &Chrome, data: &SearchData<'_>) -> [String; 2] {
    let bars = bars(chrome, data);
    if bars.len() < 2 {
        return [String::new(), String::new()];
    }
    let histogram = Histogram { bars: &bars, zone: data.zone, language: chrome.language };
    [histogram.svg(Layout::Wide), histogram.svg(Layout::Narrow)]
}

/// The table behind the histogram.
fn stretches(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Stretch> {
    let bars = bars(chrome, data).into_iter().rev();
    bars.map(|bar| Stretch {
        start: format::moment(bar.start, chrome.now, data.zone, chrome.language),
        posts: format::exact(bar.posts),
    })
    .collect()
}

fn posts(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Post> {
    let Some(found) = data.found else { return Vec::new() };
    let view = |((hit, stored), row): (&(analyzer::index::Hit, Stored), &Row)| {
        let post = &stored.post;
        let similar = (hit.similar > 1).then(|| match chrome.language {
            Language::Chinese => format!("相似 {} 帖", format::exact(hit.similar.into())),
            Language::English => format!("{} similar posts", format::exact(hit.similar.into())),
        });
        let concern = |name: &String| {
            let id = data.concerns.iter().find(|(concern, _)| concern.name == *name);
            let id = id.map_or(name, |(concern, _)| &concern.id);
            (format::one_line(name, 40), chrome.to(&format!("/c/{}", format::path_segment(id))))
        };
        Post {
            title: shown(&post.title, &found.words, found.excerpt),
            text: shown(&post.text, &found.words, found.excerpt),
            group: format::one_line(&post.group, 40),
            time: format::moment(post.time, chrome.now, data.zone, chrome.language),
            moment: row.time().to_owned(),
            similar,
            concerns: row.concerns().iter().map(concern).collect(),
            link: row.link(),
        }
    };
    found.posts.iter().zip(data.rows).map(view).collect()
}

/// Why nothing is shown, and where to go from there: a link with its words, or words alone.
fn nothing(chrome: &Chrome, data: &SearchData<'_>) -> Vec<(String, &'static str)> {
    if data.found.is_none_or(|found| !found.posts.is_empty()) {
        return Vec::new();
    }
    let wanted = data.wanted;
    if data.indexed == 0 {
        return vec![(
            String::new(),
            chrome.say(
                "还没有任何帖文：信源还没有采到。guanlan source list 看信源，guanlan source test 试采一次，guanlan import 导入文件。",
                "There are no posts at all yet: see guanlan source list, try guanlan source test, or guanlan import files.",
            ),
        )];
    }
    let mut ways = Vec::new();
    if wanted.offset > 0 {
        let first = wanted.with(|_| {});
        ways.push((first.link(chrome), chrome.say("回到第一页", "Back to the first page")));
    }
    if !wanted.since.is_empty() || !wanted.from.is_empty() || !wanted.to.is_empty() {
        let wider = wanted.with(|wanted| {
            wanted.since.clear();
            wanted.from.clear();
            wanted.to.clear();
        });
        ways.push((
            wider.link(chrome),
            chrome.say("这段时间里没有：去掉时间限制", "Nothing in this time: lift the time limit"),
        ));
    }
    if wanted.is_official() {
        let wider = wanted.with(|wanted| wanted.who.clear());
        ways.push((wider.link(chrome), chrome.say("也看个人帖文", "Show posts by individuals, too")));
    }
    ways.push((
        String::new(),
        chrome.say("减少词，或用 | 连接意思相近的词；信源延迟时，最近的帖文可能还没有采到。", "Use fewer words, or join words of like meaning with |; where sources are late, the newest posts may not be there yet."),
    ));
    ways
}

/// A collected text on one line, cut around what was searched for.
pub(super) fn shown(text: &str, words: &[String], most: usize) -> Vec<Piece> {
    pieces(&excerpt(&format::one_line(text, 20_000), words, most))
}

pub(super) fn pieces(excerpt: &Excerpt) -> Vec<Piece> {
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
