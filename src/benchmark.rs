//! Our detector and the rules people use today, on the same series of counts and at the same budget of false
//! alarms: `guanlan backtest --series`. Thresholds are set on one set of series without events, the realised
//! false alarms are counted on a second one, recall and delay on a third that has events.
//!
//! Reads the files of the semi-synthetic benchmark ([`set`]); knows no posts, no alerts and no mail.

pub(crate) mod growth;
mod input;
mod judge;
pub(crate) mod life;
mod own;
pub(crate) mod rarity;
mod rival;
mod set;
#[cfg(test)]
mod tests;
pub(crate) mod topics;
mod trouble;

use std::collections::BTreeMap;
use std::path::PathBuf;

use alerts::record::median;
use analyzer::detect::Detection;
use analyzer::signal::Window;
use jiff::tz::TimeZone;
use serde::Serialize;

pub(crate) use input::{Input, Kind};
use judge::{Interval, Outcome};
pub(crate) use judge::{episodes, peaks, threshold as lowest_threshold};
use own::Seen;
use rival::Rival;
pub(crate) use set::SetError;
use trouble::Around;
pub(crate) use trouble::{Age, Outages};

/// Our windows as they run live.
const LIVE: &str = "guanlan";
/// Alarms come in episodes: the next begins after so many buckets without one.
const QUIET: usize = 36;
/// An event is found within so many buckets of its start or not at all.
const FOUND_WITHIN: usize = 144;

/// The three sets of series.
pub(crate) struct Sets {
    /// Thresholds are set here; no events.
    pub calibrate: PathBuf,
    /// False alarms are counted here, all together; no events.
    pub check: Vec<PathBuf>,
    /// Recall and delay are measured here.
    pub events: PathBuf,
}

/// How one method did at one budget.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// Name of the method; ours begin with `guanlan`.
    pub name: String,
    /// What it was fed.
    pub input: Kind,
    /// Allowed false alarms in 100 concern-weeks.
    pub budget: f64,
    /// Score from which it alarms.
    pub threshold: f64,
    /// False alarms in 100 concern-weeks on the second set.
    pub false_alarms: f64,
    /// Share of the events whose peak is at least twice the base that were found before it.
    pub recall_before_peak: f64,
    /// Its 95 % interval, by drawing concerns again.
    pub recall_before_peak_95: Interval,
    /// Share found within 24 hours.
    pub recall_24h: f64,
    /// Its 95 % interval.
    pub recall_24h_95: Interval,
    /// Median minutes from the first post, a miss being infinite; `None` where it is.
    pub delay_median_min: Option<f64>,
    /// Upper quartile of the same.
    pub delay_p75_min: Option<f64>,
    /// Median share of the event's posts that were out when it was found: counts beyond the base.
    pub share_published_at_alarm: Option<f64>,
    /// Events whose peak is at least twice the base.
    pub events: usize,
    /// Concern-weeks of the second sets.
    pub concern_weeks: f64,
    /// False alarms around the outages of the second set; `None` where it has none.
    pub outages: Option<Outages>,
    /// For ours, false alarms on the second set by the age of a concern.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ages: Vec<Age>,
}

/// What a method did on the sets without events at one budget; sets add up.
#[derive(Clone, Default)]
struct Calm {
    alarms: usize,
    concern_weeks: f64,
    around: Around,
    /// Of ours alone.
    ages: Vec<Age>,
}

/// What is compared: ours with a choice of windows, or a rival.
enum Method {
    Own(&'static str, fn(&Seen, usize) -> Vec<Window>),
    Rival(Rival),
}

impl Method {
    fn name(&self) -> &'static str {
        match self {
            Method::Own(name, _) => name,
            Method::Rival(rival) => rival.name,
        }
    }
}

/// What one method needs to know from the first set.
struct Tuned {
    method: Method,
    /// For ours, the thresholds of windows that may alarm together, in the order of `Window::ALL`.
    units: BTreeMap<Vec<Window>, Vec<f64>>,
    /// For rules that pile up, the most they may pile up.
    cap: f64,
    /// One for each budget.
    thresholds: Vec<f64>,
}

