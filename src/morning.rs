//! The daily digest: when it is due, what it covers, and to whom it goes.

use std::borrow::Cow;

use alerts::alert::Alert;
use alerts::desk::Filter;
use alerts::digest::{Digest, DigestContent, Scope, digest_mail, digest_note};
use alerts::issue::Series;
use alerts::message::{Attachment, Language, Message};
use alerts::paper::{DOCX_KIND, Paper};
use alerts::record::{records, sentences};
use alerts::settings::Detail;
use analyzer::calendar::{Calendar, Day};
use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};

use crate::lookout::{Lookout, LookoutError};

/// Most days of rest told with the next workday.
const LONGEST_REST: usize = 14;

/// Digests of other years are nobody's, and calendars end somewhere.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=9000;

/// Whether there may be a digest of a day.
fn is_ours(day: Date) -> bool {
    YEARS.contains(&day.year())
}

/// Which digest.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// 日报
    Day,
    /// 周报
    Week,
    /// 专报 on a concern, by its id: the week up to the day.
    Concern(String),
}

impl Lookout {
    /// Puts the digest of today into the outbox when its hour has come; each address gets it once a day,
    /// whatever restarts happen.
    pub(crate) fn morning(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        let local = self.orders.site.zone.to_datetime(now);
        let today = local.date();
        if local.time() < self.orders.digest.send_at || self.digest_written >= Some(today) {
            return Ok(());
        }
        // Days of rest are told on the next workday.
        let days = self.days_told_on(today);
        if !days.is_empty() {
            self.send_digest(Series::Day, today, now)?;
        }
        if days.iter().any(|day| self.orders.digest.weekly == Some(day.weekday())) {
            self.send_digest(Series::Week, today, now)?;
        }
        self.digest_written = Some(today);
        Ok(())
    }

    /// The days that end in the digest of a day, the newest first: none on a day of rest that waits for the next
    /// workday, several on that workday.
    fn days_told_on(&self, day: Date) -> Vec<Date> {
        if !self.orders.digest.workdays {
            return vec![day];
        }
        workday_and_rest_before(&Calendar::new(self.orders.site.zone.clone()), day)
    }

    /// Puts a digest into the outbox for everybody who has not had it; returns how many mails.
    pub(crate) fn send_digest(
        &mut self,
        series: Series,
        day: Date,
        now: Timestamp,
    ) -> Result<usize, LookoutError> {
        let kind = match series {
            Series::Day => Kind::Day,
            Series::Week => Kind::Week,
        };
        let mut queued = 0;
        for group in self.orders.digest.groups.clone() {
            let recipients = self.orders.policy.members(std::iter::once(group.as_str()));
            if recipients.is_empty() {
                continue;
            }
            self.desk.number_issue(series, day)?;
            let message = self.message(&kind, day, &group, self.orders.site.language)?;
            queued += self.desk.queue_digest((series, day), &message, &recipients, now)?;
        }
        Ok(queued)
    }

    /// A digest as a mail to one group, with its document if mails have one.
    pub(crate) fn message(
        &self,
        kind: &Kind,
        day: Date,
        group: &str,
        language: Language,
    ) -> Result<Message, LookoutError> {
        let with_docx = self.orders.digest.docx;
        let is_brief = self.orders.policy.detail == Detail::Brief;
        self.with_digest(kind, day, |digest| {
            if is_brief && !group.is_empty() {
                return digest_note(digest, group, language);
            }
            let mut message = digest_mail(digest, group, language);
            if with_docx {
                let name = format!("{}.docx", message.subject);
                message.attachments.extend(Paper::of(digest, language).attachment(&name));
            }
            message
        })
    }

    /// A digest as the content of a page.
    pub(crate) fn digest_content(
        &self,
        kind: &Kind,
        day: Date,
        language: Language,
    ) -> Result<DigestContent, LookoutError> {
        self.with_digest(kind, day, |digest| digest.content(language))
    }

    /// The same, and the digest as plain text.
    pub(crate) fn digest_told(
        &self,
        kind: &Kind,
        day: Date,
        language: Language,
    ) -> Result<(DigestContent, String), LookoutError> {
        self.with_digest(kind, day, |digest| {
            (digest.content(language), digest_mail(digest, "", language).text)
        })
    }

    /// A digest as a document.
    pub(crate) fn paper(&self, kind: &Kind, day: Date, language: Language) -> Result<Vec<u8>, LookoutError> {
        Ok(self.with_digest(kind, day, |digest| Paper::of(digest, language))?.docx()?)
    }

    /// A digest for whoever asks on the command line: mail and document.
    pub(crate) fn read(
        &self,
        kind: &Kind,
        day: Date,
        language: Language,
    ) -> Result<(Message, Attachment), LookoutError> {
        let mut message = self.message(kind, day, "", language)?;
        message.attachments.clear();
        let bytes = self.paper(kind, day, language)?;
        let name = format!("{}.docx", message.subject);
        Ok((message, Attachment { name, kind: DOCX_KIND.to_owned(), bytes }))
    }

    /// Day of the newest digest whose span has ended.
    pub(crate) fn newest_digest(&self, now: Timestamp) -> Date {
        let local = self.orders.site.zone.to_datetime(now);
        let has_ended = local.time() >= self.orders.digest.day_starts;
        if has_ended { local.date() } else { local.date().yesterday().unwrap_or(local.date()) }
    }

    /// Day of the oldest digest that has anything to tell: the morning after the oldest post, since a digest needs its
    /// whole day. None before the first post.
    pub(crate) fn oldest_digest(&self) -> Result<Option<Date>, LookoutError> {
        let oldest =
            self.archive.time_range()?.map(|(oldest, _)| self.orders.site.zone.to_datetime(oldest).date());
        Ok(oldest.and_then(|day| day.tomorrow().ok()))
    }

