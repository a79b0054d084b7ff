//! `POST /a/{id}/{action}`: what people do with an alert on its page, by the same `Lookout::act` as the command.

use alerts::alert::Alert;
use axum::Form;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use crawler::words::Words;
use jiff::Timestamp;

use super::access::OnDuty;
use super::pages::{Asked, ask, missing};
use super::view::{Chrome, Here, notice_page_to};
use crate::acting::{Filled, Hours, action, is_done, refusal};
use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};
use crate::socket::Action;

/// Does it in the name of the visitor's post and shows the alert, or says what is wrong with the form.
pub(super) async fn act(
    OnDuty(visitor): OnDuty,
    State(running): State<Running>,
    Path((typed, name)): Path<(String, String)>,
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
        let path = format!("/a/{}", alert.id);
        let chrome = Chrome::new(site, language, now, Here::Alerts, &path).seen_by(&visitor);
        let hours = Hours { zone: &site.zone, morning: lookout.orders.digest.send_at, now };
        match action(&name, &filled, &visitor.post, hours) {
            Ok(None) => Ok(missing(site, language, now, &format!("{path}/{name}"))),
            Ok(Some(action)) => done(lookout, (&chrome, &path), (&alert, action, &visitor.post), now),
            Err(why) => Ok(not_recorded((&chrome, &path), &why)),
        }
    })
    .await
}

/// Does it in that post's name, unless it is done already. Leads back to the alert, or says why the desk did not do it.
pub(super) fn done(
    lookout: &mut Lookout,
    (chrome, path): (&Chrome, &str),
    (alert, action, post): (&Alert, Action, &str),
    now: Timestamp,
) -> Result<Response, LookoutError> {
    let action = action.masked(&lookout.orders.masks);
    let done = match is_done(alert, &action, now) {
        true => Ok(()),
        false => lookout.act_as(post, &alert.id.to_string(), action, now).map(drop),
    };
    let Err(error) = done else { return Ok(Redirect::to(&chrome.to(path)).into_response()) };
    match refusal(&error) {
        Some(why) => Ok(not_recorded((chrome, path), &why)),
        None => Err(error),
    }
}

/// What is wrong with a form, and the way back to its alert.
pub(super) fn not_recorded((chrome, path): (&Chrome, &str), why: &Words) -> Response {
    let back = (chrome.to(path), chrome.say("回到这项预警", "Back to the alert"));
    let notice = notice_page_to(chrome, (chrome.labels.not_recorded, chrome.language.say(why)), back);
    (StatusCode::UNPROCESSABLE_ENTITY, Html(notice)).into_response()
}
