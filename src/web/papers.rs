//! Digests and reports as pages, and as documents with `.docx` behind their address.

use alerts::message::Language;
use alerts::paper::DOCX_KIND;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::access::Visitor;
use super::concern::unconfigured;
use super::pages::{Asked, ask, dressed, missing};
use super::view::{Chrome, Here, Neighbours, digest_page, encoded, notice_page};
use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};
use crate::morning::Kind;

const DOCX: &str = ".docx";

/// `/digest/{date}`: the mail of that day as a page.
pub(super) async fn digest(
    visitor: Visitor,
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| dated(lookout, Kind::Day, &typed, &asked, (&visitor, now))).await
}

/// `/digest/week/{date}`: the week that ends on that day.
pub(super) async fn week(
    visitor: Visitor,
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| dated(lookout, Kind::Week, &typed, &asked, (&visitor, now))).await
}

/// `/report/{concern}`: the last seven days of one concern.
pub(super) async fn report(
    visitor: Visitor,
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let (id, as_docx) = typed.strip_suffix(DOCX).map_or((typed.as_str(), false), |id| (id, true));
        let path = format!("/report/{}", encoded(id));
        let site = &lookout.orders.site;
        let language = asked.language(site);
        if !lookout.orders.concerns.iter().any(|concern| concern.id == id) {
            return unconfigured(lookout, id, (&path, &visitor, language), now);
        }
        if !lookout.has_heard() {
            let chrome = Chrome::new(site, language, now, Here::Digest, &path).seen_by(&visitor);
            let title = chrome.say("还没有帖文，写不出专报", "No posts yet to report on");
            let text = chrome.say(
                "信源采到帖文后，这里随时可以排出近七天的专报。",
                "Once sources bring posts, the last seven days can be told here at any time.",
            );
            return Ok(Html(notice_page(&dressed(lookout, chrome)?, title, text)).into_response());
        }
        let day = site.zone.to_datetime(now).date();
        let kind = Kind::Concern(id.to_owned());
        shown(lookout, (&kind, day), (&path, as_docx), None, (&visitor, language, now))
    })
    .await
}

fn dated(
    lookout: &Lookout,
    kind: Kind,
    typed: &str,
    asked: &Asked,
    (visitor, now): (&Visitor, Timestamp),
) -> Result<Response, LookoutError> {
    let (date, as_docx) = typed.strip_suffix(DOCX).map_or((typed, false), |date| (date, true));
    let (folder, days) = match kind {
        Kind::Week => ("/digest/week", 7),
        _ => ("/digest", 1),
    };
    let site = &lookout.orders.site;
    let language = asked.language(site);
    let newest = lookout.newest_digest(now);
    let day = match date.parse::<Date>() {
        Ok(day) if lookout.has_digest(day, now)? => day,
        _ => return Ok(missing(site, language, now, &format!("{folder}/{typed}"))),
    };
    let step = days.days();
    let neighbours = Neighbours {
        before: format!("{folder}/{}", day.saturating_sub(step)),
        after: (day.saturating_add(step) <= newest).then(|| format!("{folder}/{}", day.saturating_add(step))),
    };
    let path = format!("{folder}/{day}");
    shown(lookout, (&kind, day), (&path, as_docx), Some(neighbours), (visitor, language, now))
}

fn shown(
    lookout: &Lookout,
    (kind, day): (&Kind, Date),
    (path, as_docx): (&str, bool),
    neighbours: Option<Neighbours>,
    (visitor, language, now): (&Visitor, Language, Timestamp),
) -> Result<Response, LookoutError> {
    if as_docx {
        return Ok(document(lookout.paper(kind, day, language)?));
    }
    let chrome = Chrome::new(&lookout.orders.site, language, now, Here::Digest, path);
    let mut chrome = chrome.seen_by(visitor);
    chrome = dressed(lookout, chrome)?;
    let content = lookout.digest_content(kind, day, language)?;
    let docx = format!("{path}{DOCX}");
    Ok(Html(digest_page(&chrome, &content, neighbours, &docx)).into_response())
}

/// The browser names the file after the address.
fn document(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, DOCX_KIND), (header::CONTENT_DISPOSITION, "attachment")], bytes).into_response()
}
