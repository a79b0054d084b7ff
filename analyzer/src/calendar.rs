//! Which days people work and which they rest, in China's official calendar, and the local hour of a bucket.
//!
//! Knows the years of `holidays.txt`; before and after them a weekday is a weekday and nothing else.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::series::Bucket;

const HOLIDAYS: &str = include_str!("holidays.txt");

/// Kind of a day, as far as the rhythm of public talk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Day {
    /// A workday, make-up workdays on weekends included.
    Work,
    /// A weekend day or public holiday.
    Rest,
}

/// Where a bucket falls in the local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Hour of the day and kind of the day: 0–23 on workdays, 24–47 on days of rest.
    pub hour: usize,
    /// Ten minutes of the day, 0–143.
    pub minute: usize,
}

/// The official calendar in one time zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    exceptions: BTreeMap<Date, Day>,
    through: i16,
}

impl Calendar {
    /// The shipped calendar, its days cut in `zone`.
    pub fn new(zone: TimeZone) -> Calendar {
        let mut calendar = Calendar { zone, exceptions: BTreeMap::new(), through: 0 };
        HOLIDAYS.lines().for_each(|line| calendar.read(line));
        calendar
    }

    /// Kind of a day.
    pub fn day(&self, date: Date) -> Day {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        let plain = if weekend { Day::Rest } else { Day::Work };
        self.exceptions.get(&date).copied().unwrap_or(plain)
    }

    /// Whether the day's year has no published calendar here: worth a warning, since holidays then count as workdays.
    pub fn is_unknown(&self, date: Date) -> bool {
        date.year() > self.through
    }

    /// Whether the local day of a moment is unknown.
    pub fn is_unknown_at(&self, at: jiff::Timestamp) -> bool {
        self.is_unknown(self.zone.to_datetime(at).date())
    }

    /// Where a bucket falls in the local day.
    pub fn slot(&self, bucket: Bucket) -> Slot {
        let local = self.zone.to_datetime(bucket.start());
        let hour = usize::try_from(local.hour()).unwrap_or(0);
        let ten = usize::try_from(local.minute()).unwrap_or(0) / 10;
        let rest = self.day(local.date()) == Day::Rest;
        Slot { hour: hour + if rest { 24 } else { 0 }, minute: hour * 6 + ten }
    }

    /// The local day of a bucket.
    pub(crate) fn date(&self, bucket: Bucket) -> Date {
        self.zone.to_datetime(bucket.start()).date()
    }

    /// The buckets of a local day.
    pub(crate) fn buckets(&self, date: Date) -> std::ops::Range<Bucket> {
        let start = |date: Date| {
            let midnight = date.to_datetime(jiff::civil::Time::midnight());
            Bucket::of(self.zone.to_timestamp(midnight).unwrap_or_default())
        };
        start(date)..date.tomorrow().map_or(start(date), start)
    }

    fn read(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let day = match words.next() {
            Some("off") => Day::Rest,
            Some("work") => Day::Work,
            Some("through") => {
                self.through = words.next().and_then(|year| year.parse().ok()).unwrap_or(0);
                return;
            }
            _ => return,
        };
        let mut dates = words.filter_map(|word| word.parse::<Date>().ok());
        let Some(first) = dates.next() else { return };
        let last = dates.next().unwrap_or(first);
        self.exceptions.extend(
            first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last).map(|date| (date, day)),
        );
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[track_caller]
    fn check(date: &str, expected: Day) {
        let calendar = Calendar::new(TimeZone::UTC);
        assert_eq!(calendar.day(date.parse().unwrap()), expected, "{date}");
    }

    #[test]
    fn holidays_rest_and_make_up_days_work() {
        check("2021-02-07", Day::Work);
        check("2021-02-11", Day::Rest);
        check("2021-02-17", Day::Rest);
        check("2021-02-18", Day::Work);
        check("2021-02-20", Day::Work);
        check("2021-02-21", Day::Rest);
        check("2026-10-07", Day::Rest);
        check("2026-11-24", Day::Work);
        check("2020-02-02", Day::Rest);
    }

    #[test]
    fn every_listed_day_says_something_a_plain_week_does_not_or_lies_in_a_longer_holiday() {
        let calendar = Calendar::new(TimeZone::UTC);
        for (date, day) in &calendar.exceptions {
            let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
            assert!(*day == Day::Rest || weekend, "{date}: a make-up workday falls on a weekend");
        }
        let work = calendar.exceptions.values().filter(|day| **day == Day::Work).count();
        assert_eq!((calendar.exceptions.len(), work), (285, 53));
    }

    #[test]
    fn years_past_the_file_are_unknown() {
        let calendar = Calendar::new(TimeZone::UTC);
        assert!(!calendar.is_unknown("2026-12-31".parse().unwrap()));
        assert!(calendar.is_unknown("2027-01-01".parse().unwrap()));
        assert_eq!(calendar.day("2027-01-01".parse().unwrap()), Day::Work);
    }

    #[test]
    fn slots_are_local() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let calendar = Calendar::new(zone);
        let at: Timestamp = "2021-02-12T16:20:00+08:00".parse().unwrap();
        assert_eq!(calendar.slot(Bucket::of(at)), Slot { hour: 24 + 16, minute: 98 });
    }
}
