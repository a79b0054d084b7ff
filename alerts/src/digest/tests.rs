use analyzer::digest::{AskShare, ConcernFigures, Outage};
use analyzer::explain::Quote;
use analyzer::signal::Expected;
use crawler::post::Publisher;
use expect_test::expect_file;
use jiff::civil::date;

use super::*;
use analyzer::effect::Unmeasured;

use crate::alert::{Event, Under};
use crate::message::sample::{Sample, at, curve, effect};

pub(crate) struct Day {
    sample: Sample,
    pub(crate) figures: DigestFigures,
    alerts: Vec<Alert>,
    effects: Vec<(AlertId, Measured<Effect>)>,
    statements: Vec<(String, Vec<Statement>)>,
}

impl Day {
    /// 数据公布 rose to orange and was answered; a second concern was quiet.
    pub(crate) fn lively() -> Day {
        let sample = Sample::resolved();
        let alerts = vec![sample.alert.clone()];
        let statements = vec![("数据公布".to_owned(), sample.explanation.statements.clone())];
        let rise = [(at("24T13:00"), at("24T16:20"), 219.0)];
        let main = ConcernFigures {
            asks: vec![
                ask("数据什么时候公布", 420, 0.40, Some(0.12)),
                ask("网传数字是否属实", 250, 0.24, Some(0.2)),
            ],
            quote: Some(quote("群里传的数字和昨天的通报对不上，哪个是真的？", 36)),
            above: Some((at("24T13:20"), at("24T19:10"))),
            curve: curve(at("25T08:00"), &rise),
            ..figures("数据公布", 1046, 960)
        };
        let figures = DigestFigures {
            from: at("24T08:00"),
            to: at("25T08:00"),
            posts: 12_478,
            previous: Some(10_310),
            concerns: vec![main, figures("学校复课", 402, 415)],
            curve: curve(at("25T08:00"), &rise),
            sources: 7,
            outages: vec![Outage {
                source: "county".to_owned(),
                name: "县区网站留言板".to_owned(),
                from: at("24T02:10"),
                to: at("24T03:25"),
            }],
            new_words: vec![("报备码".to_owned(), 31)],
        };
        let effects = vec![(alerts[0].id, Ok(effect()))];
        Day { sample, figures, alerts, effects, statements }
    }

    fn quiet() -> Day {
        let mut day = Day::lively();
        day.alerts.clear();
        day.statements.clear();
        day.figures.outages.clear();
        for concern in &mut day.figures.concerns {
            (concern.posts, concern.above) = (20, None);
        }
        day
    }

    pub(crate) fn digest(&self) -> Digest<'_> {
        Digest {
            site: &self.sample.site,
            day: date(2026, 11, 25),
            scope: Scope::Day,
            issue: Some(328),
            top: 5,
            figures: &self.figures,
            concerns: std::slice::from_ref(&self.sample.concern),
            alerts: &self.alerts,
            statements: &self.statements,
            effects: &self.effects,
            newest: &[],
            topics: &[],
        }
    }
}

fn figures(concern: &str, posts: u32, previous: u32) -> ConcernFigures {
    ConcernFigures {
        concern: concern.to_owned(),
        posts,
        previous,
        expected: Expected { mean: 400.0, low: 300.0, high: 520.0 },
        peak: None,
        above: None,
        asks: Vec::new(),
        question_share: 0.0,
        intents: analyzer::intent::IntentCounts::default(),
        quote: None,
        curve: curve(at("25T08:00"), &[]),
    }
}

fn ask(label: &str, posts: u32, share: f64, previous_share: Option<f64>) -> AskShare {
    AskShare { label: label.to_owned(), posts, share, previous_share }
}

fn quote(excerpt: &str, similar: u32) -> Quote {
    Quote {
        excerpt: excerpt.to_owned(),
        group: "微博".to_owned(),
        publisher: Publisher::Individual,
        similar,
        time: at("24T13:47"),
        address: None,
    }
}

#[test]
fn the_text_part_is_complete() {
    let (lively, quiet) = (Day::lively(), Day::quiet());
    for (day, language, expected) in [
        (&lively, Language::Chinese, expect_file!["tests/lively-zh.txt"]),
        (&lively, Language::English, expect_file!["tests/lively-en.txt"]),
        (&quiet, Language::Chinese, expect_file!["tests/quiet-zh.txt"]),
    ] {
        expected.assert_eq(&digest_mail(&day.digest(), "宣传部", language).text);
    }
}

