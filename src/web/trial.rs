//! `/concerns/new`: tries a word list on the stored posts before it is written anywhere. Changes nothing: the file
//! stays the only truth, and the page hands out the lines for it.

use alerts::format;
use analyzer::concern::Concern;
use analyzer::query::Query;
use axum::extract::{Query as Parameters, State};
use axum::response::{Html, IntoResponse, Response};
use crawler::words::Words;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tracing::error;

use super::access::OnDuty;
use super::pages::{Asked, dressed, failed, stopping};
use super::view::{Chrome, Here, TrialData, trial_page};
use crate::backtest::{Material, concern_named};
use crate::daemon::Running;
use crate::lookout::LookoutError;
use crate::orders::Orders;
use crate::replay::Span;
use crate::trial::{Findings, entries, findings, snippet};

/// History looked at, and learnt before it.
const TOLD: SignedDuration = SignedDuration::from_hours(28 * 24);
const LEARNT: SignedDuration = SignedDuration::from_hours(35 * 24);
/// More posts than these are not replayed for a page: the command does that, with all the memory it needs.
const MOST_POSTS: u64 = 400_000;
/// Posts shown.
const SAMPLES: usize = 10;
/// Entries of a list, and characters of one.
const ENTRIES: usize = 200;
const ENTRY: usize = 100;

/// The form: what is empty is not known yet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    /// A query that is to become a concern.
    q: String,
    /// Whether something was chosen beside that query.
    beside: String,
    name: String,
    /// One entry a line.
    words: String,
    not: String,
    department: String,
    /// Whether to try it.
    run: String,
}

/// `/concerns/new`: the form, and what the list in it does.
pub(super) async fn trial(
    OnDuty(visitor): OnDuty,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
    Parameters(filled): Parameters<Filled>,
) -> Response {
    let now = running.clock.now();
    let told = running
        .lookout
        .ask(move |lookout| {
            let site = &lookout.orders.site;
            let chrome = Chrome::new(site, asked.language(site), now, Here::Concerns, "/concerns/new")
                .seen_by(&visitor);
            Ok::<_, LookoutError>((
                dressed(lookout, chrome)?,
                lookout.orders.clone(),
                lookout.folder().to_owned(),
            ))
        })
        .await;
    let (chrome, orders, folder) = match told {
        Ok(Ok(told)) => told,
        Ok(Err(error)) => return failed(&error),
        Err(_) => return stopping(),
    };
    let draft = draft(&filled, &orders);
    let (query, _) = Query::parse_leniently(&filled.q);
    let mut dropped = query.filters_in_words(chrome.language);
    let beside = chrome.say("查询旁边选定的范围", "what was chosen beside the query");
    dropped.extend((!filled.beside.is_empty()).then(|| beside.to_owned()));
    let result = match filled.run.is_empty() || draft.words.is_empty() {
        true => None,
        false => Some(tried(&running, &orders, &folder, &draft, now).await),
    };
    let data = TrialData {
        site: &orders.site,
        departments: &orders.policy.people.keys().cloned().collect::<Vec<_>>(),
        snippet: snippet(&draft),
        draft: &draft,
        dropped: &dropped,
        result: result.as_ref(),
    };
    Html(trial_page(&chrome, &data)).into_response()
}

/// The concern that the form describes; a query stands in for a list that is not written yet.
fn draft(filled: &Filled, orders: &Orders) -> Concern {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| format::one_line(line, ENTRY).replace('"', ""));
        lines.filter(|line| !line.is_empty()).take(ENTRIES).collect()
    };
    let (query, _) = Query::parse_leniently(&filled.q);
    let (mut words, mut not) = (lines(&filled.words), lines(&filled.not));
    if words.is_empty() && !filled.q.trim().is_empty() {
        (words, not) = entries(&query.root);
    }
    let name = match format::one_line(&filled.name, 40) {
        name if name.is_empty() => words.first().map(|word| format::one_line(word, 40)).unwrap_or_default(),
        name => name,
    };
    let department = Some(format::one_line(&filled.department, 40)).filter(|name| !name.is_empty());
    Concern { words, not, department, ..concern_named(&name, &orders.levels) }
}

/// Tries it, one at a time: a replay takes the memory of all the posts it reads.
async fn tried(
    running: &Running,
    orders: &Orders,
    folder: &std::path::Path,
    draft: &Concern,
    now: Timestamp,
) -> Result<Findings, Words> {
    let Ok(turn) = running.places.trials.clone().try_acquire_owned() else {
        return Err(Words::new(
            "另一个试算正在进行，过一会儿再试",
            "another trial is under way: try again in a while",
        ));
    };
    let (archive, orders, folder, draft) =
        (running.archive.clone(), orders.clone(), folder.to_owned(), draft.clone());
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let span = Span { from: now - TOLD - LEARNT, told_from: now - TOLD, to: now };
        let too_many = archive.count().map_err(anyhow::Error::from)? > MOST_POSTS;
        if too_many {
            return Ok(Err(Words::new(
                "存的帖文太多，网页上试不了：在服务器上运行 guanlan concern test",
                "too many posts are stored to try it here: run guanlan concern test on the server",
            )));
        }
        let material = Material::stored(&folder, span.from, span.to)?;
        Ok::<_, anyhow::Error>(Ok(findings(&orders, &draft, (&material, span), SAMPLES)?))
    });
    let wrong = || Words::new("没有试成：详情见日志", "it could not be tried: see the log");
    match work.await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            error!(%error, "a word list could not be tried");
            Err(wrong())
        }
        Err(_) => Err(wrong()),
    }
}
