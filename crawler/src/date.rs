//! When a text was published, out of the many ways files, feeds and pages write it.
//! Reads no clock: `now` is the moment the text was first seen. What a text says and what is stored are
//! two things: [`read`] tells the first, [`parse`] and [`Stated`] the second.

mod ago;
mod between;
mod clock;
mod cursor;
mod month;
mod normal;
mod number;
mod spoken;
mod written;

#[cfg(test)]
mod tests;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use clock::Clock;
use cursor::Cursor;
use spoken::Here;

/// Clocks differ by a little; a date further ahead than this is wrong.
const TOLERATED_FUTURE: SignedDuration = SignedDuration::from_mins(2);

/// Before this year nobody wrote for the web; 1970 is what a missing date looks like.
const EARLIEST_YEAR: i16 = 1990;

/// The zone of texts that name none.
pub const DEFAULT_ZONE: &str = "Asia/Shanghai";

/// Why a date was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DateError {
    /// No known way of writing a date.
    #[error(
        "cannot read the time \"{0}\"; expected 2021-01-20T16:48:00+08:00, 2021-01-20 16:48, 2021-01-20 or epoch seconds"
    )]
    Unreadable(String),
    /// A day or an hour that does not exist.
    #[error("the time \"{0}\" does not exist; write a day and an hour that the calendar has")]
    Impossible(String),
    /// A day of the Chinese lunar calendar.
    #[error(
        "the time \"{0}\" is a day of the lunar calendar, which is not read; write the day as 2020-01-24"
    )]
    Lunar(String),
    /// Reckoned from a moment that is not known: whoever wrote it wrote it some time.
    #[error("the time \"{0}\" depends on when it is read; write the day as 2021-01-20 16:48")]
    Moves(String),
    /// Later than now.
    #[error("the time {0} lies in the future")]
    Future(Timestamp),
    /// Too early to be true.
    #[error("the time {0} is before 1990, as if the date were missing")]
    TooEarly(Timestamp),
}

/// What a text says of a time: a moment, or a whole day, month or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The moment, or where the span begins: a bare day's local midnight.
    pub from: Timestamp,
    /// The moment once more, or the last second of the span.
    pub until: Timestamp,
    /// Whether it was reckoned from `now` (昨天, 3分钟前), so that later it will mean something else.
    pub moves: bool,
}

/// What becomes of a stated time when its post is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// A moment that can be believed, the same however often it is read.
    At(Timestamp),
    /// A moment reckoned from the moment of reading, or out of a bare day: it can be believed, but
    /// reading it again may give another, so it tells no two posts apart.
    About(Timestamp),
    /// A moment still to come, as claimed. The post counts as published when it was first seen.
    Ahead(Timestamp),
    /// Nothing that can be read, or a moment before the web.
    Nothing,
}

