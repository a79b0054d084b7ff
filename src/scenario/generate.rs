//! Turns a scenario file into posts: hourly rates into moments, wordings into texts. Same file, same
//! posts, byte for byte: only additions, multiplications and whole-number chance are used.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use crawler::mask::Masks;
use crawler::post::{Draft, IdKey, Post};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use super::chance::Chance;
use super::file::{File, Rise, Shape, Source, Spam, Topic, Wording};
use super::growth::{self, Curve};
use super::wording::{self, Text};

/// Seconds of one step; a topic brings at most one post in each.
const STEP_SECONDS: i64 = 5;

/// A copy repeats one of so many latest texts of its topic and register.
const RECENT: usize = 24;

/// Invented posts need no secret; a key of their own keeps their ids the same everywhere.
const KEY: [u8; 32] = *b"guanlan scenario: no secret here";

/// How far a usual day may lie above or below the mean.
const DAY_SPREAD: f64 = 0.15;

/// All posts of a scenario, in order of time.
pub(super) fn posts(file: &File) -> Result<Vec<Post>> {
    let growth = growth::fitted()?;
    let zone = TimeZone::get(&file.timezone)?;
    let mut drafts = Vec::new();
    for topic in &file.topics {
        let shape = file.shapes.get(&topic.shape).context("a topic names an unknown shape")?;
        let rates = Rates { topic, shape, zone: &zone, growth: &growth, seed: file.seed };
        TopicWriter::new(file, topic)?.write(&rates, &mut drafts)?;
        for once in &topic.once {
            let text = Text { title: once.title.clone(), text: once.text.clone() };
            drafts.push(Pending { time: once.at, source: file.source(&once.source)?, text });
        }
    }
    for spam in &file.spams {
        write_spam(file, spam, &mut drafts)?;
    }
    drafts.retain(|draft| draft.time < file.end && !is_down(draft.source, draft.time));
    drafts.sort_by(|a, b| (a.time, &a.source.id).cmp(&(b.time, &b.source.id)));
    let key = IdKey::fixed(KEY);
    Ok(drafts.iter().enumerate().map(|(number, draft)| draft.finish(number + 1, &key)).collect())
}

/// True while the source cannot be read.
pub(super) fn is_down(source: &Source, time: Timestamp) -> bool {
    source.down.iter().any(|outage| outage.from <= time && time < outage.to)
}

/// A text that has its place and moment but no identity yet.
struct Pending<'a> {
    time: Timestamp,
    source: &'a Source,
    text: Text,
}

impl Pending<'_> {
    fn finish(&self, number: usize, key: &IdKey) -> Post {
        let guid = number.to_string();
        let source = self.source;
        let address = source.address.as_ref().map(|start| format!("{start}{guid}"));
        let draft = Draft {
            source: &source.id,
            group: &source.group,
            publisher: source.publisher,
            guid: Some(&guid),
            address: address.as_deref(),
            time: self.time,
            first_seen: self.time,
            title: &self.text.title,
            text: &self.text.text,
            rank: None,
            heat: None,
            claimed: None,
        };
        draft.finish(key, Masks::default())
    }
}

/// Expected posts per hour of one topic at any moment, and which part of them is a rise.
struct Rates<'a> {
    topic: &'a Topic,
    shape: &'a Shape,
    zone: &'a TimeZone,
    growth: &'a BTreeMap<String, Curve>,
    seed: u64,
}

impl Rates<'_> {
    /// What a usual hour brings.
    fn usual(&self, at: &ZonedDateTime) -> f64 {
        let weekend = at.weekday().to_monday_zero_offset() >= 5;
        let hours = if weekend { &self.shape.weekend } else { &self.shape.workday };
        let mean = self.shape.workday.iter().sum::<f64>() / 24.0;
        let hour = hours.get(at.hour() as usize).copied().unwrap_or(mean);
        let day = Chance::of(self.seed, &format!("{}{}", self.topic.name, at.date())).share();
        self.topic.posts_per_hour * hour / mean * (1.0 + DAY_SPREAD * (2.0 * day - 1.0))
    }

    /// What a rise adds at that moment.
    fn added(&self, rise: &Rise, time: Timestamp) -> f64 {
        let Some(curve) = self.growth.get(&rise.growth) else { return 0.0 };
        let hours = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs() as f64 / 3600.0;
        let grown = rise.peak * curve.share(hours(rise.onset, time));
        let Some(answered) = rise.answered.filter(|answered| *answered < time) else { return grown };
        let before = rise.peak * curve.share(hours(rise.onset, answered));
        let half_lives = hours(answered, time) * 3600.0 / rise.half_life.as_secs() as f64;
        grown.min(before * left_after(half_lives))
    }
}

