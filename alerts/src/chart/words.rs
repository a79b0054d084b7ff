//! Every word a picture may hold, in one table per language. Names and collected text never enter a picture.

use jiff::civil::DateTime;

use crate::format;
use crate::message::Language;

/// The fixed vocabulary of one language.
pub(super) struct Words {
    pub(super) per_hour: &'static str,
    posts_per: &'static str,
    hours: &'static str,
    per_day: &'static str,
    pub(super) actual: &'static str,
    pub(super) expected: &'static str,
    pub(super) no_data: &'static str,
    pub(super) reply: &'static str,
    pub(super) unfinished: &'static str,
    open: &'static str,
    close: &'static str,
    months: [&'static str; 12],
    hour: &'static str,
    month: &'static str,
    day: &'static str,
    rising_before: &'static str,
    rising_after: &'static str,
}

/// Digits and marks that stand beside the words in either language.
#[cfg(test)]
pub(super) const MARKS: &str = "0123456789:,.–- ";

const CHINESE: Words = Words {
    per_hour: "帖/小时",
    posts_per: "帖/",
    hours: " 小时",
    per_day: "帖/天",
    actual: "实际",
    expected: "预期",
    no_data: "缺数据",
    reply: "回应",
    unfinished: "最后一格未满",
    open: "（",
    close: "）",
    months: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"],
    hour: "时",
    month: "月",
    day: "日",
    rising_before: "",
    rising_after: " 起上升",
};

const ENGLISH: Words = Words {
    per_hour: "posts/hour",
    posts_per: "posts/",
    hours: " hours",
    per_day: "posts/day",
    actual: "actual",
    expected: "expected",
    no_data: "no data",
    reply: "reply",
    unfinished: "last bar unfinished",
    open: "(",
    close: ")",
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    hour: ":00",
    month: "",
    day: "",
    rising_before: "rising since ",
    rising_after: "",
};

impl Words {
    /// The table of one language.
    pub(super) fn of(language: Language) -> &'static Words {
        match language {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }

    /// `15时`, `15:00`.
    pub(super) fn hour(&self, at: DateTime) -> String {
        format!("{}{}", at.hour(), self.hour)
    }

    /// `11月24日`, `24 Nov`.
    pub(super) fn date(&self, at: DateTime) -> String {
        let month =
            usize::try_from(at.month() - 1).ok().and_then(|month| self.months.get(month)).unwrap_or(&"");
        if self.month.is_empty() {
            format!("{} {month}", at.day())
        } else {
            format!("{month}{}{}{}", self.month, at.day(), self.day)
        }
    }

    /// `13:15`, or with the date when it is not the day of `end`.
    pub(super) fn moment(&self, at: DateTime, end: DateTime) -> String {
        let clock = format!("{:02}:{:02}", at.hour(), at.minute());
        if at.date() == end.date() { clock } else { format!("{} {clock}", self.date(at)) }
    }

    /// `13:15 起上升`.
    pub(super) fn rising_since(&self, moment: &str) -> String {
        format!("{}{moment}{}", self.rising_before, self.rising_after)
    }

    /// Unit of a bar that covers so many hours.
    pub(super) fn per_bar(&self, hours: i64) -> String {
        match hours {
            1 => self.per_hour.to_owned(),
            24 => self.per_day.to_owned(),
            _ => format!("{}{hours}{}", self.posts_per, self.hours),
        }
    }

    /// `（23–66）`.
    pub(super) fn interval(&self, low: f64, high: f64) -> String {
        format!("{}{}–{}{}", self.open, format::expected(low), format::expected(high), self.close)
    }
}

/// Every character a picture can hold, sorted; the embedded faces are cut to exactly these.
#[cfg(test)]
pub(super) fn alphabet() -> String {
    let mut all: std::collections::BTreeSet<char> = MARKS.chars().collect();
    for words in [&CHINESE, &ENGLISH] {
        for part in words.every_part() {
            all.extend(part.chars());
        }
    }
    all.into_iter().collect()
}

#[cfg(test)]
impl Words {
    fn every_part(&self) -> Vec<&'static str> {
        let Words { per_hour, actual, expected, no_data, reply, unfinished, open, close, .. } = *self;
        let Words { months, hour, month, day, rising_before, rising_after, .. } = *self;
        let Words { posts_per, hours, per_day, .. } = *self;
        let mut parts =
            vec![per_hour, actual, expected, no_data, reply, unfinished, open, close, hour, month];
        parts.extend([day, rising_before, rising_after, posts_per, hours, per_day]);
        parts.extend(months);
        parts
    }
}
