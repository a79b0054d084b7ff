//! What one alert mail says, computed once and then set as text and as HTML.

use jiff::Timestamp;

use super::Language::{self, Chinese, English};
use super::due::{Due, answer, due};
use super::labels::Labels;
use super::offices::{Offices, offices};
use super::outlook::{NextHours, next_hours};
use super::palette::{Palette, palette};
use super::{AlertMail, Matter, SheetItem, evidence, news, sentences};
use crate::alert::{Alert, Event, Step};
use crate::format;

/// Subjects stay within this many characters where our words allow.
const SUBJECT: usize = 40;

/// What one alert mail says; an alert's page says the same.
pub struct Letter {
    /// Language of our words.
    pub language: Language,
    pub(super) labels: &'static Labels,
    /// Said on top of a demonstration or a drill.
    pub strip: Option<&'static str>,
    /// Subject of the mail.
    pub subject: String,
    pub(super) palette: Palette,
    /// `■■■□`.
    pub bars: &'static str,
    /// `橙色 · Ⅱ级`.
    pub level: String,
    /// `由黄色升级`.
    pub change: String,
    /// `预警 1124-03`.
    pub number: String,
    /// Moment the letter speaks of.
    pub time: String,
    /// `数据公布：1 小时 219 帖，为预期的 5.1 倍`.
    pub headline: String,
    /// What people did or the clock brought, where the mail is about that; else empty.
    pub news: String,
    /// Since when it has been rising, how the level changed, where.
    pub story: String,
    /// Posts, copies, groups and sources beside what was expected.
    pub counts: String,
    /// Address of the alert's page.
    pub link: Option<String>,
    /// Address of the page on which the group takes the alert; none once somebody has it.
    pub claim: Option<String>,
    /// The response clock.
    pub due: Due,
    /// The clock's moments so far.
    pub stamps: String,
    /// Other alarming concerns that share most of their posts; may be empty.
    pub beside: String,
    /// Whether there is a curve.
    pub has_chart: bool,
    /// The chart's finding in words.
    pub chart_alt: String,
    /// The last values.
    pub curve: Vec<CurveRow>,
    /// How it will go on; `None` once closed.
    pub next_hours: Option<NextHours>,
    /// What people ask, most first.
    pub asks: Vec<Ask>,
    /// Shares of posts that ask, complain, call for help; may be empty.
    pub intents: String,
    /// Representative posts.
    pub quotes: Vec<Cited>,
    /// What offices have said, and what came after it.
    pub offices: Offices,
    /// 口径要点.
    pub advice: Option<String>,
    /// Why the level was reached; `None` once closed.
    pub why: Option<Why>,
    /// State of the sources in words; empty without sources.
    pub coverage: String,
    /// One line in the other language.
    pub other_language: String,
    /// Its `lang` attribute.
    pub other_html_language: &'static str,
    /// Why this group gets the mail.
    pub why_you: String,
}

/// One row of the table of last values.
#[derive(Clone, Debug)]
pub struct CurveRow {
    /// End of the hour counted.
    pub time: String,
    /// Posts, or that there is no data.
    pub posts: String,
    /// What changed then, and what was expected.
    pub note: String,
}

/// How many posts ask one thing.
pub struct Ask {
    /// The question.
    pub label: String,
    /// Posts that ask it.
    pub posts: String,
    /// Whole per cent of the longest bar.
    pub width: u32,
}

/// A quoted text with its origin.
pub struct Cited {
    /// The text, shortened.
    pub text: String,
    /// Source group, time, similar posts.
    pub origin: String,
    /// Link to the original; never for individuals.
    pub link: Option<String>,
}

/// Why the level was reached: value beside threshold.
pub struct Why {
    /// `为什么提示橙色`.
    pub title: String,
    /// Criterion, value, threshold.
    pub rows: Vec<(String, String, String)>,
    /// Further remarks.
    pub notes: Vec<String>,
}

impl Letter {
    /// As it is mailed.
    pub fn of(mail: &AlertMail<'_>, language: Language) -> Letter {
        Letter::read_at(mail, written_at(mail), language)
    }

