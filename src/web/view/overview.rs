//! The overview: what has to be answered now, and how every concern stands.

use alerts::alert::{Alert, State, Step};
use alerts::chart::{Chart, Layout};
use alerts::clock::began;
use alerts::delivery::Unreached;
use alerts::format;
use alerts::message::{AlertMail, Language, Letter, Site, against_expected, concern_name, in_one_line};
use analyzer::concern::Concern;
use analyzer::explain::{Explanation, Point};
use analyzer::signal::{Signal, SourceState};
use askama::Template;

use super::topics::{TopicRow, TopicsData};
use super::{Badge, Chrome, set};
use crate::emerging::Listed;

/// Topics on the overview; the others stand on their own page.
const TOPICS: usize = 5;

/// How one concern stands.
pub(crate) struct Standing<'a> {
    /// The concern.
    pub(crate) concern: &'a Concern,
    /// Its newest signal.
    pub(crate) signal: Option<&'a Signal>,
    /// Its last 24 hours.
    pub(crate) curve: &'a [Point],
    /// Its open alert.
    pub(crate) alert: Option<&'a Alert>,
    /// Evidence for that alert.
    pub(crate) explanation: Option<&'a Explanation>,
}

/// Everything the overview is made from.
pub(crate) struct OverviewData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// Every concern, in the order of the file.
    pub(crate) standings: &'a [Standing<'a>],
    /// Every source.
    pub(crate) sources: &'a [SourceState],
    /// Alerts closed lately, newest first.
    pub(crate) closed: &'a [Alert],
    /// Topics that nobody configured.
    pub(crate) topics: &'a Listed,
    /// Who was not reached by mails of the last week.
    pub(crate) unreached: &'a [Unreached],
    /// The concerns, for names.
    pub(crate) concerns: &'a [Concern],
}

struct Card {
    badge: Badge,
    change: String,
    link: String,
    name: String,
    numbers: String,
    story: String,
    asked: Option<(String, String)>,
    outlook: Option<String>,
    chart: String,
    due: (String, String, String),
    /// Whole per cent of the time for an answer that has passed.
    passed: Option<u32>,
    state: &'static str,
}

struct Row {
    badge: Option<Badge>,
    name: String,
    link: String,
    spark: String,
    span: &'static str,
    posts: String,
    expected: String,
    ratio: String,
    department: String,
    state: &'static str,
}

struct Source {
    name: String,
    late: Option<String>,
    paused: Option<String>,
}

struct Closed {
    badge: Badge,
    name: String,
    link: String,
    time: String,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewHtml<'a> {
    chrome: &'a Chrome,
    finding: String,
    sources_finding: String,
    cards: Vec<Card>,
    rows: Vec<Row>,
    sources: Vec<Source>,
    closed: Vec<Closed>,
    unreached: Vec<String>,
    topics_finding: String,
    topics: Vec<TopicRow>,
    topics_link: String,
}

