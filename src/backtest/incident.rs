//! What really happened: incidents that people marked, against which alerts are held (docs/detection.md
//! describes both forms of the file). Reads bytes, not files.

use std::collections::BTreeMap;

use analyzer::concern::Concern;
use analyzer::matcher::{Matcher, Text};
use config::Levels;
use crawler::post::Stored;
use crawler::words::Words;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use regress::Regex;
use serde::Deserialize;

/// The busiest so many hours of an incident are its peak, where the file names none.
const PEAK: SignedDuration = SignedDuration::from_hours(6);

/// One incident.
#[derive(Clone, Debug)]
pub(crate) struct Incident {
    /// Identity in the file: its `id`, or its name.
    pub id: String,
    /// An alert raised from here …
    pub from: Timestamp,
    /// … to here may be about it.
    pub to: Timestamp,
    /// Concerns it belongs to; empty means any.
    concerns: Vec<String>,
    about: Option<About>,
    /// Whether it counts: not one that the sources could not show.
    pub counts: bool,
    /// First post about it.
    pub first_seen: Option<Timestamp>,
    /// When it was talked about most.
    pub peak: Option<Timestamp>,
    /// First official reply.
    pub first_response: Option<Timestamp>,
}

/// Which texts are about it.
#[derive(Clone, Debug)]
enum About {
    Pattern(Box<Regex>),
    Words(Box<Matcher>),
}

/// A line of the labelled form, one JSON object each.
#[derive(Deserialize)]
struct Labelled {
    id: String,
    window: [Date; 2],
    regex: String,
    #[serde(default)]
    visibility: Option<String>,
    #[serde(default)]
    first_seen: BTreeMap<String, Option<String>>,
    #[serde(default, alias = "peak_weibo")]
    peak: Option<Timestamp>,
    #[serde(default)]
    first_response: Option<Timestamp>,
}

/// The form written by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    #[serde(default)]
    incident: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    from: String,
    to: String,
    #[serde(default)]
    concern: Option<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    first_seen: Option<String>,
    #[serde(default)]
    peak: Option<String>,
    #[serde(default)]
    answered: Option<String>,
}

/// Reads a file of incidents: JSON Lines if it begins with a brace, else TOML.
///
/// # Errors
/// What is wrong, and where in the file, in both languages.
pub(crate) fn read(text: &str, zone: &TimeZone) -> Result<Vec<Incident>, Words> {
    if text.trim_start().starts_with('{') {
        let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        lines.map(|(line, number)| labelled(line, zone).map_err(|why| in_line(number, &why))).collect()
    } else {
        let file: ByHand = toml::from_str(text).map_err(|error| by_hand_is_wrong(&error.to_string()))?;
        let written = file.incident.into_iter().map(|written| by_hand(written, zone));
        written.collect::<Result<_, _>>().map_err(|why| by_hand_is_wrong(&why))
    }
}

impl Incident {
    /// Whether an alert of that moment, concern and evidence is about it: at least half of the titles are.
    pub(crate) fn covers(&self, at: Timestamp, concern: &str, titles: &[String]) -> bool {
        let is_of_concern = self.concerns.is_empty() || self.concerns.iter().any(|own| own == concern);
        let hits = titles.iter().filter(|title| self.is_about(title)).count();
        let says_so = self.about.is_none() || (hits > 0 && 2 * hits >= titles.len());
        self.from <= at && at <= self.to && is_of_concern && says_so
    }

    /// Finds out from the posts what the file does not say: first post and peak.
    pub(crate) fn learn(&mut self, posts: &[Stored]) {
        if (self.first_seen.is_some() && self.peak.is_some()) || self.about.is_none() {
            return;
        }
        let within = |stored: &&Stored| self.from <= stored.post.time && stored.post.time <= self.to;
        let own = posts.iter().filter(within).filter(|stored| {
            self.is_about(&stored.post.title)
                || (stored.post.title.is_empty() && self.is_about(&stored.post.text))
        });
        let times: Vec<Timestamp> = own.map(|stored| stored.post.time).collect();
        self.first_seen = self.first_seen.or(times.first().copied());
        self.peak = self.peak.or_else(|| busiest(&times));
    }

