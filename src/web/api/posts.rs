//! `GET /api/v1/posts`: the search of the page, for programs and spreadsheets.

use analyzer::index::{After, AsOf, Options, Results, Sort};
use analyzer::level::Level;
use analyzer::query::{By, Filter, Node, Problem as Unread, Query, Span, What};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use crawler::words::Words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tracing::error;
use utoipa::{IntoParams, ToSchema};

use super::Parameters;
use super::fresh::{Answer, of_text};
use super::problem::{Problem, Told};
use crate::daemon::Running;
use crate::find::row::{Row, csv, local};
use crate::find::{DEEPEST, Found, Reference, find, levels};
use crate::web::glance::known;
use crate::web::search::searching;

/// Posts on a page at most.
const MOST: usize = 100;
/// Posts on a page when nothing else is asked for.
const USUAL: usize = 20;

/// Which posts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Words as on the search page: space = all, | = any, - = not, "…" = adjacent, 信源: 关切: 级别: 时间:.
    #[param(example = "数据 公布|通报 -天气")]
    q: String,
    /// Published at or after this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Published before this moment; when left out, the one when the first page was asked for.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Id, name or group of a source.
    source: Option<String>,
    /// Name or id of a concern.
    concern: Option<String>,
    /// time (newest first), relevance or copies.
    #[param(inline)]
    sort: Option<Order>,
    /// Posts on a page.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// `next` of the page before, which must be asked for with the same parameters.
    cursor: Option<String>,
}

/// Order of posts.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Time,
    Relevance,
    Copies,
}

/// A page of posts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Posts {
    #[schema(example = "guanlan.posts/1")]
    schema: &'static str,
    /// What was understood of the query.
    understood: String,
    /// Posts found.
    total: usize,
    /// Near-duplicate groups among them; each is one row.
    groups: usize,
    posts: Vec<Row>,
    /// Seconds of one bar of the histogram.
    histogram_step_seconds: i64,
    histogram: Vec<Bar>,
    by_source: Vec<Counted>,
    by_group: Vec<Counted>,
    /// When the first page was asked for: nothing that came in later is found or counted.
    #[schema(format = DateTime)]
    as_of: String,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// Posts in one span.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistogramBar)]
struct Bar {
    #[schema(format = DateTime)]
    start: String,
    posts: u32,
}

/// Posts of one source or group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedCount)]
struct Counted {
    name: String,
    posts: u32,
}

/// Searches posts. With `Accept: text/csv` the same rows come as a table; the header `Link` leads to the next page.
#[utoipa::path(get, path = "/api/v1/posts", tag = "posts", operation_id = "posts", params(Wanted),
    responses((status = 200, description = "A page of posts", content((Posts = "application/json"), (String = "text/csv")),
            headers(("Link" = String, description = "the address of the next page, rel=\"next\"; none on the last"))),
        (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn list(
    State(running): State<Running>,
    (uri, headers): (Uri, HeaderMap),
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, Problem> {
    let now = running.clock.now();
    let place = place(&wanted, now)?;
    let known = known(&running).await.map_err(|_| Problem::stopping())?;
    let reference = place.of(known.ok_or_else(Problem::failed)?.at(now));
    let query = query(&wanted, &place, &reference.zone)?;
    let unknown = running.index.unknown_names(&query, &reference.context()).map_err(|error| {
        error!(%error, "a search could not be made");
        Problem::failed()
    })?;
    if let Some(unknown) = unknown.first() {
        return Err(unread(unknown));
    }
    let options = Options {
        limit: place.limit,
        as_of: place.begun.as_ref().map(|begun| begun.as_of),
        after: place.begun.as_ref().map(|begun| begun.after),
        sort: match wanted.sort.unwrap_or_default() {
            Order::Time => Sort::Time,
            Order::Relevance => Sort::Relevance,
            Order::Copies => Sort::Copies,
        },
        ..Options::default()
    };
    let searched = searching(running, move |running| {
        let found = find(&running.index, &running.archive, &query, &reference, &options);
        found.map(|found| (found, query, reference))
    });
    let searched = searched.await.ok_or_else(Problem::stopping)?;
    let (found, query, reference) = searched.map_err(|error| {
        error!(%error, "a search could not be made");
        Problem::failed()
    })?;
    let rows = Row::of(&found, &reference);
    let cursor = next(&found.results, &place, (&query, &reference));
    let link = cursor.as_deref().and_then(|cursor| link(&uri, cursor));
    let mut response = if wants_csv(&headers) {
        let table = csv(&rows);
        let response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], table.clone()).into_response();
        of_text(&table, response)
    } else {
        let understood = query.echo(analyzer::language::Language::Chinese);
        Answer { now, body: page(&found, rows, (understood, cursor), &reference) }.into_response()
    };
    response.headers_mut().extend(link.map(|link| (header::LINK, link)));
    Ok(response)
}

/// Where the next page begins; none on the last.
fn next(results: &Results, place: &Place, (query, reference): (&Query, &Reference)) -> Option<String> {
    let seen = place.begun.as_ref().map_or(0, |begun| begun.seen) + place.limit;
    let after = results.next.filter(|_| seen < DEEPEST)?;
    // Levels are those of the first page throughout; most queries do not ask for any.
    let levels = query.asks_for_levels().then(|| reference.levels.to_vec());
    Some(Begun { seen, as_of: results.as_of, after, levels }.to_string())
}

/// The address of the next page (RFC 8288): a table has no place for a cursor.
fn link(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let asked = uri.query().unwrap_or_default().split('&');
    let kept: Vec<&str> = asked.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).collect();
    let query = kept.into_iter().map(|pair| format!("{pair}&")).collect::<String>();
    HeaderValue::from_str(&format!("<{}?{query}cursor={cursor}>; rel=\"next\"", uri.path())).ok()
}