/// Sets the overview.
pub(crate) fn overview_page(chrome: &Chrome, data: &OverviewData<'_>) -> String {
    let mut open: Vec<(&Standing<'_>, &Alert)> =
        data.standings.iter().filter_map(|standing| Some((standing, standing.alert?))).collect();
    open.sort_by_key(|(_, alert)| (std::cmp::Reverse(alert.level), alert.deadline));
    let mut standings: Vec<&Standing<'_>> = data.standings.iter().collect();
    standings.sort_by_key(|standing| std::cmp::Reverse(standing.alert.map(|alert| alert.level)));
    let topics = TopicsData { site: data.site, listed: data.topics, concerns: data.concerns };
    let told = data.topics.topics.iter().filter(|topic| !topic.muted);
    set(OverviewHtml {
        chrome,
        finding: finding(data, &open, chrome.language),
        sources_finding: sources_finding(data.sources, chrome.language),
        cards: open.iter().filter_map(|(standing, alert)| card(chrome, data.site, standing, alert)).collect(),
        rows: standings.into_iter().map(|standing| row(chrome, data.site, standing)).collect(),
        sources: sources(chrome, data),
        closed: data.closed.iter().take(8).map(|alert| closed(chrome, data, alert)).collect(),
        unreached: data.unreached.iter().map(|one| one.told(chrome.language)).collect(),
        topics_finding: super::topics::finding(chrome, told.clone().count()),
        topics: told.take(TOPICS).map(|topic| super::topics::row(chrome, &topics, topic)).collect(),
        topics_link: chrome.to("/topics"),
    })
}

fn finding(data: &OverviewData<'_>, open: &[(&Standing<'_>, &Alert)], language: Language) -> String {
    let rising = open.iter().filter(|(_, alert)| alert.state != State::Subsiding).count();
    let waiting =
        open.iter().filter(|(_, alert)| matches!(alert.state, State::Pending | State::Firing)).count();
    let all = data.standings.len();
    match (language, rising, waiting) {
        (Language::Chinese, 0, _) if open.is_empty() => format!("{all} 项关切均无预警"),
        (Language::Chinese, 0, _) => format!("{} 项关切正在回落", open.len()),
        (Language::Chinese, _, 0) => format!("{rising} 项关切正在上升，均已认领或回应"),
        (Language::Chinese, _, _) => format!("{rising} 项关切正在上升，{waiting} 项尚未认领"),
        (Language::English, 0, _) if open.is_empty() => format!("No alert on any of {all} concerns"),
        (Language::English, 0, _) => format!("Concerns falling back: {}", open.len()),
        (Language::English, _, 0) => format!("Concerns rising: {rising}, all taken on or answered"),
        (Language::English, _, _) => format!("Concerns rising: {rising}, not yet taken on: {waiting}"),
    }
}

fn sources_finding(sources: &[SourceState], language: Language) -> String {
    let paused = sources.iter().filter(|source| source.pause.is_some()).count();
    let late = sources.iter().filter(|source| is_late(source)).count();
    let good = sources.len() - late - paused;
    let said = |count: usize, words: String| if count > 0 { words } else { String::new() };
    match language {
        Language::Chinese => {
            let late = said(late, format!("，{late} 个延迟"));
            format!("信源：{good} 个正常{late}{}", said(paused, format!("，{paused} 个暂停")))
        }
        Language::English => {
            let late = said(late, format!(", {late} late"));
            format!("Sources: {good} in time{late}{}", said(paused, format!(", {paused} paused")))
        }
    }
}

fn is_late(source: &SourceState) -> bool {
    source.late_minutes.is_some() && source.pause.is_none()
}

fn card(chrome: &Chrome, site: &Site, standing: &Standing<'_>, alert: &Alert) -> Option<Card> {
    let (signal, explanation) = (standing.signal?, standing.explanation?);
    let language = chrome.language;
    let levels = alert.levels();
    let step = if levels.len() > 1 { Step::Escalated } else { Step::Raised };
    let mail = AlertMail {
        site,
        alert,
        concern: standing.concern,
        signal,
        explanation,
        step,
        group: "",
        claim: None,
        beside: &[],
        levels: &levels,
        now: chrome.now,
    };
    let letter = Letter::read_at(&mail, chrome.now, language);
    let chart = chart(chrome, site, standing.curve, &levels, Some(alert.onset));
    let allowed = alert.deadline.duration_since(began(alert)).as_secs().max(1);
    let used = chrome.now.duration_since(began(alert)).as_secs().clamp(0, allowed);
    Some(Card {
        badge: Badge::of(alert.level, language),
        change: letter.change,
        link: chrome.to(&format!("/a/{}", alert.id)),
        name: concern_name(standing.concern, language),
        numbers: against_expected(signal, language),
        story: letter.story,
        asked: letter.asks.into_iter().next().map(|ask| (ask.label, ask.posts)),
        outlook: in_one_line(&signal.forecast, language),
        chart: chart.svg(Layout::Narrow),
        due: (letter.due.lead, letter.due.strong, letter.due.rest),
        passed: alert.answered_at().is_none().then(|| u32::try_from(used * 100 / allowed).unwrap_or(100)),
        state: format::state_name(alert.state, language),
    })
}