    fn is_about(&self, title: &str) -> bool {
        match &self.about {
            Some(About::Pattern(pattern)) => pattern.find(title).is_some(),
            Some(About::Words(matcher)) => matcher.matches(&Text::from_parts(title, "")),
            None => true,
        }
    }
}

/// The last moment of the busiest hours.
fn busiest(times: &[Timestamp]) -> Option<Timestamp> {
    let posts = |end: &Timestamp| {
        let until = times.partition_point(|time| time <= end);
        until - times.partition_point(|time| *time < *end - PEAK)
    };
    times.iter().rev().max_by_key(|end| posts(end)).copied()
}

fn labelled(line: &str, zone: &TimeZone) -> Result<Incident, String> {
    let label: Labelled = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let pattern = Regex::new(&label.regex).map_err(|error| error.to_string())?;
    let moment = |text: &String| text.parse::<Timestamp>().ok();
    // The board on which the peak was read comes first; the other keys name platforms, too.
    let on_weibo = label.first_seen.get("weibo").cloned().flatten();
    let named = label.first_seen.iter().filter(|(key, _)| !key.contains('_'));
    let earliest = named.filter_map(|(_, seen)| seen.as_ref().and_then(moment)).min();
    let [first, last] = label.window;
    Ok(Incident {
        id: label.id,
        from: local(first.to_datetime(Time::midnight()), zone)?,
        to: local(last.at(23, 59, 59, 0), zone)?,
        concerns: Vec::new(),
        about: Some(About::Pattern(Box::new(pattern))),
        counts: label.visibility.is_none_or(|visibility| visibility == "normal"),
        first_seen: on_weibo.as_ref().and_then(moment).or(earliest),
        peak: label.peak,
        first_response: label.first_response,
    })
}

fn by_hand(written: Written, zone: &TimeZone) -> Result<Incident, String> {
    let Written { name, from, to, concern, words, first_seen, peak, answered } = written;
    let about_nothing = concern.is_none() && words.is_empty();
    if about_nothing {
        return Err(format!("{name}: concern, words?"));
    }
    let at = |text: &str| moment(text, Time::midnight(), zone).map_err(|why| format!("{name}: {why}"));
    let optional = |text: Option<String>| text.as_deref().map(at).transpose();
    let last_second = Time::constant(23, 59, 59, 0);
    let to = moment(&to, last_second, zone).map_err(|why| format!("{name}: {why}"))?;
    Ok(Incident {
        from: at(&from)?,
        to,
        concerns: concern.into_iter().collect(),
        about: (!words.is_empty()).then(|| About::Words(Box::new(Matcher::new(&Concern::of_words(words))))),
        counts: true,
        first_seen: optional(first_seen)?,
        peak: optional(peak)?,
        first_response: optional(answered)?,
        id: name,
    })
}

/// A concern without words, with the levels of the site.
pub(crate) fn concern_named(name: &str, levels: &Levels) -> Concern {
    Concern { needs: levels.needs, min_voices: levels.min_voices, ..Concern::named(name) }
}

/// `2026-11-24`, `2026-11-24 16:10` in the zone of the site, or RFC 3339.
fn moment(text: &str, of_day: Time, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let day = || text.parse::<Date>().map(|day| day.to_datetime(of_day));
    let local_time = if text.trim().len() > 10 { text.parse::<DateTime>() } else { day() };
    local(local_time.map_err(|error| format!("{text}: {error}"))?, zone)
}

fn local(moment: DateTime, zone: &TimeZone) -> Result<Timestamp, String> {
    zone.to_timestamp(moment).map_err(|error| format!("{moment}: {error}"))
}

fn in_line(number: usize, why: &str) -> Words {
    Words::new(
        format!("第 {number} 行不是事件记录（{why}）：每行一个 JSON，至少要有 id、window、regex"),
        format!(
            "line {number} is no incident ({why}): one JSON object per line with at least id, window, regex"
        ),
    )
}

