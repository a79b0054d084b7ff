//! What narrows a search down or shows it in another way: boxes, with how much each would leave, and links that sort.

use alerts::format;
use alerts::message::Language;
use analyzer::query::UNASSIGNED;

use super::SearchData;
use super::address::{Narrowing, OWN, TYPED};
use crate::web::view::Chrome;

const OFFICIAL: (&str, &str) = ("只看政务和媒体", "Offices and media only");
const GROUP: (&str, &str) = ("只看一组相似帖文", "One group of similar posts only");

/// One way to sort: a link.
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) link: String,
    pub(super) current: bool,
}

/// A box of the form beside the posts.
pub(super) struct Tick {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) current: bool,
    pub(super) count: Option<String>,
}

/// What narrows the result down beside the query, in words.
pub(super) fn beside(chrome: &Chrome, data: &SearchData<'_>) -> Vec<String> {
    let official = data.wanted.is_official().then(|| chrome.say(OFFICIAL.0, OFFICIAL.1));
    let group = data.wanted.voice().map(|_| chrome.say(GROUP.0, GROUP.1));
    [data.time, official, group].into_iter().flatten().map(str::to_owned).collect()
}

pub(super) fn ranges(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Tick> {
    let labels = match chrome.language {
        Language::Chinese => ["不限", "近 24 小时", "近 48 小时", "近 7 天", "近 30 天"],
        Language::English => ["any", "24 hours", "48 hours", "7 days", "30 days"],
    };
    let wanted = data.wanted;
    let tick = |(label, value): (String, &str), current| Tick {
        value: value.to_owned(),
        label,
        current,
        count: None,
    };
    let is_own = wanted.since.is_empty() && !(wanted.from.is_empty() && wanted.to.is_empty());
    let times = wanted.times();
    let is_typed = wanted.since.is_empty() && !is_own && !times.is_empty();
    let usual = labels.map(str::to_owned).into_iter().zip(["", "24h", "48h", "7d", "30d"]);
    let usual =
        usual.map(|(label, since)| tick((label, since), !is_own && !is_typed && wanted.since == since));
    let span = |moment: &str| format::one_line(moment, 20);
    let own = is_own.then(|| tick((format!("{} – {}", span(&wanted.from), span(&wanted.to)), OWN), true));
    let typed = chrome.say("查询里写的：", "as typed: ");
    let typed =
        is_typed.then(|| tick((format::one_line(&format!("{typed}{}", times.join(" ")), 40), TYPED), true));
    usual.chain(own).chain(typed).collect()
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
    };
    labels.into_iter().zip(["time", "relevance", "copies"]).map(choice).collect()
}

/// Boxes of a kind shown at most, beside those that are ticked.
const BOXES: usize = 12;

/// The groups of sources: those with posts among the found, most first, then the others, which may be added.
pub(super) fn groups(data: &SearchData<'_>) -> Vec<Tick> {
    let (by_group, chosen) = (data.by_group, data.wanted.chosen(Narrowing::Source));
    let is_counted = |name: &str| by_group.iter().any(|(counted, _)| counted == name);
    let named = data.groups.iter().map(String::as_str).filter(|_| !chosen.is_empty());
    let mut others: Vec<&str> =
        named.chain(chosen.iter().map(String::as_str)).filter(|name| !is_counted(name)).collect();
    others.sort_unstable();
    others.dedup();
    let counted = by_group.iter().map(|(name, posts)| (name.as_str(), Some(format::exact((*posts).into()))));
    let all = counted.chain(others.into_iter().map(|name| (name, None)));
    let tick = |(name, count): (&str, Option<String>)| Tick {
        value: name.to_owned(),
        label: format::one_line(name, 40),
        current: chosen.iter().any(|one| one == name),
        count,
    };
    shown_boxes(all.map(tick))
}

/// The concerns with posts among those found, most first, then the posts of none.
pub(super) fn concerns(chrome: &Chrome, data: &SearchData<'_>) -> Vec<Tick> {
    let (counts, chosen) = (data.by_concern, data.wanted.chosen(Narrowing::Concern));
    let posts = |place: usize| counts.and_then(|counts| counts.posts.get(place)).copied();
    let tick = |names: &[&str], value: &str, label: String, posts: Option<u32>| Tick {
        value: value.to_owned(),
        label,
        current: chosen.iter().any(|chosen| names.contains(&chosen.as_str())),
        count: posts.map(|posts| format::exact(posts.into())),
    };
    let is_offered = |(tick, posts): &(Tick, Option<u32>)| *posts != Some(0) || tick.current;
    let mut known: Vec<(Tick, Option<u32>)> = data
        .concerns
        .iter()
        .enumerate()
        .map(|(place, concern)| {
            let (names, label) =
                ([concern.id.as_str(), concern.name.as_str()], format::one_line(&concern.name, 40));
            (tick(&names, &concern.id, label, posts(place)), posts(place))
        })
        .filter(is_offered)
        .collect();
    known.sort_by_key(|(_, posts)| std::cmp::Reverse(*posts));
    let mut ticks = shown_boxes(known.into_iter().map(|(tick, _)| tick));
    let unassigned = counts.map(|counts| counts.unassigned);
    let [chinese, english] = UNASSIGNED;
    let label = chrome.say(chinese, "of no concern").to_owned();
    let none = (tick(&UNASSIGNED, chrome.say(chinese, english), label, unassigned), unassigned);
    ticks.extend((!data.concerns.is_empty() && is_offered(&none)).then_some(none.0));
    ticks
}

fn shown_boxes(ticks: impl Iterator<Item = Tick>) -> Vec<Tick> {
    ticks.enumerate().filter(|(place, tick)| *place < BOXES || tick.current).map(|(_, tick)| tick).collect()
}
