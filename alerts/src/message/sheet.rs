//! A mail or page that tells of several alerts in a few lines each: what waited over night, a hand-over.

use analyzer::level::Level;
use askama::Template;
use jiff::Timestamp;

use super::labels::Labels;
use super::{Language, Message, Site};
use crate::format;

/// A list of alerts with a heading.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Heading, and subject of the mail.
    pub title: String,
    /// What it is, in a sentence.
    pub lead: String,
    /// The alerts, most urgent first.
    pub items: Vec<SheetItem>,
    /// Sentences under the list; may be empty.
    pub notes: Vec<String>,
}

/// One alert in a few lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetItem {
    /// Level now.
    pub level: Level,
    /// What it is about, with its numbers.
    pub title: String,
    /// Further lines.
    pub lines: Vec<String>,
    /// `预警 1124-03`.
    pub number: String,
    /// Its page on our own site.
    pub path: String,
    /// Address of that page, if the site has one for mails.
    pub link: Option<String>,
}

impl SheetItem {
    fn ground(&self) -> &'static str {
        format::level_ground(self.level)
    }

    /// `■■■□ 橙色 · Ⅱ级`.
    fn mark(&self, language: Language) -> String {
        format!("{} {}", format::level_bars(self.level), format::level_and_numeral(self.level, language))
    }
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct SheetHtml<'a> {
    sheet: &'a Sheet,
    labels: &'static Labels,
    language: Language,
    strip: Option<&'static str>,
    foot: &'a str,
}

impl Sheet {
    /// What waited for the end of the quiet hours.
    pub(crate) fn gathered(items: Vec<SheetItem>, site: &Site, now: Timestamp) -> Sheet {
        let (count, moment) = (items.len(), format::date_time(now, &site.zone, site.language));
        let (title, lead) = match site.language {
            Language::Chinese => (
                format!("静默时段预警汇总：{count} 项（{moment}）"),
                "这些预警在静默时段提示，按设置合并成一封；更高级别的当时已单独发出。".to_owned(),
            ),
            Language::English => (
                format!("Alerts of the quiet hours: {count} ({moment})"),
                "These alerts came in quiet hours and were put together; higher levels were mailed at once."
                    .to_owned(),
            ),
        };
        Sheet { title, lead, items, notes: Vec::new() }
    }

    /// The same with level, name, number and link alone.
    pub fn brief(mut self) -> Sheet {
        self.items.iter_mut().for_each(|item| item.lines.clear());
        self
    }

    /// The sheet as a mail to one group.
    pub fn message(&self, group: &str, site: &Site) -> Message {
        let labels = Labels::of(site.language);
        let group = format::one_line(group, 40);
        let foot = match site.language {
            Language::Chinese => format!("您在“{group}”组，所以收到这封邮件。"),
            Language::English => format!("You receive this because you are in the group “{group}”."),
        };
        let foot = if self.items.is_empty() {
            foot
        } else {
            format!("{foot}\n{} {}", labels.level_notice, labels.totals_notice)
        };
        let (language, strip) = (site.language, site.staging.strip(site.language));
        let html = SheetHtml { sheet: self, labels, language, strip, foot: &foot };
        Message {
            subject: format!("{}{}", site.staging.mark(language), self.title),
            text: self.text(language, strip, &foot),
            html: html.render().unwrap_or_default(),
            ..Message::default()
        }
    }

    fn text(&self, language: Language, strip: Option<&str>, foot: &str) -> String {
        let mut lines = vec![self.title.clone()];
        lines.extend(strip.map(str::to_owned));
        lines.push(self.lead.clone());
        for item in &self.items {
            lines.push(String::new());
            lines.push(format!("{}  {}  {}", item.mark(language), item.number, item.title));
            lines.extend(item.lines.iter().map(|line| format!("  {line}")));
            lines.extend(item.link.iter().map(|link| format!("  {link}")));
        }
        lines.push(String::new());
        lines.extend(self.notes.iter().cloned());
        lines.push(String::new());
        lines.push("-- ".to_owned());
        lines.push(foot.to_owned());
        lines.push(String::new());
        lines.join("\n")
    }
}
