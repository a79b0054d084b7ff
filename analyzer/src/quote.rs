//! Representative posts: shortened, one per group of near-duplicates, nothing of individuals that few others say too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crawler::post::{Post, Publisher, Stored, Voice};

use crate::explain::Quote;

/// Individuals' groups smaller than this are not quoted (docs/architecture.md, "Never people").
pub(crate) const LEAST_GROUP: u32 = 5;
/// Characters of a post shown at most, where nothing else is configured.
pub(crate) const EXCERPT: usize = 60;
/// A title of fewer characters (记一笔) says too little without its text.
const LEAST_TITLE: usize = 6;
/// Quotes shown at most.
pub(crate) const MOST_QUOTES: usize = 5;

/// What people are shown of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Most characters of its text.
    pub excerpt: usize,
    /// Whether media, offices and platforms are shown with a link; individuals never are.
    pub links: bool,
}

impl Default for Shown {
    fn default() -> Shown {
        Shown { excerpt: EXCERPT, links: true }
    }
}

impl Shown {
    /// The link to a post, where one may be shown.
    pub fn link(self, post: &Post) -> Option<String> {
        let may_link = self.links && post.publisher != Publisher::Individual;
        post.address.clone().filter(|_| may_link)
    }
}

/// Shortens a text to at most `most` characters, at the end of a sentence where one lies in its second half,
/// else at a comma, else with an ellipsis.
pub fn shorten(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let head: String = text.chars().take(most).collect();
    let cut_after = |ends: &[char]| {
        head.rfind(ends).filter(|place| *place * 2 > head.len()).map(|place| place + border(&head, place))
    };
    if let Some(end) = cut_after(&['。', '！', '？', '!', '?', '；', ';', '…']) {
        return head.get(..end).unwrap_or(&head).to_owned();
    }
    let end = head.rfind(['，', ',', '、', ' ', '：']).filter(|place| *place * 2 > head.len());
    let short: String = head.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", end.and_then(|end| head.get(..end)).unwrap_or(&short))
}

/// Title and text as one, for reading.
pub(crate) fn whole(post: &Post) -> Cow<'_, str> {
    match (post.title.is_empty(), post.text.is_empty()) {
        (true, _) => Cow::Borrowed(&post.text),
        (_, true) => Cow::Borrowed(&post.title),
        _ if post.text.starts_with(&post.title) => Cow::Borrowed(&post.text),
        _ => Cow::Owned(format!("{}。{}", post.title, post.text)),
    }
}

/// The sentences of a text, with the mark that ends each.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['。', '！', '？', '!', '?', '；', ';', '\n', '…'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Three to five of these posts, one per group: large groups first, but not all from one source group.
pub(crate) fn quotes(posts: &[&Stored], shown: Shown) -> Vec<Quote> {
    quotes_of_some(posts, shown, &|_, here| here)
}

/// The same of posts that are not all: `similar` says how many posts a group has of which so many are here.
pub(crate) fn quotes_of_some(
    posts: &[&Stored],
    shown: Shown,
    similar: &dyn Fn(Voice, u32) -> u32,
) -> Vec<Quote> {
    let mut groups: BTreeMap<Voice, Vec<&Stored>> = BTreeMap::new();
    for stored in posts {
        groups.entry(stored.voice).or_default().push(stored);
    }
    let mut candidates: Vec<Quote> =
        groups.iter().filter_map(|(voice, group)| quote((*voice, group), shown, similar)).collect();
    candidates.sort_by(|a, b| {
        b.similar.cmp(&a.similar).then_with(|| (a.time, &a.excerpt).cmp(&(b.time, &b.excerpt)))
    });
    let mut chosen: Vec<Quote> = Vec::new();
    while chosen.len() < MOST_QUOTES && !candidates.is_empty() {
        // Each quote a source group already has halves the weight of its next one.
        let weight = |quote: &Quote| {
            let earlier = chosen.iter().filter(|other| other.group == quote.group).count();
            f64::from(quote.similar) * 0.5f64.powi(i32::try_from(earlier).unwrap_or(i32::MAX))
        };
        let mut best = 0;
        for (place, quote) in candidates.iter().enumerate() {
            if candidates.get(best).is_some_and(|other| weight(quote) > weight(other)) {
                best = place;
            }
        }
        let quote = candidates.remove(best);
        if chosen.iter().all(|other| other.excerpt != quote.excerpt) {
            chosen.push(quote);
        }
    }
    chosen.sort_by_key(|quote| std::cmp::Reverse(quote.similar));
    chosen
}

