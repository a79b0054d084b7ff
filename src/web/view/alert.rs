//! The page of one alert: the same numbers as its mail, and what has happened to it.

use alerts::alert::{Alert, Event, Step};
use alerts::chart::{Chart, Layout};
use alerts::delivery::{Delivery, Reader, Told};
use alerts::format;
use alerts::message::{AlertMail, Beside, Letter, Site, concern_name};
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
    concern: String,
    clock: Option<Clock>,
    department: Option<String>,
    log: Vec<LogLine>,
    mails: Vec<Told>,
    report: String,
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
        evidence: Evidence::of(chrome, site, (concern, explanation), signal.at),
        concern: chrome.to(&format!("/c/{}", format::path_segment(&concern.id))),
        clock: Clock::of(chrome, site, alert),
        department: concern.department.as_deref().map(|name| format::one_line(name, 40)),
        log: course(chrome, site, alert),
        report: chrome.to(&format!("/report/{}", format::path_segment(&concern.id))),
        mails: deliveries.iter().map(|mail| mail.told(alert, reader)).collect(),
        acts: chrome.may_act().then(|| {
            let hours = Hours { zone: &site.zone, morning: data.morning, now: chrome.now };
            Acts::of(chrome, (alert, concern), &explanation.statements, hours, data.form)
        }),
    })
}
