//! Reads the pages behind a list's entries: a few at a visit, politely, and joins what they say to the
//! entries. The links of an article itself are never followed: no trap of endless pages has an entrance.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::follow::{Follow, Seen, Step};
use super::page;
use crate::fetch::{FetchError, Fetched, Fetcher, Page, Request, Wanted};
use crate::format::list::{self, Entry};
use crate::format::{Privacy, Problem, Room};
use crate::pace::Now;
use crate::post::{Post, PostId, Publisher};
use crate::source::{Articles, Source};
use crate::words::Words;

/// Articles read at one visit. A visit must not take hours; where more wait, the source is visited again
/// at once, so that a stop in between loses a few of them and not all.
const ARTICLES_A_VISIT: usize = 20;

/// Articles read at a trial visit: enough to see whether their text is found.
const ARTICLES_A_TRIAL: usize = 3;

/// After so many failures in a row the site is left alone until the next visit.
const FAILURES_IN_A_ROW: usize = 3;

/// Longer addresses and deeper paths are what traps are made of.
const ADDRESS_AT_MOST: usize = 1024;
const SEGMENTS_AT_MOST: usize = 16;

/// Entries of one visit, and what may be done with them.
pub(super) struct Entries<'a> {
    pub(super) source: &'a Source,
    /// Where they were found.
    pub(super) list: &'a Url,
    pub(super) entries: &'a [Entry],
    pub(super) articles: &'a Articles,
    /// The list's own words may be stored.
    pub(super) may_store: bool,
    /// The list's links may be followed.
    pub(super) may_follow: bool,
    /// An article may have changed although its entry did not.
    pub(super) looks_again: bool,
    /// Entries that are not among these are not on the list any more.
    pub(super) are_all: bool,
    /// Nothing is stored: a few articles are enough.
    pub(super) is_trial: bool,
}

/// What the entries brought.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) posts: Vec<Post>,
    pub(super) problems: Vec<Problem>,
    /// When to come again, if something waits.
    pub(super) again_in: Option<SignedDuration>,
}

/// Makes posts of entries, with their articles where those can be had.
pub(super) async fn read(
    entries: Entries<'_>,
    follow: &mut Follow,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Brought {
    let room = Room::from(fetcher.limits());
    let mut reading = Reading { entries, privacy, room, brought: Brought::default(), unread: 0, why: None };
    let waiting = reading.sort(follow, now());
    reading.fetch(waiting, follow, fetcher, now).await;
    reading.say_unread();
    reading.brought
}

struct Reading<'a> {
    entries: Entries<'a>,
    privacy: &'a Privacy,
    room: Room,
    brought: Brought,
    /// Articles that could not be read, and why the first could not.
    unread: usize,
    why: Option<Words>,
}

/// An entry whose article is to be read.
struct Waiting<'a> {
    id: PostId,
    /// It was read before: without its article there is nothing to say.
    again: bool,
    entry: &'a Entry,
    link: &'a Url,
}

