//! One function a page: gathers the values, hands them to the view.

use alerts::alert::Alert;
use alerts::desk::Filter;
use alerts::format;
use alerts::message::{Language, Site};
use analyzer::concern::Concern;
use analyzer::explain::Explanation;
use analyzer::signal::Signal;
use axum::body::Bytes;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tracing::error;

use super::access::Visitor;
use super::view::{
    AlertData, BareData, Chrome, Here, ICON, OverviewData, SCRIPT, STYLESHEET, Standing, UNMADE, Unheard,
    alert_page, bare_alert_page, concerns_csv, concerns_page, notice_page, overview_page, trouble,
};
use crate::daemon::Running;
use crate::find::Reference;
use crate::lookout::{Lookout, LookoutError};

/// A chart on the overview shows so much.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Alerts shown on the overview with their answers: those raised so long ago at most.
const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What stands behind the question mark of an address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    lang: Option<String>,
    /// A form of an alert's page that is to stand open.
    form: String,
}

impl Asked {
    pub(super) fn language(&self, site: &Site) -> Language {
        spoken(self.lang.as_deref(), site)
    }
}

/// The language asked for, else the installation's.
pub(super) fn spoken(lang: Option<&str>, site: &Site) -> Language {
    match lang {
        Some("en") => Language::English,
        Some("zh") => Language::Chinese,
        _ => site.language,
    }
}

/// `/`: what has to be answered now.
pub(super) async fn overview(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let (now, lookout) = (running.clock.now(), running.lookout.clone());
    let lang = asked.lang.clone().filter(|lang| ["zh", "en"].contains(&lang.as_str()));
    let seen_by = (lang, format!("{visitor:?}"));
    let make = || async move {
        let made = move |lookout: &mut Lookout| {
            let page = overview_of(lookout, (&asked, &visitor), now);
            page.map(Bytes::from).inspect_err(|error| error!(%error, "a page could not be made")).ok()
        };
        lookout.ask(made).await
    };
    match running.glance.overviews.get(seen_by, make).await {
        Ok(Some(page)) => Html(page).into_response(),
        Ok(None) => unmade(),
        Err(_) => stopping(),
    }
}

fn overview_of(
    lookout: &Lookout,
    (asked, visitor): (&Asked, &Visitor),
    now: Timestamp,
) -> Result<String, LookoutError> {
    let site = &lookout.orders.site;
    let chrome = around(lookout, (asked, visitor), (Here::Overview, "/"), now)?;
    let alerts = lookout.desk.alerts(Filter::All)?;
    let parts = parts(lookout, &alerts, now);
    let standings = standings(lookout, &parts);
    let unwatched = unwatched(lookout, &alerts, now);
    let is_recent = |alert: &&Alert| now.duration_since(alert.raised_at) < LATELY;
    let lately: Vec<_> = alerts.iter().rev().filter(is_recent).cloned().collect();
    let sources = lookout.source_states(now);
    let topics = lookout.topics(now);
    let data = OverviewData {
        site,
        standings: &standings,
        unwatched: &unwatched.iter().map(|(concern, part)| standing(concern, part)).collect::<Vec<_>>(),
        sources: &sources,
        lately: &lately,
        topics: &topics,
        unreached: &lookout.desk.unreached(now - LATELY, now)?,
        concerns: &lookout.orders.concerns,
    };
    Ok(overview_page(&chrome, &data))
}

/// `/concerns`: all of them.
pub(super) async fn concerns(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let chrome = around(lookout, (&asked, &visitor), (Here::Concerns, "/concerns"), now)?;
        let alerts = lookout.desk.alerts(Filter::All)?;
        let parts = parts(lookout, &alerts, now);
        let page = concerns_page(&chrome, &lookout.orders.site, &standings(lookout, &parts));
        Ok(Html(page).into_response())
    })
    .await
}

/// `/concerns.csv`: the table of all concerns for a spreadsheet.
pub(super) async fn concerns_table(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let chrome = Chrome::new(site, asked.language(site), now, Here::Overview, "/").seen_by(&visitor);
        let alerts = lookout.desk.alerts(Filter::All)?;
        let parts = parts(lookout, &alerts, now);
        let name = "attachment; filename=\"guanlan-concerns.csv\"";
        let kind = "text/csv; charset=utf-8";
        let table = concerns_csv(&chrome, &standings(lookout, &parts));
        Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], table).into_response())
    })
    .await
}

