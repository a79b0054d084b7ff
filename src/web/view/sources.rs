//! The page of sources: when each was last read, what it brings against what is usual, why it is not read.

use alerts::format;
use alerts::message::{Language, Site};
use analyzer::signal::SourceState;
use askama::Template;
use crawler::source::{Kind, Source};
use jiff::{SignedDuration, Timestamp};

use super::{Chrome, set};
use crate::standing::{Standing, State};

/// Everything the page is made from.
pub(crate) struct SourcesData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// Each source as configured, and how it stands.
    pub(crate) standings: &'a [(&'a Source, Standing)],
    /// What the counts know of them: posts may come in without visits.
    pub(crate) states: &'a [SourceState],
}

struct Row {
    mark: &'static str,
    late: bool,
    name: String,
    about: String,
    state: String,
    /// Why it is not read, or waits.
    why: Option<String>,
    last_success: String,
    newest: String,
    hourly: String,
    usual: String,
    next: String,
}

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesHtml<'a> {
    chrome: &'a Chrome,
    finding: String,
    rows: Vec<Row>,
}

/// Sets the page of sources: first those that somebody has to look at.
pub(crate) fn sources_page(chrome: &Chrome, data: &SourcesData<'_>) -> String {
    let mut rows: Vec<Row> =
        data.standings.iter().map(|(source, it)| row(chrome, data, source, it)).collect();
    rows.sort_by_key(|row| !row.late);
    let late = rows.iter().filter(|row| row.late).count();
    let paused = rows.iter().filter(|row| row.mark == "‖").count();
    let well = rows.len() - late - paused;
    let finding = match chrome.language {
        Language::Chinese if rows.is_empty() => "还没有信源".to_owned(),
        Language::English if rows.is_empty() => "No sources yet".to_owned(),
        Language::Chinese => format!("信源：{well} 个正常，{late} 个要看一看，{paused} 个暂停"),
        Language::English => format!("Sources: {well} well, {late} to be looked at, {paused} paused"),
    };
    set(SourcesHtml { chrome, finding, rows })
}

fn row(chrome: &Chrome, data: &SourcesData<'_>, source: &Source, standing: &Standing) -> Row {
    let (zone, language) = (&data.site.zone, chrome.language);
    let when = |at: Option<Timestamp>| {
        at.map_or_else(|| "—".to_owned(), |at| format::moment(at, chrome.now, zone, language))
    };
    let late = data.states.iter().find(|state| state.id == source.id).and_then(|state| state.late_minutes);
    let is_new = matches!(standing.state, State::New);
    // Nobody visits it here, and its posts came in all the same: the counts know how it stands.
    let comes_otherwise = is_new && standing.newest.is_some();
    let is_late = standing.state.needs_a_look() || comes_otherwise && late.is_some();
    let waits = standing.waits.as_ref().map(|why| language.say(why).to_owned());
    let rests = matches!(standing.state, State::Paused(_));
    Row {
        mark: if comes_otherwise { if is_late { "!" } else { "✓" } } else { standing.state.mark() },
        late: is_late,
        name: format::one_line(&source.name, 40),
        about: format!("{} · {}", format::one_line(&source.group, 40), kind(chrome, &source.kind)),
        state: state(chrome, standing, late),
        why: if comes_otherwise { None } else { standing.state.in_words(zone, chrome.now, language) }
            .or(waits)
            .map(|why| format::one_line(&why, 300)),
        last_success: when(standing.last_success),
        newest: when(standing.newest),
        hourly: format::expected(f64::from(standing.last_day) / 24.0),
        usual: standing.usual.map_or_else(|| "—".to_owned(), |usual| format::expected(usual / 24.0)),
        next: when(standing.next_visit.filter(|_| !rests)),
    }
}

fn state(chrome: &Chrome, standing: &Standing, late: Option<u32>) -> String {
    let length = |minutes: u32| format::duration(SignedDuration::from_mins(minutes.into()), chrome.language);
    match (&standing.state, late) {
        (State::Paused(_), _) => chrome.say("暂停", "paused").to_owned(),
        (State::Failing { .. }, _) => chrome.say("采不到", "cannot be read").to_owned(),
        (State::Quiet { .. }, _) => chrome.say("久无新帖", "silent").to_owned(),
        (_, Some(minutes)) => match chrome.language {
            Language::Chinese => format!("延迟 {}", length(minutes)),
            Language::English => format!("{} late", length(minutes)),
        },
        (State::Late, None) => chrome.say("延迟", "late").to_owned(),
        (State::New, None) if standing.newest.is_none() => {
            chrome.say("还没有采过", "not read yet").to_owned()
        }
        (State::New | State::Well, None) => chrome.say("正常", "in time").to_owned(),
    }
}

fn kind(chrome: &Chrome, kind: &Kind) -> &'static str {
    match kind {
        Kind::Feed { .. } => "RSS",
        Kind::List(_) => chrome.say("网页列表", "web list"),
        Kind::Json(_) => "JSON",
        Kind::Sitemap(_) => chrome.say("站点地图", "sitemap"),
        Kind::Files { .. } => chrome.say("文件", "files"),
        Kind::Counts(_) => chrome.say("上报数量", "reported counts"),
        Kind::Push(_) => chrome.say("推送", "pushed"),
    }
}
