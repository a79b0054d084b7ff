//! The overview: what has to be answered now, how every concern stands, and how alerts of late were answered.

mod replies;
mod table;

use alerts::alert::{Alert, State, Step};
use alerts::chart::{Chart, Layout};
use alerts::delivery::Unreached;
use alerts::format;
use alerts::message::{
    AlertMail, Bare, CurveRow, Due, Language, Letter, Site, against_expected, concern_name, in_one_line,
    unwatched,
};
use analyzer::concern::Concern;
use analyzer::explain::{Explanation, Point};
use analyzer::signal::{Signal, SourceState};
use askama::Template;

use self::replies::Replies;
use super::acts::NextSteps;
use super::clock::Clock;
use super::topics::{TopicRow, TopicsData};
use super::{Badge, Chrome, set};
use crate::emerging::Listed;

pub(crate) use self::table::concerns_csv;
pub(super) use self::table::{Row, rows};

/// Points of a card's chart: twelve hours, every ten minutes.
const CARD: usize = 12 * 6 + 1;
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
    /// Open alerts whose concern is not in the file any more.
    pub(crate) unwatched: &'a [Standing<'a>],
    /// Every source.
    pub(crate) sources: &'a [SourceState],
    /// Alerts raised in the last week, newest first.
    pub(crate) lately: &'a [Alert],
    /// Topics that nobody configured.
    pub(crate) topics: &'a Listed,
    /// Who was not reached by mails of the last week.
    pub(crate) unreached: &'a [Unreached],
    /// The concerns, for names.
    pub(crate) concerns: &'a [Concern],
}