/// What may be shown of one group, if anything: its first post if enough individuals say so, else the first
/// that a medium, an office or a platform published.
fn quote(
    (voice, group): (Voice, &[&Stored]),
    shown: Shown,
    similar: &dyn Fn(Voice, u32) -> u32,
) -> Option<Quote> {
    let individual = |stored: &&&Stored| stored.post.publisher == Publisher::Individual;
    let individuals = u32::try_from(group.iter().filter(individual).count()).unwrap_or(u32::MAX);
    let order = |stored: &&&Stored| (stored.post.time, stored.post.id);
    let public = group.iter().filter(|stored| !individual(stored)).min_by_key(order);
    let first = group.iter().min_by_key(order)?;
    let chosen = if individuals >= LEAST_GROUP { first } else { public? };
    let post = &chosen.post;
    let says_enough = post.title.chars().count() >= LEAST_TITLE;
    let text = if says_enough { Cow::Borrowed(&*post.title) } else { whole(post) };
    let excerpt = shorten(&text, shown.excerpt);
    (!excerpt.is_empty()).then(|| Quote {
        excerpt,
        group: post.group.clone(),
        publisher: post.publisher,
        similar: similar(voice, u32::try_from(group.len()).unwrap_or(u32::MAX)),
        time: first.post.time,
        address: shown.link(post),
    })
}

/// Bytes of the character that begins at a place.
fn border(text: &str, place: usize) -> usize {
    text.get(place..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

#[cfg(test)]
pub(crate) mod tests {
    use crawler::post::PostId;
    use jiff::Timestamp;

    use super::*;

    /// An individual's post number `number` in the near-duplicate group `voice`, a minute after the one before.
    pub(crate) fn post(number: u64, voice: u64, text: &str) -> Stored {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let time = Timestamp::from_second(1_600_000_000 + 60 * i64::try_from(number).unwrap()).unwrap();
        let post = Post {
            id: PostId::from_bytes(&id).unwrap(),
            source: "bbs".to_owned(),
            group: "论坛".to_owned(),
            publisher: Publisher::Individual,
            time,
            first_seen: time,
            title: String::new(),
            text: text.to_owned(),
            address: Some("https://bbs.example/1".to_owned()),
            rank: None,
            heat: None,
            claimed: None,
        };
        Stored { sequence: number, revision: 0, voice: Voice(voice), post }
    }

    fn by(publisher: Publisher, mut stored: Stored) -> Stored {
        stored.post.publisher = publisher;
        stored.post.group = "新闻".to_owned();
        stored
    }

    #[track_caller]
    fn check(posts: &[Stored], expected: &[(&str, u32)]) {
        let found = quotes(&posts.iter().collect::<Vec<_>>(), Shown::default());
        let found: Vec<(&str, u32)> =
            found.iter().map(|quote| (quote.excerpt.as_str(), quote.similar)).collect();
        assert_eq!(found, expected);
    }

    fn group(voice: u64, text: &str, copies: u64) -> Vec<Stored> {
        (0..copies).map(|number| post(voice * 100 + number, voice, text)).collect()
    }

    #[test]
    fn what_few_individuals_say_is_not_quoted() {
        check(&group(1, "水又停了", 4), &[]);
        check(&group(1, "水又停了", 5), &[("水又停了", 5)]);
    }

    #[test]
    fn a_medium_may_be_quoted_alone_and_keeps_its_link() {
        let posts = [by(Publisher::Media, post(1, 1, "今日通报"))];
        check(&posts, &[("今日通报", 1)]);
        assert!(quotes(&[&posts[0]], Shown::default())[0].address.is_some());
        let bare = Shown { excerpt: 10, links: false };
        let quote = quotes(&[&posts[0]], bare).remove(0);
        assert!(quote.address.is_none() && quote.excerpt.chars().count() <= 10, "{quote:?}");
        let many = group(1, "水又停了", 5);
        assert_eq!(quotes(&many.iter().collect::<Vec<_>>(), Shown::default())[0].address, None);
    }

    #[test]
    fn a_small_group_shows_its_medium_and_never_the_individual() {
        let posts = [post(1, 7, "某人先说的话"), by(Publisher::Media, post(2, 7, "报道的话"))];
        check(&posts, &[("报道的话", 2)]);
    }

    #[test]
    fn another_source_comes_before_a_third_group_of_the_same() {
        let mut posts = [group(1, "甲", 20), group(2, "乙", 18), group(3, "丙", 16)].concat();
        posts.extend([group(4, "丁", 15), group(5, "戊", 14), group(6, "己", 13)].concat());
        posts.push(by(Publisher::Media, post(900, 9, "报道")));
        posts.push(by(Publisher::Media, post(901, 9, "报道")));
        check(&posts, &[("甲", 20), ("乙", 18), ("丙", 16), ("丁", 15), ("报道", 2)]);
    }

    #[test]
    fn excerpts_end_where_a_sentence_does() {
        let cases = [
            ("短。", 10, "短。"),
            ("一二三四五六。七八九十", 8, "一二三四五六。"),
            ("一二三四五，六七八九十", 8, "一二三四五…"),
            ("一二三四五六七八九十", 8, "一二三四五六七…"),
            ("一。二三四五六七八九十", 8, "一。二三四五六…"),
            ("换\n行  与空格", 20, "换 行 与空格"),
        ];
        for (text, most, expected) in cases {
            assert_eq!(shorten(text, most), expected, "{text}");
            assert!(shorten(text, most).chars().count() <= most);
        }
    }
}
