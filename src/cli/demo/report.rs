//! What the demonstration says about itself: alerts with their levels, mails, the lead over an official reply.

use std::path::{Path, PathBuf};

use alerts::alert::{Alert, Event};
use alerts::desk::Filter;
use alerts::format;
use alerts::message::Language;
use analyzer::level::Level;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::lookout::{Lookout, LookoutError, evidence_between};

/// An official reply is looked for this long after an alert.
const REPLY_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// What came of a story.
pub(super) struct Outcome {
    /// Alerts, oldest first.
    pub alerts: Vec<Alert>,
    /// Mails written, by name.
    pub mails: Vec<PathBuf>,
    /// Digests written, by name.
    pub digests: Vec<PathBuf>,
    /// First official reply recorded after an alert: alert, source, moment, title.
    pub replies: Vec<Reply>,
}

/// An official reply and how long before it the alert was out.
pub(super) struct Reply {
    /// Number of the alert.
    pub alert: String,
    /// Name of the source.
    pub source: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// Its title.
    pub title: String,
    /// From the alert to the reply.
    pub lead: SignedDuration,
}

impl Outcome {
    /// Looks at what the replay left behind.
    pub(super) fn of(lookout: &Lookout, outbox: &Path) -> Result<Outcome, LookoutError> {
        let alerts = lookout.desk.alerts(Filter::All)?;
        let mut written: Vec<PathBuf> = std::fs::read_dir(outbox)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        written.sort();
        let is = |path: &PathBuf, ending: &str| path.extension().is_some_and(|found| found == ending);
        let is_digest = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("digest-"))
        };
        let mails = written.iter().filter(|path| is(path, "eml")).cloned().collect();
        let digests = written.iter().filter(|path| is(path, "html") && is_digest(path)).cloned().collect();
        let mut replies = Vec::new();
        for alert in &alerts {
            replies.extend(first_replies(lookout, alert)?);
        }
        Ok(Outcome { alerts, mails, digests, replies })
    }

    /// Highest level of all alerts.
    pub(super) fn highest(&self) -> Option<Level> {
        self.alerts.iter().map(|alert| alert.highest).max()
    }

    /// The outcome for programs.
    pub(super) fn json(&self) -> serde_json::Value {
        let alerts: Vec<_> = self.alerts.iter().map(|alert| json!(alert)).collect();
        let replies: Vec<_> = self
            .replies
            .iter()
            .map(|reply| {
                json!({
                    "alert": reply.alert, "source": reply.source, "at": reply.at, "title": reply.title,
                    "lead_minutes": reply.lead.as_mins(),
                })
            })
            .collect();
        json!({
            "schema": "guanlan.demo/1", "alerts": alerts, "replies": replies,
            "mails": self.mails, "digests": self.digests,
        })
    }

    /// The outcome for people.
    pub(super) fn text(&self, lookout: &Lookout, language: Language) -> String {
        let mut lines = Vec::new();
        let zone = &lookout.orders.site.zone;
        lines.push(match language {
            Language::Chinese => format!("\n  预警 {} 次", self.alerts.len()),
            Language::English => format!("\n  {} alerts", self.alerts.len()),
        });
        for alert in &self.alerts {
            let raised = format::date_time(alert.raised_at, zone, language);
            lines.push(format!(
                "    {}  {}  {}  {raised}  {}",
                alert.id.short(),
                name(lookout, alert, language),
                path(alert, language),
                format::state_name(alert.state, language),
            ));
            for reply in self.replies.iter().filter(|reply| reply.alert == alert.id.to_string()) {
                let at = format::date_time(reply.at, zone, language);
                let lead = format::duration(reply.lead, language);
                let title = format::one_line(&reply.title, 40);
                lines.push(match language {
                    Language::Chinese => {
                        format!("        官方回应 {at}（{}）：{title}；预警早 {lead}", reply.source)
                    }
                    Language::English => {
                        format!(
                            "        official reply {at} ({}): {title}; the alert led by {lead}",
                            reply.source
                        )
                    }
                });
            }
        }
        lines.push(match language {
            Language::Chinese => format!("\n  邮件 {} 封，写成了文件（没有发送）", self.mails.len()),
            Language::English => format!("\n  {} mails, written as files (none was sent)", self.mails.len()),
        });
        let highest = self.alerts.iter().max_by_key(|alert| (alert.highest, alert.raised_at));
        let answered = |alert: &Alert| self.replies.iter().any(|reply| reply.alert == alert.id.to_string());
        let shown = self.alerts.iter().filter(|alert| highest == Some(*alert) || answered(alert));
        for mail in shown.flat_map(|alert| self.mails.iter().filter(|mail| is_about(mail, alert))) {
            lines.push(format!("    {}", mail.display()));
            lines.push(format!("    {}", mail.with_extension("html").display()));
        }
        lines.extend(self.digests.iter().rev().take(1).map(|digest| format!("    {}", digest.display())));
        lines.join("\n")
    }
}

/// Whether a mail is the first one of an alert's highest level.
fn is_about(mail: &Path, alert: &Alert) -> bool {
    let level = format::level_name(alert.highest, Language::English);
    let wanted = format!("{}.{level}.eml", alert.id.short());
    mail.file_name().is_some_and(|name| name.to_string_lossy() == wanted)
}

fn name(lookout: &Lookout, alert: &Alert, language: Language) -> String {
    let concern = lookout.orders.concerns.iter().find(|concern| concern.id == alert.concern);
    match (concern, language) {
        (Some(concern), Language::English) => concern.name_en.clone().unwrap_or_else(|| concern.name.clone()),
        (Some(concern), Language::Chinese) => concern.name.clone(),
        (None, _) => alert.concern.clone(),
    }
}

/// The levels it went through: 蓝色 → 黄色 → 橙色.
fn path(alert: &Alert, language: Language) -> String {
    let levels = alert.events.iter().filter_map(|(_, event)| match event {
        Event::Raised { level, .. } | Event::Escalated { level, .. } | Event::Lowered { level } => {
            Some(format::level_name(*level, language))
        }
        _ => None,
    });
    levels.collect::<Vec<_>>().join(" → ")
}

/// The first official reply of each source after an alert.
fn first_replies(lookout: &Lookout, alert: &Alert) -> Result<Vec<Reply>, LookoutError> {
    let (from, to) = (alert.raised_at, alert.raised_at + REPLY_WITHIN);
    let posts = evidence_between(&lookout.archive, from, to)?;
    let statements = lookout.analyst.statements(from, to, &posts);
    let own = statements.into_iter().find(|(concern, _)| *concern == alert.concern);
    let mut replies: Vec<Reply> = Vec::new();
    for statement in own.map(|(_, statements)| statements).unwrap_or_default().into_iter().rev() {
        if replies.iter().all(|reply| reply.source != statement.source) {
            replies.push(Reply {
                alert: alert.id.to_string(),
                lead: statement.time.duration_since(alert.raised_at),
                source: statement.source,
                at: statement.time,
                title: statement.title,
            });
        }
    }
    Ok(replies)
}
