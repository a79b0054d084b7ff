//! One invented afternoon in 青岚市, for tests: what mails and pages are shown with.

use analyzer::concern::{AskRule, Concern};
use analyzer::effect::interval::Interval;
use analyzer::effect::{Against, Effect, Pace, Shares, Without};
use analyzer::explain::{
    AskCount, Explanation, GroupShare, Point, Quote, RisingWord, Statement, StatementKind,
};
use analyzer::forecast::{Ahead, Chance, Forecast, Horizon, Unforeseen};
use analyzer::intent::IntentCounts;
use analyzer::level::Level;
use analyzer::rarity::OnceIn;
use analyzer::signal::{Expected, Observed, Signal, SourceState, Span, Window};
use analyzer::statement::{Answer, Answered, Asking, Basis};
use crawler::post::Publisher;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::alert::{Alert, AlertId, Event, State, Step};
use crate::message::{AlertMail, Beside, Language, Site};

pub(crate) struct Sample {
    pub(crate) site: Site,
    pub(crate) alert: Alert,
    pub(crate) concern: Concern,
    pub(crate) signal: Signal,
    pub(crate) explanation: Explanation,
    pub(crate) step: Step,
    pub(crate) claim: Option<String>,
    pub(crate) beside: Vec<Beside>,
    pub(crate) levels: Vec<(Timestamp, Level)>,
    pub(crate) now: Timestamp,
}

pub(crate) fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00+08:00").parse().unwrap()
}

impl Sample {
    pub(crate) fn mail(&self) -> AlertMail<'_> {
        AlertMail {
            site: &self.site,
            alert: &self.alert,
            concern: &self.concern,
            signal: &self.signal,
            explanation: &self.explanation,
            step: self.step,
            group: "值班室",
            claim: self.claim.as_deref(),
            beside: &self.beside,
            levels: &self.levels,
            now: self.now,
        }
    }

    /// 数据公布 has risen to orange at 14:00.
    pub(crate) fn orange() -> Sample {
        let levels = vec![
            (at("24T13:20"), Level::Blue),
            (at("24T13:30"), Level::Yellow),
            (at("24T14:00"), Level::Orange),
        ];
        Sample {
            site: site(),
            alert: alert(),
            concern: concern(),
            signal: signal(),
            explanation: explanation(),
            step: Step::Escalated,
            claim: None,
            beside: Vec::new(),
            levels,
            now: at("24T14:00"),
        }
    }

    /// The same alert, answered at 16:10 and closed by itself at 23:00.
    pub(crate) fn resolved() -> Sample {
        let mut sample = Sample::orange();
        sample.step = Step::Resolved;
        let answer = Event::Responded {
            by: "市卫健委".to_owned(),
            url: Some("https://wjw.qinglan.example/1124".to_owned()),
            at: at("24T16:10"),
        };
        sample.alert.events.push((at("24T16:12"), answer));
        sample.alert.events.push((at("24T23:00"), Event::Resolved { by: None }));
        sample.alert.state = State::Resolved;
        sample.alert.level = Level::Blue;
        sample.alert.closed_at = Some(at("24T23:00"));
        sample.signal.at = at("24T23:00");
        sample.signal.observed = Observed { posts: 47, copies: 9, voices: 38, sources: 4 };
        sample.signal.expected = Expected { mean: 52.0, low: 30.0, high: 81.0 };
        sample.signal.ratio = 47.0 / 52.0;
        sample.levels.push((at("24T18:20"), Level::Yellow));
        sample.levels.push((at("24T20:10"), Level::Blue));
        sample.explanation.curve = curve(at("24T23:00"), &[(at("24T13:00"), at("24T16:20"), 219.0)]);
        sample.explanation.statements.push(Statement {
            kind: StatementKind::Official,
            time: at("24T16:10"),
            source: "市卫健委网站".to_owned(),
            title: "关于监测数据发布时间的说明".to_owned(),
            address: Some("https://wjw.qinglan.example/1124".to_owned()),
        });
        sample.explanation.answered = Some(Answered::Answered {
            answer: Answer { at: at("24T16:10"), by: "市卫健委".to_owned(), basis: Basis::Recorded },
            asking: Asking::Fewer { before: 200, after: 30, hours: 6 },
        });
        sample.explanation.effect = Some(Ok(effect()));
        sample
    }

    /// A hot list: six titles in six hours, one expected.
    pub(crate) fn hot_list() -> Sample {
        let mut sample = Sample::orange();
        sample.step = Step::Raised;
        sample.alert.level = Level::Blue;
        sample.alert.highest = Level::Blue;
        sample.concern.name = "返乡人员政策".to_owned();
        sample.concern.name_en = None;
        sample.concern.advice = None;
        sample.concern.department = None;
        sample.concern.min_voices = 3;
        sample.signal.span = Span::SixHours;
        sample.signal.window = Window::SixHours;
        sample.signal.level = Ok(Level::Blue);
        sample.signal.observed = Observed { posts: 6, copies: 1, voices: 5, sources: 2 };
        sample.signal.expected = Expected { mean: 0.62, low: 0.0, high: 2.0 };
        sample.signal.ratio = 9.7;
        sample.signal.forecast = Err(Unforeseen::TooFew);
        sample.levels = vec![(at("24T14:00"), Level::Blue)];
        sample.explanation.asks.clear();
        sample.explanation.asks_other = 0;
        sample.explanation.intents = IntentCounts { posts: 6, questions: 4, complaints: 0, help: 0 };
        sample.explanation.groups = vec![group("微博热搜", 4, 0.4), group("知乎热榜", 2, 0.2)];
        sample.explanation.quotes = vec![Quote {
            excerpt: "返乡需要核酸检测证明吗".to_owned(),
            group: "微博热搜".to_owned(),
            publisher: Publisher::Platform,
            similar: 1,
            time: at("24T13:10"),
            address: Some("https://hot.example/1".to_owned()),
        }];
        sample.explanation.curve.iter_mut().for_each(|point| {
            point.posts = Some(u32::from(point.at >= at("24T09:00")) + u32::from(point.at >= at("24T13:30")));
            point.expected = Expected { mean: 0.1, low: 0.0, high: 1.0 };
        });
        sample
    }
}

