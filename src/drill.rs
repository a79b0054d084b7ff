//! A drill: a scenario comes in as time goes by, people get real mails marked 演练 and act on them, and in
//! the end it is told how long each step took.

use std::time::Duration;

use alerts::alert::{Alert, AlertId, Event};
use alerts::clock::{Stamps, stamps};
use alerts::desk::Filter;
use analyzer::level::Level;
use crawler::archive::Observation;
use crawler::post::Post;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::watch;

use crate::daemon::{DaemonError, Running, until};
use crate::lookout::{Lookout, LookoutError};
use crate::scenario::Chance;

/// Posts are handed in that often.
const BEAT: Duration = Duration::from_millis(250);
/// After an answer the posts halve in so long.
const HALF_LIFE: SignedDuration = SignedDuration::from_mins(40);
/// Some go on in spite of it.
const STUBBORN: f64 = 0.05;

/// What is still to come, each list in time order.
pub(crate) struct Play {
    /// Posts, masked.
    pub posts: Vec<Post>,
    /// Visits of sources.
    pub observations: Vec<Observation>,
    /// Last moment.
    pub until: Timestamp,
}

/// How one alert of a drill went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Course {
    /// Its number.
    pub id: AlertId,
    /// What it was about.
    pub concern: String,
    /// Highest level.
    pub highest: Level,
    /// Post that took it.
    pub taken_by: Option<String>,
    /// Office that answered.
    pub answered_by: Option<String>,
    /// When the answer was due.
    pub deadline: Timestamp,
    /// Whether it came in time; `None` while that is open.
    pub in_time: Option<bool>,
    /// The moments of its clock.
    pub stamps: Stamps,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

/// Hands the scenario in as time goes by, until it is over, all alerts are closed, or it is stopped.
pub(crate) async fn play(
    running: Running,
    play: Play,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let mut posts = play.posts.into_iter().enumerate().peekable();
    let mut observations = play.observations.into_iter().peekable();
    let mut was_raised = false;
    while !*stopped.borrow() {
        let now = running.clock.now();
        let seen: Vec<Observation> =
            std::iter::from_fn(|| observations.next_if(|seen| seen.at <= now)).collect();
        let came: Vec<(usize, Post)> =
            std::iter::from_fn(|| posts.next_if(|(_, post)| post.time <= now)).collect();
        let alerts = running.lookout.ask(move |lookout| lookout.desk.alerts(Filter::All)).await?;
        let alerts = alerts.map_err(LookoutError::from)?;
        let answered = alerts.iter().filter_map(|alert| alert.answered_at()).min();
        let batch: Vec<Post> = came
            .into_iter()
            .filter(|(number, post)| is_written(*number, post.time, answered))
            .map(|(_, post)| post)
            .collect();
        if !batch.is_empty() {
            let appended = running.intake.ask(move |intake| intake.store(&batch)).await??;
            let observe =
                move |lookout: &mut Lookout| appended.stored.iter().for_each(|post| lookout.observe(post));
            running.lookout.ask(observe).await?;
        }
        running
            .lookout
            .ask(move |lookout| {
                seen.iter().for_each(|seen| lookout.heartbeat(&seen.source, seen.at, seen.ok))
            })
            .await?;
        was_raised |= !alerts.is_empty();
        let is_over = was_raised && alerts.iter().all(|alert| !alert.is_open());
        if is_over || now >= play.until {
            break;
        }
        tokio::select! { () = tokio::time::sleep(BEAT) => {}, () = until(stopped.clone()) => {} }
    }
    Ok(())
}

/// Whether a post is still written after an answer: fewer and fewer are.
fn is_written(number: usize, at: Timestamp, answered: Option<Timestamp>) -> bool {
    let Some(answered) = answered.filter(|answered| *answered < at) else { return true };
    let half_lives = at.duration_since(answered).as_secs_f64() / HALF_LIFE.as_secs_f64();
    Chance::of(1, &number.to_string()).share() < 0.5_f64.powf(half_lives).max(STUBBORN)
}

/// How each alert went, oldest first.
pub(crate) fn courses(alerts: &[Alert], now: Timestamp) -> Vec<Course> {
    alerts.iter().map(|alert| course(alert, now)).collect()
}

fn course(alert: &Alert, now: Timestamp) -> Course {
    let answer = alert.answers().pop().map(|answer| answer.by.to_owned());
    let stamps = stamps(alert);
    let in_time = match stamps.answered {
        Some(at) => Some(at <= alert.deadline),
        None => (now > alert.deadline).then_some(false),
    };
    let taken_by = alert.events.iter().find_map(|(_, event)| match event {
        Event::Acknowledged { by } => Some(by.clone()),
        _ => None,
    });
    Course {
        id: alert.id,
        concern: alert.concern.clone(),
        highest: alert.highest,
        taken_by,
        answered_by: answer,
        deadline: alert.deadline,
        in_time,
        stamps,
        closed: alert.closed_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_thins_the_posts_out_and_some_go_on() {
        let answered: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let share = |minutes: i64| {
            let at = answered + SignedDuration::from_mins(minutes);
            (0..2000).filter(|number| is_written(*number, at, Some(answered))).count() as f64 / 2000.0
        };
        assert!(is_written(0, answered, Some(answered)) && is_written(0, answered, None));
        assert!((share(40) - 0.5).abs() < 0.05 && (share(80) - 0.25).abs() < 0.05, "{}", share(40));
        assert!((share(6000) - STUBBORN).abs() < 0.02);
    }
}
