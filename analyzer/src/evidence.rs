//! Gathers the evidence behind a signal: what was said, where, what is asked, who has answered.
//!
//! Reads only the posts it is handed; every value is counted or quoted, none is written by us.

use std::collections::BTreeMap;

use crawler::post::{Stored, Voice};
use jiff::{SignedDuration, Timestamp};

use crate::agreement::{Difference, Said, differences};
use crate::analyst::Analyst;
use crate::ask::{Asks, asks};
use crate::explain::{Explanation, GroupShare, Overlap, Statement, StatementKind, TOGETHER};
use crate::matcher::Text;
use crate::normalize::normalize;
use crate::quote::{quotes_of_some, whole};
use crate::reported::ReportedDay;
use crate::series::{BUCKET_SECONDS, BucketCount};
use crate::signal::{Signal, SourceState};
use crate::statement::statements;
use crate::words::WordCounts;

/// Length of the chart.
const CHART: SignedDuration = SignedDuration::from_hours(24);

/// Statements whose words are compared at most, the newest.
const MOST_COMPARED: usize = 20;

/// Posts of which not all need have been read.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// Those read.
    pub posts: &'a [Stored],
    /// Each stands for so many; 1 where all were read.
    pub one_of: u32,
}

impl Read<'_> {
    /// All there are.
    pub fn all(posts: &[Stored]) -> Read<'_> {
        Read { posts, one_of: 1 }
    }
}

