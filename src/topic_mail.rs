//! What the duty desk is told of a topic that nobody configured: one short mail each.

use alerts::format;
use alerts::message::{Language, Message, Site};

use crate::emerging::TopicState;
use crate::notice::html;

/// Characters of a title in a subject.
const SUBJECT: usize = 40;

/// The mail. Everything collected is on one line and, in the HTML part, escaped.
pub(crate) fn message(topic: &TopicState, site: &Site) -> Message {
    let (subject, lines) = match site.language {
        Language::Chinese => chinese(topic, site),
        Language::English => english(topic, site),
    };
    let subject = format!("{}{subject}", site.staging.mark(site.language));
    let text = format!("{subject}\n\n{}\n", lines.join("\n\n"));
    let headers = vec![("X-Guanlan-Topic".to_owned(), topic.id.clone())];
    Message { html: html(&subject, &lines), subject, text, headers, ..Message::default() }
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
