//! What streams are made of: real titles of two hot lists as stories and as chatter, real curves of growth.
//! Reads `weibo_events.jsonl.zst`, `zhihu_events.jsonl.zst` and `growth_curves.jsonl.zst` of one folder.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use analyzer::normalize::normalize;
use analyzer::segment::Segmenter;
use analyzer::topics::Word;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Words of a title or text that are taken, from its beginning.
const TITLE_WORDS: usize = 14;
const TEXT_WORDS: usize = 18;
/// A curve that begins with more discussions than this is a topic of long ago.
const STANDING: f64 = 20_000.0;

/// Everything read, in order of time.
pub(super) struct Material {
    pub(super) titles: Vec<Title>,
    pub(super) curves: Vec<Curve>,
    /// Share of a day's discussions by hour of the day in China.
    pub(super) hours: [f64; 24],
}

/// One title, cut into words.
pub(super) struct Title {
    /// Whether it may begin a story: a title of the Weibo board. Those of Zhihu tell known stories again.
    pub(super) may_begin: bool,
    /// When it was first recorded.
    pub(super) at: Timestamp,
    /// Its words.
    pub(super) words: Vec<Word>,
    /// Words of the text below it.
    pub(super) more: Vec<Word>,
}

/// How one topic grew: minutes since it was first recorded, and discussions until then.
pub(super) struct Curve {
    pub(super) points: Vec<(f64, f64)>,
}

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MaterialError {
    /// A file that can't be read.
    #[error("{path}: {source}; the folder needs weibo_events, zhihu_events and growth_curves as .jsonl.zst")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line that is none of the format.
    #[error("{path}: line {line}: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Its line.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Too few titles for a stream of that length.
    #[error("no {days} days with two months of titles before them are in this folder; ask for fewer --days")]
    TooShort {
        /// Days asked for.
        days: usize,
    },
}

#[derive(Deserialize)]
struct Event {
    ts: Timestamp,
    source: String,
    title: String,
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct Growth {
    start: String,
    points: Vec<(f64, f64, f64, f64)>,
}

impl Material {
    /// Reads a folder. Titles are cut only later, when it is known which are wanted.
    pub(super) fn read(folder: &Path) -> Result<Unread, MaterialError> {
        let mut events = Vec::new();
        for name in ["weibo_events.jsonl.zst", "zhihu_events.jsonl.zst"] {
            lines(&folder.join(name), |event: Event| events.push(event))?;
        }
        events.sort_by_key(|event| event.ts);
        let (mut curves, mut hours) = (Vec::new(), [0.0; 24]);
        lines(&folder.join("growth_curves.jsonl.zst"), |growth: Growth| {
            let points: Vec<(f64, f64)> =
                growth.points.iter().map(|(minutes, _, _, discussions)| (*minutes, *discussions)).collect();
            busy_hours(&growth.start, &points, &mut hours);
            let is_fresh = points.first().is_some_and(|(_, first)| (1.0..STANDING).contains(first));
            if is_fresh && points.len() >= 3 {
                curves.push(Curve { points });
            }
        })?;
        let all: f64 = hours.iter().sum::<f64>().max(1.0);
        Ok(Unread { events, curves, hours: hours.map(|hour| hour / all) })
    }
}

/// Files read, titles not cut yet.
pub(super) struct Unread {
    events: Vec<Event>,
    curves: Vec<Curve>,
    hours: [f64; 24],
}

impl Unread {
    /// First and last title.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.events.first()?.ts, self.events.last()?.ts))
    }

    /// Cuts the titles recorded between the two moments.
    pub(super) fn cut(self, from: Timestamp, to: Timestamp, segmenter: &Segmenter) -> Material {
        let wanted = self.events.into_iter().filter(|event| event.ts >= from && event.ts < to);
        let cut = |event: Event| {
            let words = words(segmenter, &event.title, TITLE_WORDS);
            let text: String = event.text.unwrap_or_default().chars().take(300).collect();
            let mut more = self::words(segmenter, &text, TEXT_WORDS);
            more.retain(|word| !words.contains(word));
            Title { may_begin: event.source == "weibo", at: event.ts, words, more }
        };
        Material { titles: wanted.map(cut).collect(), curves: self.curves, hours: self.hours }
    }
}

fn words(segmenter: &Segmenter, text: &str, most: usize) -> Vec<Word> {
    let normal = normalize(text);
    let mut seen = BTreeSet::new();
    let words = segmenter.words(&normal).into_iter().map(Word::of);
    words.filter(|word| seen.insert(*word)).take(most).collect()
}

/// Adds what was discussed between two looks to the hours between them.
fn busy_hours(start: &str, points: &[(f64, f64)], hours: &mut [f64; 24]) {
    let clock = start.get(11..16).and_then(|clock| clock.split_once(':'));
    let Some((hour, minute)) =
        clock.and_then(|(hour, minute)| hour.parse::<f64>().ok().zip(minute.parse::<f64>().ok()))
    else {
        return;
    };
    let start = hour * 60.0 + minute;
    for (earlier, later) in points.iter().zip(points.iter().skip(1)) {
        let more = (later.1 - earlier.1).clamp(0.0, 10_000.0);
        let middle = (start + (earlier.0 + later.0) / 2.0) / 60.0;
        if let Some(hour) = hours.get_mut(middle.rem_euclid(24.0) as usize) {
            *hour += more;
        }
    }
}

fn lines<Row: DeserializeOwned>(path: &Path, mut take: impl FnMut(Row)) -> Result<(), MaterialError> {
    let file_error = |source| MaterialError::File { path: path.to_path_buf(), source };
    let unpacked = zstd::Decoder::new(File::open(path).map_err(file_error)?).map_err(file_error)?;
    for (number, line) in BufReader::new(unpacked).lines().enumerate() {
        let line = line.map_err(file_error)?;
        let wrong = |source| MaterialError::Format { path: path.to_path_buf(), line: number + 1, source };
        take(serde_json::from_str(&line).map_err(wrong)?);
    }
    Ok(())
}
