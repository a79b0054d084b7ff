//! `guanlan source test`: one visit, and what was understood of it. Stores nothing.

use alerts::format;
use config::Config;
use crawler::crawl::{Outcome, Visit, visit_once};
use crawler::fetch::Permission;
use crawler::format::Privacy;
use crawler::pace::Now;
use crawler::post::{IdKey, Post, Publisher};
use crawler::source::{Kind, Source};

use super::kind;
use crate::cli::exit::{Done, Failure};
use crate::cli::now;
use crate::cli::settings::Context;
use crate::orders;

/// Items shown.
const SHOWN: usize = 3;
/// Characters shown of an item.
const EXCERPT: usize = 60;

/// Visits a source once and prints what it brought.
pub(super) fn test(context: &Context, config: &Config, source: &Source) -> Result<Done, Failure> {
    orders::provide_tls();
    let fetcher = crate::cli::fetcher(context, config)?;
    // Ids are not kept, so any key will do.
    let privacy = Privacy { key: IdKey::fixed([0; 32]), masks: orders::masks(config) };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::outside)?;
    let clock: &Now = &now;
    let visit = runtime.block_on(visit_once(source, &fetcher, &privacy, clock));
    let (kind, address) = kind(source);
    println!("  {}  {kind}  {address}", source.name);
    let asked = source.kind.url().and_then(|url| runtime.block_on(fetcher.permission(url)));
    asked.iter().for_each(|permission| robots(context, permission));
    if let Outcome::Failed(why) = &visit.outcome {
        problems(context, &visit);
        return Err(Failure::Outside(format!("{}: {}", source.name, context.words(why))));
    }
    if matches!(source.kind, Kind::Counts(_)) {
        println!("  ✓ {} {}", visit.counts.len(), context.say("个计数", "counts"));
    } else {
        println!("  ✓ {} {}", visit.posts.len(), context.say("条", "items"));
        if let Some(charset) = &visit.charset {
            println!("  ✓ {} {charset}", context.say("字符编码", "charset"));
        }
        dates(context, config, &visit.posts);
        kept(context, source, &visit.posts);
    }
    for post in visit.posts.iter().take(SHOWN) {
        let when = format::full_date_time(post.time, &config.site.zone, context.language);
        let text = if post.title.is_empty() { &post.text } else { &post.title };
        let claim = post.claimed.map(|claim| {
            let claim = format::full_date_time(claim, &config.site.zone, context.language);
            format!("  ({} {claim})", context.say("自称", "claims"))
        });
        println!("    {when}  {}{}", format::one_line(text, EXCERPT), claim.unwrap_or_default());
    }
    problems(context, &visit);
    println!("  {}", context.say("没有保存任何东西", "nothing was stored"));
    Ok(if visit.posts.is_empty() && visit.counts.is_empty() { Done::No } else { Done::Yes })
}

/// What the site's robots.txt says of the source's address.
fn robots(context: &Context, permission: &Permission) {
    let (mark, said) = match permission {
        Permission::NoFile => ("✓", context.say("网站没有，允许采集", "there is none: allowed").to_owned()),
        Permission::NoRule => {
            ("✓", context.say("没有提到，允许采集", "no rule is about it: allowed").to_owned())
        }
        Permission::Allowed(rule) => ("✓", format!("{} {rule}", context.say("允许采集：", "allowed by"))),
        Permission::Refused(rule) => ("✗", format!("{} {rule}", context.say("不许采集：", "refused by"))),
        Permission::Unreadable(why) => {
            ("✗", format!("{} ({})", context.say("读不到", "cannot be read"), context.words(why)))
        }
    };
    println!("  {mark} robots.txt {said}");
}

/// From when to when the posts date, and how many had no date that could be used.
fn dates(context: &Context, config: &Config, posts: &[Post]) {
    let dated = || posts.iter().filter(|post| post.time != post.first_seen).map(|post| post.time);
    let at = |moment| format::full_date_time(moment, &config.site.zone, context.language);
    if let (Some(first), Some(last)) = (dated().min(), dated().max()) {
        println!("  ✓ {} {} – {}", context.say("日期", "dates"), at(first), at(last));
    }
    let undated = posts.len() - dated().count();
    if undated > 0 {
        let what = context.say(
            "条没有可用的日期（没写、读不懂或在将来），按采到的时间算",
            "items without a usable date (none, unreadable, or still to come): dated as of now",
        );
        println!("  ! {undated} {what}");
    }
}

/// What would be stored of each post.
fn kept(context: &Context, source: &Source, posts: &[Post]) {
    let with_text = posts.iter().filter(|post| !post.text.is_empty()).count();
    let address = match source.publisher {
        Publisher::Individual => context.say("网址只存加密摘要", "of the address only a keyed hash"),
        _ => context.say("网址", "the address"),
    };
    println!(
        "  {}{}",
        context.say("运行时会保存：标题、正文（", "would be stored: title, text ("),
        context
            .say("{n} 条有）、发布时间、{a}", "{n} have one), time, {a}")
            .replace("{n}", &with_text.to_string())
            .replace("{a}", address)
    );
}

fn problems(context: &Context, visit: &Visit) {
    for problem in &visit.problems {
        let line = problem.line.map(|line| format!("{line}: ")).unwrap_or_default();
        println!("    ! {line}{}", context.words(&problem.what));
    }
}
