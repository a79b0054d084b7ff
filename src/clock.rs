//! What time it is for the daemon: the wall clock, or a rehearsal's own that starts anywhere and may
//! run faster. Everything else in the program is told the time.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// A cheap copy of the program's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    rehearsal: Option<Rehearsal>,
}

/// Time that starts at `from` and runs `speed` times as fast.
#[derive(Clone, Copy, Debug)]
struct Rehearsal {
    from: Timestamp,
    began: Instant,
    speed: f64,
}

/// A rehearsal as typed: `2026-11-24T10:00:00+08:00`, optionally followed by `x600`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Start {
    from: Timestamp,
    speed: f64,
}

impl Clock {
    /// The wall clock.
    pub(crate) fn wall() -> Clock {
        Clock { rehearsal: None }
    }

    /// A clock that stands still, for the pages of a story that has ended.
    #[expect(clippy::disallowed_methods, reason = "the daemon's clock is where time comes in")]
    pub(crate) fn standing(at: Timestamp) -> Clock {
        Clock { rehearsal: Some(Rehearsal { from: at, began: Instant::now(), speed: 0.0 }) }
    }

    /// A rehearsal that begins now.
    #[expect(clippy::disallowed_methods, reason = "the daemon's clock is where time comes in")]
    pub(crate) fn rehearse(start: Start) -> Clock {
        Clock { rehearsal: Some(Rehearsal { from: start.from, began: Instant::now(), speed: start.speed }) }
    }

    /// The moment.
    #[expect(clippy::disallowed_methods, reason = "the daemon's clock is where time comes in")]
    pub(crate) fn now(&self) -> Timestamp {
        match self.rehearsal {
            None => Timestamp::now(),
            Some(rehearsal) => {
                let passed = rehearsal.began.elapsed().mul_f64(rehearsal.speed);
                let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
                rehearsal.from.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
        }
    }
}

impl std::str::FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "expected a moment like 2026-11-24T10:00:00+08:00 or 2026-11-24T10:00:00+08:00x600, got {text}"
            )
        };
        let (from, speed) = text.split_once('x').unwrap_or((text, "1"));
        let from = from.trim().parse().map_err(|_| wrong())?;
        let speed: f64 = speed.trim().parse().map_err(|_| wrong())?;
        if !(0.01..=100_000.0).contains(&speed) {
            return Err(wrong());
        }
        Ok(Start { from, speed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsal_is_typed_with_or_without_a_speed() {
        let from: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        assert_eq!("2026-11-24T10:00:00+08:00x600".parse(), Ok(Start { from, speed: 600.0 }));
        assert_eq!("2026-11-24T10:00:00+08:00".parse(), Ok(Start { from, speed: 1.0 }));
        for wrong in ["", "x600", "2026-11-24T10:00:00+08:00x", "2026-11-24T10:00:00+08:00x-1", "noon"] {
            assert!(wrong.parse::<Start>().is_err(), "{wrong}");
        }
    }
}
