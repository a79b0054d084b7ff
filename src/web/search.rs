//! `/search`: as lenient as can be, and what was left out is said; the same as CSV and JSON; searches kept by name.

use alerts::audit::Deed;
use alerts::format;
use alerts::message::Language;
use analyzer::index::{ByConcern, Counted, Options, Sort};
use analyzer::query::Query;
use axum::Form;
use axum::extract::{Query as Parameters, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use crawler::post::Publisher;
use serde::Deserialize;
use serde_json::json;

use super::access::{OnDuty, Visitor};
use super::glance::known;
use super::pages::{Asked, ask, failed, stopping, unmade};
use super::view::{
    Chip, Chrome, Here, Mistake, Narrowing, SearchData, Wanted, chips, mistake, notice_page, search_page,
};
use crate::daemon::Running;
use crate::find::row::{Row, csv, local};
use crate::find::{FindError, Found, Reference, find, levels};

/// Hits on a page.
const HITS: usize = 20;
/// Characters of the name of a search that is kept.
const NAME: usize = 40;

/// What a page of hits is made from.
struct Looked {
    found: Option<Found>,
    chips: Vec<Chip>,
    time: Option<String>,
    mistakes: Vec<Mistake>,
    rows: Vec<Row>,
    reference: Reference,
    /// The same search as of the moment of the answer.
    steady: Wanted,
    /// What was found without what is chosen among concerns, and among sources; none where nothing is.
    wider: [Option<Counted>; 2],
    /// Where nothing was found: the query with its words taken apart, and the posts that it finds.
    loosened: Option<(String, usize)>,
}

/// `/search`.
pub(super) async fn search(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
    Parameters(wanted): Parameters<Wanted>,
) -> Response {
    let now = running.clock.now();
    let known = match known(&running).await {
        Ok(Some(known)) => known,
        Ok(None) => return unmade(),
        Err(_) => return stopping(),
    };
    let path = format!("/search?{}", wanted.query_part());
    let chrome = Chrome::new(&known.site, asked.language(&known.site), now, Here::Search, &path);
    let chrome = known.dress(chrome.seen_by(&visitor));
    let searched = searching(running, move |running| {
        let looked = look(running, &wanted, known.at(now), chrome.language)?;
        let data = SearchData {
            zone: &looked.reference.zone,
            wanted: &wanted,
            steady: &looked.steady,
            understood: &looked.chips,
            time: looked.time.as_deref(),
            mistakes: &looked.mistakes,
            found: looked.found.as_ref(),
            rows: &looked.rows,
            concerns: &looked.reference.concerns,
            by_concern: looked.by_concern(),
            by_group: looked.by_group(),
            loosened: looked.loosened.as_ref().map(|(typed, posts)| (typed.as_str(), *posts)),
            groups: &looked.reference.groups,
            saved: &known.saved,
            indexed: running.index.count(),
            limit: HITS,
        };
        Ok::<_, FindError>(Html(search_page(&chrome, &data)).into_response())
    });
    answered(searched.await)
}

/// `/search/narrow`: where the boxes beside the posts lead; what they say becomes part of the query.
pub(super) async fn narrow(_: Visitor, Parameters(fields): Parameters<Vec<(String, String)>>) -> Redirect {
    let is_english = fields.iter().any(|(name, value)| name == "lang" && value == "en");
    let language = if is_english { "&lang=en" } else { "" };
    Redirect::to(&format!("/search?{}{language}", Wanted::ticked(&fields).query_part()))
}

/// `/search.csv`: the rows of the page with the same address.
pub(super) async fn as_csv(
    _: Visitor,
    State(running): State<Running>,
    Parameters(wanted): Parameters<Wanted>,
) -> Response {
    exported(running, wanted, |looked, _| {
        let name = "attachment; filename=\"guanlan-search.csv\"";
        let kind = "text/csv; charset=utf-8";
        ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], csv(&looked.rows))
            .into_response()
    })
    .await
}

/// `/search.json`: the same, with the totals the page shows.
pub(super) async fn as_json(
    _: Visitor,
    State(running): State<Running>,
    Parameters(wanted): Parameters<Wanted>,
) -> Response {
    exported(running, wanted, |looked, wanted| {
        let (total, groups) =
            looked.found.as_ref().map_or((0, 0), |found| (found.results.total, found.results.groups));
        let body = json!({
            "schema": "guanlan.search/1", "query": wanted.q, "total": total, "groups": groups,
            "as_of": looked.as_of(), "offset": wanted.begins(), "posts": looked.rows,
        });
        let name = "attachment; filename=\"guanlan-search.json\"";
        let kind = "application/json";
        ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], body.to_string())
            .into_response()
    })
    .await
}

