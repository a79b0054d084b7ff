//! A replay told to people: the alerts, the incidents, the concerns, the rules beside ours.

use alerts::format;
use analyzer::level::Level;
use jiff::Timestamp;

use super::posts::Found;
use crate::backtest::{Contest, Kept, Raised};
use crate::cli::settings::Context;

/// Prints it all.
pub(super) fn print(context: &Context, found: &Found) {
    for (place, raised) in found.outcome.raised.iter().enumerate() {
        println!("{}", alert(context, found, place, raised));
    }
    if !found.incidents.is_empty() {
        println!("\n{}", context.say("事件", "Incidents"));
        incidents(context, found);
    }
    println!("\n{}", context.say("按关切", "By concern"));
    concerns(context, found);
    if !found.contests.is_empty() {
        println!(
            "\n{}",
            context.say(
                "常用规则，同样的计数，同样多的预警",
                "Rules people use, on the same counts, with as many alerts"
            )
        );
        contests(context, &found.contests);
    }
    println!();
    summary(context, found);
}

fn alert(context: &Context, found: &Found, place: usize, raised: &Raised) -> String {
    let alert = &raised.alert;
    let counts = raised.signal.as_ref().map(|signal| {
        let span = format::span(signal.span, context.language);
        let (posts, voices) = (signal.observed.posts, signal.observed.voices);
        let (unit, expected) = (context.say("帖", "posts"), context.say("预期", "expected"));
        format!("{span} {posts} {unit} / {voices}，{expected} {:.1}", signal.expected.mean)
    });
    // A topic has no expected count; its first title says more than its words.
    let counts = counts.or_else(|| {
        raised.titles.first().map(|title| format!("{}  {}", alert.concern, format::one_line(title, 30)))
    });
    let caught = found.score.caught.iter().find(|caught| caught.alert == place);
    let verdict = match found.score.verdicts.get(place) {
        Some(Some(true)) => caught.map_or("  =".to_owned(), |caught| format!("  ✓ {}", caught.incident)),
        Some(None) => format!("  {}", context.say("不计入", "does not count")),
        _ => String::new(),
    };
    format!(
        "  {}  {} {}  {}  {}{verdict}",
        when(found, alert.raised_at),
        format::level_bars(alert.highest),
        format::level_name(alert.highest, context.language),
        raised.name,
        counts.unwrap_or_default(),
    )
}