struct Card {
    badge: Badge,
    told: Told,
    link: String,
    name: String,
    clock: Option<Clock>,
    department: Option<String>,
    state: &'static str,
    /// Where the alert is taken on by one press; for whom may do that while nobody has it.
    take: Option<(String, String)>,
    /// Where else to go: an address and its words.
    steps: Vec<(String, &'static str)>,
}

/// What a card tells of its alert.
struct Told {
    change: String,
    numbers: String,
    story: String,
    /// Of when the shares and the questions are, if not of the newest counts.
    evidence_of: Option<String>,
    asked: Option<(String, String)>,
    outlook: Option<String>,
    chart: String,
    curve: Vec<CurveRow>,
    due: Due,
}

struct Source {
    name: String,
    late: Option<String>,
    paused: Option<String>,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewHtml<'a> {
    chrome: &'a Chrome,
    finding: String,
    sources_finding: String,
    /// Posts of all concerns in the last day.
    all_day: String,
    table_link: String,
    cards: Vec<Card>,
    rows: Vec<Row>,
    sources: Vec<Source>,
    replies: Option<Replies>,
    unreached: Vec<String>,
    topics_finding: String,
    topics: Vec<TopicRow>,
    topics_link: String,
}

/// Sets the overview.
pub(crate) fn overview_page(chrome: &Chrome, data: &OverviewData<'_>) -> String {
    let open: Vec<&Alert> = data.standings.iter().filter_map(|standing| standing.alert).collect();
    let mut told: Vec<(&Standing<'_>, &Alert)> = data
        .standings
        .iter()
        .chain(data.unwatched)
        .filter_map(|standing| Some((standing, standing.alert?)))
        .collect();
    told.sort_by_key(|(_, alert)| (std::cmp::Reverse(alert.level), alert.deadline));
    let topics = TopicsData { site: data.site, listed: data.topics, concerns: data.concerns };
    let heard = data.topics.topics.iter().filter(|topic| !topic.muted);
    set(OverviewHtml {
        chrome,
        finding: finding(chrome, data, &open),
        sources_finding: sources_finding(chrome, data),
        all_day: table::all_day(chrome, data.standings),
        table_link: chrome.to("/concerns.csv"),
        cards: told.iter().map(|(standing, alert)| card(chrome, data.site, standing, alert)).collect(),
        rows: table::rows(chrome, data.site, data.standings),
        sources: sources(chrome, data),
        replies: Replies::of(chrome, data),
        unreached: data.unreached.iter().map(|one| one.told(chrome.language)).collect(),
        topics_finding: super::topics::finding(chrome, heard.clone().count()),
        topics: heard.take(TOPICS).map(|topic| super::topics::row(chrome, &topics, topic)).collect(),
        topics_link: chrome.to("/topics"),
    })
}

/// What has to be answered: of what is counted, then of what is counted no more.
fn finding(chrome: &Chrome, data: &OverviewData<'_>, open: &[&Alert]) -> String {
    let counted = of_counted(chrome, data, open);
    match (data.unwatched.len(), chrome.language) {
        (0, _) => counted,
        (left, Language::Chinese) => format!("{counted}；另有 {left} 项预警的关切已不在配置里"),
        (left, Language::English) => format!("{counted}; alerts whose concern is not configured: {left}"),
    }
}

fn of_counted(chrome: &Chrome, data: &OverviewData<'_>, open: &[&Alert]) -> String {
    let language = chrome.language;
    let rises = |standing: &&Standing<'_>| {
        standing.alert.is_some_and(|alert| alert.is_open() && alert.state != State::Subsiding)
            && standing.signal.is_none_or(|signal| f64::from(signal.observed.posts) > signal.expected.high)
    };
    let rising = data.standings.iter().filter(rises).count();
    let waiting = open.iter().filter(|alert| matches!(alert.state, State::Pending | State::Firing)).count();
    let all = data.standings.len();
    if open.is_empty() && chrome.unheard.is_some() {
        return match language {
            Language::Chinese => format!("还没有采到帖文，{all} 项关切无从判断"),
            Language::English => format!("No posts yet: nothing is known of {all} concerns"),
        };
    }
    if open.is_empty() {
        return match language {
            Language::Chinese => format!("{all} 项关切均无预警"),
            Language::English => format!("No alert on any of {all} concerns"),
        };
    }
    let falling = open.len() - rising;
    let parts = match language {
        Language::Chinese => [
            (rising, format!("{rising} 项关切正在上升")),
            (
                falling,
                if rising > 0 {
                    format!("{falling} 项回落")
                } else {
                    format!("{falling} 项关切正在回落")
                },
            ),
            (waiting, format!("{waiting} 项尚未认领")),
            (usize::from(waiting == 0), "均已认领或回应".to_owned()),
        ],
        Language::English => [
            (rising, format!("Concerns rising: {rising}")),
            (
                falling,
                if rising > 0 {
                    format!("falling: {falling}")
                } else {
                    format!("Concerns falling: {falling}")
                },
            ),
            (waiting, format!("not yet taken on: {waiting}")),
            (usize::from(waiting == 0), "all taken on or answered".to_owned()),
        ],
    };
    let said: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    said.join(chrome.say("，", ", "))
}

fn sources_finding(chrome: &Chrome, data: &OverviewData<'_>) -> String {
    let (sources, language) = (data.sources, chrome.language);
    if chrome.unheard.is_some() {
        return match (language, sources.len()) {
            (Language::Chinese, 0) => "还没有信源".to_owned(),
            (Language::Chinese, all) => format!("信源 {all} 个，还没有采到帖文"),
            (Language::English, 0) => "No sources yet".to_owned(),
            (Language::English, all) => format!("Sources: {all}, none has brought a post"),
        };
    }
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

fn card(chrome: &Chrome, site: &Site, standing: &Standing<'_>, alert: &Alert) -> Card {
    let concern = standing.concern;
    let language = chrome.language;
    let shown = standing.signal.zip(standing.explanation).filter(|_| alert.unwatched.is_none());
    let told = match shown {
        Some(shown) => Told::of(chrome, site, (standing, alert), shown),
        None => Told::bare(chrome, site, (concern, alert)),
    };
    let mut steps = NextSteps::of(chrome, alert);
    steps.links.truncate(if steps.take.is_some() { 1 } else { 2 });
    steps.links.push((chrome.to(&format!("/a/{}", alert.id)), chrome.labels.details));
    Card {
        badge: Badge::of(alert.level, language),
        told,
        link: chrome.to(&format!("/a/{}", alert.id)),
        name: concern_name(concern, language),
        clock: Clock::of(chrome, site, alert),
        department: concern.department.as_deref().map(|name| format::one_line(name, 40)),
        state: format::state_name(alert.state, language),
        take: steps.take,
        steps: steps.links,
    }
}

impl Told {
    /// With the newest counts and the evidence behind them.
    fn of(
        chrome: &Chrome,
        site: &Site,
        (standing, alert): (&Standing<'_>, &Alert),
        (signal, explanation): (&Signal, &Explanation),
    ) -> Told {
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
        // The rise is what counts: half a day of it.
        let half_day = standing.curve.get(standing.curve.len().saturating_sub(CARD)..).unwrap_or_default();
        let onset = half_day.first().filter(|first| first.at <= alert.onset).map(|_| alert.onset);
        Told {
            change: letter.change,
            numbers: against_expected(signal, language),
            story: letter.story,
            evidence_of: explanation
                .curve
                .last()
                .filter(|last| last.at < signal.at)
                .map(|last| format::moment(last.at, chrome.now, &site.zone, language)),
            asked: letter.asks.into_iter().next().map(|ask| (ask.label, ask.posts)),
            outlook: in_one_line(&signal.forecast, language),
            chart: chart(chrome, site, half_day, &levels, onset).svg(Layout::Narrow),
            curve: letter.curve,
            due: letter.due,
        }
    }

    /// Without any: nothing is counted for it, or the first bucket after a start has not closed.
    fn bare(chrome: &Chrome, site: &Site, (concern, alert): (&Concern, &Alert)) -> Told {
        let bare = Bare::of(site, (alert, concern), chrome.now, chrome.language);
        let story = unwatched(alert, chrome.now, &site.zone, chrome.language);
        let not_yet = chrome.say(
            "还没有可看的依据：观澜刚启动，或留存的数据已过保存期。",
            "There is no evidence to show: just started, or what was kept is past its time.",
        );
        Told {
            change: bare.change,
            numbers: String::new(),
            story: if story.is_empty() { not_yet.to_owned() } else { story },
            evidence_of: None,
            asked: None,
            outlook: None,
            chart: String::new(),
            curve: Vec::new(),
            due: bare.due,
        }
    }
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
