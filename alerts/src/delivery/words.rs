//! The way of a mail in words, for the page and the command line.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Attempt, Delivery, Tried, Unreached, masked_reply};
use crate::alert::{Alert, Event, Step};
use crate::format;
use crate::message::Language::{self, Chinese, English};
use crate::outbox::MailState;
use crate::{channel, reply};

/// Which clock and language words are in.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Zone of times.
    pub zone: &'a TimeZone,
    /// Moment of reading: days other than today are named.
    pub now: Timestamp,
    /// Language.
    pub language: Language,
}

/// The way of one mail, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The group, or the channel.
    pub to: String,
    /// Why it was written: `首次提示`.
    pub step: &'static str,
    /// How it stands.
    pub state: MailState,
    /// When it was written, tried, and taken or refused.
    pub way: String,
    /// What the other side's words mean and what to do, where it was not taken at once.
    pub meaning: Option<String>,
    /// Its own words, addresses covered.
    pub said: Option<String>,
}

impl Delivery {
    /// The way of this mail, in words.
    pub fn told(&self, alert: &Alert, reader: Reader<'_>) -> Told {
        let step = alert.events.iter().find_map(|(_, event)| match event {
            Event::Queued { message, step } if *message == self.message_id => Some(*step),
            _ => None,
        });
        let said = self.attempts.iter().rev().find_map(|tried| tried.said.clone());
        let said = said.filter(|_| self.state != MailState::Sent);
        let words = said.as_deref().map(|said| match self.channel {
            Some(_) => reply::of_channel(said),
            None => reply::of_mail_server(said),
        });
        let meaning = words.map(|words| chosen(words.zh, words.en, reader.language));
        let to = match &self.channel {
            Some(name) => name.clone(),
            None => self.group.clone(),
        };
        let to = format::one_line(&to, 40);
        let said = said.map(|said| format::one_line(&said, 300));
        Told {
            to,
            step: step_name(step, reader.language),
            state: self.state,
            way: self.way(reader),
            meaning,
            said,
        }
    }

    fn way(&self, reader: Reader<'_>) -> String {
        let clock = |at: Timestamp| format::moment(at, reader.now, reader.zone, reader.language);
        let queued = clock(self.queued);
        let tries = self.attempts.len();
        let last = self.attempts.last().map(|Attempt { at, .. }| clock(*at));
        let (zh, en) = match (self.state, last) {
            (MailState::Sent, None) => (format!("{queued} 写好，已送出"), format!("written {queued}, sent")),
            (MailState::Sent, Some(last)) => {
                let (zh, en) = again(tries);
                (format!("{queued} 写好，{last} 送出{zh}"), format!("written {queued}, sent {last}{en}"))
            }
            (MailState::Waiting, None) => {
                (format!("{queued} 写好，等待发送"), format!("written {queued}, waiting"))
            }
            (MailState::Waiting, Some(last)) => (
                format!("{queued} 写好，试了 {tries} 次，最近 {last}，还会再试"),
                format!("written {queued}, tried {tries} times, last {last}; it is tried again"),
            ),
            (MailState::Refused, last) => {
                let last = last.unwrap_or_else(|| queued.clone());
                (format!("{queued} 写好，{last} 被拒收"), format!("written {queued}, refused {last}"))
            }
            (MailState::Expired, _) => (
                format!("{queued} 写好，试了 {tries} 次没有送到，已放弃"),
                format!("written {queued}, given up after {tries} tries"),
            ),
        };
        chosen(zh, en, reader.language)
    }
}

/// Nothing of a mail that went at once.
fn again(tries: usize) -> (String, String) {
    if tries < 2 {
        return (String::new(), String::new());
    }
    (format!("（第 {tries} 次）"), format!(" (try {tries})"))
}

impl Tried {
    /// In words.
    pub fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Tried::Sent, Chinese) => "送出",
            (Tried::Sent, English) => "sent",
            (Tried::Refused, Chinese) => "被拒收",
            (Tried::Refused, English) => "refused",
            (Tried::Later, Chinese) => "请稍后再试",
            (Tried::Later, English) => "asked to come back",
            (Tried::Throttled, Chinese) => "限流",
            (Tried::Throttled, English) => "too fast",
            (Tried::Unreachable, Chinese) => "连不上",
            (Tried::Unreachable, English) => "unreachable",
        }
    }
}