/// Measures every method at every budget.
///
/// # Errors
/// A file that is missing or not as the format says.
pub(crate) fn run(
    sets: &Sets,
    budgets: &[f64],
    kind: Kind,
    detection: &Detection,
    zone: &TimeZone,
) -> Result<Vec<Row>, SetError> {
    let read = |folder: &PathBuf| -> Result<(Input, Seen), SetError> {
        let input = Input::of(set::read(folder)?, kind, zone);
        let seen = own::watch(&input, detection);
        Ok((input, seen))
    };
    let tuned: Vec<Tuned> = {
        let (input, seen) = read(&sets.calibrate)?;
        methods().into_iter().map(|method| tune(method, (&input, &seen), budgets)).collect()
    };
    let mut calm = vec![vec![Calm::default(); budgets.len()]; tuned.len()];
    for folder in &sets.check {
        let (input, seen) = read(folder)?;
        let anew = own::watch_anew(&input, detection, &trouble::births(&input));
        for (tuned, calm) in tuned.iter().zip(&mut calm) {
            add_calm(calm, tuned, (&input, &seen), &anew);
        }
    }
    let (input, seen) = read(&sets.events)?;
    let anew = own::watch_anew(&input, detection, &trouble::births(&input));
    let found = tuned.iter().zip(calm);
    Ok(found.flat_map(|(tuned, calm)| rows(tuned, calm, (budgets, kind), (&input, &seen, &anew))).collect())
}

/// Adds a method's alarms on a set without events; `anew` are the same concerns beginning again and again.
fn add_calm(calm: &mut [Calm], tuned: &Tuned, (input, seen): (&Input, &Seen), anew: &Seen) {
    let scores = tuned.scores((input, seen));
    let scores_anew = tuned.is_live().then(|| tuned.scores((input, anew)));
    for (calm, threshold) in calm.iter_mut().zip(&tuned.thresholds) {
        let alarms: Vec<_> = judge::begin(&scores, *threshold, input.warm_up).collect();
        calm.alarms += alarms.len();
        calm.concern_weeks += input.concern_weeks();
        calm.around.add(input, &alarms);
        if let Some(scores) = &scores_anew {
            let anew: Vec<_> = judge::begin(scores, *threshold, input.warm_up).collect();
            if calm.ages.is_empty() {
                calm.ages = trouble::ages();
            }
            trouble::add_alarms(&mut calm.ages, input, &anew, &alarms);
        }
    }
}

/// A method at every budget, on the set with events.
fn rows(
    tuned: &Tuned,
    calm: Vec<Calm>,
    (budgets, kind): (&[f64], Kind),
    (input, seen, anew): (&Input, &Seen, &Seen),
) -> Vec<Row> {
    let scores = tuned.scores((input, seen));
    let scores_anew = tuned.is_live().then(|| tuned.scores((input, anew)));
    let at = |((budget, threshold), mut calm): ((&f64, &f64), Calm)| {
        let outcomes = judge::outcomes(&scores, *threshold, input);
        if let Some(scores) = &scores_anew {
            let anew = judge::outcomes(scores, *threshold, input);
            trouble::add_events(&mut calm.ages, input, &anew, &outcomes);
        }
        Row {
            name: tuned.method.name().to_owned(),
            budget: *budget,
            threshold: *threshold,
            false_alarms: 100.0 * calm.alarms as f64 / calm.concern_weeks.max(f64::MIN_POSITIVE),
            concern_weeks: calm.concern_weeks,
            outages: calm.around.outages(),
            ages: calm.ages,
            ..row(&outcomes, kind)
        }
    };
    budgets.iter().zip(&tuned.thresholds).zip(calm).map(at).collect()
}

/// One of the rules, and when it would have alarmed.
pub(crate) struct Alarms {
    /// Name of the rule.
    pub name: &'static str,
    /// Score from which it alarmed.
    pub threshold: f64,
    /// Concern and bucket of each alarm, by concern and then by bucket.
    pub begin: Vec<(usize, usize)>,
}

/// Lets every rule loose on counts, each with the lowest threshold that gives at most so many alarms.
pub(crate) fn rivals(input: &Input, detection: &Detection, alarms: usize) -> Vec<Alarms> {
    let seen = own::watch(input, detection);
    let budget = 100.0 * alarms as f64 / input.concern_weeks().max(f64::MIN_POSITIVE);
    let each = |rival: Rival| {
        let tuned = tune(Method::Rival(rival), (input, &seen), &[budget]);
        let threshold = tuned.thresholds.first().copied().unwrap_or(f64::INFINITY);
        let scores = tuned.scores((input, &seen));
        let begin = judge::begin(&scores, threshold, input.warm_up).collect();
        Alarms { name: rival.name, threshold, begin }
    };
    rival::all().into_iter().map(each).collect()
}

fn methods() -> Vec<Method> {
    let own = [
        Method::Own(LIVE, |seen, concern| seen.alarming(concern)),
        Method::Own("guanlan 30+90 min", |_, _| vec![Window::HalfHour, Window::NinetyMinutes]),
        Method::Own("guanlan 30 min", |_, _| vec![Window::HalfHour]),
        Method::Own("guanlan 90 min", |_, _| vec![Window::NinetyMinutes]),
        Method::Own("guanlan 6+24 h", |_, _| vec![Window::SixHours, Window::Day]),
    ];
    own.into_iter().chain(rival::all().into_iter().map(Method::Rival)).collect()
}

