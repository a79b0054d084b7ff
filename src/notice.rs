//! Mails to the administrator about sources: once when one stops, refuses, changes or falls silent, and
//! once when that is over; and about a configuration that was refused. What happened, since when, what to do.

use alerts::bulletin::Notice;
use alerts::format;
use alerts::message::{Language, Message, Site};
use config::Problem;
use crawler::health::{Change, Trouble};
use jiff::{SignedDuration, Timestamp};

/// Errors of a configuration that a mail lists.
const TOLD: usize = 5;

/// Names a change: the same one is told once, the next one again.
pub(crate) fn subject(source: &str, change: &Change) -> (Notice, String) {
    let (kind, since) = match change {
        Change::Stopped { since, .. } => (Notice::SourceStopped, *since),
        Change::Back { since } => (Notice::SourceBack, *since),
        Change::Quiet { since, .. } => (Notice::SourceQuiet, *since),
        Change::Heard { since } => (Notice::SourceHeard, *since),
    };
    (kind, key(source, since))
}

/// What tells one stop or silence of a source from the next.
pub(crate) fn key(source: &str, since: Timestamp) -> String {
    format!("{source}:{}", since.as_second())
}

/// The mail about a change of a source, given its id and name.
pub(crate) fn message((source, name): (&str, &str), change: &Change, site: &Site, now: Timestamp) -> Message {
    let (subject, lines) = match site.language {
        Language::Chinese => chinese((source, name), change, site, now),
        Language::English => english((source, name), change, site, now),
    };
    plain(&subject, &lines, site)
}

/// The mail about a changed configuration that is not in force: what is wrong, and where.
pub(crate) fn refused(problems: &[Problem], site: &Site) -> Message {
    let language = site.language;
    let told = |problem: &Problem| {
        let place = problem.place.as_ref().map(|place| match language {
            Language::Chinese => format!("{} 第 {} 行：", place.file, place.line),
            Language::English => format!("{}, line {}: ", place.file, place.line),
        });
        let what = format::one_line(language.say(&problem.message), 300);
        let help = problem.help.as_ref().map(|help| format::one_line(language.say(help), 300));
        let joint = if language == Language::Chinese { "。" } else { ". " };
        format!(
            "{}{what}{}",
            place.unwrap_or_default(),
            help.map(|help| format!("{joint}{help}")).unwrap_or_default()
        )
    };
    let (subject, before, after) = match language {
        Language::Chinese => (
            "配置有错误，没有启用",
            "改过的配置文件有错误，没有启用；程序仍按之前的版本运行。",
            "改好保存，几秒内自动启用。全部错误：guanlan check；改正标点和编码：guanlan check --fix。",
        ),
        Language::English => (
            "The changed configuration is not in force",
            "The changed configuration is wrong and not in force; the program goes on with the version before.",
            "Mend and save it: it is taken over within seconds. All errors: guanlan check; punctuation and charset: guanlan check --fix.",
        ),
    };
    let mut lines = vec![before.to_owned()];
    lines.extend(problems.iter().take(TOLD).map(told));
    lines.push(after.to_owned());
    plain(subject, &lines, site)
}

/// A mail of a heading and a few sentences.
pub(crate) fn plain(subject: &str, lines: &[String], site: &Site) -> Message {
    let subject = format!("{}{subject}", site.staging.mark(site.language));
    let text = format!("{subject}\n\n{}\n", lines.join("\n"));
    let html = html(&subject, lines);
    Message { subject, text, html, ..Message::default() }
}

