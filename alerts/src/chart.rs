//! Draws a concern's counts against what was expected: the same SVG for mail, page and print.
//! Knows no names: pictures hold a fixed vocabulary, digits and times (docs/architecture.md).

mod frame;
mod histogram;
mod labels;
mod marks;
mod png;
mod shapes;
mod words;

use analyzer::explain::Point;
use analyzer::level::Level;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::frame::Frame;
pub use self::histogram::{Bar, Histogram};
pub use self::png::{PictureError, png, size};
use self::words::Words;
use crate::message::Language;

/// One concern's curve and what happened along it.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// 60-minute counts, oldest first; points after `now` are drawn dashed.
    pub curve: &'a [Point],
    /// Moments at which the level changed, oldest first; the last one colours the rise.
    pub levels: &'a [(Timestamp, Level)],
    /// Since when it has been rising.
    pub onset: Option<Timestamp>,
    /// When answers were published.
    pub replies: &'a [Timestamp],
    /// Moment up to which counts are complete.
    pub now: Timestamp,
    /// Zone of the time axis.
    pub zone: &'a TimeZone,
    /// Language of the few words.
    pub language: Language,
}

/// Size and detail of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// 760 wide: pages on a desktop, print.
    Wide,
    /// 520 wide with larger type: the mail, which phones shrink.
    Mail,
    /// 352 wide: phones and cards.
    Narrow,
    /// 190 × 44: one row of a table, its own scale, no words.
    Spark,
}

impl Chart<'_> {
    /// The drawing as SVG. Colours come from the classes of the page's stylesheet.
    pub fn svg(&self, layout: Layout) -> String {
        let frame = Frame::of(self, layout);
        let mut out = format!(
            r#"<svg class="chart {}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}">"#,
            layout.class(),
            frame.width,
            frame.height,
            self.finding(),
        );
        if layout != Layout::Spark {
            frame.draw_axes(self, &mut out);
        }
        shapes::draw(self, &frame, &mut out);
        marks::draw(self, &frame, &mut out);
        if layout != Layout::Spark {
            labels::draw(self, &frame, &mut out);
        }
        out.push_str("</svg>");
        out
    }

    /// What the picture shows, as a sentence for those who cannot see it.
    pub fn finding(&self) -> String {
        let Some(last) = self.last_counted() else {
            return match self.language {
                Language::Chinese => "折线图：没有数据。".to_owned(),
                Language::English => "Line chart: no data.".to_owned(),
            };
        };
        let words = Words::of(self.language);
        let end = self.zone.to_datetime(last.at);
        let moment = words.moment(end, end);
        let posts = last.posts.unwrap_or_default();
        let (mean, low, high) = (last.expected.mean, last.expected.low, last.expected.high);
        let onset = self.onset.map(|onset| words.moment(self.zone.to_datetime(onset), end));
        match self.language {
            Language::Chinese => {
                let rise = onset.map(|onset| format!("{onset} 起上升；")).unwrap_or_default();
                format!(
                    "折线图：每小时帖数。{rise}{moment} 为 {posts} 帖，预期 {mean:.0} 帖，区间 {low:.0} 至 {high:.0}。"
                )
            }
            Language::English => {
                let rise = onset.map(|onset| format!("Rising since {onset}; ")).unwrap_or_default();
                format!(
                    "Line chart of posts per hour. {rise}{posts} posts at {moment}, {mean:.0} expected, range {low:.0} to {high:.0}."
                )
            }
        }
    }

    /// The newest point that has a count.
    fn last_counted(&self) -> Option<&Point> {
        self.curve.iter().rev().find(|point| point.posts.is_some())
    }

    /// Class suffix of the level that colours the rise.
    fn colour(&self) -> &'static str {
        self.levels.last().map_or("none", |(_, level)| colour(*level))
    }
}

impl Layout {
    fn class(self) -> &'static str {
        match self {
            Layout::Wide => "wide",
            Layout::Mail => "mail",
            Layout::Narrow => "narrow",
            Layout::Spark => "spark",
        }
    }
}

/// Class suffix of a level.
fn colour(level: Level) -> &'static str {
    match level {
        Level::Blue => "blue",
        Level::Yellow => "yellow",
        Level::Orange => "orange",
        Level::Red => "red",
    }
}

#[cfg(test)]
mod tests;