fn when(found: &Found, at: Timestamp) -> String {
    at.to_zoned_datetime(found.config.site.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn incidents(context: &Context, found: &Found) {
    println!(
        "  {}  {:>8} {:>8} {:>8}  {}",
        wide(context.say("事件", "incident"), 24),
        context.say("晚于首帖", "delay h"),
        context.say("早于顶点", "to peak"),
        context.say("早于回应", "to reply"),
        context.say("由哪项关切", "concern"),
    );
    for incident in &found.incidents {
        let name = wide(&incident.id, 24);
        if let Some(caught) = found.score.caught.iter().find(|caught| caught.incident == incident.id) {
            let hours = |hours: Option<f64>| hours.map_or("–".to_owned(), |hours| format!("{hours:.1}"));
            println!(
                "  {name}  {:>8} {:>8} {:>8}  {}",
                hours(caught.delay_hours),
                hours(caught.before_peak_hours),
                hours(caught.before_response_hours),
                caught.key,
            );
        } else if found.score.missed.contains(&incident.id) {
            println!("  {name}  {:>8}", context.say("漏掉", "missed"));
        } else {
            println!("  {name}  {:>8}", context.say("不计入", "not counted"));
        }
    }
}

fn concerns(context: &Context, found: &Found) {
    let has_incidents = !found.incidents.is_empty();
    print!("  {}", wide(context.say("关切", "concern"), 26));
    for level in Level::ALL {
        print!(" {}", wide(format::level_name(level, context.language), 6));
    }
    println!("{}", if has_incidents { context.say(" 不在事件上", " on no incident") } else { "" });
    let mut names: Vec<&str> = Vec::new();
    for raised in &found.outcome.raised {
        if !names.contains(&raised.name.as_str()) {
            names.push(&raised.name);
        }
    }
    let of = |name: &str| {
        let all = found.outcome.raised.iter().enumerate();
        all.filter(|(_, raised)| raised.name == name).collect::<Vec<_>>()
    };
    names.sort_by_key(|name| std::cmp::Reverse(of(name).len()));
    for name in names {
        print!("  {}", wide(name, 26));
        let own = of(name);
        for level in Level::ALL {
            let count = own.iter().filter(|(_, raised)| raised.alert.highest == level).count();
            print!(" {}", wide(&if count > 0 { count.to_string() } else { "·".to_owned() }, 6));
        }
        let elsewhere =
            own.iter().filter(|(place, _)| found.score.verdicts.get(*place) == Some(&Some(false))).count();
        println!("{}", if has_incidents { format!(" {elsewhere}") } else { String::new() });
    }
}

fn contests(context: &Context, contests: &[Contest]) {
    let mut contests: Vec<&Contest> = contests.iter().collect();
    contests.sort_by(|one, other| {
        let early = |contest: &Contest| contest.score.recall_before_peak;
        early(other).total_cmp(&early(one)).then(other.score.recall.total_cmp(&one.score.recall))
    });
    println!(
        "  {}  {:>9} {:>6} {:>6} {:>6} {:>9} {:>8}",
        wide(context.say("方法", "method"), 24),
        context.say("门槛", "threshold"),
        context.say("次/日", "a day"),
        context.say("发现", "caught"),
        context.say("顶点前", "<peak"),
        context.say("时延中位", "delay h"),
        context.say("先于回应", "<reply"),
    );
    for Contest { name, threshold, score } in contests {
        println!(
            "  {}  {:>9} {:>6.2} {:>6.2} {:>6.2} {:>9} {:>8.2}",
            wide(name, 24),
            threshold.map_or("–".to_owned(), |threshold| format!("{threshold:.2}")),
            score.alerts_a_day,
            score.recall,
            score.recall_before_peak,
            super::or_infinite(score.delay_median_hours, 1),
            score.before_response,
        );
    }
}

fn summary(context: &Context, found: &Found) {
    let score = &found.score;
    println!(
        "  {} {}，{} {:.1}，{} {:.2}；{} {}",
        context.say("预警", "alerts"),
        score.alerts,
        context.say("每周", "a week"),
        score.alerts_a_week,
        context.say("每日", "a day"),
        score.alerts_a_day,
        context.say("邮件", "mails"),
        found.outcome.mails,
    );
    if score.incidents > 0 {
        let delay = super::or_infinite(score.delay_median_hours, 1);
        println!(
            "  {} {}：{} {:.3}，{} {:.3}，{} {delay}，{} {:.3}；{} {}",
            context.say("事件", "incidents"),
            score.incidents,
            context.say("发现", "caught"),
            score.recall,
            context.say("顶点之前", "before the peak"),
            score.recall_before_peak,
            context.say("时延中位（小时，漏掉算无穷）", "median delay (h, a miss being infinite)"),
            context.say("先于首次官方回应", "before the first official response"),
            score.before_response,
            context.say("不在事件上的预警", "alerts on no incident"),
            score.alerts - score.on_incident,
        );
    }
    let Kept { useful, known, noise } = found.kept;
    if useful.1 + known.1 + noise.1 > 0 {
        println!(
            "  {}：{} {}/{}，{} {}/{}，{} {}/{}",
            context.say("有反馈的预警会再提示", "rated alerts raised again"),
            context.say("有用", "useful"),
            useful.0,
            useful.1,
            context.say("已知", "known"),
            known.0,
            known.1,
            context.say("噪声", "noise"),
            noise.0,
            noise.1,
        );
    }
    if !found.muted.is_empty() {
        let muted = context.say(
            "只列出、不提示的新话题（不是公共事务）",
            "topics listed only, since they are no public affairs",
        );
        println!("  {muted} {}", found.muted.len());
    }
    println!(
        "  {} {}（{} {}）；{:.0} {}",
        context.say("帖文", "posts"),
        found.posts,
        context.say("不成帖的行", "lines that are no posts"),
        found.rejected,
        found.hours_a_second,
        context.say("小时/秒", "hours of the stream a second"),
    );
}

/// A text in a column of so many half-width cells.
fn wide(text: &str, cells: usize) -> String {
    let width = |character: char| if character.is_ascii() { 1 } else { 2 };
    let used: usize = text.chars().map(width).sum();
    format!("{text}{}", " ".repeat(cells.saturating_sub(used)))
}