/// The page's surroundings with what they tell on every page: open alerts, a configuration that was refused, that no
/// post has come in yet.
pub(super) fn dressed(lookout: &Lookout, mut chrome: Chrome) -> Result<Chrome, LookoutError> {
    chrome.open = lookout.desk.counts()?.open;
    chrome.trouble = trouble(&lookout.configured, chrome.language);
    if !lookout.has_heard() {
        let (sources, standings) = (&lookout.orders.sources, lookout.standings(chrome.now)?);
        let failing = sources.iter().zip(&standings).find(|(_, standing)| standing.state.needs_a_look());
        let trouble = failing.and_then(|(source, standing)| {
            let why = standing.state.in_words(&lookout.orders.site.zone, chrome.now, chrome.language)?;
            Some((format::one_line(&source.name, 40), format::one_line(&why, 300)))
        });
        let first = failing.map(|(source, _)| source).or(sources.first()).map(|source| source.id.clone());
        chrome.unheard = Some(Unheard { sources: lookout.orders.feeds.len(), first, trouble });
    }
    Ok(chrome)
}

/// The surroundings of a page that somebody asked for.
pub(super) fn around(
    lookout: &Lookout,
    (asked, visitor): (&Asked, &Visitor),
    (here, path): (Here, &str),
    now: Timestamp,
) -> Result<Chrome, LookoutError> {
    let site = &lookout.orders.site;
    dressed(lookout, Chrome::new(site, asked.language(site), now, here, path).seen_by(visitor))
}

/// What the overview needs of one concern.
struct Part<'a> {
    signal: Option<&'a Signal>,
    curve: Vec<analyzer::explain::Point>,
    alert: Option<&'a Alert>,
    evidence: Option<(Signal, Explanation)>,
}

fn parts<'a>(lookout: &'a Lookout, alerts: &'a [Alert], now: Timestamp) -> Vec<Part<'a>> {
    lookout.orders.concerns.iter().map(|concern| part(lookout, &concern.id, alerts, now)).collect()
}

/// Every concern with how it stands.
fn standings<'a>(lookout: &'a Lookout, parts: &'a [Part<'a>]) -> Vec<Standing<'a>> {
    lookout.orders.concerns.iter().zip(parts).map(|(concern, part)| standing(concern, part)).collect()
}

fn standing<'a>(concern: &'a Concern, part: &'a Part<'a>) -> Standing<'a> {
    Standing {
        concern,
        signal: part.signal,
        curve: &part.curve,
        alert: part.alert,
        explanation: part.evidence.as_ref().map(|(_, explanation)| explanation),
    }
}

/// Open alerts whose concern is not in the configuration, with what was noted of that.
fn unwatched<'a>(lookout: &'a Lookout, alerts: &'a [Alert], now: Timestamp) -> Vec<(Concern, Part<'a>)> {
    let concerns = &lookout.orders.concerns;
    let is_unwatched =
        |alert: &&Alert| alert.is_open() && !concerns.iter().any(|known| known.id == alert.concern);
    let part = |alert: &Alert| {
        (alert.concern_among(concerns).into_owned(), part(lookout, &alert.concern, alerts, now))
    };
    alerts.iter().filter(is_unwatched).map(part).collect()
}

fn part<'a>(lookout: &'a Lookout, concern: &str, alerts: &'a [Alert], now: Timestamp) -> Part<'a> {
    let signal = lookout.newest.iter().find(|signal| signal.concern == concern);
    let alert = alerts.iter().rev().find(|alert| alert.concern == concern && alert.is_open());
    let until = signal.map_or(now, |signal| signal.at);
    Part {
        signal,
        curve: lookout.analyst.curve(concern, until - DAY, until),
        alert,
        evidence: alert.and_then(|alert| lookout.desk.snapshot(alert.id).ok().flatten()),
    }
}