impl<'a> Reading<'a> {
    /// Takes what needs no article; the entries whose articles are to be read, new ones first.
    fn sort(&mut self, follow: &mut Follow, now: Timestamp) -> Vec<Waiting<'a>> {
        let (mut new, mut again) = (Vec::new(), Vec::new());
        let mut listed = BTreeSet::new();
        let all: &'a [Entry] = self.entries.entries;
        let posts: Vec<Post> = all.iter().map(|entry| self.own_post(entry, now)).collect();
        let words: Vec<String> = all.iter().map(words_of).collect();
        let seen: Vec<Seen<'_>> =
            posts.iter().zip(&words).map(|(post, words)| Seen { id: post.id, words }).collect();
        if follow.addresses_change(&seen) {
            self.brought.problems.push(Problem::of_page(Words::new(
                "列表里的网址每次都变，内容却是旧的；没有当作新帖。请换一个列表页",
                "the list's addresses change at each visit while its titles are known; they were not taken as new. Use another page of the site",
            )));
            return new;
        }
        for ((entry, post), seen) in all.iter().zip(posts).zip(seen) {
            let Some(link) = self.link_to_follow(entry) else {
                self.take_entry(post);
                continue;
            };
            listed.insert(seen.id);
            match follow.step(seen, now) {
                Step::Read => new.push(Waiting { id: seen.id, again: false, entry, link }),
                Step::ReadAgain => again.push(Waiting { id: seen.id, again: true, entry, link }),
                Step::TakeEntry => self.take_entry(post),
                Step::Leave => {}
            }
        }
        follow.keep(&listed, self.entries.are_all, now);
        new.extend(again);
        new
    }

    async fn fetch(
        &mut self,
        mut waiting: Vec<Waiting<'a>>,
        follow: &mut Follow,
        fetcher: &Fetcher,
        now: &Now,
    ) {
        let limit = if self.entries.is_trial { ARTICLES_A_TRIAL } else { ARTICLES_A_VISIT };
        let more_than_limit = waiting.len() > limit;
        if more_than_limit && self.entries.is_trial {
            self.take_entries(&waiting.split_off(limit), now());
        }
        let mut failures = 0;
        for Waiting { id, again, entry, link } in waiting.into_iter().take(limit) {
            let request = Request::of(self.entries.source, link, Wanted::Html);
            let fetched = fetcher.fetch(&request, now).await;
            let moment = now();
            match fetched {
                Ok(Fetched::Page(page)) => {
                    failures = 0;
                    self.take_page((entry, again), *page, moment).await;
                    follow.read(id, self.entries.looks_again, moment);
                }
                Ok(Fetched::NotModified) => follow.read(id, self.entries.looks_again, moment),
                Err(
                    FetchError::Throttled { retry_after, why, .. }
                    | FetchError::Paced { retry_after, why, .. },
                ) => {
                    self.note_unread(why);
                    self.brought.again_in = Some(retry_after);
                    return;
                }
                Err(error) => {
                    self.note_unread(self.said(&error));
                    let given_up = follow.failed(id, is_for_good(&error));
                    if given_up && !again {
                        let post = self.own_post(entry, moment);
                        self.take_entry(post);
                    }
                    failures = if given_up { 0 } else { failures + 1 };
                    if failures >= FAILURES_IN_A_ROW {
                        return;
                    }
                }
            }
        }
        if more_than_limit && !self.entries.is_trial {
            self.brought.again_in = Some(SignedDuration::ZERO);
        }
    }

    async fn take_page(&mut self, (entry, again): (&Entry, bool), page: Page, now: Timestamp) {
        let (source, privacy) = (self.entries.source.clone(), self.privacy.clone());
        let (read_for, articles, room) = (entry.clone(), self.entries.articles.clone(), self.room);
        let join = move || list::with_article(&read_for, &page, (&source, &articles), (&privacy, room), now);
        match page::read(join).await {
            Ok(Ok(Some(post))) => return self.brought.posts.push(post),
            Ok(Ok(None)) => {
                let why = Words::new("网页里找不到正文", "no text was found on the page");
                self.note_unread(why);
            }
            Ok(Err(why)) => self.note_unread(why),
            Err(_) => {
                self.note_unread(Words::new("读网页时出了意外", "reading the page failed unexpectedly"));
            }
        }
        if !again {
            let post = self.own_post(entry, now);
            self.take_entry(post);
        }
    }

    fn own_post(&self, entry: &Entry, now: Timestamp) -> Post {
        list::post(entry, (self.entries.source, self.privacy), now)
    }

    fn take_entry(&mut self, post: Post) {
        if self.entries.may_store && !(post.title.is_empty() && post.text.is_empty()) {
            self.brought.posts.push(post);
        }
    }

    fn link_to_follow<'e>(&self, entry: &'e Entry) -> Option<&'e Url> {
        let wanted = !matches!(self.entries.articles, Articles::None);
        let link = entry.link.as_ref()?;
        let may = wanted && self.entries.may_follow && !entry.nofollow;
        (may && is_on_site(link, self.entries.list, &self.entries.source.allow) && !is_trap(link))
            .then_some(link)
    }

    /// The address of an individual's post, which often names its author, is neither stored nor logged.
    fn said(&self, error: &FetchError) -> Words {
        match self.entries.source.publisher {
            Publisher::Individual if matches!(error, FetchError::Blocked { .. }) => {
                Words::new("网址不许访问", "an address that is not asked")
            }
            Publisher::Individual => error.in_short(),
            Publisher::Media | Publisher::Gov | Publisher::Platform => error.words(),
        }
    }

    fn note_unread(&mut self, why: Words) {
        self.unread += 1;
        self.why.get_or_insert(why);
    }

    /// A trial reads few articles; of the other entries it shows what the list says.
    fn take_entries(&mut self, waiting: &[Waiting<'_>], now: Timestamp) {
        for Waiting { entry, .. } in waiting {
            let post = self.own_post(entry, now);
            self.take_entry(post);
        }
        let count = waiting.len();
        self.brought.problems.push(Problem::of_page(Words::new(
            format!("试采只读前 {ARTICLES_A_TRIAL} 篇文章；另外 {count} 条只有列表上的字"),
            format!("a trial reads the first {ARTICLES_A_TRIAL} articles; of {count} more entries it has the list's own words"),
        )));
    }

    fn say_unread(&mut self) {
        let Some(why) = self.why.take() else { return };
        let unread = self.unread;
        self.brought.problems.push(Problem::of_page(Words::new(
            format!("{unread} 篇正文没有读到（{}）", why.zh),
            format!("{unread} articles could not be read ({})", why.en),
        )));
    }
}

