//! `/audit`: who did what, for administrators.

use axum::extract::{Query as Parameters, State};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::super::pages::{ask, dressed, spoken};
use super::super::view::{AuditData, Chrome, Here, audit_page};
use super::Admin;
use crate::daemon::Running;

/// Lines on a page.
const LINES: usize = 100;

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    lang: Option<String>,
    before: Option<i64>,
}

/// The newest lines, or those before a number.
pub(in crate::web) async fn page(
    Admin(visitor): Admin,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let path = asked.before.map_or("/audit".to_owned(), |before| format!("/audit?before={before}"));
        let language = spoken(asked.lang.as_deref(), site);
        let chrome = Chrome::new(site, language, now, Here::Elsewhere, &path).seen_by(&visitor);
        let chrome = dressed(lookout, chrome)?;
        let zone = site.zone.clone();
        let lines = lookout.desk.journal().audited(asked.before, LINES)?;
        let data = AuditData { lines: &lines, zone: &zone, is_full: lines.len() == LINES };
        Ok(Html(audit_page(&chrome, &data)).into_response())
    })
    .await
}
