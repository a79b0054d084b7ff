//! What the clock alone brings: nobody has taken an alert, an answer will be due, or is overdue.
//!
//! Pure: everything it weighs is in the alert's journal, so a restart repeats nothing.

use analyzer::level::Level;
use jiff::tz::TimeZone;
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
/// An answer due so soon after the quiet hours is asked for before they begin.
const AFTER_QUIET: SignedDuration = SignedDuration::from_hours(1);

/// The mail that is due now by the clock, if one is.
pub fn due(alert: &Alert, policy: &Policy, zone: &TimeZone, now: Timestamp) -> Option<Step> {
    if !policy.reminders || !alert.is_open() || alert.is_muted(now) || alert.last_told().is_none() {
        return None;
    }
    unclaimed(alert, policy, now).or_else(|| unanswered(alert, policy, zone, now))
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
    Some(unmuted.max(alert.deadline_set_at()))
}

fn unclaimed(alert: &Alert, policy: &Policy, now: Timestamp) -> Option<Step> {
    next_call(alert, policy).filter(|at| *at <= now).map(|_| Step::Unclaimed)
}

fn unanswered(alert: &Alert, policy: &Policy, zone: &TimeZone, now: Timestamp) -> Option<Step> {
    if alert.answered_at().is_some() {
        return None;
    }
    let deadline = alert.deadline;
    let just_told = alert.last_told().is_some_and(|told| now.duration_since(told) < SAME_NEWS);
    if now < deadline {
        let given = deadline.duration_since(alert.deadline_set_at());
        let before = policy.remind_before.min(given / 4);
        let night = night_before(alert, policy, zone);
        let is_near = night.unwrap_or(deadline).duration_since(now) <= before;
        // Whoever was told in the last hour knows the deadline as well.
        let is_due = is_near && sent(alert, Step::DueSoon).is_empty() && !(night.is_some() && just_told);
        return is_due.then_some(Step::DueSoon);
    }
    if just_told {
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

/// When the quiet hours begin in which, or within an hour after which, the answer is due: a warning that waited
/// for their end would come too late for anybody to act, so it comes as long before they begin.
fn night_before(alert: &Alert, policy: &Policy, zone: &TimeZone) -> Option<Timestamp> {
    let quiet = policy.quiet.as_ref().filter(|quiet| quiet.hold.contains(&alert.level))?;
    let began = |at: Timestamp| quiet.began(zone, at);
    began(alert.deadline).or_else(|| began(alert.deadline.checked_sub(AFTER_QUIET).ok()?))
}

/// The moments at which mails of one kind were written since the level last rose, each once.
fn sent(alert: &Alert, step: Step) -> Vec<Timestamp> {
    let since = alert.deadline_set_at();
    let mut moments: Vec<Timestamp> = Vec::new();
    for (time, event) in &alert.events {
        let is_it = matches!(event, Event::Queued { step: queued, .. } if *queued == step);
        if is_it && *time >= since && moments.last() != Some(time) {
            moments.push(*time);
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Answer;
    use crate::desk::tests::{Room, at};
    use crate::settings::Quiet;

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

    /// From 13:10 on, yellow waits over night and its answer is due after so many hours.
    fn yellow_due_in(hours: i64) -> Room {
        let mut policy = crate::desk::tests::policy();
        let (from, to) = (jiff::civil::time(22, 30, 0, 0), jiff::civil::time(6, 30, 0, 0));
        policy.quiet = Some(Quiet { from, to, hold: vec![Level::Yellow] });
        policy.response.yellow = SignedDuration::from_hours(hours);
        let mut room = Room::with(policy);
        room.next(Some(Level::Yellow));
        room.delivered();
        room
    }

    #[test]
    fn an_answer_due_in_quiet_hours_is_asked_for_before_they_begin() {
        let told = |due_in: i64| hours(&mut yellow_due_in(due_in), due_in + 5, Some(Level::Yellow));
        // Due at 03:20: as long before 22:30 as otherwise before 03:20.
        assert_eq!(told(14), ["11:00 1124-01.due", "22:30 1124-01.overdue"]);
        // Due at 07:20, when the night has been over for less than an hour.
        assert_eq!(told(18), ["10:30 1124-01.due", "23:20 1124-01.overdue"]);
        // Due at 08:20: what should have been said at 04:20 is said at 06:30.
        assert_eq!(told(19), ["22:30 1124-01.due", "00:20 1124-01.overdue"]);
        // Due at 22:20, before the night.
        assert_eq!(told(9), ["12:10 1124-01.due", "14:20 1124-01.overdue"]);
        // A level that breaks quiet hours is not affected: orange, due at 03:20, is asked for at midnight.
        let mut orange = yellow_due_in(14);
        orange.next(Some(Level::Orange));
        orange.delivered();
        orange.desk.acknowledge(orange.alert().id, "值班室", orange.now).unwrap();
        orange.delivered();
        assert_eq!(hours(&mut orange, 13, Some(Level::Orange)), ["16:00 1124-01.due"]);
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
