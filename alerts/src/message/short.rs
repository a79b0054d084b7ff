//! A mail about an alert that shows nothing of what was collected: its evidence is gone with its posts, or the
//! office's mails carry nothing but level, name, number and link.

use analyzer::concern::Concern;
use askama::Template;
use jiff::Timestamp;

use super::due::{Due, due};
use super::labels::Labels;
use super::palette::{Palette, palette};
use super::{Attachment, Language, Matter, Message, SheetItem, Site};
use super::{JSON_KIND, LINK_HEADER, alert_mail, letter, news, sentences};
use crate::alert::{Alert, Step};
use crate::format;
use crate::settings::Detail;
use Language::{Chinese, English};

/// What a short mail says, computed once and then set as text and as HTML.
struct Short {
    labels: &'static Labels,
    strip: Option<&'static str>,
    subject: String,
    palette: Palette,
    bars: &'static str,
    level: String,
    change: String,
    number: String,
    time: String,
    headline: String,
    /// What people did, the rise and the clock; empty in a brief mail.
    lines: Vec<String>,
    /// Why there is no more.
    note: &'static str,
    claim: Option<String>,
    link: Option<String>,
    why_you: String,
}

#[derive(Template)]
#[template(path = "short.html")]
struct ShortHtml<'a> {
    short: &'a Short,
}

/// What pages say of an alert that has no evidence: before its concern is counted, or once its time is over.
pub struct Bare {
    /// `由黄色升级`.
    pub change: String,
    /// The response clock.
    pub due: Due,
    /// The rise and the moments so far.
    pub lines: Vec<String>,
}

impl Bare {
    /// As it reads at a moment.
    pub fn of(site: &Site, (alert, concern): (&Alert, &Concern), now: Timestamp, language: Language) -> Bare {
        let levels = alert.levels();
        let step = match alert.is_open() {
            false => Step::Resolved,
            true if levels.len() > 1 => Step::Escalated,
            true => Step::Raised,
        };
        let matter = Matter { site, alert, concern, step, group: "", claim: None, levels: &levels, now };
        let clock = |at| format::moment(at, now, &site.zone, language);
        Bare {
            change: letter::change(&matter, language),
            due: due(&matter, now, language),
            lines: vec![
                sentences::rise(alert.onset, &levels, &clock, language),
                news::stamps(alert, now, &site.zone, language),
            ],
        }
    }
}

/// Writes the short mail: brief, or all that is known of an alert without its evidence.
pub(crate) fn short_mail(
    matter: &Matter<'_>,
    detail: Detail,
    is_channel: bool,
    language: Language,
) -> Message {
    let short = Short::of(matter, detail, language);
    let mut headers = alert_mail::headers(matter);
    if is_channel {
        headers.extend(short.link.iter().map(|link| (LINK_HEADER.to_owned(), link.clone())));
    }
    let html = ShortHtml { short: &short };
    Message {
        subject: short.subject.clone(),
        text: if is_channel { short.few_lines() } else { short.text(language) },
        html: if is_channel { String::new() } else { html.render().unwrap_or_default() },
        headers,
        attachments: is_channel.then(|| values(matter)).flatten().into_iter().collect(),
        ..Message::default()
    }
}

/// The same in a few lines, for a mail that tells of several alerts.
pub(crate) fn short_item(matter: &Matter<'_>, detail: Detail, language: Language) -> SheetItem {
    let short = Short::of(matter, detail, language);
    SheetItem {
        level: matter.alert.level,
        title: short.headline,
        lines: short.lines,
        number: short.number,
        path: format!("/a/{}", matter.alert.id),
        link: short.link,
    }
}

