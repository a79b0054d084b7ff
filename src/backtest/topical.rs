//! Topics of hot lists that nobody configured, found in the same titles at the same time. A topic of public
//! affairs is one of whose titles enough match some concern; the others are muted, and listed.

use std::collections::BTreeMap;

use alerts::alert::{AlertId, Event, fold};
use analyzer::boards::{Boards, Settings, Title};
use analyzer::concern::Concern;
use analyzer::level::Level;
use analyzer::matcher::{Matchers, Text};
use analyzer::normalize::normalize;
use analyzer::segment::Segmenter;
use crawler::post::{Publisher, Stored};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Outcome, Raised};
use crate::replay::Span;

/// A topic is told for so long, unless an alert of a concern already shows half of its titles.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Numbers of topics of a day begin here, so that no alert of a concern bears the same.
const FIRST_NUMBER: u16 = 501;

/// A topic as it was told.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TopicTold {
    /// When.
    pub ts: Timestamp,
    /// The words that stand out.
    pub words: Vec<String>,
    /// Its titles.
    pub titles: Vec<String>,
    /// The concern that most of its titles match; `None` of what is muted.
    pub class: Option<String>,
    /// How much it stands out.
    pub score: f64,
}

/// Finds the topics among the titles of hot lists, which are in order of time.
pub(crate) fn topics(
    posts: &[Stored],
    concerns: &[Concern],
    span: Span,
    settings: Settings,
) -> Vec<TopicTold> {
    let segmenter = Segmenter::new(&[]);
    let matchers = Matchers::new(concerns);
    let mut boards = Boards::new(settings);
    let mut told = Vec::new();
    let listed = |stored: &&Stored| stored.revision == 0 && stored.post.publisher == Publisher::Platform;
    for stored in posts.iter().filter(listed).take_while(|stored| stored.post.time < span.to) {
        let text = normalize(&stored.post.title);
        let topic = boards.hear(&Title {
            number: stored.sequence,
            time: stored.post.time,
            voice: stored.voice,
            words: &segmenter.words(&text),
            is_public: !matchers.matching(&Text::of(&stored.post)).is_empty(),
        });
        let Some(topic) = topic.filter(|topic| topic.at >= span.told_from) else { continue };
        let own: Vec<&Stored> = topic.titles.iter().filter_map(|number| numbered(posts, *number)).collect();
        told.push(TopicTold {
            ts: topic.at,
            words: topic.lead,
            titles: own.iter().map(|stored| stored.post.title.clone()).collect(),
            class: topic.is_public.then(|| class(&own, &matchers, concerns)).flatten(),
            score: topic.score,
        });
    }
    told
}

impl Outcome {
    /// Puts public topics beside the alerts, in order of time; those that an alert of the day before already
    /// shows are left out. Returns how many were muted.
    pub(crate) fn add_topics(&mut self, told: &[TopicTold], zone: &TimeZone) -> usize {
        let mut numbers: BTreeMap<jiff::civil::Date, u16> = BTreeMap::new();
        let mut fresh = Vec::new();
        for topic in told {
            let Some(class) = &topic.class else { continue };
            if self.raised.iter().any(|raised| shows(raised, topic)) {
                continue;
            }
            let day = zone.to_datetime(topic.ts).date();
            let number = numbers.entry(day).or_insert(FIRST_NUMBER);
            fresh.extend(raised(topic, class, AlertId { day, number: *number }));
            *number = number.saturating_add(1);
        }
        self.raised.append(&mut fresh);
        self.raised.sort_by_key(|raised| (raised.alert.raised_at, raised.alert.id));
        told.iter().filter(|topic| topic.class.is_none()).count()
    }
}

/// Whether an alert raised in the day before shows half of a topic's titles.
fn shows(raised: &Raised, topic: &TopicTold) -> bool {
    let at = raised.alert.raised_at;
    let shown = topic.titles.iter().filter(|title| raised.titles.contains(title)).count();
    at <= topic.ts && topic.ts < at + TOLD_FOR && 2 * shown >= topic.titles.len()
}

/// A topic as an alert: blue, since nothing more is known of it.
fn raised(topic: &TopicTold, class: &str, id: AlertId) -> Option<Raised> {
    let begun = Event::Raised {
        concern: topic.words.join("+"),
        level: Level::Blue,
        onset: topic.ts,
        deadline: topic.ts + TOLD_FOR,
        first_post: None,
    };
    let over = Event::Resolved { by: None };
    let alert = fold(id, [(topic.ts, begun), (topic.ts + TOLD_FOR, over)])?;
    let name = format!("新话题·{class}");
    Some(Raised { alert, name, signal: None, titles: topic.titles.clone() })
}

/// A replay stores its posts in order of time, so their numbers ascend.
fn numbered(posts: &[Stored], number: u64) -> Option<&Stored> {
    let place = posts.binary_search_by_key(&number, |stored| stored.sequence).ok()?;
    posts.get(place)
}

fn class(posts: &[&Stored], matchers: &Matchers, concerns: &[Concern]) -> Option<String> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for stored in posts {
        let matching = matchers.matching(&Text::of(&stored.post));
        matching.into_iter().for_each(|number| *counts.entry(number).or_default() += 1);
    }
    let most = |(number, count): &(&usize, &usize)| (**count, std::cmp::Reverse(**number));
    let (number, _) = counts.iter().max_by_key(most)?;
    concerns.get(*number).map(|concern| concern.name.clone())
}
