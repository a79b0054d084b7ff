//! Section five: every alert with its first notice, its answer and what happened after it.

use analyzer::signal::Signal;
use jiff::{SignedDuration, Timestamp};

use super::content::Reply;
use super::{Digest, content, facts};
use crate::alert::{Alert, Recorded};
use crate::clock::began;
use crate::format;
use crate::message::Language::{self, Chinese, English};
use crate::message::{in_a_cell, in_one_line, once_in};

/// A signal so near to the end of the span belongs to the morning of the digest.
const FRESH: SignedDuration = SignedDuration::from_hours(3);

pub(super) fn rows(digest: &Digest<'_>, language: Language) -> Vec<Reply> {
    facts::alerts(digest).map(|alert| row(digest, alert, language)).collect()
}

fn row(digest: &Digest<'_>, alert: &Alert, language: Language) -> Reply {
    let zone = &digest.site.zone;
    let none = match language {
        Chinese => "未登记",
        English => "none registered",
    };
    let answer = answer(digest, alert);
    let cells = [
        content::name(digest, &alert.concern, language),
        format::date_time(began(alert), zone, language),
        answer.map_or(none.to_owned(), |Recorded { by, at, .. }| {
            format!("{} {}", format::one_line(by, 20), format::date_time(at, zone, language))
        }),
        answer.map_or("—".to_owned(), |Recorded { at, .. }| {
            format::duration(at.duration_since(began(alert)).max(SignedDuration::ZERO), language)
        }),
        answer.and_then(|_| effect(digest, alert, language)).unwrap_or("—".to_owned()),
    ];
    Reply { cells }
}

/// The first answer known when the span ended.
fn answer<'a>(digest: &Digest<'a>, alert: &'a Alert) -> Option<Recorded<'a>> {
    answered_by(alert, digest.figures.to)
}

/// The first answer that was recorded before a moment: who gave it, and when it was published.
pub fn answered_by(alert: &Alert, until: Timestamp) -> Option<Recorded<'_>> {
    alert.answers().into_iter().find(|answer| answer.recorded < until)
}

/// What came after the answer, with its interval, or that it is too early.
fn effect(digest: &Digest<'_>, alert: &Alert, language: Language) -> Option<String> {
    let found = digest.effects.iter().find(|(id, _)| *id == alert.id);
    found.map(|(_, effect)| in_a_cell(effect, language))
}

/// `期间 3 次预警，2 次已登记回应。`
pub(super) fn sum(digest: &Digest<'_>, language: Language) -> String {
    let all = facts::alerts(digest).count();
    let answered = facts::alerts(digest).filter(|alert| answer(digest, alert).is_some()).count();
    match language {
        Chinese => format!("期间有 {all} 次预警，其中 {answered} 次登记了回应。"),
        English => format!("Alerts in the period: {all}, with a registered response: {answered}."),
    }
}

/// What was still rising when the digest was written: `数据公布仍在上升：未来 3 小时约 260 帖（八成可能 140–540，截至 08:20）。`
pub(super) fn rising(digest: &Digest<'_>, language: Language) -> Vec<String> {
    let is_fresh = |at: Timestamp| at.duration_since(digest.figures.to).abs() <= FRESH;
    let open = facts::alerts(digest).filter(|alert| alert.is_open());
    let signals = open.filter_map(|alert| {
        digest.newest.iter().find(|signal| signal.concern == alert.concern && is_fresh(signal.at))
    });
    let told = |signal: &Signal| {
        let outlook = in_one_line(&signal.forecast, language)?;
        let name = content::name(digest, &signal.concern, language);
        let at = format::date_time(signal.at, &digest.site.zone, language);
        let mut told = match language {
            Chinese => format!("{name}仍在上升，{outlook}（截至 {at}）。"),
            English => format!("{name} is still rising; {outlook} (as of {at})."),
        };
        if let Some(once) = signal.once_in_weeks {
            told.push_str(if language == English { " " } else { "" });
            told.push_str(&once_in(once, language));
        }
        Some(told)
    };
    signals.filter_map(told).collect()
}

/// Department and state under a concern's name.
pub(super) fn note(digest: &Digest<'_>, concern: &str, language: Language) -> String {
    let known = content::concern(digest, concern);
    let department = known.as_ref().and_then(|known| known.department.as_deref());
    let alert = facts::alerts(digest).filter(|alert| alert.concern == concern).last();
    let state = alert.map(|alert| state(digest, alert, language));
    let parts: Vec<String> =
        department.map(|name| format::one_line(name, 40)).into_iter().chain(state).collect();
    parts.join(" · ")
}

fn state(digest: &Digest<'_>, alert: &Alert, language: Language) -> String {
    if let Some(Recorded { at, .. }) = answer(digest, alert) {
        let time = format::date_time(at, &digest.site.zone, language);
        return match language {
            Chinese => format!("已回应 {time}"),
            English => format!("answered {time}"),
        };
    }
    format::state_name(alert.state, language).to_owned()
}
