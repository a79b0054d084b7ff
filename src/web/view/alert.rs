//! The page of one alert: the same numbers as its mail, and what has happened to it.

use alerts::alert::{Alert, Event, Step};
use alerts::chart::{Chart, Layout};
use alerts::delivery::{Delivery, Reader, Told};
use alerts::format;
use alerts::message::{AlertMail, Beside, Language, Letter, Site, concern_name};
use analyzer::concern::Concern;
use analyzer::explain::{Explanation, GroupShare, RisingWord, Statement};
use analyzer::level::Level;
use analyzer::signal::Signal;
use askama::Template;
use jiff::Timestamp;

use super::{Badge, Chrome, set};

/// Everything the page is made from.
pub(crate) struct AlertData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// The alert.
    pub(crate) alert: &'a Alert,
    /// What it is about.
    pub(crate) concern: &'a Concern,
    /// The counts shown: the newest while it is open, the last ones kept afterwards.
    pub(crate) signal: &'a Signal,
    /// The evidence that belongs to them.
    pub(crate) explanation: &'a Explanation,
    /// Its mails and their ways.
    pub(crate) deliveries: &'a [Delivery],
    /// Other alarming concerns that share most of their posts with this one.
    pub(crate) beside: &'a [Beside],
}

struct Group {
    name: String,
    posts: String,
    expected: String,
    /// Whole per cent of the longest bar.
    width: u32,
    /// Where the expected value lies, per cent.
    mark: u32,
}

struct Word {
    word: String,
    posts: String,
    ratio: String,
    link: String,
}

struct LogLine {
    time: String,
    class: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertHtml<'a> {
    chrome: &'a Chrome,
    letter: Letter,
    name: String,
    badge: Badge,
    state: &'static str,
    charts: [String; 2],
    groups: Vec<Group>,
    words: Vec<Word>,
    log: Vec<LogLine>,
    mails: Vec<Told>,
    report: String,
    form: RespondForm,
}

/// The form that records an answer.
struct RespondForm {
    action: String,
    /// Keys and names of the statements found.
    found: Vec<(String, String)>,
    /// Who owns the concern, as a proposal.
    by: String,
}

/// Sets the page of one alert.
pub(crate) fn alert_page(chrome: &Chrome, data: &AlertData<'_>) -> String {
    let levels = data.alert.levels();
    let step = match data.alert.is_open() {
        false => Step::Resolved,
        true if levels.len() > 1 => Step::Escalated,
        true => Step::Raised,
    };
    let AlertData { site, alert, concern, signal, explanation, deliveries, beside } = *data;
    let mail = AlertMail {
        site,
        alert,
        concern,
        signal,
        explanation,
        step,
        group: "",
        claim: None,
        beside,
        levels: &levels,
        now: chrome.now,
    };
    let replies: Vec<Timestamp> = alert
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Responded { at, .. } => Some(*at),
            _ => None,
        })
        .collect();
    let chart = Chart {
        curve: &explanation.curve,
        levels: &levels,
        onset: alert.is_open().then_some(alert.onset),
        replies: &replies,
        now: signal.at,
        zone: &site.zone,
        language: chrome.language,
    };
    let charts = match explanation.curve.len() {
        0 | 1 => [String::new(), String::new()],
        _ => [chart.svg(Layout::Wide), chart.svg(Layout::Narrow)],
    };
    let reader = Reader { zone: &site.zone, now: chrome.now, language: chrome.language };
    set(AlertHtml {
        chrome,
        letter: Letter::read_at(&mail, chrome.now, chrome.language),
        name: concern_name(concern, chrome.language),
        badge: Badge::of(alert.level, chrome.language),
        state: format::state_name(alert.state, chrome.language),
        charts,
        groups: groups(&explanation.groups),
        words: words(chrome, &explanation.words),
        log: log(chrome, data),
        report: chrome.to(&format!("/report/{}", format::path_segment(&concern.id))),
        mails: deliveries.iter().map(|mail| mail.told(alert, reader)).collect(),
        form: respond_form(chrome, data),
    })
}