fn by_hand_is_wrong(why: &str) -> Words {
    Words::new(
        format!(
            "事件文件有误：{why}\n每个事件写一段 [[incident]]：name、from、to，加上 concern 或 words；可加 peak、answered"
        ),
        format!(
            "the file of incidents is wrong: {why}\neach incident is a section [[incident]] with name, from, to, and concern or words; peak and answered may be added"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn titles(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_labelled_line_is_about_titles_of_its_window() {
        let line = r#"{"id":"dalian","category":"疫情","window":["2020-12-20","2020-12-31"],
            "regex":"大连(?!理工).*(疫情|新增)","visibility":"normal",
            "first_seen":{"weibo":"2020-12-20T21:19:34+08:00","weibo_after":"2020-12-20T20:21:18+08:00","zhihu":null},
            "peak_weibo":"2020-12-22T19:20:05+08:00","first_response":"2020-12-21T09:56:26+08:00","n":{"weibo":19}}"#;
        let incidents = read(&line.replace('\n', ""), &zone()).unwrap();
        let [dalian] = incidents.as_slice() else { panic!("{incidents:?}") };
        assert_eq!(dalian.first_seen, Some(time("2020-12-20T21:19:34+08:00")));
        let at = time("2020-12-21T00:00:00+08:00");
        assert!(dalian.covers(at, "any", &titles(&["大连疫情", "大连新增确诊", "大连理工新增专业", "别的"])));
        assert!(!dalian.covers(at, "any", &titles(&["大连疫情", "大连理工新增专业", "别的"])));
        assert!(!dalian.covers(at, "any", &[]));
        assert!(!dalian.covers(time("2021-01-01T00:00:00+08:00"), "any", &titles(&["大连疫情"])));
        assert!(dalian.counts);
    }

    #[test]
    fn by_hand_a_concern_or_words_and_two_days_are_enough() {
        let text = r#"
            [[incident]]
            name = "老城区停水"
            from = "2026-11-20"
            to = "2026-11-21"
            concern = "供水"
            answered = "2026-11-20 18:30"
            [[incident]]
            name = "返乡"
            words = ["返乡 核酸", "回家过年"]
            from = "2026-11-20 08:00"
            to = "2026-11-21 20:00"
        "#;
        let incidents = read(text, &zone()).unwrap();
        let noon = time("2026-11-21T12:00:00+08:00");
        assert!(incidents[0].covers(noon, "供水", &[]) && !incidents[0].covers(noon, "交通", &[]));
        assert_eq!(incidents[0].first_response, Some(time("2026-11-20T18:30:00+08:00")));
        assert_eq!(incidents[0].to, time("2026-11-21T23:59:59+08:00"));
        assert!(incidents[1].covers(noon, "供水", &titles(&["返乡要不要核酸"])));
        assert!(!incidents[1].covers(noon, "供水", &titles(&["返乡创业"])));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let broken = read("{\"id\":\"a\"}\n", &zone()).unwrap_err();
        assert!(broken.en.contains("line 1") && broken.zh.contains("第 1 行"), "{broken:?}");
        let nothing = "[[incident]]\nname = \"x\"\nfrom = \"2026-11-20\"\nto = \"2026-11-21\"\n";
        assert!(read(nothing, &zone()).is_err());
        assert!(read("[[incident]]\nnmae = \"x\"\n", &zone()).unwrap_err().en.contains("nmae"));
    }

    #[test]
    fn the_peak_is_the_end_of_the_busiest_six_hours() {
        let hours = |hours: &[i64]| -> Vec<Timestamp> {
            hours
                .iter()
                .map(|hour| time("2026-11-20T00:00:00Z") + SignedDuration::from_hours(*hour))
                .collect()
        };
        assert_eq!(busiest(&hours(&[0, 10, 12, 14, 30])), Some(time("2026-11-20T14:00:00Z")));
        assert_eq!(busiest(&[]), None);
    }
}
