//! `guanlan doctor`: one page on what is well and what is not, with what to do. Reads and asks; writes nothing.

mod pages;

use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use alerts::format;
use alerts::mail::Mailer;
use alerts::mail_test::{Trial, reach};
use analyzer::index::Index;
use analyzer::segment::Segmenter;
use config::Config;
use crawler::archive::{Archive, ArchiveError};
use jiff::{SignedDuration, Timestamp};

use super::exit::{Done, Failure};
use super::settings::Context;
use super::{now, source};
use crate::intake::index_folder;
use crate::orders::{self, Orders};
use crate::socket::Line;
use crate::standing::{State, standings};

/// Growth is judged by the posts of so many days.
const GROWTH_DAYS: u64 = 7;
/// Less free space than this is a mistake …
const LEAST_FREE: u64 = 1 << 30;
/// … and less than so many days of growth a warning.
const LEAST_DAYS: u64 = 30;
/// More days than that are enough for ever.
const MOST_DAYS: u64 = 3_650;
/// More segments mean that merging lags.
const MOST_SEGMENTS: usize = 100;
/// The pages have to answer within this.
const PATIENCE: Duration = Duration::from_secs(3);

/// How a part fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Well,
    Look,
    Wrong,
}

/// What was found, line by line.
struct Findings<'a> {
    context: &'a Context,
    wrong: usize,
    look: usize,
}

impl Findings<'_> {
    fn say(&mut self, mark: Mark, part: (&'static str, &'static str), text: &str) {
        let sign = match mark {
            Mark::Well => "✓",
            Mark::Look => "!",
            Mark::Wrong => "✗",
        };
        self.look += usize::from(mark == Mark::Look);
        self.wrong += usize::from(mark == Mark::Wrong);
        println!("  {sign} {}  {text}", self.context.say(part.0, part.1));
    }

    fn words(&self, chinese: &str, english: &str) -> String {
        self.context.say(chinese, english).to_owned()
    }
}

/// Examines everything; the answer is "no" when there is something to look at.
pub(super) fn doctor(context: &Context) -> Result<Done, Failure> {
    let mut findings = Findings { context, wrong: 0, look: 0 };
    let Some(config) = configuration(&mut findings) else { return Ok(Done::No) };
    let now = now();
    let running = Line::connect(&config.site.data_dir).is_ok();
    process(&mut findings, &config, running);
    match Archive::open_read_only(&config.site.data_dir) {
        Ok(archive) => {
            disk(&mut findings, &config, Some(&archive), now);
            clock(&mut findings, &config, &archive, now);
            index(&mut findings, &config, &archive);
            sources(&mut findings, &config, &archive, now);
        }
        Err(ArchiveError::Missing { .. }) => {
            disk(&mut findings, &config, None, now);
            let none = findings.words(
                "还没有帖文：启动 guanlan run 或先 import",
                "no posts yet: start guanlan run, or import",
            );
            findings.say(Mark::Look, ("帖文", "posts"), &none);
        }
        Err(error) => findings.say(Mark::Wrong, ("帖文", "posts"), &error.to_string()),
    }
    pages::pages(&mut findings, &config, now);
    mail(&mut findings, &config, now);
    limits(&mut findings, &config);
    let (wrong, look) = (findings.wrong, findings.look);
    println!(
        "{}",
        context
            .say("{w} 项错误，{l} 项提醒", "{w} wrong, {l} to look at")
            .replace("{w}", &wrong.to_string())
            .replace("{l}", &look.to_string())
    );
    Ok(if wrong + look == 0 { Done::Yes } else { Done::No })
}

/// The configuration, if it can be used.
fn configuration(findings: &mut Findings<'_>) -> Option<Config> {
    const PART: (&str, &str) = ("配置", "configuration");
    match findings.context.config() {
        Ok(config) => {
            let place = findings.context.config_file();
            let place = place.map_or_else(
                || findings.words("内置默认值", "built-in defaults"),
                |path| path.display().to_string(),
            );
            let concerns = config.concerns.len();
            let (what, mark) = if concerns == 0 {
                (
                    findings.words(
                        "没有关切可看：写 concerns.toml，或运行 guanlan init",
                        "no concerns: write concerns.toml, or run guanlan init",
                    ),
                    Mark::Look,
                )
            } else {
                (findings.words("没有错误", "no mistakes"), Mark::Well)
            };
            findings.say(mark, PART, &format!("{place}  {what}"));
            Some(config)
        }
        Err(failure) => {
            findings.say(Mark::Wrong, PART, failure.say(findings.context.language));
            None
        }
    }
}

