//! The analyst over simulated weeks: quiet ones must stay quiet, rises must be heard, gaps must not matter.

mod calls;

use std::collections::BTreeMap;

use crawler::post::{Post, PostId, Publisher, Voice};
use jiff::SignedDuration;

use super::*;
use crate::level::Level;
use crate::signal::Calm;

pub(crate) const DAY: i64 = 144;

/// Random numbers that are the same every time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.next(), 0);
        while product > limit {
            product *= self.next();
            count += 1;
        }
        count
    }
}

/// A town with four feeds: posts wait here until they are stored, in the order of arrival.
#[derive(Default)]
pub(crate) struct Town {
    pub(crate) posts: Vec<(Timestamp, Stored)>,
    beats: Vec<(Timestamp, &'static str)>,
    number: u64,
}

pub(crate) const FEEDS: [&str; 4] = ["bbs", "weibo", "daily", "mailbox"];

pub(crate) fn at(bucket: i64, second: i64) -> Timestamp {
    // Midnight in Shanghai on Monday 5 October 2026 … the holidays end on the 7th, which the calendar knows.
    let start: Timestamp = "2026-10-05T00:00:00+08:00".parse().unwrap();
    start + SignedDuration::from_secs(bucket * 600 + second)
}

impl Town {
    pub(crate) fn say(&mut self, bucket: i64, source: &'static str, text: &str, voice: Option<u64>) {
        self.number += 1;
        let time = at(bucket, i64::try_from(self.number % 600).unwrap());
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(self.number << 8).to_be_bytes());
        let id = PostId::from_bytes(&id).unwrap();
        let post = Post {
            id,
            source: source.to_owned(),
            group: source.to_owned(),
            publisher: Publisher::Individual,
            time,
            first_seen: time,
            title: String::new(),
            text: text.to_owned(),
            address: None,
            rank: None,
            heat: None,
            claimed: None,
        };
        let voice = voice.map_or_else(|| id.voice(), Voice);
        self.posts.push((time, Stored { sequence: self.number, revision: 0, voice, post }));
    }

    /// Days of ordinary talk: `hourly` posts an hour on the concern, six times as many on other things, more by
    /// day than by night.
    pub(crate) fn live(&mut self, buckets: std::ops::Range<i64>, hourly: f64, random: &mut Random) {
        for bucket in buckets {
            let hour = bucket.rem_euclid(DAY) as f64 / 6.0;
            let shape = 1.0 + 0.7 * ((hour - 15.0) / 24.0 * std::f64::consts::TAU).cos();
            for (text, share) in [("自来水 发黄", 1.0), ("今天天气", 6.0)] {
                for _ in 0..random.poisson(share * hourly / 6.0 * shape) {
                    let feed = FEEDS[(random.next() * 4.0) as usize % 4];
                    self.say(bucket, feed, text, None);
                }
            }
            FEEDS.iter().for_each(|feed| self.beats.push((at(bucket, 0), feed)));
        }
    }

    /// A rise of the concern from `from`: so many more posts an hour, growing evenly over `hours`.
    pub(crate) fn rise(&mut self, from: i64, hours: i64, hourly: f64, random: &mut Random) {
        for bucket in 0..hours * 6 {
            let mean = hourly / 6.0 * (bucket + 1) as f64 / (hours * 6) as f64;
            for _ in 0..random.poisson(mean) {
                let feed = FEEDS[(random.next() * 4.0) as usize % 4];
                self.say(from + bucket, feed, "自来水 发黄", None);
            }
        }
    }

    pub(crate) fn no_visits(&mut self, source: &str, buckets: std::ops::Range<i64>) {
        let (from, to) = (at(buckets.start, 0), at(buckets.end, 0));
        self.beats.retain(|(beat, feed)| *feed != source || *beat < from || *beat >= to);
        for (arrival, stored) in &mut self.posts {
            if stored.post.source == source && stored.post.time >= from && stored.post.time < to {
                *arrival = to;
            }
        }
    }

    /// Everything in order of arrival, minute by minute, through a fresh analyst.
    fn signals(&self, until: i64) -> Vec<Signal> {
        let mut analyst = analyst();
        self.play(&mut analyst, 0..until)
    }

