//! What the clock alone brings: nobody has taken an alert, an answer will be due, or is overdue.
//!
//! Pure: everything it weighs is in the alert's journal, so a restart repeats nothing.

use analyzer::level::Level;
use jiff::{SignedDuration, Timestamp};

use crate::alert::{Alert, Event, State, Step};
use crate::settings::Policy;

/// Nobody is asked more often than that to take one rise of an alert.
pub const CALLS: usize = 2;
/// An overdue answer is asked for at most that often.
pub const DUNNINGS: usize = 3;
/// The second call comes so many times the first one's wait after the first.
const SECOND_CALL: i32 = 3;
/// Who has just been told of a level is not told in the same hour that the answer is overdue.
const SAME_NEWS: SignedDuration = SignedDuration::from_hours(1);

/// The mail that is due now by the clock, if one is.
pub fn due(alert: &Alert, policy: &Policy, now: Timestamp) -> Option<Step> {
    if !policy.reminders || !alert.is_open() || alert.is_muted(now) || alert.last_told().is_none() {
        return None;
    }
    unclaimed(alert, policy, now).or_else(|| unanswered(alert, policy, now))
}

/// How often people have been called to take it since its level last rose.
pub fn calls(alert: &Alert) -> usize {
    sent(alert, Step::Unclaimed).len()
}

/// When the next mail is due by the clock if nothing happens: for hand-over sheets and pages.
pub fn next_call(alert: &Alert, policy: &Policy) -> Option<Timestamp> {
    if alert.was_acknowledged() || alert.level < Level::Orange || alert.state == State::Subsiding {
        return None;
    }
    match sent(alert, Step::Unclaimed).as_slice() {
        [] => begins_to_wait(alert)?.checked_add(policy.remind_after).ok(),
        [.., last] if calls(alert) < CALLS => last.checked_add(policy.remind_after * SECOND_CALL).ok(),
        _ => None,
    }
}

/// From when on somebody should take it: since people were last told, its level rose, or a mute ended.
fn begins_to_wait(alert: &Alert) -> Option<Timestamp> {
    let told = alert.last_told()?;
    let unmuted = alert.muted_until.filter(|_| alert.is_muted(told)).unwrap_or(told);
    Some(unmuted.max(deadline_set_at(alert)))
}

fn unclaimed(alert: &Alert, policy: &Policy, now: Timestamp) -> Option<Step> {
    next_call(alert, policy).filter(|at| *at <= now).map(|_| Step::Unclaimed)
}

fn unanswered(alert: &Alert, policy: &Policy, now: Timestamp) -> Option<Step> {
    if alert.answered_at().is_some() {
        return None;
    }
    let deadline = alert.deadline;
    if now < deadline {
        let given = deadline.duration_since(deadline_set_at(alert));
        let before = policy.remind_before.min(given / 4);
        let is_near = deadline.duration_since(now) <= before;
        return (is_near && sent(alert, Step::DueSoon).is_empty()).then_some(Step::DueSoon);
    }
    if alert.last_told().is_some_and(|told| now.duration_since(told) < SAME_NEWS) {
        return None;
    }
    let dunned = sent(alert, Step::Overdue);
    match dunned.last() {
        None => Some(Step::Overdue),
        Some(last) if dunned.len() < DUNNINGS && now.duration_since(*last) >= policy.remind_again => {
            Some(Step::Overdue)
        }
        Some(_) => None,
    }
}

/// The moments at which mails of one kind were written since the level last rose, each once.
fn sent(alert: &Alert, step: Step) -> Vec<Timestamp> {
    let since = deadline_set_at(alert);
    let mut moments: Vec<Timestamp> = Vec::new();
    for (time, event) in &alert.events {
        let is_it = matches!(event, Event::Queued { step: queued, .. } if *queued == step);
        if is_it && *time >= since && moments.last() != Some(time) {
            moments.push(*time);
        }
    }
    moments
}

