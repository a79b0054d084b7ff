//! The page of one concern: how it stands against what is expected, what people say, what earlier alerts came to.

use alerts::alert::{Alert, Step};
use alerts::chart::{Chart, Layout};
use alerts::clock::{began, stamps};
use alerts::format;
use alerts::message::{
    AlertMail, Language, Letter, Site, against_expected, concern_name, counts, coverage, in_a_cell, shares,
};
use analyzer::concern::Concern;
use analyzer::effect::{Effect, Measured};
use analyzer::explain::{Explanation, Point};
use analyzer::signal::Signal;
use askama::Template;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

use super::acts::{Acts, NextSteps};
use super::calm::{calm, without_alert};
use super::clock::Clock;
use super::evidence::Evidence;
use super::log::{LogLine, course};
use super::{Badge, Chrome, set};
use crate::acting::Hours;

/// Span of the chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Range {
    SixHours,
    #[default]
    Day,
    Week,
    Month,
}

/// Everything the page is made from.
pub(crate) struct ConcernData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// The concern.
    pub(crate) concern: &'a Concern,
    /// Its newest counts and the evidence that belongs to them; none before the first ten minutes are over.
    pub(crate) shown: Option<&'a (Signal, Explanation)>,
    /// Its open alert.
    pub(crate) alert: Option<&'a Alert>,
    /// Span of the curve.
    pub(crate) range: Range,
    /// The curve of that span.
    pub(crate) curve: &'a [Point],
    /// Earlier alerts, newest first.
    pub(crate) past: &'a [Past<'a>],
    /// When the office opens.
    pub(crate) morning: Time,
}

/// An earlier alert with its curve, as far as that is still counted.
pub(crate) struct Past<'a> {
    pub(crate) alert: &'a Alert,
    pub(crate) curve: Vec<Point>,
    /// What came after its answer, if it had one.
    pub(crate) effect: Option<Measured<Effect>>,
}

struct Choice {
    label: &'static str,
    link: String,
    current: bool,
}

struct Row {
    /// Where it stands on the chart, in thousandths of its width: the script reads the row under the pointer.
    place: i64,
    /// What it then says.
    read: String,
    time: String,
    posts: String,
    expected: String,
    range: String,
}

struct Earlier {
    time: String,
    link: String,
    badge: Badge,
    peak: String,
    answered: String,
    effect: String,
    reply: Option<String>,
    state: &'static str,
}

/// What only an open alert has.
struct Open {
    letter: Letter,
    badge: Badge,
    state: &'static str,
    link: String,
    log: Vec<LogLine>,
    clock: Option<Clock>,
    steps: NextSteps,
}

#[derive(Template)]
#[template(path = "concern.html")]
struct ConcernHtml<'a> {
    chrome: &'a Chrome,
    title: String,
    name: String,
    department: Option<String>,
    open: Option<Open>,
    finding: String,
    story: String,
    calm: Option<&'static str>,
    /// Stands in the place of a level where no alert is open.
    level: &'static str,
    ranges: Vec<Choice>,
    chart_title: String,
    charts: Option<[String; 2]>,
    table_heads: [&'static str; 4],
    table: Vec<Row>,
    evidence: Option<Evidence>,
    coverage: String,
    advice: Option<String>,
    past: Vec<Earlier>,
    report: String,
    acts: Option<Acts>,
}

impl Range {
    const ALL: [Range; 4] = [Range::SixHours, Range::Day, Range::Week, Range::Month];

    /// The range as an address names it; anything else is the day.
    pub(crate) fn named(name: &str) -> Range {
        Range::ALL.into_iter().find(|range| range.name() == name).unwrap_or_default()
    }

