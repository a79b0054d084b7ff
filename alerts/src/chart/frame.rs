//! Where things lie: size, margins, scales and axes of one drawing.

use std::fmt::Write;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::words::Words;
use super::{Chart, Layout};

/// Scales of one drawing.
pub(super) struct Frame {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// Size of the type.
    pub(super) type_size: f64,
    pub(super) layout: Layout,
    start: i64,
    end: i64,
    highest: f64,
    step: f64,
}

/// Seconds between time labels, for the shortest span that they suit.
const TIME_STEPS: [(i64, i64); 4] = [(8, 1), (30, 3), (60, 6), (24 * 9, 24)];

impl Frame {
    pub(super) fn of(chart: &Chart<'_>, layout: Layout) -> Frame {
        let (width, height, margins, type_size, ticks) = match layout {
            Layout::Wide => (760.0, 300.0, [34.0, 112.0, 36.0, 46.0], 13.0, 5.0),
            Layout::Mail => (520.0, 252.0, [38.0, 100.0, 36.0, 42.0], 14.0, 5.0),
            Layout::Narrow => (352.0, 176.0, [28.0, 74.0, 26.0, 38.0], 12.0, 3.0),
            Layout::Spark => (190.0, 44.0, [5.0, 7.0, 4.0, 3.0], 0.0, 3.0),
        };
        let [above, beside, below, before] = margins;
        let peak = chart.curve.iter().fold(0.0_f64, |peak, point| {
            peak.max(point.expected.high).max(point.posts.map_or(0.0, f64::from))
        });
        let (step, count) = tick_step(peak, ticks);
        let highest = if layout == Layout::Spark { peak.max(1.0) } else { step * count };
        let second = |point: Option<&analyzer::explain::Point>| point.map_or(0, |point| point.at.as_second());
        let start = second(chart.curve.first());
        Frame {
            width,
            height,
            left: before,
            right: width - beside,
            top: above,
            bottom: height - below,
            type_size,
            layout,
            start,
            end: second(chart.curve.last()).max(start + 1),
            highest,
            step,
        }
    }

    /// Place of a moment.
    pub(super) fn x(&self, at: Timestamp) -> f64 {
        let share = (at.as_second() - self.start) as f64 / (self.end - self.start) as f64;
        self.left + share * (self.right - self.left)
    }

    /// Place of a count.
    pub(super) fn y(&self, count: f64) -> f64 {
        let share = count / self.highest;
        self.bottom - if share.is_finite() { share.max(0.0) * (self.bottom - self.top) } else { 0.0 }
    }

    /// Whether a moment lies on the time axis.
    pub(super) fn holds(&self, at: Timestamp) -> bool {
        (self.start..=self.end).contains(&at.as_second())
    }

    /// Width a text takes, near enough to keep texts apart.
    pub(super) fn text_width(text: &str, size: f64) -> f64 {
        text.chars().map(|letter| if letter.is_ascii() { 0.57 * size } else { size }).sum()
    }

    pub(super) fn draw_axes(&self, chart: &Chart<'_>, out: &mut String) {
        let words = Words::of(chart.language);
        self.draw_counts(words, out);
        self.draw_times(chart, words, out);
    }

