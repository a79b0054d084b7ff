//! How each configured source stands, from what is kept about it: health, habit, pause. Pure apart from
//! [`standings`], which reads the store beside whoever writes it.

use std::collections::BTreeMap;

use alerts::format;
use alerts::message::Language;
use crawler::archive::{Archive, ArchiveError};
use crawler::habit::{Habit, Silence};
use crawler::health::Health;
use crawler::pause::Pause;
use crawler::source::Source;
use crawler::words::Words;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Arrivals are looked at over this much of the past: two weeks before the last of them count.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(35 * 24);
/// A source whose visit is overdue by so many of its intervals is late.
const LATE_AFTER: i32 = 3;

/// How one source stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) state: State,
    /// Last visit that went well.
    pub(crate) last_success: Option<Timestamp>,
    /// When it is visited next.
    pub(crate) next_visit: Option<Timestamp>,
    /// Why that is later than usual although nothing failed.
    pub(crate) waits: Option<Words>,
    /// Usual new posts a day.
    pub(crate) usual: Option<f64>,
    /// New posts of the last day.
    pub(crate) last_day: u32,
    /// Its last new post came then.
    pub(crate) newest: Option<Timestamp>,
}

impl Standing {
    /// Of a source that nobody has visited.
    pub(crate) const NEW: Standing = Standing {
        state: State::New,
        last_success: None,
        next_visit: None,
        waits: None,
        usual: None,
        last_day: 0,
        newest: None,
    };
}

/// Whether somebody has to look at it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// Read when it was due.
    Well,
    /// Never read yet.
    New,
    /// Told to rest.
    Paused(Pause),
    /// The last visits failed.
    Failing {
        /// How many.
        failures: u32,
        /// Since when.
        since: Option<Timestamp>,
        /// Why, in words.
        why: Words,
    },
    /// It has not been visited when it should.
    Late,
    /// It answers, but nothing new has come for unusually long.
    Quiet {
        /// Since when.
        since: Timestamp,
        /// The longest silence before.
        longest: SignedDuration,
    },
}

/// The state as programs read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StateWord {
    Well,
    New,
    Paused,
    Failing,
    Late,
    Quiet,
}

impl State {
    /// In one word.
    pub(crate) fn word(&self) -> StateWord {
        match self {
            State::Well => StateWord::Well,
            State::New => StateWord::New,
            State::Paused(_) => StateWord::Paused,
            State::Failing { .. } => StateWord::Failing,
            State::Late => StateWord::Late,
            State::Quiet { .. } => StateWord::Quiet,
        }
    }

    /// What is to be said of it beyond its mark.
    pub(crate) fn in_words(&self, zone: &TimeZone, now: Timestamp, language: Language) -> Option<String> {
        let at = |moment: Timestamp| format::moment(moment, now, zone, language);
        let say = |chinese: &str, english: &str| match language {
            Language::Chinese => chinese.to_owned(),
            Language::English => english.to_owned(),
        };
        Some(match self {
            State::Well => return None,
            State::New => say("还没有采过", "not read yet"),
            State::Late => say(
                "该采而没有采：看看 guanlan run 是否在运行",
                "overdue: see whether guanlan run is running",
            ),
            State::Paused(pause) => format::pause(pause, now, zone, language),
            State::Failing { failures, since, why } => {
                let since = since.map(|since| format!(" {}", at(since))).unwrap_or_default();
                let (failed, times) = (say("连续失败", "failed"), say("次，自", "times, since"));
                format!("{failed} {failures} {times}{since} {}", language.say(why))
            }
            State::Quiet { since, longest } => match language {
                Language::Chinese => {
                    format!("{} 之后没有新帖，此前最长 {} 小时没有", at(*since), longest.as_hours())
                }
                Language::English => format!(
                    "nothing new since {}; its longest silence before was {} hours",
                    at(*since),
                    longest.as_hours()
                ),
            },
        })
    }

    /// ✓ well, ! to be looked at, ‖ resting.
    pub(crate) fn mark(&self) -> &'static str {
        match self {
            State::Well => "✓",
            State::Paused(_) => "‖",
            State::New => "·",
            State::Failing { .. } | State::Late | State::Quiet { .. } => "!",
        }
    }

    /// Whether somebody has to look at it.
    pub(crate) fn needs_a_look(&self) -> bool {
        matches!(self, State::Failing { .. } | State::Late | State::Quiet { .. })
    }
}