fn chinese(
    (source, name): (&str, &str),
    change: &Change,
    site: &Site,
    now: Timestamp,
) -> (String, Vec<String>) {
    let at = |moment: Timestamp| format::full_date_time(moment, &site.zone, Language::Chinese);
    let test = format!("现在是什么情况：guanlan source test {source}");
    match change {
        Change::Stopped { since, last_error, trouble } => {
            let since = at(*since);
            let (title, what, advice) = match trouble {
                Trouble::Unreachable => {
                    ("信源停采", format!("{name} 自 {since} 起没有采到，已经连续失败三个采集间隔。"), None)
                }
                Trouble::Refused => (
                    "信源拒绝采集",
                    format!("{name} 自 {since} 起不让采集，已经连续三个采集间隔。"),
                    Some(format!(
                        "请与网站联系，或从配置里删去这个信源；暂时不采：guanlan source pause {source}"
                    )),
                ),
                Trouble::Changed => (
                    "信源变样",
                    format!("{name} 自 {since} 起返回的内容和配置对不上，多半是网站改版或换了地址。"),
                    Some("请打开网页对照，改好配置里这个信源的地址和选择器，再试采一次。".to_owned()),
                ),
            };
            let mut lines = vec![
                what,
                format!("最近一次的原因：{}", last_error.zh),
                "这期间它不参与预警判断，恢复后自动补采，并再发一封信告知。".to_owned(),
            ];
            lines.extend(advice);
            lines.push(test);
            (format!("{title}：{name}"), lines)
        }
        Change::Back { since } => (
            format!("信源恢复：{name}"),
            vec![format!("{name} 自 {} 起停采，{} 恢复正常。", at(*since), at(now))],
        ),
        Change::Quiet { since, longest } => (
            format!("信源无新帖：{name}"),
            vec![
                format!(
                    "{name} 打得开，但 {} 之后没有新帖；此前两周最长 {} 小时没有新帖。",
                    at(*since),
                    hours(*longest)
                ),
                "也许真的没人发帖，也许网站换了栏目或停了更新：请打开网页看一看。".to_owned(),
                "这期间仍按“没有新帖”参与预警判断；又有新帖时再发一封信告知。".to_owned(),
                test,
            ],
        ),
        Change::Heard { since } => (
            format!("信源又有新帖：{name}"),
            vec![format!("{name} 自 {} 起没有新帖，{} 又有了。", at(*since), at(now))],
        ),
    }
}

fn english(
    (source, name): (&str, &str),
    change: &Change,
    site: &Site,
    now: Timestamp,
) -> (String, Vec<String>) {
    let at = |moment: Timestamp| format::full_date_time(moment, &site.zone, Language::English);
    let test = format!("See for yourself: guanlan source test {source}");
    match change {
        Change::Stopped { since, last_error, trouble } => {
            let since = at(*since);
            let (title, what, advice) = match trouble {
                Trouble::Unreachable => (
                    "Source stopped",
                    format!("{name} could not be read since {since}: three of its intervals have failed."),
                    None,
                ),
                Trouble::Refused => (
                    "Source refuses",
                    format!("{name} does not allow to be read since {since}, for three of its intervals."),
                    Some(format!(
                        "Ask the site, or remove the source; to leave it alone for a while: guanlan source pause {source}"
                    )),
                ),
                Trouble::Changed => (
                    "Source changed",
                    format!("Since {since} what {name} answers does not fit its configuration: it was rebuilt, or moved."),
                    Some(
                        "Compare with the page in a browser, mend address and selectors, and try again."
                            .to_owned(),
                    ),
                ),
            };
            let mut lines = vec![
                what,
                format!("Latest reason: {}", last_error.en),
                "Until it is back it takes no part in any judgement; one more mail will say so.".to_owned(),
            ];
            lines.extend(advice);
            lines.push(test);
            (format!("{title}: {name}"), lines)
        }
        Change::Back { since } => (
            format!("Source back: {name}"),
            vec![format!("{name} had stopped at {} and answers again since {}.", at(*since), at(now))],
        ),
        Change::Quiet { since, longest } => (
            format!("Source quiet: {name}"),
            vec![
                format!(
                    "{name} answers, but nothing new has come since {}; in the two weeks before, its longest silence was {} hours.",
                    at(*since),
                    hours(*longest)
                ),
                "Perhaps nobody writes there, perhaps the site moved that column: see it in a browser.".to_owned(),
                "It goes on counting as silent in every judgement; one more mail comes with its next new post."
                    .to_owned(),
                test,
            ],
        ),
        Change::Heard { since } => (
            format!("Source heard again: {name}"),
            vec![format!("{name} had nothing new since {}; new posts came at {}.", at(*since), at(now))],
        ),
    }
}

fn hours(silence: SignedDuration) -> i64 {
    silence.as_hours()
}

/// The lines as paragraphs; names and errors come from outside and are escaped.
pub(crate) fn html(subject: &str, lines: &[String]) -> String {
    let paragraphs: String = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
    let style = "font-family:'PingFang SC','Microsoft YaHei',Arial,sans-serif;font-size:16px;line-height:1.7";
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{0}</title></head>\
         <body style=\"{style}\"><h1 style=\"font-size:20px\">{0}</h1>{paragraphs}</body></html>",
        escaped(subject)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