    pub(crate) fn play(&self, analyst: &mut Analyst, buckets: std::ops::Range<i64>) -> Vec<Signal> {
        let mut posts: Vec<_> = self.posts.iter().collect();
        posts.sort_by_key(|(arrival, stored)| (*arrival, stored.sequence));
        let mut beats: Vec<_> = self.beats.iter().collect();
        beats.sort();
        let mut signals = Vec::new();
        let (start, end) = (at(buckets.start, 0), at(buckets.end, 0));
        let mut posts = posts.into_iter().filter(|(arrival, _)| (start..end).contains(arrival)).peekable();
        let mut beats = beats.into_iter().filter(|(beat, _)| (start..end).contains(beat)).peekable();
        for bucket in buckets {
            let now = at(bucket + 1, 0);
            while let Some((beat, feed)) = beats.next_if(|(beat, _)| *beat < now) {
                analyst.heartbeat(feed, *beat, true);
            }
            while let Some((_, stored)) = posts.next_if(|(arrival, _)| *arrival < now) {
                analyst.observe(stored);
            }
            signals.extend(analyst.close(now + SignedDuration::from_mins(2)));
        }
        signals
    }
}

impl Town {
    /// Everything of these buckets first, then all of them closed with one call.
    fn catch_up(&self, analyst: &mut Analyst, buckets: std::ops::Range<i64>) -> Vec<Signal> {
        let (start, end) = (at(buckets.start, 0), at(buckets.end, 0));
        for (beat, feed) in self.beats.iter().filter(|(beat, _)| (start..end).contains(beat)) {
            analyst.heartbeat(feed, *beat, true);
        }
        for (_, stored) in self.posts.iter().filter(|(arrival, _)| (start..end).contains(arrival)) {
            analyst.observe(stored);
        }
        analyst.close(end + SignedDuration::from_mins(2))
    }
}

pub(crate) fn water() -> Concern {
    serde_json::from_value(serde_json::json!({
        "id": "water", "name": "供水水质", "words": ["自来水 发黄"], "not": [], "scope": "all",
        "asks": [{"label": "何时恢复", "words": ["几点", "什么时候"]}],
        "needs": crate::level::Needs::default(), "min_voices": 5,
    }))
    .unwrap()
}

pub(crate) fn analyst() -> Analyst {
    let feed = |id: &&str| Feed {
        id: (*id).to_owned(),
        name: (*id).to_owned(),
        group: (*id).to_owned(),
        every: SignedDuration::from_mins(10),
        publisher: Publisher::Individual,
    };
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    Analyst::new(vec![water()], FEEDS.iter().map(feed).collect(), Detection::default(), zone)
}

/// Minutes after `from` at which each level is first justified.
fn first_levels(signals: &[Signal], from: i64) -> BTreeMap<Level, i64> {
    let mut first = BTreeMap::new();
    for signal in signals {
        for level in
            Level::ALL.into_iter().filter(|level| signal.level.is_ok_and(|reached| reached >= *level))
        {
            first.entry(level).or_insert((signal.at.as_second() - at(from, 0).as_second()) / 60);
        }
    }
    first
}

#[track_caller]
fn check_quiet(signals: &[Signal]) {
    let raised = raised(signals);
    assert!(raised.is_empty(), "{} signals with a level, first {:?}", raised.len(), raised.first());
}

fn raised(signals: &[Signal]) -> Vec<&Signal> {
    signals.iter().filter(|signal| signal.level.is_ok()).collect()
}

#[test]
fn quiet_weeks_raise_nothing() {
    for seed in 0..4 {
        let mut town = Town::default();
        town.live(0..28 * DAY, 10.0, &mut Random(seed));
        let signals = town.signals(28 * DAY);
        assert_eq!(signals.len(), 28 * DAY as usize);
        check_quiet(&signals);
        let expected: f64 = signals[20 * DAY as usize..].iter().map(|signal| signal.expected.mean).sum();
        let observed: u32 = signals[20 * DAY as usize..].iter().map(|signal| signal.observed.posts).sum();
        assert!((f64::from(observed) / expected - 1.0).abs() < 0.15, "{observed} {expected}");
    }
}

#[test]
fn a_rise_climbs_the_levels_and_says_when_it_began() {
    let (mut town, mut random) = (Town::default(), Random(7));
    town.live(0..29 * DAY, 10.0, &mut random);
    let from = 28 * DAY + 14 * 6;
    town.rise(from, 3, 150.0, &mut random);
    let signals = town.signals(29 * DAY);
    let first = first_levels(&signals, from);
    assert!(first[&Level::Blue] <= 100, "{first:?}");
    assert!(first[&Level::Yellow] <= 100, "{first:?}");
    assert!(first[&Level::Orange] <= 150, "{first:?}");
    let blue = raised(&signals)[0];
    let onset = blue.onset.unwrap().duration_since(at(from, 0)).as_secs();
    assert!(onset.abs() <= 40 * 60, "{onset}");
    assert!(signals.last().unwrap().in_band, "{:?}", signals.last());
}

