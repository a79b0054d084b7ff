//! What the pages take under load: the program as it runs, with millions of posts indexed and hundreds a second
//! coming in through its API, while searches and overviews are asked for at a steady rate (open loop: each is timed
//! from the moment it was due). Beside it, in the same run, bare axum and bare tantivy under the same rates.
//!
//! `cargo bench --bench load`; after `--`: `posts=N`, `seconds=N`, `searches=N`, `overviews=N`, `alerts=N`, `pushed=N`
//! (a second), `folder=PATH` (kept and used again when it holds as many posts), `only=fill`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod drive;
mod fill;
mod house;
mod peers;
mod stream;
mod wanted;

use std::path::PathBuf;
use std::time::Duration;

use drive::{Load, Timed};
use house::House;

/// What was typed after `--`.
struct Arguments(Vec<String>);

impl Arguments {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='))
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        self.text(name).map_or(default, |typed| typed.parse().unwrap())
    }
}

fn main() {
    let arguments = Arguments(std::env::args().skip(1).collect());
    let temporary = tempfile::tempdir().unwrap();
    let folder = arguments.text("folder").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let house = House::at(&folder);
    fill::fill(&house.data(), arguments.number("posts", 5_000_000));
    if arguments.text("only") == Some("fill") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(&arguments, &house));
}

async fn measure(arguments: &Arguments, house: &House) {
    let length = Duration::from_secs(arguments.number("seconds", 120));
    let a_second = |name, default| arguments.number(name, default) as f64;
    let (searches, overviews, alerts) =
        (a_second("searches", 50), a_second("overviews", 10), a_second("alerts", 1));
    let mut program = house.start();
    program.is_up().await;
    let (pusher, told) = house.push(arguments.number("pushed", 500));
    let asked = wanted::searches();
    // What a page never asked for costs at first is no steady state.
    let warm = Load { a_second: searches, length: length / 6, seed: 1 };
    drive::pages(&warm, program.address(), &asked).await;

    let load = |a_second, seed| Load { a_second, length, seed };
    let (searching, looking) = (load(searches, 2), load(overviews, 3));
    let before = program.processor();
    let overview = vec!["/".to_owned()];
    let raised = program.alerts().await;
    let reading = load(alerts, 4);
    let (found, seen, read) = tokio::join!(
        drive::pages(&searching, program.address(), &asked),
        drive::pages(&looking, program.address(), &overview),
        drive::pages(&reading, program.address(), &raised),
    );
    let processor = (program.processor() - before) / length.as_secs_f64();

    let fixed = peers::axum(&seen.body).await;
    let index = peers::Index::open(&house.data());
    let (bare_found, bare_seen) = tokio::join!(
        drive::calls(&searching, |number| index.newest(number)),
        drive::pages(&looking, fixed, &overview),
    );
    pusher.abort();
    println!("{} posts searchable at the end", program.searchable().await);
    let told = told.lock().unwrap();
    println!(
        "the program: {:.2} of a core, {:.0} MiB; pushed posts a second: {:.0}, slowest answer {:.0} ms",
        processor,
        program.resident() / f64::from(1 << 20),
        told.posts as f64 / told.since.elapsed().as_secs_f64(),
        told.slowest.as_secs_f64() * 1e3,
    );
    row("search page", &found, "tantivy's TopDocs", &bare_found);
    row("overview", &seen, "axum, a fixed page", &bare_seen);
    if !read.times.is_empty() {
        row("page of an alert", &read, "axum, a fixed page", &bare_seen);
    }
    found.slowest_by(&asked);
    program.stop();
}

/// One row of docs/performance.md.
fn row(what: &str, ours: &Timed, peer: &str, bare: &Timed) {
    let told = |timed: &Timed| format!("p50 {:.1} ms, p99 {:.1} ms", timed.at(0.5), timed.at(0.99));
    println!(
        "| {what}, {} answers, {} failed | {}, longest {:.0} ms | {peer}: {}; {:.1} and {:.1} times |",
        ours.times.len(),
        ours.failed,
        told(ours),
        ours.at(1.0),
        told(bare),
        ours.at(0.5) / bare.at(0.5),
        ours.at(0.99) / bare.at(0.99),
    );
}
