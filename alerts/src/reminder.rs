//! What is written because time has passed: calls to take an alert, deadlines, the end of quiet hours.

use std::collections::BTreeMap;

use analyzer::explain::Explanation;
use analyzer::signal::Signal;
use jiff::Timestamp;

use crate::alert::{Alert, AlertId, Event, Step};
use crate::clock;
use crate::desk::{Desk, DeskError, Tracked};
use crate::entry::{self, Entry, Telling};
use crate::life::SAME_ALERT_WITHIN;
use crate::message::{AlertMail, Letter, Matter, Sheet, short_item};
use crate::outbox;
use crate::schedule;
use crate::settings::{Detail, Recipient};
use crate::verdict::waiting;

/// Asked for the newest counts and evidence of an open alert; `None` where there are none.
pub type Newest<'a> = &'a mut dyn FnMut(&Alert) -> Option<(Signal, Explanation)>;

/// One alert that waited for the end of the quiet hours.
struct Waited {
    alert: Alert,
    recipients: Vec<Recipient>,
    item: crate::message::SheetItem,
}

impl Desk {
    /// Writes what the clock alone makes due, and says about which alerts.
    ///
    /// # Errors
    /// A journal that cannot be read or written.
    pub fn remind(&mut self, newest: Newest<'_>, now: Timestamp) -> Result<Vec<AlertId>, DeskError> {
        self.note_unwatched(now)?;
        let mut told = Vec::new();
        let due = |tracked: &Tracked| {
            let alert = &tracked.alert;
            let step = schedule::due(alert, &self.policy, &self.site.zone, now)
                .filter(|_| !self.policy.holds(alert.level, &self.site.zone, now));
            let is_due = step.is_some() || self.stands_alone_again(alert);
            let is_in_vain = self.uncalled.get(&alert.id) == Some(&(step, alert.events.len()));
            (is_due && !is_in_vain).then(|| (alert.clone(), step))
        };
        let due: Vec<(Alert, Option<Step>)> = self.latest.values().filter_map(due).collect();
        for (alert, step) in due {
            told.extend(self.call(alert, step, newest, now)?);
        }
        told.extend(self.gather(newest, now)?);
        Ok(told)
    }

    /// Whether somebody was not told of it because of an alert that is over.
    fn stands_alone_again(&self, alert: &Alert) -> bool {
        let after = alert.current_events().iter().rev().map_while(|(_, event)| match event {
            Event::Queued { step, .. } if step.tells_level() => None,
            Event::Held { .. } => None,
            event => Some(event),
        });
        let by = after.into_iter().find_map(|event| match event {
            Event::Inhibited { by } => Some(*by),
            _ => None,
        });
        let is_open = |tracked: &Tracked| Some(tracked.alert.id) == by && tracked.alert.is_open();
        alert.is_open() && by.is_some() && !self.latest.values().any(is_open)
    }

    /// Writes one mail about an alert: about a step that is due, or the one that was not written before.
    fn call(
        &mut self,
        mut alert: Alert,
        step: Option<Step>,
        newest: Newest<'_>,
        now: Timestamp,
    ) -> Result<Option<AlertId>, DeskError> {
        let recipients = self.to_call(&alert, step)?;
        if recipients.is_empty() {
            self.uncalled.insert(alert.id, (step, alert.events.len()));
            return Ok(None);
        }
        let kept = newest(&alert).or(self.fresh_snapshot(alert.id, now)?);
        let concern = &*alert.concern_among(self.concerns.values());
        let step = step.unwrap_or(if alert.was_told() { Step::Escalated } else { Step::Raised });
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        let signer = self.signer.as_ref();
        let (policy, site, version) = (&self.policy, &self.site, self.version.as_deref());
        let entry = Entry { transaction: &transaction, policy, site, signer, version, now };
        let evidence = kept.as_ref().map(|(signal, explanation)| (signal, explanation));
        let told = Telling { concern, evidence, beside: &[], above: None };
        let mut write = || entry.write(&mut alert, &told, step, &recipients);
        write().map_err(&error)?;
        transaction.commit().map_err(error)?;
        let id = alert.id;
        if let Some(tracked) = self.latest.get_mut(&alert.concern) {
            tracked.alert = alert;
        }
        Ok(Some(id))
    }

    /// Whom to write to about a step that is due; without one, those of its level who have not been told.
    fn to_call(&self, alert: &Alert, step: Option<Step>) -> Result<Vec<Recipient>, DeskError> {
        let error = self.journal.error();
        let told = entry::told(self.journal.connection(), &self.policy, alert.id).map_err(error)?;
        let concern = alert.concern_among(self.concerns.values());
        let department = concern.department.as_deref();
        let of_level = self.policy.recipients(alert.level, department);
        let is_told = |recipient: &Recipient| told.iter().any(|known| known.address == recipient.address);
        let Some(step) = step else {
            return Ok(of_level.into_iter().filter(|recipient| !is_told(recipient)).collect());
        };
        // Whoever was told and is in the address book no longer has a successor.
        let more = match step {
            _ if told.is_empty() => of_level,
            Step::Unclaimed => self.policy.reminded(alert.level, department, schedule::calls(alert) > 0),
            Step::Overdue => self.policy.reminded(alert.level, department, false),
            _ => Vec::new(),
        };
        let more: Vec<Recipient> = more.into_iter().filter(|recipient| !is_told(recipient)).collect();
        Ok(told.into_iter().chain(more).collect())
    }

