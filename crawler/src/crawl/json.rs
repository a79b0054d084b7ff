//! One visit of a JSON endpoint: its pages, and what to remember.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::cursor::Cursor;
use super::page::{self, Fresh};
use super::visit::Harvest;
use crate::fetch::{Fetched, Fetcher, Page, Request, Wanted};
use crate::format::json::{self, Json, ParsedJson};
use crate::format::{Parsed, Privacy, Problem, Reading, Room};
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
    let room = Room::from(fetcher.limits());
    let first = match read((source, json), (privacy, room), (page, 0), at).await {
        Ok(first) => first,
        Err(harvest) => return harvest,
    };
    cursor.page = Some(place);
    let charset = Some(first.charset.clone());
    let Parsed { posts, problems, .. } = following((source, json), first, (fetcher, privacy), now).await;
    Harvest { charset, ..Harvest::fetched(posts, problems) }
}

/// Reads the pages behind the first, as far as the source wants and as long as they bring anything. What
/// the first page said is worth keeping, whatever becomes of the others.
async fn following(
    (source, json): (&Source, &Json),
    first: ParsedJson,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Parsed {
    let ParsedJson { mut parsed, mut next, mut rows, .. } = first;
    let room = Room::from(fetcher.limits());
    let mut known: HashSet<_> = parsed.posts.iter().map(|post| post.id).collect();
    let mut asked = vec![json.url.clone()];
    for page in 1..json.pages {
        let Some(url) = next.take().filter(|next| !asked.contains(next)) else { break };
        if let Some(enough) = fetcher.limits().enough(page, parsed.posts.len()) {
            parsed.problems.push(Problem::of_page(enough));
            break;
        }
        let fetched = fetcher.fetch(&Request::of(source, &url, Wanted::Data), now).await;
        asked.push(url);
        let more = match fetched {
            Ok(Fetched::Page(page)) => {
                read((source, json), (privacy, room), (page.into(), rows), now()).await
            }
            Ok(Fetched::NotModified) => break,
            Err(error) => Err(Harvest::failed(error.words(), None)),
        };
        let more = match more {
            Ok(more) => more,
            Err(harvest) => {
                parsed.problems.extend(harvest.failure().map(Problem::of_page));
                break;
            }
        };
        let before = known.len();
        parsed.posts.extend(more.parsed.posts.into_iter().filter(|post| known.insert(post.id)));
        parsed.problems.extend(more.parsed.problems);
        if known.len() == before {
            break;
        }
        (next, rows) = (more.next, rows.saturating_add(more.rows));
    }
    parsed.problems.extend(room.keep_newest(&mut parsed.posts, |post| post.time));
    parsed
}

/// Reads one page, as its owner permits; a failure otherwise, as a visit tells it.
async fn read(
    (source, json): (&Source, &Json),
    (privacy, room): (&Privacy, Room),
    (page, rows_before): (Arc<Page>, u32),
    at: Timestamp,
) -> Result<ParsedJson, Harvest> {
    let wishes = page.wishes;
    if let Some(why) = wishes.forbid_text() {
        return Err(Harvest::refused(why));
    }
    let (source, json, privacy) = (source.clone(), json.clone(), privacy.clone());
    let parse = move || json::parse(&page, (&source, &privacy, room), (&json, rows_before), at);
    let read = page::read(parse).await?;
    match read.parsed.reading {
        Reading::SomethingElse => {
            let why = read.parsed.problems.into_iter().next().map(|problem| problem.what);
            let why = why.unwrap_or_else(|| Words::new("这不是 JSON", "this is not JSON"));
            Err(Harvest::changed(why))
        }
        Reading::Whole | Reading::Damaged => {
            Ok(ParsedJson { next: read.next.filter(|_| wishes.follow), ..read })
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::crawl::Outcome;
    use crate::format::json::{Map, Path};
    use crate::health::Trouble;
    use crate::mask::Masks;
    use crate::post::{IdKey, Publisher};
    use crate::site::{Answer, Site, fetcher, limits, page, status};
    use crate::source::Kind;

    fn endpoint(site: &Site, path: &str, pages: u32) -> Json {
        let path_of = |text: &str| Path::parse(text).unwrap();
        let map = Map { title: Some(path_of("title")), url: Some(path_of("url")), ..Map::default() };
        let (items, next) = (path_of("data"), Some(path_of("next")));
        Json { url: site.url(path), items, map, link: None, ok: None, next, pages }
    }

    async fn look(site: &Site, json: &Json) -> Harvest {
        look_again(site, json, &mut Cursor::default(), 0).await
    }

    async fn look_again(site: &Site, json: &Json, cursor: &mut Cursor, hours: i64) -> Harvest {
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
        let now = move || Timestamp::from_second(1_600_000_000 + hours * 3600).unwrap();
        visit((&source, json), cursor, (&fetcher(limits()), &privacy), &now).await
    }

    fn pages(site: &Site) -> Vec<String> {
        let is_page = |path: &String| path != "/robots.txt" && !path.starts_with("/.well-known");
        site.paths().into_iter().filter(is_page).collect()
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

    #[tokio::test]
    async fn what_a_site_wishes_holds_for_its_json_as_for_its_pages() {
        let site = Site::start(|path, _| {
            let header = match path {
                "/robots.txt" => return Answer::Send(Vec::new()),
                "/.well-known/tdmrep.json" => {
                    let file = br#"[{"location": "/reserved", "tdm-reservation": 1}]"#;
                    return Answer::Send(page("", file));
                }
                "/noindex" | "/later" => "X-Robots-Tag: noindex\r\n",
                "/none" => "X-Robots-Tag: none\r\n",
                "/mined" => "TDM-Reservation: 1\r\n",
                "/nofollow" => "X-Robots-Tag: nofollow\r\n",
                "/other" => "X-Robots-Tag: otherbot: noindex\r\n",
                _ => "",
            };
            let body = format!(r#"{{"data":[{{"title":"{path}","url":"{path}"}}],"next":"/later"}}"#);
            Answer::Send(page(header, body.as_bytes()))
        })
        .await;
        for (path, said) in
            [("/noindex", "noindex"), ("/none", "noindex"), ("/mined", "TDM"), ("/reserved/list", "TDM")]
        {
            let harvest = look(&site, &endpoint(&site, path, 3)).await;
            let Outcome::Failed(why) = &harvest.outcome else { panic!("{path}: {:?}", harvest.outcome) };
            assert!(why.en.contains(said) && harvest.posts.is_empty(), "{path}: {why}");
            assert_eq!(harvest.trouble, Trouble::Refused, "{path}");
        }
        assert!(!pages(&site).contains(&"/later".to_owned()));
        let harvest = look(&site, &endpoint(&site, "/nofollow", 3)).await;
        assert_eq!((harvest.posts.len(), harvest.problems.len()), (1, 0));
        assert!(!pages(&site).contains(&"/later".to_owned()));
        // A later page that is not to be kept is left out, and the rest stays.
        let harvest = look(&site, &endpoint(&site, "/other", 3)).await;
        assert_eq!((harvest.posts.len(), harvest.problems.len()), (1, 1));
        assert!(harvest.problems[0].what.en.contains("noindex"), "{:?}", harvest.problems);
    }

    #[tokio::test]
    async fn an_answer_that_is_still_the_same_is_not_read_again() {
        let site = Site::start(|path, head| {
            let body = br#"{"data":[{"title":"a","url":"/1"}]}"#;
            let has = |condition: &str| head.to_ascii_lowercase().contains(condition);
            Answer::Send(match path {
                "/etag" if has("if-none-match: \"v1\"") => status("304 x", ""),
                "/etag" => page("ETag: \"v1\"\r\n", body),
                "/day" if has("if-modified-since: sun, 13 sep 2020 12:00:00 gmt") => status("304 x", ""),
                "/day" => page("Last-Modified: Sun, 13 Sep 2020 12:00:00 GMT\r\n", body),
                // What could not be read must not be asked for with a condition.
                "/broken" => {
                    assert!(!has("if-none-match"), "{head}");
                    page("ETag: \"v1\"\r\n", b"<html>")
                }
                _ => Vec::new(),
            })
        })
        .await;
        for path in ["/etag", "/day"] {
            let (json, mut cursor) = (endpoint(&site, path, 1), Cursor::default());
            let mut outcomes = Vec::new();
            for hours in [0, 1, 24] {
                outcomes.push(look_again(&site, &json, &mut cursor, hours).await.outcome);
            }
            let expected = [Outcome::Fetched, Outcome::NotModified, Outcome::Fetched];
            assert_eq!(outcomes, expected, "{path}");
        }
        let mut cursor = Cursor::default();
        for hours in [0, 1] {
            let harvest = look_again(&site, &endpoint(&site, "/broken", 1), &mut cursor, hours).await;
            assert!(matches!(harvest.outcome, Outcome::Failed(_)));
        }
    }
}
