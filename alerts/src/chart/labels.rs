//! Words on a chart: the values at the line's end and the moment from which it rose.

use std::fmt::Write;

use super::frame::Frame;
use super::marks::place_at;
use super::words::Words;
use super::{Chart, Layout};
use crate::format;

/// Labels at the end closer than this many type sizes are merged into one block.
const APART: f64 = 3.0;

pub(super) fn draw(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    draw_end(chart, frame, out);
    if frame.layout != Layout::Narrow {
        draw_callout(chart, frame, out);
    }
}

fn draw_end(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    let Some(last) = chart.last_counted() else { return };
    let words = Words::of(chart.language);
    let size = frame.type_size;
    let value_size = size * 1.6;
    let x = frame.right + 11.0;
    let posts = last.posts.unwrap_or_default();
    let expected = last.expected;
    let value_y = frame.y(f64::from(posts)) + value_size * 0.2;
    let expected_y = frame.y(expected.mean) + size * 0.1;
    let mean = format!("{} {}", words.expected, format::expected(expected.mean));
    let interval = words.interval(expected.low, expected.high);
    let apart = expected_y - value_y > size * APART || value_y - expected_y > size * APART + value_size;
    let mut line = |class: &str, y: f64, size: f64, text: &str| {
        let _ =
            write!(out, r#"<text class="{class}" x="{x:.1}" y="{y:.1}" font-size="{size:.1}">{text}</text>"#);
    };
    let lowest = frame.bottom + size * 0.6;
    if apart {
        line("c-value", value_y, value_size, &posts.to_string());
        line("c-label", value_y + size * 1.3, size, words.actual);
        let expected_y = expected_y.min(lowest - size * 1.25);
        line("c-label", expected_y, size, &mean);
        line("c-label", expected_y + size * 1.25, size, &interval);
    } else {
        let value_y = value_y.min(expected_y).min(lowest - size * 2.6);
        line("c-value", value_y, value_size, &posts.to_string());
        line("c-label", value_y + size * 1.3, size, &mean);
        line("c-label", value_y + size * 2.55, size, &interval);
    }
}

/// “13:15 起上升”, beside the curve where it hides nothing, with a line to the point meant.
fn draw_callout(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    let (Some(onset), Some(end)) = (chart.onset, chart.curve.last()) else { return };
    let Some((x, y)) = place_at(chart.curve, onset, frame) else { return };
    let words = Words::of(chart.language);
    let local = |at: jiff::Timestamp| chart.zone.to_datetime(at);
    let text = words.rising_since(&words.moment(local(onset), local(end.at)));
    let size = frame.type_size * 1.05;
    let width = Frame::text_width(&text, size);
    let room_left = x - 40.0 - width > frame.left;
    let (text_end, elbow, tip) =
        if room_left { (x - 40.0, x - 34.0, x - 5.0) } else { (x + 40.0 + width, x + 34.0, x + 5.0) };
    if text_end > frame.right {
        return;
    }
    let Some(base) = free_height(chart, frame, (text_end - width, text_end), y) else { return };
    let middle = base - size * 0.35;
    let _ = write!(
        out,
        r#"<polyline class="c-lead" points="{elbow:.1},{middle:.1} {tip:.1},{:.1}"/>"#,
        y + (middle - y).signum() * 3.0
    );
    let _ = write!(
        out,
        r#"<text class="c-call" x="{text_end:.1}" y="{base:.1}" font-size="{size:.1}" text-anchor="end">{text}</text>"#
    );
}

/// Base line of a text over the stretch, clear of line and band and near `wanted`, if there is room.
fn free_height(chart: &Chart<'_>, frame: &Frame, stretch: (f64, f64), wanted: f64) -> Option<f64> {
    let mut ceiling = frame.bottom;
    for point in chart.curve {
        let x = frame.x(point.at);
        if x >= stretch.0 - 8.0 && x <= stretch.1 + 8.0 {
            let highest = point.expected.high.max(point.posts.map_or(0.0, f64::from));
            ceiling = ceiling.min(frame.y(highest));
        }
    }
    let base = (wanted - frame.type_size * 2.2).min(ceiling - frame.type_size);
    (base >= frame.top + frame.type_size).then_some(base)
}