/// What the text says, whether or not it can be true. `zone` applies where the text names none.
pub fn read(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Reading, DateError> {
    let simple = normal::simple(text);
    let digits = normal::with_digits(&simple);
    let beijing = if simple.contains("北京时间") { TimeZone::get(DEFAULT_ZONE).ok() } else { None };
    let zone = beijing.as_ref().unwrap_or(zone);
    let is_lunar = LUNAR.iter().any(|word| simple.contains(word));
    let found = find(&digits, is_lunar, Here { now, zone }).and_then(|found| found.reading(zone));
    found.map_err(|miss| match miss {
        Miss::Impossible => DateError::Impossible(shortened(text)),
        Miss::Nothing if is_lunar => DateError::Lunar(shortened(text)),
        Miss::Nothing => DateError::Unreadable(shortened(text)),
    })
}

/// The time to store for a text. A bare day counts at `now` if that is the same local day, and at the
/// local day's end otherwise; a month or a year likewise.
pub fn parse(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, DateError> {
    read(text, zone, now)?.stored(now)
}

/// As [`parse`], for files that may be read long after they were written, and twice: what is reckoned
/// from the moment of reading (昨天, 3分钟前) is refused.
pub fn parse_lasting(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, DateError> {
    let reading = read(text, zone, now)?;
    if reading.moves { Err(DateError::Moves(shortened(text))) } else { reading.stored(now) }
}

/// A time that may be stored: neither ahead of `now` nor from before there was a web.
pub fn plausible(time: Timestamp, now: Timestamp) -> Result<Timestamp, DateError> {
    if time > now.checked_add(TOLERATED_FUTURE).unwrap_or(Timestamp::MAX) {
        return Err(DateError::Future(time));
    }
    if TimeZone::UTC.to_datetime(time).year() < EARLIEST_YEAR {
        return Err(DateError::TooEarly(time));
    }
    Ok(time)
}

impl Reading {
    fn moment(at: Timestamp, moves: bool) -> Reading {
        Reading { from: at, until: at, moves }
    }

    /// The time under which a post that says this is stored.
    pub fn stored(&self, now: Timestamp) -> Result<Timestamp, DateError> {
        let from = plausible(self.from, now)?;
        Ok(if self.until == self.from { from } else { self.until.min(now) })
    }
}

impl Stated {
    /// What a text's date is worth. `now` is when it was first seen.
    pub fn read(text: &str, zone: &TimeZone, now: Timestamp) -> Stated {
        let Ok(reading) = read(text, zone, now) else { return Stated::Nothing };
        let is_firm = reading.from == reading.until && !reading.moves;
        match reading.stored(now) {
            // A few seconds ahead is a difference between two clocks.
            Ok(time) if is_firm => Stated::At(time.min(now)),
            Ok(time) => Stated::About(time.min(now)),
            Err(DateError::Future(claim)) => Stated::Ahead(claim),
            Err(_) => Stated::Nothing,
        }
    }

    /// The moment that can be believed.
    pub fn time(self) -> Option<Timestamp> {
        match self {
            Stated::At(time) | Stated::About(time) => Some(time),
            Stated::Ahead(_) | Stated::Nothing => None,
        }
    }

    /// The moment that cannot be believed because it is still to come.
    pub fn claim(self) -> Option<Timestamp> {
        match self {
            Stated::Ahead(claim) => Some(claim),
            Stated::At(_) | Stated::About(_) | Stated::Nothing => None,
        }
    }
}

/// What was found in a text.
#[derive(Clone, Debug)]
enum Found {
    Moment { at: Timestamp, moves: bool },
    Day { date: Date, clock: Option<Clock>, moves: bool },
    Span { first: Date, last: Date },
}

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Miss {
    /// It is not written in this way.
    Nothing,
    /// It is, but there is no such day or hour. Nothing else is made of it.
    Impossible,
}

impl Found {
    fn day(date: Date, clock: Option<Clock>) -> Found {
        Found::Day { date, clock, moves: false }
    }

    fn reading(&self, zone: &TimeZone) -> Result<Reading, Miss> {
        let at = |local: DateTime| zone.to_timestamp(local).map_err(|_| Miss::Impossible);
        let last_second = |date: Date| at(date.at(23, 59, 59, 0));
        match self {
            Found::Moment { at, moves } => Ok(Reading::moment(*at, *moves)),
            Found::Day { date, clock: Some(clock), moves } => {
                Ok(Reading::moment(clock.on(*date, zone)?, *moves))
            }
            Found::Day { date, clock: None, moves } => {
                Ok(Reading { from: at(date.at(0, 0, 0, 0))?, until: last_second(*date)?, moves: *moves })
            }
            Found::Span { first, last } => {
                Ok(Reading { from: at(first.at(0, 0, 0, 0))?, until: last_second(*last)?, moves: false })
            }
        }
    }
}

/// Days of the lunar calendar, and feasts that fall on them.
const LUNAR: &[&str] = &[
    "农历",
    "阴历",
    "旧历",
    "除夕",
    "大年",
    "年三十",
    "正月",
    "腊月",
    "冬月",
    "闰月",
    "初一",
    "初二",
    "初三",
    "初四",
    "初五",
    "初六",
    "初七",
    "初八",
    "初九",
    "初十",
    "廿",
    "春节",
    "元宵",
    "端午",
    "七夕",
    "中秋",
    "重阳",
    "小年",
];

/// What is written most fully wins, wherever it stands: 今日头条 2020-02-03 is no today.
fn find(text: &str, is_lunar: bool, here: Here<'_>) -> Result<Found, Miss> {
    let partly = |place: Cursor<'_>| {
        spoken::month_and_day(place, here)
            .or_else(next(|| ago::ago(place, here)))
            .or_else(next(|| ago::just_now(place, here)))
    };
    let found =
        number::epoch(text).or_else(next(|| scan(text, written::dated))).or_else(next(|| scan(text, partly)));
    // 初一 08:00 names a day that is not today.
    if is_lunar || !matches!(found, Err(Miss::Nothing)) {
        return found;
    }
    let by_name = |place: Cursor<'_>| {
        spoken::named_day(place, here).or_else(next(|| spoken::named_weekday(place, here)))
    };
    let alone = Cursor::new(without_label(text));
    spoken::day_of_month(alone, here)
        .or_else(next(|| scan(text, by_name)))
        .or_else(next(|| spoken::time_alone(alone, here)))
        .or_else(next(|| written::month_or_year(alone)))
}

/// The next way of reading, unless this one has recognised what cannot be.
fn next(way: impl FnOnce() -> Result<Found, Miss>) -> impl FnOnce(Miss) -> Result<Found, Miss> {
    move |miss| if miss == Miss::Nothing { way() } else { Err(miss) }
}

fn scan(text: &str, read: impl Fn(Cursor<'_>) -> Result<Found, Miss>) -> Result<Found, Miss> {
    for place in Cursor::places(text) {
        let before = place.before().trim_end_matches([' ', ':', '(']);
        if ["农历", "阴历", "旧历"].iter().any(|lunar| before.ends_with(lunar)) {
            continue;
        }
        match read(place) {
            Err(Miss::Nothing) => {}
            Ok(Found::Day { date, clock: None, moves }) => {
                return Ok(Found::Day { date, clock: between::clock_before(place), moves });
            }
            found => return found,
        }
    }
    Err(Miss::Nothing)
}

/// What sites write in front of a date.
fn without_label(text: &str) -> &str {
    let mut text = text.trim();
    let labels = [
        "发布",
        "发表",
        "更新",
        "编辑",
        "修改",
        "回复",
        "创建",
        "时间",
        "日期",
        "于",
        ":",
        "published",
        "posted",
        "updated",
        "date",
        "on ",
        "at ",
        " ",
    ];
    while let Some(rest) = labels.iter().find_map(|label| text.strip_prefix(label)) {
        text = rest;
    }
    text.trim()
}

/// A hostile file may hold anything where a date should be; a report shows the beginning.
fn shortened(text: &str) -> String {
    let mut shown = text.trim().chars().filter(|c| !c.is_control());
    let mut short: String = shown.by_ref().take(40).collect();
    if shown.next().is_some() {
        short.push('…');
    }
    short
}
