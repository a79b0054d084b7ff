//! Dots where the level changed and at the line's end, and lines where an answer was published.

use std::fmt::Write;

use analyzer::explain::Point;
use jiff::Timestamp;

use super::frame::Frame;
use super::words::Words;
use super::{Chart, Layout, colour};

pub(super) fn draw(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    if frame.layout != Layout::Spark {
        draw_replies(chart, frame, out);
        for (at, level) in chart.levels {
            if let Some((x, y)) = place_at(chart.curve, *at, frame) {
                draw_dot(out, x, y, colour(*level), 5.0);
            }
        }
    }
    let end = chart.curve.last().filter(|point| point.posts.is_some() && point.at <= chart.now);
    if let Some(end) = end {
        let radius = if frame.layout == Layout::Spark { 2.8 } else { 5.0 };
        let posts = end.posts.map_or(0.0, f64::from);
        let colour = if posts > end.expected.high { chart.colour() } else { "none" };
        draw_dot(out, frame.x(end.at), frame.y(posts), colour, radius);
    }
}

fn draw_dot(out: &mut String, x: f64, y: f64, colour: &str, radius: f64) {
    let _ = write!(out, r#"<circle class="c-dot dot-{colour}" cx="{x:.1}" cy="{y:.1}" r="{radius}"/>"#);
}

fn draw_replies(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    let word = Words::of(chart.language).reply;
    for reply in chart.replies.iter().filter(|reply| frame.holds(**reply)) {
        let (x, top, bottom) = (frame.x(*reply), frame.top, frame.bottom);
        let _ = write!(out, r#"<line class="c-reply" x1="{x:.1}" x2="{x:.1}" y1="{top}" y2="{bottom}"/>"#);
        let _ = write!(
            out,
            r#"<text class="c-reply-word" x="{:.1}" y="{:.1}" font-size="{}">{word}</text>"#,
            x + 5.0,
            top + frame.type_size,
            frame.type_size
        );
    }
}

/// Where the line is at a moment: between the points before and after it, unless the one before is a gap.
pub(super) fn place_at(curve: &[Point], at: Timestamp, frame: &Frame) -> Option<(f64, f64)> {
    if !frame.holds(at) {
        return None;
    }
    let behind = curve.partition_point(|point| point.at <= at);
    let before = curve.get(behind.checked_sub(1)?)?;
    let posts = f64::from(before.posts?);
    let after = curve.get(behind).and_then(|after| Some((after.at, f64::from(after.posts?))));
    let Some((end, next)) = after else { return Some((frame.x(before.at), frame.y(posts))) };
    let passed = at.duration_since(before.at).as_secs_f64() / end.duration_since(before.at).as_secs_f64();
    Some((frame.x(at), frame.y(posts + (next - posts) * passed)))
}
