//! Answers a query: which posts, how many, when, from where. Texts come from the archive by id.

use crawler::post::{PostId, Publisher, Voice};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tantivy::schema::Value;
use tantivy::{Searcher, TantivyDocument, Term};

use super::as_of::AsOf;
use super::facets::ByConcern;
use super::found::{self, Everything, Found, Voices};
use super::order::{self, After, Placed};
use super::schema::Fields;
use super::weight::Ordinary;
use super::{Index, IndexError, compile};
use crate::query::{Context, Problem, Query};

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
    /// Instead of an offset: the hits behind this place of an earlier page, of which none can come twice.
    pub after: Option<After>,
    /// Only what had come in by then; `None` means the present.
    pub as_of: Option<AsOf>,
    /// Only posts of this near-duplicate group.
    pub voice: Option<Voice>,
    /// Order of hits.
    pub sort: Sort,
    /// Whether near-duplicates are folded into one hit.
    pub fold: bool,
    /// Only these publishers; empty means all.
    pub publishers: Vec<Publisher>,
    /// Whether posts are counted by concern, too.
    pub by_concern: bool,
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
    /// Relevance, rounded; 0 unless sorted by it. It hangs on the post and the query alone.
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
    /// Where the next page begins; `None` on the last.
    pub next: Option<After>,
    /// The state that was searched: later pages of this answer ask for it.
    pub as_of: AsOf,
    /// Length of a bar in seconds.
    pub step_seconds: i64,
    /// Posts over time without holes, oldest first, at most sixty bars or so.
    pub histogram: Vec<Bar>,
    /// Posts by source id, most first.
    pub by_source: Vec<(String, u32)>,
    /// Posts by source group, most first.
    pub by_group: Vec<(String, u32)>,
    /// By concern; `None` unless wanted, and while that is worked out.
    pub by_concern: Option<ByConcern>,
}

/// How many posts there are of each sort.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// By source group, most first; empty where concerns are counted.
    pub by_group: Vec<(String, u32)>,
    /// By concern; `None` where groups are counted, and while that is worked out.
    pub by_concern: Option<ByConcern>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            limit: 20,
            offset: 0,
            after: None,
            as_of: None,
            voice: None,
            sort: Sort::default(),
            fold: true,
            publishers: Vec::new(),
            by_concern: false,
        }
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
        let context = &of_then(context, options);
        let mut posts = wanted(fields, query, context, options);
        let scored = options.sort == Sort::Relevance;
        if scored {
            let words = query.marked_words(context.concerns);
            posts = compile::ranked(posts, &words, fields, &self.shared.segmenter);
        }
        // One state of the index for all that follows: places of posts mean nothing in another.
        let searcher = version.searcher();
        let everything = Everything { scored, as_of: options.as_of, voice: options.voice };
        let ordinary = Ordinary { fields, segmenter: &self.shared.segmenter };
        let segments = searcher.search_with_statistics_provider(&posts, &everything, &ordinary)?;
        // Posts come in the order of the archive: whatever comes later has a later place.
        let newest = segments.iter().map(Found::newest).max().unwrap_or_default();
        let as_of = options.as_of.unwrap_or_else(|| AsOf::present(context.now, newest));
        let by_concern = match options.by_concern {
            true => self.shared.facets.count(&searcher, (context.concerns, fields), &segments)?,
            false => None,
        };
        Ok(Results { as_of, by_concern, ..answer(&searcher, fields, &segments, (context.zone, options))? })
    }
}

impl Index {
    /// Names in the query that nobody knows: neither the configuration nor any post that is searchable.
    pub fn unknown_names(&self, query: &Query, context: &Context<'_>) -> Result<Vec<Problem>, IndexError> {
        let version = self.version();
        let (searcher, fields) = (version.searcher(), &version.fields);
        let has_posts = |name: &str| -> Result<bool, IndexError> {
            let posts = |field| searcher.doc_freq(&Term::from_field_text(field, name));
            Ok(posts(fields.source)? + posts(fields.group)? > 0)
        };
        query.unknown_names(context, has_posts)
    }

    /// The query of `typed` with its words taken apart ([`Query::loosened`]).
    pub fn loosened(&self, query: &Query, typed: &str) -> Option<String> {
        query.loosened(typed, &self.shared.segmenter)
    }
}