    fn name(self) -> &'static str {
        match self {
            Range::SixHours => "6h",
            Range::Day => "24h",
            Range::Week => "7d",
            Range::Month => "30d",
        }
    }

    /// How far the chart reaches back.
    pub(crate) fn length(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Range::SixHours => 6,
            Range::Day => 24,
            Range::Week => 7 * 24,
            Range::Month => 30 * 24,
        })
    }

    /// Ten-minute steps between two points: a long chart has one point an hour.
    pub(crate) fn buckets(self) -> u16 {
        match self {
            Range::SixHours | Range::Day => 1,
            Range::Week | Range::Month => 6,
        }
    }
}

/// Sets the page of one concern.
pub(crate) fn concern_page(chrome: &Chrome, data: &ConcernData<'_>) -> String {
    let ConcernData { site, concern, shown, alert, .. } = *data;
    let language = chrome.language;
    let name = concern_name(concern, language);
    let finding = match shown {
        Some((signal, _)) => against_expected(signal, language),
        None => chrome
            .say("还没有统计：第一个十分钟还没有过完", "no counts yet: the first ten minutes are not over")
            .to_owned(),
    };
    let colon = chrome.say("：", ": ");
    let open = shown.zip(alert).map(|(shown, alert)| open(chrome, data, shown, alert));
    let story = match (&open, shown) {
        (Some(open), _) => format!("{}{}{}", open.letter.story, chrome.say("", " "), open.letter.counts),
        (None, Some((signal, explanation))) => {
            format!(
                "{}{}{}",
                shares(&explanation.groups, language),
                chrome.say("", " "),
                counts(signal, language)
            )
        }
        (None, None) => String::new(),
    };
    let evidence =
        shown.map(|(signal, explanation)| Evidence::of(chrome, site, (concern, explanation), signal.at));
    set(ConcernHtml {
        chrome,
        title: format!("{name}{colon}{finding}"),
        department: concern.department.as_deref().map(|name| format::one_line(name, 40)),
        level: shown
            .filter(|_| chrome.unheard.is_none())
            .map_or("—", |(signal, _)| without_alert(chrome, signal)),
        calm: shown
            .filter(|_| alert.is_none())
            .and_then(|(signal, _)| Some(calm(chrome, signal.level.err()?))),
        open,
        finding,
        story,
        ranges: ranges(chrome, data),
        chart_title: chart_title(chrome, data),
        charts: charts(chrome, data),
        table_heads: heads(chrome, data.range),
        table: table(chrome, data),
        coverage: shown.map(|(_, explanation)| coverage(&explanation.sources, language)).unwrap_or_default(),
        evidence,
        advice: concern.advice.as_deref().map(|advice| format::one_line(advice, 400)),
        past: data.past.iter().map(|past| earlier(chrome, site, past)).collect(),
        report: chrome.to(&format!("/report/{}", format::path_segment(&concern.id))),
        acts: alert.filter(|alert| chrome.may_act() && alert.answered_at().is_none()).map(|alert| {
            let hours = Hours { zone: &site.zone, morning: data.morning, now: chrome.now };
            let found = shown.map(|(_, explanation)| explanation.statements.as_slice()).unwrap_or_default();
            Acts::of(chrome, (alert, concern), found, hours, "")
        }),
        name,
    })
}

fn open(chrome: &Chrome, data: &ConcernData<'_>, shown: &(Signal, Explanation), alert: &Alert) -> Open {
    let levels = alert.levels();
    let mail = AlertMail {
        site: data.site,
        alert,
        concern: data.concern,
        signal: &shown.0,
        explanation: &shown.1,
        step: if levels.len() > 1 { Step::Escalated } else { Step::Raised },
        group: "",
        claim: None,
        beside: &[],
        levels: &levels,
        now: chrome.now,
    };
    Open {
        steps: NextSteps::of(chrome, alert),
        letter: Letter::read_at(&mail, chrome.now, chrome.language),
        badge: Badge::of(alert.level, chrome.language),
        state: format::state_name(alert.state, chrome.language),
        link: chrome.to(&format!("/a/{}", alert.id)),
        log: course(chrome, data.site, alert),
        clock: Clock::of(chrome, data.site, alert),
    }
}

