//! Posts without end: real titles of two hot lists in the order in which they came, and the wordings of the bundled
//! stories, joined, varied and repeated as people do it. The same for the same number.

use crawler::mask::Masks;
use crawler::post::{Draft, IdKey, Post, Publisher};
use jiff::Timestamp;

const TITLES: &[u8] = include_bytes!("../../src/scenario/data/hotlists/posts.jsonl.zst");
const STORIES: [&str; 5] = [
    include_str!("../../src/scenario/data/qinglan/scenario.toml"),
    include_str!("../../src/scenario/data/drills/data.toml"),
    include_str!("../../src/scenario/data/drills/returnees.toml"),
    include_str!("../../src/scenario/data/drills/school.toml"),
    include_str!("../../src/scenario/data/drills/water.toml"),
];
const LEADS: [&str; 8] = ["", "", "", "刚看到，", "求问：", "转：", "说一句，", "大家注意，"];
const TAILS: [&str; 8] = ["", "", "", "。有人知道吗？", "……", "！", "，先记一笔。", "，楼下都在说。"];
const GROUPS: [(&str, Publisher); 6] = [
    ("微博", Publisher::Individual),
    ("论坛", Publisher::Individual),
    ("热线", Publisher::Individual),
    ("留言板", Publisher::Individual),
    ("媒体", Publisher::Media),
    ("政务", Publisher::Gov),
];
/// Sources, seven a group.
pub(crate) const SOURCES: usize = 42;
/// A copy repeats one of so many posts before it.
const RECENT: u64 = 2_000;
/// Titles around the moment among which people choose.
const AROUND: usize = 600;
/// Steps in which these move on.
const STEPS: f64 = 1_000.0;

/// Where texts come from.
pub(crate) struct Stream {
    titles: Vec<String>,
    wordings: Vec<(String, String)>,
    key: IdKey,
}

/// SplitMix64, the same every time.
pub(crate) struct Random(pub u64);

impl Random {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to and without 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to and without `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.draw() % end as u64) as usize
    }

    fn any<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        items.get(self.below(items.len())).unwrap()
    }
}

/// Id, group and publisher of a source.
pub(crate) fn source(number: usize) -> (String, &'static str, Publisher) {
    let (group, publisher) = GROUPS.get(number % GROUPS.len()).unwrap();
    (format!("source-{number}"), group, *publisher)
}

impl Stream {
    pub(crate) fn new() -> Stream {
        let lines = String::from_utf8(zstd::decode_all(TITLES).unwrap()).unwrap();
        let title = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line.get("title").and_then(|title| title.as_str()).unwrap().to_owned()
        };
        let mut wordings = Vec::new();
        for story in STORIES {
            collect(&toml::from_str(story).unwrap(), &mut wordings);
        }
        Stream {
            titles: lines.lines().map(title).collect(),
            wordings,
            key: IdKey::fixed(*b"guanlan load test: no secret her"),
        }
    }

    /// The post of this number, at a place between 0 and 1 of the months from which the titles come.
    pub(crate) fn post(&self, number: u64, place: f64, time: Timestamp) -> Post {
        let (title, text) = self.words(number, place);
        let place = Random(number.wrapping_mul(77)).share();
        // Some sources bring much more than others.
        let (source, group, publisher) = source((place * place * SOURCES as f64) as usize);
        let draft = Draft {
            source: &source,
            group,
            publisher,
            guid: Some(&number.to_string()),
            address: None,
            time,
            first_seen: time,
            title: &title,
            text: &text,
            rank: None,
            heat: None,
            claimed: None,
        };
        draft.finish(&self.key, Masks::default())
    }

    /// Title and text: a copy of a post shortly before, or words of its own.
    pub(crate) fn words(&self, number: u64, place: f64) -> (String, String) {
        let mut random = Random(number);
        if number > RECENT && random.share() < 0.25 {
            // Every twentieth post is one that others repeat.
            let copied = (number - 1 - random.below(RECENT as usize) as u64) / 20 * 20;
            let (title, text) = self.own(copied, place);
            return (title, format!("{text}{}", random.any(&TAILS)));
        }
        self.own(number, place)
    }

    fn own(&self, number: u64, place: f64) -> (String, String) {
        let mut random = Random(number ^ 0x5eed);
        let (first, second, third) =
            (self.title(&mut random, place), self.title(&mut random, place), self.title(&mut random, place));
        let (lead, tail) = (random.any(&LEADS), random.any(&TAILS));
        let number = random.below(9_000);
        if random.share() < 0.15 {
            let (title, text) = random.any(&self.wordings);
            return (title.clone(), format!("{lead}{text}{number}号楼也是，{first}{tail}"));
        }
        match random.below(3) {
            0 => (first.to_owned(), format!("{lead}{second}，{number}人看过，{third}{tail}")),
            1 => (String::new(), format!("{lead}{first}，{second}{tail}")),
            _ => (first.to_owned(), format!("{lead}{second}，第{number}次听说{tail}")),
        }
    }

    /// One of the titles around that moment.
    fn title(&self, random: &mut Random, place: f64) -> &str {
        let last = self.titles.len() - 1;
        // In steps, so that a copy has the words of what it copies.
        let middle = ((place * STEPS).floor() / STEPS * last as f64) as usize;
        let number = (middle + random.below(AROUND)).saturating_sub(AROUND / 2).min(last);
        self.titles.get(number).unwrap()
    }
}

fn collect(value: &toml::Value, wordings: &mut Vec<(String, String)>) {
    match value {
        toml::Value::Table(table) => {
            let field = |name: &str| table.get(name).and_then(|it| it.as_str()).map(str::to_owned);
            if let Some(text) = field("text") {
                wordings.push((field("title").unwrap_or_default(), text));
            }
            table.values().for_each(|value| collect(value, wordings));
        }
        toml::Value::Array(values) => values.iter().for_each(|value| collect(value, wordings)),
        _ => {}
    }
}