fn site() -> Site {
    Site {
        org: "青岚市".to_owned(),
        public_url: Some("http://10.20.0.8:8417".to_owned()),
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        language: Language::Chinese,
        staging: crate::staging::Staging::Real,
    }
}

fn alert() -> Alert {
    let id: AlertId = "20261124-03".parse().unwrap();
    let raised = Event::Raised {
        concern: "数据公布".to_owned(),
        level: Level::Blue,
        onset: at("24T13:10"),
        deadline: at("26T13:20"),
        first_post: Some(at("24T13:04")),
        under: None,
    };
    let escalated = |level, deadline| Event::Escalated { level, deadline };
    Alert {
        id,
        concern: "数据公布".to_owned(),
        level: Level::Orange,
        highest: Level::Orange,
        state: State::Firing,
        onset: at("24T13:10"),
        raised_at: at("24T13:20"),
        first_post: Some(at("24T13:04")),
        deadline: at("25T14:00"),
        subsiding_since: None,
        closed_at: None,
        muted_until: None,
        unwatched: None,
        events: vec![
            (at("24T13:20"), raised),
            (at("24T13:20"), Event::FirstNotice { deadline: at("26T13:20") }),
            (at("24T13:30"), escalated(Level::Yellow, at("26T13:20"))),
            (at("24T14:00"), escalated(Level::Orange, at("25T14:00"))),
        ],
    }
}

fn concern() -> Concern {
    Concern {
        name_en: Some("Data disclosure".to_owned()),
        department: Some("市卫健委".to_owned()),
        words: vec!["数据 公布".to_owned()],
        asks: vec![AskRule {
            label: "数据什么时候公布".to_owned(), words: vec!["什么时候".to_owned()]
        }],
        advice: Some("先报已核实的数字和下次更新时间；暂时没有的，说明何时能有。".to_owned()),
        ..Concern::named("数据公布")
    }
}

fn signal() -> Signal {
    Signal {
        concern: "数据公布".to_owned(),
        at: at("24T14:00"),
        level: Ok(Level::Orange),
        score: 3.24,
        window: Window::HalfHour,
        span: Span::Hour,
        observed: Observed { posts: 219, copies: 63, voices: 156, sources: 4 },
        expected: Expected { mean: 43.0, low: 23.0, high: 66.0 },
        ratio: 219.0 / 43.0,
        onset: Some(at("24T13:10")),
        in_band: false,
        coverage: 0.96,
        once_in_weeks: Some(OnceIn { weeks: 260.0, or_more: false }),
        forecast: Ok(forecast()),
    }
}

fn forecast() -> Forecast {
    let ahead = |horizon, median, likely, nearly_sure| Ahead { horizon, median, likely, nearly_sure };
    Forecast {
        ahead: vec![
            ahead(Horizon::OneHour, 231.0, (148.0, 352.0), (112.0, 471.0)),
            ahead(Horizon::ThreeHours, 604.0, (331.0, 1012.0), (240.0, 1530.0)),
            ahead(Horizon::SixHours, 1048.0, (523.0, 2089.0), (371.0, 3240.0)),
        ],
        next: Some(Chance {
            level: Level::Red,
            within: vec![(Horizon::OneHour, 0.16), (Horizon::ThreeHours, 0.29), (Horizon::SixHours, 0.34)],
        }),
    }
}