impl Unreached {
    /// `值班室：2 封被拒收，1 封在等：收件地址不存在……`; names the group, never the address.
    pub fn told(&self, language: Language) -> String {
        let channel = channel::name_of(&self.recipient);
        let name = format::one_line(channel.unwrap_or(&self.group), 40);
        let counts = [
            (self.refused, "封被拒收", "refused"),
            (self.expired, "封已放弃", "given up"),
            (self.waiting, "封在等", "waiting"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, zh, en)| chosen(format!("{count} {zh}"), format!("{count} {en}"), language))
            .collect();
        let meaning = self.said.as_deref().map(|said| match channel {
            Some(_) => reply::of_channel(said),
            None => reply::of_mail_server(said),
        });
        match (language, meaning) {
            (Chinese, Some(meaning)) => format!("{name}：{}（{}）", counts.join("，"), meaning.zh),
            (Chinese, None) => format!("{name}：{}", counts.join("，")),
            (English, Some(meaning)) => format!("{name}: {} ({})", counts.join(", "), meaning.en),
            (English, None) => format!("{name}: {}", counts.join(", ")),
        }
    }

    /// What was said last, addresses covered.
    pub fn said(&self) -> Option<String> {
        self.said.as_deref().map(|said| format::one_line(&masked_reply(said), 300))
    }
}

fn step_name(step: Option<Step>, language: Language) -> &'static str {
    match (step, language) {
        (Some(Step::Raised), Chinese) => "首次提示",
        (Some(Step::Raised), English) => "first notice",
        (Some(Step::Escalated), Chinese) => "升级",
        (Some(Step::Escalated), English) => "raised further",
        (Some(Step::Resolved), Chinese) => "结束",
        (Some(Step::Resolved), English) => "over",
        (Some(Step::Unclaimed), Chinese) => "催认领",
        (Some(Step::Unclaimed), English) => "nobody took it",
        (Some(Step::DueSoon), Chinese) => "回应将到期",
        (Some(Step::DueSoon), English) => "answer due soon",
        (Some(Step::Overdue), Chinese) => "回应已超时",
        (Some(Step::Overdue), English) => "answer overdue",
        (Some(Step::Acknowledged), Chinese) => "有人认领",
        (Some(Step::Acknowledged), English) => "taken on",
        (Some(Step::Responded), Chinese) => "已登记回应",
        (Some(Step::Responded), English) => "answered",
        (Some(Step::Withdrawn), Chinese) => "回应已撤回",
        (Some(Step::Withdrawn), English) => "answer withdrawn",
        (_, Chinese) => "通知",
        (_, English) => "notice",
    }
}

fn chosen(zh: String, en: String, language: Language) -> String {
    match language {
        Chinese => zh,
        English => en,
    }
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;

    use super::*;
    use crate::desk::tests::Room;
    use crate::mail::Outcome;
    use crate::outbox::Road;

    #[test]
    fn the_way_of_a_mail_is_told_in_plain_language() {
        let mut room = Room::new();
        let id = room.next(Some(Level::Yellow))[0];
        let refused = Outcome::Refused {
            code: 550,
            reply: "permanent error (550): <duty@qinglan.example> no such user".to_owned(),
        };
        let later = Outcome::Later { reply: "transient error (450): greylisted".to_owned() };
        for outcome in [refused, later, Outcome::Sent] {
            let outgoing = room.desk.next_due(Road::Mail, room.now).unwrap().unwrap();
            room.desk.record(&outgoing, &outcome, room.now).unwrap();
            room.now += jiff::SignedDuration::from_mins(1);
        }
        let alert = room.alert();
        let zone = room.desk.site.zone.clone();
        let told = |language| {
            let reader = Reader { zone: &zone, now: room.now, language };
            room.desk.deliveries(id).unwrap().iter().map(|mail| mail.told(&alert, reader)).collect::<Vec<_>>()
        };
        let [first, second] = &told(Chinese)[..] else { unreachable!() };
        assert_eq!((first.to.as_str(), first.step), ("值班室", "首次提示"));
        assert!(first.way.ends_with("被拒收"), "{}", first.way);
        assert!(first.meaning.as_deref().unwrap().starts_with("收件地址不存在"));
        assert_eq!(first.said.as_deref(), Some("permanent error (550): <d***@qinglan.example> no such user"));
        assert!(second.way.contains("送出（第 2 次）"), "{}", second.way);
        assert_eq!((&second.meaning, &second.said), (&None, &None));
        assert!(told(English)[0].meaning.as_deref().unwrap().starts_with("the address does not exist"));
        let unreached = room.desk.unreached(Timestamp::UNIX_EPOCH, room.now).unwrap();
        let told = unreached[0].told(Chinese);
        assert!(told.starts_with("值班室：1 封被拒收（收件地址不存在"), "{told}");
        assert!(!told.contains('@'));
    }
}