async fn exported(
    running: Running,
    wanted: Wanted,
    write: impl FnOnce(&Looked, &Wanted) -> Response + Send + 'static,
) -> Response {
    let now = running.clock.now();
    let known = match known(&running).await {
        Ok(Some(known)) => known,
        Ok(None) => return unmade(),
        Err(_) => return stopping(),
    };
    let searched = searching(running, move |running| {
        let looked = look(running, &wanted, known.at(now), known.language())?;
        Ok::<_, FindError>(write(&looked, &wanted))
    });
    answered(searched.await)
}

/// Searches when it is its turn: each search holds all its hits for a moment, so that some run at a time. Whoever asked may
/// have gone away meanwhile; the place is taken until it is done. `None` while the program stops.
pub(super) async fn searching<T: Send + 'static>(
    running: Running,
    work: impl FnOnce(&Running) -> T + Send + 'static,
) -> Option<T> {
    let place = running.places.searches.clone().acquire_owned().await.ok()?;
    let work = move || {
        let _place = place;
        work(&running)
    };
    tokio::task::spawn_blocking(work).await.ok()
}

fn answered(searched: Option<Result<Response, FindError>>) -> Response {
    match searched {
        Some(Ok(page)) => page,
        Some(Err(error)) => failed(&error),
        None => stopping(),
    }
}

fn look(
    running: &Running,
    wanted: &Wanted,
    reference: Reference,
    language: Language,
) -> Result<Looked, FindError> {
    let as_of = wanted.as_of();
    let reference = match as_of {
        Some(as_of) => reference.then(as_of, wanted.levels_of_then()),
        None => reference,
    };
    let Understood { query, chips, time, mistakes, is_all_wrong } =
        understand(running, wanted, &reference, language)?;
    let options = Options {
        limit: HITS,
        offset: wanted.begins(),
        sort: match wanted.sort.as_str() {
            "relevance" => Sort::Relevance,
            "copies" => Sort::Copies,
            _ => Sort::Time,
        },
        fold: wanted.folds(),
        publishers: if wanted.is_official() { vec![Publisher::Gov, Publisher::Media] } else { Vec::new() },
        // Where the box of a concern is ticked the numbers beside these boxes are those of the wider search.
        by_concern: wanted.without(Narrowing::Concern).is_none(),
        as_of,
        voice: wanted.voice(),
        ..Options::default()
    };
    // A query of mistakes alone asks nothing; it does not ask for everything.
    let asks_nothing = wanted.q.trim().is_empty() || is_all_wrong;
    let found = match asks_nothing {
        true => None,
        false => Some(find(&running.index, &running.archive, &query, &reference, &options)?),
    };
    let rows = found.as_ref().map(|found| Row::of(found, &reference)).unwrap_or_default();
    let at = found.as_ref().map(|found| found.results.as_of.to_string()).unwrap_or_default();
    let levels = if query.asks_for_levels() { levels::written(&reference.levels) } else { String::new() };
    let steady = Wanted { at, levels, ..wanted.clone() };
    let loosened = match &found {
        Some(found) if found.results.total == 0 => {
            loosened(running, wanted, (&reference, language), &options)?
        }
        _ => None,
    };
    let wider = |sort| match wanted.without(sort).filter(|_| found.is_some()) {
        None => Ok::<_, FindError>(None),
        Some(wider) => {
            let Understood { query, .. } = understand(running, &wider, &reference, language)?;
            let options = Options { by_concern: sort == Narrowing::Concern, ..options.clone() };
            Ok(Some(running.index.counts(&query, &reference.context(), &options)?))
        }
    };
    let wider = [wider(Narrowing::Source)?, wider(Narrowing::Concern)?];
    Ok(Looked { found, chips, time, mistakes, rows, reference, steady, wider, loosened })
}

/// The query with its words taken apart, if that finds what the query does not.
fn loosened(
    running: &Running,
    wanted: &Wanted,
    (reference, language): (&Reference, Language),
    options: &Options,
) -> Result<Option<(String, usize)>, FindError> {
    let (query, _) = Query::parse_leniently(&wanted.q);
    let Some(typed) = running.index.loosened(&query, &wanted.q) else { return Ok(None) };
    let wider = Wanted { q: typed, ..wanted.clone() };
    let Understood { query, .. } = understand(running, &wider, reference, language)?;
    let options = Options { limit: 0, offset: 0, by_concern: false, ..options.clone() };
    let total = running.index.search(&query, &reference.context(), &options)?.total;
    Ok((total > 0).then_some((wider.q, total)))
}

