//! What the duty desk is told of a topic that nobody configured: one short mail each.

use alerts::format;
use alerts::message::{Language, Message, Site};
use alerts::settings::Detail;

use crate::emerging::TopicState;
use crate::notice::html;

/// Characters of a title in a subject.
const SUBJECT: usize = 40;

/// The mail. Everything collected is on one line and, in the HTML part, escaped.
pub(crate) fn message(topic: &TopicState, site: &Site, detail: Detail) -> Message {
    let (subject, lines) = match site.language {
        _ if detail == Detail::Brief => brief(topic, site),
        Language::Chinese => chinese(topic, site),
        Language::English => english(topic, site),
    };
    let subject = format!("{}{subject}", site.staging.mark(site.language));
    let text = format!("{subject}\n\n{}\n", lines.join("\n\n"));
    let headers = vec![("X-Guanlan-Topic".to_owned(), topic.id.clone())];
    Message { html: html(&subject, &lines), subject, text, headers, ..Message::default() }
}

/// That there is one, and where to see it.
fn brief(topic: &TopicState, site: &Site) -> (String, Vec<String>) {
    let link = link(topic, site);
    match site.language {
        Language::Chinese => {
            let mut lines = vec!["按本单位设置，邮件不写内容，请到观澜查看。".to_owned()];
            lines.extend(link.map(|link| format!("网页：{link}")));
            (format!("发现一个新话题（{}）", topic.id), lines)
        }
        Language::English => {
            let mut lines = vec!["As the office has it, mails tell nothing of it; see the pages.".to_owned()];
            lines.extend(link.map(|link| format!("Page: {link}")));
            (format!("A new topic ({})", topic.id), lines)
        }
    }
}

fn chinese(topic: &TopicState, site: &Site) -> (String, Vec<String>) {
    let title = format::one_line(&topic.title, SUBJECT);
    let words = format::one_line(&topic.words.join("、"), 80);
    let found = format::full_date_time(topic.found, &site.zone, Language::Chinese);
    let mut lines = vec![
        format::one_line(&topic.title, 120),
        format!("词：{words}"),
        format!(
            "到 {found}，{} 个信源里已有 {} 帖，其中 {} 种不同的说法。这几个词平时很少同时出现。",
            topic.sources, topic.posts, topic.voices
        ),
        format!("没有人为它配置过关切。要从此专门盯住它：guanlan topic promote {}", topic.id),
    ];
    if !topic.titles.is_empty() {
        lines.push(format!("热榜标题：{}", titles(topic)));
    }
    lines.extend(link(topic, site).map(|link| format!("网页：{link}")));
    (format!("新话题：{title}"), lines)
}

fn english(topic: &TopicState, site: &Site) -> (String, Vec<String>) {
    let title = format::one_line(&topic.title, SUBJECT);
    let words = format::one_line(&topic.words.join(", "), 80);
    let found = format::full_date_time(topic.found, &site.zone, Language::English);
    let mut lines = vec![
        format::one_line(&topic.title, 120),
        format!("Words: {words}"),
        format!(
            "Until {found}: {} posts from {} source groups, {} different texts. These words are seldom said together.",
            topic.posts, topic.sources, topic.voices
        ),
        format!(
            "No concern was configured for it. To watch it from now on: guanlan topic promote {}",
            topic.id
        ),
    ];
    if !topic.titles.is_empty() {
        lines.push(format!("Titles on hot lists: {}", titles(topic)));
    }
    lines.extend(link(topic, site).map(|link| format!("Page: {link}")));
    (format!("New topic: {title}"), lines)
}

fn titles(topic: &TopicState) -> String {
    let titles: Vec<String> = topic.titles.iter().map(|title| format::one_line(title, 60)).collect();
    titles.join(" / ")
}

fn link(topic: &TopicState, site: &Site) -> Option<String> {
    Some(format!("{}/topics#{}", site.public_url.as_deref()?, topic.id))
}
