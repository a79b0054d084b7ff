//! Mails to the administrator about sources: once when one has stopped, once when it is back.

use alerts::bulletin::Notice;
use alerts::format;
use alerts::message::{Language, Message, Site};
use crawler::crawl::Visit;
use crawler::health::Change;
use jiff::Timestamp;

/// A notice ready for the outbox.
pub(crate) struct Written {
    /// Stopped or back.
    pub kind: Notice,
    /// The source and when it stopped: the same stop is told once, the next one again.
    pub key: String,
    /// The mail.
    pub message: Message,
}

/// What the administrator is to be told of a visit, if anything. `name` is the source's.
pub(crate) fn notice(visit: &Visit, name: &str, site: &Site) -> Option<Written> {
    let change = visit.change.as_ref()?;
    let (kind, since) = match change {
        Change::Stopped { since, .. } => (Notice::SourceStopped, *since),
        Change::Back { since } => (Notice::SourceBack, *since),
    };
    let (subject, lines) = match site.language {
        Language::Chinese => chinese(visit, change, name, site),
        Language::English => english(visit, change, name, site),
    };
    let subject = if site.demo { format!("【演示】{subject}") } else { subject };
    let text = format!("{subject}\n\n{}\n", lines.join("\n"));
    let html = html(&subject, &lines);
    let key = format!("{}:{}", visit.source, since.as_second());
    Some(Written { kind, key, message: Message { subject, text, html, chart: None, headers: Vec::new() } })
}

fn chinese(visit: &Visit, change: &Change, name: &str, site: &Site) -> (String, Vec<String>) {
    let at = |moment: Timestamp| format::full_date_time(moment, &site.zone, Language::Chinese);
    let test = format!("现在是什么情况：guanlan source test {}", visit.source);
    match change {
        Change::Stopped { since, last_error } => (
            format!("信源停采：{name}"),
            vec![
                format!("{name} 自 {} 起没有采到，已经连续失败三个采集间隔。", at(*since)),
                format!("最近一次的原因：{}", last_error.zh),
                "停采期间它不参与预警判断，恢复后自动补采，并再发一封信告知。".to_owned(),
                test,
            ],
        ),
        Change::Back { since } => (
            format!("信源恢复：{name}"),
            vec![format!("{name} 自 {} 起停采，{} 恢复正常。", at(*since), at(visit.at))],
        ),
    }
}

fn english(visit: &Visit, change: &Change, name: &str, site: &Site) -> (String, Vec<String>) {
    let at = |moment: Timestamp| format::full_date_time(moment, &site.zone, Language::English);
    match change {
        Change::Stopped { since, last_error } => (
            format!("Source stopped: {name}"),
            vec![
                format!("{name} could not be read since {}: three of its intervals have failed.", at(*since)),
                format!("Latest reason: {}", last_error.en),
                "Until it is back it takes no part in any judgement; one more mail will say so.".to_owned(),
                format!("See for yourself: guanlan source test {}", visit.source),
            ],
        ),
        Change::Back { since } => (
            format!("Source back: {name}"),
            vec![format!("{name} had stopped at {} and answers again since {}.", at(*since), at(visit.at))],
        ),
    }
}

/// The lines as paragraphs; names and errors come from outside and are escaped.
fn html(subject: &str, lines: &[String]) -> String {
    let paragraphs: String = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
    let style = "font-family:'PingFang SC','Microsoft YaHei',Arial,sans-serif;font-size:16px;line-height:1.7";
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{0}</title></head>\
         <body style=\"{style}\"><h1 style=\"font-size:20px\">{0}</h1>{paragraphs}</body></html>",
        escaped(subject)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
