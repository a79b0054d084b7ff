//! How many people speak: posts of a bucket with copies capped and the largest group of copies left out.
//!
//! A plain function of the counts, so that live counting and the index say the same.

use std::collections::BTreeMap;

use crawler::post::Voice;

use crate::series::Bucket;
use crate::watch::Tallies;

/// Buckets in which a group of copies counts at most [`CAP`] times.
pub(crate) const HOUR: i64 = 6;
/// Posts of one voice that count within an hour.
const CAP: u32 = 2;

/// Independent posts of `bucket`: in the hour that ends with it each voice counts at most twice, and the
/// largest group of more than one post does not count at all. A whole feed is never left out.
pub(crate) fn independent(counts: &Tallies, bucket: Bucket) -> u32 {
    let Some(count) = counts.get(&bucket) else { return 0 };
    let mut hour: BTreeMap<Voice, u32> = BTreeMap::new();
    for earlier in counts.range(Bucket(bucket.0 - HOUR + 1)..bucket).flat_map(|(_, earlier)| &earlier.voices)
    {
        *hour.entry(earlier.0).or_default() += earlier.1;
    }
    let before = |voice: Voice| hour.get(&voice).copied().unwrap_or(0);
    // Groups that fell silent within the hour matter as well: only one group is the largest.
    let now = |voice: Voice| {
        let place = count.voices.binary_search_by_key(&voice, |(other, _)| *other);
        place.ok().and_then(|place| count.voices.get(place)).map_or(0, |(_, posts)| *posts)
    };
    let spoken = hour.iter().map(|(voice, posts)| (posts + now(*voice), *voice));
    let fresh = count.voices.iter().map(|(voice, posts)| (posts + before(*voice), *voice));
    let largest = spoken.chain(fresh).filter(|(posts, _)| *posts > 1).max();
    count
        .voices
        .iter()
        .filter(|(voice, _)| largest.is_none_or(|(_, left_out)| left_out != *voice))
        .map(|(voice, posts)| (*posts).min(CAP.saturating_sub(before(*voice))))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Tallied;

    /// Each item is a bucket, written as pairs of voice and posts; the last one is asked about.
    #[track_caller]
    fn check(buckets: &[&[(u64, u32)]], expected: u32) {
        let counts = buckets.iter().zip(0..).map(|(voices, number)| {
            let voices: Vec<_> = voices.iter().map(|(voice, posts)| (Voice(*voice), *posts)).collect();
            let posts = voices.iter().map(|(_, posts)| posts).sum();
            (Bucket(number), Tallied { posts, voices, sources: Vec::new() })
        });
        assert_eq!(independent(&counts.collect(), Bucket(buckets.len() as i64 - 1)), expected, "{buckets:?}");
    }

    #[test]
    fn single_posts_all_count() {
        check(&[&[(1, 1), (2, 1), (3, 1)]], 3);
        check(&[&[]], 0);
    }

    #[test]
    fn the_largest_group_is_left_out_and_others_count_twice() {
        check(&[&[(1, 50), (2, 4), (3, 1)]], 3);
        check(&[&[(1, 2)]], 0);
    }

    #[test]
    fn the_cap_and_the_largest_group_look_at_the_whole_hour() {
        check(&[&[(1, 30)], &[(2, 3)]], 2);
        check(&[&[(1, 30)], &[(2, 2)], &[(2, 1), (3, 1)]], 1);
        check(&[&[(1, 30)], &[(1, 1), (2, 1)]], 1);
    }

    #[test]
    fn what_is_older_than_an_hour_is_forgotten() {
        check(&[&[(1, 1)], &[], &[], &[], &[], &[(1, 1)]], 0);
        check(&[&[(1, 1)], &[], &[], &[], &[], &[], &[(1, 1)]], 1);
    }
}