fn ranges(chrome: &Chrome, data: &ConcernData<'_>) -> Vec<Choice> {
    let choice = |range: Range| Choice {
        label: match range {
            Range::SixHours => chrome.say("6 小时", "6 hours"),
            Range::Day => chrome.say("24 小时", "24 hours"),
            Range::Week => chrome.say("7 天", "7 days"),
            Range::Month => chrome.say("30 天", "30 days"),
        },
        link: chrome.to(&format!("/c/{}?range={}", format::path_segment(&data.concern.id), range.name())),
        current: range == data.range,
    };
    Range::ALL.into_iter().map(choice).collect()
}

/// What the chart shows, computed: the rise of an open alert, else how much of the time lies above the band.
fn chart_title(chrome: &Chrome, data: &ConcernData<'_>) -> String {
    let (site, language) = (data.site, chrome.language);
    if let (Some(alert), Some((signal, _))) = (data.alert, data.shown)
        && signal.observed.posts >= format::FEWEST_FOR_RATIO
        && signal.ratio.is_finite()
    {
        let onset = format::moment(alert.onset, chrome.now, &site.zone, language);
        let (ratio, span) = (format::ratio(signal.ratio), format::span(signal.span, language));
        return match language {
            Language::Chinese => format!("{onset} 起上升，{span}帖数现为预期的 {ratio} 倍"),
            Language::English => {
                format!("Rising since {onset}, now {ratio} times the posts expected in {span}")
            }
        };
    }
    let counted: Vec<(f64, f64)> =
        data.curve.iter().filter_map(|point| Some((f64::from(point.posts?), point.expected.high))).collect();
    let above = counted.iter().filter(|(posts, high)| posts > high).count();
    let share = format::percent(above as f64 / counted.len().max(1) as f64);
    match (language, counted.is_empty(), above) {
        (_, true, _) => chrome.say("这段时间没有采集到数据", "Nothing was collected in this time").to_owned(),
        (Language::Chinese, _, 0) => "全程没有超出预期区间".to_owned(),
        (Language::English, _, 0) => "Never above the expected range".to_owned(),
        (Language::Chinese, ..) => format!("{share} 的时间高于预期区间"),
        (Language::English, ..) => format!("Above the expected range {share} of the time"),
    }
}

fn charts(chrome: &Chrome, data: &ConcernData<'_>) -> Option<[String; 2]> {
    let (first, last) = (data.curve.first()?, data.curve.last()?);
    if data.curve.len() < 2 || data.curve.iter().all(|point| point.posts.is_none()) {
        return None;
    }
    let past = data.past.iter().rev().map(|past| past.alert).chain(data.alert);
    let within = |at: Timestamp| at >= first.at && at <= last.at;
    let replies: Vec<Timestamp> = past.flat_map(replies).map(|(at, _)| at).filter(|at| within(*at)).collect();
    let levels = data.alert.map(Alert::levels).unwrap_or_default();
    let chart = Chart {
        curve: data.curve,
        levels: &levels,
        onset: data.alert.map(|alert| alert.onset).filter(|onset| within(*onset)),
        replies: &replies,
        now: data.shown.map_or(last.at, |(signal, _)| signal.at),
        zone: &data.site.zone,
        language: chrome.language,
    };
    Some([chart.svg(Layout::Wide), chart.svg(Layout::Narrow)])
}

/// When answers to an alert were published, and where.
fn replies(alert: &Alert) -> impl Iterator<Item = (Timestamp, Option<&str>)> {
    alert.answers().into_iter().map(|answer| (answer.at, answer.url))
}

fn heads(chrome: &Chrome, range: Range) -> [&'static str; 4] {
    let time = match range {
        Range::Month => chrome.say("每日最高的 1 小时（截至）", "Highest hour of each day (its end)"),
        _ => chrome.labels.time,
    };
    [time, chrome.say("实际", "Posts"), chrome.say("预期", "Expected"), chrome.say("区间", "Range")]
}

