//! The alert mail: when an alert is raised, rises further, or ends.

use analyzer::concern::Concern;
use analyzer::explain::Explanation;
use analyzer::level::Level;
use analyzer::signal::Signal;
use askama::Template;
use jiff::Timestamp;

use super::letter::Letter;
use super::{Beside, Language, Message, Site, text};
use crate::alert::{Alert, Step};
use crate::chart::{self, Chart, Layout};

/// Everything an alert mail is written from.
#[derive(Clone, Copy, Debug)]
pub struct AlertMail<'a> {
    /// The installation.
    pub site: &'a Site,
    /// The alert, its newest event included.
    pub alert: &'a Alert,
    /// What it is about.
    pub concern: &'a Concern,
    /// The counts that decided.
    pub signal: &'a Signal,
    /// The evidence.
    pub explanation: &'a Explanation,
    /// Why the mail is written now.
    pub step: Step,
    /// Group of recipients named at the foot.
    pub group: &'a str,
    /// What stands behind `k=` in the link with which that group takes the alert, if there is one.
    pub claim: Option<&'a str>,
    /// Other alarming concerns that share most of their posts with this one.
    pub beside: &'a [Beside],
    /// Now: what the clock brings is told from here.
    pub now: Timestamp,
    /// Moments at which the level changed, oldest first.
    pub levels: &'a [(Timestamp, Level)],
}

/// What every mail about an alert rests on, with or without evidence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matter<'a> {
    pub(crate) site: &'a Site,
    pub(crate) alert: &'a Alert,
    pub(crate) concern: &'a Concern,
    pub(crate) step: Step,
    pub(crate) group: &'a str,
    pub(crate) claim: Option<&'a str>,
    pub(crate) levels: &'a [(Timestamp, Level)],
    pub(crate) now: Timestamp,
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertHtml<'a> {
    letter: &'a Letter,
}

/// Writes the mail. Nothing in it is invented: every sentence is computed from the values or quoted from them.
pub fn alert_mail(mail: &AlertMail<'_>, language: Language) -> Message {
    let letter = Letter::of(mail, language);
    let text = text::render(&letter);
    // A picture that fails or a template that fails must not keep the warning back: the text is complete.
    let html = AlertHtml { letter: &letter }.render().unwrap_or_default();
    Message {
        subject: letter.subject.clone(),
        text,
        html,
        chart: picture(mail, language),
        headers: headers(&mail.matter()),
        attachments: Vec::new(),
    }
}

impl<'a> AlertMail<'a> {
    /// A mail with evidence.
    pub(crate) fn of(
        matter: &Matter<'a>,
        (signal, explanation): (&'a Signal, &'a Explanation),
        beside: &'a [Beside],
    ) -> AlertMail<'a> {
        let Matter { site, alert, concern, step, group, claim, levels, now } = *matter;
        AlertMail { site, alert, concern, signal, explanation, step, group, claim, beside, now, levels }
    }

    /// The mail without its evidence.
    pub(super) fn matter(&self) -> Matter<'a> {
        let AlertMail { site, alert, concern, step, group, claim, levels, now, .. } = *self;
        Matter { site, alert, concern, step, group, claim, levels, now }
    }
}

impl AlertMail<'_> {
    /// The mail's chart.
    pub(super) fn chart<'b>(&'b self, replies: &'b [Timestamp], language: Language) -> Chart<'b> {
        Chart {
            curve: &self.explanation.curve,
            levels: self.levels,
            onset: (self.step != Step::Resolved).then_some(self.alert.onset),
            replies,
            now: self.signal.at,
            zone: &self.site.zone,
            language,
        }
    }

    /// When answers were published.
    pub(super) fn replies(&self) -> Vec<Timestamp> {
        self.alert.answers().iter().map(|answer| answer.at).collect()
    }
}

fn picture(mail: &AlertMail<'_>, language: Language) -> Option<Vec<u8>> {
    if mail.explanation.curve.len() < 2 {
        return None;
    }
    let svg = mail.chart(&mail.replies(), language).svg(Layout::Mail);
    match chart::png(&svg) {
        Ok(picture) => Some(picture),
        Err(error) => {
            tracing::warn!(alert.id = %mail.alert.id, %error, "alert mail goes out without its picture");
            None
        }
    }
}

pub(super) fn headers(mail: &Matter<'_>) -> Vec<(String, String)> {
    let level = match mail.alert.level {
        Level::Blue => "blue",
        Level::Yellow => "yellow",
        Level::Orange => "orange",
        Level::Red => "red",
    };
    let mut headers = vec![
        ("X-Guanlan-Level".to_owned(), level.to_owned()),
        ("X-Guanlan-Alert".to_owned(), mail.alert.id.to_string()),
    ];
    if mail.alert.level >= Level::Orange && mail.step != Step::Resolved {
        headers.push(("Importance".to_owned(), "high".to_owned()));
    }
    headers
}

#[cfg(test)]
mod tests;
