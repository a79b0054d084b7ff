//! The live part of emerging topics: feeds the counts, gives topics their titles, classes and concerns, mails
//! the most unusual ones within the day's budget, and keeps the counts over a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use analyzer::analyst::Analyst;
use analyzer::normalize::normalize;
use analyzer::segment::Segmenter;
use analyzer::series::Bucket;
use analyzer::topics::{Classes, Settings, Spoken, Topic, TopicId, Topics, title};
use config::Proposal;
use crawler::archive::{Archive, ArchiveError};
use crawler::post::Stored;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

/// Characters of a post that are cut into words: its beginning says what it is about.
const LOOKED_AT: usize = 200;
/// Without a checkpoint the counts are made anew from so many days, and from so many posts at most.
const REBUILT: SignedDuration = SignedDuration::from_hours(3 * 24);
const REBUILT_POSTS: f64 = 300_000.0;
/// Posts of the last hours are taken in again for the groups of the next buckets.
const RECALLED: SignedDuration = SignedDuration::from_hours(6);
/// Topics shown and mailed were heard or found within so long.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The bar of a mail is taken from the topics of so many days.
const BAR_DAYS: u32 = 7;
/// Topics whose posts are read again after each bucket.
const REFRESHED: usize = 40;
/// Entries of a proposed word list.
const PROPOSED: usize = 6;
/// Files in the data folder: the counts, and the classes muted by command, one a line.
const SNAPSHOT: &str = "topics.snapshot";
const MUTED: &str = "topics.muted";

/// One topic as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TopicState {
    /// Its number, for `guanlan topic promote`.
    pub(crate) id: String,
    /// What it is called; its words where no post may be quoted.
    pub(crate) title: String,
    /// Its words.
    pub(crate) words: Vec<String>,
    /// Posts so far, copies included.
    pub(crate) posts: u32,
    /// Independent texts among them.
    pub(crate) voices: usize,
    /// Source groups among them.
    pub(crate) sources: usize,
    /// When it was found.
    pub(crate) found: Timestamp,
    /// When it last stood out.
    pub(crate) heard: Timestamp,
    /// −log₁₀ of the chance of so many posts, were twice the usual usual.
    pub(crate) score: f64,
    /// Its class, in Chinese and English, if it has one.
    pub(crate) class: Option<(String, String)>,
    /// Whether that class is muted.
    pub(crate) muted: bool,
    /// The concern that most of its posts belong to.
    pub(crate) concern: Option<String>,
    /// Whether it was mailed.
    pub(crate) mailed: bool,
    /// A word list that would find it.
    pub(crate) proposal: Vec<String>,
}

/// The topics of the last day, and what is muted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// The most unusual first, muted ones among them.
    pub(crate) topics: Vec<TopicState>,
    /// Names of the muted classes.
    pub(crate) muted: Vec<String>,
    /// Whether the stream is too young for topics.
    pub(crate) learning: bool,
}

impl TopicState {
    /// The concern it would be.
    pub(crate) fn as_concern(&self) -> Proposal {
        let name: String = self.words.iter().take(2).map(String::as_str).collect();
        let name = if name.is_empty() { self.id.clone() } else { name };
        Proposal {
            id: format!("topic-{}", self.id.to_lowercase()),
            name: format!("{name}（{}）", self.id),
            words: self.proposal.iter().take(PROPOSED).cloned().collect(),
            remark: format!("新话题 {}：{}", self.id, self.title),
        }
    }
}

/// What its posts say of a topic.
#[derive(Clone, Debug, Default)]
struct Facts {
    title: Option<String>,
    class: Option<(String, String)>,
    concern: Option<String>,
    mailed: bool,
}

