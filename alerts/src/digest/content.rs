//! What one digest says, as plain values that the mail's and the page's templates set.

use std::borrow::Cow;

use analyzer::concern::Concern;
use analyzer::digest::ConcernFigures;
use analyzer::explain::{Point, Statement};
use analyzer::level::Level;
use jiff::SignedDuration;

use super::labels::DigestLabels;
use super::{Digest, Scope, facts, replies, sentences, week};
use crate::chart::Layout;
use crate::format;
use crate::message::{CurveRow, Language, concern_name, intents, may_quote};

/// Concerns whose questions are listed.
const ASKED: usize = 3;

/// One digest, ready to be set.
#[derive(Clone, Debug)]
pub struct DigestContent {
    /// Fixed words.
    pub labels: &'static DigestLabels,
    /// Said on top of a demonstration or a drill.
    pub strip: Option<&'static str>,
    /// Subject of the mail.
    pub subject: String,
    /// Title of the sheet.
    pub title: String,
    /// Day, number and span.
    pub subtitle: String,
    /// Section one, at most 200 characters.
    pub overview: String,
    /// Nothing notable: only overview, official information and notes are shown.
    pub quiet: bool,
    /// Section two.
    pub hot: Vec<HotConcern>,
    /// Whether there is a chart.
    pub has_chart: bool,
    /// The chart's finding in words.
    pub chart_alt: String,
    /// The chart for pages, wide and narrow; empty without one.
    pub charts: [String; 2],
    /// The table behind it; empty without one.
    pub course: Vec<CurveRow>,
    /// A sentence under the chart; may be empty.
    pub trend: String,
    /// Section four.
    pub asked: Vec<AskedAbout>,
    /// Section five: one row per alert.
    pub replies: Vec<Reply>,
    /// Sum of section five, and what is still rising.
    pub replies_sum: String,
    /// Section five: official texts.
    pub official: Vec<Official>,
    /// What a week or a report adds to section five.
    pub tables: Vec<ExtraTable>,
    /// Section six.
    pub references: Vec<String>,
    /// Section eight.
    pub notes: Vec<String>,
    /// Address of the page.
    pub link: Option<String>,
}

/// One row of section two.
#[derive(Clone, Debug)]
pub struct HotConcern {
    /// Concern id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Department and state.
    pub note: String,
    /// Highest level in the span.
    pub level: Option<LevelMark>,
    /// Posts.
    pub posts: String,
    /// Change against the span before.
    pub change: String,
    /// Whether the change is large.
    pub marked: bool,
}

/// A level as word, bars and colours.
#[derive(Clone, Debug)]
pub struct LevelMark {
    /// `orange`, for a class.
    pub class: &'static str,
    /// `■■■□ 橙色`.
    pub text: String,
    /// Ground, as a literal for mails.
    pub ground: &'static str,
    /// Ink, as a literal for mails.
    pub ink: &'static str,
}

/// One paragraph of section four.
#[derive(Clone, Debug)]
pub struct AskedAbout {
    /// Concern.
    pub name: String,
    /// Questions with shares.
    pub asks: String,
    /// One quotation with its origin.
    pub quote: Option<(String, String)>,
}

/// One alert and its answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Concern, first notice, first answer, time taken, what came after it.
    pub cells: [String; 5],
}

/// A table under section five.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtraTable {
    /// Its title.
    pub title: String,
    /// Heads of the columns.
    pub heads: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<String>>,
    /// A remark under it; may be empty.
    pub note: String,
}

/// One official text, or a title that reports a reply.
#[derive(Clone, Debug)]
pub struct Official {
    /// Concern.
    pub name: String,
    /// Title.
    pub title: String,
    /// Source and time.
    pub origin: String,
    /// Link.
    pub link: Option<String>,
}

pub(super) fn build(digest: &Digest<'_>, language: Language) -> DigestContent {
    let labels = DigestLabels::of(language);
    // A report is asked for: it says all it can.
    let quiet = facts::is_quiet(digest) && !matches!(digest.scope, Scope::Concern(_));
    let title = sentences::title(digest, language);
    let subject = sentences::subject(digest, &title, language);
    let curve = &digest.figures.curve;
    let has_chart = curve.len() > 1 && curve.iter().any(|point| point.posts.is_some()) && !quiet;
    let levels = facts::colouring(digest);
    let chart = facts::chart(digest, &levels, language);
    let heard = |figures: &&ConcernFigures| figures.posts > 0;
    let hot: Vec<&ConcernFigures> = digest.figures.concerns.iter().filter(heard).take(digest.top).collect();
    DigestContent {
        labels,
        strip: digest.site.staging.strip(language),
        subject: format!("{}{subject}", digest.site.staging.mark(language)),
        title,
        subtitle: sentences::subtitle(digest, language),
        overview: sentences::overview(digest, quiet, language),
        quiet,
        hot: hot.iter().map(|figures| hot_concern(digest, figures, language)).collect(),
        has_chart,
        chart_alt: chart.finding(),
        charts: if has_chart {
            [chart.svg(Layout::Wide), chart.svg(Layout::Narrow)]
        } else {
            [String::new(), String::new()]
        },
        course: if has_chart { course(digest, language) } else { Vec::new() },
        trend: sentences::trend(digest, language),
        asked: hot.iter().filter_map(|figures| asked_about(digest, figures, language)).take(ASKED).collect(),
        replies: replies::rows(digest, language),
        replies_sum: [vec![replies::sum(digest, language)], replies::rising(digest, language)]
            .concat()
            .join(if language == Language::English { " " } else { "" }),
        official: official(digest, language),
        tables: week::tables(digest, language),
        references: with(facts::references(digest, language), digest.topics, !quiet),
        // On a quiet day only the notes are shown.
        notes: with(sentences::notes(digest, language), digest.topics, quiet),
        link: digest.site.public_url.as_deref().map(|url| format!("{url}{}", path(digest))),
    }
}