impl Index {
    /// How many posts that answer a query there are by source group or, where `by_concern` is wanted, by concern: what
    /// [`Index::search`] would count, without the rest of its answer.
    pub fn counts(
        &self,
        query: &Query,
        context: &Context<'_>,
        options: &Options,
    ) -> Result<Counted, IndexError> {
        let version = self.version();
        let fields = &version.fields;
        let context = &of_then(context, options);
        let posts = wanted(fields, query, context, options);
        let searcher = version.searcher();
        let everything = Everything { scored: false, as_of: options.as_of, voice: options.voice };
        let segments = searcher.search(&posts, &everything)?;
        Ok(match options.by_concern {
            true => Counted {
                by_concern: self.shared.facets.count(&searcher, (context.concerns, fields), &segments)?,
                ..Counted::default()
            },
            false => Counted { by_group: found::by_group(&segments), ..Counted::default() },
        })
    }
}

/// What was asked for as of then means the days before then.
fn of_then<'a>(context: &Context<'a>, options: &Options) -> Context<'a> {
    Context { now: options.as_of.map_or(context.now, |as_of| as_of.moment), ..*context }
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
    searcher: &Searcher,
    fields: &Fields,
    segments: &[Found],
    (zone, options): (&TimeZone, &Options),
) -> Result<Results, IndexError> {
    let total = segments.iter().map(Found::len).sum();
    let mut voices = Voices::with_capacity_and_hasher(total, Default::default());
    for voice in segments.iter().flat_map(Found::voices) {
        *voices.entry(voice).or_default() += 1;
    }
    let times: Vec<Vec<i64>> = segments.iter().map(Found::times).collect();
    let (step_seconds, histogram) = histogram(&times, zone);
    let mut hits = Vec::new();
    let (page, next) = order::page(segments, &times, &voices, options);
    for Placed { record, place, score } in page {
        let document: TantivyDocument = searcher.doc(record.address)?;
        let bytes = document.get_first(fields.id).and_then(|value| value.as_bytes());
        let Some(id) = bytes.and_then(PostId::from_bytes) else { continue };
        hits.push(Hit {
            id,
            sequence: record.sequence,
            time: Timestamp::from_second(place.time).unwrap_or_default(),
            score,
            voice: Voice(record.voice),
            similar: voices.get(&record.voice).copied().unwrap_or(1),
        });
    }
    Ok(Results {
        total,
        groups: voices.len(),
        hits,
        next,
        as_of: AsOf::default(),
        step_seconds,
        histogram,
        by_source: found::by_source(segments),
        by_group: found::by_group(segments),
        by_concern: None,
    })
}

/// Ten minutes, an hour, six hours, a day, a week, four weeks, a year: whichever first needs few bars.
const STEPS: [i64; 7] = [600, 3600, 21_600, 86_400, 604_800, 2_419_200, 31_536_000];
const MOST_BARS: i64 = 60;

/// Bars begin at local full hours and midnights (the zone's offset at the first post; zones that shift
/// their clocks see bars an hour off for half the year).
fn histogram(times: &[Vec<i64>], zone: &TimeZone) -> (i64, Vec<Bar>) {
    let times = || times.iter().flatten().copied();
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return (0, Vec::new()) };
    let offset = Timestamp::from_second(first).map_or(0, |first| i64::from(zone.to_offset(first).seconds()));
    let step = STEPS.into_iter().find(|step| (last - first) / step < MOST_BARS).unwrap_or(31_536_000);
    let start = (first + offset).div_euclid(step) * step - offset;
    // Years of nothing between a wrong date and now must not become a million bars.
    let bars = (last - start) / step + 1;
    let mut counts = vec![0_u32; usize::try_from(bars.min(10 * MOST_BARS + 1)).unwrap_or_default()];
    for time in times() {
        // Each time is at or after the first bar's start.
        if let Some(posts) = counts.get_mut(((time - start).unsigned_abs() / step.unsigned_abs()) as usize) {
            *posts += 1;
        }
    }
    let bar = |(number, posts): (i64, u32)| Bar {
        start: Timestamp::from_second(start + number * step).unwrap_or_default(),
        posts,
    };
    (step, (0..).zip(counts).map(bar).collect())
}
