//! The scenario file as written: its keys, and the checks that name what is wrong and where.
//!
//! The format is documented in docs/scenario.md; drills use the same one.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use crawler::post::Publisher;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer};

/// The newest format this program reads.
const FORMAT: u32 = 1;

/// Most posts an hour that one topic may bring: one in each time step of the generator.
pub(super) const HOURLY_LIMIT: f64 = 700.0;

/// A whole scenario file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) format: u32,
    pub(super) name: String,
    #[serde(default)]
    pub(super) about: String,
    pub(super) seed: u64,
    pub(super) timezone: String,
    pub(super) start: Timestamp,
    pub(super) show_from: Timestamp,
    pub(super) end: Timestamp,
    #[serde(rename = "source")]
    pub(super) sources: Vec<Source>,
    #[serde(rename = "register")]
    pub(super) registers: BTreeMap<String, Register>,
    #[serde(rename = "shape")]
    pub(super) shapes: BTreeMap<String, Shape>,
    #[serde(rename = "topic")]
    pub(super) topics: Vec<Topic>,
    #[serde(default, rename = "spam")]
    pub(super) spams: Vec<Spam>,
}

/// One source of posts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) group: String,
    pub(super) publisher: Publisher,
    #[serde(deserialize_with = "span")]
    pub(super) every: SignedDuration,
    /// Register its posts are written in.
    pub(super) register: String,
    /// Beginning of the addresses of its posts; only for media, offices and platforms.
    pub(super) address: Option<String>,
    /// When it could not be read.
    #[serde(default)]
    pub(super) down: Vec<Outage>,
}

/// A time in which a source could not be read.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outage {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// How people write in one kind of place, and how they vary what others wrote.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Register {
    /// Share of posts that repeat a recent post word for word.
    pub(super) copies: f64,
    /// Share of the other posts that change a wording a little.
    pub(super) variations: f64,
    /// Put before a question.
    pub(super) question_leads: Vec<String>,
    /// Put before a statement.
    pub(super) statement_leads: Vec<String>,
    /// Put after a question.
    pub(super) question_tails: Vec<String>,
    /// Put after a statement.
    pub(super) statement_tails: Vec<String>,
}

/// Posts of each hour of the day, in any unit; only their proportions count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shape {
    pub(super) workday: Vec<f64>,
    pub(super) weekend: Vec<f64>,
}

/// What is written about one matter: a concern, or chatter outside every concern.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    pub(super) name: String,
    /// Mean of a workday.
    pub(super) posts_per_hour: f64,
    pub(super) shape: String,
    /// Share of each source, in any unit.
    pub(super) sources: BTreeMap<String, f64>,
    /// Texts by register.
    pub(super) wordings: Wordings,
    #[serde(default, rename = "rise")]
    pub(super) rises: Vec<Rise>,
    #[serde(default, rename = "once")]
    pub(super) once: Vec<Once>,
}

/// Texts by register.
pub(super) type Wordings = BTreeMap<String, Vec<Wording>>;

/// One text as somebody would write it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Wording {
    /// Text without a title.
    Text(String),
    /// Title and text.
    #[serde(rename_all = "lowercase")]
    Titled {
        /// Title.
        title: String,
        /// Text; may be empty.
        text: String,
    },
}

/// A rise on top of what is usual.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rise {
    pub(super) onset: Timestamp,
    /// Posts an hour at its peak, on top of the usual ones.
    pub(super) peak: f64,
    /// Name of a fitted growth curve.
    pub(super) growth: String,
    /// When an answer was published; from then on it halves every `half_life`.
    pub(super) answered: Option<Timestamp>,
    #[serde(default = "an_hour", deserialize_with = "span")]
    pub(super) half_life: SignedDuration,
    /// Texts of this rise; without them the topic's own.
    #[serde(default)]
    pub(super) wordings: Wordings,
}

/// A text published once, at a known moment: an official answer, an article.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Once {
    pub(super) at: Timestamp,
    pub(super) source: String,
    #[serde(default)]
    pub(super) title: String,
    pub(super) text: String,
}

/// One text sent many times with tiny changes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spam {
    pub(super) source: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) copies: u32,
    pub(super) text: String,
    /// Put after the text, one at a time.
    pub(super) tails: Vec<String>,
}

fn an_hour() -> SignedDuration {
    SignedDuration::from_hours(1)
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("not a length of time like \"5m\": {text}")))
}