/// Every point of six hours, the full hours of a day or a week, the highest hour of each day of a month.
fn table(chrome: &Chrome, data: &ConcernData<'_>) -> Vec<Row> {
    let zone = &data.site.zone;
    let is_full_hour = |point: &&Point| zone.to_datetime(point.at).minute() == 0;
    let day = |point: &Point| zone.to_datetime(point.at - SignedDuration::from_hours(1)).date();
    let points: Vec<&Point> = match data.range {
        Range::SixHours => data.curve.iter().collect(),
        Range::Day => data.curve.iter().filter(is_full_hour).chain(data.curve.last()).collect(),
        Range::Week => data.curve.iter().collect(),
        Range::Month => {
            let days = data.curve.chunk_by(|one, next| day(one) == day(next));
            days.filter_map(|points| points.iter().max_by_key(|point| point.posts)).collect()
        }
    };
    let mut rows: Vec<Row> = points.into_iter().map(|point| row(chrome, data, point)).collect();
    rows.dedup_by(|one, other| one.time == other.time);
    rows
}

fn row(chrome: &Chrome, data: &ConcernData<'_>, point: &Point) -> Row {
    let (site, expected) = (data.site, point.expected);
    let since = |from: &Point, to: &Point| to.at.duration_since(from.at).as_secs();
    let span = data.curve.first().zip(data.curve.last());
    let place = span.map(|(first, last)| since(first, point) * 1_000 / since(first, last).max(1));
    let time = format::moment(point.at, chrome.now, &site.zone, chrome.language);
    let posts = point
        .posts
        .map_or_else(|| chrome.say("无数据", "no data").to_owned(), |posts| format::exact(posts.into()));
    let range = format!("{}–{}", format::expected(expected.low), format::expected(expected.high));
    let mean = format::expected(expected.mean);
    let [_, actual, usual, _] = heads(chrome, data.range);
    let range_said = chrome.say("（", " (").to_owned() + &range + chrome.say("）", ")");
    let read = format!("{time} · {actual} {posts} · {usual} {mean}{range_said}");
    Row { place: place.unwrap_or_default(), read, time, posts, expected: mean, range }
}

fn earlier(chrome: &Chrome, site: &Site, past: &Past<'_>) -> Earlier {
    let (alert, language) = (past.alert, chrome.language);
    let none = || "—".to_owned();
    let end = alert.closed_at.unwrap_or(chrome.now);
    let during = past.curve.iter().filter(|point| point.at >= alert.onset && point.at <= end);
    let highest = during.max_by_key(|point| point.posts);
    let peak = highest.and_then(|point| Some((point.posts?, point.expected.mean))).map(|(posts, mean)| {
        let number = format::posts(posts.into(), language);
        let ratio = f64::from(posts) / mean;
        match language {
            _ if posts < format::FEWEST_FOR_RATIO || !ratio.is_finite() => number,
            Language::Chinese => format!("{number}，{} 倍", format::ratio(ratio)),
            Language::English => format!("{number}, × {}", format::ratio(ratio)),
        }
    });
    let answered = stamps(alert).answered;
    let used = |at: Timestamp| at.duration_since(began(alert)).max(SignedDuration::ZERO);
    let reply = replies(alert).last().and_then(|(_, url)| format::link(url));
    Earlier {
        time: format::moment(alert.raised_at, chrome.now, &site.zone, language),
        link: chrome.to(&format!("/a/{}", alert.id)),
        badge: Badge::of(alert.highest, language),
        peak: peak.unwrap_or_else(none),
        answered: answered.map_or_else(
            || chrome.say("未登记", "none registered").to_owned(),
            |at| format::duration(used(at), language),
        ),
        effect: past.effect.as_ref().map(|effect| in_a_cell(effect, language)).unwrap_or_else(none),
        reply,
        state: format::state_name(alert.state, language),
    }
}
