//! Answers a query: which posts, how many, when, from where. Texts come from the archive by id.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use crawler::post::{PostId, Publisher, Voice};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tantivy::TantivyDocument;
use tantivy::collector::Count;
use tantivy::schema::Value;

use super::collect::{Collected, Record, Records};
use super::schema::Fields;
use super::{Index, IndexError, Version, compile};
use crate::concern::Concern;
use crate::query::{Context, Query};

/// Order of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sort {
    /// Most relevant first.
    #[default]
    Relevance,
    /// Newest first.
    Time,
    /// Most often repeated first.
    Copies,
}

/// How a search is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Hits wanted.
    pub limit: usize,
    /// Hits passed over before them.
    pub offset: usize,
    /// Order of hits.
    pub sort: Sort,
    /// Whether near-duplicates are folded into one hit.
    pub fold: bool,
    /// Only these publishers; empty means all.
    pub publishers: Vec<Publisher>,
}

/// One post found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its id; the archive has the text.
    pub id: PostId,
    /// Its place in the archive.
    pub sequence: u64,
    /// Publication time, to the second.
    pub time: Timestamp,
    /// Relevance; 0 unless sorted by it.
    pub score: f32,
    /// The near-duplicate group it belongs to.
    pub voice: Voice,
    /// Posts of that group among the results, this one included.
    pub similar: u32,
}

/// One bar of the histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// First moment.
    pub start: Timestamp,
    /// Posts in it.
    pub posts: u32,
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Results {
    /// Posts found.
    pub total: usize,
    /// Near-duplicate groups among them.
    pub groups: usize,
    /// The page of hits asked for.
    pub hits: Vec<Hit>,
    /// Length of a bar in seconds.
    pub step_seconds: i64,
    /// Posts over time without holes, oldest first, at most sixty bars or so.
    pub histogram: Vec<Bar>,
    /// Posts by source id, most first.
    pub by_source: Vec<(String, u32)>,
    /// Posts by source group, most first.
    pub by_group: Vec<(String, u32)>,
}

impl Default for Options {
    fn default() -> Self {
        Options { limit: 20, offset: 0, sort: Sort::default(), fold: true, publishers: Vec::new() }
    }
}

impl Index {
    /// Searches. Every word of the query is looked for as an exact substring of the normalised title or
    /// text; segmentation only ranks.
    pub fn search(
        &self,
        query: &Query,
        context: &Context<'_>,
        options: &Options,
    ) -> Result<Results, IndexError> {
        let version = self.version();
        let fields = &version.fields;
        let mut posts = wanted(fields, query, context, options);
        let scored = options.sort == Sort::Relevance;
        if scored {
            let words = query.marked_words(context.concerns);
            posts = compile::ranked(posts, &words, fields, &self.shared.segmenter);
        }
        let segments = version.searcher().search(&posts, &Records { scored })?;
        answer(&version, &segments, context.zone, options)
    }
}

impl Index {
    /// How many of the posts that answer a query belong to each of the concerns.
    pub fn count_by_concern(
        &self,
        query: &Query,
        context: &Context<'_>,
        options: &Options,
    ) -> Result<Vec<u32>, IndexError> {
        let version = self.version();
        let fields = &version.fields;
        let searcher = version.searcher();
        let count = |concern: &Concern| {
            let posts = wanted(fields, query, context, options);
            let both = compile::every(vec![posts, compile::concern(concern, fields)]);
            let count = searcher.search(&both, &Count)?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX))
        };
        context.concerns.iter().map(count).collect()
    }
}

/// The posts that answer a query, by the publishers wanted.
fn wanted(
    fields: &Fields,
    query: &Query,
    context: &Context<'_>,
    options: &Options,
) -> Box<dyn tantivy::query::Query> {
    let posts = compile::node(&query.root, fields, context);
    if options.publishers.is_empty() {
        return posts;
    }
    compile::every(vec![posts, compile::publishers(&options.publishers, fields)])
}

