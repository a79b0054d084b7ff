//! The time until an answer is due, as a clock: what is left of it, how much has passed, when it ends.

use alerts::alert::Alert;
use alerts::clock::began;
use alerts::format;
use alerts::message::{Language, Site};

use super::Chrome;

/// The clock of an alert that waits for its answer.
pub(super) struct Clock {
    pub(super) lead: &'static str,
    pub(super) left: String,
    pub(super) is_over: bool,
    /// Whole per cent of the time that has passed.
    pub(super) passed: u32,
    pub(super) ends: String,
}

impl Clock {
    /// None where it does not run: it was answered, it is closed, or nobody has been told yet.
    pub(super) fn of(chrome: &Chrome, site: &Site, alert: &Alert) -> Option<Clock> {
        if !alert.awaits_answer() {
            return None;
        }
        let language = chrome.language;
        let (allowed, left) =
            (alert.deadline.duration_since(began(alert)), alert.deadline.duration_since(chrome.now));
        let most = allowed.as_secs().max(1);
        let used = chrome.now.duration_since(began(alert)).as_secs().clamp(0, most);
        let moment = format::moment_with_today(alert.deadline, chrome.now, &site.zone, language);
        let allowed = format::duration(allowed, language);
        Some(Clock {
            lead: lead(chrome, left.is_negative()),
            left: format::duration(left, language),
            is_over: left.is_negative(),
            passed: u32::try_from(used * 100 / most).unwrap_or(100),
            ends: match language {
                Language::Chinese => format!("{moment}（首次提示起 {allowed}）"),
                Language::English => format!("{moment} ({allowed} after the first notice)"),
            },
        })
    }
}

/// What stands before a length of time.
pub(super) fn lead(chrome: &Chrome, is_over: bool) -> &'static str {
    match is_over {
        false => chrome.say("距回应时限 ", "Reply due in "),
        true => chrome.say("已超回应时限 ", "Overdue by "),
    }
}
