//! From a form on an alert's page to what is done with the alert. Pure: time is an argument.

use alerts::action::LONGEST_MUTE;
use alerts::alert::{Alert, Event, Worth};
use alerts::desk::DeskError;
use crawler::words::Words;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::answering::moment;
use crate::lookout::LookoutError;
use crate::socket::Action;

/// The same again within so long is a button pressed twice.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// Longest reason and note, in characters.
const REASON: usize = 300;
const NOTE: usize = 1_000;

/// The fields of all forms of an alert; what is empty was not asked for.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub(crate) struct Filled {
    /// How long to mute: `2h`, `18:00`, `morning`, `3d`, or `until` with a moment beside it.
    pub(crate) length: String,
    /// That moment.
    pub(crate) until: String,
    /// Why.
    pub(crate) reason: String,
    /// A note.
    pub(crate) text: String,
    /// `useful`, `known` or `noise`.
    pub(crate) worth: String,
}

/// The hours that forms speak of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hours<'a> {
    /// Where days begin.
    pub(crate) zone: &'a TimeZone,
    /// When the office opens: the digest is sent then.
    pub(crate) morning: Time,
    /// The present.
    pub(crate) now: Timestamp,
}

/// What to do, in the name of a post.
///
/// # Errors
/// What is missing or cannot be read, and how it must be written.
pub(crate) fn action(
    name: &str,
    filled: &Filled,
    by: &str,
    hours: Hours<'_>,
) -> Result<Option<Action>, Words> {
    let by = by.to_owned();
    Ok(Some(match name {
        "take" => Action::Acknowledge { by },
        "close" => Action::Close { by },
        "note" => {
            let missing = Words::new("备注里没有字：写好再登记", "the note is empty: write it first");
            Action::Note { by, text: text(&filled.text, NOTE).ok_or(missing)? }
        }
        "mute" => Action::Mute { by, reason: reason(filled)?, until: until(filled, hours)? },
        "false-alarm" => Action::FalseAlarm { by, reason: reason(filled)? },
        "withdraw" => Action::Withdraw { by, reason: reason(filled)? },
        "rate" => Action::Rate { by, worth: worth(&filled.worth)? },
        _ => return Ok(None),
    }))
}

/// When the evening of that day begins, if it is still to come.
pub(crate) fn evening(hours: Hours<'_>) -> Option<Timestamp> {
    let today = hours.zone.to_datetime(hours.now).date();
    let evening = hours.zone.to_timestamp(today.to_datetime(Time::constant(18, 0, 0, 0))).ok()?;
    (evening > hours.now).then_some(evening)
}

/// When the office opens on the next day.
pub(crate) fn morning(hours: Hours<'_>) -> Option<Timestamp> {
    let tomorrow = hours.zone.to_datetime(hours.now).date().tomorrow().ok()?;
    hours.zone.to_timestamp(tomorrow.to_datetime(hours.morning)).ok()
}

/// Whether the alert's journal holds the same already: then a second press of the button changes nothing.
pub(crate) fn is_done(alert: &Alert, action: &Action, now: Timestamp) -> bool {
    let fresh = alert.events.iter().rev().take_while(|(at, _)| now.duration_since(*at) <= AGAIN);
    let near = |one: Timestamp, other: Timestamp| one.duration_since(other).abs() <= AGAIN;
    match action {
        Action::Acknowledge { .. } => alert.held_by().is_some() || !alert.is_open(),
        Action::Close { .. } | Action::FalseAlarm { .. } => !alert.is_open(),
        Action::Rate { worth, .. } => alert.worth() == Some(*worth),
        Action::Note { by, text } => fresh.map(|(_, event)| event).any(|event| {
            matches!(event, Event::Noted { by: who, text: what } if who == by && what == text)
        }),
        Action::Mute { reason, until, .. } => fresh.map(|(_, event)| event).any(|event| {
            matches!(event, Event::Muted { reason: why, until: end, .. } if why == reason && near(*end, *until))
        }),
        Action::Respond { by, url, at } => alert.answers().into_iter().any(|answer| {
            now.duration_since(answer.recorded) <= AGAIN
                && answer.by == by
                && answer.url == url.as_deref()
                && near(answer.at, *at)
        }),
        Action::Withdraw { reason, .. } => {
            alert.last_answer().is_none()
                && fresh
                    .map(|(_, event)| event)
                    .any(|event| matches!(event, Event::Withdrawn { reason: why, .. } if why == reason))
        }
    }
}

/// Why the desk does not do what somebody asked for; `None` for what is no refusal but a failure.
pub(crate) fn refusal(error: &LookoutError) -> Option<Words> {
    let LookoutError::Desk(error) = error else { return None };
    Some(match error {
        DeskError::Closed(_) => {
            Words::new("预警已关闭，不能再这样处理", "the alert is closed; nothing is left to do")
        }
        DeskError::MutedTooLong { .. } => Words::new(
            "静默要在现在之后、三天之内结束",
            "a mute must end between now and three days from now",
        ),
        DeskError::AnsweredTooEarly => Words::new(
            "回应的发布时间最多比预警早 30 天",
            "an answer may be at most 30 days older than its alert",
        ),
        DeskError::NothingToWithdraw => {
            Words::new("没有登记过可以撤回的回应", "no answer is recorded that could be withdrawn")
        }
        DeskError::TooLong(what, longest) => Words::new(
            format!("{what} 太长：最多 {longest} 字"),
            format!("{what} is too long: at most {longest} characters"),
        ),
        DeskError::Missing(what) => {
            Words::new(format!("{what} 不能为空"), format!("{what} must not be empty"))
        }
        _ => return None,
    })
}

