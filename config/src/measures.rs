//! Reads the numbers alerts are measured by: levels, deadlines, sensitivity, and how long things are kept.

use analyzer::level::{Level, Need, Needs};
use analyzer::topics::Classes;
use jiff::SignedDuration;

use crate::administrator::later;
use crate::problem::{Mistake, Words};
use crate::section::{At, Item, Section};
use crate::settings::{Detect, Levels, Response, Retention, Topics};
use crate::value::{choice, clock_time, duration, integer, number};

/// Levels by their names in the file.
pub(crate) const LEVELS: [(&str, Level); 4] =
    [("blue", Level::Blue), ("yellow", Level::Yellow), ("orange", Level::Orange), ("red", Level::Red)];

pub(crate) fn levels(section: Section<'_, '_>) -> Levels {
    let default = Levels::default();
    let hold = section.value("hold", duration).unwrap_or(default.hold);
    let levels = Levels { hold, ..needs_and_voices(&section, &default) };
    section.finish();
    levels
}

/// What is written of levels in a section, over what is inherited.
pub(crate) fn needs_and_voices(section: &Section<'_, '_>, inherited: &Levels) -> Levels {
    let mut levels = Levels { needs: needs(section, &inherited.needs), ..inherited.clone() };
    if let Some(voices) = section.value("voices", |item| integer(item, 3, 10_000)) {
        levels.min_voices = u32::try_from(voices).unwrap_or(u32::MAX);
        if section.section("blue").item("posts").is_none() {
            // Fewer voices would mean nothing if blue still asked for more posts than that.
            levels.needs.blue.posts = levels.needs.blue.posts.min(levels.min_voices);
        }
    }
    levels
}

/// The needs of the four levels, each key of each overriding what is inherited.
fn needs(section: &Section<'_, '_>, inherited: &Needs) -> Needs {
    let mut needs = *inherited;
    let mut places: Vec<(&str, At<'_>)> = Vec::new();
    for (name, level) in LEVELS {
        let table = section.section(name);
        let need = match level {
            Level::Blue => &mut needs.blue,
            Level::Yellow => &mut needs.yellow,
            Level::Orange => &mut needs.orange,
            Level::Red => &mut needs.red,
        };
        read_need(&table, need);
        if table.is_present() {
            places.push((name, section.at_key(name)));
        }
        table.finish();
    }
    check_increasing(section, &needs, &places);
    needs
}

fn read_need(table: &Section<'_, '_>, need: &mut Need) {
    let whole = |item: &Item<'_>| integer(item, 1, 1_000_000).map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    if let Some(ratio) = table.value("ratio", |item| number(item, 1.0, 1_000.0)) {
        need.ratio = ratio;
    }
    if let Some(posts) = table.value("posts", whole) {
        need.posts = posts;
    }
    if let Some(sources) = table.value("sources", whole) {
        need.sources = sources;
    }
}

