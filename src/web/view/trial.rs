//! The page that tries a word list: a form, what the list matches, the alerts it would have raised, the lines for
//! `concerns.toml`.

use alerts::format;
use alerts::message::{Language, Site};
use analyzer::concern::Concern;
use askama::Template;
use config::Words;

use super::{Badge, Chrome, set};
use crate::trial::Findings;

/// Everything the page is made from.
pub(crate) struct TrialData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// Groups that may own a concern.
    pub(crate) departments: &'a [String],
    /// What the form describes.
    pub(crate) draft: &'a Concern,
    /// The same as lines for the file.
    pub(crate) snippet: String,
    /// Filters of the query it was made from, which a list of words cannot hold.
    pub(crate) dropped: &'a [String],
    /// What the list does, or why that is not known; `None` before it is tried.
    pub(crate) result: Option<&'a Result<Findings, Words>>,
}

struct Entry {
    text: String,
    posts: String,
    width: u32,
}

struct Sample {
    time: String,
    text: String,
    found: String,
}

struct Raised {
    badge: Badge,
    time: String,
    numbers: String,
}

struct Shown {
    finding: String,
    /// There were posts to try it on.
    is_tried: bool,
    entries: Vec<Entry>,
    samples: Vec<Sample>,
    beside: String,
    excluded: String,
    excluded_samples: Vec<(String, String)>,
    alerts: String,
    raised: Vec<Raised>,
}

#[derive(Template)]
#[template(path = "trial.html")]
struct TrialHtml<'a> {
    chrome: &'a Chrome,
    data: &'a TrialData<'a>,
    name: String,
    words: String,
    not: String,
    departments: Vec<String>,
    department: &'a str,
    shown: Option<Shown>,
    dropped: String,
    problem: Option<&'a str>,
}

/// Sets the page.
pub(crate) fn trial_page(chrome: &Chrome, data: &TrialData<'_>) -> String {
    let lines = |entries: &[String]| {
        let lines: Vec<String> = entries.iter().map(|entry| format::one_line(entry, 200)).collect();
        lines.join("\n")
    };
    set(TrialHtml {
        chrome,
        data,
        name: format::one_line(&data.draft.name, 40),
        words: lines(&data.draft.words),
        not: lines(&data.draft.not),
        departments: data.departments.iter().map(|name| format::one_line(name, 40)).collect(),
        department: data.draft.department.as_deref().unwrap_or_default(),
        shown: data.result.and_then(|result| result.as_ref().ok()).map(|found| shown(chrome, data, found)),
        dropped: format::one_line(&data.dropped.join(chrome.say("、", ", ")), 200),
        problem: data.result.and_then(|result| result.as_ref().err()).map(|words| chrome.language.say(words)),
    })
}

fn shown(chrome: &Chrome, data: &TrialData<'_>, found: &Findings) -> Shown {
    let language = chrome.language;
    let number = |count: usize| format::exact(count as u64);
    let moment = |at| format::moment(at, chrome.now, &data.site.zone, language);
    let most = found.entries.iter().map(|(_, posts)| *posts).max().unwrap_or(1).max(1);
    let entry = |(text, posts): &(String, usize)| Entry {
        text: format::one_line(text, 100),
        posts: number(*posts),
        width: u32::try_from(posts * 100 / most).unwrap_or(100),
    };
    let sample = |(at, text, found): &(jiff::Timestamp, String, Vec<String>)| Sample {
        time: moment(*at),
        text: format::one_line(text, 120),
        found: format::one_line(&found.join("、"), 80),
    };
    let beside =
        found.beside.iter().take(12).map(|(word, posts, times)| format!("{word} {posts}（×{times:.0}）"));
    let raised = |it: &crate::backtest::Raised| Raised {
        badge: Badge::of(it.alert.highest, language),
        time: moment(it.alert.raised_at),
        numbers: it
            .signal
            .as_ref()
            .map(|signal| alerts::message::against_expected(signal, language))
            .unwrap_or_default(),
    };
    let a_week = found.alerts.len() as f64 / found.weeks.max(1.0 / 7.0);
    let (posts, matched, excluded) = (number(found.posts), number(found.matched), number(found.excluded));
    Shown {
        is_tried: found.posts > 0,
        finding: match language {
            Language::Chinese if found.posts == 0 => "近 28 天没有帖文，试不出来".to_owned(),
            Language::English if found.posts == 0 => "No posts of the last 28 days to try it on".to_owned(),
            Language::Chinese => format!("近 28 天 {posts} 帖中对上 {matched} 帖"),
            Language::English => format!("{matched} of the {posts} posts of 28 days match"),
        },
        entries: found.entries.iter().take(40).map(entry).collect(),
        samples: found.samples.iter().map(sample).collect(),
        beside: format::one_line(&beside.collect::<Vec<_>>().join("  "), 400),
        excluded: match language {
            Language::Chinese => format!("被排除词挡掉 {excluded} 帖"),
            Language::English => format!("{excluded} posts are ruled out"),
        },
        excluded_samples: found
            .excluded_samples
            .iter()
            .map(|(text, refusing)| (format::one_line(text, 120), format::one_line(&refusing.join("、"), 80)))
            .collect(),
        alerts: match language {
            Language::Chinese => format!("会预警 {} 次，每周 {a_week:.1} 次", number(found.alerts.len())),
            Language::English => {
                format!("It would have alerted {} times, {a_week:.1} a week", number(found.alerts.len()))
            }
        },
        raised: found.alerts.iter().rev().take(20).map(raised).collect(),
    }
}