#[test]
fn one_text_spread_by_one_hand_raises_nothing() {
    let (mut town, mut random) = (Town::default(), Random(8));
    town.live(0..15 * DAY, 10.0, &mut random);
    for bucket in 14 * DAY + 60..14 * DAY + 84 {
        (0..30).for_each(|_| town.say(bucket, "weibo", "自来水 发黄 转", Some(5)));
    }
    let signals = town.signals(15 * DAY);
    check_quiet(&signals);
    assert!(signals.iter().any(|signal| signal.observed.copies > 100));
}

#[test]
fn an_outage_and_what_is_filled_in_after_it_raise_nothing() {
    let (mut town, mut random) = (Town::default(), Random(9));
    town.live(0..15 * DAY, 10.0, &mut random);
    let hole = 14 * DAY + 60..14 * DAY + 90;
    FEEDS.iter().for_each(|feed| town.no_visits(feed, hole.clone()));
    let signals = town.signals(15 * DAY);
    check_quiet(&signals);
    let gaps = signals.iter().filter(|signal| signal.level == Err(Calm::Gap)).count();
    assert!((24..=30).contains(&gaps), "{gaps}");
    assert!(signals.iter().filter(|signal| signal.level == Err(Calm::Gap)).all(|signal| !signal.in_band));
}

#[test]
fn a_rise_during_an_outage_is_told_once_its_posts_are_filled_in() {
    let (mut town, mut random) = (Town::default(), Random(14));
    town.live(0..15 * DAY, 10.0, &mut random);
    let hole = 14 * DAY + 72..14 * DAY + 90;
    town.rise(14 * DAY + 72, 3, 200.0, &mut random);
    FEEDS.iter().for_each(|feed| town.no_visits(feed, hole.clone()));
    let signals = town.signals(15 * DAY);
    let first = raised(&signals)[0];
    let (at_return, onset) = (at(hole.end, 0), first.onset.unwrap());
    assert!((at_return..=at_return + SignedDuration::from_mins(20)).contains(&first.at), "{first:?}");
    assert!(onset < at_return, "{first:?}");
}

#[test]
fn windows_stand_still_over_a_gap() {
    let (mut town, mut random) = (Town::default(), Random(16));
    town.live(0..15 * DAY, 10.0, &mut random);
    town.rise(14 * DAY + 72, 3, 200.0, &mut random);
    let hole = 14 * DAY + 90..14 * DAY + 108;
    FEEDS.iter().for_each(|feed| town.no_visits(feed, hole.clone()));
    town.posts
        .retain(|(arrival, stored)| arrival.duration_since(stored.post.time) < SignedDuration::from_mins(1));
    let signals = town.signals(14 * DAY + 110);
    let score_at = |bucket: i64| signals[bucket as usize].score;
    let (before, after) = (score_at(hole.start - 1), score_at(hole.end));
    assert!(before > 2.0 && after > 0.6 * before, "{before} {after}");
}

#[test]
fn a_source_that_has_gone_is_not_waited_for() {
    let (mut town, mut random) = (Town::default(), Random(15));
    town.live(0..20 * DAY, 10.0, &mut random);
    for gone in ["weibo", "daily", "mailbox"] {
        town.posts.retain(|(arrival, stored)| stored.post.source != gone || *arrival < at(14 * DAY, 0));
        town.beats.retain(|(beat, feed)| *feed != gone || *beat < at(14 * DAY, 0));
    }
    let signals = town.signals(20 * DAY);
    let coverage = |day: i64| signals[(day * DAY) as usize].coverage;
    assert!(coverage(13) == 1.0 && coverage(15) < 0.3 && coverage(19) == 1.0);
    check_quiet(&signals);
}

#[test]
fn with_one_source_down_less_is_expected() {
    let (mut town, mut random) = (Town::default(), Random(10));
    town.live(0..15 * DAY, 10.0, &mut random);
    town.no_visits("weibo", 14 * DAY + 60..14 * DAY + 120);
    let signals = town.signals(14 * DAY + 100);
    let last = signals.last().unwrap();
    assert!((0.65..0.85).contains(&last.coverage), "{}", last.coverage);
    assert_eq!(last.level, Err(Calm::Usual));
}

#[test]
fn a_young_installation_is_silent() {
    let (mut town, mut random) = (Town::default(), Random(11));
    town.live(0..DAY, 10.0, &mut random);
    town.rise(30, 3, 300.0, &mut random);
    let signals = town.signals(DAY);
    assert!(signals[..70].iter().all(|signal| signal.level == Err(Calm::Learning)));
}