fn tune(method: Method, (input, seen): (&Input, &Seen), budgets: &[f64]) -> Tuned {
    let mut tuned = Tuned { method, units: BTreeMap::new(), cap: f64::INFINITY, thresholds: Vec::new() };
    let allowed = |budget: f64| budget * input.concern_weeks() / 100.0;
    let first = budgets.first().copied().unwrap_or(1.0);
    let threshold = |scores: &[Vec<f64>], budget| judge::threshold(scores, allowed(budget), input.warm_up);
    if let Method::Own(_, windows) = &tuned.method {
        tuned.units = units((input, seen), *windows, allowed(first));
    }
    if let Method::Rival(Rival { piles_up: true, .. }) = &tuned.method {
        // What piles up for days must come down again: it is held a little above where it alarms.
        tuned.cap = 1.3 * threshold(&tuned.scores((input, seen)), first);
    }
    let scores = tuned.scores((input, seen));
    tuned.thresholds = budgets.iter().map(|budget| threshold(&scores, *budget)).collect();
    tuned
}

/// Thresholds of the windows. Concerns for which the same windows may alarm share them, and have their own
/// part of the allowed alarms: the restless are not paid for by the others.
fn units(
    (input, seen): (&Input, &Seen),
    windows: fn(&Seen, usize) -> Vec<Window>,
    allowed: f64,
) -> BTreeMap<Vec<Window>, Vec<f64>> {
    let choices: Vec<Vec<Window>> = (0..input.counts.len()).map(|concern| windows(seen, concern)).collect();
    let mut units = BTreeMap::new();
    for choice in &choices {
        if units.contains_key(choice) {
            continue;
        }
        let members = choices.iter().filter(|other| *other == choice).count();
        let allowed = allowed * members as f64 / choices.len() as f64;
        let threshold = |alarming: &[(Window, f64)]| {
            let of = |concern: usize| match choices.get(concern) {
                Some(other) if other == choice => alarming.to_vec(),
                _ => Vec::new(),
            };
            judge::threshold(&own::scores((input, seen), &of), allowed, input.warm_up).max(f64::MIN_POSITIVE)
        };
        let alone: Vec<f64> = choice.iter().map(|window| threshold(&[(*window, 1.0)])).collect();
        let together: Vec<(Window, f64)> = choice.iter().copied().zip(alone.iter().copied()).collect();
        let more = threshold(&together);
        units.insert(choice.clone(), alone.iter().map(|unit| unit * more).collect());
    }
    units
}

impl Tuned {
    /// Whether these are the windows as they run live.
    fn is_live(&self) -> bool {
        self.method.name() == LIVE
    }

    /// Scores by concern and bucket, gated where the input is.
    fn scores(&self, (input, seen): (&Input, &Seen)) -> Vec<Vec<f64>> {
        match &self.method {
            Method::Own(_, windows) => {
                own::scores((input, seen), &|concern| {
                    let choice = windows(seen, concern);
                    // A choice that no concern had when thresholds were set never alarms.
                    let units = self.units.get(&choice).cloned().unwrap_or_default();
                    choice.into_iter().zip(units).collect()
                })
            }
            Method::Rival(rival) => rival.scores((input, seen), self.cap),
        }
    }
}

fn row(outcomes: &[Outcome], input: Kind) -> Row {
    let strong: Vec<Outcome> = outcomes.iter().filter(|outcome| outcome.is_strong()).copied().collect();
    let before_peak = |outcome: &Outcome| outcome.before_peak;
    let found = |outcome: &Outcome| outcome.delay.is_some();
    let published: Vec<Option<f64>> =
        strong.iter().filter(|outcome| outcome.delay.is_some()).map(|outcome| outcome.published).collect();
    let delays: Vec<Option<f64>> = strong.iter().map(|outcome| outcome.delay).collect();
    Row {
        name: String::new(),
        input,
        budget: 0.0,
        threshold: 0.0,
        false_alarms: 0.0,
        recall_before_peak: judge::share(&strong, before_peak),
        recall_before_peak_95: judge::interval(&strong, before_peak),
        recall_24h: judge::share(&strong, found),
        recall_24h_95: judge::interval(&strong, found),
        delay_median_min: median(&delays),
        delay_p75_min: judge::quantile(&delays, 0.75),
        share_published_at_alarm: median(&published),
        events: strong.len(),
        concern_weeks: 0.0,
        outages: None,
        ages: Vec::new(),
    }
}