fn process(findings: &mut Findings<'_>, config: &Config, running: bool) {
    const PART: (&str, &str) = ("运行", "process");
    if !running {
        let text = findings.words(
            "guanlan run 没有在运行：什么也采不到、发不出",
            "guanlan run is not running: nothing is read or mailed",
        );
        return findings.say(Mark::Look, PART, &text);
    }
    let address = config.web.listen;
    let scheme = if config.web.certificate.is_some() { "https" } else { "http" };
    let answers = address.port() == 0 || TcpStream::connect_timeout(&address, PATIENCE).is_ok();
    if answers {
        let text = findings.words("正在运行，网页", "running, pages at");
        findings.say(Mark::Well, PART, &format!("{text} {scheme}://{address}"));
    } else {
        let text = findings.words(
            "在运行，但网页打不开：检查 [web] listen 和防火墙",
            "running, but the pages do not answer: check [web] listen and the firewall",
        );
        findings.say(Mark::Wrong, PART, &format!("{scheme}://{address} {text}"));
    }
}

fn disk(findings: &mut Findings<'_>, config: &Config, archive: Option<&Archive>, now: Timestamp) {
    const PART: (&str, &str) = ("数据目录", "data folder");
    let folder = &config.site.data_dir;
    let shown = folder.display();
    // A folder that is yet to be made stands in one that has to be writable.
    let there = folder.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    if rustix::fs::access(there, rustix::fs::Access::WRITE_OK).is_err() {
        let text = findings.words(
            "不可写：换账号运行，或改目录的所有者",
            "cannot be written: run under another account, or change the folder's owner",
        );
        return findings.say(Mark::Wrong, PART, &format!("{shown} {text}"));
    }
    let Ok(space) = rustix::fs::statvfs(there) else {
        let text = findings.words("看不出剩余空间", "its free space is unknown");
        return findings.say(Mark::Look, PART, &format!("{shown} {text}"));
    };
    let free = space.f_bavail.saturating_mul(space.f_frsize);
    let days = archive.and_then(|archive| days_left(archive, folder, free, now));
    // Once a day posts.db may be written anew beside itself.
    let least = archive.map_or(0, Archive::size).max(LEAST_FREE);
    let mark = match days {
        _ if free < least => Mark::Wrong,
        Some(days) if days < LEAST_DAYS => Mark::Look,
        _ => Mark::Well,
    };
    let gigabytes = free as f64 / f64::from(1 << 30);
    let mut text = format!("{shown} {} {gigabytes:.1} GiB", findings.words("可写，余", "writable, free:"));
    // Beyond some years the figure says nothing.
    if let Some(days) = days.filter(|days| *days < MOST_DAYS) {
        let length = findings
            .words("按近 7 天的速度可用 {n} 天", "at the pace of the last 7 days enough for {n} days");
        text.push_str(&format!("，{}", length.replace("{n}", &days.to_string())));
    }
    if mark != Mark::Well {
        text.push_str(&findings.words(
            "：换大一些的盘，或缩短 [retention] posts",
            ": use a larger disk, or shorten [retention] posts",
        ));
    }
    findings.say(mark, PART, &text);
}

/// Days until the disk is full: what a post takes, times the posts of the last days.
fn days_left(archive: &Archive, folder: &Path, free: u64, now: Timestamp) -> Option<u64> {
    let mut recent = 0_u64;
    let since = now - SignedDuration::from_hours(24 * GROWTH_DAYS as i64);
    archive.arrivals(since, &mut |_, _| recent += 1).ok()?;
    let bytes = archive.size() + bytes_below(&index_folder(folder));
    let a_post = bytes / archive.count().ok()?.max(1);
    free.checked_div(recent * a_post / GROWTH_DAYS)
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => bytes_below(&entry.path()),
        Ok(data) => data.len(),
        Err(_) => 0,
    };
    entries.map(bytes).sum()
}

/// A clock that was set back stores posts before others that are older.
fn clock(findings: &mut Findings<'_>, config: &Config, archive: &Archive, now: Timestamp) {
    const PART: (&str, &str) = ("时钟", "clock");
    let zone = config.site.zone.iana_name().unwrap_or("?");
    let mut ahead = None;
    // An error here is told by the other parts.
    let _ = archive.arrivals(now + SignedDuration::from_mins(5), &mut |_, at| ahead = Some(at));
    let shown = format::full_date_time(now, &config.site.zone, findings.context.language);
    match ahead {
        None => findings.say(Mark::Well, PART, &format!("{shown}  {zone}")),
        Some(at) => {
            let at = format::full_date_time(at, &config.site.zone, findings.context.language);
            let text = findings.words(
                "库里有晚于现在存入的帖文，时钟被往回拨过：打开 NTP 对时；最晚",
                "posts were stored later than now, so the clock was set back: turn on NTP; latest",
            );
            findings.say(Mark::Look, PART, &format!("{shown}  {zone}  {text} {at}"));
        }
    }
}

