//! What people do about alerts, and what the clock brings beside them: hand-over sheets, the administrators'
//! heartbeat.

use alerts::action::Answer;
use alerts::alert::{Alert, AlertId};
use alerts::bulletin::Notice;
use alerts::desk::Filter;
use alerts::handover;
use alerts::message::{Language, Message, Sheet};
use alerts::outbox::MailState;
use alerts::settings::Detail;
use analyzer::signal::SourceState;
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::lookout::{Lookout, LookoutError};
use crate::socket::Action;

/// A sheet that could not be sent in time is not sent later than so long: the next one comes.
const LATE: SignedDuration = SignedDuration::from_hours(2);
/// Undelivered addresses named in the heartbeat.
const NAMED: usize = 10;

impl Lookout {
    /// The alert of a number as it was typed; `None` if there is none or it is no number.
    pub(crate) fn alert_named(&self, typed: &str) -> Result<Option<Alert>, LookoutError> {
        let Ok(id) = typed.parse::<AlertId>() else { return Ok(None) };
        Ok(self.desk.alert(id)?)
    }

    /// Does what a person wants done with an alert.
    pub(crate) fn act(&mut self, id: &str, action: Action, now: Timestamp) -> Result<(), LookoutError> {
        let post = action.by().to_owned();
        self.act_as(&post, id, action, now)
    }

    /// The same in the name of a post that logged in, whoever the action speaks of.
    pub(crate) fn act_as(
        &mut self,
        post: &str,
        id: &str,
        action: Action,
        now: Timestamp,
    ) -> Result<(), LookoutError> {
        let id: AlertId = id.parse().map_err(LookoutError::NoSuchNumber)?;
        let before = self.desk.alert(id)?.map(|alert| alert.events.len());
        let (desk, deed) = (&mut self.desk, action.deed());
        let alert = match action.masked(&self.orders.masks) {
            Action::Acknowledge { by } => desk.acknowledge(id, &by, now),
            Action::Respond { by, url, at } => desk.respond(id, Answer { by, url, at }, now),
            Action::Withdraw { by, reason } => desk.withdraw(id, (&by, &reason), now),
            Action::Mute { by, reason, until } => desk.mute(id, (&by, &reason), until, now),
            Action::Close { by } => desk.close(id, &by, now),
            Action::FalseAlarm { by, reason } => desk.false_alarm(id, (&by, &reason), now),
            Action::Rate { by, worth } => desk.rate(id, &by, worth, now),
            Action::Note { by, text } => desk.note(id, (&by, &text), now),
        }?;
        // What changes nothing was done by nobody, as a second press of a button.
        if before != Some(alert.events.len()) {
            self.desk.journal_mut().audit(now, post, deed, &id.to_string())?;
        }
        Ok(())
    }

    /// Writes the hand-over sheet of the hour, and the day's heartbeat, when their time has come.
    pub(crate) fn on_duty(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        let (times, groups) = self.orders.handover.clone();
        if let Some(due) = self.due(&times, now) {
            let key = due.strftime("%Y-%m-%dT%H%M").to_string();
            if self.bells.0 != key {
                let zone = &self.orders.site.zone;
                let since = self.shift_began(zone.to_timestamp(due).unwrap_or(now));
                let sheet = self.sheet(since, now, self.orders.site.language)?;
                let is_brief = self.orders.policy.detail == Detail::Brief;
                let sheet = if is_brief { sheet.brief() } else { sheet };
                for group in &groups {
                    let recipients = self.orders.policy.members(std::iter::once(group.as_str()));
                    let message = sheet.message(group, &self.orders.site);
                    let key = format!("{key}-{group}");
                    self.desk.queue_once((Notice::Handover, &key), &message, &recipients, now)?;
                }
            }
            self.bells.0 = key;
        }
        let beats: Vec<Time> = self.orders.heartbeat.into_iter().collect();
        if let Some(due) = self.due(&beats, now) {
            let key = due.date().to_string();
            let is_new = self.bells.1 != key;
            if is_new && !self.desk.has_noticed(Notice::Heartbeat, &key)? {
                let (message, recipients) = (self.heartbeat_mail(now)?, self.orders.policy.administrators());
                self.desk.queue_once((Notice::Heartbeat, &key), &message, &recipients, now)?;
            }
            self.bells.1 = key;
        }
        Ok(())
    }

    /// The hand-over sheet as it reads now.
    pub(crate) fn handover(&self, now: Timestamp, language: Language) -> Result<Sheet, LookoutError> {
        self.sheet(self.shift_began(now), now, language)
    }

    fn sheet(&self, since: Timestamp, now: Timestamp, language: Language) -> Result<Sheet, LookoutError> {
        let alerts = self.desk.alerts(Filter::All)?;
        let known = (alerts.as_slice(), self.orders.concerns.as_slice(), self.newest.as_slice());
        Ok(handover::sheet(known, (&self.orders.policy, &self.orders.site), since, now, language))
    }

