//! Reads who gets what and when: people, routing, digest, hand-over, quiet hours.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::civil::Weekday;

use analyzer::level::Level;

use crate::address::mail_address;
use crate::measures::LEVELS;
use crate::problem::{Mistake, Words};
use crate::section::{At, Found, Item, Section, nearest};
use crate::settings::{Channel, Days, Digest, Group, Handover, Heartbeat, Quiet, Recipient, Routing};
use crate::value::{
    choice, clock_span, clock_time, duration, integer, no_longer_than_a_name, text, yes_or_no,
};

/// Days of the weekly digest by their names in the file.
const WEEKDAYS: [(&str, Option<Weekday>); 8] = [
    ("none", None),
    ("monday", Some(Weekday::Monday)),
    ("tuesday", Some(Weekday::Tuesday)),
    ("wednesday", Some(Weekday::Wednesday)),
    ("thursday", Some(Weekday::Thursday)),
    ("friday", Some(Weekday::Friday)),
    ("saturday", Some(Weekday::Saturday)),
    ("sunday", Some(Weekday::Sunday)),
];

/// Words that stand for the concern's department in a list of recipients.
const DEPARTMENT: [&str; 2] = ["责任单位", "department"];

/// What other sections said and recipients are checked against.
pub(crate) struct Known<'k> {
    people: &'k [Group],
    channels: &'k [Channel],
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
        if let Err(mistake) = no_longer_than_a_name(name.value.clone()) {
            section.notes().error(&name.at, mistake);
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
        tell_end: section.value("tell_end", |item| choice(item, &LEVELS)).unwrap_or(default.tell_end),
        progress: section.value("progress", yes_or_no).unwrap_or(default.progress),
    };
    section.finish();
    routing
}

pub(crate) fn handover(section: Section<'_, '_>, known: &Known<'_>) -> Handover {
    let default = Handover::default();
    let at = section.list("at", clock_time).map_or(default.at, values);
    let to = if section.is_present() { known.recipients(&section, "to", default.to) } else { default.to };
    section.finish();
    Handover { at, to }
}

pub(crate) fn heartbeat(section: Section<'_, '_>) -> Heartbeat {
    let default = Heartbeat::default();
    let at = section.value("at", clock_time).unwrap_or(default.at);
    section.finish();
    Heartbeat { at }
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
        docx: section.value("docx", yes_or_no).unwrap_or(default.docx),
        weekly: section.value("weekly", |item| choice(item, &WEEKDAYS)).unwrap_or(default.weekly),
    };
    section.finish();
    digest
}

pub(crate) fn quiet(section: Section<'_, '_>) -> Quiet {
    let hours = section.value("hours", clock_span);
    let hold = section.list("hold", |item| choice(item, &LEVELS)).map(values).unwrap_or_default();
    if hours.is_some() && hold.is_empty() {
        let message = Words::new(
            "写了静默时段，但没有写哪些级别要等",
            "quiet hours are given, but no level that waits in them",
        );
        let label = Words::new("加上 hold = [\"blue\", \"yellow\"]", "add hold = [\"blue\", \"yellow\"]");
        section
            .notes()
            .warning(&section.at_key("hours"), Mistake::new("quiet-without-levels", message, label));
    }
    if let Some(high) = hold.iter().find(|level| **level >= Level::Orange) {
        let name = LEVELS.iter().find(|(_, level)| level == high).map_or("", |(name, _)| name);
        let message = Words::new(
            format!("{name} 级预警也要等到静默时段结束，夜里不会有人知道"),
            format!("{name} alerts wait for the end of the quiet hours: nobody knows of them at night"),
        );
        let label = Words::new("橙色、红色一般不等", "orange and red should not wait");
        section.notes().warning(&section.at_key("hold"), Mistake::new("quiet-high-level", message, label));
    }
    section.finish();
    Quiet { hours, hold }
}

impl<'k> Known<'k> {
    pub(crate) fn new(people: &'k [Group], channels: &'k [Channel]) -> Known<'k> {
        Known { people, channels, missing: RefCell::default() }
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
        let channels = self.channels.iter().map(|channel| channel.name.as_str());
        let names = self.people.iter().map(|group| group.name.as_str()).chain(channels).chain(["责任单位"]);
        Err(unknown_group("unknown-group", &name, names))
    }

    fn has(&self, name: &str) -> bool {
        self.people.iter().any(|group| group.name == name)
            || self.channels.iter().any(|channel| channel.name == name)
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
