//! One visit of a sitemap: what is new in it, and the pages that it names.

mod children;
mod memory;

use std::sync::Arc;

use url::Url;

use super::articles::{self, Brought, Entries};
use super::cursor::Cursor;
use super::page::{self, Fresh};
use super::visit::{Again, Harvest};
use crate::fetch::{FetchError, Fetched, Fetcher, Page, Request, Wanted};
use crate::format::sitemap::{self, Named, ParsedSitemap};
use crate::format::{Privacy, Problem, Room};
use crate::health::Trouble;
use crate::pace::Now;
use crate::source::{Articles, Sitemap, Source};
use crate::wishes::Wishes;
use crate::words::Words;
pub(super) use memory::SitemapCursor;
use memory::{Map, REMEMBERED, hash};

/// Visits a sitemap and moves its place in the cursor.
pub(super) async fn visit(
    (source, map): (&Source, &Sitemap),
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    let fresh = match page::fetch_leading((source, &map.url, Wanted::Data), cursor, fetcher, now).await {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Harvest::not_modified(),
        Err(harvest) => return harvest,
    };
    let Fresh { page, at, place } = fresh;
    let mut read = Read::of(&page);
    let first = match parse(source, page).await {
        Ok(first) => first,
        Err(harvest) => return harvest,
    };
    // An index may stay the same while what it names changes.
    let is_index = !first.sitemaps.is_empty();
    let charset = Some(first.charset.clone());
    let first = (hash(&map.url), first);
    if let Err(harvest) = read.take(first, (source, fetcher), &mut cursor.sitemap, now).await {
        return harvest;
    }
    cursor.page = Some(if is_index { place.without_conditions() } else { place });
    read.leave_out(map.include.as_deref());
    let mut chosen = memory::choose(read.maps, &mut cursor.sitemap, &cursor.follow, (source, privacy), at);
    let mut problems = read.problems;
    problems.extend((chosen.unwatched > 0).then(|| too_many_undated(chosen.unwatched)));
    problems.truncate(Problem::AT_MOST);
    problems.extend(Room::from(fetcher.limits()).keep_first(&mut chosen.entries));
    let too_deep = fetcher.limits().too_deep(if is_index { 2 } else { 1 });
    let too_deep = too_deep.filter(|_| map.article != Articles::None);
    let entries = Entries {
        source,
        list: &read.found_at,
        entries: &chosen.entries,
        articles: &map.article,
        // Sites keep their sitemaps themselves out of indexes, not what these name.
        may_store: read.wishes.reserved != Some(true),
        may_follow: read.wishes.follow && too_deep.is_none(),
        looks_again: false,
        are_all: read.is_complete,
        is_trial: cursor.is_trial,
    };
    let Brought { posts, problems: more, again_in } =
        articles::read(entries, &mut cursor.follow, (fetcher, privacy), now).await;
    problems.extend(more);
    problems.extend(too_deep.map(Problem::of_page));
    cursor.sitemap.note_waiting(&chosen, &cursor.follow, (source, privacy), now());
    Harvest { again: again_in.map(Again::In), charset, ..Harvest::fetched(posts, problems) }
}

/// What a visit read of a sitemap and those it names.
struct Read {
    found_at: Url,
    wishes: Wishes,
    maps: Vec<Map>,
    problems: Vec<Problem>,
    /// Every sitemap of the index was read.
    is_complete: bool,
    /// Sitemaps of the index that are indexes again.
    nested: usize,
}

impl Read {
    fn of(page: &Page) -> Read {
        let (found_at, wishes) = (page.url.clone(), page.wishes);
        Read { found_at, wishes, maps: Vec::new(), problems: Vec::new(), is_complete: true, nested: 0 }
    }