/// Everything about topics that the lookout owns.
pub(crate) struct Emerging {
    topics: Topics,
    settings: Settings,
    orders: config::Topics,
    segmenter: Segmenter,
    classes: Classes,
    facts: BTreeMap<TopicId, Facts>,
    closed: Option<Bucket>,
    /// Whether a bucket has closed since mails were looked for.
    has_news: bool,
    file: PathBuf,
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
        Ok(Emerging {
            topics: Topics::new(settings.clone()),
            settings,
            orders,
            segmenter,
            classes: Classes::shipped(),
            facts: BTreeMap::new(),
            closed: None,
            has_news: false,
            file: folder.join(SNAPSHOT),
            muted: muted(&folder.join(MUTED)),
        })
    }

    /// Goes on where the last run ended, or counts the last days anew. `was_mailed` knows what was told.
    pub(crate) fn remember(
        &mut self,
        archive: &Archive,
        now: Timestamp,
        was_mailed: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), ArchiveError> {
        let due = Bucket::newest_closed(now);
        match self.read() {
            Some(kept) => {
                self.topics = kept;
                let newest = self.topics.newest();
                let (mut recalled, mut fresh) = (Vec::new(), Vec::new());
                archive.between(now - RECALLED, now, &mut |stored| {
                    if stored.sequence <= newest { recalled.push(stored) } else { fresh.push(stored) }
                })?;
                recalled.iter().for_each(|stored| self.speak(stored, |topics, spoken| topics.recall(spoken)));
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
        for topic in self.topics.topics() {
            let mailed = was_mailed(&topic.id.to_string());
            self.facts.entry(topic.id.clone()).or_default().mailed = mailed;
        }
        Ok(())
    }

    /// Counts posts in order of time, closing the buckets between them.
    fn recount(&mut self, posts: &[Stored], due: Bucket) {
        for stored in posts {
            self.topics.close(Bucket(Bucket::of(stored.post.time).0 - 1).min(due));
            self.observe(stored);
        }
        self.topics.close(due);
    }

    /// Counts a stored post; edits count nothing.
    pub(crate) fn observe(&mut self, stored: &Stored) {
        if stored.revision == 0 {
            self.speak(stored, |topics, spoken| topics.observe(spoken));
        }
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
        if self.closed >= Some(due) {
            return Ok(());
        }
        self.topics.close(due);
        (self.closed, self.has_news) = (Some(due), true);
        let mut fresh: Vec<&Topic> =
            self.topics.topics().iter().filter(|topic| topic.thread.heard >= due.0 - 1).collect();
        fresh.sort_by(|one, other| other.score.total_cmp(&one.score));
        for topic in fresh.into_iter().take(REFRESHED) {
            let mut facts = facts(topic, archive, analyst, &self.classes)?;
            let known = self.facts.entry(topic.id.clone()).or_default();
            facts.mailed = known.mailed;
            *known = facts;
        }
        let topics = &self.topics;
        self.facts.retain(|id, _| topics.topic(id).is_some());
        Ok(())
    }

    /// The topics of the last day, the most unusual first.
    pub(crate) fn states(&self, now: Timestamp) -> Vec<TopicState> {
        let is_alive = |topic: &&Topic| now.duration_since(topic.heard_at()) < DAY;
        let mut states: Vec<TopicState> =
            self.topics.topics().iter().filter(is_alive).map(|topic| self.state(topic)).collect();
        states.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.id.cmp(&other.id)));
        states
    }

    fn state(&self, topic: &Topic) -> TopicState {
        let facts = self.facts.get(&topic.id).cloned().unwrap_or_default();
        let muted = facts
            .class
            .as_ref()
            .is_some_and(|(name, _)| self.orders.mute.contains(name) || self.muted.contains(name));
        TopicState {
            id: topic.id.to_string(),
            title: facts.title.unwrap_or_else(|| topic.words.join(" · ")),
            words: topic.words.clone(),
            posts: topic.count,
            voices: topic.voices,
            sources: topic.sources,
            found: topic.found_at(),
            heard: topic.heard_at(),
            score: topic.score,
            class: facts.class,
            muted,
            concern: facts.concern,
            mailed: facts.mailed,
            proposal: topic.proposal.clone(),
        }
    }

    /// Topics to be mailed now: found within a day, not muted, over the bar that the last week's topics set for
    /// the budget, and no more than the budget in any 24 hours.
    pub(crate) fn due_mails(&mut self, now: Timestamp, open: &[String]) -> Vec<TopicState> {
        self.has_news = false;
        let states = self.states(now);
        let today: Vec<&TopicState> =
            states.iter().filter(|state| now.duration_since(state.found) < DAY).collect();
        let told = today.iter().filter(|state| state.mailed).count();
        let left = (self.orders.mails_a_day as usize).saturating_sub(told);
        let bar = self.bar();
        let is_attached = |state: &TopicState| state.concern.as_ref().is_some_and(|id| open.contains(id));
        let is_due =
            |state: &&&TopicState| !state.mailed && !state.muted && state.score >= bar && !is_attached(state);
        today.iter().filter(is_due).take(left).map(|state| (*state).clone()).collect()
    }

    /// The score that as many topics of the last week reached as may be mailed in a week.
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

    /// Everything to be listed.
    pub(crate) fn listed(&self, now: Timestamp) -> Listed {
        let muted: BTreeSet<&String> = self.orders.mute.iter().chain(&self.muted).collect();
        Listed {
            topics: self.states(now),
            muted: muted.into_iter().cloned().collect(),
            learning: self.topics.is_learning(),
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
        let lines: String = self.muted.iter().map(|name| format!("{name}\n")).collect();
        let path = self.file.with_file_name(MUTED);
        std::fs::write(&path, lines).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Writes the counts into a new file and puts it in the old one's place.
    pub(crate) fn save(&self) -> io::Result<()> {
        let fresh = self.file.with_extension("snapshot.new");
        let mut out = BufWriter::new(File::create(&fresh)?);
        self.topics.write(&mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        std::fs::rename(&fresh, &self.file)
    }

    /// The kept counts, if there are any that can be gone on with.
    fn read(&self) -> Option<Topics> {
        let file = File::open(&self.file).ok()?;
        match Topics::read(&mut BufReader::new(file), &self.settings) {
            Ok(kept) => kept,
            Err(error) => {
                warn!(%error, "the kept counts of topics cannot be read and are counted anew");
                None
            }
        }
    }
}

/// Classes muted by command; none where nobody did.
fn muted(path: &Path) -> BTreeSet<String> {
    let lines = std::fs::read_to_string(path).unwrap_or_default();
    lines.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn posts_a_day(archive: &Archive) -> Result<f64, ArchiveError> {
    let Some((first, last)) = archive.time_range()? else { return Ok(0.0) };
    let days = last.duration_since(first).as_secs_f64() / 86_400.0;
    Ok(archive.count()? as f64 / days.max(1.0))
}

/// Title, class and concern, from the topic's posts.
fn facts(
    topic: &Topic,
    archive: &Archive,
    analyst: &Analyst,
    classes: &Classes,
) -> Result<Facts, ArchiveError> {
    let mut posts: Vec<Stored> = Vec::new();
    for number in topic.posts.iter().chain([&topic.title]) {
        let read = archive.after(number.saturating_sub(1), 1)?;
        posts.extend(read.into_iter().filter(|stored| stored.sequence == *number));
    }
    posts.sort_by_key(|stored| stored.sequence);
    posts.dedup_by_key(|stored| stored.sequence);
    let mut concerns: BTreeMap<&str, usize> = BTreeMap::new();
    for stored in &posts {
        analyst.concerns_of(&stored.post).into_iter().for_each(|id| *concerns.entry(id).or_default() += 1);
    }
    let most = concerns.into_iter().max_by_key(|(_, count)| *count);
    let title = title(&posts, topic.title);
    let texts: Vec<&str> = posts
        .iter()
        .map(|stored| if stored.post.title.is_empty() { &stored.post.text } else { &stored.post.title })
        .map(String::as_str)
        .collect();
    let class = classes.of(title.as_deref().unwrap_or_default(), &texts);
    Ok(Facts {
        title,
        class: class.map(|class| (class.name.clone(), class.english.clone())),
        concern: most.filter(|(_, count)| 2 * count >= posts.len()).map(|(id, _)| id.to_owned()),
        mailed: false,
    })
}
