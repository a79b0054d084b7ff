//! `POST /a/{id}/respond`: records an answer (登记回应). For whoever is on duty.

use axum::Form;
use axum::extract::{Path, Query as Parameters, State};
use axum::response::Response;
use serde::Deserialize;

use super::access::OnDuty;
use super::act::{done, not_recorded};
use super::pages::{Asked, ask, missing};
use super::view::{Chrome, Here};
use crate::answering::{Typed, answer};
use crate::daemon::Running;

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    statement: String,
    by: String,
    url: String,
    at: String,
    spoken: Option<String>,
}

/// Records it and shows the alert, or says what is wrong with the form.
pub(super) async fn respond(
    OnDuty(visitor): OnDuty,
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(asked): Parameters<Asked>,
    Form(filled): Form<Filled>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let language = asked.language(site);
        let Some(alert) = lookout.alert_named(&typed)? else {
            return Ok(missing(site, language, now, &format!("/a/{typed}")));
        };
        let statements = lookout.shown(&alert, now)?.map(|(_, shown)| shown.statements).unwrap_or_default();
        let Filled { statement, by, url, at, spoken } = filled;
        let typed = Typed { statement, by, url, at, spoken: spoken.is_some() };
        let path = format!("/a/{}", alert.id);
        let chrome = Chrome::new(site, language, now, Here::Elsewhere, &path).seen_by(&visitor);
        match answer(&typed, (alert.onset, &statements), &site.zone, now) {
            Ok(action) => done(lookout, (&chrome, &path), (&alert, action, &visitor.post), now),
            Err(why) => Ok(not_recorded((&chrome, &path), &why)),
        }
    })
    .await
}