    /// Tells in one mail to each group what waited for the end of the quiet hours.
    fn gather(&mut self, newest: Newest<'_>, now: Timestamp) -> Result<Vec<AlertId>, DeskError> {
        let mut waited = Vec::new();
        let is_late = |alert: &Alert| {
            alert.closed_at.is_some_and(|closed| now.duration_since(closed) > SAME_ALERT_WITHIN)
        };
        let ready = |tracked: &Tracked| {
            let alert = Some(&tracked.alert).filter(|alert| !is_late(alert) && !alert.is_muted(now))?;
            let level = waiting(alert).filter(|level| !self.policy.holds(*level, &self.site.zone, now))?;
            let concern = alert.concern_among(self.concerns.values());
            let recipients = self.policy.recipients(level, concern.department.as_deref());
            (!recipients.is_empty()).then(|| (alert.clone(), recipients))
        };
        let ready: Vec<(Alert, Vec<Recipient>)> = self.latest.values().filter_map(ready).collect();
        for (alert, recipients) in ready {
            waited.extend(self.waited(alert, recipients, newest, now)?);
        }
        if waited.is_empty() {
            return Ok(Vec::new());
        }
        self.write_gathered(&mut waited, now)?;
        let ids = waited.iter().map(|one| one.alert.id).collect();
        for Waited { alert, .. } in waited {
            if let Some(tracked) = self.latest.get_mut(&alert.concern) {
                tracked.alert = alert;
            }
        }
        Ok(ids)
    }

    fn waited(
        &mut self,
        alert: Alert,
        recipients: Vec<Recipient>,
        newest: Newest<'_>,
        now: Timestamp,
    ) -> Result<Option<Waited>, DeskError> {
        let kept = match alert.is_open() {
            true => newest(&alert).or(self.fresh_snapshot(alert.id, now)?),
            false => self.fresh_snapshot(alert.id, now)?,
        };
        let concern = &*alert.concern_among(self.concerns.values());
        // As it will read once they are told.
        let mut noticed = alert.clone();
        if let Some(event) = clock::first_notice(&alert, now) {
            noticed.apply(now, event);
        }
        let levels = alert.levels();
        let step = if alert.is_open() { Step::Escalated } else { Step::Resolved };
        let (site, language) = (&self.site, self.site.language);
        let (group, claim) = ("", None);
        let matter = Matter { site, alert: &noticed, concern, step, group, claim, levels: &levels, now };
        let item = match &kept {
            Some((signal, explanation)) if self.policy.detail == Detail::Full => {
                let mail = AlertMail::of(&matter, (signal, explanation), &[]);
                Letter::read_at(&mail, now, language).as_item(&alert)
            }
            _ => short_item(&matter, self.policy.detail, language),
        };
        Ok(Some(Waited { alert, recipients, item }))
    }

    fn write_gathered(&mut self, waited: &mut [Waited], now: Timestamp) -> Result<(), DeskError> {
        // Address → group and the alerts told to it, by place.
        let mut told: BTreeMap<String, (String, Vec<usize>)> = BTreeMap::new();
        for (place, one) in waited.iter().enumerate() {
            for Recipient { group, address } in &one.recipients {
                let known = told.entry(address.clone()).or_insert_with(|| (group.clone(), Vec::new()));
                known.1.push(place);
            }
        }
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        let signer = self.signer.as_ref();
        let (policy, site, version) = (&self.policy, &self.site, self.version.as_deref());
        let entry = Entry { transaction: &transaction, policy, site, signer, version, now };
        let day = self.site.zone.to_datetime(now).date();
        let mut write = || -> rusqlite::Result<()> {
            for one in waited.iter_mut() {
                entry.notice(&mut one.alert)?;
            }
            let sequence = entry.last_sequence()?;
            for (address, (group, places)) in &told {
                let items = places.iter().filter_map(|place| waited.get(*place)).map(|one| one.item.clone());
                let sheet = Sheet::gathered(items.collect(), &self.site, now);
                let content = outbox::keep(&transaction, &sheet.message(group, &self.site), entry.expiry())?;
                let hash = outbox::recipient_hash(address);
                let letter = outbox::Letter {
                    message_id: format!("<gathered-{hash}.{sequence}@{}>", self.policy.host),
                    thread: format!("quiet-{}", day.strftime("%Y%m%d")),
                    alert: None,
                    file: format!("quiet-{day}"),
                    recipient: address,
                    group,
                    content,
                };
                outbox::queue(&transaction, &letter, now)?;
                for place in places {
                    let Some(one) = waited.get_mut(*place) else { continue };
                    let message = letter.message_id.clone();
                    entry.append(&mut one.alert, Event::Queued { message, step: Step::Gathered })?;
                }
            }
            Ok(())
        };
        write().map_err(&error)?;
        transaction.commit().map_err(error)?;
        Ok(())
    }
}