#[test]
fn late_posts_count_when_they_were_published() {
    let (mut town, mut random) = (Town::default(), Random(12));
    town.live(0..3 * DAY, 10.0, &mut random);
    let mut late = Town { posts: town.posts.clone(), beats: town.beats.clone(), number: town.number };
    for (number, (arrival, _)) in late.posts.iter_mut().enumerate() {
        if number % 7 == 0 {
            *arrival += SignedDuration::from_mins(50);
        }
    }
    let (on_time, late) = (town.signals(3 * DAY), late.signals(3 * DAY));
    // Ten buckets after the last late arrival the windows agree but for the exposure seen at the time.
    let (a, b) = (on_time.last().unwrap(), late.last().unwrap());
    assert_eq!((a.observed.posts > 0, a.at), (true, b.at));
    let earlier = on_time.len() - 40;
    assert_eq!(on_time[earlier].observed.sources, late[earlier].observed.sources);
}

#[test]
fn shifting_everything_by_a_week_changes_nothing() {
    // Both begin after the holidays and their make-up Saturday, so that the calendar says the same of each day.
    let week = SignedDuration::from_hours(7 * 24);
    let (mut town, mut random) = (Town::default(), Random(15));
    town.live(7 * DAY..16 * DAY, 10.0, &mut random);
    town.rise(14 * DAY + 60, 3, 150.0, &mut random);
    let mut later = Town { posts: town.posts.clone(), beats: town.beats.clone(), number: town.number };
    for (arrival, stored) in &mut later.posts {
        *arrival += week;
        stored.post.time += week;
        stored.post.first_seen += week;
    }
    later.beats.iter_mut().for_each(|(beat, _)| *beat += week);
    let signals = town.play(&mut analyst(), 7 * DAY..16 * DAY);
    let mut shifted = later.play(&mut analyst(), 14 * DAY..23 * DAY);
    assert!(signals.iter().any(|signal| signal.level.is_ok()));
    for signal in &mut shifted {
        signal.at -= week;
        signal.onset = signal.onset.map(|onset| onset - week);
    }
    let differs = shifted.iter().zip(&signals).find(|(one, other)| one != other);
    assert_eq!((differs, shifted.len()), (None, signals.len()));
}

#[test]
fn many_buckets_closed_at_once_are_judged_as_if_closed_one_by_one() {
    let (mut town, mut random) = (Town::default(), Random(16));
    town.live(0..6 * DAY, 10.0, &mut random);
    town.rise(5 * DAY + 60, 3, 150.0, &mut random);
    let live = town.signals(6 * DAY);
    assert!(live.iter().any(|signal| signal.level.is_ok()));
    // A stopped program reads what came meanwhile and closes all buckets that are due.
    let mut analyst = analyst();
    let mut caught_up = Vec::new();
    let mut from = 0;
    for until in [2 * DAY, 3 * DAY + 71, 5 * DAY + 10, 6 * DAY] {
        caught_up.extend(town.catch_up(&mut analyst, from..until));
        from = until;
    }
    assert_eq!(caught_up.len(), live.len());
    for (one, other) in caught_up.iter().zip(&live) {
        assert_eq!((one.at, one.level, one.onset), (other.at, other.level, other.onset));
    }
}

#[test]
fn history_from_the_index_gives_the_same_baseline_as_living_through_it() {
    let (mut town, mut random) = (Town::default(), Random(13));
    town.live(0..15 * DAY, 10.0, &mut random);
    town.rise(14 * DAY + 60, 3, 150.0, &mut random);
    let lived = town.signals(15 * DAY);

    let mut first = analyst();
    town.play(&mut first, 0..14 * DAY);
    let counts = first.counts("water", at(0, 0), at(14 * DAY, 0));
    let mut volume: BTreeMap<(Bucket, String), u32> = BTreeMap::new();
    for (_, stored) in town.posts.iter().filter(|(_, stored)| stored.post.time < at(14 * DAY, 0)) {
        *volume.entry((Bucket::of(stored.post.time), stored.post.source.clone())).or_default() += 1;
    }
    let volume: Vec<_> =
        volume.into_iter().map(|((bucket, source), posts)| (bucket, source, posts)).collect();
    let mut second = analyst();
    for (beat, feed) in town.beats.iter().filter(|(beat, _)| *beat < at(14 * DAY, 0)) {
        second.heartbeat(feed, *beat, true);
    }
    second.seed("water", &counts);
    second.seed_volume(&volume);
    // History tells nobody, and how things stand is known at once.
    let mut restarted = second.clone();
    assert_eq!(restarted.newest(), []);
    assert_eq!(restarted.close(at(14 * DAY, 120)), []);
    assert_eq!(restarted.newest(), &lived[lived.len() - DAY as usize - 1..lived.len() - DAY as usize]);
    let seeded = town.play(&mut second, 14 * DAY..15 * DAY);
    assert_eq!(seeded, lived[lived.len() - DAY as usize..]);
}
