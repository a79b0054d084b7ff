//! `guanlan search`: exit 0 found, 1 nothing, 2 the query can't be read.

use std::io::Write;
use std::sync::Arc;

use alerts::format;
use alerts::message::Language;
use analyzer::excerpt::Excerpt;
use analyzer::index::{Index, Options as Paging, Sort};
use analyzer::matcher::Matchers;
use analyzer::query::{Problem, Query};
use analyzer::segment::Segmenter;
use clap::{Args, ValueEnum};
use crawler::archive::Archive;
use serde_json::json;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::find::row::{Row, csv, local, shown};
use crate::find::{Found, Reference, find};
use crate::intake::index_folder;
use crate::orders;

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: String,
    #[arg(long, value_name = "48h")]
    since: Option<String>,
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    #[arg(long, default_value_t = 20)]
    limit: usize,
    #[arg(long, value_enum, default_value_t = Order::Time)]
    sort: Order,
    #[arg(long)]
    csv: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    Time,
    Relevance,
    Copies,
}

/// Searches beside whoever writes.
pub(super) fn search(context: &Context, options: &Options) -> Result<Done, Failure> {
    let config = context.config()?;
    let query = read(context, options)?;
    let archive = Archive::open_read_only(&config.site.data_dir).map_err(Failure::data)?;
    // Words are only cut to rank by relevance; loading the dictionary takes longer than the search.
    let segmenter = Segmenter::new(&[]);
    let index = Index::open(&index_folder(&config.site.data_dir), &segmenter).map_err(Failure::data)?;
    let reference = Reference {
        now: now(),
        zone: config.site.zone.clone(),
        matchers: Arc::new(Matchers::new(&config.concerns)),
        concerns: config.concerns.clone().into(),
        levels: Arc::default(),
        sources: config.sources.iter().map(|source| (source.id.clone(), source.name.clone())).collect(),
        groups: config.sources.iter().map(|source| source.group.clone()).collect(),
        shown: orders::shown(&config),
    };
    if let Some(problem) = index.unknown_names(&query, &reference.context()).map_err(Failure::data)?.first() {
        return Err(wrong(context, &options.query, problem));
    }
    let sort = match options.sort {
        Order::Time => Sort::Time,
        Order::Relevance => Sort::Relevance,
        Order::Copies => Sort::Copies,
    };
    let paging = Paging { limit: options.limit, sort, ..Paging::default() };
    let found = find(&index, &archive, &query, &reference, &paging).map_err(Failure::data)?;
    let printed = if options.csv {
        print_csv(&found, &reference)
    } else if context.global.json {
        print_json(&found, &reference)
    } else {
        print_text(context, &query, &found, &reference)
    };
    // Whoever reads may have seen enough (`| head`).
    match printed {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(Failure::outside(error)),
        _ => {}
    }
    Ok(if found.results.total > 0 { Done::Yes } else { Done::No })
}

/// The query and the filters of the options as one.
fn read(context: &Context, options: &Options) -> Result<Query, Failure> {
    let mut query =
        Query::parse(&options.query).map_err(|problem| wrong(context, &options.query, &problem))?;
    let range = match (&options.from, &options.to) {
        (None, None) => None,
        (from, to) => Some(format!("{}..{}", moment(from), moment(to))),
    };
    let filters = [
        options.since.as_ref().map(|since| format!("时间:{since}")),
        range.map(|range| format!("时间:{range}")),
        options.source.as_ref().map(|source| format!("信源:\"{}\"", source.replace('"', " "))),
    ];
    for filter in filters.iter().flatten() {
        let filter = Query::parse(filter).map_err(|problem| wrong(context, filter, &problem))?;
        query = query.and(filter.root);
    }
    Ok(query)
}

/// A time of day is joined to its day by `t` inside a query, where a space would begin a new word.
fn moment(typed: &Option<String>) -> String {
    typed.as_deref().unwrap_or_default().trim().replace(' ', "t")
}

