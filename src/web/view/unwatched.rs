//! What a page says of an alert whose concern is not in the configuration: since when, and what to do about it.

use alerts::alert::Alert;
use alerts::format;
use alerts::message::{Language, Site, unwatched};
use alerts::unwatched::LEFT_ALONE;

use super::Chrome;

/// Said on top of such an alert's page.
pub(super) struct Unwatched {
    /// Since when, and by which version.
    pub(super) since: String,
    /// What goes on and what does not.
    pub(super) goes_on: String,
    /// The line with which a concern that was only renamed keeps its alerts.
    pub(super) line: String,
}

impl Unwatched {
    /// Nothing while its concern is configured, or once it is closed.
    pub(super) fn of(chrome: &Chrome, site: &Site, alert: &Alert) -> Option<Unwatched> {
        alert.unwatched.as_ref().filter(|_| alert.is_open())?;
        let days = LEFT_ALONE.as_hours() / 24;
        let level = format::level_name(alert.level, chrome.language);
        Some(Unwatched {
            since: unwatched(alert, chrome.now, &site.zone, chrome.language),
            goes_on: match chrome.language {
                Language::Chinese => format!(
                    "级别停在{level}，不会再升降，也不会因回落而关闭；提醒照常。请认领、登记回应，处理完后关闭；过了回应时限 {days} 天仍无人关闭的，自动关闭。"
                ),
                Language::English => format!(
                    "It stays {level}: it neither rises nor falls, nor closes by falling back; reminders go on. Take it on, record the answer, then close it; it closes by itself {days} days after the answer was due."
                ),
            },
            line: format!("id = \"{}\"", escaped(&format::one_line(&alert.concern, 120))),
        })
    }
}

/// As a string in a configuration file.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
