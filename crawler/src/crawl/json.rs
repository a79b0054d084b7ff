//! One visit of a JSON endpoint: its pages, and what to remember.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::cursor::Cursor;
use super::page::{self, Fresh};
use super::visit::Harvest;
use crate::fetch::{Fetched, Fetcher, Page, Request, Wanted};
use crate::format::json::{self, Json, ParsedJson};
use crate::format::{Parsed, Privacy, Problem, Reading};
use crate::pace::Now;
use crate::source::Source;
use crate::words::Words;

/// Visits an endpoint and moves its place in the cursor.
pub(super) async fn visit(
    (source, json): (&Source, &Json),
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    let wanted = (source, &json.url, Wanted::Data);
    let Fresh { page, at, place } = match page::fetch(wanted, &mut cursor.page, fetcher, now).await {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Harvest::not_modified(),
        Err(harvest) => return harvest,
    };
    let first = match read((source, json), privacy, (page, 0), at).await {
        Ok(Ok(first)) => first,
        Ok(Err(why)) => return Harvest::changed(why),
        Err(harvest) => return harvest,
    };
    cursor.page = Some(place);
    let Parsed { posts, problems, .. } = following((source, json), first, (fetcher, privacy), now).await;
    Harvest::fetched(posts, problems)
}

/// Reads the pages behind the first, as far as the source wants and as long as they bring anything. What
/// the first page said is worth keeping, whatever becomes of the others.
async fn following(
    (source, json): (&Source, &Json),
    first: ParsedJson,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Parsed {
    let ParsedJson { mut parsed, mut next, mut rows } = first;
    let mut known: HashSet<_> = parsed.posts.iter().map(|post| post.id).collect();
    let mut asked = vec![json.url.clone()];
    for _ in 1..json.pages {
        let Some(url) = next.take().filter(|next| !asked.contains(next)) else { break };
        let fetched = fetcher.fetch(&Request::of(source, &url, Wanted::Data), now).await;
        asked.push(url);
        let more = match fetched {
            Ok(Fetched::Page(page)) => read((source, json), privacy, (page.into(), rows), now()).await,
            Ok(Fetched::NotModified) => break,
            Err(error) => Ok(Err(error.words())),
        };
        let more = match more {
            Ok(Ok(more)) => more,
            Ok(Err(why)) => {
                parsed.problems.push(Problem::of_page(why));
                break;
            }
            Err(_) => break,
        };
        let before = known.len();
        parsed.posts.extend(more.parsed.posts.into_iter().filter(|post| known.insert(post.id)));
        parsed.problems.extend(more.parsed.problems);
        if known.len() == before {
            break;
        }
        (next, rows) = (more.next, rows.saturating_add(more.rows));
    }
    parsed
}

/// Reads one page; why it is none, in words, otherwise.
async fn read(
    (source, json): (&Source, &Json),
    privacy: &Privacy,
    (page, rows_before): (Arc<Page>, u32),
    at: Timestamp,
) -> Result<Result<ParsedJson, Words>, Harvest> {
    let (source, json, privacy) = (source.clone(), json.clone(), privacy.clone());
    let parse = move || json::parse(&page, (&source, &privacy), (&json, rows_before), at);
    let ParsedJson { parsed, next, rows } = page::read(parse).await?;
    Ok(match parsed.reading {
        Reading::SomethingElse => {
            let why = parsed.problems.into_iter().next().map(|problem| problem.what);
            Err(why.unwrap_or_else(|| Words::new("这不是 JSON", "this is not JSON")))
        }
        Reading::Whole | Reading::Damaged => Ok(ParsedJson { parsed, next, rows }),
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::crawl::Outcome;
    use crate::format::json::{Map, Path};
    use crate::mask::Masks;
    use crate::post::{IdKey, Publisher};
    use crate::site::{Answer, Site, fetcher, limits, page};
    use crate::source::Kind;

    fn endpoint(site: &Site, path: &str, pages: u32) -> Json {
        let path_of = |text: &str| Path::parse(text).unwrap();
        let map = Map { title: Some(path_of("title")), url: Some(path_of("url")), ..Map::default() };
        let (items, next) = (path_of("data"), Some(path_of("next")));
        Json { url: site.url(path), items, map, link: None, ok: None, next, pages }
    }

    async fn look(site: &Site, json: &Json) -> Harvest {
        let source = Source {
            id: "hot".into(),
            name: "热榜".into(),
            kind: Kind::Json(Box::new(json.clone())),
            every: SignedDuration::from_mins(10),
            publisher: Publisher::Platform,
            group: "热榜".into(),
            encoding: None,
            zone: TimeZone::UTC,
            allow: vec![site.pair()],
            every_at_most: None,
            proxy: None,
        };
        let privacy = Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() };
        let now = || Timestamp::from_second(1_600_000_000).unwrap();
        visit((&source, json), &mut Cursor::default(), (&fetcher(limits()), &privacy), &now).await
    }

    fn pages(site: &Site) -> Vec<String> {
        site.paths().into_iter().filter(|path| path != "/robots.txt").collect()
    }

    #[tokio::test]
    async fn a_hot_list_in_another_order_is_the_same_posts() {
        let site = Site::start(|path, _| {
            let rows = match path {
                "/robots.txt" => return Answer::Send(Vec::new()),
                "/a" => r#"{"data":[{"title":"甲","url":"/1"},{"title":"乙","url":"/2"}]}"#,
                _ => r#"{"data":[{"title":"乙","url":"/2"},{"title":"甲","url":"/1"}]}"#,
            };
            Answer::Send(page("Content-Type: application/json\r\n", rows.as_bytes()))
        })
        .await;
        let (one, other) =
            (look(&site, &endpoint(&site, "/a", 1)).await, look(&site, &endpoint(&site, "/b", 1)).await);
        assert_eq!((&one.outcome, one.posts.len()), (&Outcome::Fetched, 2));
        assert_eq!((one.posts[0].id, one.posts[1].id), (other.posts[1].id, other.posts[0].id));
        assert_eq!((one.posts[0].rank, other.posts[1].rank), (Some(0), Some(1)));
    }

    #[tokio::test]
    async fn pages_without_end_or_with_nothing_new_are_bounded() {
        let site = Site::start(|path, _| {
            let Some((list, number)) = path.split_once("?p=") else { return Answer::Send(Vec::new()) };
            let number: u32 = number.parse().unwrap();
            // The list that stands still has the same row on each page.
            let row = if list == "/still" { 0 } else { number };
            let body = format!(
                r#"{{"data":[{{"title":"条{row}","url":"/t/{row}"}}],"next":"{list}?p={}"}}"#,
                number + 1
            );
            Answer::Send(if number == 3 && list == "/broken" {
                page("", b"<html>")
            } else {
                page("", body.as_bytes())
            })
        })
        .await;
        let harvest = look(&site, &endpoint(&site, "/endless?p=1", 4)).await;
        assert_eq!((harvest.posts.len(), pages(&site).len()), (4, 4));
        assert_eq!(
            harvest.posts.iter().map(|post| post.rank).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2), Some(3)]
        );
        let harvest = look(&site, &endpoint(&site, "/still?p=1", 10)).await;
        assert_eq!((harvest.posts.len(), pages(&site).len()), (1, 4 + 2));
        let harvest = look(&site, &endpoint(&site, "/broken?p=1", 10)).await;
        assert_eq!((&harvest.outcome, harvest.posts.len()), (&Outcome::Fetched, 2));
        assert!(harvest.problems[0].what.en.contains("not JSON"), "{:?}", harvest.problems);
    }

    #[tokio::test]
    async fn an_error_under_status_200_is_a_failure() {
        let site = Site::start(|path, _| {
            let body = br#"{"code":-412,"message":"request was banned"}"#;
            Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", body) })
        })
        .await;
        let harvest = look(&site, &endpoint(&site, "/a", 1)).await;
        let Outcome::Failed(why) = harvest.outcome else { panic!("{:?}", harvest.outcome) };
        assert!(why.en.contains("code=-412, \"request was banned\""), "{why}");
    }
}