fn answer(
    version: &Version,
    segments: &[Collected],
    zone: &TimeZone,
    options: &Options,
) -> Result<Results, IndexError> {
    let mut records: Vec<Record> = segments.iter().flat_map(|segment| &segment.records).copied().collect();
    let mut similar: HashMap<u64, u32> = HashMap::new();
    for record in &records {
        *similar.entry(record.voice).or_default() += 1;
    }
    let copies = |record: &Record| similar.get(&record.voice).copied().unwrap_or(1);
    // Of equals the newest first; sequence numbers are unique, so the order never hangs on segments.
    let newest = |a: &Record, b: &Record| (b.time, b.sequence).cmp(&(a.time, a.sequence));
    records.sort_unstable_by(|a, b| {
        let order = match options.sort {
            Sort::Relevance => b.score.total_cmp(&a.score),
            Sort::Time => Ordering::Equal,
            Sort::Copies => copies(b).cmp(&copies(a)),
        };
        order.then_with(|| newest(a, b))
    });
    let (step_seconds, histogram) = histogram(&records, zone);
    let mut seen = HashSet::new();
    let shown = records.iter().filter(|record| !options.fold || seen.insert(record.voice));
    let page = shown.skip(options.offset).take(options.limit);
    let searcher = version.searcher();
    let mut hits = Vec::new();
    for record in page {
        let document: TantivyDocument = searcher.doc(record.address)?;
        let bytes = document.get_first(version.fields.id).and_then(|value| value.as_bytes());
        let Some(id) = bytes.and_then(PostId::from_bytes) else { continue };
        hits.push(Hit {
            id,
            sequence: record.sequence,
            time: Timestamp::from_second(record.time).unwrap_or_default(),
            score: record.score,
            voice: Voice(record.voice),
            similar: copies(record),
        });
    }
    Ok(Results {
        total: records.len(),
        groups: similar.len(),
        hits,
        step_seconds,
        histogram,
        by_source: tally(segments, |segment| &segment.sources, |record| record.source),
        by_group: tally(segments, |segment| &segment.groups, |record| record.group),
    })
}

fn tally(
    segments: &[Collected],
    names: impl Fn(&Collected) -> &Vec<String>,
    number: impl Fn(&Record) -> u32,
) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for segment in segments {
        // By number first: there are many records and few names.
        let names = names(segment);
        let mut by_number = vec![0; names.len().max(1)];
        for record in &segment.records {
            if let Some(posts) = by_number.get_mut(number(record) as usize) {
                *posts += 1;
            }
        }
        for (number, posts) in by_number.into_iter().enumerate().filter(|&(_, posts)| posts > 0) {
            *counts.entry(names.get(number).map_or("", String::as_str)).or_default() += posts;
        }
    }
    let mut counts: Vec<(String, u32)> =
        counts.into_iter().map(|(name, posts)| (name.to_owned(), posts)).collect();
    // Stable: equal counts stay in the order of names.
    counts.sort_by_key(|&(_, posts)| std::cmp::Reverse(posts));
    counts
}

/// Ten minutes, an hour, six hours, a day, a week, four weeks, a year: whichever first needs few bars.
const STEPS: [i64; 7] = [600, 3600, 21_600, 86_400, 604_800, 2_419_200, 31_536_000];
const MOST_BARS: i64 = 60;

/// Bars begin at local full hours and midnights (the zone's offset at the first post; zones that shift
/// their clocks see bars an hour off for half the year).
fn histogram(records: &[Record], zone: &TimeZone) -> (i64, Vec<Bar>) {
    let times = || records.iter().map(|record| record.time);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return (0, Vec::new()) };
    let offset = Timestamp::from_second(first).map_or(0, |first| i64::from(zone.to_offset(first).seconds()));
    let step = STEPS.into_iter().find(|step| (last - first) / step < MOST_BARS).unwrap_or(31_536_000);
    let bar_of = |time: i64| (time + offset).div_euclid(step);
    let mut counts: HashMap<i64, u32> = HashMap::new();
    for time in times() {
        *counts.entry(bar_of(time)).or_default() += 1;
    }
    // Years of nothing between a wrong date and now must not become a million bars.
    let last_bar = bar_of(last).min(bar_of(first) + 10 * MOST_BARS);
    let bar = |number: i64| Bar {
        start: Timestamp::from_second(number * step - offset).unwrap_or_default(),
        posts: counts.get(&number).copied().unwrap_or(0),
    };
    (step, (bar_of(first)..=last_bar).map(bar).collect())
}