    /// The last of the given times of day that has come and is not long past.
    fn due(&self, times: &[Time], now: Timestamp) -> Option<DateTime> {
        let zone = &self.orders.site.zone;
        let local = zone.to_datetime(now);
        let last = self.bells_of(times, now).filter(|at| *at <= local).max()?;
        let at = zone.to_timestamp(last).ok()?;
        (now.duration_since(at) <= LATE).then_some(last)
    }

    /// When the shift began that ends at a moment: the last hand-over before it, half a day ago without any.
    fn shift_began(&self, end: Timestamp) -> Timestamp {
        let starts = self.bells_of(&self.orders.handover.0, end);
        let starts = starts.filter_map(|at| self.orders.site.zone.to_timestamp(at).ok());
        starts.filter(|at| *at < end).max().unwrap_or(end - SignedDuration::from_hours(12))
    }

    /// Times of day, yesterday's and today's.
    fn bells_of<'a>(&self, times: &'a [Time], now: Timestamp) -> impl Iterator<Item = DateTime> + 'a {
        let today = self.orders.site.zone.to_datetime(now).date();
        let days = [today.checked_sub(1.day()).unwrap_or(today), today];
        days.into_iter().flat_map(move |day| times.iter().map(move |time| day.to_datetime(*time)))
    }

    /// What came in, what left, what failed in the last day.
    fn heartbeat_mail(&self, now: Timestamp) -> Result<Message, LookoutError> {
        let day = SignedDuration::from_hours(24);
        let posts: u32 = self.volumes(now).iter().map(|(_, _, posts)| posts).sum();
        let sources = self.source_states(now);
        let is_late = |source: &&SourceState| source.late_minutes.is_some() && source.pause.is_none();
        let late: Vec<&str> = sources.iter().filter(is_late).map(|source| source.name.as_str()).collect();
        let (sent, waiting, failed) = self.desk.mails_since(now - day)?;
        let undelivered = self.desk.undelivered()?;
        let mut addresses: Vec<String> = undelivered
            .iter()
            .filter(|mail| mail.state == MailState::Waiting || mail.queued >= now - 4 * day)
            .map(|mail| format!("{} ({})", mail.recipient, mail.problem.as_deref().unwrap_or("-")))
            .collect();
        addresses.sort();
        addresses.dedup();
        addresses.truncate(NAMED);
        let open = self.desk.alerts(Filter::Open)?.len();
        let site = &self.orders.site;
        let (subject, lines) = match site.language {
            Language::Chinese => {
                let well = late.is_empty() && failed == 0 && waiting == 0;
                let state = if well { "一切正常" } else { "有情况要看" };
                let mut lines = vec![
                    format!("过去 24 小时新采集 {posts} 帖。"),
                    match late.len() {
                        0 if sources.is_empty() => "没有配置信源。".to_owned(),
                        0 => format!("{} 个信源全部正常。", sources.len()),
                        count => format!(
                            "{} 个信源中 {count} 个没有按时采到：{}。",
                            sources.len(),
                            late.join("、")
                        ),
                    },
                    format!("邮件：送出 {sent} 封，等待 {waiting} 封，失败 {failed} 封。"),
                ];
                lines
                    .extend((!addresses.is_empty()).then(|| format!("没有送到：{}。", addresses.join("；"))));
                lines.push(format!("未关闭的预警 {open} 项。"));
                lines.push(
                    "这封信每天发一次：哪天没有收到，就是系统停了或邮件不通，请运行 guanlan doctor。"
                        .to_owned(),
                );
                (format!("观澜平安报：{state}"), lines)
            }
            Language::English => {
                let well = late.is_empty() && failed == 0 && waiting == 0;
                let state = if well { "all is well" } else { "please look" };
                let mut lines = vec![
                    format!("{posts} new posts in the last 24 hours."),
                    match late.len() {
                        0 if sources.is_empty() => "No source is configured.".to_owned(),
                        0 => format!("All {} sources are in time.", sources.len()),
                        count => {
                            format!("{count} of {} sources are late: {}.", sources.len(), late.join(", "))
                        }
                    },
                    format!("Mails: {sent} sent, {waiting} waiting, {failed} failed."),
                ];
                lines.extend(
                    (!addresses.is_empty()).then(|| format!("Not delivered: {}.", addresses.join("; "))),
                );
                lines.push(format!("Open alerts: {open}."));
                lines.push(
                    "This mail comes every day: when it does not, the program or the mail is down; run guanlan doctor."
                        .to_owned(),
                );
                (format!("Guanlan heartbeat: {state}"), lines)
            }
        };
        let (lead, notes) =
            lines.split_first().map(|(lead, notes)| (lead.clone(), notes.to_vec())).unwrap_or_default();
        let sheet = Sheet { title: subject, lead, items: Vec::new(), notes };
        Ok(sheet.message(self.orders.policy.administrators_group(), site))
    }
}
