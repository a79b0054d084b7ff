//! What would have been alerted: posts replayed at simulated time through the very code that runs, alerts held
//! against incidents, and the rules people use today on the same counts. Writes only into a folder of its own.

mod incident;
mod material;
mod picture;
mod rivals;
mod score;
#[cfg(test)]
mod tests;
mod topical;
mod tuning;

use std::collections::BTreeMap;

use alerts::alert::{Alert, AlertId, Event};
use alerts::desk::Filter;
use alerts::mail::Mailer;
use analyzer::level::Level;
use analyzer::segment::Segmenter;
use analyzer::series::Bucket;
use analyzer::signal::Signal;
use jiff::Timestamp;
use serde::Serialize;

use crate::lookout::{Lookout, LookoutError};
use crate::orders::Orders;
use crate::replay::{Arrivals, Span, replay};

pub(crate) use incident::{Incident, concern_named, read as read_incidents};
pub(crate) use material::{Files, Material, MaterialError};
pub(crate) use picture::{Lane, picture};
pub(crate) use rivals::{Contest, contest};
pub(crate) use score::{Counted, Score, Told, score};
use topical::Topical;
pub(crate) use tuning::{Kept, Proposal, Rated, kept, propose};

/// One alert and the evidence with which it was raised.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Raised {
    /// The alert as it stood at the end.
    pub alert: Alert,
    /// Name of its concern.
    pub name: String,
    /// The counts with which it was raised.
    pub signal: Option<Signal>,
    /// Posts that were shown with it.
    pub titles: Vec<String>,
}

/// What a replay left behind.
pub(crate) struct Outcome {
    /// Alerts, oldest first.
    pub raised: Vec<Raised>,
    /// Mails about alerts.
    pub mails: usize,
    /// Counts of each concern: id, name, voices by bucket.
    pub series: Vec<Series>,
    /// Share of the usual volume that was watched, by bucket.
    pub coverage: BTreeMap<Bucket, f64>,
    /// Topics that nobody configured.
    topics: Topical,
}

/// One concern's counts.
pub(crate) struct Series {
    /// Id of the concern.
    pub concern: String,
    /// Its name.
    pub name: String,
    /// Posts and voices of the buckets that have any.
    pub counts: BTreeMap<Bucket, (u32, u32)>,
}

/// Replays the material and looks at what came of it.
///
/// # Errors
/// What the alert journal, the counts or the store answer.
pub(crate) fn run(
    material: &Material,
    mut orders: Orders,
    span: Span,
    mailer: &Mailer,
) -> Result<Outcome, LookoutError> {
    orders.policy.reminders = false;
    let scratch = material.scratch();
    let lookout = Lookout::open(scratch, material.archive.clone(), orders)?;
    let mut lookout = lookout.with_words(Segmenter::new(&[]))?;
    let arrivals =
        Arrivals { posts: &material.posts, observations: &material.observations, counts: &material.counts };
    let mut evidence: BTreeMap<AlertId, (Signal, Vec<String>)> = BTreeMap::new();
    let mut coverage = BTreeMap::new();
    let mut topics = Topical::default();
    replay(&mut lookout, &arrivals, span, &mut |lookout, now| {
        lookout.desk.deliver(mailer, now)?;
        note_coverage(lookout, &mut coverage);
        topics.note(lookout, now);
        for id in lookout.changed.clone() {
            if evidence.contains_key(&id) {
                continue;
            }
            // Later evidence takes its place on the disk.
            if let Some((signal, explanation)) = lookout.desk.snapshot(id)? {
                let titles = explanation.quotes.into_iter().map(|quote| quote.excerpt).collect();
                evidence.insert(id, (signal, titles));
            }
        }
        Ok(())
    })?;
    lookout.write_counts()?;
    let outcome = gathered(&lookout, span, &mut evidence, coverage)?;
    Ok(Outcome { topics, ..outcome })
}

fn note_coverage(lookout: &Lookout, coverage: &mut BTreeMap<Bucket, f64>) {
    let Some(first) = lookout.newest.first() else { return };
    let all: f64 = lookout.newest.iter().map(|signal| signal.coverage).sum();
    coverage.insert(Bucket(Bucket::of(first.at).0 - 1), all / lookout.newest.len() as f64);
}

fn gathered(
    lookout: &Lookout,
    span: Span,
    evidence: &mut BTreeMap<AlertId, (Signal, Vec<String>)>,
    coverage: BTreeMap<Bucket, f64>,
) -> Result<Outcome, LookoutError> {
    let mut raised = Vec::new();
    for alert in lookout.desk.alerts(Filter::All)? {
        let (signal, titles) = evidence.remove(&alert.id).unzip();
        let known = lookout.orders.concerns.iter().find(|concern| concern.id == alert.concern);
        let name = known.map_or(&alert.concern, |concern| &concern.name).clone();
        raised.push(Raised { alert, name, signal, titles: titles.unwrap_or_default() });
    }
    let mailed = |raised: &Raised| {
        raised.alert.events.iter().filter(|(_, event)| matches!(event, Event::Mailed { .. })).count()
    };
    let mut series = Vec::new();
    for concern in &lookout.orders.concerns {
        let tallies =
            lookout.counts.read(&concern.id, Bucket::of(span.from), Bucket(Bucket::of(span.to).0 + 1))?;
        let counts = tallies.into_iter().map(|tally| (tally.bucket, (tally.posts, tally.voices))).collect();
        series.push(Series { concern: concern.id.clone(), name: concern.name.clone(), counts });
    }
    let topics = Topical::default();
    Ok(Outcome { mails: raised.iter().map(mailed).sum(), raised, series, coverage, topics })
}

impl Outcome {
    /// The alerts as they are scored.
    pub(crate) fn told(&self) -> Vec<Told> {
        let told = |raised: &Raised| Told {
            ts: raised.alert.raised_at,
            key: raised.alert.concern.clone(),
            titles: raised.titles.clone(),
        };
        self.raised.iter().map(told).collect()
    }

    /// Highest level of all alerts.
    pub(crate) fn of_level(&self, level: Level) -> usize {
        self.raised.iter().filter(|raised| raised.alert.highest == level).count()
    }
}

/// A moment within the replay that alerts of the whole span are counted in.
pub(crate) fn whole(span: Span, without: Vec<(Timestamp, Timestamp)>) -> Counted {
    Counted { from: span.told_from, to: span.to, without }
}