/// One half after one half-life, a quarter after two, straight lines in between.
fn left_after(half_lives: f64) -> f64 {
    let mut left = 1.0;
    let mut remaining = half_lives;
    while remaining >= 1.0 && left > 1e-6 {
        left /= 2.0;
        remaining -= 1.0;
    }
    left * (1.0 - remaining.clamp(0.0, 1.0) / 2.0)
}

/// Writes the posts of one topic in order of time.
struct TopicWriter<'a> {
    file: &'a File,
    topic: &'a Topic,
    shares: Vec<(&'a Source, f64)>,
    recent: BTreeMap<&'a str, Vec<Text>>,
    chance: Chance,
}

impl<'a> TopicWriter<'a> {
    fn new(file: &'a File, topic: &'a Topic) -> Result<TopicWriter<'a>> {
        let mut shares = Vec::new();
        let mut sum = 0.0;
        for (id, share) in &topic.sources {
            sum += share;
            shares.push((file.source(id)?, sum));
        }
        let chance = Chance::of(file.seed, &topic.name);
        Ok(TopicWriter { file, topic, shares, recent: BTreeMap::new(), chance })
    }

    fn write(mut self, rates: &Rates<'_>, drafts: &mut Vec<Pending<'a>>) -> Result<()> {
        let mut step = self.file.start;
        let mut local = step.to_zoned_datetime(rates.zone.clone());
        let mut usual = rates.usual(&local);
        while step < self.file.end {
            if step.as_second() % 600 < STEP_SECONDS {
                local = step.to_zoned_datetime(rates.zone.clone());
                usual = rates.usual(&local);
            }
            let added: Vec<f64> = self.topic.rises.iter().map(|rise| rates.added(rise, step)).collect();
            let rate = usual + added.iter().sum::<f64>();
            if self.chance.happens(rate * STEP_SECONDS as f64 / 3600.0) {
                let seconds = self.chance.below(STEP_SECONDS as usize) as i64;
                let rise = self.which_rise(usual, &added);
                if let Some(draft) = self.draft(step + SignedDuration::from_secs(seconds), rise) {
                    drafts.push(draft);
                }
            }
            step = step.checked_add(SignedDuration::from_secs(STEP_SECONDS))?;
        }
        Ok(())
    }

    /// The rise this post belongs to, or `None` for a usual one.
    fn which_rise(&mut self, usual: f64, added: &[f64]) -> Option<&'a Rise> {
        let mut place = self.chance.share() * (usual + added.iter().sum::<f64>()) - usual;
        for (rise, posts) in self.topic.rises.iter().zip(added) {
            if place < 0.0 {
                return None;
            }
            if place < *posts {
                return Some(rise);
            }
            place -= posts;
        }
        None
    }

    fn draft(&mut self, time: Timestamp, rise: Option<&'a Rise>) -> Option<Pending<'a>> {
        let total = self.shares.last()?.1;
        let place = self.chance.share() * total;
        let source = self.shares.iter().find(|(_, end)| place < *end)?.0;
        let register = self.file.registers.get(&source.register)?;
        let recent = self.recent.entry(source.register.as_str()).or_default();
        let copies = rise.is_some() && self.chance.happens(register.copies);
        let text = match self.chance.any(recent).filter(|_| copies) {
            Some(text) => text.clone(),
            None => {
                let own = rise.map(|rise| &rise.wordings).filter(|wordings| !wordings.is_empty());
                let wordings = own.unwrap_or(&self.topic.wordings).get(&source.register)?;
                let wording: &Wording =
                    if own.is_some() { self.chance.popular(wordings) } else { self.chance.any(wordings) }?;
                wording::vary(wording, register, &mut self.chance)
            }
        };
        if rise.is_some() {
            recent.push(text.clone());
            if recent.len() > RECENT {
                recent.remove(0);
            }
        }
        Some(Pending { time, source, text })
    }
}

fn write_spam<'a>(file: &'a File, spam: &'a Spam, drafts: &mut Vec<Pending<'a>>) -> Result<()> {
    let source = file.source(&spam.source)?;
    let seconds = spam.to.duration_since(spam.from).as_secs() as usize;
    let mut chance = Chance::of(file.seed, &spam.text);
    for _ in 0..spam.copies {
        let after = SignedDuration::from_secs(chance.below(seconds) as i64);
        let tail = chance.any(&spam.tails).map(String::as_str).unwrap_or_default();
        let text = Text { title: String::new(), text: format!("{}{tail}", spam.text) };
        drafts.push(Pending { time: spam.from + after, source, text });
    }
    Ok(())
}