fn page(
    found: &Found,
    posts: Vec<Row>,
    (understood, next): (String, Option<String>),
    reference: &Reference,
) -> Posts {
    let results = &found.results;
    let counted = |(name, posts): &(String, u32)| Counted { name: name.clone(), posts: *posts };
    Posts {
        schema: "guanlan.posts/1",
        understood,
        total: results.total,
        groups: results.groups,
        posts,
        histogram_step_seconds: results.step_seconds,
        histogram: results
            .histogram
            .iter()
            .map(|bar| Bar { start: local(bar.start, &reference.zone), posts: bar.posts })
            .collect(),
        by_source: results.by_source.iter().map(counted).collect(),
        by_group: results.by_group.iter().map(counted).collect(),
        as_of: local(results.as_of.moment, &reference.zone),
        next,
    }
}

/// Which page.
struct Place {
    limit: usize,
    until: Timestamp,
    /// Behind which earlier page; none for the first.
    begun: Option<Begun>,
}

/// What a cursor carries from page to page, so that each post of the first moment comes once and no other.
struct Begun {
    /// Groups on the pages before.
    seen: usize,
    /// What had come in when the first page was made.
    as_of: AsOf,
    /// The last hit of the page before.
    after: After,
    /// The levels of then, if the query asks for them.
    levels: Option<Vec<(String, Level)>>,
}

impl Place {
    /// The names, as they were when the first page was made.
    fn of(&self, reference: Reference) -> Reference {
        match &self.begun {
            None => reference,
            Some(begun) => reference.then(begun.as_of, begun.levels.clone()),
        }
    }
}

impl std::fmt::Display for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.seen, self.as_of, self.after)?;
        self.levels.as_ref().map_or(Ok(()), |levels| write!(f, ".{}", levels::written(levels)))
    }
}

impl Begun {
    fn read(cursor: &str) -> Option<Begun> {
        let parts: Vec<&str> = cursor.split('.').collect();
        let [seen, moment, sequence, rank, time, last, rest @ ..] = parts.as_slice() else { return None };
        Some(Begun {
            seen: seen.parse().ok().filter(|seen| *seen < DEEPEST)?,
            as_of: format!("{moment}.{sequence}").parse().ok()?,
            after: format!("{rank}.{time}.{last}").parse().ok()?,
            levels: match rest {
                [] => None,
                [levels] => Some(levels::read(levels)?),
                _ => return None,
            },
        })
    }
}

fn place(wanted: &Wanted, now: Timestamp) -> Result<Place, Problem> {
    let limit = wanted.limit.unwrap_or(USUAL);
    if limit == 0 || limit > MOST {
        return Err(Problem::malformed(Words::new(
            format!("limit 要在 1 到 {MOST} 之间"),
            format!("limit must be between 1 and {MOST}"),
        )));
    }
    let begun = match &wanted.cursor {
        None => None,
        Some(cursor) => Some(Begun::read(cursor).ok_or_else(|| {
            Problem::malformed(Words::new(
                "cursor 要原样用上一页的 next",
                "cursor must be the `next` of the page before, unchanged",
            ))
        })?),
    };
    let began = begun.as_ref().map_or(now, |begun| begun.as_of.moment);
    // To the next whole second: the index knows no finer, and the present second counts as well.
    let until = wanted.to.unwrap_or(began);
    let second = until.as_second() + i64::from(until.subsec_nanosecond() > 0 || wanted.to.is_none());
    let until = Timestamp::from_second(second).unwrap_or(until);
    Ok(Place { limit, until, begun })
}

/// The words and the filters as one query.
fn query(wanted: &Wanted, place: &Place, zone: &TimeZone) -> Result<Query, Problem> {
    let mut query = match wanted.q.trim() {
        "" => Query::everything(),
        typed => Query::parse(typed).map_err(|problem| unread(&problem))?,
    };
    let local = |at: Timestamp| zone.to_datetime(at);
    query = query.and(filter(By::Time(Span::Between(wanted.from.map(local), Some(local(place.until))))));
    if let Some(source) = &wanted.source {
        query = query.and(filter(By::Source(vec![source.clone()])));
    }
    if let Some(concern) = &wanted.concern {
        query = query.and(filter(By::Concern(vec![concern.clone()])));
    }
    Ok(query)
}

fn filter(by: By) -> Node {
    Node::Filter(Filter { by, place: (0, 0) })
}

fn unread(problem: &Unread) -> Problem {
    use analyzer::language::Language;
    if problem.length == 0 && matches!(problem.what, What::UnknownSource(_) | What::UnknownConcern(_)) {
        // Of a parameter of its own: it has no place in the query.
        return Problem::malformed(Words::new(
            problem.what.say(Language::Chinese),
            problem.what.say(Language::English),
        ));
    }
    let detail = Words::new(problem.describe(Language::Chinese), problem.describe(Language::English));
    Problem::malformed(detail).at(problem.position, problem.length)
}

fn wants_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.trim().starts_with("text/csv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_carries_the_moment_the_place_and_the_levels() {
        for cursor in [
            "20.1764175500.8812.0.1764170000.8790",
            "20.1764175500.8812.9.-5.8790.o7761~b62",
            "0.1.0.0.0.0.0",
        ] {
            assert_eq!(Begun::read(cursor).map(|begun| begun.to_string()).as_deref(), Some(cursor));
        }
        for wrong in [
            "",
            "20.1764175500",
            "20.1.2.3.4",
            "10000.1.2.3.4.5",
            "20.1.2.3.4.5.x",
            "20.1.2.3.4.5.0.0",
            "a.b.c.d.e.f",
        ] {
            assert!(Begun::read(wrong).is_none(), "{wrong}");
        }
    }
}
