//! A replay as Markdown, for documents: figures are written by the run and never typed in.

use std::fmt::Write;

use analyzer::level::Level;

use super::posts::Found;
use crate::backtest::Score;

/// Summary, incidents and rules, in English as documents are.
pub(super) fn markdown(found: &Found) -> String {
    let mut out = String::new();
    // Writing into a string never fails.
    let _ = writeln!(out, "| | |\n|---|---|");
    let score = &found.score;
    for (what, value) in [
        ("posts", found.posts.to_string()),
        ("days that count", format!("{:.0}", score.days)),
        ("alerts a day", format!("{:.2}", score.alerts_a_day)),
        ("of these on topics nobody configured", topics(found)),
        ("topics listed only, since they are no public affairs", found.muted.len().to_string()),
        ("mails about concerns", found.outcome.mails.to_string()),
        ("incidents that count", score.incidents.to_string()),
        ("caught", format!("{:.3}", score.recall)),
        ("caught before the peak", format!("{:.3}", score.recall_before_peak)),
        ("median delay in hours, a miss being infinite", super::or_infinite(score.delay_median_hours, 1)),
        ("caught ones told before the first official response", format!("{:.3}", score.before_response)),
        ("alerts on a marked incident", score.on_incident.to_string()),
        ("hours of the stream a second, on a shared core", format!("{:.0}", found.hours_a_second)),
    ] {
        let _ = writeln!(out, "| {what} | {value} |");
    }
    levels(&mut out, found);
    incidents(&mut out, found);
    rules(&mut out, found);
    out
}

fn topics(found: &Found) -> String {
    let is_topic = |concern: &str| found.outcome.series.iter().all(|series| series.concern != concern);
    found.outcome.raised.iter().filter(|raised| is_topic(&raised.alert.concern)).count().to_string()
}

fn levels(out: &mut String, found: &Found) {
    let of = |level| found.outcome.of_level(level);
    let _ = writeln!(
        out,
        "\nBlue {}, yellow {}, orange {}, red {}.",
        of(Level::Blue),
        of(Level::Yellow),
        of(Level::Orange),
        of(Level::Red)
    );
}

fn incidents(out: &mut String, found: &Found) {
    if found.incidents.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| incident | delay, h | before the peak, h | before the response, h | by |");
    let _ = writeln!(out, "|---|---|---|---|---|");
    for caught in &found.score.caught {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            caught.incident,
            super::or_infinite(caught.delay_hours, 1),
            super::or_infinite(caught.before_peak_hours, 1),
            caught.before_response_hours.map_or("–".to_owned(), |lead| format!("{lead:.1}")),
            caught.key
        );
    }
    let _ = writeln!(out, "\nMissed: {}.", found.score.missed.join(", "));
}

fn rules(out: &mut String, found: &Found) {
    if found.contests.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n| method | alerts a day | caught | before the peak | median delay, h | before the response |"
    );
    let _ = writeln!(out, "|---|---|---|---|---|---|");
    let mut contests: Vec<(&str, &Score)> =
        found.contests.iter().map(|contest| (contest.name.as_str(), &contest.score)).collect();
    contests.sort_by(|one, other| other.1.recall_before_peak.total_cmp(&one.1.recall_before_peak));
    for (name, score) in contests {
        let _ = writeln!(
            out,
            "| {name} | {:.2} | {:.2} | {:.2} | {} | {:.2} |",
            score.alerts_a_day,
            score.recall,
            score.recall_before_peak,
            super::or_infinite(score.delay_median_hours, 1),
            score.before_response
        );
    }
}
