//! One visit of a page that lists entries: its pages, the articles behind it, and what to remember.

use std::sync::Arc;

use super::articles::{self, Brought, Entries};
use super::cursor::Cursor;
use super::page::{self, Fresh};
use super::visit::{Again, Harvest};
use crate::fetch::{Fetched, Fetcher, Page, Request, Wanted};
use crate::format::list::{self, Entry, ParsedList};
use crate::format::{Privacy, Problem, Room};
use crate::pace::Now;
use crate::source::{Articles, List, Source};

/// Visits a list and moves its place in the cursor.
pub(super) async fn visit(
    (source, list): (&Source, &List),
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    let fresh = match page::fetch_leading((source, &list.url, Wanted::Html), cursor, fetcher, now).await {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Harvest::not_modified(),
        Err(harvest) => return harvest,
    };
    let place = fresh.place.clone();
    let found_at = fresh.page.url.clone();
    let read = match read_pages((source, list), fresh, fetcher, now).await {
        Ok(read) => read,
        Err(harvest) => return harvest,
    };
    cursor.page = Some(place);
    let mut problems = read.problems;
    let forbidden = read.wishes.forbid_text();
    let entries = Entries {
        source,
        list: &found_at,
        entries: &read.entries,
        articles: &list.article,
        may_store: forbidden.is_none(),
        may_follow: read.wishes.follow,
        looks_again: true,
        are_all: true,
        is_trial: cursor.is_trial,
    };
    problems.extend(forbidden.map(Problem::of_page));
    let Brought { posts, problems: more, again_in } =
        articles::read(entries, &mut cursor.follow, (fetcher, privacy), now).await;
    problems.extend(more);
    let (again, charset) = (again_in.map(Again::In), Some(read.charset));
    Harvest { again, charset, ..Harvest::fetched(posts, problems) }
}

/// Reads the first page, and those behind it as far as the source wants.
async fn read_pages(
    (source, list): (&Source, &List),
    fresh: Fresh,
    fetcher: &Fetcher,
    now: &Now,
) -> Result<ParsedList, Harvest> {
    let (limits, room) = (fetcher.limits(), Room::from(fetcher.limits()));
    let mut all = parse((source, list), fresh.page, room).await?;
    // The articles of the last page lie one step behind it.
    let behind = u32::from(list.article != Articles::None);
    let mut asked = vec![list.url.clone()];
    for page in 1..list.pages {
        let Some(next) = all.next.take().filter(|next| !asked.contains(next)) else { break };
        if !all.wishes.follow {
            break;
        }
        if let Some(enough) = limits.enough(page + behind, all.entries.len()) {
            all.problems.push(Problem::of_page(enough));
            break;
        }
        let request = Request::of(source, &next, Wanted::Html);
        let more = match fetcher.fetch(&request, now).await {
            Ok(Fetched::Page(page)) => parse((source, list), page.into(), room).await,
            Ok(Fetched::NotModified) => break,
            // What the first page said is worth keeping.
            Err(error) => {
                all.problems.push(Problem::of_page(error.words()));
                break;
            }
        };
        asked.push(next);
        let Ok(more) = more else { break };
        join(&mut all, more);
        all.problems.extend(room.keep_first(&mut all.entries));
    }
    Ok(all)
}

/// Adds a later page of a list. What one page forbids holds for all of them.
fn join(all: &mut ParsedList, more: ParsedList) {
    all.next = more.next;
    all.wishes = all.wishes.and(more.wishes);
    all.problems.extend(more.problems);
    let is_new = |entry: &Entry| {
        !all.entries.iter().any(|known| known.address == entry.address && known.title == entry.title)
    };
    let new: Vec<Entry> = more.entries.into_iter().filter(is_new).collect();
    all.entries.extend(new);
}

async fn parse((source, list): (&Source, &List), page: Arc<Page>, room: Room) -> Result<ParsedList, Harvest> {
    let (source, list) = (source.clone(), list.clone());
    let parsed = page::read(move || list::parse(&page, (&source, &list), room)).await?;
    parsed.map_err(Harvest::changed)
}
