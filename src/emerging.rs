//! The live part of emerging topics: feeds the counts, gives topics their titles, classes and concerns, and says
//! which are to be mailed. Hot lists are counted exactly, whatever else is said in a table of fixed size; from
//! there on a topic is a topic.

mod facts;
mod keep;
mod state;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use analyzer::analyst::Analyst;
use analyzer::normalize::normalize;
use analyzer::segment::Segmenter;
use analyzer::series::Bucket;
use analyzer::topics::boards::{self, Boards, Title};
use analyzer::topics::{Classes, Settings, Spoken, TopicId, Topics};
use crawler::archive::{Archive, ArchiveError};
use crawler::post::{Publisher, Stored};
use jiff::{SignedDuration, Timestamp};
use tracing::info;

use facts::{Facts, Library};
use keep::Kept;
use state::Account;
pub(crate) use state::{Listed, TopicState};

/// Characters of a post that are cut into words: its beginning says what it is about.
const LOOKED_AT: usize = 200;
/// Without a checkpoint the counts are made anew from so many days, and from so many posts at most.
const REBUILT: SignedDuration = SignedDuration::from_hours(3 * 24);
const REBUILT_POSTS: f64 = 300_000.0;
/// Hot lists are heard again for so long: what is usual on them fades over weeks.
const LISTS_REBUILT: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Posts of the last hours are taken in again for the groups of the next buckets.
const RECALLED: SignedDuration = SignedDuration::from_hours(6);
/// Topics shown and mailed were heard or found within so long.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The bar of a mail is taken from the topics of so many days.
const BAR_DAYS: u32 = 7;
/// Topics whose posts are read after each bucket at most: the last heard, of those that have new ones.
const REFRESHED: usize = 40;

/// Everything about topics that the lookout owns.
pub(crate) struct Emerging {
    topics: Topics,
    boards: Boards,
    settings: Settings,
    orders: config::Topics,
    segmenter: Segmenter,
    classes: Classes,
    facts: BTreeMap<TopicId, Facts>,
    closed: Option<Bucket>,
    /// Whether a title of a hot list began a topic whose posts were not read yet.
    has_begun: bool,
    /// Whether there may be topics to mail.
    has_news: bool,
    kept: Kept,
    /// Classes muted by command.
    muted: BTreeSet<String>,
}

impl Emerging {
    /// Knows nothing yet; the windows fit how much the store has a day.
    pub(crate) fn new(
        folder: &Path,
        archive: &Archive,
        orders: config::Topics,
        segmenter: Segmenter,
    ) -> Result<Emerging, ArchiveError> {
        let settings = Settings {
            memory: usize::try_from(orders.memory).unwrap_or(256) << 20,
            voices: usize::try_from(orders.voices).unwrap_or(5),
            ..Settings::default()
        };
        let settings = settings.for_volume(posts_a_day(archive)?);
        let kept = Kept::of(folder);
        Ok(Emerging {
            topics: Topics::new(settings.clone()),
            boards: Boards::new(boards::Settings::default()),
            settings,
            orders,
            segmenter,
            classes: Classes::shipped(),
            facts: BTreeMap::new(),
            closed: None,
            has_begun: false,
            has_news: false,
            muted: kept.muted(),
            kept,
        })
    }

    /// Goes on where the last run ended, or counts the last days anew. `was_mailed` knows what was told.
    pub(crate) fn remember(
        &mut self,
        archive: &Archive,
        analyst: &Analyst,
        now: Timestamp,
        was_mailed: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), ArchiveError> {
        let due = Bucket::newest_closed(now);
        self.remember_lists(archive, analyst, now)?;
        match self.kept.counts(&self.settings) {
            Some(kept) => {
                self.topics = kept;
                let newest = self.topics.newest();
                let (mut recalled, mut fresh) = (Vec::new(), Vec::new());
                archive.between(now - RECALLED, now, &mut |stored| {
                    if stored.sequence <= newest { recalled.push(stored) } else { fresh.push(stored) }
                })?;
                let is_said = |stored: &&Stored| stored.post.publisher != Publisher::Platform;
                for stored in recalled.iter().filter(is_said) {
                    self.speak(stored, |topics, spoken| topics.recall(spoken));
                }
                self.recount(&fresh, due);
            }
            None => {
                let a_day = posts_a_day(archive)?.max(1.0);
                let days = (REBUILT_POSTS / a_day).min(3.0);
                let span = SignedDuration::from_secs((days * 86_400.0) as i64).min(REBUILT);
                let mut posts = Vec::new();
                archive.between(now - span, now, &mut |stored| posts.push(stored))?;
                self.recount(&posts, due);
                info!(posts = posts.len(), "topics were counted anew from the stored posts");
            }
        }
        self.closed = Some(due);
        for topic in self.accounts() {
            let mailed = was_mailed(&topic.id.to_string());
            let facts = self.facts.entry(topic.id.clone()).or_default();
            facts.mailed = mailed;
            if now.duration_since(topic.heard) < DAY {
                facts.learn(&topic, Library { archive, analyst, classes: &self.classes })?;
            }
        }
        Ok(())
    }