/// When the deadline was last set: at the beginning, or when the level rose.
fn deadline_set_at(alert: &Alert) -> Timestamp {
    let set = alert
        .events
        .iter()
        .rev()
        .find(|(_, event)| matches!(event, Event::Raised { .. } | Event::Escalated { .. }));
    set.map_or(alert.raised_at, |(time, _)| *time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Answer;
    use crate::desk::tests::{Room, at};

    /// Lets the clock go on for so many hours, ten minutes at a time, and lists what the duty desk got.
    fn hours(room: &mut Room, hours: i64, level: Option<Level>) -> Vec<String> {
        let mut told = Vec::new();
        for _ in 0..hours * 6 {
            room.next(level);
            room.remind();
            for mail in room.delivered().into_iter().filter(|mail| mail.contains("duty@")) {
                told.push(format!("{} {}", room.now.strftime("%H:%M"), mail.split(' ').next().unwrap_or("")));
            }
        }
        told
    }

    #[test]
    fn an_orange_alert_that_nobody_takes_is_called_out_twice_and_one_that_is_taken_is_not() {
        let mut room = Room::new();
        room.desk.policy.remind_to = vec!["宣传部".to_owned()];
        let id = room.next(Some(Level::Orange))[0];
        room.delivered();
        let expected = ["05:40 1124-01.unclaimed", "06:30 1124-01.unclaimed.4"];
        assert_eq!(hours(&mut room, 5, Some(Level::Orange)), expected);
        assert_eq!(calls(&room.desk.alert(id).unwrap().unwrap()), CALLS);

        let mut taken = Room::new();
        let id = taken.next(Some(Level::Orange))[0];
        taken.desk.acknowledge(id, "值班室", taken.now).unwrap();
        taken.delivered();
        assert_eq!(hours(&mut taken, 5, Some(Level::Orange)), [""; 0]);
    }

    #[test]
    fn an_answer_is_asked_for_before_and_after_it_is_due_until_it_is_there() {
        let mut room = Room::new();
        let id = room.next(Some(Level::Red))[0];
        room.desk.acknowledge(id, "值班室", room.now).unwrap();
        room.delivered();
        let first = hours(&mut room, 6, Some(Level::Red));
        assert_eq!(first, ["09:10 1124-01.due", "10:20 1124-01.overdue"]);
        assert_eq!(hours(&mut room, 30, Some(Level::Red)), ["10:20 1124-01.overdue.4"]);
        let answer = Answer { by: "市卫健委".to_owned(), url: None, at: room.now };
        room.desk.respond(id, answer, room.now).unwrap();
        room.delivered();
        assert_eq!(hours(&mut room, 30, Some(Level::Red)), [""; 0]);
    }

    #[test]
    fn a_yellow_alert_is_asked_for_its_answer_but_not_called_out() {
        let mut room = Room::new();
        room.next(Some(Level::Yellow));
        room.delivered();
        let told = hours(&mut room, 49, Some(Level::Yellow));
        assert_eq!(told, ["01:20 1124-01.due", "05:20 1124-01.overdue"]);
        assert_eq!(room.now, at("2026-11-26T06:20:00Z"));
    }

    #[test]
    fn after_a_mute_or_a_stop_the_second_call_does_not_follow_at_once() {
        let mut room = Room::new();
        let id = room.next(Some(Level::Orange))[0];
        let until = room.now + SignedDuration::from_hours(4);
        room.desk.mute(id, ("值班室", "已在处理"), until, room.now).unwrap();
        room.delivered();
        let told = hours(&mut room, 6, Some(Level::Orange));
        assert_eq!(told, ["09:40 1124-01.unclaimed", "10:30 1124-01.unclaimed.4"]);
        // A higher level than the one muted is called out in spite of the mute.
        let until = room.now + SignedDuration::from_hours(12);
        room.desk.mute(id, ("值班室", "已在处理"), until, room.now).unwrap();
        let told = hours(&mut room, 1, Some(Level::Red));
        assert!(told[0].contains("red") && told[1].contains("unclaimed"), "{told:?}");
    }

    #[test]
    fn a_muted_alert_and_a_closed_one_are_left_alone() {
        let mut room = Room::new();
        let id = room.next(Some(Level::Orange))[0];
        let until = room.now + SignedDuration::from_hours(12);
        room.desk.mute(id, ("值班室", "已在处理"), until, room.now).unwrap();
        room.delivered();
        assert_eq!(hours(&mut room, 11, Some(Level::Orange)), [""; 0]);
        room.desk.close(id, "值班室", room.now).unwrap();
        room.delivered();
        assert_eq!(hours(&mut room, 30, Some(Level::Orange)), [""; 0]);
    }
}
