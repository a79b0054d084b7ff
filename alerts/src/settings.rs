//! What the office decided about alerts: who is written to, by when an answer is due. Values only.

use std::collections::BTreeMap;

use analyzer::level::Level;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// Everything that alerts and their mails follow. Each field has the shipped value as its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Groups written to at each level.
    pub routing: PerLevel<Vec<String>>,
    /// Mail addresses of each group.
    pub people: BTreeMap<String, Vec<String>>,
    /// Word in `routing` that stands for the concern's own department: 责任单位.
    pub department_word: String,
    /// Group that gets an alert for which routing names nobody that has an address: 值班室.
    pub duty: String,
    /// Group told when a source stops or mail does not leave: 管理员.
    pub administrators: String,
    /// How long the counts must stay lower before a level falls: 30 minutes.
    pub hold: SignedDuration,
    /// Time until an answer is due, from the first notice: 48, 48, 24 and 5 hours.
    pub response: PerLevel<SignedDuration>,
    /// A level reached before and reached again is mailed at most this often: 24 hours.
    pub update_every: SignedDuration,
    /// Whether the clock brings mails at all: in a backtest nobody could act on them.
    pub reminders: bool,
    /// The end of an alert is a mail of its own if it had reached this level, somebody had taken it, or
    /// somebody closed it: blue, so always.
    pub tell_end: Level,
    /// An orange or red alert that nobody has taken for so long is told again: 15 minutes.
    pub remind_after: SignedDuration,
    /// Groups told of it then, beside those who knew.
    pub remind_to: Vec<String>,
    /// So long before an answer is due it is asked for, at most a quarter of the time given: 4 hours.
    pub remind_before: SignedDuration,
    /// An answer that is overdue is asked for again after so long: 24 hours.
    pub remind_again: SignedDuration,
    /// Whether those who know of an alert are told that somebody took or answered it: yes.
    pub progress: bool,
    /// Hours in which lower levels wait.
    pub quiet: Option<Quiet>,
    /// How much mails say.
    pub detail: Detail,
    /// Sender of every mail, with or without a name.
    pub from: String,
    /// Host name in Message-ID and thread headers; no host needs to bear it.
    pub host: String,
    /// How long posts are kept; bodies of mails and evidence of alerts go before the posts they quote: 90 days.
    pub keep_text: SignedDuration,
    /// How long a closed alert is kept, and the record of mails: five years.
    pub keep_alerts: SignedDuration,
    /// How long a mail that cannot be delivered is tried again: 3 days.
    pub give_up: SignedDuration,
}

/// Hours of the local day in which mails of some levels wait for the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quiet {
    /// When they begin.
    pub from: Time,
    /// When they end; before `from` they pass midnight.
    pub to: Time,
    /// Levels that wait.
    pub hold: Vec<Level>,
}

impl Quiet {
    /// Whether a mail of that level waits at that local time.
    pub fn holds(&self, level: Level, time: Time) -> bool {
        let within = match self.from <= self.to {
            true => self.from <= time && time < self.to,
            false => self.from <= time || time < self.to,
        };
        within && self.hold.contains(&level)
    }

    /// When the quiet hours began that a moment lies in; their end still belongs to them.
    pub(crate) fn began(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let local = zone.to_datetime(at);
        let today = local.date();
        let began = [today.checked_sub(1.day()).ok(), Some(today)].into_iter().flatten().find_map(|day| {
            let last = if self.from <= self.to { day } else { day.checked_add(1.day()).ok()? };
            let (from, to) = (day.to_datetime(self.from), last.to_datetime(self.to));
            (from < local && local <= to).then_some(from)
        })?;
        zone.to_timestamp(began).ok()
    }
}

/// How much mails say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Everything.
    Full,
    /// Level, name, number and link: for mail systems outside the office's own network.
    Brief,
}

/// One value for each level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PerLevel<T> {
    /// 蓝
    pub blue: T,
    /// 黄
    pub yellow: T,
    /// 橙
    pub orange: T,
    /// 红
    pub red: T,
}

impl<T> PerLevel<T> {
    /// The value of one level.
    pub fn of(&self, level: Level) -> &T {
        match level {
            Level::Blue => &self.blue,
            Level::Yellow => &self.yellow,
            Level::Orange => &self.orange,
            Level::Red => &self.red,
        }
    }
}

impl Policy {
    /// Until when the text of a mail or the evidence of an alert written now is kept. It quotes posts of
    /// the day before, so it goes a day earlier than a post stored now.
    pub(crate) fn text_expires(&self, now: Timestamp) -> Timestamp {
        let day = SignedDuration::from_hours(24);
        let keep = self.keep_text.saturating_sub(day).max(day);
        now.checked_add(keep).unwrap_or(Timestamp::MAX)
    }