/// What came after an answer at 16:10: it helped.
pub(crate) fn effect() -> Effect {
    let interval = |value, low, high| Interval { value, low, high };
    Effect {
        answered_at: at("24T16:10"),
        hours: 6,
        posts: (550, 170),
        usual: 30.0,
        change: Ok(interval(0.309, 0.26, 0.37)),
        without: Ok(Without {
            forecast: Ahead {
                horizon: Horizon::SixHours,
                median: 523.0,
                likely: (381.0, 704.0),
                nearly_sure: (300.0, 900.0),
            },
            verdict: Against::FarBelow,
        }),
        questions: (200, 30),
        share: Ok(Shares {
            before: interval(0.4, 0.35, 0.46),
            after: interval(0.17, 0.11, 0.24),
            change: interval(-0.23, -0.31, -0.15),
        }),
        pace: Pace {
            before: Ok(interval(0.02, -0.1, 0.14)),
            after: Ok(interval(-0.366, -0.46, -0.277)),
            without: Some(-0.173),
        },
        still_asked: vec![AskCount { label: "什么时候公布".to_owned(), posts: 12 }],
    }
}

fn group(name: &str, posts: u32, expected: f64) -> GroupShare {
    GroupShare { group: name.to_owned(), posts, expected }
}

fn explanation() -> Explanation {
    let ask = |label: &str, posts| AskCount { label: label.to_owned(), posts };
    let source = |id: &str, name: &str, late_minutes| SourceState {
        id: id.to_owned(),
        name: name.to_owned(),
        late_minutes,
        pause: None,
    };
    Explanation {
        groups: vec![
            group("微博", 118, 19.0),
            group("青岚论坛", 61, 12.0),
            group("政务留言", 24, 6.0),
            group("新闻", 16, 4.0),
        ],
        asks: vec![
            ask("数据什么时候公布", 88),
            ask("网传数字是否属实", 54),
            ask("能否公布到街道", 29),
            ask("在哪里能看到通报", 20),
        ],
        asks_other: 28,
        question_share: 0.62,
        intents: IntentCounts { posts: 219, questions: 136, complaints: 31, help: 4 },
        words: vec![RisingWord { word: "什么时候".to_owned(), posts: 88, expected: 9.7 }],
        quotes: vec![
            quote(
                "监测数据到底什么时候公布？上午说下午出，到现在还没看到通报，家里老人一直在问。",
                "微博",
                55,
                "24T13:08",
            ),
            quote(
                "希望像上次那样每天固定时间公布，哪怕没有变化也说一声，大家心里有数。",
                "青岚论坛",
                41,
                "24T12:52",
            ),
            quote("群里传的数字和昨天的通报对不上，哪个是真的？请尽快公布准确数据。", "微博", 36, "24T13:47"),
        ],
        statements: Vec::new(),
        curve: curve(at("24T14:00"), &[(at("24T13:00"), at("24T14:00"), 219.0)]),
        overlaps: Vec::new(),
        first_post: Some(at("24T13:04")),
        sources: vec![
            source("weibo", "微博（本地话题）", None),
            source("forum", "青岚论坛", None),
            source("county", "县区网站留言板", Some(38)),
        ],
        ..Explanation::default()
    }
}

fn quote(excerpt: &str, group: &str, similar: u32, time: &str) -> Quote {
    Quote {
        excerpt: excerpt.to_owned(),
        group: group.to_owned(),
        publisher: Publisher::Individual,
        similar,
        time: at(time),
        address: None,
    }
}

/// 24 hours of a usual day, with rises (from, peak, posts) that fall back in the time they rose.
pub(crate) fn curve(end: Timestamp, rises: &[(Timestamp, Timestamp, f64)]) -> Vec<Point> {
    let ten_minutes = SignedDuration::from_mins(10);
    let mut at = end - SignedDuration::from_hours(24);
    let mut points = Vec::new();
    let mut step = 0_u32;
    while at <= end {
        let hour = ((at.as_second() + 8 * 3600) % 86_400) as f64 / 3600.0;
        let evening = (-((hour - 20.5) / 3.2).powi(2)).exp();
        let noon = (-((hour - 12.5) / 3.6).powi(2)).exp();
        let mean = 9.0 + 48.0 * evening + 38.0 * noon;
        let noise = f64::from((step * 7919 + 13) % 11) / 11.0 - 0.5;
        let mut posts = mean * (1.0 + 0.35 * noise);
        for (from, peak, height) in rises {
            let length = (peak.as_second() - from.as_second()) as f64;
            let way = (at.as_second() - from.as_second()) as f64 / length;
            let share = if way < 0.0 {
                0.0
            } else if way <= 1.0 {
                way.powf(1.5)
            } else {
                (2.0 - way).max(0.0)
            };
            posts = posts.max(posts + (height - posts) * share);
        }
        let expected = Expected { mean, low: mean * 0.53, high: mean * 1.54 };
        let expected = if at == end { Expected { mean: 43.0, low: 23.0, high: 66.0 } } else { expected };
        points.push(Point { at, posts: Some(posts.round() as u32), expected });
        at += ten_minutes;
        step += 1;
    }
    points
}
