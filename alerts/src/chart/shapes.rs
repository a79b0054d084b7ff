//! The areas and lines of a chart: expected band, median, what lies above the band, actual counts.

use std::fmt::Write;

use analyzer::explain::Point;

use super::frame::Frame;
use super::words::Words;
use super::{Chart, Layout};

/// A gap narrower than this many type sizes gets no word.
const GAP_WORD: f64 = 4.5;

pub(super) fn draw(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    draw_band(chart, frame, out);
    draw_gaps(chart, frame, out);
    for polygon in areas_above(chart.curve, frame) {
        let _ = write!(out, r#"<polygon class="c-over over-{}" points="{polygon}"/>"#, chart.colour());
    }
    draw_counts(chart, frame, out);
}

fn draw_band(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    if chart.curve.len() < 2 {
        return;
    }
    let mut edge = String::new();
    for point in chart.curve {
        place(&mut edge, frame.x(point.at), frame.y(point.expected.high));
    }
    for point in chart.curve.iter().rev() {
        place(&mut edge, frame.x(point.at), frame.y(point.expected.low));
    }
    let _ = write!(out, r#"<polygon class="c-band" points="{}"/>"#, edge.trim_end());
    let mut median = String::new();
    for point in chart.curve {
        place(&mut median, frame.x(point.at), frame.y(point.expected.mean));
    }
    if frame.layout != Layout::Spark {
        let _ = write!(out, r#"<polyline class="c-median" points="{}"/>"#, median.trim_end());
    }
}

/// A gap is shown as a gap: no line, and the words where there is room.
fn draw_gaps(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    if frame.layout == Layout::Spark {
        return;
    }
    let word = Words::of(chart.language).no_data;
    let is_gap = |point: &Point| point.posts.is_none() && point.at <= chart.now;
    for gap in chart.curve.chunk_by(|one, next| is_gap(one) == is_gap(next)) {
        let (Some(first), Some(last)) = (gap.first(), gap.last()) else { continue };
        if !is_gap(first) {
            continue;
        }
        let (from, to, top) = (frame.x(first.at), frame.x(last.at), frame.top);
        let _ = write!(
            out,
            r#"<rect class="c-gap" x="{from:.1}" y="{top}" width="{:.1}" height="{:.1}"/>"#,
            to - from,
            frame.bottom - top
        );
        if to - from >= frame.type_size * GAP_WORD {
            let _ = write!(
                out,
                r#"<text class="c-tick" x="{:.1}" y="{:.1}" font-size="{}" text-anchor="middle">{word}</text>"#,
                (from + to) / 2.0,
                frame.top + frame.type_size * 1.4,
                frame.type_size
            );
        }
    }
}

fn draw_counts(chart: &Chart<'_>, frame: &Frame, out: &mut String) {
    for run in runs(chart.curve) {
        let finished = run.iter().take_while(|point| point.at <= chart.now).count();
        let (whole, open) = run.split_at(finished);
        draw_line("c-line", whole, frame, out);
        if let (Some(last), false) = (whole.last(), open.is_empty()) {
            let mut dashed = vec![*last];
            dashed.extend(open);
            draw_line("c-line c-open", &dashed, frame, out);
        } else {
            draw_line("c-line c-open", open, frame, out);
        }
    }
}

fn draw_line(class: &str, points: &[Point], frame: &Frame, out: &mut String) {
    let mut line = String::new();
    for point in points {
        place(&mut line, frame.x(point.at), frame.y(count(point)));
    }
    match points.len() {
        0 => {}
        // A single count between two gaps would have no length.
        1 => {
            let mark = line.trim_end().replace(',', r#"" cy=""#);
            let _ = write!(out, r#"<circle class="c-single" cx="{mark}" r="1.6"/>"#);
        }
        _ => {
            let _ = write!(out, r#"<polyline class="{class}" points="{}"/>"#, line.trim_end());
        }
    }
}

/// Outlines of what lies above the band, cut where the line crosses it.
fn areas_above(curve: &[Point], frame: &Frame) -> Vec<String> {
    let mut areas = Vec::new();
    for run in runs(curve) {
        let mut upper: Vec<(f64, f64)> = Vec::new();
        let mut lower: Vec<(f64, f64)> = Vec::new();
        for (index, point) in run.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| run.get(index));
            if let Some(crossing) = before.and_then(|before| crossing(before, point, frame)) {
                upper.push(crossing);
            }
            if excess(point) > 0.0 {
                let x = frame.x(point.at);
                upper.push((x, frame.y(count(point))));
                lower.push((x, frame.y(point.expected.high)));
            } else {
                close_area(&mut upper, &mut lower, &mut areas);
            }
        }
        close_area(&mut upper, &mut lower, &mut areas);
    }
    areas
}

fn close_area(upper: &mut Vec<(f64, f64)>, lower: &mut Vec<(f64, f64)>, areas: &mut Vec<String>) {
    if upper.len() > 1 {
        let mut outline = String::new();
        for (x, y) in upper.iter().chain(lower.iter().rev()) {
            place(&mut outline, *x, *y);
        }
        areas.push(outline.trim_end().to_owned());
    }
    upper.clear();
    lower.clear();
}

/// Where the line between two points crosses the upper edge of the band.
fn crossing(before: &Point, point: &Point, frame: &Frame) -> Option<(f64, f64)> {
    let (from, to) = (excess(before), excess(point));
    if (from > 0.0) == (to > 0.0) {
        return None;
    }
    let share = from / (from - to);
    let x = frame.x(before.at) + share * (frame.x(point.at) - frame.x(before.at));
    let level = before.expected.high + share * (point.expected.high - before.expected.high);
    Some((x, frame.y(level)))
}

fn excess(point: &Point) -> f64 {
    count(point) - point.expected.high
}

fn count(point: &Point) -> f64 {
    point.posts.map_or(0.0, f64::from)
}

/// Stretches without a gap.
fn runs(curve: &[Point]) -> impl Iterator<Item = &[Point]> {
    curve
        .chunk_by(|one, next| one.posts.is_some() == next.posts.is_some())
        .filter(|run| run.first().is_some_and(|point| point.posts.is_some()))
}

fn place(line: &mut String, x: f64, y: f64) {
    let _ = write!(line, "{x:.1},{y:.1} ");
}