fn respond_form(chrome: &Chrome, data: &AlertData<'_>) -> RespondForm {
    let name = |statement: &Statement| {
        let time = format::moment(statement.time, chrome.now, &data.site.zone, chrome.language);
        let title = format::one_line(&statement.title, 40);
        format!("{title} · {} · {time}", format::one_line(&statement.source, 20))
    };
    let found = data.explanation.statements.iter().map(|statement| (statement.key(), name(statement)));
    RespondForm {
        action: chrome.to(&format!("/a/{}/respond", data.alert.id)),
        found: found.collect(),
        by: data.concern.department.as_deref().map(|name| format::one_line(name, 40)).unwrap_or_default(),
    }
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

fn words(chrome: &Chrome, words: &[RisingWord]) -> Vec<Word> {
    let view = |word: &RisingWord| {
        let ratio = f64::from(word.posts) / word.expected;
        let ratio = match chrome.language {
            // Fewer than half a post expected: there is nothing to be a multiple of.
            _ if word.expected < 0.5 => chrome.labels.new_word.to_owned(),
            Language::Chinese => format!("{} 倍", format::ratio(ratio)),
            Language::English => format!("× {}", format::ratio(ratio)),
        };
        let text = format::one_line(&word.word, 20);
        let link = chrome.to(&format!("/search?q={}", super::encoded(&format!("\"{text}\""))));
        Word { word: text, posts: format::exact(word.posts.into()), ratio, link }
    };
    words.iter().take(8).map(view).collect()
}

fn log(chrome: &Chrome, data: &AlertData<'_>) -> Vec<LogLine> {
    let zone = &data.site.zone;
    let clock = |at: Timestamp| format::moment(at, chrome.now, zone, chrome.language);
    let mut before = None;
    let mut lines: Vec<LogLine> = Vec::new();
    for (at, event) in &data.alert.events {
        let Some((class, text)) = said(event, &mut before, chrome.language, &clock) else { continue };
        // One mail goes to many addresses: that is said once.
        if lines.last().is_none_or(|last| last.text != text) {
            lines.push(LogLine { time: clock(*at), class, text });
        }
    }
    lines
}

/// What an event says, with the class of its dot; mails in between are left out.
fn said(
    event: &Event,
    before: &mut Option<Level>,
    language: Language,
    clock: &dyn Fn(Timestamp) -> String,
) -> Option<(&'static str, String)> {
    use Language::{Chinese, English};
    let name = |level: Level| format::level_name(level, language);
    let line = |text: &str| format::one_line(text, 200);
    let mut changed = |level: Level| before.replace(level);
    let text = match (event, language) {
        (Event::Raised { level, .. } | Event::Escalated { level, .. } | Event::Lowered { level }, _) => {
            let text = match (changed(*level), language) {
                (None, Chinese) => format!("提示{}", name(*level)),
                (None, English) => format!("{} notice", name(*level)),
                (Some(old), Chinese) if old > *level => format!("降为{}", name(*level)),
                (Some(old), English) if old > *level => format!("lowered to {}", name(*level)),
                (Some(old), Chinese) if old < *level => format!("升为{}", name(*level)),
                (Some(old), English) if old < *level => format!("raised to {}", name(*level)),
                (Some(_), Chinese) => format!("再次提示{}", name(*level)),
                (Some(_), English) => format!("{} again", name(*level)),
            };
            return Some((Badge::of(*level, language).class, text));
        }
        (Event::Subsiding, Chinese) => "回到预期区间".to_owned(),
        (Event::Subsiding, English) => "back in the expected range".to_owned(),
        (Event::Resolved { by: None }, Chinese) => "自动关闭".to_owned(),
        (Event::Resolved { by: None }, English) => "closed by itself".to_owned(),
        (Event::Resolved { by: Some(by) }, Chinese) => format!("由{}关闭", line(by)),
        (Event::Resolved { by: Some(by) }, English) => format!("closed by {}", line(by)),
        (Event::Acknowledged { by }, Chinese) => format!("{}认领", line(by)),
        (Event::Acknowledged { by }, English) => format!("taken on by {}", line(by)),
        (Event::Responded { by, at, .. }, Chinese) => format!("登记回应：{} {}", line(by), clock(*at)),
        (Event::Responded { by, at, .. }, English) => {
            format!("answer registered: {} {}", line(by), clock(*at))
        }
        (Event::Muted { by, reason, until }, Chinese) => {
            format!("{}静默至 {}：{}", line(by), clock(*until), line(reason))
        }
        (Event::Muted { by, reason, until }, English) => {
            format!("muted by {} until {}: {}", line(by), clock(*until), line(reason))
        }
        (Event::Noted { by, text }, Chinese) => format!("{}：{}", line(by), line(text)),
        (Event::Noted { by, text }, English) => format!("{}: {}", line(by), line(text)),
        (Event::FalseAlarm { by, reason }, Chinese) => format!("{}标为误报：{}", line(by), line(reason)),
        (Event::FalseAlarm { by, reason }, English) => {
            format!("false alarm ({}): {}", line(by), line(reason))
        }
        (Event::Rated { by, worth }, Chinese) => {
            format!("{}反馈：{}", line(by), format::worth_name(*worth, Chinese))
        }
        (Event::Rated { by, worth }, English) => {
            format!("{} found it {}", line(by), format::worth_name(*worth, English))
        }
        (Event::Mailed { .. }, Chinese) => "邮件已发出".to_owned(),
        (Event::Mailed { .. }, English) => "mail sent".to_owned(),
        (Event::RisenAgain, Chinese) => "再次上升".to_owned(),
        (Event::RisenAgain, English) => "rising again".to_owned(),
        (Event::Refused { .. }, Chinese) => "有邮件被邮件服务器拒收".to_owned(),
        (Event::Refused { .. }, English) => "a mail was refused by the mail server".to_owned(),
        (Event::Held { .. }, Chinese) => "静默时段，待时段结束合并发出".to_owned(),
        (Event::Held { .. }, English) => "quiet hours: told when they end".to_owned(),
        (Event::Inhibited { by }, Chinese) => format!("与预警 {} 的帖文大多相同，不另发信", by.short()),
        (Event::Inhibited { by }, English) => {
            format!("most posts are those of alert {}: no mail of its own", by.short())
        }
        (Event::Queued { step: Step::Unclaimed, .. }, Chinese) => "无人认领，再次提醒".to_owned(),
        (Event::Queued { step: Step::Unclaimed, .. }, English) => "not taken on: reminded".to_owned(),
        (Event::Queued { step: Step::DueSoon, .. }, Chinese) => "回应时限将到，提醒".to_owned(),
        (Event::Queued { step: Step::DueSoon, .. }, English) => "reply due soon: reminded".to_owned(),
        (Event::Queued { step: Step::Overdue, .. }, Chinese) => "回应时限已过，提醒".to_owned(),
        (Event::Queued { step: Step::Overdue, .. }, English) => "reply overdue: reminded".to_owned(),
        (Event::FirstNotice { .. } | Event::Queued { .. }, _) => return None,
    };
    Some(("none", text))
}
