//! Pages of the duty desk: the one behind the button of an alert mail, and the hand-over sheet.

use alerts::alert::{Alert, AlertId};
use alerts::claim::ClaimError;
use alerts::desk::DeskError;
use alerts::format;
use alerts::message::{Language, against_expected, concern_name};
use axum::Form;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::access::Visitor;
use super::pages::{Asked, around, ask, missing, spoken};
use super::view::{Badge, Chrome, ClaimData, Here, claim_page, encoded, handover_page, notice_page};
use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};
use crate::socket::Action;

/// What the signed link carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    k: String,
    lang: Option<String>,
}

/// `GET /a/{id}/claim?k=…`: asks whether the group takes the alert. Changes nothing: scanners follow links.
pub(super) async fn claim(
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(link): Parameters<Link>,
) -> Response {
    answer(&running, typed, link, false).await
}

/// `POST /a/{id}/claim`: the button. A second press is harmless.
pub(super) async fn take(
    State(running): State<Running>,
    Path(typed): Path<String>,
    Form(link): Form<Link>,
) -> Response {
    answer(&running, typed, link, true).await
}

async fn answer(running: &Running, typed: String, link: Link, takes: bool) -> Response {
    let now = running.clock.now();
    ask(running, move |lookout| {
        let site = lookout.orders.site.clone();
        let language = spoken(link.lang.as_deref(), &site);
        let path = format!("/a/{}/claim?k={}", encoded(&typed), encoded(&link.k));
        let chrome = Chrome::new(&site, language, now, Here::Elsewhere, &path);
        // The link first: whoever has none learns nothing of which alerts there are.
        let claimant = |id: AlertId| lookout.desk.claimant(id, &link.k, now);
        let group = match typed.parse().map_err(|_| ClaimError::Forged).and_then(claimant) {
            Ok(group) => group,
            Err(error) => return Ok(refused(&chrome, error)),
        };
        let Some(alert) = lookout.alert_named(&typed)? else {
            return Ok(missing(&site, language, now, &format!("/a/{typed}")));
        };
        let alert = if takes { taken(lookout, alert, &group, now)? } else { alert };
        let data = data(lookout, &alert, &chrome, group, link.k);
        Ok(Html(claim_page(&chrome, &data)).into_response())
    })
    .await
}

/// The alert after its group took it; a closed one stays as it is, and the page says so.
fn taken(lookout: &mut Lookout, alert: Alert, group: &str, now: Timestamp) -> Result<Alert, LookoutError> {
    let id = alert.id.to_string();
    match lookout.act_as(group, &id, Action::Acknowledge { by: group.to_owned() }, now) {
        Ok(()) => Ok(lookout.alert_named(&id)?.unwrap_or(alert)),
        Err(LookoutError::Desk(DeskError::Closed(_))) => Ok(alert),
        Err(error) => Err(error),
    }
}

fn data(lookout: &Lookout, alert: &Alert, chrome: &Chrome, group: String, token: String) -> ClaimData {
    let language = chrome.language;
    let zone = &lookout.orders.site.zone;
    let clock = |at: Timestamp| format::moment(at, chrome.now, zone, language);
    let concern = alert.concern_among(&lookout.orders.concerns);
    let signal = lookout.newest.iter().find(|signal| signal.concern == alert.concern);
    let numbers = signal.map(|signal| against_expected(signal, language)).unwrap_or_default();
    let holder = alert.held_by().map(|(by, at)| {
        let by = format::one_line(by, 40);
        match language {
            Language::Chinese => format!("已由{by} {} 认领。", clock(at)),
            Language::English => format!("Taken on by {by} at {}.", clock(at)),
        }
    });
    let closed = alert.closed_at.map(|at| match language {
        Language::Chinese => format!("这项预警 {} 已关闭，不用再认领。", clock(at)),
        Language::English => format!("This alert was closed at {}; nothing is left to take on.", clock(at)),
    });
    let answered = alert.answer().map(|answer| {
        let by = format::one_line(answer.by, 40);
        match language {
            Language::Chinese => format!("{by} {} 已回应，不用再认领。", clock(answer.at)),
            Language::English => {
                format!("Answered by {by} at {}; nothing is left to take on.", clock(answer.at))
            }
        }
    });
    ClaimData {
        badge: Badge::of(alert.level, language),
        name: concern_name(&concern, language),
        number: alert.id.short(),
        numbers,
        group: format::one_line(&group, 40),
        settled: closed.or(answered).or(holder),
        due: format::moment_with_today(alert.deadline, chrome.now, zone, language),
        action: format!("/a/{}/claim", alert.id),
        language: if language == Language::English { "en" } else { "zh" },
        page: chrome.to(&format!("/a/{}", alert.id)),
        token,
    }
}

fn refused(chrome: &Chrome, error: ClaimError) -> Response {
    let (title, text) = match (error, chrome.language) {
        (ClaimError::Expired, Language::Chinese) => {
            ("链接已过期", "认领链接三天内有效。请打开预警页面，或运行 guanlan alert ack 认领。")
        }
        (ClaimError::Expired, Language::English) => (
            "The link has expired",
            "It works for three days. Open the alert's page, or run guanlan alert ack.",
        ),
        (ClaimError::Forged, Language::Chinese) => {
            ("链接不对", "链接不完整，或不属于这项预警。请从邮件里重新打开一次。")
        }
        (ClaimError::Forged, Language::English) => (
            "The link is wrong",
            "It is not complete, or belongs to another alert: open it from the mail again.",
        ),
    };
    (StatusCode::FORBIDDEN, Html(notice_page(chrome, title, text))).into_response()
}

/// `/handover`: what the next shift must know, as it stands now.
pub(super) async fn handover(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let chrome = around(lookout, (&asked, &visitor), (Here::Handover, "/handover"), now)?;
        let sheet = lookout.handover(now, chrome.language)?;
        Ok(Html(handover_page(&chrome, &sheet)).into_response())
    })
    .await
}