    /// Hears the hot lists of the last weeks again.
    fn remember_lists(
        &mut self,
        archive: &Archive,
        analyst: &Analyst,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        self.boards = Boards::new(boards::Settings::default());
        let mut titles = Vec::new();
        let platform = Some(Publisher::Platform);
        archive.published(platform, now - LISTS_REBUILT, now, &mut |stored| titles.push(stored))?;
        titles.iter().for_each(|stored| self.observe(stored, analyst));
        Ok(())
    }

    /// Counts posts in order of time, closing the buckets between them.
    fn recount(&mut self, posts: &[Stored], due: Bucket) {
        let is_said = |stored: &&Stored| stored.revision == 0 && stored.post.publisher != Publisher::Platform;
        for stored in posts.iter().filter(is_said) {
            self.topics.close(Bucket(Bucket::of(stored.post.time).0 - 1).min(due));
            self.speak(stored, |topics, spoken| topics.observe(spoken));
        }
        self.topics.close(due);
    }

    /// Counts a stored post, or hears a title of a hot list; edits count nothing.
    pub(crate) fn observe(&mut self, stored: &Stored, analyst: &Analyst) {
        match (stored.revision, stored.post.publisher) {
            (0, Publisher::Platform) => self.list(stored, analyst),
            (0, _) => self.speak(stored, |topics, spoken| topics.observe(spoken)),
            _ => {}
        }
    }

    fn list(&mut self, stored: &Stored, analyst: &Analyst) {
        let text: String = facts::text(stored).chars().take(LOOKED_AT).collect();
        let normal = normalize(&text);
        let is_public = !analyst.concerns_of(&stored.post).is_empty() || self.classes.is_public(&text);
        let title = Title {
            number: stored.sequence,
            time: stored.post.time,
            voice: stored.voice,
            source: &stored.post.group,
            words: &self.segmenter.words(&normal),
            is_public,
        };
        self.has_begun |= self.boards.hear(&title).is_some();
    }