    /// As it reads at a later moment: days are named and time left is counted from there.
    pub fn read_at(mail: &AlertMail<'_>, now: Timestamp, language: Language) -> Letter {
        let site = mail.site;
        let labels = Labels::of(language);
        let (headline, story, counts) = told(mail, now, language);
        let other = match language {
            Chinese => English,
            English => Chinese,
        };
        let matter = &mail.matter();
        let in_other = match mail.step {
            Step::Resolved => ending(matter, other),
            _ => sentences::against_expected(mail.signal, other),
        };
        let deadline =
            (mail.step != Step::Resolved && answer(matter).is_none()).then_some(mail.alert.deadline);
        Letter {
            language,
            labels,
            strip: site.staging.strip(language),
            subject: subject(matter, &sentences::against_expected(mail.signal, language), language),
            palette: palette(mail.alert.level),
            bars: format::level_bars(mail.alert.level),
            level: format::level_and_numeral(mail.alert.level, language),
            change: change(matter, language),
            number: format!("{} {}", labels.alert, mail.alert.id.short()),
            time: format::date_time(written_at(mail), &site.zone, language),
            headline,
            news: news::told(matter, now, language),
            story,
            counts,
            link: site.public_url.as_deref().map(|url| format!("{url}/a/{}", mail.alert.id)),
            claim: claim(matter),
            due: due(matter, now, language),
            stamps: news::stamps(mail.alert, now, &site.zone, language),
            beside: news::beside(mail.beside, language),
            has_chart: mail.explanation.curve.len() > 1,
            chart_alt: mail.chart(&[], language).finding(),
            curve: evidence::curve(mail, language),
            next_hours: (mail.step != Step::Resolved)
                .then(|| next_hours(&mail.signal.forecast, mail.alert.level, language)),
            asks: evidence::asks(mail.explanation, language),
            intents: sentences::wanted(mail.explanation, language),
            quotes: evidence::quotes(mail.explanation, (&site.zone, mail.signal.at), language),
            offices: offices(mail, now, language),
            advice: mail.concern.advice.as_deref().map(|advice| format::one_line(advice, 400)),
            why: (mail.step != Step::Resolved).then(|| evidence::why(mail, language)),
            coverage: sentences::coverage(&mail.explanation.sources, language),
            other_language: sentences::in_other_language(mail, &in_other, deadline, other),
            other_html_language: Labels::of(other).html_language,
            why_you: sentences::why_you(mail.group, language),
        }
    }
}

pub(super) fn claim(mail: &Matter<'_>) -> Option<String> {
    let is_free = mail.alert.is_open() && !mail.alert.was_acknowledged();
    let (url, token) = mail.site.public_url.as_deref().zip(mail.claim.filter(|_| is_free))?;
    Some(format!("{url}/a/{}/claim?k={token}", mail.alert.id))
}

/// Moment the mail is written: counts are complete a little before the level is judged.
fn written_at(mail: &AlertMail<'_>) -> Timestamp {
    let judged = mail.levels.last().map_or(mail.signal.at, |(at, _)| *at);
    match mail.step {
        Step::Resolved => mail.alert.closed_at.unwrap_or(mail.signal.at),
        Step::Raised | Step::Escalated | Step::Gathered => judged.max(mail.signal.at),
        _ => mail.now,
    }
}

/// The subject; `told` is what is said of the counts.
pub(super) fn subject(mail: &Matter<'_>, told: &str, language: Language) -> String {
    let level = mail.alert.level;
    let mark = mail.site.staging.mark(language);
    let is_reply = matches!(mail.step, Step::Acknowledged | Step::Responded | Step::Withdrawn);
    let reply = if is_reply { "Re: " } else { "" };
    let (before, after) = match (mail.step, language) {
        (Step::Unclaimed | Step::DueSoon | Step::Overdue, _) => news::subject(mail, language),
        (Step::Resolved, Chinese) => ("【已关闭】".to_owned(), format!("：{}", ending(mail, language))),
        (Step::Resolved, English) => ("[CLOSED] ".to_owned(), format!(": {}", ending(mail, language))),
        (_, Chinese) => {
            let numeral = format::level_numeral(level);
            (format!("【{}·{numeral}级】", format::level_name(level, language)), format!("：{told}"))
        }
        (_, English) => {
            let name = format::level_name(level, language).to_uppercase();
            (format!("[{name} · {}] ", format::level_numeral_ascii(level)), format!(": {told}"))
        }
    };
    let ours = reply.len() + mark.chars().count() + before.chars().count() + after.chars().count();
    let name = sentences::concern_name(mail.concern, language);
    let room = match language {
        Chinese => SUBJECT.saturating_sub(ours).max(8),
        English => sentences::NAME,
    };
    format!("{reply}{mark}{before}{}{after}", format::one_line(&name, room))
}

