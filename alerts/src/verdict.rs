//! Whether people are written to now, and why. Pure: everything it weighs is in the alert's journal.

use analyzer::level::Level;
use jiff::Timestamp;

use crate::alert::{Alert, Event, Step};
use crate::settings::Policy;

/// Whether to write, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody has been told of this alert yet.
    First,
    /// It stands higher than people were told.
    Escalated,
    /// It had been closed and rises again.
    Reopened,
    /// It rises above the level at which it was muted.
    RisenWhileMuted,
    /// It is closed and people have not been told.
    Resolved,
    /// It closed by itself, never was high, and nobody had taken it: digest and hand-over sheet say so.
    EndOfLow,
    /// Muted, and not higher than when it was muted.
    Muted,
    /// There is something to tell, which waits for the end of the quiet hours.
    Quiet(Step),
    /// Everybody who would be told knows of another alert that most of its posts belong to as well.
    Inhibited,
    /// A level people were told of before, again within the time between two updates.
    TooSoon,
    /// People know all there is to know.
    Silent,
}

impl Verdict {
    /// Which mail to write, if one is to be written.
    pub fn step(self) -> Option<Step> {
        match self {
            Verdict::First => Some(Step::Raised),
            Verdict::Escalated | Verdict::Reopened | Verdict::RisenWhileMuted => Some(Step::Escalated),
            Verdict::Resolved => Some(Step::Resolved),
            Verdict::Muted | Verdict::TooSoon | Verdict::Silent | Verdict::EndOfLow => None,
            Verdict::Quiet(_) | Verdict::Inhibited => None,
        }
    }
}

/// Judges an alert as its journal stands. `holds` says whether mails of a level wait at this hour.
pub fn verdict(alert: &Alert, policy: &Policy, holds: impl Fn(Level) -> bool, now: Timestamp) -> Verdict {
    let verdict = at_any_hour(alert, policy, now);
    // Who was told of a high level is told of its end at once.
    let level = match verdict {
        Verdict::Resolved => told(alert).map_or(alert.level, |told| told.level),
        _ => alert.level,
    };
    match verdict.step() {
        Some(step) if holds(level) => Verdict::Quiet(step),
        _ => verdict,
    }
}

/// Whether something waits for the end of the quiet hours, and the highest level reached meanwhile.
pub fn waiting(alert: &Alert) -> Option<Level> {
    let mut waiting: Option<Level> = None;
    let mut level = alert.level;
    for (_, event) in &alert.events {
        match event {
            Event::Raised { level: new, .. } | Event::Escalated { level: new, .. } => level = *new,
            Event::Held { .. } => waiting = waiting.max(Some(level)),
            Event::Queued { step, .. } if step.tells_level() || *step == Step::Resolved => waiting = None,
            _ => {}
        }
    }
    waiting
}

fn at_any_hour(alert: &Alert, policy: &Policy, now: Timestamp) -> Verdict {
    let told = told(alert);
    let muted = alert.muted(now);
    if !alert.is_open() {
        return match (told, muted) {
            (None | Some(Told { step: Step::Resolved, .. }), _) => Verdict::Silent,
            // The mail after the quiet hours told that it was over.
            (Some(told), _) if told.after_end => Verdict::Silent,
            // Whoever was told of a rise in spite of the mute is told of its end.
            (Some(told), Some((since, _))) if told.at <= since => Verdict::Muted,
            // The one mail of a rise again that brought nothing higher has been sent.
            (Some(told), _) if told.ended_at.is_some_and(|highest| told.level <= highest) => Verdict::Silent,
            (Some(told), _) if !tells_end(alert, told.level, policy) => Verdict::EndOfLow,
            (Some(_), _) => Verdict::Resolved,
        };
    }
    if let Some((_, muted_at)) = muted {
        let known = told.map_or(muted_at, |told| told.level.max(muted_at));
        return if alert.level > known { Verdict::RisenWhileMuted } else { Verdict::Muted };
    }
    let Some(told) = told else { return Verdict::First };
    if told.step == Step::Resolved {
        return Verdict::Reopened;
    }
    if alert.level > told.level {
        return Verdict::Escalated;
    }
    if told.ended_at.is_some_and(|highest| alert.level <= highest) {
        return Verdict::Silent;
    }
    match told.risen_since {
        None => Verdict::Silent,
        Some(risen) if risen.duration_since(told.at) < policy.update_every => Verdict::TooSoon,
        Some(_) => Verdict::Escalated,
    }
}

/// Whether the end is a mail of its own: the alert was high, somebody had taken it, or somebody closed it.
fn tells_end(alert: &Alert, highest_told: Level, policy: &Policy) -> bool {
    let closing = alert.events.iter().rev().find_map(|(_, event)| match event {
        Event::Resolved { by } => Some(by.is_some()),
        Event::FalseAlarm { .. } => Some(true),
        _ => None,
    });
    highest_told >= policy.tell_end || closing == Some(true) || alert.was_acknowledged()
}

/// What people were told since the end that they were last told of.
#[derive(Clone, Copy)]
struct Told {
    step: Step,
    /// Highest level they were told of.
    level: Level,
    /// When they were last written to.
    at: Timestamp,
    /// The last rise after that.
    risen_since: Option<Timestamp>,
    /// Highest level before the end that they were last told of, if they were told of one.
    ended_at: Option<Level>,
    /// Whether it was over when they were last written to.
    after_end: bool,
}

impl Told {
    /// An end that was no mail counts as told, so that a rise again is one mail, as after any end.
    fn ended(self) -> Told {
        let is_new = self.step != Step::Resolved && self.ended_at.is_none_or(|highest| self.level > highest);
        match is_new {
            true => Told { step: Step::Resolved, ended_at: Some(self.level), ..self },
            false => self,
        }
    }
}

