//! Reads who gets what and when: people, routing, levels, deadlines, digest, hand-over, retention.

use std::cell::RefCell;
use std::collections::BTreeSet;

use analyzer::level::{Level, Need, Needs};
use jiff::SignedDuration;

use crate::address::mail_address;
use crate::administrator::later;
use crate::problem::{Mistake, Words};
use crate::section::{At, Found, Item, Section, nearest};
use crate::settings::{
    Days, Detect, Digest, Group, Handover, Levels, Quiet, Recipient, Response, Retention, Routing,
};
use crate::value::{choice, clock_span, clock_time, duration, integer, number, text};

/// Levels by their names in the file.
pub(crate) const LEVELS: [(&str, Level); 4] =
    [("blue", Level::Blue), ("yellow", Level::Yellow), ("orange", Level::Orange), ("red", Level::Red)];

/// Words that stand for the concern's department in a list of recipients.
const DEPARTMENT: [&str; 2] = ["责任单位", "department"];

/// What other sections said and recipients are checked against.
pub(crate) struct Known<'k> {
    people: &'k [Group],
    /// Default groups that are missing: said once, not for every list that goes to them.
    missing: RefCell<BTreeSet<String>>,
}

pub(crate) fn people(section: Section<'_, '_>) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut samples = Vec::new();
    for (name, item) in section.entries() {
        let addresses = section.elements(&item, mail_address);
        let is_empty_list = item.elements().is_some_and(|elements| elements.is_empty());
        if is_empty_list {
            let message = Words::new(
                format!("“{}”这一组没有邮箱", name.value),
                format!("the group \"{}\" has no address", name.value),
            );
            let label = Words::new("写上至少一个邮箱", "give at least one address");
            section.notes().error(&item.at, Mistake::new("empty-group", message, label));
        }
        if DEPARTMENT.contains(&name.value.as_str()) {
            let message = Words::new(
                format!("“{}”有专门的意思，不能作组名", name.value),
                format!("\"{}\" has a meaning of its own and cannot name a group", name.value),
            );
            let label = Words::new("换一个名称", "use another name");
            section.notes().error(&name.at, Mistake::new("reserved-name", message, label));
        }
        samples
            .extend(addresses.iter().filter(|found| is_sample(&found.value)).map(|found| found.at.clone()));
        let addresses = addresses.into_iter().map(|address| address.value).collect();
        groups.push(Group { name: name.value, addresses });
    }
    if groups.is_empty() {
        let message =
            Words::new("通讯录 [people] 是空的，没有人会收到邮件", "[people] is empty: nobody gets mail");
        let label = Words::new("写上“值班室”和它的邮箱", "add the duty desk and its address");
        section.notes().warning(&section.at(), Mistake::new("no-people", message, label));
    }
    check_samples(&section, &samples);
    section.finish();
    groups
}

/// Names reserved for examples: mail to them goes nowhere.
fn is_sample(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default();
    domain.ends_with(".example") || ["example.com", "example.cn", "example.org"].contains(&domain)
}