impl Looked {
    /// Posts by source group, for the numbers beside these boxes.
    fn by_group(&self) -> &[(String, u32)] {
        let [wider, _] = &self.wider;
        let own = self.found.as_ref().map(|found| &found.results.by_group);
        wider.as_ref().map(|wider| &wider.by_group).or(own).map_or(&[], Vec::as_slice)
    }

    /// The same by concern.
    fn by_concern(&self) -> Option<&ByConcern> {
        let [_, wider] = &self.wider;
        match wider {
            Some(wider) => wider.by_concern.as_ref(),
            None => self.found.as_ref()?.results.by_concern.as_ref(),
        }
    }

    /// The moment of the answer, as programs read it.
    fn as_of(&self) -> Option<String> {
        Some(local(self.found.as_ref()?.results.as_of.moment, &self.reference.zone))
    }
}

/// What was typed and chosen.
struct Understood {
    query: Query,
    chips: Vec<Chip>,
    /// The time chosen beside the query, in words.
    time: Option<String>,
    mistakes: Vec<Mistake>,
    /// Whether nothing of what was typed could be understood.
    is_all_wrong: bool,
}

/// Reads the query and the time chosen beside it; what cannot be read is said, and nothing else is lost by it.
fn understand(
    running: &Running,
    wanted: &Wanted,
    reference: &Reference,
    language: Language,
) -> Result<Understood, FindError> {
    let (query, problems) = Query::parse_leniently(&wanted.q);
    let unknown = running.index.unknown_names(&query, &reference.context())?;
    let query = query.without(&unknown);
    let told = problems.iter().chain(&unknown).map(|problem| mistake(&wanted.q, problem, language));
    let mut mistakes: Vec<Mistake> = told.collect();
    let chips = chips(&query, language);
    let is_all_wrong = query.is_everything() && !mistakes.is_empty();
    let chosen = chosen_time(wanted);
    match chosen.as_deref().map(Query::parse) {
        None => Ok(Understood { query, chips, time: None, mistakes, is_all_wrong }),
        Some(Ok(filter)) => {
            let time = Some(filter.echo(language));
            Ok(Understood { query: query.and(filter.root), chips, time, mistakes, is_all_wrong })
        }
        Some(Err(problem)) => {
            mistakes.push(mistake(&chosen.unwrap_or_default(), &problem, language));
            Ok(Understood { query, chips, time: None, mistakes, is_all_wrong })
        }
    }
}

/// The time chosen beside the query, as a query would say it.
fn chosen_time(wanted: &Wanted) -> Option<String> {
    let moment = |typed: &str| typed.trim().replace(' ', "t");
    match (wanted.since.as_str(), wanted.from.trim(), wanted.to.trim()) {
        ("", "", "") => None,
        ("", from, to) => Some(format!("时间:{}..{}", moment(from), moment(to))),
        (since, ..) => Some(format!("时间:{since}")),
    }
}

/// The forms about searches that are kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    name: String,
}

/// `POST /search/save`: keeps the search for the whole office and shows it again.
pub(super) async fn save(
    OnDuty(visitor): OnDuty,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let chrome = Chrome::new(site, asked.language(site), now, Here::Search, "/search").seen_by(&visitor);
        let name = fields.iter().find(|(name, _)| name == "name").map_or("", |(_, value)| value);
        let name = format::one_line(name, NAME);
        let query = Wanted::of(&fields).query_part();
        if !name.is_empty() && lookout.desk.save_search(&name, &query, now)? {
            // What it is called somebody typed: that is not kept.
            lookout.desk.journal_mut().audit(now, &visitor.post, Deed::SearchSaved, "")?;
            return Ok(Redirect::to(&chrome.to(&format!("/search?{query}"))).into_response());
        }
        let why = chrome.say(
            "要有名称；最多保存 200 个，先删掉不用的。",
            "It needs a name; 200 are kept at most: remove one first.",
        );
        let page = notice_page(&chrome, chrome.say("没有保存", "Not kept"), why);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
    })
    .await
}

/// `POST /search/forget`: removes one.
pub(super) async fn forget(
    OnDuty(visitor): OnDuty,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
    Form(named): Form<Named>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        lookout.desk.forget_search(&named.name)?;
        lookout.desk.journal_mut().audit(now, &visitor.post, Deed::SearchForgotten, "")?;
        let site = &lookout.orders.site;
        let chrome = Chrome::new(site, asked.language(site), now, Here::Search, "/search");
        Ok(Redirect::to(&chrome.to("/search")).into_response())
    })
    .await
}
