//! Coverage by weight, few sources and thousands of them, what is forgotten.

use super::*;

/// Sources of these volumes, each watched so much.
fn weights(sources: &[(f32, f64)]) -> Weights {
    let mut weights = Weights::new(sources.iter().map(|(volume, _)| *volume).collect());
    weights.watch(sources.iter().map(|(_, watched)| Some(*watched)));
    weights
}

/// Learns `buckets` times the same posts by source, a tenth of a post expected for each unit of exposure.
fn taught(sources: &[(f32, f64)], posts: &[(u32, u32)], buckets: usize) -> Affinity {
    let weights = weights(sources);
    let mut affinity = Affinity::default();
    let heard = Heard { weights: &weights, posts, rate: 0.1, weight: 1.0 };
    (0..buckets).for_each(|_| affinity.learn(&heard, sources.len()));
    affinity
}

#[test]
fn coverage_weighs_sources_by_what_they_usually_bring() {
    let affinity = Affinity::default();
    assert_eq!(affinity.coverage(&weights(&[(3.0, 1.0), (1.0, 0.0)])), 0.75);
    assert_eq!(affinity.coverage(&weights(&[(3.0, 1.0), (1.0, 1.0)])), 1.0);
    assert_eq!(affinity.coverage(&weights(&[(3.0, 0.0), (1.0, 0.0)])), 0.0);
    // Nothing is known of the sources' volumes: all are alike.
    assert_eq!(affinity.coverage(&weights(&[(0.0, 1.0), (0.0, 0.0)])), 0.5);
    let heard_on_the_second = taught(&[(3.0, 1.0), (1.0, 1.0)], &[(1, 1)], 2000);
    let coverage = heard_on_the_second.coverage(&weights(&[(3.0, 1.0), (1.0, 0.0)]));
    assert!(coverage < 0.15, "{coverage}");
}

#[test]
fn of_few_sources_each_has_its_own_liking() {
    let affinity = taught(&[(10.0, 1.0), (20.0, 1.0), (40.0, 1.0)], &[(0, 1)], 500);
    assert!((affinity.of(0) - 1.0).abs() < 1e-3, "{}", affinity.of(0));
    assert!(affinity.of(2) < affinity.of(1) && affinity.of(1) < 0.1);
}

#[test]
fn of_thousands_the_heard_ones_are_known_and_the_others_together_say_that_they_are_silent() {
    let sources = vec![(0.01, 1.0); 5000];
    let affinity = taught(&sources, &[(7, 1), (4000, 2)], 500);
    assert_eq!(affinity.known.len(), 2);
    assert!(affinity.of(4000) > affinity.of(7) && affinity.of(7) > 50.0);
    // Each of the others by itself would be expected to bring half a post; all of them bring none of 2,500.
    assert!(affinity.of(8) < 0.01, "{}", affinity.of(8));
    let mut one_out = sources;
    one_out[4000].1 = 0.0;
    let coverage = affinity.coverage(&weights(&one_out));
    assert!((0.31..0.4).contains(&coverage), "{coverage}");
}

#[test]
fn what_is_heard_least_joins_the_rest_and_nothing_is_lost() {
    let weights = weights(&vec![(0.01, 1.0); 5000]);
    let mut affinity = Affinity::default();
    for bucket in 0..200 {
        // Source 7 is heard all the time, another one each time once.
        let posts = [(7, 2), (100 + bucket, 1)];
        affinity.learn(&Heard { weights: &weights, posts: &posts, rate: 0.1, weight: 1.0 }, 5000);
    }
    assert_eq!(affinity.known.len(), KNOWN);
    assert!(affinity.place(7).is_ok() && affinity.place(299).is_ok() && affinity.place(150).is_err());
    let likings = affinity.known.iter().map(|known| known.liking).chain([affinity.rest]);
    let (seen, common) = likings.fold((0.0, 0.0), |(seen, common), liking| {
        (seen + f64::from(liking.seen), common + f64::from(liking.common))
    });
    let faded = |each: f64| (0..200).map(|age| each * 0.5f64.powf(f64::from(age) / HALF_LIFE)).sum::<f64>();
    assert!((seen - faded(3.0)).abs() < 0.01 && (common - faded(5.0)).abs() < 0.01, "{seen} {common}");
}
