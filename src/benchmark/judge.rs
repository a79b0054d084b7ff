//! Counts alarms and finds events in a grid of scores, by the rules of the benchmark's format.

use serde::Serialize;

use super::input::Input;
use super::{FOUND_WITHIN, QUIET};
use crate::scenario::Chance;

/// Halvings while a threshold is looked for.
const STEPS: usize = 50;
/// Drawings behind a 95 % interval.
const DRAWINGS: usize = 400;

/// A 95 % interval.
pub(crate) type Interval = (f64, f64);

/// What became of one event.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Outcome {
    pub concern: usize,
    pub peak_over_base: f64,
    /// Minutes from its first post to the alarm.
    pub delay: Option<f64>,
    pub before_peak: bool,
    /// Share of its posts that were out then.
    pub published: Option<f64>,
}

impl Outcome {
    /// Whether its peak is at least twice the base.
    pub(crate) fn is_strong(&self) -> bool {
        self.peak_over_base >= 2.0
    }
}

/// Alarm episodes at a threshold, all concerns together, after the warm-up.
pub(crate) fn episodes(scores: &[Vec<f64>], threshold: f64, warm_up: usize) -> usize {
    begin(scores, threshold, warm_up).count()
}

/// Concern and bucket in which each of them begins.
pub(crate) fn begin(
    scores: &[Vec<f64>],
    threshold: f64,
    warm_up: usize,
) -> impl Iterator<Item = (usize, usize)> {
    scores.iter().enumerate().flat_map(move |(number, concern)| {
        let mut last: Option<usize> = None;
        concern.iter().enumerate().skip(warm_up).filter_map(move |(bucket, score)| {
            if *score < threshold {
                return None;
            }
            let begins = last.is_none_or(|last| bucket - last > QUIET);
            last = Some(bucket);
            begins.then_some((number, bucket))
        })
    })
}

/// The highest score of each episode.
pub(crate) fn peaks(scores: &[Vec<f64>], threshold: f64, warm_up: usize) -> Vec<f64> {
    let mut peaks = Vec::new();
    for concern in scores {
        let mut last: Option<usize> = None;
        for (bucket, score) in
            concern.iter().enumerate().skip(warm_up).filter(|(_, score)| **score >= threshold)
        {
            match peaks.last_mut() {
                Some(peak) if last.is_some_and(|last| bucket - last <= QUIET) => {
                    *peak = f64::max(*peak, *score);
                }
                _ => peaks.push(*score),
            }
            last = Some(bucket);
        }
    }
    peaks
}

/// The lowest threshold with at most so many episodes.
pub(crate) fn threshold(scores: &[Vec<f64>], allowed: f64, warm_up: usize) -> f64 {
    let after = || scores.iter().flat_map(|concern| concern.iter().skip(warm_up)).copied();
    let highest = after().fold(0.0, f64::max);
    let (mut low, mut high) = (0.0, highest * (1.0 + 1e-9) + 1e-9);
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if episodes(scores, middle, warm_up) as f64 > allowed {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// What became of each event.
pub(crate) fn outcomes(scores: &[Vec<f64>], threshold: f64, input: &Input) -> Vec<Outcome> {
    let outcome = |event: &super::set::Event| {
        let (concern, start) = (event.concern as usize, event.start as usize);
        let end = (start + FOUND_WITHIN).min(input.total.len());
        let found = (start..end).find(|bucket| scores[concern][*bucket] >= threshold);
        let published = found.map(|found| {
            let beyond = |bucket: usize| input.counts[concern][bucket] - event.base_per_bucket;
            ((start..=found).map(beyond).sum::<f64>() / event.posts.max(1.0)).clamp(0.0, 1.0)
        });
        Outcome {
            concern,
            peak_over_base: event.peak_over_base,
            delay: found.map(|found| (found - start + 1) as f64 * 10.0),
            before_peak: found.is_some_and(|found| found as f64 <= event.peak),
            published,
        }
    };
    input.events.iter().map(outcome).collect()
}

/// Share of the outcomes that are so.
pub(crate) fn share(outcomes: &[Outcome], is_so: impl Fn(&Outcome) -> bool) -> f64 {
    outcomes.iter().filter(|outcome| is_so(outcome)).count() as f64 / outcomes.len().max(1) as f64
}

/// 95 % interval of that share, by drawing whole concerns again (percentile bootstrap, B. Efron 1979).
pub(crate) fn interval(outcomes: &[Outcome], is_so: impl Fn(&Outcome) -> bool) -> Interval {
    let concerns = outcomes.iter().map(|outcome| outcome.concern + 1).max().unwrap_or(0);
    let mut tally = vec![(0.0, 0.0); concerns];
    for outcome in outcomes {
        let (so, all) = &mut tally[outcome.concern];
        *so += f64::from(u8::from(is_so(outcome)));
        *all += 1.0;
    }
    tally.retain(|(_, all)| *all > 0.0);
    let mut chance = Chance::of(1, "bootstrap");
    let mut shares: Vec<Option<f64>> = Vec::with_capacity(DRAWINGS);
    for _ in 0..DRAWINGS {
        let drawn = (0..tally.len()).filter_map(|_| chance.any(&tally).copied());
        let (so, all) = drawn.fold((0.0, 0.0), |(so, all), more| (so + more.0, all + more.1));
        shares.push(Some(so / f64::max(all, 1.0)));
    }
    (quantile(&shares, 0.025).unwrap_or(0.0), quantile(&shares, 0.975).unwrap_or(0.0))
}

/// Lower quantile, where nothing is infinite; `None` where it is. Medians are `alerts::record::median`.
pub(crate) fn quantile(values: &[Option<f64>], share: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().map(|value| value.unwrap_or(f64::INFINITY)).collect();
    sorted.sort_by(f64::total_cmp);
    let place = (share * sorted.len().saturating_sub(1) as f64) as usize;
    sorted.get(place).copied().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_ends_after_six_quiet_hours() {
        let mut scores = vec![0.0; 200];
        for bucket in [2, 50, 60, 86, 123] {
            scores[bucket] = 3.0;
        }
        // 2 lies in the warm-up; 60 and 86 go on; 123 is the 37th bucket after 86.
        assert_eq!(episodes(&[scores.clone()], 3.0, 10), 2);
        assert_eq!(episodes(&[scores.clone()], 3.1, 10), 0);
        let lowest = threshold(&[scores.clone()], 1.0, 10);
        assert!(lowest > 3.0 && lowest < 3.001, "{lowest}");
        assert!(threshold(&[scores.clone()], 2.0, 10) < 1e-6);
        scores[60] = 7.0;
        assert_eq!(peaks(&[scores.clone(), scores], 3.0, 10), [7.0, 3.0, 7.0, 3.0]);
    }

    #[test]
    fn a_miss_is_infinite_in_the_median() {
        let delays = [Some(10.0), None, Some(30.0), None, Some(20.0)];
        assert_eq!(quantile(&delays, 0.5), Some(30.0));
        assert_eq!(quantile(&delays, 0.75), None);
    }
}