/// `/a/{id}`: the page that every alert mail opens.
pub(super) async fn alert(
    visitor: Visitor,
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let language = asked.language(site);
        let Some(alert) = lookout.alert_named(&typed)? else {
            return Ok(missing(site, language, now, &format!("/a/{typed}")));
        };
        let chrome = Chrome::new(site, language, now, Here::Alerts, &format!("/a/{}", alert.id));
        let mut chrome = chrome.seen_by(&visitor);
        chrome = dressed(lookout, chrome)?;
        let concern = &*alert.concern_among(&lookout.orders.concerns);
        let deliveries = &lookout.desk.deliveries(alert.id)?;
        let (alert, morning, form) = (&alert, lookout.orders.digest.send_at, asked.form.as_str());
        let Some((signal, explanation)) = lookout.shown(alert, now)? else {
            let data = BareData { site, alert, concern, deliveries, morning, form };
            return Ok(Html(bare_alert_page(&chrome, &data)).into_response());
        };
        let beside = if alert.is_open() { lookout.desk.beside(&explanation) } else { Vec::new() };
        let data = AlertData {
            site,
            alert,
            concern,
            signal: &signal,
            explanation: &explanation,
            deliveries,
            beside: &beside,
            morning,
            form,
            is_configured: lookout.orders.concerns.iter().any(|concern| concern.id == alert.concern),
        };
        Ok(Html(alert_page(&chrome, &data)).into_response())
    })
    .await
}

/// What names in a query refer to.
pub(super) fn reference(lookout: &Lookout, now: Timestamp) -> Reference {
    let levels =
        lookout.newest.iter().filter_map(|signal| Some((signal.concern.clone(), signal.level.ok()?)));
    let sources = lookout.orders.feeds.iter().map(|feed| (feed.id.clone(), feed.name.clone()));
    Reference {
        now,
        zone: lookout.orders.site.zone.clone(),
        concerns: lookout.orders.concerns.clone().into(),
        matchers: lookout.analyst.shared_matchers(),
        levels: levels.collect(),
        sources: sources.collect(),
        groups: lookout.orders.feeds.iter().map(|feed| feed.group.clone()).collect(),
        shown: lookout.orders.shown,
    }
}

/// `/digest`: the newest one that is complete.
pub(super) async fn newest_digest(State(running): State<Running>) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        // The list of all says why there is none.
        let to = match lookout.has_heard() {
            true => format!("/digest/{}", lookout.newest_digest(now)),
            false => "/digests".to_owned(),
        };
        Ok(Redirect::to(&to).into_response())
    })
    .await
}

/// The one stylesheet.
pub(super) async fn stylesheet() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLESHEET).into_response()
}

/// The optional script.
pub(super) async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// The sign in a browser's tab, without which browsers ask for a /favicon.ico.
pub(super) async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON).into_response()
}

/// Any other address.
pub(super) async fn not_found(
    State(running): State<Running>,
    uri: Uri,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        Ok(missing(site, asked.language(site), now, uri.path()))
    })
    .await
}

pub(super) fn missing(site: &Site, language: Language, now: Timestamp, path: &str) -> Response {
    let chrome = Chrome::new(site, language, now, Here::Elsewhere, path);
    let (title, text) = match language {
        Language::Chinese => ("没有这一页", "地址可能写错了，或者还没有到那一天。从总览开始找。"),
        Language::English => (
            "There is no such page",
            "The address may be wrong, or that day has not come yet. Begin at the overview.",
        ),
    };
    (StatusCode::NOT_FOUND, Html(notice_page(&chrome, title, text))).into_response()
}

/// Lets the owner of alerts make a page; a failure goes to the log and is said without details.
pub(super) async fn ask(
    running: &Running,
    make: impl FnOnce(&mut Lookout) -> Result<Response, LookoutError> + Send + 'static,
) -> Response {
    match running.lookout.ask(make).await {
        Ok(Ok(page)) => page,
        Ok(Err(error)) => failed(&error),
        Err(_) => stopping(),
    }
}

pub(super) fn failed(error: &dyn std::error::Error) -> Response {
    error!(%error, "a page could not be made");
    unmade()
}

/// Said without details, which are in the log.
pub(super) fn unmade() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Html(UNMADE)).into_response()
}

pub(super) fn stopping() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "503: 正在停止 / stopping\n").into_response()
}