fn text(typed: &str, most: usize) -> Option<String> {
    let text: String = typed.trim().chars().take(most).collect();
    (!text.is_empty()).then_some(text)
}

fn reason(filled: &Filled) -> Result<String, Words> {
    let missing = Words::new("要写原因，它会记入经过", "say why: it is kept in the course of events");
    text(&filled.reason, REASON).ok_or(missing)
}

fn until(filled: &Filled, hours: Hours<'_>) -> Result<Timestamp, Words> {
    let after = |length: SignedDuration| hours.now.checked_add(length).ok();
    let wrong = || Words::new("选一个静默的时长", "choose how long to mute");
    let until = match filled.length.as_str() {
        "2h" => after(SignedDuration::from_hours(2)),
        "18:00" => evening(hours),
        "morning" => morning(hours),
        "3d" => after(LONGEST_MUTE),
        "until" => Some(moment(filled.until.trim(), hours.zone, hours.now)?),
        _ => None,
    };
    let until = until.ok_or_else(wrong)?;
    if until <= hours.now || until.duration_since(hours.now) > LONGEST_MUTE {
        return Err(Words::new(
            "静默最长 3 天，并且要在现在之后",
            "a mute ends after now and within three days",
        ));
    }
    Ok(until)
}

fn worth(typed: &str) -> Result<Worth, Words> {
    match typed {
        "useful" => Ok(Worth::Useful),
        "known" => Ok(Worth::Known),
        "noise" => Ok(Worth::Noise),
        _ => Err(Words::new("选一项：有用、已知、噪声", "choose one: useful, known already, noise")),
    }
}

#[cfg(test)]
mod tests {
    use alerts::alert::{AlertId, fold};
    use analyzer::level::Level;
    use jiff::civil::{date, time};

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00+08:00").parse().unwrap()
    }

    fn done(name: &str, filled: &Filled, now: &str) -> Result<Option<Action>, Words> {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        action(name, filled, "值班室", Hours { zone: &zone, morning: time(8, 30, 0, 0), now: at(now) })
    }

    fn mute(length: &str, until: &str) -> Filled {
        let [length, until] = [length, until].map(str::to_owned);
        Filled { length, until, reason: " 已定 16:00 统一答复 ".to_owned(), ..Filled::default() }
    }

    fn muted_until(length: &str, until: &str, now: &str) -> Option<Timestamp> {
        match done("mute", &mute(length, until), now) {
            Ok(Some(Action::Mute { until, reason, .. })) => {
                assert_eq!(reason, "已定 16:00 统一答复");
                Some(until)
            }
            _ => None,
        }
    }

    #[test]
    fn a_mute_ends_when_it_was_said_to_and_within_three_days() {
        let now = "24T14:20";
        assert_eq!(muted_until("2h", "", now), Some(at("24T16:20")));
        assert_eq!(muted_until("18:00", "", now), Some(at("24T18:00")));
        assert_eq!(muted_until("morning", "", now), Some(at("25T08:30")));
        assert_eq!(muted_until("3d", "", now), Some(at("27T14:20")));
        assert_eq!(muted_until("until", "2026-11-25 10:00", now), Some(at("25T10:00")));
        for (length, until, now) in [
            ("18:00", "", "24T18:00"),
            ("until", "2026-11-27 14:21", now),
            ("until", "14:20", now),
            ("until", "明天", now),
            ("", "", now),
        ] {
            assert_eq!(muted_until(length, until, now), None, "{length} {until}");
        }
    }

    #[test]
    fn what_must_be_said_must_be_said() {
        let empty = Filled { length: "2h".to_owned(), reason: " \n".to_owned(), ..Filled::default() };
        for name in ["mute", "false-alarm", "note", "rate"] {
            assert!(done(name, &empty, "24T14:20").is_err(), "{name}");
        }
        assert!(done("delete", &empty, "24T14:20").unwrap().is_none());
    }

    #[test]
    fn a_button_pressed_twice_does_nothing_twice() {
        let id = AlertId { day: date(2026, 11, 24), number: 3 };
        let raised = Event::Raised {
            concern: "数据公布".to_owned(),
            level: Level::Blue,
            onset: at("24T13:10"),
            deadline: at("25T14:00"),
            first_post: None,
            under: None,
        };
        let mut alert = fold(id, [(at("24T13:20"), raised)]).unwrap();
        let by = "值班室".to_owned();
        let take = Action::Acknowledge { by: by.clone() };
        let note = Action::Note { by: by.clone(), text: "已联系".to_owned() };
        let close = Action::Close { by: by.clone() };
        for action in [&take, &note, &close] {
            assert!(!is_done(&alert, action, at("24T14:00")), "{action:?}");
        }
        alert.apply(at("24T14:00"), Event::Acknowledged { by: by.clone() });
        alert.apply(at("24T14:00"), Event::Noted { by: by.clone(), text: "已联系".to_owned() });
        assert!(is_done(&alert, &take, at("24T20:00")) && is_done(&alert, &note, at("24T14:01")));
        // Said again in the evening, it is news.
        assert!(!is_done(&alert, &note, at("24T20:00")));
        alert.apply(at("24T20:00"), Event::Resolved { by: Some(by) });
        assert!(is_done(&alert, &close, at("24T20:01")));
    }
}