fn check_samples(section: &Section<'_, '_>, samples: &[At<'_>]) {
    let Some(first) = samples.first() else { return };
    let message = Words::new(
        format!("通讯录里有 {} 个邮箱还是样例，收不到信", samples.len()),
        format!("{} addresses in [people] are still examples and get no mail", samples.len()),
    );
    let label = Words::new("换成真的邮箱", "use a real address");
    section.notes().warning(first, Mistake::new("sample-address", message, label));
}

pub(crate) fn routing(section: Section<'_, '_>, known: &Known<'_>) -> Routing {
    let default = Routing::default();
    let mut to = default.to;
    for ((name, _), recipients) in LEVELS.iter().zip(&mut to) {
        *recipients = known.recipients(&section, name, std::mem::take(recipients));
    }
    let remind_to = known.recipients(&section, "remind_to", default.remind_to);
    let routing = Routing {
        to,
        remind_after: section.value("remind_after", duration).unwrap_or(default.remind_after),
        remind_to,
        update_every: section.value("update_every", duration).unwrap_or(default.update_every),
    };
    for key in ["remind_after", "remind_to", "update_every"] {
        later(&section, key);
    }
    section.finish();
    routing
}

pub(crate) fn handover(section: Section<'_, '_>, known: &Known<'_>) -> Handover {
    let default = Handover::default();
    let at = section.list("at", clock_time).map_or(default.at, values);
    let to = if section.is_present() { known.recipients(&section, "to", default.to) } else { default.to };
    later(&section, "at");
    section.finish();
    Handover { at, to }
}

pub(crate) fn digest(section: Section<'_, '_>, known: &Known<'_>) -> Digest {
    let default = Digest::default();
    let days = [("daily", Days::Daily), ("workdays", Days::Workdays)];
    let digest = Digest {
        send_at: section.value("send_at", clock_time).unwrap_or(default.send_at),
        day_starts: section.value("day_starts", clock_time).unwrap_or(default.day_starts),
        days: section.value("days", |item| choice(item, &days)).unwrap_or(default.days),
        to: known.recipients(&section, "to", default.to),
        top: section
            .value("top", |item| integer(item, 1, 50))
            .and_then(|top| usize::try_from(top).ok())
            .unwrap_or(default.top),
    };
    section.finish();
    digest
}

pub(crate) fn quiet(section: Section<'_, '_>) -> Quiet {
    let hours = section.value("hours", clock_span);
    let hold = section.list("hold", |item| choice(item, &LEVELS)).map(values).unwrap_or_default();
    later(&section, "hours");
    section.finish();
    Quiet { hours, hold }
}

pub(crate) fn levels(section: Section<'_, '_>) -> Levels {
    let default = Levels::default();
    let needs = needs(&section, &default.needs);
    let levels = Levels {
        needs,
        min_voices: voices(&section).unwrap_or(default.min_voices),
        hold: section.value("hold", duration).unwrap_or(default.hold),
    };
    section.finish();
    levels
}

/// The needs of the four levels, each key of each overriding what is inherited.
pub(crate) fn needs(section: &Section<'_, '_>, inherited: &Needs) -> Needs {
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

/// Voices that any level needs.
pub(crate) fn voices(section: &Section<'_, '_>) -> Option<u32> {
    section.value("voices", |item| integer(item, 3, 10_000)).and_then(|voices| u32::try_from(voices).ok())
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
    let mut within = Response::default().within;
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
    section.finish();
    Response { within }
}

pub(crate) fn detect(section: Section<'_, '_>) -> Detect {
    let false_alarms = section.value("false_alarms", |item| number(item, 0.01, 100.0));
    section.finish();
    Detect { false_alarms: false_alarms.unwrap_or(Detect::default().false_alarms) }
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
    later(&section, "backup");
    section.finish();
    retention
}

impl<'k> Known<'k> {
    pub(crate) fn new(people: &'k [Group]) -> Known<'k> {
        Known { people, missing: RefCell::default() }
    }

    /// A list of recipients; names that are no group are reported with the nearest one.
    fn recipients(&self, section: &Section<'_, '_>, key: &str, default: Vec<Recipient>) -> Vec<Recipient> {
        let Some(found) = section.list(key, |item| self.recipient(item)) else {
            let missing = default.iter().find(|recipient| match recipient {
                Recipient::Group(name) => !self.has(name),
                Recipient::Department => false,
            });
            if let Some(Recipient::Group(name)) = missing.filter(|_| !self.people.is_empty())
                && self.missing.borrow_mut().insert(name.clone())
            {
                let message = Words::new(
                    format!("没有写 {key}，默认发给“{name}”，但通讯录 [people] 里没有这一组"),
                    format!("{key} is not given and goes to \"{name}\" by default, which [people] lacks"),
                );
                let label = Words::new(format!("在这里写 {key} = […]"), format!("add {key} = […] here"));
                section.notes().error(&section.at(), Mistake::new("unknown-group", message, label));
            }
            return default;
        };
        values(found)
    }

    fn recipient(&self, item: &Item<'_>) -> Result<Recipient, Mistake> {
        let name = text(item)?;
        if DEPARTMENT.contains(&name.as_str()) {
            return Ok(Recipient::Department);
        }
        if self.has(&name) || self.people.is_empty() {
            return Ok(Recipient::Group(name));
        }
        let names = self.people.iter().map(|group| group.name.as_str()).chain(["责任单位"]);
        Err(unknown_group("unknown-group", &name, names))
    }

    fn has(&self, name: &str) -> bool {
        self.people.iter().any(|group| group.name == name)
    }
}

/// The mistake of a name that is not in `[people]`.
pub(crate) fn unknown_group<'w>(
    code: &'static str,
    name: &str,
    names: impl Iterator<Item = &'w str>,
) -> Mistake {
    let message =
        Words::new(format!("“{name}”不在通讯录 [people] 里"), format!("\"{name}\" is not in [people]"));
    let mistake = Mistake::new(code, message, Words::new("没有这个单位", "no such group"));
    match nearest(name, names) {
        Some(near) => mistake.help(format!("你是不是想写“{near}”？"), format!("did you mean \"{near}\"?")),
        None => mistake.help(
            "在 guanlan.toml 的 [people] 里加上这一组和它的邮箱",
            "add the group and its addresses to [people] in guanlan.toml",
        ),
    }
}

fn values<T>(found: Vec<Found<'_, T>>) -> Vec<T> {
    found.into_iter().map(|found| found.value).collect()
}
