use expect_test::{expect, expect_file};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

use super::*;
use crate::font;
use crate::message::sample::{Sample, at, curve};

const LAYOUTS: [Layout; 4] = [Layout::Wide, Layout::Mail, Layout::Narrow, Layout::Spark];
const LANGUAGES: [Language; 2] = [Language::Chinese, Language::English];

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn chart<'a>(curve: &'a [Point], levels: &'a [(Timestamp, Level)], zone: &'a TimeZone) -> Chart<'a> {
    let now = curve.last().map_or(at("24T14:00"), |point| point.at);
    Chart { curve, levels, onset: None, replies: &[], now, zone, language: Language::Chinese }
}

/// A text set in the embedded faces, dark pixels as `true`.
fn set(text: &str, weight: u32) -> Vec<bool> {
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60"><text x="5" y="45" font-size="40" font-weight="{weight}">{text}</text></svg>"#
    );
    let options = usvg::Options {
        font_family: font::FAMILY.to_owned(),
        fontdb: font::faces(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(&svg, &options).unwrap();
    let mut pixmap = Pixmap::new(60, 60).unwrap();
    resvg::render(&tree, Transform::identity(), &mut pixmap.as_mut());
    pixmap.pixels().iter().map(|pixel| pixel.alpha() > 128).collect()
}

/// Texts inside the drawing, the label for screen readers left out.
fn texts(svg: &str) -> Vec<&str> {
    svg.split("</text>")
        .filter_map(|part| part.rsplit_once('>'))
        .map(|(_, text)| text)
        .filter(|text| !text.is_empty())
        .collect()
}

#[test]
fn faces_are_cut_to_the_vocabulary() {
    expect_file!["../../fonts/characters.txt"].assert_eq(&words::alphabet());
}

#[test]
fn every_character_of_the_vocabulary_has_a_glyph_in_both_faces() {
    for weight in [400, 700] {
        let missing = set("龘", weight);
        assert_eq!(missing, set("鱻", weight), "characters outside the faces all look alike");
        for letter in words::alphabet().chars().filter(|letter| *letter != ' ') {
            let glyph = set(&letter.to_string(), weight);
            assert!(glyph.contains(&true) && glyph != missing, "{letter} has no glyph at weight {weight}");
        }
    }
}

#[test]
fn pictures_hold_nothing_but_the_vocabulary() {
    let (zone, alphabet) = (zone(), words::alphabet());
    let mut points = curve(at("24T14:00"), &[(at("24T13:00"), at("24T14:00"), 12_345.0)]);
    points.iter_mut().skip(40).take(30).for_each(|point| point.posts = None);
    let levels = [(at("24T13:20"), Level::Blue), (at("24T14:00"), Level::Red)];
    let mut seen = 0;
    for language in LANGUAGES {
        for onset in [None, Some(at("24T13:10")), Some(at("23T16:00"))] {
            for layout in LAYOUTS {
                let replies = [at("24T13:40")];
                let svg = Chart { onset, language, replies: &replies, ..chart(&points, &levels, &zone) }
                    .svg(layout);
                for text in texts(&svg) {
                    assert!(text.chars().all(|letter| alphabet.contains(letter)), "{text}");
                    assert!(text.chars().any(|letter| letter != ' '));
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 200, "{seen} texts were looked at");
}

#[test]
fn no_run_of_a_picture_is_left_blank() {
    let (zone, sample) = (zone(), Sample::orange());
    for language in LANGUAGES {
        let chart = Chart {
            onset: Some(at("24T13:10")),
            language,
            ..chart(&sample.explanation.curve, &sample.levels, &zone)
        };
        for text in texts(&chart.svg(Layout::Mail)) {
            assert!(set(text, 400).contains(&true) && set(text, 700).contains(&true), "{text} is blank");
        }
    }
}

#[test]
fn the_part_above_the_band_is_cut_where_the_line_crosses_it() {
    let zone = zone();
    let point = |minute: &str, posts| Point {
        at: at(&format!("24T13:{minute}")),
        posts: Some(posts),
        expected: analyzer::signal::Expected { mean: 10.0, low: 5.0, high: 20.0 },
    };
    let points = [point("00", 10), point("10", 30), point("20", 40), point("30", 10)];
    let levels = [(at("24T13:10"), Level::Orange)];
    expect![[r#"<svg class="chart spark" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 190 44" role="img" aria-label="折线图：每小时帖数。13:30 为 10 帖，预期 10 帖，区间 5 至 20。"><polygon class="c-band" points="3.0,22.5 63.0,22.5 123.0,22.5 183.0,22.5 183.0,35.6 123.0,35.6 63.0,35.6 3.0,35.6"/><polygon class="c-over over-orange" points="33.0,22.5 63.0,13.8 123.0,5.0 163.0,22.5 123.0,22.5 63.0,22.5"/><polyline class="c-line" points="3.0,31.2 63.0,13.8 123.0,5.0 183.0,31.2"/><circle class="c-dot dot-none" cx="183.0" cy="31.2" r="2.8"/></svg>"#]]
    .assert_eq(&chart(&points, &levels, &zone).svg(Layout::Spark));
}

#[test]
fn a_gap_interrupts_the_line_and_says_so() {
    let zone = zone();
    let mut points = curve(at("24T14:00"), &[]);
    assert_eq!(chart(&points, &[], &zone).svg(Layout::Wide).matches("c-line").count(), 1);
    points.iter_mut().skip(60).take(24).for_each(|point| point.posts = None);
    let svg = chart(&points, &[], &zone).svg(Layout::Wide);
    assert_eq!(svg.matches("c-line").count(), 2);
    assert!(svg.contains("缺数据") && svg.contains("c-gap"));
}

#[test]
fn what_is_not_finished_is_dashed() {
    let zone = zone();
    let points = curve(at("24T14:00"), &[]);
    let svg = Chart { now: at("24T13:30"), ..chart(&points, &[], &zone) }.svg(Layout::Wide);
    assert_eq!(svg.matches("c-open").count(), 1);
    assert!(!chart(&points, &[], &zone).svg(Layout::Wide).contains("c-open"));
}

#[test]
fn there_are_at_most_five_steps_from_nought_to_the_peak() {
    for (peak, step, count) in
        [(0.0, 1.0, 1.0), (4.0, 1.0, 4.0), (6.0, 2.0, 3.0), (219.0, 50.0, 5.0), (1e6, 200_000.0, 5.0)]
    {
        assert_eq!(frame::tick_step(peak, 5.0), (step, count), "{peak}");
    }
    assert_eq!(frame::tick_step(f64::NAN, 5.0), (1.0, 1.0));
}

#[test]
fn odd_curves_are_drawn_without_failing() {
    let zone = zone();
    let strange = |posts, mean: f64| Point {
        at: at("24T13:00"),
        posts,
        expected: analyzer::signal::Expected { mean, low: -mean, high: mean },
    };
    let cases: [&[Point]; 5] = [
        &[],
        &[strange(Some(3), 1.0)],
        &[strange(None, 1.0), strange(None, 1.0)],
        &[strange(Some(u32::MAX), f64::NAN), strange(Some(0), f64::INFINITY)],
        &[strange(Some(1), 0.0), strange(None, 0.0), strange(Some(1), 0.0)],
    ];
    for case in cases {
        for layout in LAYOUTS {
            let svg =
                Chart { onset: Some(at("24T13:00")), ..chart(case, &[(at("24T13:00"), Level::Red)], &zone) }
                    .svg(layout);
            assert!(png(&svg).is_ok(), "{svg}");
        }
    }
}

#[test]
fn equal_charts_are_equal_small_files() {
    let (zone, sample) = (zone(), Sample::orange());
    let draw = || png(&chart(&sample.explanation.curve, &sample.levels, &zone).svg(Layout::Mail)).unwrap();
    let picture = draw();
    assert_eq!(picture, draw());
    assert!(picture.len() < 40_000, "{} bytes", picture.len());
    let reader = ::png::Decoder::new(std::io::Cursor::new(&picture)).read_info().unwrap();
    let info = reader.info();
    assert_eq!((info.color_type, info.width), (::png::ColorType::Indexed, 1040));
}

#[test]
fn bars_link_to_their_stretch_and_the_open_one_is_dashed() {
    let zone = zone();
    let bar = |hour: u32, posts, finished| Bar {
        start: at(&format!("24T{hour:02}:00")),
        end: at(&format!("24T{:02}:00", hour + 1)),
        posts,
        finished,
        link: Some("/search?q=\"><script>&from=1".to_owned()),
    };
    let bars = [bar(12, 40, true), bar(13, 90, false)];
    let svg = Histogram { bars: &bars, zone: &zone, language: Language::Chinese }.svg(Layout::Wide);
    assert!(
        svg.contains("c-bar-open")
            && svg.contains("最后一格未满")
            && svg.contains("13:00 起的一格最多，90 帖")
    );
    assert!(svg.contains("/search?q=&#34;&#62;&#60;script&#62;&#38;from=1") && !svg.contains("<script>"));
    let none = Histogram { bars: &[], zone: &zone, language: Language::English }.svg(Layout::Narrow);
    assert!(none.contains("no posts"));
}
