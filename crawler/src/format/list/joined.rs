//! An entry of a list and the page behind it, joined to one post.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Entry, entry};
use crate::article::{self, Article};
use crate::charset;
use crate::date::Stated;
use crate::fetch::Page;
use crate::format::{Privacy, Room, TEXT_AT_MOST, TITLE_AT_MOST, plain};
use crate::markup;
use crate::post::Post;
use crate::source::{Articles, Source};
use crate::wishes::Wishes;
use crate::words::Words;

/// The post of an entry with the text of its page: the same post as without it, in more words. `None`
/// if the page has no text; an error if it does not want to be kept.
pub fn with_article(
    entry: &Entry,
    page: &Page,
    (source, articles): (&Source, &Articles),
    (privacy, room): (&Privacy, Room),
    now: Timestamp,
) -> Result<Option<Post>, Words> {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, source.encoding);
    let tame = markup::tame(&decoded.text, room.page());
    if let Some(why) = page.wishes.and(Wishes::of_html(&tame.html)).forbid_text() {
        return Err(why);
    }
    let chosen = match articles {
        Articles::By(selector) => Some(selector),
        Articles::Auto | Articles::None => None,
    };
    let Article { title, text, published } = article::read(&tame, chosen, (&source.zone, now));
    let text = room.text(plain::from_text(&text, TEXT_AT_MOST));
    let title =
        if entry.title.is_empty() { plain::from_text(&title, TITLE_AT_MOST) } else { entry.title.clone() };
    if text.is_empty() {
        return Ok(None);
    }
    let joined = Entry { title, text, ..entry.clone() };
    let mut post = entry::post(&joined, (source, privacy), now);
    let stated = entry.time.as_deref().map_or(Stated::Nothing, |time| Stated::read(time, &source.zone, now));
    if let (Some(published), false) = (published, matches!(stated, Stated::At(_))) {
        post.time = better_time(stated, published, &source.zone, now);
    }
    Ok(Some(post))
}

/// A list often shows the day and its article the minute. An article that shows another day shows some
/// other day, that of an event or of an older text.
fn better_time(stated: Stated, published: Timestamp, zone: &TimeZone, now: Timestamp) -> Timestamp {
    let day = |time: Timestamp| zone.to_datetime(time).date();
    let is_bare_day = zone.to_datetime(published).time() == jiff::civil::Time::midnight();
    let rest_of_day = SignedDuration::from_secs(24 * 3600 - 1);
    // A bare day counts as its end, as everywhere.
    let end = if is_bare_day { published.checked_add(rest_of_day).unwrap_or(published) } else { published };
    match stated.time() {
        Some(time) if day(time) != day(published) || is_bare_day => time,
        _ => end.min(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_makes_a_lists_time_more_exact_but_not_another_one() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let now: Timestamp = "2020-02-03T04:00:00Z".parse().unwrap();
        let cases = [
            ("2020-02-02", "2020-02-02T08:15:00+08:00", "2020-02-02T00:15:00Z"),
            ("2020-02-02", "2020-02-01T08:15:00+08:00", "2020-02-02T15:59:59Z"),
            ("2020-02-02", "2020-02-02T00:00:00+08:00", "2020-02-02T15:59:59Z"),
            ("", "2020-02-02T08:15:00+08:00", "2020-02-02T00:15:00Z"),
            ("", "2020-02-01T00:00:00+08:00", "2020-02-01T15:59:59Z"),
            ("", "2020-02-03T00:00:00+08:00", "2020-02-03T04:00:00Z"),
            ("", "2021-02-03T08:00:00+08:00", "2020-02-03T04:00:00Z"),
        ];
        for (stated, published, expected) in cases {
            let stated = Stated::read(stated, &zone, now);
            let time = better_time(stated, published.parse().unwrap(), &zone, now);
            assert_eq!(time, expected.parse().unwrap(), "{published}");
        }
    }
}