impl File {
    /// Reads and checks a scenario file.
    pub(super) fn read(text: &str) -> Result<File> {
        let file: File = toml::from_str(text).context("the scenario file cannot be read")?;
        ensure!(
            file.format == FORMAT,
            "format = {}: this program reads format {FORMAT}; convert the file or use a newer program",
            file.format
        );
        ensure!(
            file.start < file.show_from && file.show_from < file.end,
            "start, show_from and end must follow each other"
        );
        jiff::tz::TimeZone::get(&file.timezone)
            .with_context(|| format!("timezone = {:?} is not known", file.timezone))?;
        file.check_sources()?;
        for (name, shape) in &file.shapes {
            let whole = shape.workday.len() == 24 && shape.weekend.len() == 24;
            let counts = shape.workday.iter().chain(&shape.weekend).all(|posts| *posts >= 0.0);
            let some = shape.workday.iter().sum::<f64>() > 0.0;
            ensure!(whole && counts && some, "shape {name}: write 24 numbers, one for each hour, not all 0");
        }
        for topic in &file.topics {
            file.check_topic(topic).with_context(|| format!("topic {}", topic.name))?;
        }
        for spam in &file.spams {
            file.source(&spam.source)?;
            ensure!(spam.from < spam.to, "spam in {}: from must come before to", spam.source);
        }
        Ok(file)
    }

    /// The same story, in which what was to be watched from `show_from` on begins at another moment.
    ///
    /// # Errors
    /// A moment so far away that a date of the story does not exist.
    pub(super) fn moved(mut self, show_from: Timestamp) -> Result<File> {
        let by = show_from.duration_since(self.show_from);
        let mut moments: Vec<&mut Timestamp> = vec![&mut self.start, &mut self.show_from, &mut self.end];
        moments.extend(
            self.sources
                .iter_mut()
                .flat_map(|source| &mut source.down)
                .flat_map(|d| [&mut d.from, &mut d.to]),
        );
        for topic in &mut self.topics {
            moments.extend(topic.once.iter_mut().map(|once| &mut once.at));
            for rise in &mut topic.rises {
                moments.push(&mut rise.onset);
                moments.extend(rise.answered.as_mut());
            }
        }
        moments.extend(self.spams.iter_mut().flat_map(|spam| [&mut spam.from, &mut spam.to]));
        for moment in moments {
            *moment = moment.checked_add(by).context("the story cannot be moved that far")?;
        }
        Ok(self)
    }

    /// The source of that id.
    pub(super) fn source(&self, id: &str) -> Result<&Source> {
        let known = || self.sources.iter().map(|source| source.id.as_str()).collect::<Vec<_>>().join(", ");
        self.sources
            .iter()
            .find(|source| source.id == id)
            .with_context(|| format!("there is no source {id}; known are {}", known()))
    }

    fn check_sources(&self) -> Result<()> {
        for (place, source) in self.sources.iter().enumerate() {
            let twice = self.sources.iter().take(place).any(|earlier| earlier.id == source.id);
            ensure!(!twice, "source {}: the id is used twice", source.id);
            ensure!(
                self.registers.contains_key(&source.register),
                "source {}: there is no register {}",
                source.id,
                source.register
            );
            ensure!(source.every.as_secs() >= 60, "source {}: every must be at least 1m", source.id);
            for outage in &source.down {
                ensure!(outage.from < outage.to, "source {}: an outage ends before it begins", source.id);
            }
        }
        Ok(())
    }

    fn check_topic(&self, topic: &Topic) -> Result<()> {
        ensure!(self.shapes.contains_key(&topic.shape), "there is no shape {}", topic.shape);
        let usual = (0.0..=HOURLY_LIMIT / 4.0).contains(&topic.posts_per_hour);
        ensure!(usual, "posts_per_hour must lie between 0 and {}", HOURLY_LIMIT / 4.0);
        ensure!(topic.sources.values().sum::<f64>() > 0.0, "name at least one source");
        self.check_wordings(topic, &topic.wordings)?;
        let growth = super::growth::fitted()?;
        for rise in &topic.rises {
            let known = || growth.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            if !growth.contains_key(&rise.growth) {
                bail!("there is no growth {}; known are {}", rise.growth, known());
            }
            ensure!(
                (0.0..=HOURLY_LIMIT / 2.0).contains(&rise.peak),
                "peak must lie between 0 and {}",
                HOURLY_LIMIT / 2.0
            );
            ensure!(rise.half_life.as_secs() > 0, "half_life must be longer than nothing");
            if !rise.wordings.is_empty() {
                self.check_wordings(topic, &rise.wordings)?;
            }
        }
        for once in &topic.once {
            self.source(&once.source)?;
        }
        Ok(())
    }

    /// Every source that a topic is heard on needs something to say.
    fn check_wordings(&self, topic: &Topic, wordings: &Wordings) -> Result<()> {
        for (id, share) in &topic.sources {
            let register = &self.source(id)?.register;
            let speaks = wordings.get(register).is_some_and(|texts| !texts.is_empty());
            ensure!(*share >= 0.0, "the share of source {id} is negative");
            ensure!(speaks, "source {id} is named, but there are no wordings for its register {register}");
        }
        for register in wordings.keys() {
            ensure!(self.registers.contains_key(register), "there is no register {register}");
        }
        Ok(())
    }
}
