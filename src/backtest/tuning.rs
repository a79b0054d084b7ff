//! What people said of alerts, and which threshold would have spared them the noise. Pure; changes nothing.

use std::collections::BTreeMap;

use alerts::alert::Worth;
use analyzer::concern::Concern;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Raised;

/// A replayed alert stands for a real one of its concern raised at most so long before or after it.
const SAME: SignedDuration = SignedDuration::from_hours(12);
/// Fewer rated alerts of noise say nothing about a threshold.
const LEAST_NOISE: usize = 2;

/// A real alert, and what people said of it.
#[derive(Clone, Debug)]
pub(crate) struct Rated {
    /// Concern id.
    pub concern: String,
    /// When it was raised.
    pub at: Timestamp,
    /// What it was worth, if anybody said so.
    pub worth: Option<Worth>,
    /// Voices and ratio with which it was raised, while they are kept.
    pub counts: Option<(u32, f64)>,
}

/// How many of the rated alerts a replay raises again: of each worth, raised again and rated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Kept {
    /// Useful ones.
    pub useful: (usize, usize),
    /// Known ones.
    pub known: (usize, usize),
    /// Noise.
    pub noise: (usize, usize),
}

/// A threshold that would have spared noise, for one concern.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Proposal {
    /// Concern id.
    pub concern: String,
    /// Its name.
    pub name: String,
    /// `voices` now and as proposed.
    pub voices: (u32, u32),
    /// `ratio` of blue now and as proposed.
    pub ratio: (f64, f64),
    /// Alerts a week now, and as expected.
    pub alerts_a_week: (f64, f64),
    /// What would have been kept of each worth.
    pub kept: Kept,
}

/// Which rated alerts a replay raised again.
pub(crate) fn kept(rated: &[Rated], replayed: &[Raised]) -> Kept {
    let again = |rated: &Rated| {
        replayed.iter().any(|raised| {
            let apart = raised.alert.raised_at.duration_since(rated.at);
            raised.alert.concern == rated.concern && apart.abs() <= SAME
        })
    };
    counted(rated, again)
}

/// Proposes for each concern the mildest threshold that drops most noise and loses at most `lose` useful alerts;
/// concerns for which none helps are left out.
pub(crate) fn propose(rated: &[Rated], concerns: &[Concern], weeks: f64, lose: usize) -> Vec<Proposal> {
    let mut of_concern: BTreeMap<&str, Vec<Rated>> = BTreeMap::new();
    for alert in rated.iter().filter(|alert| alert.counts.is_some()) {
        of_concern.entry(&alert.concern).or_default().push(alert.clone());
    }
    let own = |concern: &&Concern| of_concern.contains_key(concern.id.as_str());
    let proposal = |concern: &Concern| {
        let alerts = of_concern.get(concern.id.as_str())?;
        best(concern, alerts, weeks, lose)
    };
    concerns.iter().filter(own).filter_map(proposal).collect()
}

fn best(concern: &Concern, alerts: &[Rated], weeks: f64, lose: usize) -> Option<Proposal> {
    let (voices_now, ratio_now) = (concern.min_voices, concern.needs.blue.ratio);
    let noise = alerts.iter().filter(|alert| alert.worth == Some(Worth::Noise)).count();
    if noise < LEAST_NOISE {
        return None;
    }
    let mut best: Option<(usize, Proposal)> = None;
    for (voices, ratio) in candidates(alerts, voices_now, ratio_now) {
        let passes =
            |alert: &Rated| alert.counts.is_some_and(|(own, own_ratio)| own >= voices && own_ratio >= ratio);
        let kept = counted(alerts, passes);
        let dropped = kept.noise.1 - kept.noise.0;
        let lost = kept.useful.1 - kept.useful.0;
        // Candidates come mildest first, so an equal one later is no better.
        if dropped == 0 || lost > lose || best.as_ref().is_some_and(|(most, _)| dropped <= *most) {
            continue;
        }
        let after = alerts.iter().filter(|alert| passes(alert)).count();
        let a_week = |count: usize| count as f64 / weeks.max(1.0 / 7.0);
        let proposal = Proposal {
            concern: concern.id.clone(),
            name: concern.name.clone(),
            voices: (voices_now, voices),
            ratio: (ratio_now, ratio),
            alerts_a_week: (a_week(alerts.len()), a_week(after)),
            kept,
        };
        best = Some((dropped, proposal));
    }
    best.map(|(_, proposal)| proposal)
}

