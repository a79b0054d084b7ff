//! From scores to alerts, the same way for every method, and what they are worth: each is looked at in
//! clusters that share posts, topics of the last two days go on, and a threshold lets so many alerts a day
//! through.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use alerts::record::median;
use analyzer::topics::{Candidate, Cluster, HEARD, Recent, SAME_TOPIC, Thread, Threads, Word, clusters};
use serde::Serialize;

use super::posts::Posts;
use super::stream::{About, Size};

/// Days that are only learnt.
pub(super) const WARM_UP: usize = 3;
/// Buckets whose posts a cluster is made of: an hour and a half.
const REACH: i64 = 9;
/// Buckets before anything is a topic: half a day, as with those that run.
const LEARNING: usize = 72;
/// Different texts that a topic needs.
pub(super) const VOICES: usize = 3;
/// Bisections of the threshold.
const STEPS: usize = 12;
/// Posts of the warm-up from which a word is common, and posts of small, middling and large stories: in a stream of
/// the usual size, in a larger one as many more.
const COMMON: usize = 15;
const SIZES: [usize; 3] = [20, 50, 100];

/// One alert.
pub(super) struct Alert {
    bucket: usize,
    about: About,
    /// Share of its posts that are about that.
    share: f64,
}

/// What was really told: first post and number of posts of each story that began after the warm-up.
pub(super) struct Truth {
    stories: BTreeMap<usize, (f64, usize)>,
    common: BTreeSet<usize>,
    size: Size,
}

/// How one method did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    /// Alerts a day.
    pub(crate) alerts_a_day: f64,
    /// Share of the alerts that name a story.
    pub(crate) precision: f64,
    /// Share of the alerts that repeat a story already told.
    pub(crate) duplicates: f64,
    /// Share of the alerts that name spam.
    pub(crate) spam: f64,
    /// Posts from which a story is small, middling and large: 20, 50 and 100 in a stream of the usual size.
    pub(crate) sizes: [usize; 3],
    /// Share of the stories found, of those of at least each size.
    pub(crate) recall: [f64; 3],
    /// How many such stories there are.
    pub(crate) stories: [usize; 3],
    /// Median minutes from the first post, of stories of the least size or more, a miss being infinite.
    pub(crate) delay_median_min: Option<f64>,
    /// Share found of the stories of the least size or more whose titles have only common words, and how many.
    pub(crate) common_recall: f64,
    /// How many such stories there are.
    pub(crate) common_stories: usize,
}

impl Alert {
    /// What these posts are about, told in a bucket; `None` during the warm-up.
    pub(super) fn of(posts: &Posts<'_>, bucket: usize, said: &[u64]) -> Option<Alert> {
        let mut counts: HashMap<About, usize> = HashMap::new();
        said.iter().for_each(|number| *counts.entry(posts.about(*number)).or_default() += 1);
        let most = counts.into_iter().max_by_key(|(about, count)| (*count, *about));
        let (about, count) = most.unwrap_or((About::Chatter, 0));
        let share = count as f64 / said.len().max(1) as f64;
        (bucket >= WARM_UP * 144).then_some(Alert { bucket, about, share })
    }
}

/// What a method found, bucket by bucket, highest score first.
pub(super) enum Found {
    /// Pairs, each with its score: those over the threshold are put together.
    Pairs(Vec<Vec<Candidate>>),
    /// Groups with a score of their own: those that stand out a little let known topics go on.
    Groups(Vec<Vec<Cluster>>),
}

impl Found {
    fn scores(&self, bucket: usize) -> Vec<f64> {
        match self {
            Found::Pairs(found) => found[bucket].iter().map(|pair| pair.score).collect(),
            Found::Groups(found) => found[bucket].iter().map(|cluster| cluster.score).collect(),
        }
    }

    fn buckets(&self) -> usize {
        match self {
            Found::Pairs(found) => found.len(),
            Found::Groups(found) => found.len(),
        }
    }

    fn clusters(&self, bucket: usize, recent: &Recent, threshold: f64) -> Cow<'_, [Cluster]> {
        match self {
            Found::Pairs(found) => {
                let over = found[bucket].partition_point(|pair| pair.score >= threshold);
                let from = bucket as i64 - REACH + 1;
                Cow::Owned(clusters(&found[bucket][..over], recent, from))
            }
            Found::Groups(found) => {
                let bar = threshold.min(HEARD);
                let over = found[bucket].partition_point(|cluster| cluster.score >= bar);
                Cow::Borrowed(&found[bucket][..over])
            }
        }
    }
}

