//! `/c/{id}`: the page of one concern.

use alerts::alert::{Alert, AlertId};
use alerts::desk::Filter;
use alerts::message::Language;
use analyzer::effect::{Effect, Measured};
use axum::extract::{Path, Query as Parameters, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::access::Visitor;
use super::pages::{Asked, ask, dressed, missing};
use super::view::{Chrome, ConcernData, Here, Past, Range, concern_page, encoded, notice_page};
use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};

/// Earlier alerts listed.
const EARLIER: usize = 12;
/// What is looked at around an earlier alert: an hour before its rise, some hours after its answer.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
const AFTER: SignedDuration = SignedDuration::from_hours(3);
/// No more than that of one alert.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What stands behind the question mark beside the language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    range: String,
}

/// `/c/{id}`: how the concern stands, the evidence, earlier alerts.
pub(super) async fn concern(
    visitor: Visitor,
    State(running): State<Running>,
    Path(id): Path<String>,
    Parameters(asked): Parameters<Asked>,
    Parameters(wanted): Parameters<Wanted>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let language = asked.language(site);
        let path = format!("/c/{}", encoded(&id));
        let Some(concern) = lookout.orders.concerns.iter().find(|concern| concern.id == id) else {
            return unconfigured(lookout, &id, (&path, &visitor, language), now);
        };
        let range = Range::named(&wanted.range);
        let path = if range == Range::default() { path } else { format!("{path}?range={}", wanted.range) };
        let mut chrome = Chrome::new(site, language, now, Here::Concerns, &path).seen_by(&visitor);
        let alerts = lookout.desk.alerts(Filter::All)?;
        chrome = dressed(lookout, chrome)?;
        let of_it = || alerts.iter().rev().filter(|alert| alert.concern == concern.id);
        let open = of_it().find(|alert| alert.is_open());
        let until =
            lookout.newest.iter().find(|signal| signal.concern == concern.id).map_or(now, |signal| signal.at);
        let closed = of_it().filter(|alert| !alert.is_open()).take(EARLIER);
        let closed: Vec<Alert> = closed.cloned().collect();
        let effects = lookout.effects(&closed, (now, &[]))?;
        let past: Vec<Past<'_>> = closed.iter().map(|alert| past(lookout, alert, until, &effects)).collect();
        let shown = lookout.newest_evidence(&concern.id, open, now)?;
        let data = ConcernData {
            site,
            concern,
            shown: shown.as_ref(),
            alert: open,
            range,
            curve: &lookout.analyst.curve_every(&concern.id, until - range.length(), until, range.buckets()),
            past: &past,
            morning: lookout.orders.digest.send_at,
        };
        Ok(Html(concern_page(&chrome, &data)).into_response())
    })
    .await
}

/// What stands in the place of the page of a concern that nobody has configured: it may have been once.
pub(super) fn unconfigured(
    lookout: &Lookout,
    id: &str,
    (path, visitor, language): (&str, &Visitor, Language),
    now: Timestamp,
) -> Result<Response, LookoutError> {
    let site = &lookout.orders.site;
    if !lookout.desk.alerts(Filter::All)?.iter().any(|alert| alert.concern == id) {
        return Ok(missing(site, language, now, path));
    }
    let chrome = &dressed(lookout, Chrome::new(site, language, now, Here::Elsewhere, path).seen_by(visitor))?;
    let title = chrome.say("这项关切不在配置里", "This concern is not configured");
    let text = chrome.say(
        "它已从 concerns.toml 移除或改了名，不再计数。已有的预警在“预警”页，经过和处置都在。",
        "It was removed from concerns.toml or renamed and is not counted. Its alerts, with all that was done, are on the page of alerts.",
    );
    Ok((StatusCode::NOT_FOUND, Html(notice_page(chrome, title, text))).into_response())
}

/// An alert with what is still counted of its time.
fn past<'a>(
    lookout: &Lookout,
    alert: &'a Alert,
    until: Timestamp,
    effects: &[(AlertId, Measured<Effect>)],
) -> Past<'a> {
    let from = alert.onset - BEFORE;
    let answered = alerts::clock::stamps(alert).answered.unwrap_or(alert.onset);
    let end = alert.closed_at.unwrap_or(until).max(answered) + AFTER;
    let curve = lookout.analyst.curve(&alert.concern, from, end.min(until).min(from + LONGEST));
    let effect = effects.iter().find(|(id, _)| *id == alert.id).map(|(_, effect)| effect.clone());
    Past { alert, curve, effect }
}