fn chart<'a>(
    chrome: &'a Chrome,
    site: &'a Site,
    curve: &'a [Point],
    levels: &'a [(jiff::Timestamp, analyzer::level::Level)],
    onset: Option<jiff::Timestamp>,
) -> Chart<'a> {
    Chart { curve, levels, onset, replies: &[], now: chrome.now, zone: &site.zone, language: chrome.language }
}

fn row(chrome: &Chrome, site: &Site, standing: &Standing<'_>) -> Row {
    let language = chrome.language;
    let levels = standing.alert.map(Alert::levels).unwrap_or_default();
    let none = || "—".to_owned();
    let expected = |signal: &Signal| {
        let (low, high) = (format::expected(signal.expected.low), format::expected(signal.expected.high));
        format!("{} {} ({low}–{high})", chrome.labels.expected, format::expected(signal.expected.mean))
    };
    let ratio = |signal: &Signal| {
        let says_something = signal.observed.posts >= format::FEWEST_FOR_RATIO && signal.ratio.is_finite();
        says_something.then(|| match language {
            Language::Chinese => format!("{} 倍", format::ratio(signal.ratio)),
            Language::English => format::ratio(signal.ratio),
        })
    };
    let link = chrome.to(&format!("/c/{}", format::path_segment(&standing.concern.id)));
    Row {
        badge: standing.alert.map(|alert| Badge::of(alert.level, language)),
        name: concern_name(standing.concern, language),
        link,
        spark: chart(chrome, site, standing.curve, &levels, None).svg(Layout::Spark),
        span: standing.signal.map_or("", |signal| format::span(signal.span, language)),
        posts: standing.signal.map_or_else(none, |signal| format::exact(signal.observed.posts.into())),
        expected: standing.signal.map(expected).unwrap_or_default(),
        ratio: standing.signal.and_then(ratio).unwrap_or_else(none),
        department: standing
            .concern
            .department
            .as_deref()
            .map_or_else(none, |name| format::one_line(name, 40)),
        state: standing.alert.map_or("—", |alert| format::state_name(alert.state, language)),
    }
}

/// Late sources first, then those that rest.
fn sources(chrome: &Chrome, data: &OverviewData<'_>) -> Vec<Source> {
    let mut ordered: Vec<&SourceState> = data.sources.iter().collect();
    let rank = |source: &SourceState| match (&source.pause, source.late_minutes) {
        (Some(_), _) => (1, None),
        (None, Some(minutes)) => (2, Some(minutes)),
        (None, None) => (0, None),
    };
    ordered.sort_by_key(|source| std::cmp::Reverse(rank(source)));
    let late = |minutes: u32| {
        let length = format::duration(jiff::SignedDuration::from_mins(minutes.into()), chrome.language);
        match chrome.language {
            Language::Chinese => format!("延迟 {length}"),
            Language::English => format!("{length} late"),
        }
    };
    let view = |source: &SourceState| Source {
        name: format::one_line(&source.name, 40),
        late: source.late_minutes.filter(|_| is_late(source)).map(late),
        paused: source
            .pause
            .as_ref()
            .map(|pause| format::pause(pause, chrome.now, &data.site.zone, chrome.language)),
    };
    ordered.into_iter().map(view).collect()
}

fn closed(chrome: &Chrome, data: &OverviewData<'_>, alert: &Alert) -> Closed {
    let standing = data.standings.iter().find(|standing| standing.concern.id == alert.concern);
    let closed_at = alert.closed_at.unwrap_or(alert.raised_at);
    Closed {
        badge: Badge::of(alert.highest, chrome.language),
        name: standing.map_or_else(
            || format::one_line(&alert.concern, 40),
            |standing| concern_name(standing.concern, chrome.language),
        ),
        link: chrome.to(&format!("/a/{}", alert.id)),
        time: format::moment(closed_at, chrome.now, &data.site.zone, chrome.language),
        state: format::state_name(alert.state, chrome.language),
    }
}
