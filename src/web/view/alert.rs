//! The page of one alert: the same numbers as its mail, and what has happened to it.

use alerts::alert::{Alert, Step};
use alerts::chart::{Chart, Layout};
use alerts::delivery::{Delivery, Reader, Told};
use alerts::format;
use alerts::message::{AlertMail, Bare, Beside, Letter, Site, concern_name};
use analyzer::concern::Concern;
use analyzer::explain::Explanation;
use analyzer::signal::Signal;
use askama::Template;
use jiff::Timestamp;
use jiff::civil::Time;

use super::acts::Acts;
use super::clock::Clock;
use super::evidence::Evidence;
use super::log::{LogLine, course};
use super::unwatched::Unwatched;
use super::{Badge, Chrome, set};
use crate::acting::Hours;

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
    /// When the office opens.
    pub(crate) morning: Time,
    /// The form that was asked for; it stands open.
    pub(crate) form: &'a str,
    /// Whether its concern is in the configuration; else there is no page of it.
    pub(crate) is_configured: bool,
}

/// Everything the page of an alert without evidence is made from.
pub(crate) struct BareData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// The alert.
    pub(crate) alert: &'a Alert,
    /// What it is about.
    pub(crate) concern: &'a Concern,
    /// Its mails and their ways.
    pub(crate) deliveries: &'a [Delivery],
    /// When the office opens.
    pub(crate) morning: Time,
    /// The form that was asked for; it stands open.
    pub(crate) form: &'a str,
}

#[derive(Template)]
#[template(path = "bare_alert.html")]
struct BareHtml<'a> {
    chrome: &'a Chrome,
    bare: Bare,
    name: String,
    number: String,
    badge: Badge,
    state: &'static str,
    why: &'static str,
    unwatched: Option<Unwatched>,
    clock: Option<Clock>,
    log: Vec<LogLine>,
    mails: Vec<Told>,
    acts: Option<Acts>,
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
    evidence: Evidence,
    unwatched: Option<Unwatched>,
    /// Addresses of the concern's page and report, while it is configured.
    concern: Option<(String, String)>,
    clock: Option<Clock>,
    department: Option<String>,
    log: Vec<LogLine>,
    mails: Vec<Told>,
    acts: Option<Acts>,
}

/// Sets the page of one alert.
pub(crate) fn alert_page(chrome: &Chrome, data: &AlertData<'_>) -> String {
    let levels = data.alert.levels();
    let step = match data.alert.is_open() {
        false => Step::Resolved,
        true if levels.len() > 1 => Step::Escalated,
        true => Step::Raised,
    };
    let AlertData { site, alert, concern, signal, explanation, deliveries, beside, .. } = *data;
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
    let replies: Vec<Timestamp> = alert.answers().iter().map(|answer| answer.at).collect();
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
        evidence: Evidence::of(chrome, site, (concern, explanation), signal.at),
        unwatched: Unwatched::of(chrome, site, alert),
        concern: data.is_configured.then(|| {
            let to = |place: &str| chrome.to(&format!("/{place}/{}", format::path_segment(&concern.id)));
            (to("c"), to("report"))
        }),
        log: course(chrome, site, alert),
        clock: Clock::of(chrome, site, alert),
        department: concern.department.as_deref().map(|name| format::one_line(name, 40)),
        mails: deliveries.iter().map(|mail| mail.told(alert, reader)).collect(),
        acts: chrome.may_act().then(|| {
            let hours = Hours { zone: &site.zone, morning: data.morning, now: chrome.now };
            Acts::of(chrome, (alert, concern), &explanation.statements, hours, data.form)
        }),
    })
}

/// Sets the page of an alert without evidence: what is known of it, and everything that can be done.
pub(crate) fn bare_alert_page(chrome: &Chrome, data: &BareData<'_>) -> String {
    let BareData { site, alert, concern, deliveries, .. } = *data;
    let reader = Reader { zone: &site.zone, now: chrome.now, language: chrome.language };
    set(BareHtml {
        chrome,
        bare: Bare::of(site, (alert, concern), chrome.now, chrome.language),
        name: concern_name(concern, chrome.language),
        number: alert.id.short(),
        badge: Badge::of(alert.level, chrome.language),
        state: format::state_name(alert.state, chrome.language),
        why: chrome.say(
            "没有可看的依据：当时留存的数据和帖文已过保存期，或观澜刚启动、还没有统计完一个十分钟。",
            "There is no evidence to show: what was kept is past its time, or the first ten minutes after a start are not over.",
        ),
        unwatched: Unwatched::of(chrome, site, alert),
        clock: Clock::of(chrome, site, alert),
        log: course(chrome, site, alert),
        mails: deliveries.iter().map(|mail| mail.told(alert, reader)).collect(),
        acts: chrome.may_act().then(|| {
            let hours = Hours { zone: &site.zone, morning: data.morning, now: chrome.now };
            Acts::of(chrome, (alert, concern), &[], hours, data.form)
        }),
    })
}
