//! What a replay of stored posts says: incidents, word lists, feedback, thresholds; nothing in the folder changes.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{code, guanlan, said, stdout};

const ADMINISTRATOR: &str = include_str!("../src/scenario/data/qinglan/guanlan.toml");
const CONCERNS: &str = include_str!("../src/scenario/data/qinglan/concerns.toml");
const INCIDENTS: &str = r#"
[[incident]]
name = "数据公布"
words = ["通报", "公布", "数据"]
from = "2026-11-24"
to = "2026-11-24"
answered = "2026-11-24 22:00"

[[incident]]
name = "从未发生"
words = ["从未发生的事"]
from = "2026-11-23"
to = "2026-11-24"
"#;

/// A data folder with the story of the demonstration, and its configuration.
struct Town {
    folder: TempDir,
}

impl Town {
    fn new() -> Town {
        let folder = tempfile::tempdir().unwrap();
        let demo = folder.path().join("demo").display().to_string();
        let output = guanlan(&["demo", "--no-serve", "--quiet", "--dir", &demo]);
        assert_eq!(code(&output), 0, "{}", said(&output));
        std::fs::write(folder.path().join("guanlan.toml"), ADMINISTRATOR).unwrap();
        std::fs::write(folder.path().join("concerns.toml"), CONCERNS).unwrap();
        std::fs::write(folder.path().join("incidents.toml"), INCIDENTS).unwrap();
        Town { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn ask(&self, arguments: &[&str]) -> Output {
        let (config, data) = (self.path("guanlan.toml"), self.path("demo/data"));
        guanlan(&[arguments, &["--config", &config, "--data-dir", &data]].concat())
    }

    fn backtest(&self) -> Value {
        let report = self.path("report.json");
        let (incidents, svg, lines) = (self.path("incidents.toml"), self.path("a.svg"), self.path("a.jsonl"));
        let days = ["backtest", "--from", "2026-11-22", "--to", "2026-11-25", "--incidents", &incidents];
        let files = ["--svg", &svg, "--alerts", &lines, "--json", &report];
        let output = self.ask(&[&days[..], &files].concat());
        assert_eq!(code(&output), 0, "{}", said(&output));
        assert!(stdout(&output).contains("从未发生"), "{}", stdout(&output));
        serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap()
    }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // SQLite's side files come and go with whoever reads.
    let own = entries.filter(|path| path.extension().is_some_and(|ending| ending == "db"));
    let mut files: Vec<_> =
        own.map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect();
    files.sort();
    files
}

/// One test: the story is told once for all of it, which takes most of the time.
#[test]
fn a_replay_says_what_was_caught_and_missed_a_word_list_what_it_matches_and_feedback_is_read() {
    let town = Town::new();
    a_replay_says_what_was_caught_and_missed_and_feedback_is_read(&town);
    a_word_list_is_shown_with_what_it_matches_leaves_out_and_would_have_alerted(&town);
}

fn a_replay_says_what_was_caught_and_missed_and_feedback_is_read(town: &Town) {
    let data = town.folder.path().join("demo/data");
    let before = files(&data);
    let report = town.backtest();
    assert_eq!(report["score"]["missed"], serde_json::json!(["从未发生"]));
    let caught = &report["score"]["caught"][0];
    assert_eq!(caught["incident"], "数据公布");
    assert!(caught["before_response_hours"].as_f64().unwrap() > 5.0, "{caught}");
    let alerts = report["alerts"].as_array().unwrap();
    assert!(alerts.len() >= 3 && report["mails"].as_u64().unwrap() >= 3);
    let lines = std::fs::read_to_string(town.path("a.jsonl")).unwrap();
    let told: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), alerts.len());
    assert!(told.iter().all(|told| told["ts"].is_string() && told["titles"].is_array()), "{lines}");
    assert!(std::fs::read_to_string(town.path("a.svg")).unwrap().contains("从未发生"));
    assert_eq!(files(&data), before);

    // One of noise says nothing about a threshold yet.
    let ids: Vec<&str> = alerts.iter().map(|raised| raised["alert"]["id"].as_str().unwrap()).collect();
    for (id, worth) in ids.iter().zip(["noise", "known", "useful"]) {
        let output = town.ask(&["alert", "feedback", id, worth, "--by", "值班室"]);
        assert_eq!(code(&output), 0, "{}", said(&output));
    }
    let feedback = &town.backtest()["feedback"];
    assert_eq!(feedback["noise"], serde_json::json!([1, 1]), "{feedback}");
    assert_eq!(feedback["useful"], serde_json::json!([1, 1]), "{feedback}");
    let output = town.ask(&["tune"]);
    assert_eq!(code(&output), 1, "{}", stdout(&output));
    assert!(stdout(&output).contains("guanlan alert feedback"), "{}", stdout(&output));
}

fn a_word_list_is_shown_with_what_it_matches_leaves_out_and_would_have_alerted(town: &Town) {
    let days = ["--from", "2026-11-20", "--to", "2026-11-25", "--json"];
    let tested = |arguments: &[&str]| -> Value {
        let output = town.ask(&[&["concern", "test"], arguments, &days].concat());
        assert_eq!(code(&output), 0, "{}", said(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    };
    let known = &tested(&["供水水质"])["findings"];
    assert!(
        known["matched"].as_u64().unwrap() > 20 && known["alerts"].as_array().unwrap().len() == 1,
        "{known}"
    );
    let sample = &known["samples"][0];
    let (text, entry) = (sample[1].as_str().unwrap(), sample[2][0].as_str().unwrap());
    assert!(entry.split(' ').any(|part| text.contains(part)), "{sample}");
    assert!(!known["beside"].as_array().unwrap().is_empty());

    let narrowed = &tested(&["供水水质", "--words", "停水", "水质", "--not", "净水器"])["findings"];
    assert!(narrowed["matched"].as_u64() < known["matched"].as_u64());
    assert!(narrowed["excluded"].as_u64().unwrap() > 0, "{narrowed}");
    let unknown = town.ask(&["concern", "test", "没有这项"]);
    assert_eq!(code(&unknown), 2, "{}", said(&unknown));
}
