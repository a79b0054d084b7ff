//! The forms of an alert's page: only those that its state allows.

use alerts::action::LONGEST_MUTE;
use alerts::alert::{Alert, State, Worth};
use alerts::format;
use alerts::message::Language;
use analyzer::concern::Concern;
use analyzer::explain::Statement;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Chrome;
use crate::acting::{Hours, evening, morning};

/// The forms of one alert.
pub(super) struct Acts {
    /// Prefix of their addresses.
    pub(super) path: String,
    /// Which of them stands open: the one that was asked for.
    pub(super) wanted: String,
    /// Whether nobody has it yet.
    pub(super) may_take: bool,
    pub(super) is_open: bool,
    /// Whether its concern is counted: else it does not close by falling back.
    pub(super) is_counted: bool,
    /// Ends of a mute: the name of the field's value and its words.
    pub(super) lengths: Vec<(&'static str, String)>,
    /// Muted until then, while that holds.
    pub(super) muted: Option<String>,
    /// Keys and names of the statements found.
    pub(super) found: Vec<(String, String)>,
    /// The answer that would be withdrawn: who gave it, and when.
    pub(super) last_answer: Option<String>,
    /// Who owns the concern, as a proposal.
    pub(super) department: String,
    /// What it may have been worth: value, words, whether that was said last.
    pub(super) worth: [(&'static str, &'static str, bool); 3],
}

impl Acts {
    pub(super) fn of(
        chrome: &Chrome,
        (alert, concern): (&Alert, &Concern),
        found: &[Statement],
        hours: Hours<'_>,
        wanted: &str,
    ) -> Acts {
        let moment = |at: Timestamp| format::moment(at, chrome.now, hours.zone, chrome.language);
        Acts {
            path: format!("/a/{}", alert.id),
            wanted: wanted.to_owned(),
            may_take: may_take(alert),
            is_open: alert.is_open(),
            is_counted: alert.unwatched.is_none(),
            lengths: lengths(chrome, hours),
            muted: alert.muted_until.filter(|until| chrome.now < *until).map(moment),
            found: since(found, alert.onset).map(|statement| named(chrome, hours.zone, statement)).collect(),
            last_answer: alert
                .last_answer()
                .map(|last| format!("{} {}", format::one_line(last.by, 40), moment(last.at))),
            department: concern
                .department
                .as_deref()
                .map(|name| format::one_line(name, 40))
                .unwrap_or_default(),
            worth: [("useful", Worth::Useful), ("known", Worth::Known), ("noise", Worth::Noise)].map(
                |(name, worth)| {
                    (name, format::worth_name(worth, chrome.language), alert.worth() == Some(worth))
                },
            ),
        }
    }

    /// Where a form goes.
    pub(super) fn to(&self, chrome: &Chrome, action: &str) -> String {
        chrome.to(&format!("{}/{action}", self.path))
    }

    pub(super) fn wants(&self, form: &str) -> bool {
        self.wanted == form
    }
}

/// What is likely to be done next with an alert, for whoever may do it.
pub(super) struct NextSteps {
    /// Where it is taken on by one press, while nobody has it: the button's name and the form's address.
    pub(super) take: Option<(String, String)>,
    /// Addresses of forms and their words, the likeliest first.
    pub(super) links: Vec<(String, &'static str)>,
}

impl NextSteps {
    pub(super) fn of(chrome: &Chrome, alert: &Alert) -> NextSteps {
        let mut links = super::alert_list::steps(chrome, alert);
        let waits = chrome.may_act() && may_take(alert);
        if waits && !links.is_empty() {
            links.remove(0);
        }
        let take = || (format!("take-{}", alert.id), chrome.to(&format!("/a/{}/take", alert.id)));
        NextSteps { take: waits.then(take), links }
    }
}

/// Whether an alert waits for somebody to take it on.
pub(super) fn may_take(alert: &Alert) -> bool {
    alert.is_open() && alert.held_by().is_none() && alert.state != State::Responded
}

/// What was published before the rise began did not answer it.
fn since(found: &[Statement], onset: Timestamp) -> impl Iterator<Item = &Statement> {
    found.iter().filter(move |statement| statement.time >= onset)
}

fn named(chrome: &Chrome, zone: &TimeZone, statement: &Statement) -> (String, String) {
    let time = format::moment(statement.time, chrome.now, zone, chrome.language);
    let title = format::one_line(&statement.title, 40);
    (statement.key(), format!("{title} · {} · {time}", format::one_line(&statement.source, 20)))
}

fn lengths(chrome: &Chrome, hours: Hours<'_>) -> Vec<(&'static str, String)> {
    let clock = |at: Timestamp| format::clock(at, hours.zone);
    let mut lengths = vec![("2h", chrome.say("2 小时", "2 hours").to_owned())];
    if let Some(evening) = evening(hours) {
        lengths.push(("18:00", format!("{} {}", chrome.say("到今天", "until today"), clock(evening))));
    }
    if let Some(morning) = morning(hours) {
        lengths.push(("morning", format!("{} {}", chrome.say("到明早", "until tomorrow"), clock(morning))));
    }
    let days = LONGEST_MUTE.as_hours() / 24;
    lengths.push((
        "3d",
        match chrome.language {
            Language::Chinese => format!("{days} 天（最长）"),
            Language::English => format!("{days} days (the longest)"),
        },
    ));
    lengths
}
