//! The daily digest: the day's figures, alerts and answers as a mail and as the content of a page.
//! Lists facts; judgement and advice are left to people.

mod content;
mod facts;
mod labels;
mod replies;
mod sentences;
mod text;
mod week;

use analyzer::concern::Concern;
use analyzer::digest::DigestFigures;
use analyzer::effect::{Effect, Measured};
use analyzer::explain::Statement;
use analyzer::signal::Signal;
use askama::Template;
use jiff::civil::Date;

pub use self::content::{AskedAbout, DigestContent, ExtraTable, HotConcern, Official, Reply};
pub use self::labels::DigestLabels;
pub use self::replies::answered_by;
use crate::alert::{Alert, AlertId};
use crate::chart::{self, Layout};
use crate::message::{Language, Message, Sheet, Site};

/// Everything a digest is written from.
#[derive(Clone, Copy, Debug)]
pub struct Digest<'a> {
    /// The installation.
    pub site: &'a Site,
    /// Day the digest bears: the local day on which its span ends.
    pub day: Date,
    /// What it is about.
    pub scope: Scope<'a>,
    /// Number of the digest (总第 N 期), if counted.
    pub issue: Option<u32>,
    /// How many concerns are listed (`[digest] top`).
    pub top: usize,
    /// What was counted.
    pub figures: &'a DigestFigures,
    /// Concerns, for names and departments.
    pub concerns: &'a [Concern],
    /// Alerts that were open at any time of the span, oldest first.
    pub alerts: &'a [Alert],
    /// Texts of the span that are official or report an official reply, by concern id, newest first.
    pub statements: &'a [(String, Vec<Statement>)],
    /// The newest signals: what is still rising when the digest is written is told with its forecast.
    pub newest: &'a [Signal],
    /// What came after the answers to these alerts, where somebody answered.
    pub effects: &'a [(AlertId, Measured<Effect>)],
    /// Topics that nobody configured, a line each; on the first of a month also how the month before was answered.
    pub topics: &'a [String],
}

/// What a digest is about.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// A day (日报).
    Day,
    /// A week (周报): days side by side, answers by department, health of sources.
    Week,
    /// One concern (专报), on demand.
    Concern(&'a Concern),
}

#[derive(Template)]
#[template(path = "digest.html")]
struct DigestHtml<'a> {
    digest: &'a DigestContent,
    group: &'a str,
}

impl Digest<'_> {
    /// What the digest says, for the mail and for the page.
    pub fn content(&self, language: Language) -> DigestContent {
        content::build(self, language)
    }
}

/// Writes the digest for one group of recipients.
pub fn digest_mail(digest: &Digest<'_>, group: &str, language: Language) -> Message {
    let content = digest.content(language);
    let group = sentences::why_you(digest, group, language);
    let html = DigestHtml { digest: &content, group: &group }.render().unwrap_or_default();
    let picture = content.has_chart.then(|| picture(digest, Layout::Mail, language)).flatten();
    Message {
        subject: content.subject.clone(),
        text: text::render(&content, &group),
        html,
        chart: picture,
        headers: vec![("X-Guanlan-Digest".to_owned(), digest.day.to_string())],
        attachments: Vec::new(),
    }
}

/// Tells one group that the digest is there, and nothing of what is in it.
pub fn digest_note(digest: &Digest<'_>, group: &str, language: Language) -> Message {
    let content = digest.content(language);
    let path = match digest.scope {
        Scope::Week => "digest/week",
        _ => "digest",
    };
    let link = digest.site.public_url.as_deref().map(|url| format!("{url}/{path}/{}", digest.day));
    let (lead, note) = match language {
        Language::Chinese => ("按本单位设置，邮件不写内容，请到观澜查看。", "打开："),
        Language::English => ("As the office has it, mails tell nothing of it; see the pages.", "Open: "),
    };
    let notes = link.iter().map(|link| format!("{note}{link}")).collect();
    let sheet = Sheet { title: content.subject, lead: lead.to_owned(), items: Vec::new(), notes };
    let headers = vec![("X-Guanlan-Digest".to_owned(), digest.day.to_string())];
    Message { headers, ..sheet.message(group, &Site { language, ..digest.site.clone() }) }
}

/// The chart as a picture.
pub(crate) fn picture(digest: &Digest<'_>, layout: Layout, language: Language) -> Option<Vec<u8>> {
    let levels = facts::colouring(digest);
    match chart::png(&facts::chart(digest, &levels, language).svg(layout)) {
        Ok(picture) => Some(picture),
        Err(error) => {
            tracing::warn!(digest.day = %digest.day, %error, "digest goes out without its picture");
            None
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
