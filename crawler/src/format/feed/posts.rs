//! Posts out of one page's entries: which time and which identity each gets, which are kept.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Sightings;
use super::entry::Entry;
use crate::address;
use crate::date::Stated;
use crate::fetch::Page;
use crate::format::{Privacy, Problem, Room, TEXT_AT_MOST, TITLE_AT_MOST};
use crate::post::{Draft, Identity, Post, PostId};
use crate::source::Source;
use crate::words::Words as Said;

/// Makes posts out of one page's entries.
pub(super) struct Making<'a> {
    pub(super) page: &'a Page,
    pub(super) source: &'a Source,
    pub(super) privacy: &'a Privacy,
    pub(super) room: Room,
    pub(super) now: Timestamp,
    pub(super) before: &'a Sightings,
    pub(super) after: Sightings,
    /// Entries recognised although their guid is new.
    pub(super) renamed: usize,
    /// Entries whose text is longer than is kept.
    pub(super) cut: usize,
}

impl Making<'_> {
    pub(super) fn posts(&mut self, entries: Vec<Entry>, problems: &mut Vec<Problem>) -> Vec<Post> {
        let mut timed: Vec<Timed> = entries.into_iter().map(|entry| self.timed(entry)).collect();
        report_dates(&timed, problems);
        problems.extend(self.room.keep_newest(&mut timed, |timed| timed.time));
        let times_of_guid = times_of_guids(&timed);
        let mut wordless = 0;
        let mut posts = Vec::with_capacity(timed.len());
        for timed in &timed {
            let guid = timed.entry.guid.as_deref().filter(|guid| times_of_guid.get(guid) == Some(&1));
            match self.post(timed, guid) {
                Some(post) => posts.push(post),
                None => wordless += 1,
            }
        }
        if self.cut > 0 {
            let (cut, limit) = (self.cut, self.room.text_bytes / 1024);
            problems.push(Problem::of_page(Said::new(
                format!("{cut} 条的正文超过 {limit} KiB；只取了前面的部分"),
                format!("{cut} entries are longer than {limit} KiB; only their beginning was taken"),
            )));
        }
        if wordless > 0 {
            problems.push(Problem::of_page(Said::new(
                format!("{wordless} 条既没有标题也没有正文"),
                format!("{wordless} entries have neither title nor text"),
            )));
        }
        if times_of_guid.values().any(|times| *times > 1) {
            problems.push(Problem::of_page(Said::new(
                "有几条的 guid 相同；改按地址区分",
                "several entries bear one guid; they are told apart by their addresses instead",
            )));
        }
        posts
    }

    /// The entry with the first of its dates that can be believed.
    fn timed(&self, entry: Entry) -> Timed {
        let mut timed = Timed { time: self.now, stated: None, entry };
        for text in [&timed.entry.published, &timed.entry.updated].into_iter().flatten() {
            let stated = Stated::read(text, &self.source.zone, self.now);
            timed.stated = Some(stated);
            if let Some(time) = stated.time() {
                timed.time = time;
                break;
            }
        }
        timed
    }

    fn post(&mut self, timed: &Timed, guid: Option<&str>) -> Option<Post> {
        let entry = &timed.entry;
        let title = entry.title.plain(TITLE_AT_MOST);
        let content = entry.content.plain(TEXT_AT_MOST);
        let text = if content.is_empty() { entry.summary.plain(TEXT_AT_MOST) } else { content };
        if title.is_empty() && text.is_empty() {
            return None;
        }
        self.cut += usize::from(entry.cut || text.len() > self.room.text_bytes);
        let text = self.room.text(text);
        // Titles of short posts are often the text once more.
        let text = if text == title { String::new() } else { text };
        let address = self.address(entry);
        let mut guid = guid.map(without_scheme);
        if guid.is_none() && address.is_none() && !matches!(timed.stated, Some(Stated::At(_))) {
            // The moment of fetching must not make the same words a new post at each visit.
            guid = Some(format!("{title}\n{text}"));
        }
        let draft = Draft {
            source: &self.source.id,
            group: &self.source.group,
            publisher: self.source.publisher,
            guid: guid.as_deref(),
            address: address.as_deref(),
            time: timed.time,
            first_seen: self.now,
            title: &title,
            text: &text,
            rank: None,
            heat: None,
            claimed: timed.stated.and_then(Stated::claim),
        };
        let mut post = draft.finish(&self.privacy.key, self.privacy.masks);
        if let (Some(_), Some(address)) = (guid, address) {
            post.id = self.recognise(post.id, &format!("{address}\n{title}"));
        }
        Some(post)
    }

    fn address(&self, entry: &Entry) -> Option<String> {
        let link = entry.address.as_deref().or(entry.fallback.as_deref());
        let link = link.or(entry.guid.as_deref().filter(|guid| guid.contains("://")))?;
        address::canonical(self.page.url.join(link).ok()?.as_str())
    }

    /// The id under which an entry of this address and title is known, or else its own. What is
    /// remembered is hashed like every id, so that the memory names nobody's address either.
    fn recognise(&mut self, own: PostId, address_and_title: &str) -> PostId {
        let identity = Identity::Guid { source: &self.source.id, guid: address_and_title };
        let sighting = PostId::new(identity, self.source.publisher, &self.privacy.key);
        // Two entries of one page are two posts, however alike they are.
        if self.after.0.contains_key(&sighting) {
            return own;
        }
        let known = self.before.0.get(&sighting).copied().unwrap_or(own);
        self.renamed += usize::from(known != own);
        self.after.0.insert(sighting, known);
        known
    }
}

/// An entry and its time: the one it states, or that of the fetch.
struct Timed {
    time: Timestamp,
    /// What its date says; `None` if it has none.
    stated: Option<Stated>,
    entry: Entry,
}

fn report_dates(entries: &[Timed], problems: &mut Vec<Problem>) {
    let count = |wanted: fn(&Stated) -> bool| {
        entries.iter().filter_map(|timed| timed.stated.as_ref()).filter(|stated| wanted(stated)).count()
    };
    let unreadable = count(|stated| *stated == Stated::Nothing);
    let ahead = count(|stated| matches!(stated, Stated::Ahead(_)));
    if unreadable > 0 {
        problems.push(Problem::of_page(Said::new(
            format!("{unreadable} 条的时间看不懂；按第一次见到的时间算"),
            format!(
                "{unreadable} entries have a date that cannot be read; they count as new when first seen"
            ),
        )));
    }
    if ahead > 0 {
        // One wrong date is a slip; nothing but wrong dates is a wrong zone.
        let advice = if ahead == entries.len() {
            Said::new("；信源里的 zone 对吗？", "; is `zone` in the source right?")
        } else {
            Said::same("")
        };
        problems.push(Problem::of_page(Said::new(
            format!("{ahead} 条的时间在将来；按第一次见到的时间算{}", advice.zh),
            format!(
                "{ahead} entries are dated in the future; they count as new when first seen{}",
                advice.en
            ),
        )));
    }
}

/// A guid that is an address stays the same when the site moves to https.
fn without_scheme(guid: &str) -> String {
    match address::canonical(guid) {
        Some(address) => address.split_once("://").map_or(address.clone(), |(_, rest)| rest.to_owned()),
        None => guid.to_owned(),
    }
}

/// How many entries bear each guid.
fn times_of_guids(entries: &[Timed]) -> HashMap<&str, usize> {
    let mut times = HashMap::new();
    for guid in entries.iter().filter_map(|timed| timed.entry.guid.as_deref()) {
        *times.entry(guid).or_default() += 1;
    }
    times
}