/// What the chart shows at full hours; of more than two days at each sixth.
fn course(digest: &Digest<'_>, language: Language) -> Vec<CurveRow> {
    let (figures, zone) = (digest.figures, &digest.site.zone);
    let is_long = figures.to.duration_since(figures.from) > SignedDuration::from_hours(48);
    let is_shown = |point: &&Point| {
        let at = zone.to_datetime(point.at);
        at.minute() == 0 && (!is_long || at.hour() % 6 == 0)
    };
    let row = |point: &Point| CurveRow {
        time: format::moment(point.at, figures.to, zone, language),
        posts: point.posts.map_or("—".to_owned(), |posts| format::exact(posts.into())),
        note: format!(
            "{} ({}–{})",
            format::expected(point.expected.mean),
            format::expected(point.expected.low),
            format::expected(point.expected.high)
        ),
    };
    figures.curve.iter().filter(is_shown).map(row).collect()
}

/// Address of its page.
fn path(digest: &Digest<'_>) -> String {
    match digest.scope {
        Scope::Day => format!("/digest/{}", digest.day),
        Scope::Week => format!("/digest/week/{}", digest.day),
        Scope::Concern(concern) => format!("/report/{}", format::path_segment(&concern.id)),
    }
}

/// The lines, with the topics behind them if they are to stand there.
fn with(mut lines: Vec<String>, topics: &[String], here: bool) -> Vec<String> {
    if here {
        lines.extend_from_slice(topics);
    }
    lines
}

fn hot_concern(digest: &Digest<'_>, figures: &ConcernFigures, language: Language) -> HotConcern {
    let change = facts::change(figures.posts, figures.previous);
    HotConcern {
        id: figures.concern.clone(),
        name: name(digest, &figures.concern, language),
        note: replies::note(digest, &figures.concern, language),
        level: facts::highest(digest, &figures.concern).map(|level| level_mark(level, language)),
        posts: format::exact(figures.posts.into()),
        change: change.map_or("—".to_owned(), |change| {
            let arrow = if change > 0.0 {
                "↑ "
            } else if change < 0.0 {
                "↓ "
            } else {
                ""
            };
            format!("{arrow}{}", format::percent(change.abs()))
        }),
        marked: change.is_some_and(|change| change >= 0.5),
    }
}

fn level_mark(level: Level, language: Language) -> LevelMark {
    let (class, ground, ink) = match level {
        Level::Blue => ("blue", "#1f5fb8", "#ffffff"),
        Level::Yellow => ("yellow", "#f7cf2e", "#1a1600"),
        Level::Orange => ("orange", "#ef8a1f", "#1a1200"),
        Level::Red => ("red", "#be1520", "#ffffff"),
    };
    let text = format!("{} {}", format::level_bars(level), format::level_name(level, language));
    LevelMark { class, text, ground, ink }
}

fn asked_about(digest: &Digest<'_>, figures: &ConcernFigures, language: Language) -> Option<AskedAbout> {
    let quote = figures.quote.as_ref().filter(|quote| may_quote(quote)).map(|quote| {
        let origin = format!(
            "{} · {}",
            format::one_line(&quote.group, 40),
            format::date_time(quote.time, &digest.site.zone, language)
        );
        (format::one_line(&quote.excerpt, 120), origin)
    });
    let said = [sentences::asks(&figures.asks, language), intents(&figures.intents, language)];
    let said: Vec<String> = said.into_iter().filter(|said| !said.is_empty()).collect();
    let asks = said.join(if language == Language::English { " " } else { "" });
    if asks.is_empty() && quote.is_none() {
        return None;
    }
    Some(AskedAbout { name: name(digest, &figures.concern, language), asks, quote })
}

/// The texts found, those of hot concerns first; a text on several concerns stands there once.
pub(super) fn official(digest: &Digest<'_>, language: Language) -> Vec<Official> {
    let mut found: Vec<Official> = Vec::new();
    for figures in &digest.figures.concerns {
        let statements = digest.statements.iter().filter(|(concern, _)| *concern == figures.concern);
        for statement in statements.flat_map(|(_, statements)| statements.iter().take(digest.top)) {
            let official = one_official(digest, &figures.concern, statement, language);
            let is_same =
                |known: &&mut Official| known.title == official.title && known.origin == official.origin;
            match found.iter_mut().find(is_same) {
                Some(known) => known.name = format!("{} · {}", known.name, official.name),
                None => found.push(official),
            }
        }
    }
    found
}

fn one_official(digest: &Digest<'_>, concern: &str, statement: &Statement, language: Language) -> Official {
    let source = format::one_line(&statement.source, 40);
    Official {
        name: name(digest, concern, language),
        title: format::one_line(&statement.title, 100),
        origin: format!("{source} · {}", format::date_time(statement.time, &digest.site.zone, language)),
        link: format::link(statement.address.as_deref()),
    }
}

/// A concern as it is configured, else as its newest alert noted it.
pub(super) fn concern<'a>(digest: &Digest<'a>, id: &str) -> Option<Cow<'a, Concern>> {
    let configured = digest.concerns.iter().find(|concern| concern.id == id).map(Cow::Borrowed);
    configured.or_else(|| {
        digest.alerts.iter().rfind(|alert| alert.concern == id).map(|alert| alert.concern_among([]))
    })
}

/// Name of a concern; its id when it is configured no longer and never brought an alert.
pub(super) fn name(digest: &Digest<'_>, id: &str, language: Language) -> String {
    let known = concern(digest, id);
    known.map_or_else(|| format::one_line(id, 40), |concern| concern_name(&concern, language))
}