    fn draw_counts(&self, words: &Words, out: &mut String) {
        let (left, right, size) = (self.left, self.right, self.type_size);
        let _ = write!(
            out,
            r#"<text class="c-tick" x="0" y="{:.1}" font-size="{size}">{}</text>"#,
            self.top - size * 0.95,
            words.per_hour
        );
        let mut count = 0.0;
        while count <= self.highest + self.step * 0.01 {
            let y = self.y(count);
            let class = if count == 0.0 { "c-zero" } else { "c-grid" };
            let _ =
                write!(out, r#"<line class="{class}" x1="{left}" x2="{right}" y1="{y:.1}" y2="{y:.1}"/>"#);
            let _ = write!(
                out,
                r#"<text class="c-tick" x="{:.1}" y="{:.1}" font-size="{size}" text-anchor="end">{count:.0}</text>"#,
                left - size * 0.6,
                y + size * 0.36
            );
            count += self.step;
        }
    }

    fn draw_times(&self, chart: &Chart<'_>, words: &Words, out: &mut String) {
        let hours = (self.end - self.start) / 3600;
        let narrow = if self.layout == Layout::Narrow { 2 } else { 1 };
        let every =
            TIME_STEPS.iter().find(|(span, _)| hours <= *span).map_or(24 * 7, |(_, step)| *step) * narrow;
        let (midnights, others): (Vec<_>, Vec<_>) =
            self.full_hours(chart).into_iter().partition(|(_, local)| local.hour() == 0);
        for (at, _) in &midnights {
            let (x, top, bottom) = (self.x(*at), self.top, self.bottom);
            let _ =
                write!(out, r#"<line class="c-night" x1="{x:.1}" x2="{x:.1}" y1="{top}" y2="{bottom}"/>"#);
        }
        // Dates first: an hour gives way to a date.
        let mut taken: Vec<(f64, f64)> = Vec::new();
        for (at, local) in midnights {
            self.label_time(self.x(at), "c-tick c-date", &words.date(local), &mut taken, out);
        }
        let is_labelled = |hour: i8| every < 24 && i64::from(hour) % every == 0;
        for (at, local) in others.into_iter().filter(|(_, local)| is_labelled(local.hour())) {
            self.label_time(self.x(at), "c-tick", &words.hour(local), &mut taken, out);
        }
    }

    /// Writes a label under the axis unless it would touch another.
    fn label_time(&self, x: f64, class: &str, label: &str, taken: &mut Vec<(f64, f64)>, out: &mut String) {
        let (size, bottom) = (self.type_size, self.bottom);
        let half = Frame::text_width(label, size) / 2.0;
        let place = (x - half, x + half);
        let touches = |(from, to): &(f64, f64)| place.0 < to + size * 0.4 && place.1 > from - size * 0.4;
        if place.1 > self.width || place.0 < 0.0 || taken.iter().any(touches) {
            return;
        }
        taken.push(place);
        let _ = write!(
            out,
            r#"<line class="c-zero" x1="{x:.1}" x2="{x:.1}" y1="{bottom}" y2="{:.1}"/><text class="{class}" x="{x:.1}" y="{:.1}" font-size="{size}" text-anchor="middle">{label}</text>"#,
            bottom + 5.0,
            bottom + 6.0 + size * 1.05
        );
    }

    /// The full hours on the axis, with their local time.
    fn full_hours(&self, chart: &Chart<'_>) -> Vec<(Timestamp, DateTime)> {
        let mut hours = Vec::new();
        let Some(first) = chart.curve.first() else { return hours };
        // Zones differ by quarters of an hour, so full hours are sought in quarters.
        let quarter = SignedDuration::from_mins(15);
        let mut second = first.at.as_second().div_euclid(900) * 900;
        while second <= self.end {
            if let Ok(at) = Timestamp::from_second(second) {
                let local = chart.zone.to_datetime(at);
                if local.minute() == 0 && second >= self.start {
                    hours.push((at, local));
                }
            }
            second += quarter.as_secs();
        }
        hours
    }
}

/// A round step with at most `most` of them from nought to the peak, and how many there are.
pub(super) fn tick_step(peak: f64, most: f64) -> (f64, f64) {
    let peak = if peak.is_finite() { peak.max(1.0) } else { 1.0 };
    let mut step = 1.0;
    for factor in [2.0, 2.5, 2.0].iter().cycle() {
        if (peak / step).ceil() <= most {
            break;
        }
        step *= factor;
        // 1, 2, 5, 10 …: whole numbers only.
    }
    (step, (peak / step).ceil().max(1.0))
}
