//! One visit of a page that lists entries: its pages, and what to remember.

use super::cursor::Cursor;
use super::page::{self, Fresh};
use super::visit::Harvest;
use crate::fetch::{Fetched, Fetcher, Request, Wanted};
use crate::format::list::{self, Entry, ParsedList};
use crate::format::{Privacy, Problem};
use crate::pace::Now;
use crate::source::{List, Source};

/// Visits a list and moves its place in the cursor.
pub(super) async fn visit(
    (source, list): (&Source, &List),
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    let fresh = match page::fetch((source, &list.url, Wanted::Html), &mut cursor.page, fetcher, now).await {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Harvest::not_modified(),
        Err(harvest) => return harvest,
    };
    let at = fresh.at;
    let place = fresh.place.clone();
    let read = match read_pages((source, list), fresh, fetcher, now).await {
        Ok(read) => read,
        Err(harvest) => return harvest,
    };
    cursor.page = Some(place);
    let posts = read.entries.iter().map(|entry| list::post(entry, (source, privacy), at)).collect();
    Harvest::fetched(posts, read.problems)
}

/// Reads the first page, and those behind it as far as the source wants.
async fn read_pages(
    (source, list): (&Source, &List),
    fresh: Fresh,
    fetcher: &Fetcher,
    now: &Now,
) -> Result<ParsedList, Harvest> {
    let mut all = parse((source, list), fresh.page).await?;
    let mut asked = vec![list.url.clone()];
    for _ in 1..list.pages {
        let Some(next) = all.next.take().filter(|next| !asked.contains(next)) else { break };
        let request = Request::of(source, &next, Wanted::Html);
        let more = match fetcher.fetch(&request, now).await {
            Ok(Fetched::Page(page)) => parse((source, list), page.into()).await,
            Ok(Fetched::NotModified) => break,
            // What the first page said is worth keeping.
            Err(error) => {
                all.problems.push(Problem::of_page(error.words()));
                break;
            }
        };
        asked.push(next);
        let Ok(more) = more else { break };
        all.next = more.next;
        all.problems.extend(more.problems);
        let is_new = |entry: &Entry| !all.entries.iter().any(|known| known.address == entry.address);
        let new: Vec<Entry> = more.entries.into_iter().filter(is_new).collect();
        all.entries.extend(new);
    }
    Ok(all)
}

async fn parse(
    (source, list): (&Source, &List),
    page: std::sync::Arc<crate::fetch::Page>,
) -> Result<ParsedList, Harvest> {
    let (source, list) = (source.clone(), list.clone());
    let parsed = page::read(move || list::parse(&page, &source, &list)).await?;
    parsed.map_err(Harvest::changed)
}