/// How the sources stand, in their order.
pub(crate) fn standings(
    archive: &Archive,
    sources: &[Source],
    now: Timestamp,
) -> Result<Vec<Standing>, ArchiveError> {
    judged(archive, &crate::lookout::habits(archive, now - LOOK_BACK)?, sources, now)
}

/// The same for whoever knows already what the sources usually bring.
pub(crate) fn judged(
    archive: &Archive,
    habits: &BTreeMap<String, Habit>,
    sources: &[Source],
    now: Timestamp,
) -> Result<Vec<Standing>, ArchiveError> {
    let cursors: BTreeMap<String, String> = archive.cursors()?.into_iter().collect();
    let mut pauses: BTreeMap<String, Pause> = archive.pauses()?.into_iter().collect();
    let standing = |source: &Source| {
        let health = cursors.get(&source.id).map(|cursor| crawler::crawl::health(cursor));
        let habit = habits.get(&source.id).cloned().unwrap_or_default();
        judge(source.every, health.as_ref(), &habit, pauses.remove(&source.id), now)
    };
    Ok(sources.iter().map(standing).collect())
}

/// What is kept about a source, judged.
fn judge(
    every: SignedDuration,
    health: Option<&Health>,
    habit: &Habit,
    pause: Option<Pause>,
    now: Timestamp,
) -> Standing {
    let state = match (pause.filter(|pause| pause.holds(now)), health) {
        (Some(pause), _) => State::Paused(pause),
        (None, Some(health)) => state(every, health, habit, now),
        (None, None) => State::New,
    };
    Standing {
        state,
        last_success: health.and_then(|health| health.last_success),
        next_visit: health.and_then(|health| health.next_try),
        waits: health.and_then(|health| health.waits.clone()),
        usual: habit.per_day(),
        last_day: habit.last_day(now),
        newest: habit.last(),
    }
}

fn state(every: SignedDuration, health: &Health, habit: &Habit, now: Timestamp) -> State {
    if let (1.., Some(why)) = (health.failures, &health.last_error) {
        return State::Failing { failures: health.failures, since: health.failing_since, why: why.clone() };
    }
    let Some(last) = health.last_success else { return State::New };
    // A source that calls by itself and promised nothing is never late.
    let promises = every > SignedDuration::ZERO;
    let due = health.next_try.unwrap_or_else(|| last.checked_add(every).unwrap_or(Timestamp::MAX));
    let patience = every.saturating_mul(LATE_AFTER).max(SignedDuration::from_mins(15));
    if promises && due.duration_until(now) > patience {
        return State::Late;
    }
    match habit.silence(now) {
        Silence::Unusual { since, longest } => State::Quiet { since, longest },
        Silence::Unknown | Silence::Usual => State::Well,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: SignedDuration = SignedDuration::from_mins(10);

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + hours * 3_600).unwrap()
    }

    #[test]
    fn a_source_is_judged_by_pause_then_health_then_habit() {
        let mut habit = Habit::default();
        (0..240).for_each(|hour| habit.arrived(at(hour)));
        let well = |hours| Health { last_success: Some(at(hours)), ..Health::default() };
        let failing = Health {
            failures: 2,
            failing_since: Some(at(238)),
            last_error: Some(Words::same("503")),
            ..well(237)
        };
        let until = |hours| Some(Pause { since: at(0), until: Some(at(hours)), reason: None });
        let cases = [
            (None, None, 240, StateWord::New),
            (Some(Health::default()), None, 240, StateWord::New),
            (Some(well(240)), None, 240, StateWord::Well),
            (Some(well(239)), None, 240, StateWord::Late),
            (Some(failing.clone()), None, 240, StateWord::Failing),
            (Some(failing), until(300), 240, StateWord::Paused),
            (Some(well(240)), until(239), 240, StateWord::Well),
            (Some(well(280)), None, 280, StateWord::Quiet),
        ];
        for (health, pause, hours, expected) in cases {
            let standing = judge(EVERY, health.as_ref(), &habit, pause.clone(), at(hours));
            assert_eq!(standing.state.word(), expected, "{health:?} {pause:?}");
        }
        let standing = judge(EVERY, None, &habit, None, at(239));
        assert_eq!((standing.usual.map(f64::round), standing.last_day), (Some(24.0), 24));
    }
}
