//! What people do about an alert: take it, answer, withdraw an answer, mute, close, note. Each is one line in the journal.

use jiff::{SignedDuration, Timestamp};

use crate::alert::{Alert, AlertId, Event, Step, Worth};
use crate::desk::{self, Desk, DeskError, Tracked};
use crate::entry::{Entry, Telling};
use crate::life::Watch;

/// Longest time an alert may be muted.
pub const LONGEST_MUTE: SignedDuration = SignedDuration::from_hours(72);

/// An answer may have been published so long before the alert was raised.
pub const OLDEST_ANSWER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Characters of the name of a post.
const LONGEST_NAME: usize = 200;
/// Characters of a note or a reason.
const LONGEST_TEXT: usize = 2000;

/// An answer that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Post held or department, e.g. 市卫健委.
    pub by: String,
    /// Address of the answer.
    pub url: Option<String>,
    /// When it was published.
    pub at: Timestamp,
}

impl Desk {
    /// Somebody takes it (认领). Doing it twice is harmless: the first stands, and is returned.
    pub fn acknowledge(&mut self, id: AlertId, by: &str, now: Timestamp) -> Result<Alert, DeskError> {
        let alert = self.open_alert(id)?;
        if alert.held_by().is_some() {
            return Ok(alert);
        }
        self.act(alert, Event::Acknowledged { by: named(by, "by")? }, now)
    }

    /// An answer was published (登记回应): the clock stops.
    pub fn respond(&mut self, id: AlertId, answer: Answer, now: Timestamp) -> Result<Alert, DeskError> {
        let alert = self.known_alert(id)?;
        let by = named(&answer.by, "by")?;
        if answer.at < alert.raised_at.checked_sub(OLDEST_ANSWER).unwrap_or(Timestamp::MIN) {
            return Err(DeskError::AnsweredTooEarly);
        }
        self.act(alert, Event::Responded { by, url: answer.url, at: answer.at.min(now) }, now)
    }

    /// The last answer was recorded by mistake (撤回回应): the clock runs again, unless an earlier one holds.
    pub fn withdraw(
        &mut self,
        id: AlertId,
        (by, reason): (&str, &str),
        now: Timestamp,
    ) -> Result<Alert, DeskError> {
        let alert = self.known_alert(id)?;
        if alert.last_answer().is_none() {
            return Err(DeskError::NothingToWithdraw);
        }
        self.act(alert, Event::Withdrawn { by: named(by, "by")?, reason: named(reason, "reason")? }, now)
    }

