//! What was counted before: read at the start, and again when the concerns change while the program runs.

use analyzer::index::Index;
use analyzer::series::Bucket;
use jiff::{SignedDuration, Timestamp};

use super::{Lookout, LookoutError, analyst, habits};
use crate::orders::Orders;

/// History that is counted when the program starts.
const HISTORY: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Reported counts are looked back at for so long: some weeks of every kind of day.
const REPORTED: SignedDuration = SignedDuration::from_hours(62 * 24);
/// Buckets before the start that are written to counts.db again: two days.
const REWRITTEN: i64 = 288;
/// A start goes on judging where the program before it ended, at most so many buckets back: what rose in an hour is
/// still to be told, and what rose and fell while the program was out of use is history.
const CAUGHT_UP: i64 = 6;
/// Posts read from the archive at once.
const BATCH: usize = 1_000;

impl Lookout {
    /// Counts the history before `now` from the index and the heartbeats, so that a new or edited concern
    /// knows its past, and an alert that was rising when the program ended goes on.
    pub(crate) fn remember(&mut self, index: &Index, now: Timestamp) -> Result<(), LookoutError> {
        self.habits = habits(&self.archive, now - HISTORY)?;
        self.seed(index, now)?;
        let closed = Bucket::newest_closed(now);
        let taken = self.desk.place()?.map(|end| Bucket(Bucket::of(end).0 - 1));
        let judged = taken.map_or(closed, |taken| taken.clamp(Bucket(closed.0 - CAUGHT_UP), closed));
        self.analyst.end_history(judged);
        self.desk.keep_place(judged.end())?;
        self.know_the_day(now)?;
        self.remember_topics(now)?;
        self.write_counts()
    }

    /// Gives an analyst that has counted nothing the history of its concerns.
    fn seed(&mut self, index: &Index, now: Timestamp) -> Result<(), LookoutError> {
        let from = now - HISTORY;
        let (first, last) = (Bucket::of(from), Bucket::of(now));
        for seen in self.archive.observations(from, now)? {
            self.analyst.heartbeat(&seen.source, seen.at, seen.ok);
        }
        self.analyst.seed_volume(&index.volume(first, last)?);
        let reported = self.archive.category_counts(now - REPORTED, now + REPORTED)?;
        self.analyst.seed_reported(&reported, now);
        for concern in &self.orders.concerns {
            let counts = index.series(concern, first, last)?;
            self.analyst.seed(&concern.id, &counts);
            let recent = counts.into_iter().filter(|count| count.bucket.0 >= last.0 - REWRITTEN);
            self.unwritten.extend(recent.map(|count| (concern.id.clone(), count)));
        }
        Ok(())
    }

    /// Follows other orders from now on. If what is counted has changed, it is counted anew from the index, as a
    /// start does, so that each concern knows its whole history; alerts go on.
    pub(crate) fn follow(
        &mut self,
        orders: Orders,
        index: &Index,
        now: Timestamp,
    ) -> Result<(), LookoutError> {
        let orders = Orders { file: self.orders.file.clone(), detection: self.orders.detection, ..orders };
        self.finished.get_mut().clear();
        self.write_counts()?;
        let was = &self.orders;
        let counts_stay = orders.concerns == was.concerns
            && orders.intents == was.intents
            && orders.feeds == was.feeds
            && orders.reporting == was.reporting
            && orders.shown == was.shown
            && orders.site.zone == was.site.zone;
        let before = std::mem::replace(&mut self.orders, orders);
        if !counts_stay {
            let counted = (std::mem::replace(&mut self.analyst, analyst(&self.orders)), self.counted_to);
            let judged = counted.0.closed();
            if let Err(error) = self.count_anew(index, judged, now) {
                (self.orders, (self.analyst, self.counted_to)) = (before, counted);
                self.unwritten.clear();
                return Err(error);
            }
        }
        let orders = &self.orders;
        self.newest.retain(|signal| orders.concerns.iter().any(|concern| concern.id == signal.concern));
        self.desk.follow(orders.policy.clone(), orders.concerns.clone(), orders.site.clone());
        if let Some(emerging) = &mut self.emerging {
            emerging.follow(orders.topics.clone());
        }
        self.write_counts()
    }

    /// Counts for the orders in force what the index holds, and what came after it; buckets up to `before` are judged.
    fn count_anew(
        &mut self,
        index: &Index,
        before: Option<Bucket>,
        now: Timestamp,
    ) -> Result<(), LookoutError> {
        // What is judged already is not judged again; what has not closed yet is, with the posts counted so far.
        let judged = before.unwrap_or_else(|| Bucket::newest_closed(now));
        // Somebody else commits meanwhile: the history must be that of one commit, or posts count twice.
        let mut committed = index.committed_sequence();
        loop {
            self.unwritten.clear();
            self.analyst = analyst(&self.orders);
            if let Some(segmenter) = self.segmenter.clone() {
                self.analyst.know_words(segmenter);
            }
            self.seed(index, now)?;
            self.analyst.end_history(judged);
            match index.committed_sequence() {
                same if same == committed => break,
                later => committed = later,
            }
        }
        self.count_after(committed)?;
        self.know_the_day(now)
    }

    /// Counts what is stored and not in the index yet. Whoever brings these posts later counts them no more.
    fn count_after(&mut self, mut sequence: u64) -> Result<(), LookoutError> {
        loop {
            let posts = self.archive.after(sequence, BATCH)?;
            posts.iter().for_each(|stored| drop(self.analyst.observe(stored)));
            sequence = posts.last().map_or(sequence, |stored| stored.sequence);
            self.counted_to = sequence;
            if posts.len() < BATCH {
                return Ok(());
            }
        }
    }
}
