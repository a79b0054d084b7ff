//! `/healthz` and `/metrics` (Prometheus text format): for machines and for the administrator.

use std::fmt::Write;
use std::time::Duration;

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
            let delays: Vec<_> = lookout
                .analyst
                .source_states(now)
                .into_iter()
                .map(|state| (state.id, state.late_minutes.unwrap_or(0)))
                .collect();
            (lookout.desk.counts(), delays)
        })
        .await;
    let archive = running.archive.clone();
    let posts = tokio::task::spawn_blocking(move || archive.count()).await;
    let mut text = String::new();
    if let Ok(Ok(posts)) = posts {
        metric(&mut text, "posts_total", "counter", "Posts stored", posts);
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
    if let Ok((counts, delays)) = lookout {
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
        let name = "guanlan_source_delay_seconds";
        // Writing into a String cannot fail.
        let _ = writeln!(text, "# HELP {name} How late a source is\n# TYPE {name} gauge");
        for (source, minutes) in delays {
            let source = source.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ");
            let _ = writeln!(text, "{name}{{source=\"{source}\"}} {}", u64::from(minutes) * 60);
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn metric(text: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    // Writing into a String cannot fail.
    let _ =
        writeln!(text, "# HELP guanlan_{name} {help}\n# TYPE guanlan_{name} {kind}\nguanlan_{name} {value}");
}