/// The query with a mark under what can't be read.
fn wrong(context: &Context, typed: &str, problem: &Problem) -> Failure {
    let width = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let before: String = typed.chars().take(problem.position).collect();
    let marked: String = typed.chars().skip(problem.position).take(problem.length).collect();
    let (indent, mark) = (" ".repeat(width(&before)), "^".repeat(width(&marked).max(1)));
    Failure::Usage(format!("{}\n  {typed}\n  {indent}{mark}", problem.describe(context.language)))
}

fn print_text(context: &Context, query: &Query, found: &Found, reference: &Reference) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let (total, groups) = (found.results.total as u64, found.results.groups as u64);
    let echo = query.echo(context.language);
    match context.language {
        Language::Chinese => {
            writeln!(out, "{} 帖，合并相似后 {} 组（{echo}）", format::exact(total), format::exact(groups))?
        }
        Language::English => {
            writeln!(out, "{} posts in {} groups ({echo})", format::exact(total), format::exact(groups))?;
        }
    }
    for (hit, stored) in &found.posts {
        let when = format::moment(stored.post.time, reference.now, &reference.zone, context.language);
        let text = marked(&shown(stored, found));
        let mut notes = Vec::new();
        if hit.similar > 1 {
            notes.push(format!("{} {}", context.say("相似", "similar"), hit.similar));
        }
        notes.extend(stored.post.address.clone());
        writeln!(out, "  {when}  {}  {text}  {}", stored.post.group, notes.join("  "))?;
    }
    let highest = found.results.histogram.iter().map(|bar| bar.posts).max().unwrap_or(0);
    if found.results.histogram.len() > 1 {
        let bars = found.results.histogram.iter().map(|bar| block(bar.posts, highest)).collect::<String>();
        let first = found.results.histogram.first().map(|bar| bar.start).unwrap_or_default();
        let last = found.results.histogram.last().map(|bar| bar.start).unwrap_or_default();
        let day = |at| format::moment(at, reference.now, &reference.zone, context.language);
        writeln!(out, "  {} {bars} {}", day(first), day(last))?;
    }
    Ok(())
}

/// One bar of the histogram, an eighth of a line high or more; nothing for nothing.
fn block(posts: u32, highest: u32) -> char {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let eighths = (u64::from(posts) * 8).div_ceil(u64::from(highest.max(1)));
    BLOCKS.get(eighths as usize).copied().unwrap_or('█')
}

fn marked(excerpt: &Excerpt) -> String {
    let mut text = String::new();
    let mut end = 0;
    for mark in &excerpt.marks {
        text.push_str(excerpt.text.get(end..mark.start).unwrap_or_default());
        text.push('[');
        text.push_str(excerpt.text.get(mark.clone()).unwrap_or_default());
        text.push(']');
        end = mark.end;
    }
    text.push_str(excerpt.text.get(end..).unwrap_or_default());
    format::one_line(&text, usize::MAX)
}

fn print_json(found: &Found, reference: &Reference) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for row in Row::of(found, reference) {
        writeln!(out, "{}", json!(row))?;
    }
    let results = &found.results;
    let histogram: Vec<_> = results
        .histogram
        .iter()
        .map(|bar| json!({ "start": local(bar.start, &reference.zone), "posts": bar.posts }))
        .collect();
    writeln!(
        out,
        "{}",
        json!({
            "schema": "guanlan.search/1", "total": results.total, "groups": results.groups,
            "histogram": histogram, "histogram_step_seconds": results.step_seconds,
            "by_source": results.by_source, "by_group": results.by_group,
        })
    )?;
    Ok(())
}

fn print_csv(found: &Found, reference: &Reference) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(csv(&Row::of(found, reference)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_is_full_and_a_single_post_is_seen() {
        assert_eq!([0, 1, 40, 80].map(|posts| block(posts, 80)), [' ', '▁', '▄', '█']);
    }
}
