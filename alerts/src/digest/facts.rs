//! Facts computed from a digest's figures and alerts: levels reached, changes, what stands out.

use analyzer::digest::{AskShare, ConcernFigures};
use analyzer::level::Level;
use jiff::Timestamp;

use super::{Digest, content, sentences};
use crate::alert::{Alert, Event};
use crate::chart::Chart;
use crate::message::Language;

/// Posts below which a concern's change from day to day says nothing.
const FEWEST: u32 = 10;
/// A question is mentioned when its share changed by this much.
const SHIFT: f64 = 0.10;

/// The alerts that stood at a level within the span.
pub(super) fn alerts<'a>(digest: &'a Digest<'_>) -> impl Iterator<Item = &'a Alert> {
    digest.alerts.iter().filter(|alert| highest_within(digest, alert).is_some())
}

/// No alert, no concern above its band and no official text.
pub(super) fn is_quiet(digest: &Digest<'_>) -> bool {
    let within = |figures: &ConcernFigures| f64::from(figures.posts) <= figures.expected.high.max(1.0);
    alerts(digest).next().is_none() && digest.figures.concerns.iter().all(within)
}

/// Relative change; `None` where the numbers are too small to compare.
pub(super) fn change(posts: u32, previous: u32) -> Option<f64> {
    (previous >= FEWEST).then(|| (f64::from(posts) - f64::from(previous)) / f64::from(previous))
}

/// Highest level of a concern within the span.
pub(super) fn highest(digest: &Digest<'_>, concern: &str) -> Option<Level> {
    let alerts = alerts(digest).filter(|alert| alert.concern == concern);
    alerts.filter_map(|alert| highest_within(digest, alert)).max()
}

/// Highest level of one alert within the span; what it had reached before counts while it was open.
pub(super) fn highest_within(digest: &Digest<'_>, alert: &Alert) -> Option<Level> {
    let (from, to) = (digest.figures.from, digest.figures.to);
    let mut now: Option<Level> = None;
    let mut highest = None;
    for (at, event) in alert.events.iter().filter(|(at, _)| *at < to) {
        if *at > from {
            highest = highest.max(now);
        }
        now = match event {
            Event::Raised { level, .. } | Event::Escalated { level, .. } | Event::Lowered { level } => {
                Some(*level)
            }
            Event::Resolved { .. } | Event::FalseAlarm { .. } => None,
            _ => now,
        };
    }
    highest.max(now)
}

/// Highest level of any alert within the span.
pub(super) fn highest_of_all(digest: &Digest<'_>) -> Option<Level> {
    digest.alerts.iter().filter_map(|alert| highest_within(digest, alert)).max()
}

/// All concerns together; `levels` colours what lies above the band.
pub(super) fn chart<'a>(
    digest: &'a Digest<'_>,
    levels: &'a [(Timestamp, Level)],
    language: Language,
) -> Chart<'a> {
    Chart {
        curve: &digest.figures.curve,
        levels,
        onset: None,
        replies: &[],
        now: digest.figures.to,
        zone: &digest.site.zone,
        language,
    }
}

/// The highest level as a change before the span: it colours the chart and sets no dot.
pub(super) fn colouring(digest: &Digest<'_>) -> Vec<(Timestamp, Level)> {
    highest_of_all(digest).map(|level| (Timestamp::UNIX_EPOCH, level)).into_iter().collect()
}

/// Section six: times above the band, questions whose share changed, new words.
pub(super) fn references(digest: &Digest<'_>, language: Language) -> Vec<String> {
    let mut facts = Vec::new();
    // An hour above the band says something only where there are posts enough.
    for figures in digest.figures.concerns.iter().filter(|figures| figures.posts >= FEWEST).take(5) {
        let name = content::name(digest, &figures.concern, language);
        if let Some((from, to)) = figures.above {
            facts.push(sentences::above(digest, &name, (from, to), language));
        }
        for ask in figures.asks.iter().filter(|ask| has_shifted(ask)) {
            facts.push(sentences::shifted(&name, ask, language));
        }
    }
    if !digest.figures.new_words.is_empty() {
        facts.push(sentences::new_words(&digest.figures.new_words, language));
    }
    facts
}

fn has_shifted(ask: &AskShare) -> bool {
    ask.previous_share.is_some_and(|previous| (ask.share - previous).abs() >= SHIFT)
}