#[test]
fn a_day_with_nothing_notable_is_one_line_and_the_notes() {
    let quiet = Day::quiet();
    let mail = digest_mail(&quiet.digest(), "宣传部", Language::Chinese);
    let asked_for = digest_mail(&quiet.digest(), "", Language::Chinese);
    assert!(!asked_for.text.contains("您在“") && !asked_for.html.contains("您在“"), "{}", asked_for.text);
    assert_eq!(mail.text.lines().count(), asked_for.text.lines().count() + 1);
    assert!(mail.html.contains("昨日 2 项关切均在预期区间内。") && mail.html.contains("八、数据说明"));
    let mut loud = Day::quiet();
    loud.figures.concerns[0].above = Some((at("24T20:00"), at("24T23:00")));
    let told = digest_mail(&loud.digest(), "", Language::Chinese).text;
    assert!(told.contains("昨日 2 项关切均无预警，个别时段高于预期区间。"), "{told}");
    assert!(!mail.html.contains("二、热点关切") && mail.chart.is_none() && !mail.html.contains("<img"));
    let mut found = Day::quiet();
    found.statements = Day::lively().statements;
    let mail = digest_mail(&found.digest(), "宣传部", Language::Chinese);
    assert!(
        mail.html.contains("关于监测数据发布时间的说明") && mail.text.contains("关于监测数据发布时间的说明")
    );
    let mut above = Day::quiet();
    above.figures.concerns[1].posts = 521;
    assert!(digest_mail(&above.digest(), "宣传部", Language::Chinese).html.contains("二、热点关切"));
}

#[test]
fn the_overview_can_be_pasted() {
    let mut day = Day::lively();
    let overview = day.digest().content(Language::Chinese).overview;
    assert!(overview.chars().count() <= 200, "{overview}");
    day.sample.concern.name = "长".repeat(200);
    day.figures.concerns[0].asks[0].label = "问".repeat(200);
    let overview = day.digest().content(Language::Chinese).overview;
    assert!(overview.chars().count() <= 200 && overview.ends_with('。'), "{overview}");
}

#[test]
fn titles_that_report_official_replies_are_listed_with_their_concern() {
    let day = Day::lively();
    let content = day.digest().content(Language::Chinese);
    let official = &content.official[0];
    assert_eq!(
        (official.name.as_str(), official.origin.as_str()),
        ("数据公布", "市卫健委网站 · 11月24日 16:10")
    );
    let mail = digest_mail(&day.digest(), "宣传部", Language::Chinese);
    assert!(
        mail.html.contains("https://wjw.qinglan.example/1124")
            && mail.text.contains("https://wjw.qinglan.example/1124")
    );
}

#[test]
fn a_level_counts_for_the_spans_in_which_it_stood() {
    use analyzer::level::Level;
    let day = Day::lively();
    let highest = |from: &str, to: &str| {
        let figures = DigestFigures { from: at(from), to: at(to), ..day.figures.clone() };
        facts::highest(&Digest { figures: &figures, ..day.digest() }, "数据公布")
    };
    assert_eq!(highest("24T08:00", "25T08:00"), Some(Level::Orange));
    assert_eq!(highest("24T08:00", "24T13:25"), Some(Level::Blue));
    assert_eq!(highest("24T15:00", "24T16:00"), Some(Level::Orange), "it stood at orange all the while");
    assert_eq!(highest("25T00:00", "25T08:00"), None, "closed the evening before");
    assert_eq!(highest("23T08:00", "24T08:00"), None, "not yet raised");
}

#[test]
fn what_came_after_an_answer_has_its_interval_or_says_that_it_is_too_early() {
    let mut day = Day::lively();
    let effect = |day: &Day| day.digest().content(Language::Chinese).replies[0].cells[4].clone();
    assert_eq!(effect(&day), "6 小时 0.31 倍（0.26–0.37），明显低于预测");
    day.effects[0].1 = Err(Unmeasured::TooEarly { passed: 20, needed: 1 });
    assert_eq!(effect(&day), "尚早");
    day.effects[0].1 = Err(Unmeasured::Gap);
    assert_eq!(effect(&day), "其间采集不全");
    day.effects.clear();
    assert_eq!(effect(&day), "—");
}