/// The posts of one concern in a span of time, and its statements.
pub(crate) struct Heard<'a> {
    /// Posts of the span, oldest first, each with the first of the concern's labels that it asks.
    pub(crate) posts: Vec<(&'a Stored, Option<usize>)>,
    /// Posts before the span.
    pub(crate) earlier: Vec<&'a Stored>,
    /// Official texts and titles that report a reply, of the span or before.
    pub(crate) statements: Vec<(&'a Stored, StatementKind)>,
}

/// The time a signal counts: the reported day that raised it, or its span before it.
fn span(signal: &Signal, day: Option<&ReportedDay>) -> (Timestamp, Timestamp) {
    let length = SignedDuration::from_secs(signal.span.buckets() * BUCKET_SECONDS);
    day.map_or((signal.at - length, signal.at), |day| (day.from.start(), day.to.start()))
}

/// Posts of a group that were counted, copies included.
fn all_of(voice: Voice, counts: &[BucketCount]) -> u32 {
    let in_one = |count: &BucketCount| {
        let place = count.voices.binary_search_by_key(&voice, |(voice, _)| *voice).ok()?;
        count.voices.get(place).map(|(_, posts)| *posts)
    };
    counts.iter().filter_map(in_one).sum()
}

impl Analyst {
    /// The evidence for a signal, but for what overlaps and the first post. `recent`: the concern's posts of the 24 hours
    /// before it, from the archive.
    pub fn explain(&self, signal: &Signal, recent: Read<'_>) -> Explanation {
        let Some(number) = self.number(&signal.concern) else { return Explanation::default() };
        let day = self.reported_day(number, signal);
        let (from, to) = span(signal, day.as_ref().map(|(day, _)| day));
        let heard = self.heard(number, recent.posts, from, to);
        let asks = self.asks(number, &heard).times(recent.one_of);
        // A signal about a reported day lists who counted it; one about posts names the calls beside them.
        let usual_posts = if day.is_some() { 0.0 } else { signal.expected.mean };
        let counts = day.map_or_else(|| self.counts(&signal.concern, from, to), |(_, calls)| calls);
        let calls = self.usual_calls(number, from, to);
        let posts: Vec<&Stored> = heard.posts.iter().map(|(stored, _)| *stored).collect();
        let mut words = self.words(&posts).rising_against(&self.words(&heard.earlier));
        for word in &mut words {
            word.posts = word.posts.saturating_mul(recent.one_of);
            word.expected *= f64::from(recent.one_of);
        }
        Explanation {
            groups: self.groups(number, usual_posts, &counts, &calls),
            asks: asks.counts,
            asks_other: asks.other,
            question_share: asks.intents.share(asks.intents.questions),
            intents: asks.intents,
            words,
            quotes: quotes_of_some(&posts, self.shown(), &|voice, read| match recent.one_of {
                0 | 1 => read,
                _ => all_of(voice, &counts).max(read),
            }),
            statements_since: None,
            statements: statements(&heard.statements, |id| self.source_name(id), self.shown()),
            curve: self.curve(&signal.concern, signal.at - CHART, signal.at),
            sources: self.sources().states(signal.at),
            differences: self.differences(&heard.statements),
            answered: None,
            effect: None,
            overlaps: Vec::new(),
            first_post: None,
            sampled: (recent.one_of > 1).then_some(recent.one_of),
        }
    }

    /// The time whose posts a signal counts: from the one moment to the other.
    pub fn span(&self, signal: &Signal) -> (Timestamp, Timestamp) {
        let day = self.number(&signal.concern).and_then(|number| self.reported_day(number, signal));
        span(signal, day.as_ref().map(|(day, _)| day))
    }

    /// Other concerns of which more than [`TOGETHER`] of the posts are this one's, or the other way round.
    /// `posts`: the numbers of the concerns of each post of a span.
    pub fn overlaps<'a>(&self, concern: &str, posts: impl Iterator<Item = &'a [usize]>) -> Vec<Overlap> {
        let Some(number) = self.number(concern) else { return Vec::new() };
        let (mut own, mut all, mut shared) = (0_u32, BTreeMap::new(), BTreeMap::new());
        for matching in posts {
            let is_own = matching.contains(&number);
            own += u32::from(is_own);
            for other in matching.iter().filter(|other| **other != number) {
                *all.entry(*other).or_insert(0_u32) += 1;
                *shared.entry(*other).or_insert(0_u32) += u32::from(is_own);
            }
        }
        let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
        let mut overlaps: Vec<Overlap> = shared
            .into_iter()
            .filter_map(|(other, both)| {
                let concern = self.concern(other)?.id.clone();
                let of_other = share(both, all.get(&other).copied().unwrap_or(0));
                Some(Overlap { concern, of_this: share(both, own), of_other })
            })
            .filter(|overlap| overlap.of_this.max(overlap.of_other) > TOGETHER)
            .collect();
        overlaps.sort_by(|a, b| b.of_this.total_cmp(&a.of_this));
        overlaps
    }

    /// Every source the program watches, and whether it is late at that moment.
    pub fn source_states(&self, at: Timestamp) -> Vec<SourceState> {
        self.sources().states(at)
    }

    /// Official texts, and titles that report an official reply, of `from..to`: by concern id in the order
    /// of the configuration, newest first. Concerns without one are left out.
    pub fn statements(
        &self,
        from: Timestamp,
        to: Timestamp,
        posts: &[Stored],
    ) -> Vec<(String, Vec<Statement>)> {
        let mut found = Vec::new();
        for ((number, concern), own) in self.concerns().enumerate().zip(self.sorted_out(posts)) {
            let mut heard = self.heard_of(number, own.into_iter(), from, to).statements;
            heard.retain(|(stored, _)| stored.post.time >= from);
            if !heard.is_empty() {
                let named = statements(&heard, |id| self.source_name(id), self.shown());
                found.push((concern.id.clone(), named));
            }
        }
        found
    }

    /// The posts of a concern in `from..to`, those before, and its statements. Edits of a post are left out.
    pub(crate) fn heard<'a>(
        &self,
        number: usize,
        posts: &'a [Stored],
        from: Timestamp,
        to: Timestamp,
    ) -> Heard<'a> {
        let is_own = |stored: &&Stored| self.matchers().matching(&Text::of(&stored.post)).contains(&number);
        self.heard_of(number, posts.iter().filter(|stored| stored.revision == 0).filter(is_own), from, to)
    }

    /// The posts of each concern, each told apart once however many concerns there are. Edits are left out.
    pub(crate) fn sorted_out<'a>(&self, posts: &'a [Stored]) -> Vec<Vec<&'a Stored>> {
        let mut sorted = vec![Vec::new(); self.concerns().count()];
        for stored in posts.iter().filter(|stored| stored.revision == 0) {
            for number in self.matchers().matching(&Text::of(&stored.post)) {
                if let Some(own) = sorted.get_mut(number) {
                    own.push(stored);
                }
            }
        }
        sorted
    }

    /// The same of posts that are the concern's own.
    pub(crate) fn heard_of<'a>(
        &self,
        number: usize,
        own: impl Iterator<Item = &'a Stored>,
        from: Timestamp,
        to: Timestamp,
    ) -> Heard<'a> {
        let mut heard = Heard { posts: Vec::new(), earlier: Vec::new(), statements: Vec::new() };
        for stored in own.filter(|stored| stored.post.time < to) {
            let text = Text::of(&stored.post);
            if let Some(kind) = self.replies(number).and_then(|replies| replies.kind(stored, &text)) {
                heard.statements.push((stored, kind));
            }
            if stored.post.time < from {
                heard.earlier.push(stored);
            } else {
                heard.posts.push((stored, self.matchers().asks(number, &text).first().copied()));
            }
        }
        heard.posts.sort_by_key(|(stored, _)| (stored.post.time, stored.post.id));
        heard
    }

    /// What the newest statements do not say alike.
    pub(crate) fn differences(&self, statements: &[(&Stored, StatementKind)]) -> Vec<Difference> {
        let mut newest = statements.to_vec();
        newest.sort_by_key(|(stored, _)| std::cmp::Reverse((stored.post.time, stored.post.id)));
        newest.truncate(MOST_COMPARED);
        let texts: Vec<_> =
            newest.iter().map(|(stored, kind)| (*stored, *kind, whole(&stored.post))).collect();
        let said = texts.iter().map(|(stored, kind, text)| Said {
            time: stored.post.time,
            source: self.source_name(&stored.post.source),
            kind: *kind,
            address: self.shown().link(&stored.post),
            text,
        });
        differences(&said.collect::<Vec<_>>())
    }

    pub(crate) fn asks(&self, number: usize, heard: &Heard<'_>) -> Asks {
        let labels = self.concern(number).map(|concern| concern.asks.as_slice()).unwrap_or_default();
        let labels: Vec<String> = labels.iter().map(|ask| ask.label.clone()).collect();
        asks(&heard.posts, &labels, self.intents())
    }

    /// Posts by source group, most first, each with what is usual there.
    fn groups(
        &self,
        number: usize,
        usual_posts: f64,
        counts: &[BucketCount],
        calls: &[(String, f64)],
    ) -> Vec<GroupShare> {
        let mut groups: BTreeMap<&str, (u32, f64)> = BTreeMap::new();
        for (feed, share) in self.sources().feeds().zip(self.shares(number)) {
            groups.entry(&feed.group).or_default().1 += share * usual_posts;
        }
        for (id, usual) in calls {
            groups.entry(self.sources().group(id)).or_default().1 += usual;
        }
        for (id, posts) in counts.iter().flat_map(|count| &count.sources) {
            groups.entry(self.sources().group(id)).or_default().0 += posts;
        }
        let share = |(group, (posts, expected)): (&str, (u32, f64))| GroupShare {
            group: group.to_owned(),
            posts,
            expected,
        };
        let mut shares: Vec<GroupShare> =
            groups.into_iter().map(share).filter(|share| share.posts > 0).collect();
        shares.sort_by_key(|share| std::cmp::Reverse(share.posts));
        shares
    }

    pub(crate) fn words(&self, posts: &[&Stored]) -> WordCounts {
        let mut counts = WordCounts::default();
        let Some(segmenter) = self.segmenter() else { return counts };
        for stored in posts {
            let text = normalize(&whole(&stored.post));
            counts.add(segmenter.words(&text).into_iter().map(str::to_owned));
        }
        counts
    }

    pub(crate) fn source_name(&self, id: &str) -> String {
        self.sources().get(id).map_or(id, |feed| feed.name.as_str()).to_owned()
    }
}

#[cfg(test)]
mod tests;