/// Thresholds just above what some alert had, mildest first: one of the two at a time, then both.
fn candidates(alerts: &[Rated], voices_now: u32, ratio_now: f64) -> Vec<(u32, f64)> {
    let counts = || alerts.iter().filter_map(|alert| alert.counts);
    let mut voices: Vec<u32> =
        counts().map(|(voices, _)| voices + 1).filter(|voices| *voices > voices_now).collect();
    let rounded_up = |ratio: f64| (ratio * 2.0 + 1e-9).floor() / 2.0 + 0.5;
    let mut ratios: Vec<f64> =
        counts().map(|(_, ratio)| rounded_up(ratio)).filter(|ratio| *ratio > ratio_now).collect();
    voices.sort_unstable();
    voices.dedup();
    ratios.sort_by(f64::total_cmp);
    ratios.dedup();
    let mut candidates: Vec<(u32, f64)> = voices.iter().map(|voices| (*voices, ratio_now)).collect();
    candidates.extend(ratios.iter().map(|ratio| (voices_now, *ratio)));
    for voices in &voices {
        candidates.extend(ratios.iter().map(|ratio| (*voices, *ratio)));
    }
    candidates
}

fn counted(rated: &[Rated], passes: impl Fn(&Rated) -> bool) -> Kept {
    let mut kept = Kept::default();
    for alert in rated {
        let pair = match alert.worth {
            Some(Worth::Useful) => &mut kept.useful,
            Some(Worth::Known) => &mut kept.known,
            Some(Worth::Noise) => &mut kept.noise,
            None => continue,
        };
        *pair = (pair.0 + usize::from(passes(alert)), pair.1 + 1);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rated(worth: Worth, voices: u32, ratio: f64) -> Rated {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        Rated { concern: String::new(), at, worth: Some(worth), counts: Some((voices, ratio)) }
    }

    fn proposed(alerts: &[Rated], lose: usize) -> Vec<Proposal> {
        propose(alerts, &[Concern { min_voices: 3, ..Concern::of_words(vec!["停水".to_owned()]) }], 2.0, lose)
    }

    #[test]
    fn the_mildest_threshold_that_drops_most_noise_and_nothing_useful_is_proposed() {
        let alerts = [
            rated(Worth::Noise, 3, 4.0),
            rated(Worth::Noise, 4, 9.0),
            rated(Worth::Known, 5, 3.0),
            rated(Worth::Useful, 6, 8.0),
            rated(Worth::Noise, 9, 9.0),
        ];
        let proposals = proposed(&alerts, 0);
        let [proposal] = proposals.as_slice() else { panic!("{proposals:?}") };
        assert_eq!((proposal.voices, proposal.ratio), ((3, 5), (2.0, 2.0)));
        assert_eq!(proposal.alerts_a_week, (2.5, 1.5));
        assert_eq!(proposal.kept, Kept { useful: (1, 1), known: (1, 1), noise: (1, 3) });
        // Whoever may lose one useful alert gets rid of all noise.
        assert_eq!(proposed(&alerts, 1)[0].kept.noise, (0, 3));
    }

    #[test]
    fn little_noise_or_noise_like_the_useful_ones_gives_no_proposal() {
        assert_eq!(proposed(&[rated(Worth::Noise, 3, 4.0), rated(Worth::Useful, 9, 9.0)], 0), []);
        let alike = [rated(Worth::Noise, 9, 9.0), rated(Worth::Noise, 9, 9.0), rated(Worth::Useful, 3, 4.0)];
        assert_eq!(proposed(&alike, 0), []);
    }
}