/// Alerts of the days after the warm-up at this threshold.
pub(super) fn alerts(posts: &Posts<'_>, found: &Found, threshold: f64) -> Vec<Alert> {
    let mut recent = Posts::memory();
    let mut threads: Vec<Thread> = Vec::new();
    let mut alerts = Vec::new();
    for bucket in 0..found.buckets() {
        posts.remember(bucket, &mut recent);
        let clusters =
            if bucket < LEARNING { Cow::default() } else { found.clusters(bucket, &recent, threshold) };
        if clusters.is_empty() {
            continue;
        }
        let now = bucket as i64;
        threads.retain(|thread| now - thread.heard <= SAME_TOPIC);
        let mut known = Threads::of(threads.iter(), now);
        for cluster in clusters.iter() {
            if let Some(thread) = known.find(cluster, &recent).and_then(|place| threads.get_mut(place)) {
                thread.hear(cluster, now);
                continue;
            }
            let said: Vec<_> = cluster.posts.iter().filter_map(|place| recent.post(*place)).collect();
            let voices: HashSet<u64> = said.iter().map(|post| post.voice.0).collect();
            if cluster.score < threshold || voices.len() < VOICES {
                continue;
            }
            if let Some(thread) = Thread::begin(cluster, now) {
                known.add(threads.len(), thread.clone());
                threads.push(thread);
            }
            let numbers: Vec<u64> = said.iter().map(|post| post.number).collect();
            alerts.extend(Alert::of(posts, bucket, &numbers));
        }
    }
    alerts
}

/// The threshold that lets at most so many alerts a day through, by bisection of its logarithm.
pub(super) fn threshold(posts: &Posts<'_>, found: &Found, a_day: f64) -> f64 {
    let days = (posts.stream.size.days - WARM_UP) as f64;
    let mut all: Vec<f64> =
        (WARM_UP * 144..found.buckets()).flat_map(|bucket| found.scores(bucket)).collect();
    all.sort_by(|one, other| other.total_cmp(one));
    let mut high = all.first().copied().unwrap_or(1.0) + 1.0;
    let mut low = all.get(60_000).or(all.last()).copied().unwrap_or(1e-3).max(1e-3);
    for _ in 0..STEPS {
        let middle = if high > 4.0 * low { (low * high).sqrt() } else { (low + high) / 2.0 };
        if alerts(posts, found, middle).len() as f64 / days > a_day {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

impl Truth {
    pub(super) fn of(posts: &Posts<'_>) -> Truth {
        let mut stories: BTreeMap<usize, (f64, f64, usize)> = BTreeMap::new();
        let mut frequency: HashMap<Word, usize> = HashMap::new();
        let begins = WARM_UP as f64 * 1_440.0;
        for post in &posts.stream.posts {
            if post.minute < begins {
                post.words.iter().for_each(|word| *frequency.entry(*word).or_default() += 1);
            }
            if let About::Story(story) = post.about {
                let (_, last, count) = stories.entry(story).or_insert((post.minute, post.minute, 0));
                (*last, *count) = (post.minute, *count + 1);
            }
        }
        let is_new = |(first, last, _): &(f64, f64, usize)| *first >= begins && last - first >= 1.0;
        let stories: BTreeMap<usize, (f64, usize)> = stories
            .into_iter()
            .filter(|(_, story)| is_new(story))
            .map(|(number, (first, _, count))| (number, (first, count)))
            .collect();
        let size = posts.stream.size;
        let is_common = |story: &&usize| {
            let words = &posts.stream.stories[**story];
            words.iter().all(|word| frequency.get(word).copied().unwrap_or(0) >= size.scaled(COMMON))
        };
        let common = stories.keys().filter(is_common).copied().collect();
        Truth { stories, common, size }
    }

    /// What these alerts are worth.
    pub(super) fn judge(&self, alerts: &[Alert]) -> Figures {
        let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
        let (mut right, mut again, mut spam) = (0, 0, 0);
        for alert in alerts {
            match alert.about {
                About::Story(story) if alert.share >= 0.5 && self.stories.contains_key(&story) => {
                    right += 1;
                    match seen.entry(story) {
                        Entry::Occupied(_) => again += 1,
                        Entry::Vacant(place) => {
                            place.insert(alert.bucket);
                        }
                    }
                }
                About::Spam => spam += 1,
                _ => {}
            }
        }
        let of_all = |count: usize| count as f64 / alerts.len().max(1) as f64;
        let large = |least: usize| self.stories.iter().filter(move |(_, story)| story.1 >= least);
        let recall = |least: usize| {
            large(least).filter(|(story, _)| seen.contains_key(story)).count() as f64
                / large(least).count().max(1) as f64
        };
        let delay = |(story, (first, _)): (&usize, &(f64, usize))| {
            seen.get(story).map(|bucket| (*bucket + 1) as f64 * 10.0 - first)
        };
        let sizes = SIZES.map(|least| self.size.scaled(least));
        let [small, ..] = sizes;
        let delays: Vec<Option<f64>> = large(small).map(delay).collect();
        let common: Vec<&usize> =
            large(small).map(|(story, _)| story).filter(|story| self.common.contains(story)).collect();
        let found = common.iter().filter(|story| seen.contains_key(story)).count();
        Figures {
            alerts_a_day: alerts.len() as f64 / (self.size.days - WARM_UP) as f64,
            precision: of_all(right),
            duplicates: of_all(again),
            spam: of_all(spam),
            sizes,
            recall: sizes.map(recall),
            stories: sizes.map(|least| large(least).count()),
            delay_median_min: median(&delays),
            common_recall: found as f64 / common.len().max(1) as f64,
            common_stories: common.len(),
        }
    }
}