fn told(alert: &Alert) -> Option<Told> {
    let mut level = alert.level;
    let mut told: Option<Told> = None;
    let mut is_over = false;
    for (time, event) in &alert.events {
        match event {
            Event::Raised { level: new, .. } | Event::Lowered { level: new } => level = *new,
            Event::Resolved { .. } | Event::FalseAlarm { .. } => is_over = true,
            Event::Escalated { level: new, .. } => {
                told = told.map(|told| if is_over { told.ended() } else { told });
                told = told.map(|told| Told { risen_since: Some(*time), ..told });
                (level, is_over) = (*new, false);
            }
            Event::Queued { step, .. } if step.tells_level() || *step == Step::Resolved => {
                let since_end = told.filter(|told| told.step != Step::Resolved);
                let ended_at = match step {
                    Step::Resolved => {
                        told.map(|told| told.ended_at.map_or(told.level, |end| end.max(told.level)))
                    }
                    _ => told.and_then(|told| told.ended_at),
                };
                let level = since_end.map_or(level, |before| before.level.max(level));
                let after_end = is_over;
                told = Some(Told { step: *step, level, at: *time, risen_since: None, ended_at, after_end });
            }
            _ => {}
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::alert::{AlertId, fold};
    use crate::desk::tests::at;

    /// Each letter is one event, five minutes after the one before: `b y o r` a level reached,
    /// `B Y O` a level lowered to, `m` muted, `a` taken, `q` a mail queued, `c` closed by itself, `h` by hand.
    fn judged(story: &str) -> Verdict {
        let mut now = at("2026-11-24T05:00:00Z");
        let deadline = at("2026-11-26T05:00:00Z");
        let mut step = Step::Raised;
        let mut events = Vec::new();
        for letter in story.chars() {
            now += SignedDuration::from_mins(5);
            let level = match letter.to_ascii_lowercase() {
                'y' => Level::Yellow,
                'o' => Level::Orange,
                'r' => Level::Red,
                _ => Level::Blue,
            };
            let event = match letter {
                'q' => Event::Queued { message: String::new(), step },
                'c' => Event::Resolved { by: None },
                'h' => Event::Resolved { by: Some(String::new()) },
                'a' => Event::Acknowledged { by: String::new() },
                'm' => Event::Muted { by: String::new(), reason: String::new(), until: deadline },
                'B' | 'Y' | 'O' => Event::Lowered { level },
                _ if events.is_empty() => {
                    let (concern, first_post, under) = (String::new(), None, None);
                    Event::Raised { concern, level, onset: now, deadline, first_post, under }
                }
                _ => Event::Escalated { level, deadline },
            };
            step = if letter == 'c' || letter == 'h' { Step::Resolved } else { Step::Escalated };
            events.push((now, event));
        }
        let id = AlertId { day: jiff::civil::date(2026, 11, 24), number: 1 };
        let update_every = SignedDuration::from_mins(60);
        let policy = Policy { update_every, tell_end: Level::Orange, ..Policy::default() };
        verdict(&fold(id, events).unwrap(), &policy, |_| false, now)
    }

    #[test]
    fn people_are_told_what_they_do_not_know_and_nothing_twice() {
        let cases = [
            ("b", Verdict::First),
            ("bq", Verdict::Silent),
            ("by", Verdict::First),
            ("bqy", Verdict::Escalated),
            ("yqB", Verdict::Silent),
            ("yqBy", Verdict::TooSoon),
            // The same level again, more than an hour after the last mail.
            ("yqBBBBBBBBBBBBy", Verdict::Escalated),
            ("yqBo", Verdict::Escalated),
            ("oqc", Verdict::Resolved),
            ("oqBBBBBBBBBBc", Verdict::Resolved),
            ("oqcq", Verdict::Silent),
            // A low alert that nobody took ends without a mail, and is closed by hand with one.
            ("bqc", Verdict::EndOfLow),
            ("yqc", Verdict::EndOfLow),
            ("yqac", Verdict::Resolved),
            ("yqh", Verdict::Resolved),
            // Its rise again is one mail all the same.
            ("bqcb", Verdict::Reopened),
            ("yqcbqy", Verdict::Escalated),
            ("yqcbqc", Verdict::Silent),
            ("yqcbqo", Verdict::Escalated),
            ("bc", Verdict::Silent),
            ("bqcqb", Verdict::Reopened),
            ("bqcqbqo", Verdict::Escalated),
            // A rise again brings one mail and no second one, not even at its end, unless it goes higher.
            ("bqcqbqc", Verdict::Silent),
            ("bqcqbqcb", Verdict::Silent),
            ("oqcqyqo", Verdict::Escalated),
            ("oqcqyqoqBBBBBBBBBBBBBo", Verdict::Silent),
            ("bqcqbqyqc", Verdict::EndOfLow),
            ("bqcqbqoqc", Verdict::Resolved),
            ("bqcbqyqcb", Verdict::Reopened),
            ("bqcqbqyqcqb", Verdict::Reopened),
            ("yqmBy", Verdict::Muted),
            ("yqmo", Verdict::RisenWhileMuted),
            ("bm", Verdict::Muted),
            ("yqmoqYo", Verdict::Muted),
            ("yqmoqr", Verdict::RisenWhileMuted),
            ("yqmc", Verdict::Muted),
            ("yqmoqc", Verdict::Resolved),
        ];
        for (story, expected) in cases {
            assert_eq!(judged(story), expected, "{story}");
        }
    }
}
