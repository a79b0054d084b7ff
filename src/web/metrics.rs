//! `/healthz`, `/readyz` and `/metrics` (Prometheus text format): for machines and for the administrator.

use std::fmt::Write;
use std::time::Duration;

use alerts::alert::Alert;
use alerts::clock::{began, stamps};
use alerts::desk::Filter;
use analyzer::signal::SourceState;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::daemon::Running;

/// A part that does not answer within this time is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// 200 while both owners answer.
pub(super) async fn health(State(running): State<Running>) -> Response {
    let both = async { (running.intake.ask(|_| ()).await, running.lookout.ask(|_| ()).await) };
    match tokio::time::timeout(PATIENCE, both).await {
        Ok((Ok(()), Ok(()))) => "ok\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "a part does not answer; see the log\n").into_response(),
    }
}

/// Counts and ages, nothing about texts.
pub(super) async fn metrics(State(running): State<Running>) -> Response {
    let now = running.clock.now();
    let intake = running.intake.ask(move |intake| intake.hours_covered(now)).await;
    let lookout = running
        .lookout
        .ask(move |lookout| {
            let late = |state: &SourceState| match state.pause {
                Some(_) => 0,
                None => state.late_minutes.unwrap_or(0),
            };
            let states = lookout.source_states(now);
            let delays: Vec<_> = states.into_iter().map(|state| (late(&state), state.id)).collect();
            let alerts = lookout.desk.alerts(Filter::All).unwrap_or_default();
            (lookout.desk.counts(), delays, lookout.volumes(now), reply_seconds(&alerts))
        })
        .await;
    let archive = running.archive.clone();
    let posts = tokio::task::spawn_blocking(move || archive.count()).await;
    let mut text = String::new();
    if let Ok(Ok(posts)) = posts {
        metric(&mut text, "posts_stored", "gauge", "Posts stored", posts);
    }
    metric(&mut text, "posts_searchable", "gauge", "Posts that can be found", running.index.count());
    metric(&mut text, "index_segments", "gauge", "Segments of the index", running.index.segments() as u64);
    if let Ok(hours) = intake {
        metric(
            &mut text,
            "duplicate_window_hours",
            "gauge",
            "Hours the near-duplicate window covers",
            hours.max(0.0) as u64,
        );
    }
    if let Ok((counts, delays, volumes, (replies, seconds))) = lookout {
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "# HELP guanlan_reply_seconds Time from the first notice of alerts to their answers\n# TYPE guanlan_reply_seconds summary\nguanlan_reply_seconds_sum {seconds}\nguanlan_reply_seconds_count {replies}"
        );
        if let Ok(counts) = counts {
            metric(&mut text, "alert_open", "gauge", "Alerts not closed", counts.open as u64);
            metric(
                &mut text,
                "alert_unacknowledged",
                "gauge",
                "Open alerts nobody has taken",
                counts.unacknowledged as u64,
            );
            metric(
                &mut text,
                "mail_sent_total",
                "counter",
                "Mails the server took",
                counts.mails_sent as u64,
            );
            metric(&mut text, "mail_waiting", "gauge", "Mails that wait", counts.mails_waiting as u64);
            metric(
                &mut text,
                "mail_failed_total",
                "counter",
                "Mails refused or given up",
                counts.mails_failed as u64,
            );
        }
        let delays = delays.into_iter().map(|(minutes, source)| (source, u64::from(minutes) * 60));
        by_source(&mut text, "source_delay_seconds", "How late a source is", delays);
        let of = |volume: &(String, u32, u32), number: u32| (volume.0.clone(), u64::from(number));
        let failures = volumes.iter().map(|volume| of(volume, volume.1));
        by_source(&mut text, "source_failures", "Failed visits since a source was last read", failures);
        let posts = volumes.iter().map(|volume| of(volume, volume.2));
        by_source(&mut text, "source_posts_last_day", "New posts of a source in a day", posts);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// How many alerts were answered, and the seconds that took altogether.
fn reply_seconds(alerts: &[Alert]) -> (usize, i64) {
    let took = |alert: &Alert| {
        let answered = stamps(alert).answered?;
        Some(answered.duration_since(began(alert)).as_secs().max(0))
    };
    let all: Vec<i64> = alerts.iter().filter_map(took).collect();
    (all.len(), all.iter().sum())
}

/// One gauge with a value for each source.
fn by_source(text: &mut String, name: &str, help: &str, values: impl Iterator<Item = (String, u64)>) {
    // Writing into a String cannot fail.
    let _ = writeln!(text, "# HELP guanlan_{name} {help}\n# TYPE guanlan_{name} gauge");
    for (source, value) in values {
        let source = source.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ");
        let _ = writeln!(text, "guanlan_{name}{{source=\"{source}\"}} {value}");
    }
}

fn metric(text: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    // Writing into a String cannot fail.
    let _ =
        writeln!(text, "# HELP guanlan_{name} {help}\n# TYPE guanlan_{name} {kind}\nguanlan_{name} {value}");
}
