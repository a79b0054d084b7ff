//! Which of an index's sitemaps are read at this visit. Pure: what it names and what is remembered in, a
//! choice out. Indexes of big sites name hundreds of sitemaps, often without saying which has news.

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::Timestamp;

use super::memory::{Known, SitemapCursor, hash};
use crate::format::sitemap::Named;

/// Sitemaps of an index that are read at one visit.
pub(super) const AT_A_VISIT: usize = 10;

/// Why a sitemap gets its turn, the best reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// Pages of it wait for their articles.
    Waiting,
    /// It stands at an end of a list without dates: that is where sites add what is new.
    AtAnEnd,
    /// It has changed, or does not say.
    MayHaveNews,
    /// It has not changed since, as it says.
    LeastRecent,
}

/// The sitemaps to read now, out of those that the index names: each gets its turn, those that may have
/// news soonest. Takes note of sitemaps that are new or gone.
pub(super) fn turn(mut named: Vec<Named>, cursor: &mut SitemapCursor, now: Timestamp) -> Vec<Named> {
    let mut met = HashSet::new();
    named.retain(|child| met.insert(child.url.clone()));
    take_note(&named, cursor);
    let last = named.len().saturating_sub(1);
    let is_first = !cursor.visited;
    let mut order: Vec<_> = named
        .into_iter()
        .enumerate()
        .map(|(place, child)| {
            let known = cursor.maps.get(&hash(&child.url));
            let name_waits = cursor.waiting.contains(&hash(&child.url));
            let changed = child.changed.map(|changed| changed.min(now));
            let reason = match (known, changed) {
                _ if name_waits => Reason::Waiting,
                (_, None) if place == 0 || place + 1 >= last => Reason::AtAnEnd,
                (Some(known), Some(changed)) if !is_first && changed < known.reaches_back(now) => {
                    Reason::LeastRecent
                }
                _ => Reason::MayHaveNews,
            };
            ((reason, known.and_then(|known| known.asked), Reverse(changed), place), child)
        })
        .collect();
    order.sort_by_key(|(key, _)| *key);
    order.into_iter().take(AT_A_VISIT).map(|(_, child)| child).collect()
}

/// A sitemap that appears in an index we know has nothing but news. If most of them do, their addresses
/// change at each visit, and that is no news.
fn take_note(named: &[Named], cursor: &mut SitemapCursor) {
    let names: HashSet<u32> = named.iter().map(|child| hash(&child.url)).collect();
    let unknown = names.iter().filter(|name| !cursor.maps.contains_key(name)).count();
    let is_news = cursor.visited && unknown * 2 < names.len();
    cursor.maps.retain(|name, _| names.contains(name));
    for name in names {
        cursor.maps.entry(name).or_insert_with(|| Known { is_known: is_news, ..Known::default() });
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + minutes * 60).unwrap()
    }

    /// Children 0 to `count`, changed so many minutes ago or silent about it.
    fn index(count: usize, changed: impl Fn(usize) -> Option<i64>) -> Vec<Named> {
        let child = |n: usize| Named {
            url: Url::parse(&format!("https://a.example/{n}.xml")).unwrap(),
            changed: changed(n).map(|minutes| at(-minutes)),
            title: String::new(),
            published: None,
        };
        (0..count).map(child).collect()
    }

    /// One visit as the crawl makes it; the numbers of what was read.
    fn visit(named: Vec<Named>, cursor: &mut SitemapCursor, minutes: i64) -> Vec<usize> {
        let read = turn(named, cursor, at(minutes));
        for child in &read {
            let known = cursor.maps.get_mut(&hash(&child.url)).unwrap();
            (known.asked, known.is_known) = (Some(at(minutes)), true);
        }
        cursor.visited = true;
        let number = |child: Named| child.url.path().trim_matches(|c: char| !c.is_ascii_digit()).parse();
        read.into_iter().map(|child| number(child).unwrap()).collect()
    }

    #[test]
    fn all_of_a_long_index_without_dates_are_read_in_time_and_its_ends_always() {
        let mut cursor = SitemapCursor::default();
        let mut read = HashSet::new();
        for round in 0..4 {
            let now = visit(index(30, |_| None), &mut cursor, round * 10);
            assert_eq!(now.len(), AT_A_VISIT);
            assert!([0, 28, 29].iter().all(|end| now.contains(end)), "{now:?}");
            read.extend(now);
        }
        assert_eq!(read.len(), 30);
        // Old and long unchanged ones among dated ones come round as well, after what has changed.
        let dated = || index(30, |n| Some(if n == 17 { 5 } else { 30 * 24 * 60 }));
        let (mut cursor, mut read) = (SitemapCursor::default(), HashSet::new());
        for round in 0..4 {
            let now = visit(dated(), &mut cursor, round * 10);
            assert_eq!(now[0], 17);
            read.extend(now);
        }
        assert_eq!(read.len(), 30);
    }

    #[test]
    fn at_first_the_newest_are_read() {
        let mut first = visit(index(30, |n| Some(n as i64 * 60)), &mut SitemapCursor::default(), 0);
        first.sort_unstable();
        assert_eq!(first, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn a_sitemap_whose_pages_wait_keeps_its_turn_and_a_short_index_is_read_whole() {
        let mut cursor = SitemapCursor::default();
        let waiting = hash(&index(30, |_| None)[15].url);
        visit(index(30, |_| None), &mut cursor, 0);
        cursor.waiting = vec![waiting];
        for round in 1..3 {
            assert!(visit(index(30, |_| None), &mut cursor, round * 10).contains(&15));
        }
        let doubled = [index(5, |_| None), index(5, |_| Some(9))].concat();
        assert_eq!(visit(doubled, &mut SitemapCursor::default(), 0).len(), 5);
    }

    #[test]
    fn a_sitemap_that_appears_has_news_unless_all_appear() {
        let mut cursor = SitemapCursor::default();
        visit(index(4, |_| None), &mut cursor, 0);
        turn(index(5, |_| None), &mut cursor, at(10));
        let known =
            |cursor: &SitemapCursor, n: usize| cursor.maps[&hash(&index(9, |_| None)[n].url)].is_known;
        assert!(known(&cursor, 4));
        turn(index(9, |_| None)[5..].to_vec(), &mut cursor, at(20));
        assert_eq!((cursor.maps.len(), known(&cursor, 6)), (4, false));
    }
}