/// Title and time of an entry, as far as they tell that it changed; 3分钟前 changes by itself.
fn words_of(entry: &Entry) -> String {
    format!("{}\n{}", entry.title, entry.changed.as_deref().unwrap_or_default())
}

fn is_for_good(error: &FetchError) -> bool {
    match error {
        FetchError::Gone { .. }
        | FetchError::Blocked { .. }
        | FetchError::TooLarge { .. }
        | FetchError::NoText { .. } => true,
        FetchError::Status { status, .. } => matches!(status, 400..=499),
        FetchError::Disallowed { .. } => true,
        _ => false,
    }
}

/// Articles are read on the site of their list: the same host, hosts under it where it is a site's main
/// one, and what the source allows by name.
fn is_on_site(link: &Url, list: &Url, allow: &[String]) -> bool {
    let (Some(host), Some(own)) = (link.host_str(), list.host_str()) else { return false };
    let port = link.port_or_known_default();
    let named = port.map(|port| format!("{host}:{port}"));
    if named.is_some_and(|named| allow.contains(&named)) {
        return true;
    }
    let is_usual = |url: &Url| matches!(url.port_or_known_default(), Some(80 | 443));
    let same_port = port == list.port_or_known_default() || (is_usual(link) && is_usual(list));
    let site = own.strip_prefix("www.").unwrap_or(own);
    let is_below = host.strip_suffix(site).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    same_port && is_below && (host == own || list.domain().is_some())
}

/// Addresses that grow or go round: what calendars, sessions and broken relative links make.
fn is_trap(link: &Url) -> bool {
    let segments: Vec<&str> = link.path_segments().map(Iterator::collect).unwrap_or_default();
    let goes_round = (1..=3).any(|length| {
        segments.windows(length * 3).any(|window| {
            let (first, rest) = window.split_at(length);
            !first.iter().all(|segment| segment.is_empty())
                && first.iter().all(|segment| segment.parse::<u32>().is_err())
                && rest.chunks(length).all(|chunk| chunk == first)
        })
    });
    link.as_str().len() > ADDRESS_AT_MOST || segments.len() > SEGMENTS_AT_MOST || goes_round
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn articles_are_read_on_the_lists_own_site() {
        let cases = [
            ("https://www.qinglan.gov.cn/a", "https://www.qinglan.gov.cn/list", true),
            ("http://qinglan.gov.cn/a", "https://www.qinglan.gov.cn/list", true),
            ("https://jyj.qinglan.gov.cn/a", "https://www.qinglan.gov.cn/list", true),
            ("https://evilqinglan.gov.cn/a", "https://www.qinglan.gov.cn/list", false),
            ("https://other.gov.cn/a", "https://www.qinglan.gov.cn/list", false),
            ("https://www.qinglan.gov.cn/a", "https://jyj.qinglan.gov.cn/list", false),
            ("https://www.qinglan.gov.cn:8443/a", "https://www.qinglan.gov.cn/list", false),
            ("http://10.0.0.8:8080/a", "http://10.0.0.9/list", true),
            ("http://10.0.0.8:8081/a", "http://10.0.0.9/list", false),
            ("http://127.0.0.1:81/a", "http://127.0.0.1:81/list", true),
        ];
        for (link, list, expected) in cases {
            let allow = ["10.0.0.8:8080".to_owned()];
            assert_eq!(is_on_site(&url(link), &url(list), &allow), expected, "{link} of {list}");
        }
    }

    #[test]
    fn traps_are_not_entered() {
        let long = format!("http://a.example/{}", "x".repeat(2000));
        let deep = format!("http://a.example{}", "/x1/y".repeat(9));
        let cases = [
            ("http://a.example/2020/02/03/a.html", false),
            ("http://a.example/2020/20/20/a.html", false),
            ("http://a.example/a/a/a/b", true),
            ("http://a.example/news/list/news/list/news/list/1", true),
            ("http://a.example/news/list/news/2", false),
            (long.as_str(), true),
            (deep.as_str(), true),
        ];
        for (link, expected) in cases {
            assert_eq!(is_trap(&url(link)), expected, "{link}");
        }
    }
}