    /// Whom to write to: each address once, with the first group in the order of `routing` that names it.
    ///
    /// Falls back to the duty desk when the groups named have no address, so that no alert is lost to
    /// a missing department; an empty list for the level means that nobody is to be written to.
    pub fn recipients(&self, level: Level, department: Option<&str>) -> Vec<Recipient> {
        let named = self.routing.of(level);
        let groups = named.iter().filter_map(|group| match *group == self.department_word {
            true => department,
            false => Some(group.as_str()),
        });
        let recipients = self.members(groups);
        if recipients.is_empty() && !named.is_empty() {
            return self.members([self.duty.as_str()].into_iter());
        }
        recipients
    }

    /// Whether mails of that level wait for the end of quiet hours now.
    pub(crate) fn holds(&self, level: Level, zone: &TimeZone, now: Timestamp) -> bool {
        self.quiet.as_ref().is_some_and(|quiet| quiet.holds(level, zone.to_datetime(now).time()))
    }

    /// Groups told beside those who knew when nobody takes an alert: `remind_to` first, and the second
    /// time whoever the next level would reach.
    pub fn reminded(&self, level: Level, department: Option<&str>, second: bool) -> Vec<Recipient> {
        let groups = self.remind_to.iter().filter_map(|group| match *group == self.department_word {
            true => department,
            false => Some(group.as_str()),
        });
        let mut recipients = self.members(groups);
        if second && let Some(next) = level.next() {
            recipients.extend(self.recipients(next, department));
        }
        recipients
    }

    /// Who is told of the program's own troubles: the administrators, else the duty desk.
    pub fn administrators(&self) -> Vec<Recipient> {
        self.members(std::iter::once(self.administrators_group()))
    }

    /// The group that [`Policy::administrators`] are of.
    pub fn administrators_group(&self) -> &str {
        let has_own = self.people.get(&self.administrators).is_some_and(|addresses| !addresses.is_empty());
        if has_own { &self.administrators } else { &self.duty }
    }

    /// The addresses of some groups, each once.
    pub fn members<'a>(&self, groups: impl Iterator<Item = &'a str>) -> Vec<Recipient> {
        let mut recipients: Vec<Recipient> = Vec::new();
        for group in groups {
            for address in self.people.get(group).into_iter().flatten() {
                if !recipients.iter().any(|known| known.address.eq_ignore_ascii_case(address)) {
                    recipients.push(Recipient { group: group.to_owned(), address: address.clone() });
                }
            }
        }
        recipients
    }
}

/// One address and the group for which it is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Name of the group, said at the foot of the mail.
    pub group: String,
    /// Mail address.
    pub address: String,
}

impl Default for Policy {
    fn default() -> Self {
        let duty = "值班室".to_owned();
        let department = "责任单位".to_owned();
        let information = "宣传部".to_owned();
        let leader = "分管领导".to_owned();
        Policy {
            routing: PerLevel {
                blue: vec![duty.clone()],
                yellow: vec![duty.clone(), department.clone()],
                orange: vec![duty.clone(), department.clone(), information.clone()],
                red: vec![duty.clone(), department.clone(), information, leader],
            },
            people: BTreeMap::new(),
            department_word: department,
            duty,
            administrators: "管理员".to_owned(),
            hold: SignedDuration::from_mins(30),
            response: PerLevel {
                blue: SignedDuration::from_hours(48),
                yellow: SignedDuration::from_hours(48),
                orange: SignedDuration::from_hours(24),
                red: SignedDuration::from_hours(5),
            },
            update_every: SignedDuration::from_hours(24),
            reminders: true,
            tell_end: Level::Blue,
            remind_after: SignedDuration::from_mins(15),
            remind_to: Vec::new(),
            remind_before: SignedDuration::from_hours(4),
            remind_again: SignedDuration::from_hours(24),
            progress: true,
            quiet: None,
            detail: Detail::Full,
            from: "guanlan@localhost".to_owned(),
            host: "guanlan.localhost".to_owned(),
            keep_text: SignedDuration::from_hours(90 * 24),
            keep_alerts: SignedDuration::from_hours(5 * 365 * 24),
            give_up: SignedDuration::from_hours(72),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_two_groups_is_written_to_once_under_the_first() {
        let mut policy = Policy::default();
        policy.people.insert("值班室".into(), vec!["duty@example.org".into(), "both@example.org".into()]);
        policy.people.insert("市卫健委".into(), vec!["Both@example.org".into(), "health@example.org".into()]);
        let recipients = policy.recipients(Level::Yellow, Some("市卫健委"));
        let seen: Vec<_> = recipients.iter().map(|r| (r.group.as_str(), r.address.as_str())).collect();
        let expected = [
            ("值班室", "duty@example.org"),
            ("值班室", "both@example.org"),
            ("市卫健委", "health@example.org"),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn groups_without_an_address_fall_back_to_the_duty_desk_but_an_empty_list_to_nobody() {
        let mut policy = Policy::default();
        policy.people.insert("值班室".into(), vec!["duty@example.org".into()]);
        policy.routing.orange = vec!["责任单位".into()];
        policy.routing.blue = Vec::new();
        assert_eq!(policy.recipients(Level::Orange, None).len(), 1);
        assert_eq!(policy.recipients(Level::Blue, None), []);
    }
}
