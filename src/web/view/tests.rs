mod concern;
mod concerns;
mod delivery;
mod lists;
mod overview;
mod search;
mod topics;

use alerts::account::Role;
use alerts::alert::{Alert, AlertId, Event, State};
use alerts::digest::Digest;
use analyzer::concern::Concern;
use analyzer::digest::DigestFigures;
use analyzer::explain::{AskCount, Explanation, GroupShare, Point, Quote, RisingWord};
use analyzer::forecast::Unforeseen;
use analyzer::signal::{Expected, Observed, Signal, SourceState, Span, Window};
use crawler::pause::Pause;
use crawler::post::Publisher;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;
use crate::emerging::Listed;

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00+08:00").parse().unwrap()
}

fn site() -> Site {
    Site {
        org: "青岚市".to_owned(),
        public_url: None,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        language: Language::Chinese,
        staging: alerts::staging::Staging::Demo,
    }
}

fn concern(name: &str) -> Concern {
    Concern {
        department: Some("市卫健委".to_owned()),
        advice: Some("先报已核实的数字和下次更新时间。".to_owned()),
        ..Concern::named(name)
    }
}

fn alert(name: &str, level: Level) -> Alert {
    let raised = Event::Raised {
        concern: name.to_owned(),
        level: Level::Blue,
        onset: at("24T13:10"),
        first_post: None,
        under: None,
        deadline: at("25T14:00"),
    };
    let escalated = Event::Escalated { level, deadline: at("25T14:00") };
    Alert {
        id: AlertId { day: date(2026, 11, 24), number: 3 },
        concern: name.to_owned(),
        level,
        highest: level,
        state: State::Firing,
        onset: at("24T13:10"),
        raised_at: at("24T13:20"),
        first_post: None,
        deadline: at("25T14:00"),
        subsiding_since: None,
        closed_at: None,
        muted_until: None,
        unwatched: None,
        events: vec![
            (at("24T13:20"), raised),
            (at("24T13:20"), Event::Mailed { message: "a".to_owned() }),
            (at("24T13:20"), Event::Mailed { message: "b".to_owned() }),
            (at("24T14:00"), escalated),
            (at("24T14:05"), Event::Acknowledged { by: "值班室".to_owned() }),
        ],
    }
}

fn signal(name: &str, posts: u32) -> Signal {
    Signal {
        concern: name.to_owned(),
        at: at("24T14:20"),
        level: Ok(Level::Orange),
        score: 3.2,
        window: Window::HalfHour,
        span: Span::Hour,
        observed: Observed { posts, copies: 63, voices: 156, sources: 4 },
        expected: Expected { mean: 41.0, low: 22.0, high: 63.0 },
        ratio: f64::from(posts) / 41.0,
        onset: Some(at("24T13:10")),
        in_band: false,
        coverage: 1.0,
        once_in_weeks: None,
        forecast: Err(Unforeseen::Calm),
    }
}

fn curve(peak: f64) -> Vec<Point> {
    let point = |step: i64| {
        let minutes = 1440 - step * 10;
        let wave = (step as f64 / 23.0).sin() * 14.0;
        let rise = ((step - 138) as f64 / 6.0).clamp(0.0, 1.0) * peak;
        let expected = Expected { mean: 36.0 + wave, low: 20.0 + wave * 0.6, high: 58.0 + wave * 1.3 };
        let posts = (36.0 + wave * 1.1 + ((step * 37) % 11) as f64 - 5.0 + rise).max(0.0) as u32;
        Point { at: at("24T14:20") - jiff::SignedDuration::from_mins(minutes), posts: Some(posts), expected }
    };
    (0..=144).map(point).collect()
}

fn explanation(text: &str) -> Explanation {
    let group = |name: &str, posts, expected| GroupShare { group: name.to_owned(), posts, expected };
    let ask = |label: &str, posts| AskCount { label: label.to_owned(), posts };
    let word = |word: &str, posts, expected| RisingWord { word: word.to_owned(), posts, expected };
    Explanation {
        groups: vec![group("微博", 128, 19.0), group("青岚论坛", 67, 12.0), group("政务留言", 24, 6.0)],
        asks: vec![ask(text, 96), ask("网传数字是否属实", 58)],
        asks_other: 29,
        question_share: 0.6,
        intents: analyzer::intent::IntentCounts::default(),
        words: vec![word("什么时候", 88, 9.7), word("对不上", 41, 0.2)],
        quotes: vec![Quote {
            excerpt: text.to_owned(),
            group: "微博".to_owned(),
            publisher: Publisher::Individual,
            similar: 63,
            time: at("24T14:08"),
            address: Some("https://post.example/1".to_owned()),
        }],
        statements: Vec::new(),
        curve: curve(200.0),
        overlaps: Vec::new(),
        first_post: None,
        sources: sources(),
        ..Explanation::default()
    }
}

fn sources() -> Vec<SourceState> {
    let source = |name: &str, late_minutes| SourceState {
        id: name.to_owned(),
        name: name.to_owned(),
        late_minutes,
        pause: None,
    };
    vec![source("微博（本地话题）", None), source("县区网站留言板", Some(52)), source("青岚论坛", None)]
}

