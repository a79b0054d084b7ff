//! A source that calls by itself, in the words of the crawl: what it handed in is a visit, and so is a
//! silence longer than it promised. Reads and stores nothing; cursors come in and go out as text.

use jiff::{SignedDuration, Timestamp};

use super::cursor::Cursor;
use super::visit::Harvest;
use super::{Outcome, Visit, conclude};
use crate::category::CategoryCount;
use crate::format::Problem;
use crate::health::{Change, Trouble};
use crate::pace::later;
use crate::post::Post;
use crate::source::Source;
use crate::words::Words;

/// A promise may be broken twice; the third time it is told.
const MISSED_CALLS: i32 = 3;

/// A call as a visit: posts may be none, which says that there is nothing new.
pub fn pushed(
    source: &Source,
    cursor: Option<&str>,
    (posts, problems): (Vec<Post>, Vec<Problem>),
    now: Timestamp,
) -> Visit {
    let outcome = if posts.is_empty() { Outcome::NotModified } else { Outcome::Fetched };
    let harvest = Harvest { outcome, ..Harvest::fetched(posts, problems) };
    conclude(source, Cursor::read(cursor), harvest, now)
}

/// A call with counts as a visit.
pub fn counted(
    source: &Source,
    cursor: Option<&str>,
    (counts, problems): (Vec<CategoryCount>, Vec<Problem>),
    now: Timestamp,
) -> Visit {
    let outcome = if counts.is_empty() { Outcome::NotModified } else { Outcome::Fetched };
    let harvest = Harvest { counts, outcome, ..Harvest::fetched(Vec::new(), problems) };
    conclude(source, Cursor::read(cursor), harvest, now)
}

/// A silence as a failed visit, when a source has not called for three times as long as it promised, and
/// this was not told yet. `started` is when the program began to listen, for a source that never called.
pub fn silent(source: &Source, cursor: Option<&str>, started: Timestamp, now: Timestamp) -> Option<Visit> {
    // One with files as well is visited, and fails there.
    if source.every <= SignedDuration::ZERO || source.kind.is_visited() {
        return None;
    }
    let mut cursor = Cursor::read(cursor);
    let health = &mut cursor.health;
    let patience = source.every.saturating_mul(MISSED_CALLS);
    // For one that never called, the end of the patience is remembered over a restart.
    let is_first_look = health.last_success.is_none() && health.next_try.is_none();
    let patient_until = match health.last_success {
        Some(last) => later(last, patience),
        None => *health.next_try.get_or_insert(later(started, patience)),
    };
    let is_late = patient_until <= now;
    if health.reported || !(is_late || is_first_look) {
        return None;
    }
    let why = silence(health.last_success, source);
    let since = health.last_success.unwrap_or(later(patient_until, -patience));
    if is_late {
        health.failures = health.failures.saturating_add(1);
        health.failing_since = Some(since);
        health.last_error = Some(why.clone());
        health.reported = true;
    }
    let change =
        is_late.then(|| Change::Stopped { since, last_error: why.clone(), trouble: Trouble::Unreachable });
    Some(Visit {
        source: source.id.clone(),
        at: now,
        posts: Vec::new(),
        counts: Vec::new(),
        problems: Vec::new(),
        charset: None,
        outcome: Outcome::Failed(why),
        cursor: cursor.write(),
        health: cursor.health,
        change,
    })
}

fn silence(last: Option<Timestamp>, source: &Source) -> Words {
    match last {
        None => Words::new(
            "还没有推送过；请检查推送一方的地址和口令",
            "nothing was ever pushed; check the address and the token at the sender",
        ),
        Some(last) => {
            let at = last.to_zoned_datetime(source.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
            Words::new(
                format!("自 {at} 起没有推送；请检查推送一方"),
                format!("nothing was pushed since {at}; look at the sender"),
            )
        }
    }
}

/// What a visit to such a source says: there is no address to ask.
pub(super) fn not_visited(source: &Source) -> Harvest {
    let why = Words::new(
        format!("{} 由对方推送，不用采集；推送的办法见 docs/api.md", source.name),
        format!("{} calls by itself and is never visited; docs/api.md says how to push", source.name),
    );
    Harvest::failed(why, None)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::post::Publisher;
    use crate::source::{Kind, Push};

    fn source(every: i64) -> Source {
        Source {
            id: "hotline".into(),
            name: "热线".into(),
            kind: Kind::Push(Push { token_file: PathBuf::new(), rename: Vec::new() }),
            every: SignedDuration::from_mins(every),
            publisher: Publisher::Individual,
            group: "热线".into(),
            encoding: None,
            zone: TimeZone::UTC,
            allow: Vec::new(),
            every_at_most: None,
            proxy: None,
        }
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + minutes * 60).unwrap()
    }

    #[test]
    fn three_missed_calls_are_told_once_and_the_next_call_ends_it() {
        let source = source(10);
        let call = pushed(&source, None, (Vec::new(), Vec::new()), at(0));
        assert_eq!((&call.outcome, call.health.last_success), (&Outcome::NotModified, Some(at(0))));
        let cursor = call.cursor.as_deref();
        assert_eq!(silent(&source, cursor, at(0), at(29)), None);
        let silence = silent(&source, cursor, at(0), at(30)).unwrap();
        assert!(matches!(&silence.change, Some(Change::Stopped { since, last_error, .. })
            if *since == at(0) && last_error.en.contains("2020-09-13 12:26")));
        assert!(matches!(silence.outcome, Outcome::Failed(_)));
        assert_eq!(silent(&source, silence.cursor.as_deref(), at(0), at(99)), None);
        let back = pushed(&source, silence.cursor.as_deref(), (Vec::new(), Vec::new()), at(120));
        assert_eq!(back.change, Some(Change::Back { since: at(0) }));
        assert_eq!(silent(&source, back.cursor.as_deref(), at(0), at(149)), None);
    }

    #[test]
    fn one_that_never_called_is_told_too_even_over_a_restart() {
        let source = source(10);
        let first = silent(&source, None, at(0), at(0)).unwrap();
        // It has still time to call: nothing is wrong yet.
        assert_eq!((first.change, first.health.failing_since, first.health.failures), (None, None, 0));
        let cursor = first.cursor.as_deref();
        assert_eq!(silent(&source, cursor, at(25), at(29)), None);
        let told = silent(&source, cursor, at(25), at(30)).unwrap();
        assert!(matches!(&told.change, Some(Change::Stopped { since, .. }) if *since == at(0)));
    }

    #[test]
    fn without_a_promise_silence_means_nothing() {
        assert_eq!(silent(&source(0), None, at(0), at(1_000_000)), None);
    }
}