#[test]
fn what_is_still_rising_is_told_with_its_forecast_and_how_seldom_it_is() {
    let (mut day, open) = (Day::lively(), Sample::orange());
    day.alerts = vec![open.alert.clone()];
    let newest = [analyzer::signal::Signal { at: at("25T07:50"), ..open.signal.clone() }];
    let sum = |day: &Day, newest, language| Digest { newest, ..day.digest() }.content(language).replies_sum;
    let said = sum(&day, &newest, Language::Chinese);
    let expected = "数据公布仍在上升，未来 3 小时约 600 帖（八成可能 330–1,000）（截至 11月25日 07:50）。\
        按校准结果，这样高的得分在一项关切上约每 260 周偶然一次。";
    assert!(said.contains(expected), "{said}");
    let english = sum(&day, &newest, Language::English);
    assert!(english.contains("is still rising; next 3 hours: about 600 posts"), "{english}");
    assert!(english.contains("by chance about once in 260 weeks."), "{english}");
    // What was judged long before the digest, or is over, is not told as rising.
    let old = [analyzer::signal::Signal { at: at("25T04:50"), ..newest[0].clone() }];
    assert!(!sum(&day, &old, Language::Chinese).contains("仍在上升"));
    day.alerts = Day::lively().alerts;
    assert!(!sum(&day, &newest, Language::Chinese).contains("仍在上升"));
}

#[test]
fn small_groups_are_not_quoted_and_collected_text_cannot_act() {
    let mut day = Day::lively();
    day.figures.concerns[0].quote = Some(quote("四人组", 4));
    day.figures.new_words = vec![("<script>\u{202e}".to_owned(), 9)];
    day.figures.concerns[0].asks[0].label = "<img src=x onerror=alert(1)>".repeat(500);
    day.figures.outages[0].name = "\r\n<b>x".to_owned();
    day.statements[0].1[0].address = Some("javascript:alert(1)".to_owned());
    for language in [Language::Chinese, Language::English] {
        let mail = digest_mail(&day.digest(), "<i>\u{202e}", language);
        for part in [&mail.text, &mail.html] {
            assert!(!part.contains("四人组") && !part.contains('\u{202e}') && !part.contains("javascript:"));
        }
        for forbidden in ["<script", "<img src=x", "<i>", "<b>x", "<svg", "data:", "var(", "src=\"http"] {
            assert!(!mail.html.contains(forbidden), "{forbidden}");
        }
        assert!(mail.html.len() < 60_000 && mail.html.ends_with("</html>"));
    }
}

#[test]
fn a_concern_that_was_removed_is_named_as_its_alert_noted_it() {
    let mut day = Day::lively();
    for (_, event) in &mut day.alerts[0].events {
        if let Event::Raised { under, .. } = event {
            let department = Some("市统计局".to_owned());
            *under = Some(Under { name: "统计数据公布".to_owned(), department, ..Under::default() });
        }
    }
    let digest = Digest { concerns: &[], ..day.digest() };
    let hot = digest.content(Language::Chinese).hot;
    assert_eq!(hot[0].name, "统计数据公布");
    assert!(hot[0].note.starts_with("市统计局 · "), "{}", hot[0].note);
    assert_eq!(hot[1].name, "学校复课", "of one without an alert the id is all that is known");
}

#[test]
fn a_report_speaks_of_its_concern_and_counts_by_the_days_of_the_calendar() {
    let mut day = Day::lively();
    day.figures.only("数据公布");
    (day.figures.from, day.figures.to) = (at("23T14:10"), at("24T14:10"));
    let digest = Digest { scope: Scope::Concern(&day.sample.concern), ..day.digest() };
    let content = digest.content(Language::Chinese);
    assert!(content.overview.contains("涉及该关切的公开帖文"), "{}", content.overview);
    let days = &content.tables[0];
    assert_eq!(days.heads, ["关切", "11/23", "11/24"], "the rise of the 24th stands under the 24th");
    assert!(days.note.contains("最后一日到 11月24日 14:10 为止"), "{}", days.note);
}

#[test]
fn as_many_concerns_are_listed_as_are_wanted() {
    let day = Day::lively();
    let listed = |top| Digest { top, ..day.digest() }.content(Language::Chinese).hot.len();
    assert_eq!([listed(0), listed(1)], [0, 1]);
}
