//! Curves by hand, and a whole run on small ones.

use analyzer::forecast::Horizon;
use analyzer::forecast::growth::Measure;

use super::*;

/// Writes topics that all grow in the same way; half of them in each of two years.
fn file(folder: &Path, lines: usize, totals: &[u32]) -> std::path::PathBuf {
    let points: Vec<String> =
        totals.iter().enumerate().map(|(hour, total)| format!("[{},1,1,{total}]", 60 * hour)).collect();
    let line = |number: usize| {
        let year = if number < lines / 2 { 2024 } else { 2025 };
        format!("{{\"start\":\"{year}-03-05T10:00+08:00\",\"points\":[{}]}}\n", points.join(","))
    };
    let path = folder.join("curves.jsonl");
    std::fs::write(&path, (0..lines).map(line).collect::<String>()).unwrap();
    path
}

#[test]
fn a_turn_says_what_was_known_and_what_came() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), 2, &[100, 150, 250, 450, 460]);
    let curves = curve::read(&path).unwrap();
    let day = Day::of(&curves[..1]);
    let turns = curves[0].turns(&day);
    let second: Vec<&Turn> = turns.iter().filter(|turn| turn.rise.total == 250.0).collect();
    let [next_hour] = second.as_slice() else { panic!("{second:?}") };
    assert_eq!((next_hour.horizon, next_hour.rise.last_hour), (Horizon::OneHour, 100.0));
    assert_eq!((next_hour.rise.hour_before, next_hour.ahead), (Some(50.0), 200.0));
    let first = turns.iter().find(|turn| turn.horizon == Horizon::ThreeHours).unwrap();
    assert_eq!((first.rise.total, first.ahead, first.busiest), (150.0, 310.0, Some(200.0)));
    let as_the_day_goes = 50.0 * 3.0 * first.season;
    let growth = first.case(Measure::Sum).unwrap().growth;
    assert!((growth - (315.0 / (as_the_day_goes + 5.0)).ln()).abs() < 1e-9, "{growth}");
}

#[test]
fn rounded_and_standing_topics_are_left_out_and_falling_counts_are_no_topics() {
    let folder = tempfile::tempdir().unwrap();
    let turns = |totals: &[u32]| {
        let curves = curve::read(&file(folder.path(), 1, totals)).unwrap();
        let day = Day::of(&curves);
        curves.iter().flat_map(|curve| curve.turns(&day)).count()
    };
    assert_eq!(turns(&[9_000, 12_000, 15_000, 15_100]), 0);
    assert_eq!(turns(&[9_000, 14_000, 15_000]), 1);
    assert_eq!(turns(&[90_000, 110_000, 130_000]), 0);
    assert_eq!(turns(&[100, 200, 190]), 0);
    assert_eq!(turns(&[100, 104, 190]), 0);
}

#[test]
fn thinned_curves_keep_their_share() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), 1, &[1_000, 3_000, 6_000, 9_000]);
    let curves = curve::read(&path).unwrap();
    let thinned = curves[0].thinned(0.1);
    let day = Day::of(&curves);
    let rate = thinned.turns(&day)[0].rise.last_hour;
    assert!((140.0..260.0).contains(&rate), "{rate}");
    assert_eq!(rate, curves[0].thinned(0.1).turns(&day)[0].rise.last_hour);
}

#[test]
fn what_always_goes_on_alike_is_foretold_and_a_formula_is_worse() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), 400, &[100, 200, 400, 800, 1_000, 1_100, 1_150, 1_160]);
    let report = run(&path, "2025-01-01").unwrap();
    assert_eq!(report.topics, (200, 200));
    let find =
        |name: &str, hours| report.results.iter().find(|row| row.name == name && row.hours == hours).unwrap();
    for hours in [1, 3] {
        let (ours, trend) = (find("guanlan", hours), find("damped trend, textbook", hours));
        assert!(ours.pinball < trend.pinball, "{ours:?} {trend:?}");
        assert!(ours.brier_skill > 0.9, "{ours:?}");
    }
    assert!(matches!(run(&path, "2024-01-01"), Err(CurveError::OneSided { .. })));
}

#[test]
fn a_broken_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("curves.jsonl");
    std::fs::write(&path, "{\"start\":\"2024-03-05T10:00+08:00\",\"points\":[]}\nnonsense\n").unwrap();
    let error = run(&path, "2025-01-01").err().unwrap().to_string();
    assert!(error.contains("line 2"), "{error}");
}