fn index(findings: &mut Findings<'_>, config: &Config, archive: &Archive) {
    const PART: (&str, &str) = ("索引", "index");
    let opened = Index::open(&index_folder(&config.site.data_dir), &Segmenter::new(&[]));
    let (index, last) = match (opened, archive.last_sequence()) {
        (Ok(index), Ok(last)) => (index, last),
        (Err(error), _) => return findings.say(Mark::Wrong, PART, &error.to_string()),
        (_, Err(error)) => return findings.say(Mark::Wrong, PART, &error.to_string()),
    };
    let (segments, lag) = (index.segments(), last.saturating_sub(index.committed_sequence()));
    let text = findings
        .words("{p} 帖，{s} 段，落后帖文库 {l} 帖", "{p} posts, {s} segments, {l} posts behind the store");
    let text = text
        .replace("{p}", &format::exact(index.count()))
        .replace("{s}", &segments.to_string())
        .replace("{l}", &lag.to_string());
    // A running program commits within seconds; one that was killed catches up at its next start.
    let mark = if segments > MOST_SEGMENTS || lag > 1_000 { Mark::Look } else { Mark::Well };
    findings.say(mark, PART, &text);
}

fn sources(findings: &mut Findings<'_>, config: &Config, archive: &Archive, now: Timestamp) {
    const PART: (&str, &str) = ("信源", "sources");
    let standings = match standings(archive, &config.sources, now) {
        Ok(standings) => standings,
        Err(error) => return findings.say(Mark::Wrong, PART, &error.to_string()),
    };
    let (mut well, mut paused) = (0, 0);
    for (source, standing) in config.sources.iter().zip(&standings) {
        match &standing.state {
            State::Paused(_) => paused += 1,
            state if state.needs_a_look() => {
                let text = source::in_words(findings.context, config, state, now).unwrap_or_default();
                findings.say(Mark::Look, PART, &format!("{}：{text}", source.name));
            }
            _ => well += 1,
        }
    }
    if config.sources.is_empty() {
        let none = findings.words("没有配置信源", "no source is configured");
        findings.say(Mark::Look, PART, &none);
    }
    let counted = [(well, ("{n} 个正常", "{n} well")), (paused, ("{n} 个暂停", "{n} paused"))];
    for (count, (zh, en)) in counted.into_iter().filter(|(count, _)| *count > 0) {
        let text = findings.words(zh, en).replace("{n}", &count.to_string());
        findings.say(Mark::Well, PART, &text);
    }
}

/// The server's name and port; `guanlan mail test` goes all the way.
fn mail(findings: &mut Findings<'_>, config: &Config, now: Timestamp) {
    const PART: (&str, &str) = ("邮件", "mail");
    let policy = Orders::new(config, alerts::staging::Staging::Real).policy;
    if policy.people.values().all(Vec::is_empty) {
        let none = findings.words(
            "[people] 里没有一个地址，预警发给谁都不知道",
            "no address in [people]: nobody would be told",
        );
        findings.say(Mark::Wrong, PART, &none);
    }
    let server = match orders::mailer(config) {
        Ok(Mailer::Smtp(server)) => server,
        Ok(_) => {
            let text = findings.words(
                "transport = \"file\"：只写成文件，不发送",
                "transport = \"file\": written as files, not sent",
            );
            return findings.say(Mark::Well, PART, &text);
        }
        Err(error) => return findings.say(Mark::Wrong, PART, &format!("{error:#}")),
    };
    let trial = Trial {
        from: policy.from,
        host: policy.host,
        address: String::new(),
        language: findings.context.language,
        now,
    };
    let place = format!("{}:{}", server.host, server.port);
    let failed = reach(&server, &trial).into_iter().find_map(|tried| tried.result.err());
    match failed {
        None => {
            let text = findings.words(
                "连得上，加密和登录没有问题；收发用 guanlan mail test 试",
                "answers, encryption and login are right; try delivery with guanlan mail test",
            );
            findings.say(Mark::Well, PART, &format!("{place} {text}"));
        }
        Some(failure) => {
            findings.say(
                Mark::Wrong,
                PART,
                &format!("{place} {}\n      {}", failure.trouble.said, failure.advice),
            );
        }
    }
}

fn limits(findings: &mut Findings<'_>, config: &Config) {
    let limits = &config.fetch.limits;
    let text = findings.words(
        "一次请求 {w} 秒、{b} MiB、{r} 次转向；帖文保存 {p} 天，统计 {c} 天",
        "one request {w} s, {b} MiB, {r} redirects; posts kept {p} days, counts {c} days",
    );
    let text = text
        .replace("{w}", &limits.whole.as_secs().to_string())
        .replace("{b}", &(limits.page_bytes >> 20).to_string())
        .replace("{r}", &limits.redirects.to_string())
        .replace("{p}", &(config.retention.posts.as_hours() / 24).to_string())
        .replace("{c}", &(config.retention.counts.as_hours() / 24).to_string());
    findings.say(Mark::Well, ("限度", "limits"), &text);
}