fn chrome(language: Language, here: Here, path: &str) -> Chrome {
    Chrome::new(&site(), language, at("24T14:20"), here, path).seen_by(&visitor(Role::Admin))
}

fn visitor(role: Role) -> Visitor {
    Visitor::new("值班室", role, "f0e1".to_owned())
}

fn overview(language: Language, text: &str) -> String {
    overview_with(language, text, &signal("数据公布", 236))
}

fn overview_with(language: Language, text: &str, signal: &Signal) -> String {
    let (calm, lively) = (curve(0.0), curve(200.0));
    let (first, second) = (concern("数据公布"), concern(text));
    let (alert, quiet) = (alert("数据公布", Level::Orange), self::signal("学校复课", 9));
    let explanation = explanation(text);
    let standings = [
        Standing { concern: &second, signal: Some(&quiet), curve: &calm, alert: None, explanation: None },
        Standing {
            concern: &first,
            signal: Some(signal),
            curve: &lively,
            alert: Some(&alert),
            explanation: Some(&explanation),
        },
    ];
    let lately =
        [Alert { state: State::Resolved, closed_at: Some(at("24T09:00")), ..alert.clone() }, alert.clone()];
    let listed = topics::listed("小区停水三天没人管");
    let data = OverviewData {
        site: &site(),
        standings: &standings,
        unwatched: &[],
        sources: &sources(),
        lately: &lately,
        topics: &listed,
        unreached: &[delivery::unreached(text)],
        concerns: &[],
    };
    overview_page(&Chrome { open: 1, ..chrome(language, Here::Overview, "/") }, &data)
}

fn one_alert(language: Language, text: &str) -> String {
    let (concern, alert, signal, explanation) =
        (concern("数据公布"), alert("数据公布", Level::Orange), signal("数据公布", 236), explanation(text));
    let data = AlertData {
        site: &site(),
        alert: &alert,
        concern: &concern,
        signal: &signal,
        explanation: &explanation,
        deliveries: &[delivery::refused(text)],
        beside: &[],
        morning: jiff::civil::time(8, 30, 0, 0),
        form: "mute",
        is_configured: true,
    };
    alert_page(&chrome(language, Here::Elsewhere, "/a/20261124-03"), &data)
}

fn digest(language: Language, text: &str) -> String {
    let figures = DigestFigures {
        from: at("23T08:00"),
        to: at("24T08:00"),
        posts: 5478,
        sources: 7,
        curve: curve(0.0),
        new_words: vec![(text.to_owned(), 9)],
        ..DigestFigures::default()
    };
    let alerts = [alert("数据公布", Level::Orange)];
    let digest = Digest {
        site: &site(),
        day: date(2026, 11, 24),
        scope: alerts::digest::Scope::Week,
        issue: Some(328),
        top: 5,
        figures: &figures,
        concerns: &[],
        alerts: &alerts,
        statements: &[],
        effects: &[],
        newest: &[],
        topics: &[],
    };
    let content = digest.content(language);
    let neighbours = Neighbours { before: "/digest/2026-11-23".to_owned(), after: None };
    let chrome = chrome(language, Here::Digest, "/digest/2026-11-24");
    digest_page(&chrome, &content, Some(neighbours), "/digest/2026-11-24.docx")
}