    fn speak(&mut self, stored: &Stored, say: impl FnOnce(&mut Topics, &Spoken<'_>)) {
        let post = &stored.post;
        let text: String = [post.title.as_str(), "\n", &post.text]
            .into_iter()
            .flat_map(|part| part.chars())
            .take(LOOKED_AT)
            .collect();
        let normal = normalize(&text);
        let words = self.segmenter.words(&normal);
        let spoken = Spoken {
            number: stored.sequence,
            time: post.time,
            voice: stored.voice,
            source: &post.group,
            words: &words,
        };
        say(&mut self.topics, &spoken);
    }

    /// Follows other orders; the size of the table and what it needs to count stay as they were at the start.
    pub(crate) fn follow(&mut self, orders: config::Topics) {
        self.orders = orders;
    }

    /// Whether a bucket has closed since mails were looked for.
    pub(crate) fn has_news(&self) -> bool {
        self.has_news
    }

    /// Closes what is due.
    pub(crate) fn close(
        &mut self,
        archive: &Archive,
        analyst: &Analyst,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let due = Bucket::newest_closed(now);
        let is_closed = self.closed >= Some(due);
        if is_closed && !std::mem::take(&mut self.has_begun) {
            return Ok(());
        }
        if !is_closed {
            self.topics.close(due);
            self.closed = Some(due);
        }
        self.has_news = true;
        let accounts = self.accounts();
        let is_stale = |topic: &&Account| self.facts.get(&topic.id).is_none_or(|facts| facts.is_stale(topic));
        let mut stale: Vec<&Account> = accounts.iter().filter(is_stale).collect();
        stale.sort_by(|one, other| {
            (other.heard, other.score).partial_cmp(&(one.heard, one.score)).unwrap_or(Ordering::Equal)
        });
        let library = Library { archive, analyst, classes: &self.classes };
        for topic in stale.into_iter().take(REFRESHED) {
            self.facts.entry(topic.id.clone()).or_default().learn(topic, library)?;
        }
        let ids: BTreeSet<&TopicId> = accounts.iter().map(|topic| &topic.id).collect();
        self.facts.retain(|id, _| ids.contains(id));
        Ok(())
    }

    /// The topics of the last days, of both kinds.
    fn accounts(&self) -> Vec<Account> {
        let said = self.topics.topics().iter().map(Account::from);
        said.chain(self.boards.topics().iter().map(Account::from)).collect()
    }

    /// The topics of the last day, the most unusual first.
    pub(crate) fn states(&self, now: Timestamp) -> Vec<TopicState> {
        self.last_day(now).into_iter().map(|(state, _)| state).collect()
    }

    /// The same, and whether each was found on hot lists.
    fn last_day(&self, now: Timestamp) -> Vec<(TopicState, bool)> {
        let accounts = self.accounts().into_iter();
        let alive = accounts.filter(|topic| now.duration_since(topic.heard) < DAY);
        let mut states: Vec<(TopicState, bool)> = alive
            .map(|topic| (topic.listed.is_some(), topic))
            .map(|(is, topic)| (self.state(topic), is))
            .collect();
        states.sort_by(|(one, _), (other, _)| {
            other.score.total_cmp(&one.score).then_with(|| one.id.cmp(&other.id))
        });
        states
    }

    fn state(&self, topic: Account) -> TopicState {
        let facts = self.facts.get(&topic.id).cloned().unwrap_or_default();
        let is_muted =
            |(name, _): &(String, String)| self.orders.mute.contains(name) || self.muted.contains(name);
        let is_private = topic.listed == Some(false);
        TopicState {
            id: topic.id.to_string(),
            title: facts.title.unwrap_or_else(|| topic.words.join(" · ")),
            words: topic.words,
            posts: topic.posts,
            voices: topic.voices,
            sources: topic.sources,
            found: topic.found,
            heard: topic.heard,
            score: topic.score,
            muted: is_private || facts.class.as_ref().is_some_and(is_muted),
            class: facts.class,
            concern: facts.concern,
            mailed: facts.mailed,
            proposal: topic.proposal,
            titles: facts.titles,
        }
    }

    /// Topics to be mailed now: found within a day, not muted, and no more than the budget in any 24 hours. One
    /// of posts must be over the bar that the last week's topics set for the budget, and one that belongs to
    /// an open alert is that alert's matter. On hot lists a concern is the whole country's, so there an open
    /// alert says nothing of another town's topic.
    pub(crate) fn due_mails(&mut self, now: Timestamp, open: &[String]) -> Vec<TopicState> {
        self.has_news = false;
        let mut today = self.last_day(now);
        today.retain(|(state, _)| now.duration_since(state.found) < DAY);
        let told = today.iter().filter(|(state, _)| state.mailed).count();
        let left = (self.orders.mails_a_day as usize).saturating_sub(told);
        let bar = self.bar();
        let is_attached = |state: &TopicState| state.concern.as_ref().is_some_and(|id| open.contains(id));
        let is_due = |(state, is_listed): &(TopicState, bool)| {
            let stands_out = *is_listed || (state.score >= bar && !is_attached(state));
            !state.mailed && !state.muted && stands_out
        };
        today.into_iter().filter(is_due).take(left).map(|(state, _)| state).collect()
    }

    /// The score that as many topics of posts of the last week reached as may be mailed in a week.
    fn bar(&self) -> f64 {
        let mut scores: Vec<f64> = self.topics.topics().iter().map(|topic| topic.score).collect();
        scores.sort_by(|one, other| other.total_cmp(one));
        scores.get((self.orders.mails_a_day * BAR_DAYS) as usize).copied().unwrap_or(0.0)
    }

    /// Notes that a topic was mailed.
    pub(crate) fn mailed(&mut self, id: &str) {
        if let Some(id) = TopicId::parse(id) {
            self.facts.entry(id).or_default().mailed = true;
        }
    }

    /// Whether what is heard is too little to tell topics; whoever hears hot lists alone needs no posts.
    fn is_learning(&self) -> bool {
        let only_lists = !self.boards.is_silent() && self.topics.newest() == 0;
        self.boards.is_learning() || (self.topics.is_learning() && !only_lists)
    }

    /// Everything to be listed.
    pub(crate) fn listed(&self, now: Timestamp) -> Listed {
        let muted: BTreeSet<&String> = self.orders.mute.iter().chain(&self.muted).collect();
        Listed {
            topics: self.states(now),
            muted: muted.into_iter().cloned().collect(),
            learning: self.is_learning(),
        }
    }

    /// Mutes a class by command, or ends that; a class muted in the configuration stays so.
    ///
    /// # Errors
    /// A class that there is not, with those there are; a file that can't be written.
    pub(crate) fn mute(&mut self, class: &str, on: bool) -> Result<(), String> {
        let Some(class) = self.classes.named(class) else {
            let names: Vec<&str> = self.classes.all().iter().map(|class| class.name.as_str()).collect();
            return Err(format!("没有“{class}”这一类 / no such class: {}", names.join("、")));
        };
        if on {
            self.muted.insert(class.name.clone())
        } else {
            self.muted.remove(&class.name)
        };
        self.kept.mute(&self.muted)
    }

    /// Keeps the counts for the next start.
    pub(crate) fn save(&self) -> io::Result<()> {
        self.kept.save(&self.topics)
    }
}

fn posts_a_day(archive: &Archive) -> Result<f64, ArchiveError> {
    let Some((first, last)) = archive.time_range()? else { return Ok(0.0) };
    let days = last.duration_since(first).as_secs_f64() / 86_400.0;
    Ok(archive.count()? as f64 / days.max(1.0))
}