    /// Takes the first page over, and reads the sitemaps it names whose turn it is. One that cannot be
    /// had is a problem of its own and leaves the others; if none can be had, the visit failed.
    async fn take(
        &mut self,
        (own, first): (u32, ParsedSitemap),
        (source, fetcher): (&Source, &Fetcher),
        cursor: &mut SitemapCursor,
        now: &Now,
    ) -> Result<(), Harvest> {
        let ParsedSitemap { pages, sitemaps: mut named, problems, .. } = first;
        self.problems = problems;
        named.retain(|child| child.url != self.found_at);
        if named.is_empty() {
            cursor.maps.retain(|name, _| *name == own);
            self.maps.push(Map { name: own, pages });
            return Ok(());
        }
        let turn = children::turn(named, cursor, now());
        self.is_complete = turn.len() >= cursor.maps.len();
        let mut failure = None;
        for url in turn.into_iter().map(|child| child.url) {
            let name = hash(&url);
            match self.read_child(source, &url, fetcher, now).await {
                Ok(pages) => self.maps.push(Map { name, pages }),
                Err((harvest, is_over)) => {
                    self.is_complete = false;
                    cursor.missed(name, now());
                    self.problems.extend(harvest.failure().map(Problem::of_page));
                    failure.get_or_insert(harvest);
                    if is_over {
                        break;
                    }
                }
            }
        }
        self.problems.extend((self.nested > 0).then(|| left_nested(self.nested)));
        match failure {
            Some(harvest) if self.maps.is_empty() => Err(harvest),
            _ => Ok(()),
        }
    }

    /// The pages that a sitemap of an index names; sitemaps it names in turn are left. A failure says
    /// whether the others need not be tried: their host wants to be left alone.
    async fn read_child(
        &mut self,
        source: &Source,
        url: &Url,
        fetcher: &Fetcher,
        now: &Now,
    ) -> Result<Vec<Named>, (Harvest, bool)> {
        let page: Arc<Page> = match fetcher.fetch(&Request::of(source, url, Wanted::Data), now).await {
            Ok(Fetched::Page(page)) => Arc::from(page),
            Ok(Fetched::NotModified) => return Ok(Vec::new()),
            Err(error) => {
                let is_over = matches!(error, FetchError::Throttled { .. } | FetchError::Paced { .. });
                let failed = Harvest::failed(error.words(), page::again_after(&error));
                return Err((Harvest { trouble: Trouble::of(&error), ..failed }, is_over));
            }
        };
        self.wishes = self.wishes.and(Wishes { follow: true, ..page.wishes });
        let read = parse(source, page).await.map_err(|harvest| (harvest, false))?;
        self.problems.extend(read.problems);
        self.nested += usize::from(!read.sitemaps.is_empty());
        Ok(read.pages)
    }

    /// Leaves out what the source does not want.
    fn leave_out(&mut self, include: Option<&str>) {
        let Some(part) = include else { return };
        let count = |maps: &[Map]| maps.iter().map(|map| map.pages.len()).sum::<usize>();
        let named = count(&self.maps);
        for map in &mut self.maps {
            map.pages.retain(|page| page.url.as_str().contains(part));
        }
        if self.is_complete && named > 0 && count(&self.maps) == 0 {
            self.problems.push(nothing_included(named));
        }
    }
}

async fn parse(source: &Source, page: Arc<Page>) -> Result<ParsedSitemap, Harvest> {
    let zone = source.zone.clone();
    let parsed = page::read(move || sitemap::parse(&page, &zone)).await?;
    parsed.map_err(|why| Harvest::failed(why, None))
}

fn nothing_included(named: usize) -> Problem {
    Problem::of_page(Words::new(
        format!("站点地图有 {named} 个网址，没有一个含有 include 里的文字；请检查 include"),
        format!("none of the sitemap's {named} addresses contains what `include` says; check it"),
    ))
}

fn left_nested(nested: usize) -> Problem {
    Problem::of_page(Words::new(
        format!("索引里有 {nested} 个又是索引，没有再往下读；请直接写要采的站点地图"),
        format!(
            "{nested} of the sitemaps it names are indexes again, which are not followed; put the sitemap that is meant into the source"
        ),
    ))
}

fn too_many_undated(unwatched: usize) -> Problem {
    Problem::of_page(Words::new(
        format!(
            "站点地图没有写日期的网址太多：记住了 {REMEMBERED} 个，还有 {unwatched} 个看不出新旧；请用 include 缩小范围，或者写其中一个站点地图的地址"
        ),
        format!(
            "the sitemap has too many addresses without a date: {REMEMBERED} are remembered, of {unwatched} more nobody can say whether they are new; narrow it with `include`, or put the address of one of its sitemaps into the source"
        ),
    ))
}
