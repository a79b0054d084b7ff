//! Replays real hot-list titles against one office's concerns and prints the alerts: a tool for choosing thresholds.
//!
//! `cargo run --example hotlist -- FROM TO VOICES[,SIX_HOURS,DAY,HALF_LIFE] POSTS=SNAPSHOTS …` with plain JSON lines.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

use analyzer::analyst::Analyst;
use analyzer::concern::{Concern, Scope};
use analyzer::detect::Detection;
use analyzer::level::Needs;
use crawler::post::{Post, PostId, Publisher, Stored};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

fn concern(name: &str, words: &[&str], min_voices: u32) -> Concern {
    Concern {
        id: name.to_owned(),
        name: name.to_owned(),
        name_en: None,
        department: None,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        not: Vec::new(),
        scope: Scope::Title,
        asks: Vec::new(),
        replies: Vec::new(),
        advice: None,
        reply_within: None,
        max_level: None,
        needs: Needs::default(),
        min_voices,
    }
}

fn concerns(min_voices: u32) -> Vec<Concern> {
    let all: &[(&str, &[&str])] = &[
        ("数据公布", &["数据 公布", "数据 公开", "通报 病例", "情况 通报", "瞒报"]),
        ("返乡", &["返乡", "回乡"]),
        ("隔离", &["隔离"]),
        ("封闭", &["封闭管理", "封闭 小区", "封村", "封城", "出入证"]),
        ("健康码", &["健康码", "弹窗", "健康宝"]),
        ("核酸", &["核酸"]),
        ("疫苗", &["疫苗"]),
        ("医疗", &["医院", "看病", "药品", "急诊"]),
        ("物价", &["物价", "涨价", "菜价", "物资", "抢购"]),
        ("学校", &["停课", "复课", "开学", "寒假", "返校"]),
        ("交通", &["停运", "火车票", "高铁", "地铁", "航班", "春运"]),
        ("志愿者", &["志愿者", "捐赠", "捐款"]),
        ("口径", &["口径", "基层 负担", "形式主义", "一刀切"]),
        ("谣言", &["谣言", "辟谣", "不实"]),
        ("加码", &["加码"]),
    ];
    all.iter().map(|(name, words)| concern(name, words, min_voices)).collect()
}

enum Happening {
    Beat(String),
    Post(Box<Post>),
}

fn lines(path: &str) -> impl Iterator<Item = serde_json::Value> {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    BufReader::new(file).lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok())
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let time = |text: &str| text.parse::<Timestamp>().unwrap_or_else(|error| panic!("{text}: {error}"));
    let (from, to) = (time(&arguments[0]), time(&arguments[1]));
    let min_voices = arguments[2].split(',').next().and_then(|voices| voices.parse().ok()).unwrap_or(5);
    let mut happenings: BTreeMap<(Timestamp, u64), Happening> = BTreeMap::new();
    let mut number = 0;
    for pair in arguments[3..].iter().filter(|argument| argument.contains('=')) {
        let (posts, snapshots) = pair.split_once('=').unwrap_or((pair, ""));
        let source = if posts.contains("weibo") { "weibo" } else { "zhihu" };
        for line in lines(snapshots) {
            number += 1;
            let at = time(line["ts"].as_str().unwrap_or_default());
            happenings.insert((at, number), Happening::Beat(source.to_owned()));
        }
        for line in lines(posts) {
            number += 1;
            let at = time(line["ts"].as_str().unwrap_or_default());
            let mut id = [0; 16];
            id[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
            let Some(id) = PostId::from_bytes(&id) else { continue };
            let post = Post {
                id,
                source: source.to_owned(),
                group: source.to_owned(),
                publisher: Publisher::Platform,
                time: at,
                first_seen: at,
                title: line["title"].as_str().unwrap_or_default().to_owned(),
                text: String::new(),
                address: None,
                rank: None,
                heat: None,
            };
            happenings.insert((at, number), Happening::Post(Box::new(post)));
        }
    }
    let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
    let mut settings = Detection::default();
    let mut numbers = arguments[2].split(',').skip(1).filter_map(|number| number.parse::<f64>().ok());
    settings.six_hours = numbers.next().unwrap_or(settings.six_hours);
    settings.day = numbers.next().unwrap_or(settings.day);
    settings.level_half_life = numbers.next().unwrap_or(settings.level_half_life);
    let mut analyst = Analyst::new(concerns(min_voices), Vec::new(), settings, zone.clone());
    let mut raised: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut alerts: BTreeMap<String, u32> = BTreeMap::new();
    let verbose = std::env::args().any(|argument| argument == "-v");
    let mut next = from;
    for ((at, _), happening) in happenings {
        if at > to {
            break;
        }
        while next <= at {
            for signal in analyst.close(next) {
                if verbose && signal.concern == "返乡" && signal.observed.posts > 2 {
                    println!("{} {:?}", zone.to_datetime(signal.at), signal);
                }
                if signal.at < from || signal.score < 0.5 && signal.in_band {
                    continue;
                }
                if signal.level.is_ok() {
                    let fresh = raised
                        .get(&signal.concern)
                        .is_none_or(|last| signal.at.duration_since(*last) > SignedDuration::from_hours(24));
                    if fresh {
                        *alerts.entry(signal.concern.clone()).or_default() += 1;
                        println!(
                            "{} {} {:?} {:?} score {:.2} posts {} voices {} expected {:.2} ({}–{}) onset {}",
                            zone.to_datetime(signal.at).strftime("%m-%d %H:%M"),
                            signal.concern,
                            signal.level,
                            signal.window,
                            signal.score,
                            signal.observed.posts,
                            signal.observed.voices,
                            signal.expected.mean,
                            signal.expected.low,
                            signal.expected.high,
                            signal.onset.map_or_else(String::new, |at| zone
                                .to_datetime(at)
                                .strftime("%m-%d %H:%M")
                                .to_string()),
                        );
                    }
                    raised.insert(signal.concern.clone(), signal.at);
                }
            }
            next += SignedDuration::from_mins(1) * 10;
        }
        match happening {
            Happening::Beat(source) => analyst.heartbeat(&source, at, true),
            Happening::Post(post) => {
                let voice = post.id.voice();
                analyst.observe(&Stored { sequence: 0, revision: 0, voice, post: *post });
            }
        }
    }
    let days = to.duration_since(from).as_hours() as f64 / 24.0;
    let total: u32 = alerts.values().sum();
    println!(
        "{alerts:?}\n{total} alerts in {days:.0} days = one in {:.1} days",
        days / f64::from(total.max(1))
    );
}
