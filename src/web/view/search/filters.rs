//! What narrows a search down or shows it in another way: every choice is a link, with how much it would leave.

use alerts::format;
use alerts::message::Language;
use analyzer::concern::Concern;

use super::SearchData;
use crate::web::view::Chrome;

const OFFICIAL: (&str, &str) = ("只看政务和媒体", "Offices and media only");
const GROUP: (&str, &str) = ("只看一组相似帖文", "One group of similar posts only");

/// One way to change the search: a link.
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) link: String,
    pub(super) current: bool,
    pub(super) count: Option<String>,
}

/// What narrows the result down beside the query, in words.
pub(super) fn beside(chrome: &Chrome, data: &SearchData<'_>) -> Vec<String> {
    let official = data.wanted.is_official().then(|| chrome.say(OFFICIAL.0, OFFICIAL.1));
    let group = data.wanted.voice().map(|_| chrome.say(GROUP.0, GROUP.1));
    [data.time, official, group].into_iter().flatten().map(str::to_owned).collect()
}

pub(super) fn ranges(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let labels = match chrome.language {
        Language::Chinese => ["不限", "近 24 小时", "近 48 小时", "近 7 天", "近 30 天"],
        Language::English => ["any", "24 hours", "48 hours", "7 days", "30 days"],
    };
    let is_own = !data.wanted.from.is_empty() || !data.wanted.to.is_empty();
    let choice = |(label, since): (&'static str, &str)| Choice {
        label: label.to_owned(),
        link: data
            .wanted
            .with(|wanted| {
                wanted.since = since.to_owned();
                wanted.from.clear();
                wanted.to.clear();
            })
            .link(chrome),
        current: !is_own && data.wanted.since == since,
        count: None,
    };
    labels.into_iter().zip(["", "24h", "48h", "7d", "30d"]).map(choice).collect()
}

pub(super) fn sorts(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let labels = match chrome.language {
        Language::Chinese => ["最新", "最相关", "相似最多"],
        Language::English => ["newest", "most relevant", "most copies"],
    };
    let choice = |(label, sort): (&'static str, &str)| Choice {
        label: label.to_owned(),
        link: data.wanted.with(|wanted| wanted.sort = sort.to_owned()).link(chrome),
        current: data.wanted.sort == sort || data.wanted.sort.is_empty() && sort == "time",
        count: None,
    };
    labels.into_iter().zip(["time", "relevance", "copies"]).map(choice).collect()
}

pub(super) fn shown_as(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let wanted = data.wanted;
    let (folds, official) = (wanted.folds(), wanted.is_official());
    let value = |on: bool, name: &str| if on { name.to_owned() } else { String::new() };
    let group = wanted.voice().map(|_| Choice {
        label: chrome.say(GROUP.0, GROUP.1).to_owned(),
        link: wanted.with(|wanted| (wanted.similar, wanted.fold) = Default::default()).link(chrome),
        current: true,
        count: None,
    });
    let always = [
        Choice {
            label: chrome.say("合并相似帖文", "Similar posts merged").to_owned(),
            link: wanted.with(|wanted| wanted.fold = value(folds, "no")).link(chrome),
            current: folds,
            count: None,
        },
        Choice {
            label: chrome.say(OFFICIAL.0, OFFICIAL.1).to_owned(),
            link: wanted.with(|wanted| wanted.who = value(!official, "official")).link(chrome),
            current: official,
            count: None,
        },
    ];
    group.into_iter().chain(always).collect()
}

/// Counts by source group, each a link that narrows the query down or, if it does already, takes that back.
pub(super) fn groups(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let by_group = data.found.map(|found| found.results.by_group.as_slice()).unwrap_or_default();
    let view = |(name, posts): &(String, u32)| {
        let name = format::one_line(name, 40);
        let (link, current) = data.wanted.toggled(&format!("信源:\"{}\"", name.replace('"', " ")));
        Choice { label: name, link: link.link(chrome), current, count: Some(format::exact((*posts).into())) }
    };
    by_group.iter().take(12).map(view).collect()
}

/// The concerns with posts among those found, most first.
pub(super) fn concerns(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Choice> {
    let mut counted: Vec<(&Concern, Option<u32>)> =
        data.concerns.iter().copied().filter(|(_, posts)| *posts != Some(0)).collect();
    counted.sort_by_key(|(_, posts)| std::cmp::Reverse(*posts));
    let view = |(concern, posts): (&Concern, Option<u32>)| {
        let (link, current) = data.wanted.toggled(&format!("关切:\"{}\"", concern.id.replace('"', " ")));
        Choice {
            label: format::one_line(&concern.name, 40),
            link: link.link(chrome),
            current,
            count: posts.map(|posts| format::exact(posts.into())),
        }
    };
    counted.into_iter().take(12).map(view).collect()
}