    /// No mail until then, unless the level rises (静默).
    pub fn mute(
        &mut self,
        id: AlertId,
        (by, reason): (&str, &str),
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Alert, DeskError> {
        if until <= now || until.duration_since(now) > LONGEST_MUTE {
            return Err(DeskError::MutedTooLong { until });
        }
        let alert = self.open_alert(id)?;
        let event = Event::Muted { by: named(by, "by")?, reason: named(reason, "reason")?, until };
        self.act(alert, event, now)
    }

    /// Closed by hand (关闭).
    pub fn close(&mut self, id: AlertId, by: &str, now: Timestamp) -> Result<Alert, DeskError> {
        let alert = self.open_alert(id)?;
        self.act(alert, Event::Resolved { by: Some(named(by, "by")?) }, now)
    }

    /// Judged a false alarm (误报), which closes it.
    pub fn false_alarm(
        &mut self,
        id: AlertId,
        (by, reason): (&str, &str),
        now: Timestamp,
    ) -> Result<Alert, DeskError> {
        let alert = self.open_alert(id)?;
        self.act(alert, Event::FalseAlarm { by: named(by, "by")?, reason: named(reason, "reason")? }, now)
    }

    /// A note, also on a closed alert.
    pub fn note(
        &mut self,
        id: AlertId,
        (by, text): (&str, &str),
        now: Timestamp,
    ) -> Result<Alert, DeskError> {
        let alert = self.known_alert(id)?;
        self.act(alert, Event::Noted { by: named(by, "by")?, text: named(text, "text")? }, now)
    }

    /// What it was worth (反馈), also of a closed alert; whoever says so again changes it.
    pub fn rate(&mut self, id: AlertId, by: &str, worth: Worth, now: Timestamp) -> Result<Alert, DeskError> {
        let alert = self.known_alert(id)?;
        self.act(alert, Event::Rated { by: named(by, "by")?, worth }, now)
    }

    fn known_alert(&self, id: AlertId) -> Result<Alert, DeskError> {
        self.alert(id)?.ok_or(DeskError::Unknown(id))
    }

    fn open_alert(&self, id: AlertId) -> Result<Alert, DeskError> {
        let alert = self.known_alert(id)?;
        if alert.is_open() { Ok(alert) } else { Err(DeskError::Closed(id)) }
    }

    /// Journals one event. A closing, and that somebody took or answered it, is told to those who were told
    /// of the alert, from the last evidence kept, or without any once its time is over.
    fn act(&mut self, mut alert: Alert, event: Event, now: Timestamp) -> Result<Alert, DeskError> {
        let closes = matches!(event, Event::Resolved { .. } | Event::FalseAlarm { .. });
        let progress = match event {
            Event::Acknowledged { .. } => Some(Step::Acknowledged),
            Event::Responded { .. } => Some(Step::Responded),
            Event::Withdrawn { .. } => Some(Step::Withdrawn),
            _ => None,
        };
        // Who works at night does not wake the others for a low level.
        let is_told = self.policy.progress && alert.is_open() && alert.was_told() && !alert.is_muted(now);
        let progress = progress.filter(|_| is_told && !self.policy.holds(alert.level, &self.site.zone, now));
        let evidence = if closes || progress.is_some() { self.fresh_snapshot(alert.id, now)? } else { None };
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        let signer = self.signer.as_ref();
        let (policy, site, version) = (&self.policy, &self.site, self.version.as_deref());
        let entry = Entry { transaction: &transaction, policy, site, signer, version, now };
        let write = || -> rusqlite::Result<()> {
            if matches!(event, Event::Acknowledged { .. }) {
                entry.notice(&mut alert)?;
            }
            entry.append(&mut alert, event)?;
            if closes {
                desk::save_watch(&entry, alert.id, &Watch::default())?;
            }
            if !closes && progress.is_none() {
                return Ok(());
            }
            let concern = &*alert.concern_among(self.concerns.values());
            let evidence = evidence.as_ref().map(|(signal, explanation)| (signal, explanation));
            let told = Telling { concern, evidence, beside: &[], above: None };
            match progress {
                Some(step) => {
                    let recipients = entry.told(alert.id)?;
                    entry.write(&mut alert, &told, step, &recipients)
                }
                None => entry.tell(&mut alert, &told).map(drop),
            }
        };
        write().map_err(&error)?;
        transaction.commit().map_err(error)?;
        if let Some(tracked) = self.latest.get_mut(&alert.concern).filter(|known| known.alert.id == alert.id)
        {
            let watch = if closes { Watch::default() } else { tracked.watch.clone() };
            *tracked = Tracked { alert: alert.clone(), watch };
        }
        Ok(alert)
    }
}

fn named(text: &str, what: &'static str) -> Result<String, DeskError> {
    let text = text.trim();
    let longest = if what == "by" { LONGEST_NAME } else { LONGEST_TEXT };
    if text.is_empty() {
        return Err(DeskError::Missing(what));
    }
    if text.chars().count() > longest { Err(DeskError::TooLong(what, longest)) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;

    use super::*;
    use crate::alert::State;
    use crate::desk::tests::Room;

    fn firing(level: Level) -> (Room, AlertId) {
        let mut room = Room::new();
        let id = room.next(Some(level))[0];
        room.delivered();
        (room, id)
    }

    fn duty_mails(room: &mut Room) -> Vec<String> {
        room.delivered().into_iter().filter(|mail| mail.contains("duty@")).collect()
    }

    #[test]
    fn the_first_to_take_an_alert_has_it() {
        let (mut room, id) = firing(Level::Yellow);
        let now = room.now;
        room.desk.acknowledge(id, "值班室", now).unwrap();
        let again = room.desk.acknowledge(id, "宣传部", now).unwrap();
        assert_eq!(again.state, State::Acknowledged);
        let takers = again.events.iter().filter(|(_, event)| matches!(event, Event::Acknowledged { .. }));
        assert_eq!(takers.count(), 1);
        let told =
            ["1124-01.acknowledged duty@qinglan.example", "1124-01.acknowledged.2 health@qinglan.example"];
        assert_eq!(room.delivered(), told);
        assert!(room.desk.acknowledge(id, " ", now).is_ok());
        assert_eq!(room.delivered(), [""; 0]);
        assert!(matches!(room.desk.note(id, ("值班室", " "), now), Err(DeskError::Missing("text"))));
        let unknown = AlertId { number: 9, ..id };
        assert!(matches!(room.desk.acknowledge(unknown, "值班室", now), Err(DeskError::Unknown(_))));
    }

    #[test]
    fn an_answer_stops_the_clock_until_the_level_rises() {
        let (mut room, id) = firing(Level::Yellow);
        let answer = Answer { by: "市卫健委".to_owned(), url: None, at: room.now };
        let alert = room.desk.respond(id, answer, room.now).unwrap();
        assert_eq!((alert.state, alert.answered_at()), (State::Responded, Some(room.now)));
        room.next(Some(Level::Orange));
        let risen = room.alert();
        assert_eq!((risen.state, risen.answered_at()), (State::Firing, None));
        // Nobody had taken it: now somebody must, and can.
        let taken = room.desk.acknowledge(id, "值班室", room.now).unwrap();
        assert_eq!((taken.state, taken.held_by().map(|(by, _)| by)), (State::Acknowledged, Some("值班室")));
        assert_eq!(risen.deadline.duration_since(room.now), SignedDuration::from_hours(24));
    }

    #[test]
    fn an_answer_recorded_by_mistake_is_withdrawn_and_those_who_were_told_of_it_are_told() {
        let (mut room, id) = firing(Level::Yellow);
        let now = room.now;
        let wrong = ("值班室", "登记错了");
        assert!(matches!(room.desk.withdraw(id, wrong, now), Err(DeskError::NothingToWithdraw)));
        let answer = Answer { by: "市卫健委".to_owned(), url: None, at: now };
        room.desk.respond(id, answer, now).unwrap();
        room.delivered();
        let alert = room.desk.withdraw(id, wrong, now).unwrap();
        assert_eq!((alert.state, alert.answered_at()), (State::Firing, None));
        assert!(alert.awaits_answer());
        let told = ["1124-01.withdrawn duty@qinglan.example", "1124-01.withdrawn.2 health@qinglan.example"];
        assert_eq!(room.delivered(), told);
        assert!(matches!(room.desk.withdraw(id, wrong, now), Err(DeskError::NothingToWithdraw)));
        assert!(room.desk.withdraw(id, ("值班室", " "), now).is_err());
    }

    #[test]
    fn a_muted_alert_is_silent_until_it_rises_above_the_level_it_was_muted_at() {
        let (mut room, id) = firing(Level::Yellow);
        let until = room.now + SignedDuration::from_hours(8);
        let too_long = room.now + SignedDuration::from_hours(73);
        let by = ("值班室", "已在处理");
        assert!(matches!(room.desk.mute(id, by, too_long, room.now), Err(DeskError::MutedTooLong { .. })));
        room.desk.mute(id, by, until, room.now).unwrap();
        for _ in 0..12 {
            room.next(Some(Level::Blue));
        }
        room.next(Some(Level::Yellow));
        assert_eq!(duty_mails(&mut room), [""; 0]);
        room.next(Some(Level::Orange));
        assert_eq!(duty_mails(&mut room), ["1124-01.orange duty@qinglan.example"]);
    }

    #[test]
    fn what_an_alert_was_worth_may_be_said_of_a_closed_one_and_changed() {
        let (mut room, id) = firing(Level::Yellow);
        assert_eq!(room.alert().worth(), None);
        room.desk.false_alarm(id, ("值班室", "广告"), room.now).unwrap();
        assert_eq!(room.alert().worth(), Some(Worth::Noise));
        let rated = room.desk.rate(id, "值班室", Worth::Known, room.now).unwrap();
        assert_eq!((rated.worth(), rated.state), (Some(Worth::Known), State::FalseAlarm));
        assert!(matches!(room.desk.rate(id, " ", Worth::Useful, room.now), Err(DeskError::Missing("by"))));
        assert_eq!(room.desk.journal.alert(id).unwrap().unwrap().worth(), Some(Worth::Known));
    }

    #[test]
    fn an_alert_closed_by_hand_stays_closed_while_nothing_new_happens() {
        let (mut room, id) = firing(Level::Yellow);
        let closed = room.desk.false_alarm(id, ("值班室", "广告"), room.now).unwrap();
        assert_eq!(closed.state, State::FalseAlarm);
        assert_eq!(duty_mails(&mut room), ["1124-01.resolved duty@qinglan.example"]);
        assert!(matches!(room.desk.close(id, "值班室", room.now), Err(DeskError::Closed(_))));
        for _ in 0..6 {
            assert_eq!(room.next(Some(Level::Yellow)), []);
        }
        assert_eq!(room.next(Some(Level::Orange)), [id]);
        assert_eq!(duty_mails(&mut room), ["1124-01.orange duty@qinglan.example"]);
        room.desk.close(id, "值班室", room.now).unwrap();
        for _ in 0..4 {
            room.next(None);
        }
        assert_eq!(room.next(Some(Level::Blue)), [id]);
        assert!(room.alert().is_open());
    }
}
