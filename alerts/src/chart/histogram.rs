//! Posts per stretch of time as bars: what a search found.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Layout;
use super::frame::{Frame, tick_step};
use super::words::Words;
use crate::format;
use crate::message::Language;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// First moment counted.
    pub start: Timestamp,
    /// First moment no longer counted.
    pub end: Timestamp,
    /// Posts in between.
    pub posts: u64,
    /// `false` while the stretch is not over: drawn dashed.
    pub finished: bool,
    /// Where a click leads.
    pub link: Option<String>,
}

/// Bars of equal length, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Histogram<'a> {
    /// The bars.
    pub bars: &'a [Bar],
    /// Zone of the time axis.
    pub zone: &'a TimeZone,
    /// Language of the few words.
    pub language: Language,
}

struct Size {
    width: f64,
    height: f64,
    left: f64,
    top: f64,
    bottom: f64,
    type_size: f64,
    ticks: f64,
}

impl Histogram<'_> {
    /// The drawing as SVG; every layout but `Narrow` is the wide one.
    pub fn svg(&self, layout: Layout) -> String {
        let size = match layout {
            Layout::Narrow => Size::new(352.0, 128.0, 34.0, 12.0),
            _ => Size::new(760.0, 132.0, 38.0, 13.0),
        };
        let class = if layout == Layout::Narrow { "narrow" } else { "wide" };
        let (width, height) = (size.width, size.height);
        // What has links inside is no picture to a screen reader.
        let role = if self.bars.iter().any(|bar| bar.link.is_some()) { "group" } else { "img" };
        let mut out = format!(
            r#"<svg class="chart {class}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="{role}" aria-label="{}">"#,
            self.finding()
        );
        let peak = self.bars.iter().map(|bar| bar.posts).max().unwrap_or_default();
        let (step, count) = tick_step(peak as f64, size.ticks);
        let highest = step * count;
        self.draw_counts(&size, step, highest, &mut out);
        self.draw_bars(&size, highest, &mut out);
        self.draw_times(&size, &mut out);
        out.push_str("</svg>");
        out
    }

    fn finding(&self) -> String {
        let total: u64 = self.bars.iter().map(|bar| bar.posts).sum();
        let peak = self.bars.iter().max_by_key(|bar| bar.posts).filter(|bar| bar.posts > 0);
        let moment = |bar: &Bar| format::date_time(bar.start, self.zone, self.language);
        match (self.language, peak) {
            (Language::Chinese, Some(peak)) => {
                format!("柱状图：共 {total} 帖，{} 起的一格最多，{} 帖。", moment(peak), peak.posts)
            }
            (Language::Chinese, None) => "柱状图：没有帖文。".to_owned(),
            (Language::English, Some(peak)) => {
                format!("Bar chart: {total} posts, most from {}: {}.", moment(peak), peak.posts)
            }
            (Language::English, None) => "Bar chart: no posts.".to_owned(),
        }
    }

    fn draw_counts(&self, size: &Size, step: f64, highest: f64, out: &mut String) {
        let minutes = self.bars.first().map_or(60, |bar| (bar.end.as_second() - bar.start.as_second()) / 60);
        let words = Words::of(self.language);
        let type_size = size.type_size;
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            let _ = write!(
                out,
                r#"<text class="c-tick" x="{x:.1}" y="{y:.1}" font-size="{type_size}" text-anchor="{anchor}">{text}</text>"#
            );
        };
        text(
            0.0,
            type_size,
            "start",
            &match (minutes < 60, self.language) {
                (true, Language::Chinese) => format!("帖/{minutes} 分钟"),
                (true, Language::English) => format!("posts/{minutes} min"),
                _ => words.per_bar(minutes / 60),
            },
        );
        if self.bars.last().is_some_and(|bar| !bar.finished) {
            text(size.width, type_size, "end", words.unfinished);
        }
        let mut count = 0.0;
        while count <= highest + step * 0.01 {
            text(size.left - 8.0, size.y(count, highest) + type_size * 0.36, "end", &format!("{count:.0}"));
            count += step;
        }
        let (left, right) = (size.left, size.width);
        let mut count = 0.0;
        while count <= highest + step * 0.01 {
            let y = size.y(count, highest);
            let class = if count == 0.0 { "c-zero" } else { "c-grid" };
            let _ =
                write!(out, r#"<line class="{class}" x1="{left}" x2="{right}" y1="{y:.1}" y2="{y:.1}"/>"#);
            count += step;
        }
    }

    fn draw_bars(&self, size: &Size, highest: f64, out: &mut String) {
        let slot = self.slot(size);
        for (index, bar) in self.bars.iter().enumerate() {
            let (x, y) = (size.left + slot * index as f64 + 0.7, size.y(bar.posts as f64, highest));
            let class = if bar.finished { "c-bar" } else { "c-bar-open" };
            let (width, height) = ((slot - 1.4).max(0.8), size.bottom - y);
            let rect = format!(
                r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
            );
            match &bar.link {
                // Not a tab stop: the time filter does the same.
                Some(link) => {
                    let link = askama::filters::escape(link.as_str(), askama::filters::Html);
                    let link = link.map(|link| link.to_string()).unwrap_or_default();
                    let start = format::date_time(bar.start, self.zone, self.language);
                    let posts = format::posts(bar.posts, self.language);
                    let _ = write!(
                        out,
                        r#"<a href="{link}" tabindex="-1" aria-label="{start} {posts}">{rect}</a>"#
                    );
                }
                None => out.push_str(&rect),
            }
        }
    }

    /// Dates first: an hour gives way to a date.
    fn draw_times(&self, size: &Size, out: &mut String) {
        let words = Words::of(self.language);
        let local = |bar: &Bar| self.zone.to_datetime(bar.start);
        let mut taken: Vec<(f64, f64)> = Vec::new();
        for dates in [true, false] {
            for (index, bar) in self.bars.iter().enumerate() {
                let local = local(bar);
                let wanted =
                    if dates { local.hour() == 0 } else { local.hour() % 6 == 0 && self.bars.len() <= 60 };
                let label = if local.hour() == 0 { words.date(local) } else { words.hour(local) };
                let x = size.left + self.slot(size) * index as f64;
                let half = Frame::text_width(&label, size.type_size) / 2.0;
                let touches = |(from, to): &(f64, f64)| x - half < to + 6.0 && x + half > from - 6.0;
                if !wanted || x - half < 0.0 || x + half > size.width || taken.iter().any(touches) {
                    continue;
                }
                taken.push((x - half, x + half));
                let class = if dates { "c-tick c-date" } else { "c-tick" };
                let (y, type_size) = (size.bottom + size.type_size * 1.35, size.type_size);
                let _ = write!(
                    out,
                    r#"<text class="{class}" x="{x:.1}" y="{y:.1}" font-size="{type_size}" text-anchor="middle">{label}</text>"#
                );
            }
        }
    }

    fn slot(&self, size: &Size) -> f64 {
        (size.width - size.left) / self.bars.len().max(1) as f64
    }
}

impl Size {
    fn new(width: f64, height: f64, left: f64, type_size: f64) -> Size {
        Size { width, height, left, top: 30.0, bottom: height - 22.0, type_size, ticks: 3.0 }
    }

    fn y(&self, count: f64, highest: f64) -> f64 {
        self.bottom - count / highest * (self.bottom - self.top)
    }
}
