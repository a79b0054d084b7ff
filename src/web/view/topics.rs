//! Topics that nobody configured: a short list for the overview, and their own page with word lists.
//! Titles and words are collected text: they are cut to one line here and escaped by the templates.

use alerts::format;
use alerts::message::Site;
use analyzer::concern::Concern;
use askama::Template;

use super::{Chrome, set};
use crate::emerging::{Listed, TopicState};

/// Characters of a title, and of a topic's words.
const TITLE: usize = 60;
const WORDS: usize = 60;

/// One topic as a line.
pub(super) struct TopicRow {
    pub(super) id: String,
    pub(super) link: String,
    pub(super) title: String,
    pub(super) words: String,
    pub(super) numbers: String,
    pub(super) note: String,
    pub(super) toml: String,
    pub(super) promote: String,
}

/// Everything the page is made from.
pub(crate) struct TopicsData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// The topics.
    pub(crate) listed: &'a Listed,
    /// The concerns, for names.
    pub(crate) concerns: &'a [Concern],
}

#[derive(Template)]
#[template(path = "topics.html")]
struct TopicsHtml<'a> {
    chrome: &'a Chrome,
    finding: String,
    told: Vec<TopicRow>,
    muted: Vec<TopicRow>,
    classes: String,
    learning: bool,
}

/// Sets the page.
pub(crate) fn topics_page(chrome: &Chrome, data: &TopicsData<'_>) -> String {
    let rows = |muted: bool| -> Vec<TopicRow> {
        let wanted = data.listed.topics.iter().filter(|topic| topic.muted == muted);
        wanted.map(|topic| row(chrome, data, topic)).collect()
    };
    let told = rows(false);
    set(TopicsHtml {
        chrome,
        finding: finding(chrome, told.len()),
        told,
        muted: rows(true),
        classes: data.listed.muted.join("、"),
        learning: data.listed.learning,
    })
}

/// How many there are, in words.
pub(super) fn finding(chrome: &Chrome, count: usize) -> String {
    match (chrome.carried.is_empty(), count) {
        (true, 0) => "最近一天没有新话题".to_owned(),
        (true, _) => format!("最近一天有 {count} 个新话题"),
        (false, 0) => "No new topic within a day".to_owned(),
        (false, _) => format!("New topics within a day: {count}"),
    }
}

pub(super) fn row(chrome: &Chrome, data: &TopicsData<'_>, topic: &TopicState) -> TopicRow {
    let is_chinese = chrome.carried.is_empty();
    let found = format::moment(topic.found, chrome.now, &data.site.zone, chrome.language);
    let numbers = if is_chinese {
        format!("{} 帖 · {} 种说法 · {} 个信源 · {found}", topic.posts, topic.voices, topic.sources)
    } else {
        format!("{} posts · {} texts · {} sources · {found}", topic.posts, topic.voices, topic.sources)
    };
    let concern = topic.concern.as_ref().and_then(|id| data.concerns.iter().find(|it| it.id == *id));
    let class = topic.class.as_ref().map(|(chinese, english)| if is_chinese { chinese } else { english });
    let notes = [
        class.cloned(),
        concern.map(|concern| {
            let name = format::one_line(&concern.name, 40);
            if is_chinese { format!("属于关切 {name}") } else { format!("belongs to {name}") }
        }),
        topic.mailed.then(|| if is_chinese { "已发邮件" } else { "mailed" }.to_owned()),
    ];
    TopicRow {
        id: topic.id.clone(),
        link: chrome.to("/topics"),
        title: format::one_line(&topic.title, TITLE),
        words: format::one_line(&topic.words.join(if is_chinese { "、" } else { ", " }), WORDS),
        numbers,
        note: notes.into_iter().flatten().collect::<Vec<String>>().join(" · "),
        toml: topic.as_concern().toml(),
        promote: chrome.to(&format!("/topics/{}/promote", topic.id)),
    }
}