fn pages(language: Language, text: &str) -> [(&'static str, String); 13] {
    [
        ("alerts", lists::alert_list(language, text)),
        ("sources", lists::source_list(language, text)),
        ("settings", lists::settings(language, text)),
        ("digests", lists::digest_list(language)),
        ("trial", lists::trial(language, text)),
        ("concern", concern::one_concern(language, text, Range::Day)),
        ("concerns", concerns::all(language, text)),
        ("claim", concerns::claim(language, text)),
        ("overview", overview(language, text)),
        ("alert", one_alert(language, text)),
        ("search", search::search(language, text)),
        ("digest", digest(language, text)),
        ("notice", notice_page(&chrome(language, Here::Elsewhere, "/x"), "没有这一页", text)),
    ]
}

/// A page without the one script that is ours.
fn without_own_script(page: &str) -> String {
    let own = "<script src=\"/static/app.js\" defer></script>";
    assert_eq!(page.matches(own).count(), 1);
    page.replace(own, "")
}

#[test]
fn the_script_is_small() {
    assert!(SCRIPT.len() <= 4_096, "{}", SCRIPT.len());
}

#[test]
fn pages_keep_to_their_content_security_policy() {
    for language in [Language::Chinese, Language::English] {
        for (name, page) in pages(language, "监测数据到底什么时候公布？") {
            let page = without_own_script(&page);
            for forbidden in ["style=", "<style", "<script", "onclick", "src=\"http", "data:"] {
                assert!(!page.contains(forbidden), "{name}: {forbidden}");
            }
            assert!(page.contains("<link rel=\"stylesheet\" href=\"/static/guanlan.css\">"), "{name}");
            assert!(page.ends_with("</html>"), "{name}");
        }
    }
}

#[test]
fn collected_text_cannot_act_on_any_page() {
    let hostile =
        format!("<script>alert(1)</script>\u{202e}\"'><img src=x onerror=y>{}", "长".repeat(10_000));
    for (name, page) in pages(Language::Chinese, &hostile) {
        let page = without_own_script(&page);
        for forbidden in ["<script", "<img", "\u{202e}"] {
            assert!(name == "notice" || !page.contains(forbidden), "{name}: {forbidden}");
        }
        assert!(!page.contains("<script") && page.len() < 200_000 && page.ends_with("</html>"), "{name}");
    }
}

#[test]
fn every_page_says_that_it_is_a_demonstration_and_speaks_both_languages() {
    for (name, page) in pages(Language::Chinese, "公布") {
        assert!(page.contains("演示：内容来自样例数据") && page.contains("lang=en\">English"), "{name}");
        assert!(page.contains("<html lang=\"zh-CN\">"), "{name}");
    }
    for (name, page) in pages(Language::English, "公布") {
        assert!(
            page.contains("Demonstration: made from sample data") && page.contains("lang=zh\">中文"),
            "{name}"
        );
        assert!(page.contains("href=\"/search?lang=en\""), "{name}: links keep the language");
    }
}

#[test]
fn the_overview_leads_with_what_has_to_be_answered() {
    let page = overview(Language::Chinese, "学校复课");
    assert!(page.contains("<h1>1 项关切正在上升，1 项尚未认领</h1>"));
    let band = Expected { mean: 300.0, low: 200.0, high: 400.0 };
    let calmed = Signal { expected: band, ..signal("数据公布", 236) };
    let page = overview_with(Language::Chinese, "a", &calmed);
    assert!(page.contains("<h1>1 项关切正在回落，1 项尚未认领</h1>"), "{page}");
    assert!(page.contains("1 小时 236 帖，为预期的 5.8 倍") && page.contains("href=\"/a/20261124-03\""));
    assert!(page.contains("延迟 52 分") && page.find("县区网站留言板") < page.find("青岚论坛</li>"));
}

#[test]
fn a_source_that_rests_is_said_to_rest_and_not_to_be_late() {
    let (until, reason) = (Some(at("25T09:00")), Some("网站<b>改版".to_owned()));
    let pause = Pause { since: at("24T10:00"), until, reason };
    let mut states = sources();
    states[1].pause = Some(pause);
    let page = |language| {
        let data = OverviewData {
            site: &site(),
            standings: &[],
            unwatched: &[],
            sources: &states,
            lately: &[],
            topics: &Listed::default(),
            unreached: &[],
            concerns: &[],
        };
        overview_page(&chrome(language, Here::Overview, "/"), &data)
    };
    let chinese = page(Language::Chinese);
    assert!(chinese.contains("信源：2 个正常，1 个暂停") && !chinese.contains("延迟 "), "{chinese}");
    assert!(chinese.contains("10:00 起暂停，到明天 09:00（网站&#60;b&#62;改版）"), "{chinese}");
    let english = page(Language::English);
    assert!(english.contains("Sources: 2 in time, 1 paused") && !english.contains(" late<"), "{english}");
    assert!(english.contains("paused since 10:00, until tomorrow 09:00"), "{english}");
}

#[test]
fn the_page_of_an_alert_shows_the_numbers_of_its_mail_and_what_happened() {
    let page = one_alert(Language::Chinese, "数据什么时候公布");
    for text in ["数据公布：1 小时 236 帖，为预期的 5.8 倍", "升为橙色", "值班室认领", "新出现", "门槛"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page.matches("邮件已发出").count(), 1, "one line for many addresses");
    assert!(!page.contains("post.example"), "individuals are never linked");
}

#[test]
fn forms_carry_a_token_and_are_for_those_who_may_send_them() {
    let page = |role| {
        let listed = topics::listed("停水");
        let data = TopicsData { site: &site(), listed: &listed, concerns: &[] };
        let chrome = chrome(Language::Chinese, Here::Elsewhere, "/topics").seen_by(&visitor(role));
        topics_page(&chrome, &data)
    };
    assert!(page(Role::Admin).contains("<input type=\"hidden\" name=\"form_token\" value=\"f0e1\">"));
    assert!(!page(Role::Duty).contains("method=\"post\""));
    assert!(one_alert(Language::Chinese, "停水").contains("name=\"form_token\" value=\"f0e1\""));
}

#[test]
fn whoever_comes_in_the_clear_is_told_so() {
    let mut visitor = visitor(Role::View);
    for (is_plain, language) in
        [(true, Language::Chinese), (true, Language::English), (false, Language::English)]
    {
        visitor.is_plain = is_plain;
        let page = notice_page(&chrome(language, Here::Elsewhere, "/x").seen_by(&visitor), "a", "b");
        let says = page.contains("连接没有加密") || page.contains("This connection is not encrypted");
        assert_eq!(says, is_plain);
    }
}
