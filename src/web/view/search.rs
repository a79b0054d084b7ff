//! The search page: what was understood, how much was found and when, and the posts themselves.

mod address;
mod chips;
mod filters;
mod nothing;

use alerts::chart::{Bar, Histogram, Layout};
use alerts::format;
use alerts::message::Language;
use analyzer::concern::Concern;
use analyzer::excerpt::{Excerpt, excerpt};
use analyzer::index::ByConcern;
use askama::Template;
use crawler::post::Stored;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(crate) use self::address::{Narrowing, Wanted};
pub(crate) use self::chips::{Chip, Mistake, chips, mistake};
use self::filters::{Choice, Tick};
use super::{Chrome, encoded, set};
use crate::find::row::Row;
use crate::find::{DEEPEST, Found};

/// Everything the page is made from.
pub(crate) struct SearchData<'a> {
    /// Zone of times.
    pub(crate) zone: &'a TimeZone,
    /// What was asked for.
    pub(crate) wanted: &'a Wanted,
    /// The same as of the moment of the answer, for all that must hold exactly this: other pages of it, exports.
    pub(crate) steady: &'a Wanted,
    /// How the query was understood; empty without one.
    pub(crate) understood: &'a [Chip],
    /// The time chosen beside it, in words.
    pub(crate) time: Option<&'a str>,
    /// What was left out of it.
    pub(crate) mistakes: &'a [Mistake],
    /// The answer; `None` before anything was asked.
    pub(crate) found: Option<&'a Found>,
    /// The posts of this page, in the order of the answer.
    pub(crate) rows: &'a [Row],
    /// The concerns, as they are configured.
    pub(crate) concerns: &'a [Concern],
    /// Groups of the configured sources.
    pub(crate) groups: &'a [String],
    /// Posts by concern, and by group of sources, whatever is chosen among concerns, and among sources.
    pub(crate) by_concern: Option<&'a ByConcern>,
    pub(crate) by_group: &'a [(String, u32)],
    /// Where nothing was found: the query with its words taken apart, and the posts that it finds.
    pub(crate) loosened: Option<(&'a str, usize)>,
    /// Searches kept, by name: the query part of their addresses.
    pub(crate) saved: &'a [(String, String)],
    /// Posts in the index: nothing is found where there is nothing.
    pub(crate) indexed: u64,
    /// Hits on a page.
    pub(crate) limit: usize,
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
    /// How many it stands for, and where they are.
    similar: Option<(String, String)>,
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
    /// When it is no longer the present: of when the answer is, and where the present one is.
    as_of: Option<(String, String)>,
    /// What was chosen beside the query, in words.
    beside: Vec<String>,
    charts: [String; 2],
    stretches: Vec<Stretch>,
    ranges: Vec<Tick>,
    groups: Vec<Tick>,
    concerns: Vec<Tick>,
    sorts: Vec<Choice>,
    found: Vec<Post>,
    nothing: Vec<(String, std::borrow::Cow<'static, str>)>,
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
    let (first, last) = (wanted.begins(), wanted.begins().saturating_add(data.limit).min(listed));
    // An address of before may lie behind what is left.
    let is_behind = first > 0 && first >= listed;
    let last_page = listed.saturating_sub(1) / data.limit.max(1) * data.limit;
    let page = |offset: usize| Wanted { offset, ..data.steady.clone() }.link(chrome);
    let export = |kind: &str| format!("/search.{kind}?{}", data.steady.query_part());
    set(SearchHtml {
        chrome,
        data,
        title: match wanted.q.is_empty() {
            true => chrome.labels.search.to_owned(),
            false => format!("{} · {}", format::one_line(&wanted.q, 60), chrome.labels.search),
        },
        total: results.map(|results| totals(results.total, results.groups, chrome.language)),
        as_of: as_of(chrome, data),
        beside: filters::beside(chrome, data),
        charts: charts(chrome, data),
        stretches: stretches(chrome, data),
        ranges: filters::ranges(chrome, data),
        groups: filters::groups(data),
        concerns: filters::concerns(chrome, data),
        sorts: filters::sorts(chrome, data),
        found: posts(chrome, data),
        nothing: if is_behind && listed > 0 { Vec::new() } else { nothing::nothing(chrome, data) },
        previous: (first > 0).then(|| page(first.saturating_sub(data.limit).min(last_page))),
        next: (last < listed && last < DEEPEST).then_some(page(last)),
        place: place(chrome, (first, last), listed),
        exports: [export("csv"), export("json")],
        as_concern: chrome.to(&format!(
            "/concerns/new?q={}{}",
            encoded(&wanted.q),
            if filters::beside(chrome, data).is_empty() { "" } else { "&beside=1" }
        )),
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

/// Where a page lies in the answer, and why there is no next one where one is missing.
fn place(chrome: &Chrome, (first, last): (usize, usize), listed: usize) -> String {
    let all = format::exact(listed as u64);
    if first > 0 && first >= listed {
        return match chrome.language {
            Language::Chinese => format!("一共 {all} 条，这一页已经没有了"),
            Language::English => format!("{all} in all: nothing is left on this page"),
        };
    }
    let place = format!("{}–{last} / {all}", first.saturating_add(1));
    match chrome.language {
        Language::Chinese if last >= DEEPEST && last < listed => {
            format!("{place}，只能翻到这里：更早的请缩小时间范围")
        }
        Language::English if last >= DEEPEST && last < listed => {
            format!("{place}; pages end here: for older ones choose a narrower time")
        }
        _ => place,
    }
}

fn totals(total: usize, groups: usize, language: Language) -> (String, String) {
    let (total, groups) = (format::exact(total as u64), format::exact(groups as u64));
    match language {
        Language::Chinese => (format!("{total} 帖"), format!("合并相似后 {groups} 组")),
        Language::English => (format!("{total} posts"), format!("{groups} groups of similar posts")),
    }
}

/// An answer so old is still the present one.
const PRESENT: SignedDuration = SignedDuration::from_secs(60);

fn as_of(chrome: &Chrome, data: &SearchData<'_>) -> Option<(String, String)> {
    let moment = data.found?.results.as_of.moment;
    if data.wanted.at.is_empty() || chrome.now.duration_since(moment).abs() <= PRESENT {
        return None;
    }
    let moment = format::moment(moment, chrome.now, data.zone, chrome.language);
    let of_then = match chrome.language {
        Language::Chinese => format!("这是 {moment} 的结果，之后采到的不在内。"),
        Language::English => format!("As of {moment}: what came in since is not among these."),
    };
    Some((of_then, data.wanted.with(|_| {}).link(chrome)))
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
            finished: end <= results.as_of.moment,
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
    let start = |bar: &Bar| match bar.end.duration_since(bar.start) >= SignedDuration::from_hours(24) {
        true => format::date(bar.start, chrome.now, data.zone, chrome.language),
        false => format::moment(bar.start, chrome.now, data.zone, chrome.language),
    };
    bars.map(|bar| Stretch { start: start(&bar), posts: format::exact(bar.posts) }).collect()
}

fn posts(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Post> {
    let Some(found) = data.found else { return Vec::new() };
    let view = |((hit, stored), row): (&(analyzer::index::Hit, Stored), &Row)| {
        let post = &stored.post;
        // Among the members of one group there is nothing more to see.
        let similar = (hit.similar > 1 && data.wanted.voice().is_none()).then(|| {
            let count = format::exact(hit.similar.into());
            let label = match chrome.language {
                Language::Chinese => format!("相似 {count} 帖"),
                Language::English => format!("{count} similar posts"),
            };
            (label, data.steady.of_group(hit.voice).link(chrome))
        });
        let concern = |name: &String| {
            let id = data.concerns.iter().find(|concern| concern.name == *name);
            let id = id.map_or(name, |concern| &concern.id);
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
