//! The daily digest: when it is due, what it covers, and to whom it goes.

use alerts::desk::Filter;
use alerts::digest::{Digest, DigestContent, digest_mail};
use alerts::message::{Language, Message};
use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};

use crate::lookout::{Lookout, LookoutError, evidence_between};

impl Lookout {
    /// Puts the digest of today into the outbox when its hour has come; each address gets it once a day,
    /// whatever restarts happen.
    pub(crate) fn morning(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        let local = self.orders.site.zone.to_datetime(now);
        let today = local.date();
        if local.time() < self.orders.digest.send_at || self.digest_written >= Some(today) {
            return Ok(());
        }
        self.send_digest(today, now)?;
        self.digest_written = Some(today);
        Ok(())
    }

    /// Puts the digest of a day into the outbox for everybody who has not had it; returns how many mails.
    pub(crate) fn send_digest(&mut self, day: Date, now: Timestamp) -> Result<usize, LookoutError> {
        let mut queued = 0;
        for group in self.orders.digest.groups.clone() {
            let recipients = self.orders.policy.members(std::iter::once(group.as_str()));
            if recipients.is_empty() {
                continue;
            }
            let message = self.digest_message(day, &group, self.orders.site.language)?;
            queued += self.desk.queue_digest(day, &message, &recipients, now)?;
        }
        Ok(queued)
    }

    /// The digest of a day as a mail to one group.
    pub(crate) fn digest_message(
        &self,
        day: Date,
        group: &str,
        language: Language,
    ) -> Result<Message, LookoutError> {
        self.with_digest(day, |digest| digest_mail(digest, group, language))
    }

    /// The digest of a day as the content of a page.
    pub(crate) fn digest_content(
        &self,
        day: Date,
        language: Language,
    ) -> Result<DigestContent, LookoutError> {
        self.with_digest(day, |digest| digest.content(language))
    }

    /// Day of the newest digest whose span has ended.
    pub(crate) fn newest_digest(&self, now: Timestamp) -> Date {
        let local = self.orders.site.zone.to_datetime(now);
        let has_ended = local.time() >= self.orders.digest.day_starts;
        if has_ended { local.date() } else { local.date().yesterday().unwrap_or(local.date()) }
    }

    /// From the boundary of the day before until the boundary of this day.
    fn span(&self, day: Date) -> Result<(Timestamp, Timestamp), LookoutError> {
        let boundary = |days: Span| {
            let date = day.checked_add(days).unwrap_or(day);
            self.orders.site.zone.to_timestamp(date.to_datetime(self.orders.digest.day_starts))
        };
        let bounds = boundary((-1).days()).and_then(|from| Ok((from, boundary(0.days())?)));
        bounds.map_err(|_| LookoutError::NoSuchDay(day))
    }

    fn with_digest<T>(&self, day: Date, write: impl FnOnce(&Digest<'_>) -> T) -> Result<T, LookoutError> {
        let (from, to) = self.span(day)?;
        // The day before is compared with, so its posts are needed too.
        let posts = evidence_between(&self.archive, from - to.duration_since(from), to)?;
        let figures = self.analyst.figures(from, to, &posts);
        let statements = self.analyst.statements(from, to, &posts);
        let mut alerts = self.desk.alerts(Filter::All)?;
        alerts.retain(|alert| alert.raised_at < to && alert.closed_at.is_none_or(|closed| closed >= from));
        let topics = self.topic_lines(from, to);
        Ok(write(&Digest {
            site: &self.orders.site,
            day,
            issue: None,
            top: self.orders.digest.top,
            figures: &figures,
            concerns: &self.orders.concerns,
            alerts: &alerts,
            statements: &statements,
            newest: &self.newest,
            topics: &topics,
        }))
    }
}