impl Short {
    fn of(matter: &Matter<'_>, detail: Detail, language: Language) -> Short {
        let labels = Labels::of(language);
        let (site, alert) = (matter.site, matter.alert);
        let number = format!("{} {}", labels.alert, alert.id.short());
        let name = sentences::concern_name(matter.concern, language);
        let is_brief = detail == Detail::Brief;
        let headline = match (matter.step, language) {
            (Step::Resolved, Chinese) => format!("{name}：{}", letter::ending(matter, language)),
            (Step::Resolved, English) => format!("{name}: {}", letter::ending(matter, language)),
            _ => name,
        };
        Short {
            labels,
            strip: site.staging.strip(language),
            subject: letter::subject(matter, &number, language),
            palette: palette(alert.level),
            bars: format::level_bars(alert.level),
            level: format::level_and_numeral(alert.level, language),
            change: letter::change(matter, language),
            time: format::date_time(matter.now, &site.zone, language),
            number,
            headline,
            lines: if is_brief { Vec::new() } else { lines(matter, language) },
            note: note(detail, language),
            // One link that shows nothing to whoever has no way to the office's pages.
            claim: letter::claim(matter).filter(|_| !is_brief),
            link: site.public_url.as_deref().map(|url| format!("{url}/a/{}", alert.id)),
            why_you: sentences::why_you(matter.group, language),
        }
    }

    fn text(&self, language: Language) -> String {
        let colon = if language == Chinese { "：" } else { ": " };
        let mut lines = vec![self.subject.clone()];
        lines.extend(self.strip.map(str::to_owned));
        lines.push(format!("{} {}  {}", self.bars, self.level, self.change));
        lines.push(format!("{}  {}", self.number, self.time));
        lines.push(String::new());
        lines.push(self.headline.clone());
        lines.extend(self.lines.iter().cloned());
        for (label, link) in [(self.labels.claim, &self.claim), (self.labels.details, &self.link)] {
            lines.extend(link.iter().flat_map(|link| [String::new(), format!("{label}{colon}{link}")]));
        }
        lines.extend([String::new(), self.note.to_owned(), String::new()]);
        // The usual mark of a signature, its trailing space included.
        lines.extend(["-- ".to_owned(), self.why_you.clone(), self.labels.level_notice.to_owned()]);
        lines.push(String::new());
        lines.join("\n")
    }

    /// For a chat, which shows subject and link by itself.
    fn few_lines(&self) -> String {
        let head = [self.level.as_str(), self.change.as_str(), self.number.as_str()].join(" · ");
        let lines = [head, self.headline.clone()].into_iter().chain(self.lines.iter().cloned());
        lines.chain([self.note.to_owned()]).collect::<Vec<_>>().join("\n")
    }
}

fn lines(matter: &Matter<'_>, language: Language) -> Vec<String> {
    let (zone, now) = (&matter.site.zone, matter.now);
    let clock = |at| format::moment(at, now, zone, language);
    let due = due(matter, now, language);
    let lines = [
        news::told(matter, now, language),
        sentences::rise(matter.alert.onset, matter.levels, &clock, language),
        format!("{}{}{}", due.lead, due.strong, due.rest),
        news::stamps(matter.alert, now, zone, language),
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect()
}

fn note(detail: Detail, language: Language) -> &'static str {
    match (detail, language) {
        (Detail::Full, Chinese) => "这项预警留存的数据和帖文已按期限删除，本信不附图表和帖文。",
        (Detail::Full, English) => {
            "What was kept of this alert is past its time and was deleted: no chart and no posts."
        }
        (Detail::Brief, Chinese) => "按本单位设置，邮件只写级别、名称和编号，其余请到观澜查看。",
        (Detail::Brief, English) => {
            "As the office has it, mails say level, name and number only; see the pages for more."
        }
    }
}

/// The alert for programs: as with evidence, but for the counts and what was said.
fn values(matter: &Matter<'_>) -> Option<Attachment> {
    let value = serde_json::json!({
        "version": 1,
        "staging": format!("{:?}", matter.site.staging).to_lowercase(),
        "org": format::one_line(&matter.site.org, 80),
        "step": matter.step,
        "alert": matter.alert,
        "concern": {
            "id": matter.concern.id,
            "name": matter.concern.name,
            "department": matter.concern.department,
        },
        "signal": null,
        "explanation": null,
    });
    let bytes = serde_json::to_vec(&value).ok()?;
    Some(Attachment { name: "alert.json".to_owned(), kind: JSON_KIND.to_owned(), bytes })
}

#[cfg(test)]
mod tests;