/// A higher level must never need less than the one below it.
fn check_increasing(section: &Section<'_, '_>, needs: &Needs, places: &[(&str, At<'_>)]) {
    for pair in Level::ALL.windows(2) {
        let [low, high] = pair else { continue };
        let (lower, higher) = (needs.of(*low), needs.of(*high));
        let key = if higher.ratio < lower.ratio {
            "ratio"
        } else if higher.posts < lower.posts {
            "posts"
        } else if higher.sources < lower.sources {
            "sources"
        } else {
            continue;
        };
        let name =
            |level: &Level| LEVELS.iter().find(|(_, known)| known == level).map_or("", |(name, _)| name);
        let (low, high) = (name(low), name(high));
        // Marked where it was written: at the higher level if that is here, else at the lower.
        let place = [high, low].iter().find_map(|name| places.iter().find(|(written, _)| written == name));
        let Some((_, at)) = place else { continue };
        let message = Words::new(
            format!("{high} 的 {key} 比 {low} 还低，级别要逐级提高"),
            format!("{key} of {high} is lower than that of {low}: levels must rise"),
        );
        let label = Words::new("让它不低于下一级", "not lower than the level below");
        section.notes().error(at, Mistake::new("levels-not-increasing", message, label));
    }
}

pub(crate) fn response(section: Section<'_, '_>) -> Response {
    let default = Response::default();
    let mut within = default.within;
    let mut places = Vec::new();
    for ((name, _), limit) in LEVELS.iter().zip(&mut within) {
        if let Some(found) = section.found(name, duration) {
            *limit = found.value;
            places.push((*name, found.at));
        }
    }
    for (index, pair) in within.windows(2).enumerate() {
        let [low, high] = pair else { continue };
        let names = [index + 1, index].map(|index| LEVELS.get(index).map_or("", |(name, _)| name));
        let place = names.iter().find_map(|name| places.iter().find(|(written, _)| written == name));
        let Some((_, at)) = place.filter(|_| high > low) else { continue };
        let [high, low] = names;
        let message = Words::new(
            format!("{high} 的回应时限比 {low} 还长"),
            format!("{high} allows more time than {low}"),
        );
        let label = Words::new("级别越高，时限应越短", "the higher the level, the shorter");
        section.notes().error(at, Mistake::new("levels-not-increasing", message, label));
    }
    let remind_before = section.value("remind_before", duration).unwrap_or(default.remind_before);
    let remind_again = section.value("remind_again", duration).unwrap_or(default.remind_again);
    section.finish();
    Response { within, remind_before, remind_again }
}

pub(crate) fn detect(section: Section<'_, '_>) -> Detect {
    let default = Detect::default();
    let false_alarms = section.value("false_alarms", |item| number(item, 0.01, 100.0));
    section.finish();
    Detect { false_alarms: false_alarms.unwrap_or(default.false_alarms) }
}

pub(crate) fn topics(section: Section<'_, '_>) -> Topics {
    let default = Topics::default();
    let whole = |key: &str, least: u64, most: u64, default: u32| {
        let found = section.value(key, |item| integer(item, least, most));
        found.map_or(default, |number| u32::try_from(number).unwrap_or(u32::MAX))
    };
    let classes = Classes::shipped();
    let names: Vec<(&str, &str)> = classes
        .all()
        .iter()
        .flat_map(|class| [(class.name.as_str(), class.name.as_str()), (&class.english, &class.name)])
        .collect();
    let mute = section.list("mute", |item| choice(item, &names));
    let mute = mute.map(|mute| mute.into_iter().map(|found| found.value.to_owned()).collect());
    let topics = Topics {
        memory: whole("memory", 1, 65_536, default.memory),
        mails_a_day: whole("mails_a_day", 0, 1_000, default.mails_a_day),
        voices: whole("voices", 2, 10_000, default.voices),
        mute: mute.unwrap_or(default.mute),
    };
    section.finish();
    topics
}

pub(crate) fn retention(section: Section<'_, '_>) -> Retention {
    let default = Retention::default();
    let at_least_a_day = |item: &Item<'_>| {
        duration(item).and_then(|duration| {
            if duration >= SignedDuration::from_hours(24) {
                return Ok(duration);
            }
            let message = Words::new("保存时间不能少于一天", "less than a day is too short");
            Err(Mistake::new("bad-retention", message, Words::new("例如 90d", "for example 90d")))
        })
    };
    let posts = section.found("posts", at_least_a_day);
    let counts = section.found("counts", at_least_a_day);
    let retention = Retention {
        posts: posts.as_ref().map_or(default.posts, |posts| posts.value),
        counts: counts.as_ref().map_or(default.counts, |counts| counts.value),
        alerts: section.value("alerts", at_least_a_day).unwrap_or(default.alerts),
        backup: section.value("backup", clock_time).unwrap_or(default.backup),
    };
    let place = counts.as_ref().or(posts.as_ref());
    if let Some(found) = place.filter(|_| retention.counts < retention.posts) {
        let message = Words::new(
            "统计比帖文保存得还短，预期值会算不出来",
            "counts are kept for less time than posts: what is usual could not be told",
        );
        let label = Words::new("让 counts 不短于 posts", "counts at least as long as posts");
        section.notes().error(&found.at, Mistake::new("bad-retention", message, label));
    }
    if let Some(found) = posts.as_ref().filter(|posts| posts.value < SignedDuration::from_hours(28 * 24)) {
        let message = Words::new(
            "帖文不到四周就删，新关切看不到自己的过去，预期不准",
            "posts go before four weeks: a new concern has too little past to know what is usual",
        );
        let label = Words::new("建议至少 28d", "28d at least is advised");
        section.notes().warning(&found.at, Mistake::new("short-retention", message, label));
    }
    later(&section, "backup", true);
    section.finish();
    retention
}
