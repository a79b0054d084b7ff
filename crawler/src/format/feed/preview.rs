//! A feed as it is understood, before anything becomes a post: what `guanlan inspect feed` shows.

use encoding_rs::Encoding;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::entry::{Entry, Words};
use super::{Read, read};
use crate::charset;
use crate::date;
use crate::fetch::Page;
use crate::format::{Problem, Room, TITLE_AT_MOST};

/// What was understood of a feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Its name.
    pub title: Option<String>,
    /// What its bytes were read as, in the words of [`charset::Decoded::name`].
    pub encoding: String,
    /// Its entries, in its order.
    pub items: Vec<Item>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
}

/// One entry: every field that is ever read. None says who wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// Title without mark-up.
    pub title: Option<String>,
    /// Address of the page, absolute.
    pub url: Option<String>,
    /// The feed's own name for it.
    pub id: Option<String>,
    /// When it says it was published.
    pub published: Option<Timestamp>,
    /// When it says it was changed.
    pub updated: Option<Timestamp>,
    /// Its summary: HTML without anything that acts, or plain text.
    pub summary: Option<String>,
    /// Its text, likewise.
    pub content: Option<String>,
}

/// Reads a feed as [`super::parse`] does; a page that is none has a problem and no entries. `zone` is for dates that name none.
pub fn preview(
    page: &Page,
    encoding: Option<&'static Encoding>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Preview, (String, Problem)> {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, encoding);
    let encoding = decoded.name();
    let Read { title, entries, problems, .. } = match read(&decoded.text, page, Room::default().xml_depth) {
        Ok(read) => read,
        Err(problem) => return Err((encoding, problem)),
    };
    let items = entries.iter().map(|entry| item(entry, zone, now)).collect();
    let title = title.as_ref().and_then(title_of);
    Ok(Preview { title, encoding, items, problems })
}

fn item(entry: &Entry, zone: &TimeZone, now: Timestamp) -> Item {
    let moment = |text: &Option<String>| moment(text.as_deref()?, zone, now);
    let link = entry.address.as_deref().or(entry.fallback.as_deref());
    Item {
        title: title_of(&entry.title),
        url: link.map(str::to_owned),
        id: entry.guid.clone().or_else(|| entry.fallback.clone()),
        published: moment(&entry.published),
        updated: moment(&entry.updated),
        summary: entry.summary.shown(),
        content: entry.content.shown(),
    }
}

fn title_of(title: &Words) -> Option<String> {
    Some(title.plain(TITLE_AT_MOST)).filter(|title| !title.is_empty())
}

/// The moment as written: a preview shows also what is too far ahead to be believed.
fn moment(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    date::read(text, zone, now).ok().map(|reading| reading.from)
}