/// Headline, story and counts.
fn told(mail: &AlertMail<'_>, now: Timestamp, language: Language) -> (String, String, String) {
    let name = sentences::concern_name(mail.concern, language);
    let colon = match language {
        Chinese => "：",
        English => ": ",
    };
    let clock = |at: Timestamp| format::moment(at, now, &mail.site.zone, language);
    let rise = sentences::rise(mail.alert.onset, mail.levels, &clock, language);
    if mail.step == Step::Resolved {
        let numbers = sentences::against_expected(mail.signal, language);
        let at = clock(mail.signal.at);
        let last = match language {
            Chinese => format!("截至 {at}，最近 {numbers}。"),
            English => format!("As of {at}: {numbers}."),
        };
        let headline = format!("{name}{colon}{}", ending(&mail.matter(), language));
        return (headline, rise, format!("{last}{}", peak(mail, language)));
    }
    let headline = format!("{name}{colon}{}", sentences::against_expected(mail.signal, language));
    let space = if language == English { " " } else { "" };
    let story = format!("{rise}{space}{}", sentences::shares(&mail.explanation.groups, language));
    (headline, story, sentences::counts(mail.signal, language))
}

/// `已回落，最高橙色，历时 6 小时 20 分`.
pub(super) fn ending(mail: &Matter<'_>, language: Language) -> String {
    let by_hand = mail.alert.events.iter().rev().find_map(|(_, event)| match event {
        Event::Resolved { by } => Some(by.clone()),
        Event::FalseAlarm { by, .. } => Some(Some(by.clone())),
        _ => None,
    });
    let highest = format::level_name(mail.alert.highest, language);
    let closed = mail.alert.closed_at.unwrap_or(mail.now);
    let lasted = format::duration(closed.duration_since(mail.alert.raised_at), language);
    match (language, by_hand.flatten()) {
        (Chinese, None) => format!("已回落，最高{highest}，历时 {lasted}"),
        (Chinese, Some(by)) => format!("由{}关闭，最高{highest}，历时 {lasted}", format::one_line(&by, 12)),
        (English, None) => format!("back in the expected range; highest {highest}, lasted {lasted}"),
        (English, Some(by)) => {
            format!("closed by {}; highest {highest}, lasted {lasted}", format::one_line(&by, 12))
        }
    }
}

/// Highest hour of the curve since the rise began.
fn peak(mail: &AlertMail<'_>, language: Language) -> String {
    let since = mail.explanation.curve.iter().filter(|point| point.at >= mail.alert.onset);
    // The earliest of equal hours.
    let highest = since.rev().max_by_key(|point| point.posts);
    let Some((at, posts)) = highest.and_then(|point| Some((point.at, point.posts?))) else {
        return String::new();
    };
    let clock = format::moment(at, written_at(mail), &mail.site.zone, language);
    match language {
        Chinese => format!("图中最高的 1 小时 {} 帖（截至 {clock}）。", format::exact(posts.into())),
        English => format!(" The highest hour shown: {} posts (to {clock}).", format::exact(posts.into())),
    }
}

pub(super) fn change(mail: &Matter<'_>, language: Language) -> String {
    let before =
        mail.levels.len().checked_sub(2).and_then(|index| mail.levels.get(index)).map(|(_, level)| *level);
    if let Some(word) = news::change(mail.step, language) {
        return word.to_owned();
    }
    match (mail.step, before, language) {
        (Step::Resolved, _, Chinese) => "预警关闭".to_owned(),
        (Step::Resolved, _, English) => "closed".to_owned(),
        (Step::Raised, _, Chinese) => "首次提示".to_owned(),
        (Step::Raised, _, English) => "first notice".to_owned(),
        (Step::Escalated, Some(before), Chinese) if before < mail.alert.level => {
            format!("由{}升级", format::level_name(before, language))
        }
        (Step::Escalated, Some(before), English) if before < mail.alert.level => {
            format!("raised from {}", format::level_name(before, language))
        }
        // Only on a page: nobody is mailed that a level fell.
        (Step::Escalated, Some(before), Chinese) if before > mail.alert.level => {
            format!("由{}降级", format::level_name(before, language))
        }
        (Step::Escalated, Some(before), English) if before > mail.alert.level => {
            format!("lowered from {}", format::level_name(before, language))
        }
        (_, _, Chinese) => "再次上升".to_owned(),
        (_, _, English) => "rising again".to_owned(),
    }
}

impl Letter {
    /// The letter in a few lines, for a mail or a page that tells of several alerts.
    pub(crate) fn as_item(&self, alert: &Alert) -> SheetItem {
        let due = format!("{}{}{}", self.due.lead, self.due.strong, self.due.rest);
        SheetItem {
            level: alert.level,
            title: self.headline.clone(),
            lines: vec![self.story.clone(), due],
            number: self.number.clone(),
            path: format!("/a/{}", alert.id),
            link: self.link.clone(),
        }
    }
}