    /// Whether there is a digest of that day to be read.
    pub(crate) fn has_digest(&self, day: Date, now: Timestamp) -> Result<bool, LookoutError> {
        let oldest = self.oldest_digest()?;
        Ok(is_ours(day) && day <= self.newest_digest(now) && oldest.is_some_and(|oldest| oldest <= day))
    }

    /// From the boundary of the day before, or a week before, until the boundary of this day.
    pub(crate) fn span(&self, kind: &Kind, day: Date) -> Result<(Timestamp, Timestamp), LookoutError> {
        if !is_ours(day) {
            return Err(LookoutError::NoSuchDay(day));
        }
        let days: i32 = match kind {
            Kind::Day => i32::try_from(self.days_told_on(day).len().max(1)).unwrap_or(1),
            Kind::Week => 7,
            Kind::Concern(_) => return self.span_to_now(day),
        };
        let boundary = |days: Span| {
            let date = day.checked_add(days).unwrap_or(day);
            self.orders.site.zone.to_timestamp(date.to_datetime(self.orders.digest.day_starts))
        };
        let bounds = boundary((-days).days()).and_then(|from| Ok((from, boundary(0.days())?)));
        bounds.map_err(|_| LookoutError::NoSuchDay(day))
    }

    /// The seven days up to the end of a day, or to the newest counts if that is still to come: a report is
    /// asked for while things happen.
    fn span_to_now(&self, day: Date) -> Result<(Timestamp, Timestamp), LookoutError> {
        let midnight = day.checked_add(1.day()).and_then(|next| {
            self.orders.site.zone.to_timestamp(next.to_datetime(jiff::civil::Time::midnight()))
        });
        let midnight = midnight.map_err(|_| LookoutError::NoSuchDay(day))?;
        let to =
            self.newest.iter().map(|signal| signal.at).max().map_or(midnight, |newest| newest.min(midnight));
        Ok((to - jiff::SignedDuration::from_hours(7 * 24), to))
    }

    fn with_digest<T>(
        &self,
        kind: &Kind,
        day: Date,
        write: impl FnOnce(&Digest<'_>) -> T,
    ) -> Result<T, LookoutError> {
        let (from, to) = self.span(kind, day)?;
        let scope = match kind {
            Kind::Day => Scope::Day,
            Kind::Week => Scope::Week,
            Kind::Concern(id) => {
                let found = self.orders.concerns.iter().find(|concern| concern.id == *id);
                Scope::Concern(found.ok_or_else(|| LookoutError::NoSuchConcern(id.clone()))?)
            }
        };
        let mut alerts = self.desk.alerts(Filter::All)?;
        let record = self.record_lines(day, &alerts, to);
        alerts.retain(|alert| alert.raised_at < to && alert.closed_at.is_none_or(|closed| closed >= from));
        let compiled = self.compiled((from, to), &alerts)?;
        let mut figures = Cow::Borrowed(&compiled.figures);
        let issue = match kind {
            Kind::Day => self.desk.issue(Series::Day, day)?,
            Kind::Week => self.desk.issue(Series::Week, day)?,
            Kind::Concern(_) => None,
        };
        let mut topics = self.topic_lines(from, to);
        if let Scope::Concern(concern) = scope {
            alerts.retain(|alert| alert.concern == concern.id);
            figures.to_mut().only(&concern.id);
            topics.clear();
        } else {
            topics.extend(record);
        }
        Ok(write(&Digest {
            site: &self.orders.site,
            day,
            scope,
            issue,
            top: self.orders.digest.top,
            figures: &figures,
            concerns: &self.orders.concerns,
            alerts: &alerts,
            statements: &compiled.statements,
            effects: &compiled.effects,
            newest: &self.newest,
            topics: &topics,
        }))
    }

    /// On the first of a month, or the workday after it: how the alerts of the month before were answered, a line for each department.
    fn record_lines(&self, day: Date, alerts: &[Alert], to: Timestamp) -> Vec<String> {
        let days = self.days_told_on(day);
        let Some(first) = days.iter().find(|day| day.day() == 1) else { return Vec::new() };
        let site = &self.orders.site;
        let month = first.yesterday().unwrap_or(*first).first_of_month();
        let mut records = records(alerts, &self.orders.concerns, &site.zone, to);
        records.retain(|record| record.month == month);
        sentences(&records, site.language)
    }
}

/// A workday and the days of rest right before it, the newest first; nothing on a day of rest.
fn workday_and_rest_before(calendar: &Calendar, day: Date) -> Vec<Date> {
    let is_work = |date: &Date| calendar.day(*date) == Day::Work;
    if !is_work(&day) {
        return Vec::new();
    }
    let earlier = std::iter::successors(day.yesterday().ok(), |date| date.yesterday().ok());
    std::iter::once(day).chain(earlier.take(LONGEST_REST).take_while(|date| !is_work(date))).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[track_caller]
    fn check(day: &str, told: &str) {
        let days = workday_and_rest_before(&Calendar::new(TimeZone::UTC), day.parse().unwrap());
        let days: Vec<String> = days.iter().map(|day| day.strftime("%-m/%-d").to_string()).collect();
        assert_eq!(days.join(" "), told, "{day}");
    }

    #[test]
    fn days_of_rest_are_told_on_the_next_workday() {
        check("2026-11-24", "11/24");
        check("2026-11-22", "");
        check("2026-11-23", "11/23 11/22 11/21");
        // National Day 2021: off 1 to 7 October, worked on Saturday 9 October.
        check("2021-10-07", "");
        check("2021-10-08", "10/8 10/7 10/6 10/5 10/4 10/3 10/2 10/1");
        check("2021-10-09", "10/9");
    }
}
